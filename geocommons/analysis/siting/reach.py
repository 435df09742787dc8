"""Which demand each candidate reaches, and how far that is: built once, asked many times."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geocommons.analysis.siting.by_candidate import ByCandidate, Floats, Ints, starts
from geocommons.errors import InvalidInput

EQUAL_WITHIN_M = 1e-6
"""A walk of exactly the reach is within it, whatever its last binary digit."""


@dataclass(frozen=True, eq=False)
class Reach(ByCandidate):
    """Pairs of candidate and demand with what lies between, by candidate and then by demand.

    `demand[reach.pairs_of(c)]` are the positions that candidate c reaches, `cost_m` how far each is.
    """

    n_demand: int
    demand: Ints
    cost_m: Floats

    def cover(self, within_m: float = np.inf) -> "CoverMatrix":
        """Return whom each candidate covers: the pairs of at most `within_m` metres (inclusive)."""
        near = self.cost_m <= within_m + EQUAL_WITHIN_M
        return merge_demand(self.n_demand, self.n_candidates, self.demand[near], self.candidate[near])


@dataclass(frozen=True, eq=False)
class CoverMatrix(ByCandidate):
    """Rows of demand that the same candidates reach in the same way, and the rows of each candidate.

    `row_of[d]` is the row of demand d, -1 where no candidate reaches it. `row[cover.pairs_of(c)]` are the rows of
    candidate c, and `value` what each demand there gains from it (1 for a cover). Rows are in an order that follows
    from who reaches them, not from the order of demand: the same question gives the same answer.
    """

    row_of: Ints
    n_rows: int
    row: NDArray[np.int32]
    value: Floats

    def weigh(self, people: Floats) -> Floats:
        """Return the sum of people by row."""
        within = self.row_of >= 0
        return np.bincount(self.row_of[within], weights=people[within], minlength=self.n_rows).astype(float)


def build_reach(
    demand: ArrayLike, candidate: ArrayLike, cost_m: ArrayLike, *, n_demand: int, n_candidates: int
) -> Reach:
    """Return the reach of candidates from a list of pairs in any order; of equal pairs the nearest counts.

    Raises InvalidInput if the columns differ in length, a position is out of range, or a cost is negative or no number.
    """
    who, site = np.asarray(demand, dtype=np.intp), np.asarray(candidate, dtype=np.intp)
    cost = np.asarray(cost_m, dtype=np.float64)
    if not who.shape == site.shape == cost.shape or who.ndim != 1:
        raise InvalidInput("Demand, candidate and cost of the pairs differ in number. Give one of each for every pair.")
    for positions, count in ((who, n_demand), (site, n_candidates)):
        if len(positions) and (positions.min() < 0 or positions.max() >= count):
            raise InvalidInput("A pair names a position outside 0 to {last}. Count from 0.", last=count - 1)
    if np.isnan(cost).any() or (cost < 0).any():
        raise InvalidInput("A distance between demand and candidate is negative or no number. Give metres.")
    near = np.isfinite(cost)
    who, site, cost = who[near], site[near], cost[near]
    pair = site * n_demand + who
    if len(pair) and not (pair[1:] > pair[:-1]).all():
        order = np.lexsort((cost, pair))
        pair, who, site, cost = pair[order], who[order], site[order], cost[order]
        first = np.append(True, pair[1:] != pair[:-1])
        who, site, cost = who[first], site[first], cost[first]
    return Reach(starts(site, n_candidates), n_demand, who, cost)


def merge_demand(
    n_demand: int, n_candidates: int, demand: Ints, candidate: Ints, value: Floats | None = None
) -> CoverMatrix:
    """Return demand merged where the same candidates give the same value; pairs come by candidate, then demand."""
    name = _names(n_demand, n_candidates, demand, candidate, value)
    reached = np.flatnonzero(np.bincount(demand, minlength=n_demand))
    order = reached[np.lexsort(name[:, reached])]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (name[:, order[1:]] != name[:, order[:-1]]).any(axis=0)
    row_of, speaks = np.full(n_demand, -1, dtype=np.intp), np.zeros(n_demand, dtype=bool)
    row_of[order], speaks[order[first]] = np.cumsum(first) - 1, True
    kept = speaks[demand]
    n_rows, site = int(first.sum()), candidate[kept]
    pair = site * n_rows + row_of[demand[kept]]
    start = starts(site, n_candidates)
    if value is None:
        pair.sort()
        worth = np.ones(len(pair))
    else:
        by_row = np.argsort(pair)
        pair, worth = pair[by_row], value[kept][by_row]
    return CoverMatrix(start, row_of, n_rows, (pair % max(n_rows, 1)).astype(np.int32), worth)


def _names(n_demand: int, n_candidates: int, demand: Ints, candidate: Ints, value: Floats | None) -> Floats:
    """Return three numbers for each demand, equal where the same candidates reach it for the same value.

    Each is a sum of 32 well-mixed bits by pair, exact in any order. That two different rows share all three has a
    chance of 1 in 10^28.
    """
    names = np.empty((3, n_demand))
    for nth in range(3):
        bits = _scramble(np.arange(n_candidates, dtype=np.uint64) + np.uint64((nth + 1) << 40))
        if value is None:
            pair = (bits >> np.uint64(32)).astype(np.float64)[candidate]
        else:
            mixed = _scramble(bits[candidate] ^ (value + 0.0).view(np.uint64))
            pair = (mixed >> np.uint64(32)).astype(np.float64)
        names[nth] = np.bincount(demand, weights=pair, minlength=n_demand)
    return names


def _scramble(number: NDArray[Any]) -> NDArray[np.uint64]:
    """Return well-mixed 64 bits (Steele, Lea & Flood 2014, SplitMix64)."""
    mixed = number * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)
