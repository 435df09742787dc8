"""The concentration index: whether an outcome gathers among the poor or the rich."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.amounts import PEOPLE, Floats, checked_amounts, dot
from geocommons.errors import InvalidInput


@dataclass(frozen=True)
class Concentration:
    """How an outcome follows a rank: below 0 it gathers at the low end (the poor), above 0 at the high end.

    `index` is from -1 to 1 (None where nobody has any of it). `erreygers` is for outcomes with bounds, such as served
    or not: it is the same but for its sign whether one asks of the served or of the unserved (None: no bounds).
    """

    index: float | None
    erreygers: float | None
    mean: float


def concentration_index(
    outcome: ArrayLike,
    rank_by: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bounds: tuple[float, float] | None = None,
) -> Concentration:
    """Return the concentration index of an outcome by a variable such as income.

    C = 2 cov(h, r) / mean with the weighted fractional rank r (Kakwani, Wagstaff & van Doorslaer 1997; World Bank
    technical note 7); ties share the mean of their ranks. Erreygers (2009) is 4 mean C / (high - low), for an
    outcome from `bounds` (low, high); (0, 1) for a share.
    """
    values, order_by = np.asarray(outcome, dtype=np.float64), np.asarray(rank_by, dtype=np.float64)
    people = np.ones(len(values)) if weights is None else checked_amounts(weights, len(values), PEOPLE)
    if values.shape != order_by.shape or not (np.isfinite(values).all() and np.isfinite(order_by).all()):
        raise InvalidInput("Outcome and rank are not one number for each place. Leave out places without either.")
    if bounds is not None and not (bounds[0] < bounds[1] and ((bounds[0] <= values) & (values <= bounds[1])).all()):
        raise InvalidInput("The outcome is not between {low} and {high}.", low=bounds[0], high=bounds[1])
    if not people.sum() > 0:
        raise InvalidInput("Nobody lives in these places, so nothing can be compared.")
    part = people / people.sum()
    mean = dot(part, values)
    covariance = dot(part, (values - mean) * (fractional_rank(order_by, people) - 0.5))
    return Concentration(
        index=2 * covariance / mean if mean > 0 else None,
        erreygers=None if bounds is None else 8 * covariance / (bounds[1] - bounds[0]),
        mean=mean,
    )


def fractional_rank(values: ArrayLike, weights: ArrayLike) -> Floats:
    """Return the part of all people who rank below, half of those with the same value counted as below (0 to 1)."""
    people = np.asarray(weights, dtype=np.float64)
    _, tie = np.unique(np.asarray(values), return_inverse=True)
    tied = np.bincount(tie, people)
    return np.asarray((np.cumsum(tied) - tied / 2)[tie] / people.sum())
