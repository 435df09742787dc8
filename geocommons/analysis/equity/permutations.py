"""How often chance alone gives neighbours as high or as low, for every area from the same few thousand draws.

Each draw deals k + 1 different areas out of all in random order. For an area with k neighbours that is not among the
first k, these are a fair deal of its neighbours; if it is, the next one takes its place, and the deal is fair again: a
random order of all areas with one left out is a random order of the others. So the sums of first k are sorted once for
each k and looked up by all areas, and only the few areas that a draw holds are set right. (esda, too, uses the same
draws for all areas, but sums anew for each.)
"""

import numpy as np

from geocommons.analysis.amounts import Floats, Ints

EQUAL_WITHIN = 1e-9
"""Sums of the same standardised rates in another order are equal; rates are often 0 or 1, so this decides much."""


def two_sided_p(z: Floats, total: Floats, degree: Ints, permutations: int, chance: np.random.Generator) -> Floats:
    """Return how likely chance makes the sum of an area's neighbours as far out, by standardised rates.

    `z` are rates with mean 0 and variance 1, `total` the sum over each area's `degree` neighbours. p is twice the part
    of draws (with the observed one) in the smaller tail, at most 1; 1 too for an area of just the mean rate, whose
    statistic is 0 whatever its neighbours are.
    """
    most = int(degree.max(initial=0))
    draws = _draws(len(z), min(most + 1, len(z)), permutations, chance)
    dealt = z[draws]
    sums = np.cumsum(dealt, axis=1)
    high, low = np.zeros(len(z)), np.zeros(len(z))
    for k in np.unique(degree[degree > 0]).tolist():
        rows = np.flatnonzero(degree == k)
        sorted_sums = np.sort(sums[:, k - 1])
        high[rows] = permutations - np.searchsorted(sorted_sums, total[rows] - EQUAL_WITHIN * k, "left")
        low[rows] = np.searchsorted(sorted_sums, total[rows] + EQUAL_WITHIN * k, "right")
    _set_right(draws, dealt, sums, total, degree, high, low)
    p = np.minimum(2 * (np.minimum(high, low) + 1) / (permutations + 1), 1.0)
    return np.where(np.abs(z) <= EQUAL_WITHIN, 1.0, p)


def _draws(count: int, size: int, permutations: int, chance: np.random.Generator) -> Ints:
    """Return so many rows of different areas in random order."""
    draws = np.empty((permutations, size), dtype=np.intp)
    for row in range(permutations):
        draws[row] = chance.choice(count, size, replace=False)
    return draws


def _set_right(
    draws: Ints, dealt: Floats, sums: Floats, total: Floats, degree: Ints, high: Floats, low: Floats
) -> None:
    """Count anew, in place, the draws in which an area was dealt to itself."""
    row, place = np.nonzero(np.arange(draws.shape[1])[None, :] < degree[draws])
    area = draws[row, place]
    k = degree[area]
    wrong = sums[row, k - 1]
    right = wrong - dealt[row, place] + dealt[row, k]
    slack = EQUAL_WITHIN * k
    for tail, sign in ((high, 1), (low, -1)):
        before = sign * (wrong - total[area]) >= -slack
        after = sign * (right - total[area]) >= -slack
        np.add.at(tail, area, after.astype(np.float64) - before)
