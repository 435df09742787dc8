"""Health of stewardship on a day: what lapses, what hangs on one person, who waits, who carries how much."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from geocommons.analysis.stewardship.care import ALONE_KINDS
from geocommons.analysis.stewardship.spells import FOREVER, IN_FORCE, Days, day_number, day_numbers, find_spells
from geocommons.analysis.walk.network import Floats

YEAR_DAYS = 365.25
SUCCESSOR_DAYS = 90
QUANTILES = (10, 25, 50, 75, 90)
Gini = Callable[[Floats], float | None]


@dataclass(frozen=True)
class Durations:
    """How many there were, and the days within which so many per cent of them were over (none where there was none)."""

    count: int
    quantiles_days: dict[int, float]

    @property
    def median_days(self) -> float | None:
        """The days within which half of them were over."""
        return self.quantiles_days.get(50)


@dataclass(frozen=True)
class LapseRate:
    """Stewardships that ended without a successor, by the years that all of them were watched.

    `per_year` is None where no time was watched; `low` and `high` bound it with 95 % confidence (Garwood 1936: exact
    for counts that are Poisson). `undecided` ended too recently to say whether a successor comes, and are not counted.
    """

    lapses: int
    years: float
    per_year: float | None
    low: float | None
    high: float | None
    undecided: int


@dataclass(frozen=True)
class HoursSpread:
    """Hours of care by steward, those who gave none included; `givers` are those who gave any.

    `top_tenth` is the part of all hours that the tenth of the stewards with most hours gave (rounded up to whole
    stewards); None where nobody gave any. `gini` is None where none was asked for.
    """

    stewards: int
    givers: int
    hours: float
    mean_hours: float | None
    median_hours: float | None
    top_tenth: float | None
    gini: float | None


@dataclass(frozen=True)
class Overdue:
    """Obligations not met by their day: how many, at how many sites, and the days that the oldest waits."""

    obligations: int
    sites: int
    oldest_days: int


@dataclass(frozen=True)
class Health:
    """The figures of a day. What the register does not record is None, never 0: `wait`, `hours`, `overdue`.

    `on_one_person` lists the sites with a single party in force, a person or a household. `lapsed` lists those that
    once had a steward and have none. `waiting` counts sites that someone asked for and nobody has, `requests` all that
    were asked and not answered. `wait` tells the days from request to start, `handover` those from the end of a
    steward to the start of another where nobody was in force between.
    """

    cared_for: int
    stewards: int
    waiting: int
    requests: int
    on_one_person: tuple[object, ...]
    lapsed: tuple[object, ...]
    lapse_rate: LapseRate
    handover: Durations
    wait: Durations | None
    hours: HoursSpread | None
    overdue: Overdue | None


def find_health(
    tenures: pd.DataFrame,
    day: date,
    *,
    since: date | None = None,
    successor_days: int = SUCCESSOR_DAYS,
    activities: pd.DataFrame | None = None,
    obligations: pd.DataFrame | None = None,
    gini: Gini | None = None,
) -> Health:
    """Return the health of the stewardships in `tenures` (columns as in `find_spells`) on a day.

    Rates and hours are counted from `since` (the first tenure, if not given). `requested_on` in `tenures` (optional) is
    the day it was asked for. `activities` (`claimant, day, minutes`) and `obligations` (`site, due_on, done_on`) are
    optional: without them their figures are None, not recorded.
    """
    spells = find_spells(tenures, day)
    today = day_number(day)
    first = day_number(since) if since else int(spells["from_day"].min()) if len(spells) else today
    now = spells[~spells["ended"]]
    asked = _requested(tenures, today)
    gap, passed_on = find_successors(spells)
    kinds = now.drop_duplicates(["site", "claimant"]).groupby("site")["kind"].agg(["size", "first"])
    alone = kinds.index[(kinds["size"] == 1) & kinds["first"].isin(ALONE_KINDS)]
    return Health(
        cared_for=now["site"].nunique(),
        stewards=now["claimant"].nunique(),
        waiting=int((~pd.Series(asked["site"].unique()).isin(now["site"])).sum()),
        requests=len(asked),
        on_one_person=tuple(alone.tolist()),
        lapsed=tuple(np.setdiff1d(spells["site"].to_numpy(), now["site"].to_numpy()).tolist()),
        lapse_rate=_lapse_rate(spells, gap, first, today - successor_days, successor_days),
        handover=spread_days(gap[passed_on & (spells["to_day"].to_numpy() + gap >= first)]),
        wait=_wait(tenures, first, today),
        hours=None if activities is None else _hours(activities, spells, first, today, gini),
        overdue=None if obligations is None else _overdue(obligations, day),
    )


def health_by(
    tenures: pd.DataFrame,
    day: date,
    by: str,
    *,
    since: date | None = None,
    successor_days: int = SUCCESSOR_DAYS,
    obligations: pd.DataFrame | None = None,
) -> dict[object, Health]:
    """Return the health of each group of tenures (`layer`, `district`), by name, last those without one (None).

    `obligations` say of themselves (column `by`) in which group they are: what is due where nobody ever was counts too.
    Hours are told for the whole only: a steward may give them in several groups.
    """
    found: dict[object, Health] = {}
    due = pd.DataFrame({by: []}, dtype=object) if obligations is None else obligations
    code, names = pd.factorize(pd.concat([tenures[by], due[by]], ignore_index=True), sort=True)
    held, owed = np.split(code, [len(tenures)])
    for number in [*range(len(names)), -1]:
        if (code == number).any():
            late = None if obligations is None else obligations[owed == number]
            label = names[number] if number >= 0 else None
            part = tenures[held == number]
            found[label] = find_health(part, day, since=since, successor_days=successor_days, obligations=late)
    return found


def is_overdue(obligations: pd.DataFrame, day: date) -> NDArray[np.bool_]:
    """Return of each obligation (`due_on, done_on`) whether it was due before a day and not done by then."""
    today = day_number(day)
    due, done = (day_numbers(obligations[name], missing=FOREVER) for name in ("due_on", "done_on"))
    return np.asarray((due < today) & (done > today))


def find_successors(spells: pd.DataFrame) -> tuple[Floats, NDArray[np.bool_]]:
    """Return for each spell the days until its place was cared for again, and whether another party took it over.

    0 where another spell on the same metres went on or began that day; inf where none came; NaN for one not ended.
    Taken over is a place that nobody else held at the end of the spell, and then another party.
    """
    ended = spells.index[spells["ended"]]
    left = spells.loc[ended, ["site", "claimant", "from_m", "to_m", "to_day"]].assign(row=ended)
    pairs = left.merge(spells.assign(other=spells.index), on="site", suffixes=("", "_next"))
    low = np.maximum(pairs["from_m"].fillna(-np.inf), pairs["from_m_next"].fillna(-np.inf))
    high = np.minimum(pairs["to_m"].fillna(np.inf), pairs["to_m_next"].fillna(np.inf))
    after = (pairs["row"] != pairs["other"]) & (low < high) & (pairs["to_day_next"] > pairs["to_day"])
    pairs = pairs[after]
    wait = pairs["from_day"] - pairs["to_day"]
    pairs = pairs.assign(gap=np.maximum(wait, 0), begun=wait >= 0, same=pairs["claimant"] == pairs["claimant_next"])
    best = pairs.sort_values(["row", "gap", "begun", "same"], kind="stable").drop_duplicates("row")
    gap = np.where(spells["ended"].to_numpy(), np.inf, np.nan)
    passed_on = np.zeros(len(spells), dtype=bool)
    row = best["row"].to_numpy(dtype=np.intp)
    gap[row], passed_on[row] = best["gap"], best["begun"] & ~best["same"]
    return gap, passed_on


def spread_days(days: ArrayLike) -> Durations:
    """Return how many durations there are, and their 10, 25, 50, 75 and 90 % quantiles (between two, the mean)."""
    values = np.asarray(days, dtype=np.float64)
    if len(values) == 0:
        return Durations(0, {})
    found = np.percentile(values, QUANTILES, method="averaged_inverted_cdf")
    return Durations(len(values), dict(zip(QUANTILES, found.tolist(), strict=True)))


def _lapse_rate(spells: pd.DataFrame, gap: Floats, first: int, until: int, successor_days: int) -> LapseRate:
    """Return the lapses after `first` and up to `until`, by the years watched between them."""
    start, end = spells["from_day"].to_numpy(dtype=np.int64), spells["to_day"].to_numpy(dtype=np.int64)
    years = float(np.maximum(np.minimum(end, until) - np.maximum(start, first), 0).sum()) / YEAR_DAYS
    alone = spells["ended"].to_numpy() & (gap > successor_days)
    lapses = int((alone & (end > first) & (end <= until)).sum())
    undecided = int((alone & (end > max(first, until))).sum())
    if years == 0:
        return LapseRate(lapses, 0.0, None, None, None, undecided)
    low = float(gammaincinv(lapses, 0.025)) / years if lapses else 0.0
    return LapseRate(lapses, years, lapses / years, low, float(gammaincinv(lapses + 1, 0.975)) / years, undecided)


def _requested(tenures: pd.DataFrame, today: int) -> pd.DataFrame:
    """Return the requests that stood on the day."""
    since = day_numbers(tenures["valid_from"], missing=FOREVER)
    if "requested_on" in tenures:
        asked = day_numbers(tenures["requested_on"], missing=FOREVER)
        since = np.where(asked < FOREVER, asked, since)
    until = day_numbers(tenures["valid_to"], missing=FOREVER)
    return tenures[(tenures["status"] == "requested").to_numpy() & (since <= today) & (until > today)]


def _wait(tenures: pd.DataFrame, first: int, today: int) -> Durations | None:
    """Return the days from request to start of what started in the window; one that began before it was asked: 0."""
    if "requested_on" not in tenures:
        return None
    asked: Days = day_numbers(tenures["requested_on"], missing=FOREVER)
    start = day_numbers(tenures["valid_from"], missing=FOREVER)
    held = tenures["status"].isin(IN_FORCE).to_numpy() & (asked < FOREVER) & (start >= first) & (start <= today)
    return spread_days(np.maximum(start - asked, 0)[held])


def _hours(activities: pd.DataFrame, spells: pd.DataFrame, first: int, today: int, gini: Gini | None) -> HoursSpread:
    """Return how hours are spread over those who were in force in the window or logged care in it."""
    on = day_numbers(activities["day"], missing=FOREVER)
    within = activities[(on >= first) & (on <= today)]
    given = within.groupby("claimant")["minutes"].sum() / 60
    stewards = pd.Index(spells.loc[spells["to_day"] > first, "claimant"].unique()).union(given.index)
    hours = np.sort(given.reindex(stewards, fill_value=0.0).to_numpy(dtype=np.float64))
    total, some = float(hours.sum()), len(hours) > 0
    return HoursSpread(
        stewards=len(hours),
        givers=int((hours > 0).sum()),
        hours=total,
        mean_hours=total / len(hours) if some else None,
        median_hours=float(np.median(hours)) if some else None,
        top_tenth=float(hours[len(hours) - -(-len(hours) // 10) :].sum()) / total if total else None,
        gini=gini(hours) if gini and total else None,
    )


def _overdue(obligations: pd.DataFrame, day: date) -> Overdue:
    """Return what was due before the day and not done by then."""
    late = obligations[is_overdue(obligations, day)]
    oldest = int(day_number(day) - day_numbers(late["due_on"], missing=FOREVER).min()) if len(late) else 0
    return Overdue(len(late), int(late["site"].nunique()), oldest)
