"""Tiny towns with every choice that their limits allow: what the best is, by looking at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from geocommons.analysis.siting.limits import Limits, check_limits
from geocommons.analysis.siting.reach import Reach, build_reach

WITHIN_M = 6.0


@dataclass(frozen=True, eq=False)
class Town:
    """Places with people, candidates, the walks between them (inf: none listed), and limits to a choice."""

    people: Any
    walks: Any
    existing_m: Any
    limits: Limits

    @property
    def reach(self) -> Reach:
        demand, candidate = np.nonzero(np.isfinite(self.walks))
        return build_reach(
            demand, candidate, self.walks[demand, candidate], n_demand=len(self.walks), n_candidates=self.walks.shape[1]
        )

    @property
    def served(self) -> Any:
        return self.existing_m <= WITHIN_M

    def choices(self) -> Iterator[list[int]]:
        count = self.walks.shape[1]
        for size in range(count + 1):
            yield from (list(one) for one in combinations(range(count), size) if self.keeps_to(one))

    def keeps_to(self, chosen: Any) -> bool:
        ask, sites, xy = self.limits, [int(site) for site in chosen], np.asarray(self.limits.xy)
        return (
            set(ask.must) <= set(sites)
            and not set(ask.must_not) & set(sites)
            and len(sites) <= (len(xy) if ask.p is None else ask.p)
            and (ask.budget is None or np.asarray(ask.cost)[sites].sum() <= ask.budget)
            and all(np.hypot(*(xy[one] - xy[two])) >= ask.spacing_m for one, two in combinations(sites, 2))
        )

    def walk(self, chosen: list[int]) -> Any:
        """Return the walk of each place once these sites are there."""
        return np.minimum(self.existing_m, self.walks[:, chosen].min(axis=1, initial=np.inf))

    @property
    def reachable(self) -> Any:
        allowed = check_limits(self.limits, self.walks.shape[1]).allowed
        return np.isfinite(self.existing_m) | np.isfinite(self.walks[:, allowed]).any(axis=1)

    def covers(self, chosen: list[int]) -> float:
        """Return who is served that was not."""
        return float(self.people[(self.walks[:, chosen].min(axis=1, initial=np.inf) <= WITHIN_M) & ~self.served].sum())

    def people_metres(self, chosen: list[int]) -> float:
        furthest = max(float(one[np.isfinite(one)].max(initial=0)) for one in (self.walks, self.existing_m))
        return float((self.people * np.minimum(self.walk(chosen), furthest))[self.reachable].sum())

    def longest(self, chosen: list[int]) -> float:
        return float(self.walk(chosen)[self.reachable & (self.people > 0)].max(initial=0))


@st.composite
def towns(draw: st.DrawFn, *, free: bool = False) -> Town:
    """Return a town; `free` leaves out number and budget."""
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    places, sites = draw(st.integers(1, 12)), draw(st.integers(1, 7))
    at, xy = chance.integers(0, 20, (places, 2)), chance.integers(0, 20, (sites, 2)).astype(float)
    walks = np.hypot(*(at[:, None] - xy[None]).transpose(2, 0, 1))
    walks[walks > draw(st.sampled_from([8, 12, 40]))] = np.inf
    people = chance.integers(0, 6, places).astype(float) if draw(st.booleans()) else chance.random(places)
    must = draw(st.lists(st.integers(0, sites - 1), max_size=1))
    must_not = draw(st.lists(st.integers(0, sites - 1).filter(lambda site: site not in must), max_size=2))
    limits = Limits(
        p=None if free else draw(st.integers(1, sites)),
        budget=None if free else draw(st.sampled_from([None, 4.0, 8.0, 14.0])),
        cost=chance.integers(1, 5, sites).astype(float),
        must=must,
        must_not=must_not,
        spacing_m=draw(st.sampled_from([0.0, 0.0, 4.0, 9.0])),
        xy=xy,
    )
    existing_m = np.where(chance.random(places) < 0.2, chance.integers(0, 30, places), np.inf)
    return Town(people, walks, existing_m, limits)
