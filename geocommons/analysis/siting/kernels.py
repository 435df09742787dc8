"""Compiled sums over rows of demand. Import this module where it is used: it takes numba along."""

from typing import Any

import numpy as np

from geocommons.analysis.compiled import kernel
from geocommons.analysis.siting.by_candidate import Floats, Ints


@kernel
def excess_by_candidate(start: Ints, candidate: Any, value: Floats, level: Floats, sites: int) -> Floats:
    """Return by candidate the sum over its rows of what it gives above the row's level.

    Invariant: the values of a row fall, so that the first at or below the level ends the row. Candidates gather rows
    in ascending order as the plain sum does, so both give the same bits.
    """
    total = np.zeros(sites)
    for row in range(len(start) - 1):
        for pair in range(start[row], start[row + 1]):
            above = value[pair] - level[row]
            if above <= 0.0:
                break
            total[candidate[pair]] += above
    return total


@kernel
def saves_by_slot(
    start: Ints, candidate: Any, value: Floats, best: Floats, second: Floats, slot: Ints, sites: int, slots: int
) -> Floats:
    """Return by candidate and slot what the candidate gives the rows of the slot above their second best.

    Invariant: as above; the first value at or below the second best ends the row.
    """
    total = np.zeros((sites, slots))
    for row in range(len(start) - 1):
        if slot[row] < 0:
            continue
        for pair in range(start[row], start[row + 1]):
            if value[pair] <= second[row]:
                break
            total[candidate[pair], slot[row]] += min(value[pair], best[row]) - second[row]
    return total
