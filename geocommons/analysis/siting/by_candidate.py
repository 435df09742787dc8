"""Pairs in the order of their candidates, as a sparse matrix keeps its rows: read alike, whatever they say."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ByCandidate:
    """Pairs by candidate: those of candidate c stand at `start[c]` up to, not including, `start[c + 1]`."""

    start: Ints

    @property
    def n_candidates(self) -> int:
        """How many candidates there are, also those without a pair."""
        return len(self.start) - 1

    @cached_property
    def candidate(self) -> Ints:
        """The candidate of each pair."""
        return self.spread(np.arange(self.n_candidates))

    def pairs_of(self, candidate: int) -> slice:
        """Return where the pairs of one candidate stand."""
        return slice(self.start[candidate], self.start[candidate + 1])

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return for each pair the value of its candidate."""
        return np.repeat(values, np.diff(self.start))

    def start_of(self, kept: Bools) -> Ints:
        """Return where the pairs of each candidate stand once only some pairs are kept."""
        return np.concatenate([[0], np.cumsum(kept)])[self.start]


def starts(positions: NDArray[Any], count: int) -> Ints:
    """Return where the pairs of each of so many positions begin once they are sorted, and where the last end."""
    return np.concatenate([[0], np.cumsum(np.bincount(positions, minlength=count))]).astype(np.intp)
