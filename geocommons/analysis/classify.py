"""Cut figures into the classes of a choropleth, with breaks that people can read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from geocommons.errors import InvalidInput

Scheme = Literal["quantiles", "natural_breaks", "equal_interval", "pretty", "head_tail", "box_plot", "user_defined"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
NO_FIGURE = -1
"""Code of a value that is missing or not finite: a class of its own, on the map as in the legend."""
MOST_CLASSES = 12
MOST_FOR_NATURAL = 3_000
"""Natural breaks take time with the square of their values; from more, so many evenly spaced ones are taken."""
MOST_MOVED = 0.02
"""A break moves by at most this part of the range to be a round number."""
MOST_DECIMALS = 12
Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Classes:
    """Figures in classes: class i holds what is above break i - 1 and up to break i, the first also `least`.

    `breaks` are upper bounds, ascending, the last one the greatest figure; `codes` are int16 of the shape of the
    figures, from 0, `NO_FIGURE` (-1) where there is none; `counts` are figures in each class, `without_figure` those
    in none. `fit` is the goodness of absolute deviation fit: 1 if every class holds one value, 0 if classes explain
    nothing, NaN without figures.
    """

    scheme: Scheme
    breaks: tuple[float, ...]
    least: float
    counts: tuple[int, ...]
    codes: NDArray[np.int16]
    without_figure: int
    fit: float

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Return the lower and upper bound of each class, as a legend writes them."""
        lower = (min(self.least, self.breaks[0]), *self.breaks[:-1]) if self.breaks else ()
        return tuple(zip(lower, self.breaks, strict=True))

    @property
    def decimals(self) -> int:
        """Return how many decimals write every break but the last, which is a figure as it came, exactly."""
        return next((n for n in range(MOST_DECIMALS) if all(round(one, n) == one for one in self.breaks[:-1])), 0)


def classify(
    values: NDArray[Any], scheme: Scheme = "quantiles", k: int = 5, *, breaks: Sequence[float] | None = None
) -> Classes:
    """Return figures in at most `k` classes; fewer where there are fewer distinct figures, none where there are none.

    Schemes are those of mapclassify: quantiles (the default, right for rates), natural breaks (Fisher-Jenks),
    equal intervals, pretty breaks, head/tail breaks (Jiang 2013) and the box plot choose their own number of
    classes; `user_defined` takes `breaks` as they are. Breaks of the others become the roundest numbers that leave
    every figure in its class. The same figures give the same classes, in any order. NaN and infinities have no class.

    Raises InvalidInput for an unknown scheme, for `k` outside 1 to 12, and for user-defined breaks that are missing
    or do not ascend.
    """
    _check(scheme, k, breaks)
    figures = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(figures)
    ordered = np.sort(figures[finite])
    codes = np.full(figures.shape, NO_FIGURE, dtype=np.int16)
    absent = int(figures.size - ordered.size)
    if ordered.size == 0:
        return Classes(scheme, (), math.nan, (), codes, absent, math.nan)
    upper = _user_breaks(ordered, breaks) if breaks is not None else _rounded(_breaks(ordered, scheme, k), ordered)
    codes[finite] = np.searchsorted(upper, figures[finite], side="left")
    counts = np.bincount(codes[finite], minlength=len(upper))
    ends = np.concatenate([[0], np.cumsum(counts)])
    return Classes(
        scheme, tuple(upper.tolist()), float(ordered[0]), tuple(counts.tolist()), codes, absent, _fit(ordered, ends)
    )


def _check(scheme: str, k: int, breaks: Sequence[float] | None) -> None:
    if scheme not in SCHEMES:
        raise InvalidInput(
            "“{scheme}” is not a way to make classes. Choose one of {schemes}.",
            scheme=scheme, schemes=", ".join(SCHEMES),
        )  # fmt: skip
    if not 1 <= k <= MOST_CLASSES:
        raise InvalidInput("{k} classes cannot be told apart. Choose from 1 to {most}.", k=k, most=MOST_CLASSES)
    if (scheme == "user_defined") != (breaks is not None):
        raise InvalidInput("Your own breaks go with user-defined classes, and only with them. Give both or neither.")
    if breaks is not None and (not breaks or not np.isfinite(breaks).all() or np.any(np.diff(breaks) <= 0)):
        raise InvalidInput("The breaks {breaks} do not ascend. Write them from small to large.", breaks=list(breaks))


