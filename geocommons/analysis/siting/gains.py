"""What every row of demand gains from every candidate, and what a set of candidates is worth.

A set is worth the sum over rows of the best that one of its members gives. With one value a row that is the maximal
covering problem; with metres saved it is the p-median: both are searched, bounded and solved as this.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from geocommons.analysis.compiled import pays
from geocommons.analysis.siting.by_candidate import ByCandidate, Floats, Ints, starts
from geocommons.analysis.siting.reach import CoverMatrix

BITS = 50
PLAIN_SUM_S = 1.3e-8
"""What numpy takes for each value of a sum over all rows (measured on 2.5 million values)."""
SUMS = 300
"""How many such sums a question takes: two rounds of the bound."""


@dataclass(frozen=True, eq=False)
class Gains(ByCandidate):
    """Positive values by candidate and row: `row[gains.pairs_of(c)]` are the rows of candidate c, `value` beside it.

    `flat` says that all candidates give a row the same, as a cover does.
    """

    n_rows: int
    row: Any
    value: Floats
    flat: bool

    @cached_property
    def most(self) -> Floats:
        """The most that any candidate gives each row."""
        most = np.zeros(self.n_rows)
        np.maximum.at(most, self.row, self.value)
        return most

    @cached_property
    def by_row(self) -> tuple[Ints, Any, Floats]:
        """Where the values of each row begin; the candidate of each, and the value: the highest first."""
        order = np.lexsort((self.candidate, -self.value, self.row))
        return starts(self.row, self.n_rows), self.candidate[order], self.value[order]

    @cached_property
    def compiled(self) -> bool:
        """Whether sums over all values are worth a compiled kernel; a cover is summed by scipy, which is as fast."""
        return not self.flat and pays("geocommons.analysis.siting.kernels", "excess_by_candidate", self._plain_s)

    @property
    def _plain_s(self) -> float:
        return len(self.value) * PLAIN_SUM_S * SUMS

    @cached_property
    def incidence(self) -> Any:
        """A matrix of candidates by rows with 1 where a candidate gives a row something."""
        return csr_array((np.ones(len(self.row)), self.row, self.start), shape=(self.n_candidates, self.n_rows))

    def of(self, candidate: int) -> tuple[Any, Floats]:
        """Return the rows of one candidate and what it gives them."""
        pairs = self.pairs_of(candidate)
        return self.row[pairs], self.value[pairs]

    def excess(self, level: Floats) -> Floats:
        """Return by candidate the sum over its rows of what it gives above a level of each row (within 0 to `most`)."""
        if self.flat:
            return np.asarray(self.incidence @ (self.most - level))
        if self.compiled:
            from geocommons.analysis.siting.kernels import excess_by_candidate

            return excess_by_candidate(*self.by_row, level, self.n_candidates)
        above = np.maximum(self.value - level[self.row], 0.0)
        return np.bincount(self.candidate, weights=above, minlength=self.n_candidates).astype(float)

    def best(self, chosen: Iterable[int]) -> Floats:
        """Return the best that a set gives each row."""
        best = np.zeros(self.n_rows)
        for site in chosen:
            row, value = self.of(site)
            best[row] = np.maximum(best[row], value)
        return best

    def worth(self, chosen: Iterable[int]) -> float:
        """Return what a set is worth."""
        return float(self.best(chosen).sum())

    def only(self, kept: Ints) -> "Gains":
        """Return the gains of some candidates, which take the numbers 0, 1, 2 ... in the order given."""
        count = np.diff(self.start)[kept]
        start = np.concatenate([[0], np.cumsum(count)])
        pairs = np.repeat(self.start[kept] - start[:-1], count) + np.arange(start[-1])
        return Gains(start, self.n_rows, self.row[pairs], self.value[pairs], self.flat)


def on_grid(values: Floats, total: float) -> Floats:
    """Return values rounded to a binary grid so fine (2^-50 of the total) that sums are exact in any order.

    So no order of rows can break a tie. Whole numbers stay what they are.
    """
    if not total > 0:
        return values
    unit = 2.0 ** (np.ceil(np.log2(total)) - BITS)
    return np.asarray(np.round(values / unit) * unit)


def weigh_cover(matrix: CoverMatrix, weight: Floats, total: float | None = None) -> Gains:
    """Return the gains of a matrix whose rows weigh so much; rows without weight gain nothing.

    `total` is what all values together can come to (the sum of weights, if it is not given).
    """
    value = on_grid(matrix.value * weight[matrix.row], float(weight.sum()) if total is None else total)
    kept = value > 0
    flat = bool((matrix.value == 1.0).all())
    return Gains(matrix.start_of(kept), matrix.n_rows, matrix.row[kept], value[kept], flat)
