"""What a set cover can leave out: rows served whenever another is, candidates that another replaces."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from geocommons.analysis.siting.by_candidate import Bools, Floats, Ints
from geocommons.analysis.siting.gains import Gains
from geocommons.analysis.siting.limits import Rules

MOST_PAIRS = 3e7
"""So many pairs that share something are compared at most; a denser question goes to the solver as it is."""
ROUNDS = 5


def reduce_cover(gains: Gains, rules: Rules, price: Floats) -> tuple[Gains, Rules, Ints]:
    """Return gains of the rows that bind and the candidates worth their price, with their rules, and who
    these are.

    Who alone serves a row becomes a must-site. A row is left out if each candidate of some other row serves it.
    A candidate is, if another serves all its rows for no more (Toregas & ReVelle 1973). If sites must be spaced, only
    rows are left out: what takes a candidate's place may be in the way.
    """
    matrix = gains.incidence
    sites = np.arange(gains.n_candidates)
    fixed = np.isin(sites, rules.must)
    spaced = len(rules.clash[1]) > 0
    for _ in range(ROUNDS):
        before = matrix.shape
        by_row = matrix.T.tocsr()
        if not spaced:
            fixed[sites[by_row[np.diff(by_row.indptr) == 1].indices]] = True
        by_row = by_row[by_row @ fixed[sites].astype(float) == 0]
        matrix = by_row[~_contain_another(by_row)].T.tocsr()
        if not spaced:
            kept = ~_within_another(matrix, price[sites]) | fixed[sites]
            sites, matrix = sites[kept], matrix[kept]
        if matrix.shape == before:
            break
    matrix.sort_indices()
    start = matrix.indptr.astype(np.intp)
    reduced = Gains(start, matrix.shape[1], matrix.indices, np.ones(len(matrix.indices)), True)
    return reduced, rules.only(sites, np.flatnonzero(fixed)), sites


def _contain_another(sets: Any) -> Bools:
    """Return which sets (rows of a matrix of ones) hold all of another one; of equal sets the first stays."""
    first, second, shared, size = _overlaps(sets)
    holds = (shared == size[first]) & ((size[second] > size[first]) | (first < second))
    found = np.zeros(len(size), dtype=bool)
    found[second[holds]] = True
    return found


def _within_another(sets: Any, price: Floats) -> Bools:
    """Return which sets lie within another that is no dearer; of equals the first stays. Empty sets do, too."""
    first, second, shared, size = _overlaps(sets)
    within = (shared == size[first]) & (price[second] <= price[first])
    same = (size[second] == size[first]) & (price[second] == price[first])
    found: Bools = np.asarray(size == 0)
    found[first[within & (~same | (second < first))]] = True
    return found


def _overlaps(sets: Any) -> tuple[Ints, Ints, Floats, Ints]:
    """Return pairs of different sets that share something, how much they share, and the size of each set."""
    size = np.diff(sets.indptr)
    if float((np.bincount(sets.indices).astype(float) ** 2).sum()) > MOST_PAIRS:
        nothing = np.empty(0, dtype=np.intp)
        return nothing, nothing, np.empty(0), size
    both = csr_array(sets @ sets.T).tocoo()
    other = both.row != both.col
    return both.row[other], both.col[other], both.data[other], size
