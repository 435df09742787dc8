"""Hot spots: where areas with a high rate of unserved people lie together more than chance would have them.

Test a rate, not a count: counts are high where many people live. Areas without people have no rate; they are left out
and listed, and so are islands, which have no neighbour to lie together with.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import ndtr

from geocommons.analysis.amounts import PEOPLE, VALUES, Floats, Ints, checked_amounts, dot
from geocommons.analysis.equity.neighbours import Neighbours
from geocommons.analysis.equity.permutations import two_sided_p
from geocommons.errors import InvalidInput

SIGNIFICANCE = 0.05
QUADRANTS = ("LL", "LH", "HL", "HH")


@dataclass(frozen=True, eq=False)
class HotSpots:
    """Gi or Gi* by area: `z` over 0 where high rates lie together, under 0 where low ones do.

    `p` is two-sided by the normal distribution, `p_adjusted` what it is after Benjamini & Hochberg (1995), so that of
    the areas under 0.05 about one in twenty is chance. All are NaN for `islands` (no neighbour with a rate) and
    `excluded` areas (no rate), which are positions.
    """

    z: Floats
    p: Floats
    p_adjusted: Floats
    islands: Ints
    excluded: Ints

    def states(self, significance: float = SIGNIFICANCE) -> NDArray[np.object_]:
        """Return "hot", "cold", "neither", "island" or "excluded" for each area, by the adjusted p."""
        low = self.p_adjusted <= significance
        states = np.full(len(self.z), "neither", dtype=object)
        states[low & (self.z > 0)], states[low & (self.z < 0)] = "hot", "cold"
        states[self.islands], states[self.excluded] = "island", "excluded"
        return states


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran's I by area: over 0 among its like, under 0 among the unlike.

    `quadrant` names an area high or low and then its neighbours ("HL": high among low), "" where there is no statistic.
    `lag` is the mean rate of its neighbours. `p` is two-sided from permutations: no lower than `smallest_p`, so more
    permutations are due where adjusted p cannot come under the threshold. NaN for `islands` and `excluded` areas.
    """

    statistic: Floats
    lag: Floats
    quadrant: NDArray[np.object_]
    p: Floats
    p_adjusted: Floats
    smallest_p: float
    islands: Ints
    excluded: Ints

    def states(self, significance: float = SIGNIFICANCE) -> NDArray[np.object_]:
        """Return the quadrant, "neither", "island" or "excluded" for each area, by the adjusted p."""
        states = np.where(self.p_adjusted <= significance, self.quadrant, "neither").astype(object)
        states[self.islands], states[self.excluded] = "island", "excluded"
        return states


@dataclass(frozen=True, eq=False)
class _Assessed:
    """Areas with a rate (positions `rows`), their rates, and the neighbours among them."""

    rows: Ints
    rate: Floats
    neighbours: Neighbours
    degree: Floats


def unserved_rate(unserved: ArrayLike, people: ArrayLike) -> Floats:
    """Return unserved people as a part of all by area; NaN where nobody lives."""
    persons = checked_amounts(people, np.size(np.asarray(people)), PEOPLE)
    without = checked_amounts(unserved, len(persons), VALUES)
    return np.asarray(np.divide(without, persons, out=np.full(len(persons), np.nan), where=persons > 0))


def getis_ord(rate: ArrayLike, neighbours: Neighbours, *, star: bool = True) -> HotSpots:
    """Return Gi* (an area and its neighbours), or Gi (its neighbours alone), with the analytic z (Ord & Getis 1995).

    z = (sum_j w x_j - mean k) / (s sqrt((n k - k²) / (n - 1))), with k neighbours (itself too for Gi*); for Gi mean and
    s leave the area itself out. A rate of NaN is no rate: such areas are excluded.
    """
    known, islands, excluded = _assess(rate, neighbours)
    x, n = known.rate, float(len(known.rate) - (not star))
    k, total = known.degree + star, known.neighbours @ x + (x if star else 0.0)
    own = np.zeros(len(x)) if star else x
    mean = (x.sum() - own) / n
    spread = np.sqrt(np.maximum(((x**2).sum() - own**2) / n - mean**2, 0.0))
    under = spread * np.sqrt(np.maximum((n * k - k**2) / (n - 1), 0.0))
    testable = (known.degree > 0) & (under > 0)
    z = np.divide(total - mean * k, under, out=np.full(len(x), np.nan), where=testable)
    p = 2 * ndtr(-np.abs(z))
    count = neighbours.shape[0]
    return HotSpots(
        z=_spread(z, known.rows, count),
        p=_spread(p, known.rows, count),
        p_adjusted=_spread(adjust_p(p), known.rows, count),
        islands=islands,
        excluded=excluded,
    )


