"""Spells: how long one party looked after one place without a break, as survival and health count it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geocommons.errors import InvalidInput

Days = NDArray[np.int64]
"""Whole days since 1970-01-01."""
IN_FORCE = ("current", "ended")
"""Statuses that held between their dates, as in the register."""
RENEWED_WITHIN_DAYS = 30
FOREVER = np.iinfo(np.int64).max // 4
KEY = ["site", "claimant", "from_m", "to_m"]
NEEDED = ["site", "layer", "district", "claimant", "kind", "status", "valid_from", "valid_to", "from_m", "to_m"]


def day_number(day: date) -> int:
    """Return a day as the number of days since 1970-01-01."""
    return int(np.datetime64(day, "D").astype(np.int64))


def day_numbers(days: Iterable[Any], *, missing: int) -> Days:
    """Return days (dates or timestamps) as numbers of days since 1970-01-01, and `missing` where there is none."""
    stamps = pd.to_datetime(pd.Series(days)).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(stamps), missing, stamps.astype(np.int64))


def find_spells(tenures: pd.DataFrame, day: date, *, renewed_within_days: int = RENEWED_WITHIN_DAYS) -> pd.DataFrame:
    """Return every spell that had begun on a day: the tenures of one party on one place, renewals joined.

    `tenures` has a row for each claim: `site, layer, district, claimant` (a numeric code), `kind` (of party: person,
    household, group, organisation, municipality), `status`, `valid_from`, `valid_to` (the first day no longer in force;
    none: open), `from_m, to_m` (none: the whole site). Those requested or refused never held. The next tenure of the
    same party on the same stretch renews the spell if it begins at most so many days after. Columns: those that say
    where and who, `from_day, to_day` (days since 1970-01-01, up to and not including; the day after the day asked for
    where still open), `days` (up to the day) and `ended` (whether it was over on the day). Ordered by site, first day,
    claimant.
    """
    lacking = [column for column in NEEDED if column not in tenures]
    if lacking:
        raise InvalidInput("The tenures have no column {columns}.", columns=", ".join(lacking))
    today = day_number(day)
    start = day_numbers(tenures["valid_from"], missing=FOREVER)
    held = tenures["status"].isin(IN_FORCE).to_numpy() & (start <= today)
    rows, start = tenures[held].reset_index(drop=True).astype({"from_m": np.float64, "to_m": np.float64}), start[held]
    end = np.minimum(day_numbers(rows["valid_to"], missing=FOREVER), today + 1)
    place = rows.groupby(KEY, dropna=False, sort=False).ngroup().to_numpy()
    order = np.lexsort((start, place))
    rows, place, start, end = rows.iloc[order], place[order], start[order], end[order]
    # Places lie one after the other on one axis, too far apart for a renewal: one running maximum serves them all.
    apart = (np.ptp(np.append(start, today + 1)) + renewed_within_days + 2) * place
    furthest = np.maximum.accumulate(end + apart)
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (start + apart)[1:] > furthest[:-1] + renewed_within_days
    last = np.roll(fresh, -1)
    spells = rows.loc[fresh, ["site", "layer", "district", "claimant", "kind", "from_m", "to_m"]].reset_index(drop=True)
    spells["from_day"], spells["to_day"] = start[fresh], (furthest - apart)[last]
    spells["days"] = np.minimum(spells["to_day"], today) - spells["from_day"]
    spells["ended"] = spells["to_day"] <= today
    return spells.sort_values(["site", "from_day", "claimant"], kind="stable", ignore_index=True)
