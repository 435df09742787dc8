"""What a choice of sites must keep to: how many, at what cost, which ones, how far apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from geocommons.analysis.siting.by_candidate import Bools, Floats, Ints, starts
from geocommons.errors import InvalidInput


@dataclass(frozen=True, kw_only=True, eq=False)
class Limits:
    """What a planner asks of a choice: at most `p` sites, at most `budget`, or both.

    `cost` is by candidate, in the unit of the budget (1 each if it is not given). Sites in `must` are always chosen and
    count in both; those in `must_not` never are. Chosen sites lie at least `spacing_m` apart, and as far from
    `existing_xy`; `xy` are the candidates' coordinates in metres (n x 2). A refusal calls a candidate by its name in
    `names`, or by its position.
    """

    p: int | None = None
    budget: float | None = None
    cost: ArrayLike | None = None
    must: Sequence[int] = ()
    must_not: Sequence[int] = ()
    spacing_m: float = 0.0
    xy: ArrayLike | None = None
    existing_xy: ArrayLike | None = None
    names: Sequence[str] | None = None

    def name(self, site: int) -> str:
        """Return what a candidate is called in a refusal."""
        return str(int(site)) if self.names is None else self.names[int(site)]


@dataclass(frozen=True, eq=False)
class Rules:
    """Limits that do not contradict each other, by candidate.

    `allowed` leaves out what no choice can hold; `clash` lists for each candidate those too near to it (a pair of
    arrays as in a CSR matrix); no two candidates of one `cell` can be chosen together.
    """

    p: int
    budget: float
    cost: Floats
    must: Ints
    allowed: Bools
    clash: tuple[Ints, Ints]
    cell: Ints | None = None

    @cached_property
    def open_to(self) -> Bools:
        """Which candidates may be chosen and need not."""
        free = self.allowed.copy()
        free[self.must] = False
        return free

    @property
    def bind(self) -> bool:
        """Whether candidates differ in what they cost or leave room for, so that one more may fit."""
        return bool(np.isfinite(self.budget) or len(self.clash[1]))

    def fits(self, spent: float) -> bool:
        """Say whether so much is within the budget, but for the last binary digit."""
        return bool(spent <= self.budget * (1 + 1e-12) + 1e-12)

    def within(self, candidates: Sequence[int]) -> "Rules":
        """Return the rules with all but some candidates ruled out."""
        allowed = np.zeros(len(self.cost), dtype=bool)
        allowed[list(candidates)] = self.allowed[list(candidates)]
        return replace(self, allowed=allowed)

    def unlimited(self) -> "Rules":
        """Return the rules with any number of sites at any cost."""
        return replace(self, p=len(self.cost), budget=np.inf)

    def without(self, candidate: int) -> "Rules":
        """Return the rules with one more candidate ruled out."""
        allowed = self.allowed.copy()
        allowed[candidate] = False
        return replace(self, allowed=allowed)

    def only(self, kept: Ints, must: Ints) -> "Rules":
        """Return the rules for some candidates, which take the numbers 0, 1, 2 ...; `must` are always chosen."""
        number = np.full(len(self.cost), -1)
        number[kept] = np.arange(len(kept))
        start, other = self.clash
        one = number[np.repeat(np.arange(len(self.cost)), np.diff(start))]
        pairs = np.column_stack([one, number[other]])[(one >= 0) & (number[other] >= 0)]
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        clash = starts(pairs[:, 0], len(kept)), pairs[:, 1]
        cell = None if self.cell is None else self.cell[kept]
        allowed = self.allowed[kept]
        allowed[pairs[np.isin(pairs[:, 0], number[must]), 1]] = False
        return Rules(self.p, self.budget, self.cost[kept], number[must], allowed, clash, cell)

    def near(self, candidate: int) -> Ints:
        """Return the candidates too near to one."""
        start, other = self.clash
        return other[start[candidate] : start[candidate + 1]]


def check_limits(limits: Limits, n_candidates: int) -> Rules:
    """Return limits as rules by candidate; raise InvalidInput with the one that cannot be kept."""
    must = _positions(limits.must, n_candidates)
    must_not = _positions(limits.must_not, n_candidates)
    for site in np.intersect1d(must, must_not)[:1]:
        raise InvalidInput("Site {site} is both wanted and ruled out. Take it from one list.", site=limits.name(site))
    cost, budget = _costs(limits, n_candidates)
    p = n_candidates if limits.p is None else int(limits.p)
    if p < 1:
        raise InvalidInput("No site may be chosen. Say how many, 1 or more.")
    if len(must) > p:
        raise InvalidInput("{count} sites must be chosen, but only {p} may be.", count=len(must), p=p)
    spent = float(cost[must].sum())
    allowed = np.ones(n_candidates, dtype=bool)
    allowed[must_not] = False
    clash = _clashes(limits, n_candidates)
    rules = Rules(p, budget, cost, must, allowed, clash, _cells(limits) if limits.spacing_m > 0 else None)
    if not rules.fits(spent):
        raise InvalidInput(
            "The sites that must be chosen cost {spent:g}, more than the budget of {budget:g}.",
            spent=spent,
            budget=budget,
        )
    _keep_apart(limits, rules)
    dear = spent + cost > budget * (1 + 1e-12) + 1e-12
    # Where the must-sites use up the number, there is no room for another, as where they use up the budget.
    full = dear | (len(must) == p)
    full[must] = False
    allowed[full] = False
    return rules


def _positions(sites: Sequence[int], n_candidates: int) -> Ints:
    found = np.unique(np.asarray(sites, dtype=np.intp))
    if len(found) and (found[0] < 0 or found[-1] >= n_candidates):
        raise InvalidInput("There is no candidate {site}. Count from 0.", site=int(found[0 if found[0] < 0 else -1]))
    return found


def _costs(limits: Limits, n_candidates: int) -> tuple[Floats, float]:
    cost = np.ones(n_candidates) if limits.cost is None else np.asarray(limits.cost, dtype=np.float64)
    if cost.shape != (n_candidates,) or not np.isfinite(cost).all() or (cost < 0).any():
        raise InvalidInput("Give one cost for each of {count} candidates, none of them negative.", count=n_candidates)
    budget = np.inf if limits.budget is None else float(limits.budget)
    if not budget >= 0:
        raise InvalidInput("The budget is negative or no number.")
    return cost, budget


def _points(limits: Limits) -> Floats:
    return np.asarray(limits.xy, dtype=np.float64).reshape(-1, 2)


def _clashes(limits: Limits, n_candidates: int) -> tuple[Ints, Ints]:
    """Return which candidates lie nearer to each other than the spacing; exactly the spacing is far enough."""
    if not limits.spacing_m > 0:
        return np.zeros(n_candidates + 1, dtype=np.intp), np.empty(0, dtype=np.intp)
    if limits.xy is None or len(_points(limits)) != n_candidates:
        raise InvalidInput("A spacing needs the coordinates of all {count} candidates.", count=n_candidates)
    points = _points(limits)
    pairs = cKDTree(points).query_pairs(limits.spacing_m, output_type="ndarray")
    apart = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    pairs = pairs[apart < limits.spacing_m * (1 - 1e-12)]
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    return starts(both[:, 0], n_candidates), both[:, 1]


def _cells(limits: Limits) -> Ints:
    """Return squares so small that no two of their points are a spacing apart."""
    side = limits.spacing_m / np.sqrt(2) * (1 - 1e-9)
    square = np.floor(_points(limits) / side)
    return np.asarray(np.unique(square, axis=0, return_inverse=True)[1].ravel(), dtype=np.intp)


def _keep_apart(limits: Limits, rules: Rules) -> None:
    """Rule out what lies too near to existing and to must-sites; refuse must-sites that do."""
    if not limits.spacing_m > 0:
        return
    if limits.existing_xy is not None and len(existing := np.asarray(limits.existing_xy, dtype=float).reshape(-1, 2)):
        apart = cKDTree(existing).query(_points(limits))[0]
        near = apart < limits.spacing_m * (1 - 1e-12)
        for site in rules.must[near[rules.must]][:1]:
            raise InvalidInput(
                "Site {site} must be chosen, but is nearer than {spacing_m:g} m to an existing site.",
                site=limits.name(site), spacing_m=limits.spacing_m,
            )  # fmt: skip
        rules.allowed[near] = False
    for site in rules.must:
        for other in np.intersect1d(rules.near(site), rules.must)[:1]:
            raise InvalidInput(
                "Sites {site} and {other} must both be chosen, but are nearer to each other than {spacing_m:g} m.",
                site=limits.name(site), other=limits.name(other), spacing_m=limits.spacing_m,
            )  # fmt: skip
    for site in rules.must:
        rules.allowed[rules.near(site)] = False