def local_moran(
    rate: ArrayLike, neighbours: Neighbours, *, permutations: int = 9_999, seed: int | np.random.Generator = 0
) -> LocalMoran:
    """Return local Moran's I (Anselin 1995) with weights that add up to 1 for each area, and conditional permutations.

    I_i = (n - 1) z_i sum_j w_ij z_j / sum z². An area keeps its rate while all others are dealt anew among its
    neighbours; the same seed gives the same p.
    """
    known, islands, excluded = _assess(rate, neighbours)
    z = (known.rate - known.rate.mean()) / known.rate.std()
    connected = known.degree > 0
    degree = known.degree.astype(np.intp)
    total = known.neighbours @ z
    lag = np.divide(total, known.degree, out=np.full(len(z), np.nan), where=connected)
    statistic = (len(z) - 1) * z * lag / dot(z, z)
    p = np.where(connected, two_sided_p(z, total, degree, permutations, np.random.default_rng(seed)), np.nan)
    side = 2 * (z > 0) + (lag > 0)
    quadrant = np.where(connected, np.array(QUADRANTS, dtype=object)[side], "")
    count = neighbours.shape[0]
    named = np.full(count, "", dtype=object)
    named[known.rows] = quadrant
    return LocalMoran(
        statistic=_spread(statistic, known.rows, count),
        lag=_spread(lag * known.rate.std() + known.rate.mean(), known.rows, count),
        quadrant=named,
        p=_spread(p, known.rows, count),
        p_adjusted=_spread(adjust_p(p), known.rows, count),
        smallest_p=2 / (permutations + 1),
        islands=islands,
        excluded=excluded,
    )


def adjust_p(p: ArrayLike) -> Floats:
    """Return p-values adjusted for many tests at once (Benjamini & Hochberg 1995); NaN is no test and stays."""
    values = np.asarray(p, dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")[::-1]]
    rank = np.arange(len(order), 0, -1)
    adjusted = np.full(len(values), np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(values[order] * (len(order) / rank)), 1.0)
    return adjusted


def _assess(rate: ArrayLike, neighbours: Neighbours) -> tuple[_Assessed, Ints, Ints]:
    """Return what can be assessed, and the positions of islands and of areas without a rate."""
    rates = np.asarray(rate, dtype=np.float64)
    if rates.shape != (neighbours.shape[0],) or np.isinf(rates).any():
        raise InvalidInput("The rates are not one number for each area. Give one for each, NaN where there is none.")
    if (len(neighbours.data) and not (neighbours.data == 1).all()) or neighbours.diagonal().any():
        raise InvalidInput(
            "The neighbours are not plain pairs. Give a matrix with 1 for each pair and no area with itself."
        )
    has_rate = ~np.isnan(rates)
    rows, excluded = np.flatnonzero(has_rate), np.flatnonzero(~has_rate)
    if len(rows) < 3 or np.ptp(rates[rows]) == 0:
        raise InvalidInput(
            "All areas with a rate have the same one, or there are fewer than three. Nothing stands out."
        )
    among = csr_array(neighbours[rows][:, rows]) if len(excluded) else neighbours
    degree = np.diff(among.indptr)
    return _Assessed(rows, rates[rows], among, degree.astype(np.float64)), rows[degree == 0], excluded


def _spread(column: Floats, rows: Ints, count: int) -> Floats:
    """Return a column for all areas, NaN where there is no figure."""
    spread = np.full(count, np.nan)
    spread[rows] = column
    return spread
