"""Care that was given: the hours of a year, and which hours would tell what one home did."""

from datetime import date
from typing import Any

import pandas as pd

from geocommons.analysis.stewardship.spells import FOREVER, day_number, day_numbers

CARE_DAYS = 365
"""Care of so many days, up to and with the day asked for, is the care of a year."""
FEWEST = 5
"""Hours that fewer parties gave could be told apart by each of them."""
ALONE_KINDS = ("person", "household")
"""Kinds of party that are one home: gone when it moves, and whose hours are its own affair."""


def care_of_year(care: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the rows of `care` (`day, minutes`) of the year up to and with a day, with `hours`."""
    on, today = day_numbers(care["day"], missing=FOREVER), day_number(day)
    within = care[(on > today - CARE_DAYS) & (on <= today)]
    return within.assign(hours=within["minutes"] / 60)


def few_gave(care: pd.DataFrame, by: str) -> "pd.Series[bool]":
    """Return for each value of a column whether its hours would tell what a person or a household gave.

    They would where one of them gave some and fewer than five parties did. `care` has `claimant, kind, minutes`.
    """
    gave = care[care["minutes"] > 0].drop_duplicates([by, "claimant"])
    alone = gave["kind"].isin(ALONE_KINDS).groupby(gave[by]).any()
    return alone & (gave.groupby(by).size() < FEWEST)


def few_gave_all(care: pd.DataFrame) -> bool:
    """Return whether the sum of all hours would tell what a person or a household gave, as `few_gave` says."""
    return bool(few_gave(care.assign(whole=0), "whole").any())


def untold(care: pd.DataFrame, by: str) -> set[Any]:
    """Return the values of a column whose hours may not be told where the sum of all is.

    Those that would tell what a home gave, and as many more, of the fewest givers first, as it takes until the sum less
    what is told does not tell it either (complementary suppression: Hundepool and others, Statistical Disclosure
    Control, 2012, 4.3). `care` is as for `few_gave`.
    """
    few = few_gave(care, by)
    hidden = set(few.index[few])
    gave = care[care["minutes"] > 0]
    givers = gave.groupby(by)["claimant"].nunique()
    for more in givers.sort_values(kind="stable").index.drop(list(hidden)):
        apart = gave[gave[by].isin(hidden)]
        if not few_gave_all(apart):
            break
        hidden.add(more)
    return hidden
