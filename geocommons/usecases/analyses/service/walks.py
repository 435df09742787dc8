"""Which people are within reach of which site: worked out once for each site, used again by every question after."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.analysis.service.coverage import EQUAL_WITHIN_M, demand_points, enter_sites, site_places
from geocommons.analysis.service.standards import Test
from geocommons.analysis.walk.pairs import Pairs, straight_pairs, walk_pairs
from geocommons.usecases.analyses.service.ground import Ground, ServiceQuestion, large_enough
from geocommons.usecases.questions.inputs import Inputs

MOST_PAIRS = 20_000_000
"""More than these (240 MB) are not kept: then only the sites of the last question are."""
Near = tuple[NDArray[np.int32], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Reach:
    """Pairs of people and sites within reach, which people could be assessed, and the sites no street comes near."""

    pairs: Pairs
    assessed: NDArray[np.bool_]
    unentered: list[int]


@dataclass(eq=False)
class _Known:
    """Who is near a shape on some ground, by the bytes of the shape; None: no street comes near it.

    Who is near a site hangs on no other site, so a scenario that adds one walks from that one alone.
    """

    near: dict[bytes, Near | None] = field(default_factory=dict)


def widest_test(question: ServiceQuestion, ground: Ground) -> Test:
    """Return the test with the longest reach of what a question asks; a standard without any has the question's own."""
    tests = [test for test in ground.tests if test.reach_m is not None]
    return max(tests, key=lambda test: test.reach_m or 0.0, default=replace(ground.tests[0], reach_m=question.reach_m))


def large_sites(ground: Ground, test: Test) -> Ground:
    """Return the ground with only those sites that are large enough for a test."""
    large = large_enough(ground.sites, test.min_area_m2)
    sites, stored = (frame.iloc[large].reset_index(drop=True) for frame in (ground.sites, ground.stored_sites))
    return replace(ground, sites=sites, stored_sites=stored)


def standard_title(ground: Ground) -> dict[str, str] | None:
    """Return what the standard on some ground is called, by language; None where the question has its own reach."""
    return None if ground.standard is None else dict(ground.standard.title)


class Walks:
    """The way between people and the sites on some ground, at most as long as a reach."""

    def __init__(self, inputs: Inputs, ground: Ground, test: Test, reach_m: float) -> None:
        """Note what pairs are made from; nothing is walked yet."""
        self._prepared, self._limit_m = inputs.prepared, reach_m + EQUAL_WITHIN_M
        self._network = ground.network if test.method == "walk" else None
        self._snapped = ground.snapped if test.method == "walk" else None
        self._points = demand_points(ground.people)
        self._places, self._site = site_places(ground.sites, test.measured_from)
        self._count = len(ground.sites)
        marks = inputs.checksums
        self._key = ("pairs", marks["population"], marks["streets"] if self._network else "", self._limit_m)

    def to_sites(self) -> Reach:
        """Return who is within reach of the sites, by the nearest of the places where each is entered."""
        known = self._prepared.get(self._key, _Known)
        shapes = shapely.to_wkb(self._places).tolist()
        fresh = {shape: row for row, shape in enumerate(shapes) if shape not in known.near}
        found = dict(zip(fresh, self._walk(self._places[list(fresh.values())]), strict=True))
        near = [known.near[shape] if shape in known.near else found[shape] for shape in shapes]
        every = known.near | found
        many = sum(len(one[0]) for one in every.values() if one) > MOST_PAIRS
        known.near = dict(zip(shapes, near, strict=True)) if many else every
        assessed = ~shapely.is_missing(self._points) if self._snapped is None else self._snapped.edge >= 0
        entered = {int(site) for site, one in zip(self._site, near, strict=True) if one is not None}
        return Reach(_joined(near, self._site), assessed, [row for row in range(self._count) if row not in entered])

    def to_people(self) -> Pairs:
        """Return who lives within reach of whom, each within reach of the place itself too."""
        own = np.arange(len(self._points), dtype=np.int32)
        pairs = _joined(self._walk(self._points), own)
        demand, site = (np.concatenate([row, own]) for row in (pairs.demand, pairs.site))
        return Pairs(demand, site, np.concatenate([pairs.walk_m, np.zeros(len(own))]))

    def _walk(self, places: NDArray[np.object_]) -> list[Near | None]:
        """Return the people near each place, None for one that no street comes near."""
        if not len(places):
            return []
        unentered: set[int] = set()
        if self._network is None or self._snapped is None:
            pairs = straight_pairs(self._points, places, limit_m=self._limit_m)
        else:
            entries = enter_sites(self._network, places, np.arange(len(places)))
            unentered = set(entries.unentered.tolist())
            pairs = walk_pairs(self._network, entries, self._snapped, limit_m=self._limit_m)
        order = np.argsort(pairs.site, kind="stable")
        cuts = np.searchsorted(pairs.site[order], np.arange(1, len(places)))
        split = zip(np.split(pairs.demand[order], cuts), np.split(pairs.walk_m[order], cuts), strict=True)
        return [None if row in unentered else near for row, near in enumerate(split)]


def _joined(near: list[Near | None], site: NDArray[Any]) -> Pairs:
    """Return the pairs of all places as those of their sites: each once, by the nearest place."""
    lengths = [0 if one is None else len(one[0]) for one in near]
    some = [one for one in near if one is not None]
    if not some:
        return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    at = np.repeat(site.astype(np.int32), lengths)
    demand, metres = (np.concatenate([one[part] for one in some]) for part in (0, 1))
    if len(np.unique(site)) == len(site):
        return Pairs(demand, at, metres)
    order = np.lexsort((metres, demand, at))
    demand, at, metres = demand[order], at[order], metres[order]
    first = np.append(True, (np.diff(at) != 0) | (np.diff(demand) != 0))[: len(at)]
    return Pairs(demand[first], at[first], metres[first])