def _user_breaks(ordered: Figures, breaks: Sequence[float]) -> Figures:
    upper = np.asarray(breaks, dtype=np.float64)
    return upper if ordered[-1] <= upper[-1] else np.append(upper, ordered[-1])


def _breaks(ordered: Figures, scheme: Scheme, k: int) -> Figures:
    """Return the upper bounds of classes as mapclassify makes them, the last at least the greatest figure."""
    distinct = np.unique(ordered)
    if len(distinct) == 1:
        return distinct
    if len(distinct) <= k and scheme in ("quantiles", "natural_breaks"):
        return distinct
    if scheme == "quantiles":
        # As mapclassify.Quantiles, which warns where quantiles coincide.
        return np.unique(np.quantile(ordered, np.arange(1, k + 1) / k))
    # Loaded where it is needed: a page in quantiles, as most are, does not wait for it.
    import mapclassify

    if scheme == "natural_breaks":
        return np.unique(mapclassify.FisherJenks(_sample(ordered, k), k).bins)
    if scheme == "equal_interval":
        return np.asarray(mapclassify.EqualInterval(ordered, k).bins)
    if scheme == "pretty":
        return np.asarray(mapclassify.PrettyBreaks(ordered, k).bins)
    if scheme == "head_tail":
        return np.unique(mapclassify.HeadTailBreaks(ordered).bins)
    return np.unique(np.append(mapclassify.BoxPlot(ordered).bins, ordered[-1]))


def _sample(ordered: Figures, k: int) -> Figures:
    """Return figures at evenly spaced ranks, the least and the greatest among them: no chance, so no seed."""
    if len(ordered) <= MOST_FOR_NATURAL:
        return ordered
    sample = _evenly(ordered)
    # Where nearly all figures are alike, ranks would miss the few others.
    return sample if len(np.unique(sample)) >= k else _evenly(np.unique(ordered))


def _evenly(ordered: Figures) -> Figures:
    ranks = np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_FOR_NATURAL)).round().astype(np.int64)
    return ordered[ranks]


def _rounded(upper: Figures, ordered: Figures) -> Figures:
    """Return breaks with the fewest decimals that leave every figure in its class; the last is the greatest figure."""
    spread = float(ordered[-1] - ordered[0])
    if spread == 0:
        return ordered[-1:]
    upper = upper[: int(np.searchsorted(upper, ordered[-1], side="left")) + 1]
    inner = upper[:-1]
    ends = np.searchsorted(ordered, inner, side="right")
    below = np.where(ends > 0, ordered[np.maximum(ends - 1, 0)], -np.inf)
    above = ordered[np.minimum(ends, len(ordered) - 1)]
    for decimals in range(max(-math.floor(math.log10(spread)) - 1, -300), MOST_DECIMALS):
        step = 10.0**-decimals
        candidates = np.stack([np.round(inner, decimals), np.ceil(inner / step) * step, np.floor(inner / step) * step])
        candidates = np.round(candidates, max(decimals, 0))
        fits = (candidates >= below) & (candidates < above) & (abs(candidates - inner) <= MOST_MOVED * spread)
        chosen = candidates[np.argmax(fits, axis=0), np.arange(len(inner))]
        if fits.any(axis=0).all() and np.all(np.diff(chosen) > 0):
            return np.append(chosen, ordered[-1])
    return np.append(inner, ordered[-1])


def _fit(ordered: Figures, ends: NDArray[np.int64]) -> float:
    """Return 1 - (absolute deviations from class medians / from the median of all) (Slocum et al. 2009, p. 83)."""
    whole = float(np.abs(ordered - np.median(ordered)).sum())
    parts = [ordered[start:stop] for start, stop in pairwise(ends) if stop > start]
    within = sum(float(np.abs(part - np.median(part)).sum()) for part in parts)
    return 1.0 if whole == 0 else 1.0 - within / whole
