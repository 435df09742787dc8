"""Survival: how long stewardships last, told from those that ended and those that still go on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtri

from geocommons.analysis.walk.network import Floats, Ints
from geocommons.errors import InvalidInput

Flags = NDArray[np.bool_]
HALF = 0.5
EQUAL_WITHIN = 1e-12
"""A share that ought to be one half is, whatever its last binary digit."""


@dataclass(frozen=True, eq=False)
class Survival:
    """How large a part of the stewardships lasts how long (Kaplan and Meier 1958).

    `table` has a row for each duration at which some ended: `days, at_risk, ended, censored` (from that day up to the
    next row), `survival`, `variance` (Greenwood 1926) and `low, high` (confidence interval on the log-log scale; not a
    number once all have ended). `median_days` is the first duration that at most half outlast, None while more do;
    its interval (Brookmeyer and Crowley 1982) is open where a bound never comes down to one half.
    """

    name: object
    subjects: int
    ended: int
    table: pd.DataFrame
    median_days: float | None
    median_low_days: float | None
    median_high_days: float | None

    def at(self, days: ArrayLike) -> Floats:
        """Return the part that lasts longer than so many days."""
        row = np.searchsorted(self.table["days"].to_numpy(dtype=np.float64), days, "right")
        return np.concatenate([[1.0], self.table["survival"].to_numpy(dtype=np.float64)])[row]


@dataclass(frozen=True, eq=False)
class LogRank:
    """Whether groups last equally long (Mantel 1966): `groups` has `name, subjects, ended, expected` for each."""

    groups: pd.DataFrame
    statistic: float
    degrees: int
    p_value: float


def estimate_survival(
    days: ArrayLike,
    ended: ArrayLike,
    *,
    entered_days: ArrayLike | None = None,
    confidence: float = 0.95,
    name: object = None,
) -> Survival:
    """Return the product-limit estimate of durations, some of which ended and some still go on (censored).

    `days` are durations of 0 or more, `ended` flags. With `entered_days` a stewardship counts only after it has lasted
    so long (left truncation: a register that began when it was already under way). One that ended and one that was
    censored after the same time: the end came first.
    """
    exit_, end, enter = _checked(days, ended, entered_days)
    if not 0 < confidence < 1:
        raise InvalidInput("The confidence must be between 0 and 1, for example 0.95.")
    at = np.unique(exit_[end])
    deaths = _count_each(at, exit_[end])
    risk = count_at_risk(at, exit_, entered_days=enter)
    survival, variance, low, high = _product_limit(risk, deaths, confidence)
    table = pd.DataFrame(
        {
            "days": at,
            "at_risk": risk,
            "ended": deaths,
            "censored": np.diff(np.searchsorted(np.sort(exit_[~end]), np.append(at, np.inf), "left")),
            "survival": survival,
            "variance": variance,
            "low": low,
            "high": high,
        }
    )
    medians = (_first_half(at, values) for values in (survival, low, high))
    return Survival(name, len(exit_), int(end.sum()), table, *medians)


def survival_by(spells: pd.DataFrame, by: str, *, confidence: float = 0.95) -> tuple[Survival, ...]:
    """Return the estimate of each group of spells (`days, ended`, as `find_spells` returns them), by name.

    Spells without a group (no district) are the last, named None.
    """
    code, names = pd.factorize(spells[by], sort=True)
    labels = [*names.tolist(), *([None] if (code < 0).any() else [])]
    code = np.where(code < 0, len(names), code)
    days, ended = spells["days"].to_numpy(dtype=np.float64), spells["ended"].to_numpy(dtype=bool)
    return tuple(
        estimate_survival(days[code == number], ended[code == number], confidence=confidence, name=label)
        for number, label in enumerate(labels)
    )


def log_rank(days: ArrayLike, ended: ArrayLike, group: ArrayLike, *, entered_days: ArrayLike | None = None) -> LogRank:
    """Return the log-rank test of equal survival in two groups or more, ties by the hypergeometric variance."""
    exit_, end, enter = _checked(days, ended, entered_days)
    code, names = pd.factorize(np.asarray(group), sort=True)
    if len(names) < 2 or (code < 0).any():
        raise InvalidInput("A log-rank test compares two groups or more, and every row is in one.")
    at = np.unique(exit_[end])
    risk = np.stack([count_at_risk(at, exit_[code == k], entered_days=enter[code == k]) for k in range(len(names))])
    deaths = np.stack([_count_each(at, exit_[end & (code == k)]) for k in range(len(names))])
    everyone, dead = risk.sum(axis=0), deaths.sum(axis=0)
    share = risk / everyone
    expected = (dead * share).sum(axis=1)
    spread = np.divide(dead * (everyone - dead), everyone - 1, out=np.zeros(len(at)), where=everyone > 1)
    variance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    # One group follows from the others; one that was never at risk says nothing, so an inverse may not exist.
    off = (deaths.sum(axis=1) - expected)[:-1]
    statistic = float(off @ np.linalg.pinv(variance[:-1, :-1]) @ off)
    degrees = len(names) - 1
    groups = pd.DataFrame(
        {
            "name": names,
            "subjects": np.bincount(code, minlength=len(names)),
            "ended": deaths.sum(axis=1),
            "expected": expected,
        }
    )
    return LogRank(groups, statistic, degrees, float(chdtrc(degrees, statistic)))


def _product_limit(risk: Ints, deaths: Ints, confidence: float) -> tuple[Floats, ...]:
    """Return survival, its variance and its interval after each time; the last three NaN once nobody is left."""
    survival = np.cumprod(1 - deaths / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(deaths / (risk * (risk - deaths)))
        theta = ndtri((1 + confidence) / 2) * np.sqrt(greenwood) / np.log(survival)
        spread = (survival**2 * greenwood, survival ** np.exp(-theta), survival ** np.exp(theta))
    return survival, *(np.where(survival == 0, np.nan, values) for values in spread)


def _checked(days: ArrayLike, ended: ArrayLike, entered_days: ArrayLike | None) -> tuple[Floats, Flags, Floats]:
    """Return durations, flags and entries as arrays; refuse what is no duration."""
    exit_, end = np.asarray(days, dtype=np.float64), np.asarray(ended, dtype=bool)
    # Who is there from the start is at risk even of an end on the first day.
    enter = np.full(len(exit_), -1.0) if entered_days is None else np.asarray(entered_days, dtype=np.float64)
    if len(end) != len(exit_) or len(enter) != len(exit_):
        raise InvalidInput("Durations, ends and entries of stewardships differ in number.")
    if not (np.isfinite(exit_) & (exit_ >= 0) & (enter < exit_)).all():
        raise InvalidInput("A stewardship lasts less than 0 days, or was entered after it ended. Correct the dates.")
    return exit_, end, enter


def _count_each(at: Floats, values: Floats) -> Ints:
    """Return how often each time occurs among values that all are such times."""
    return np.bincount(np.searchsorted(at, values), minlength=len(at)).astype(np.intp)


def count_at_risk(at: ArrayLike, days: ArrayLike, *, entered_days: ArrayLike | None = None) -> Ints:
    """Return how many were under way just before each time: the row of numbers under a plot of survival."""
    exit_ = np.sort(np.asarray(days, dtype=np.float64))
    enter = np.full(len(exit_), -1.0) if entered_days is None else np.sort(np.asarray(entered_days, dtype=np.float64))
    return np.asarray(np.searchsorted(enter, at, "left") - np.searchsorted(exit_, at, "left"), dtype=np.intp)


def _first_half(at: Floats, share: Floats) -> float | None:
    """Return the first time at which a share is one half or less, None if it never is."""
    below = np.flatnonzero(share <= HALF + EQUAL_WITHIN)
    return float(at[below[0]]) if len(below) else None
