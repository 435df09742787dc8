"""Which demand each candidate reaches, and how far that is: built once, asked many times."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geocommons.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
EQUAL_WITHIN_M = 1e-6
"""A walk of exactly the reach is within it, whatever its last binary digit."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Pairs of candidate and demand with what lies between, by candidate and then by demand.

    `demand[start[c]:start[c + 1]]` are the positions that candidate c reaches, `cost_m` how far each is.
    """

    n_demand: int
    start: Ints
    demand: Ints
    cost_m: Floats

    @property
    def n_candidates(self) -> int:
        """How many candidates there are, also those that reach nobody."""
        return len(self.start) - 1

    @property
    def candidate(self) -> Ints:
        """The candidate of each pair."""
        return np.repeat(np.arange(self.n_candidates), np.diff(self.start))

    def cover(self, within_m: float = np.inf) -> "CoverMatrix":
        """Return whom each candidate covers: the pairs of at most `within_m` metres (inclusive)."""
        near = self.cost_m <= within_m + EQUAL_WITHIN_M
        return merge_demand(self.n_demand, self.n_candidates, self.demand[near], self.candidate[near])


@dataclass(frozen=True, eq=False)
class CoverMatrix:
    """Rows of demand that the same candidates reach in the same way, and the rows of each candidate.

    `row_of[d]` is the row of demand d, -1 where no candidate reaches it. `row[start[c]:start[c + 1]]` are the rows of
    candidate c, and `value` what each demand there gains from it (1 for a cover). Rows are in an order that
    follows from who reaches them, not from the order of demand: the same question gives the same answer.
    """

    row_of: Ints
    n_rows: int
    start: Ints
    row: NDArray[np.int32]
    value: Floats

    @property
    def n_candidates(self) -> int:
        """How many candidates there are."""
        return len(self.start) - 1

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
    order = np.lexsort((cost, who, site))
    who, site, cost = who[order], site[order], cost[order]
    first = np.ones(len(who), dtype=bool)
    first[1:] = (who[1:] != who[:-1]) | (site[1:] != site[:-1])
    first &= np.isfinite(cost)
    start = np.concatenate([[0], np.cumsum(np.bincount(site[first], minlength=n_candidates))])
    return Reach(n_demand, start, who[first], cost[first])


def merge_demand(
    n_demand: int, n_candidates: int, demand: Ints, candidate: Ints, value: Floats | None = None
) -> CoverMatrix:
    """Return demand merged where the same candidates give the same value; pairs come by candidate, then demand."""
    worth = np.ones(len(demand)) if value is None else value
    name = _names(n_demand, n_candidates, demand, candidate, None if value is None else worth)
    reached = np.flatnonzero(np.bincount(demand, minlength=n_demand))
    order = reached[np.lexsort((reached, name[1][reached], name[0][reached]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (name[:, order[1:]] != name[:, order[:-1]]).any(axis=0)
    row_of = np.full(n_demand, -1, dtype=np.intp)
    row_of[order] = np.cumsum(first) - 1
    speaks = np.zeros(n_demand, dtype=bool)
    speaks[order[first]] = True
    kept = speaks[demand]
    site, row = candidate[kept], row_of[demand[kept]]
    by_row = np.lexsort((row, site))
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=n_candidates))])
    return CoverMatrix(row_of, int(first.sum()), start, row[by_row].astype(np.int32), worth[kept][by_row])


def _names(n_demand: int, n_candidates: int, demand: Ints, candidate: Ints, value: Floats | None) -> NDArray[np.uint64]:
    """Return two 64-bit names for each demand, equal where the same candidates reach it for the same value.

    A name is the sum of scrambled names of its pairs; that two different rows share both has a chance of 1 in 10^38.
    """
    names = np.empty((2, n_demand), dtype=np.uint64)
    order = np.argsort(demand, kind="stable")
    ends = np.cumsum(np.bincount(demand, minlength=n_demand))
    for nth in range(2):
        pair = _scramble(np.arange(n_candidates, dtype=np.uint64) + np.uint64(1 + nth * 2**40))[candidate]
        if value is not None:
            pair = _scramble(pair ^ (value + 0.0).view(np.uint64))
        total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(pair[order], dtype=np.uint64)])
        names[nth] = total[ends] - total[np.concatenate([[0], ends[:-1]])]
    return names


def _scramble(number: NDArray[Any]) -> NDArray[np.uint64]:
    """Return well-mixed 64 bits (Steele, Lea & Flood 2014, SplitMix64)."""
    mixed = number * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)
