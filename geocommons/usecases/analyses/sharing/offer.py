"""What a site has to offer: plots, square metres, hours of care, or just itself; and who waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.analysis.stewardship.care import care_of_year, few_gave_all, untold
from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import parameter

Measure = Literal["plots", "area", "hours", "sites"]
PLOTS, WAITING = "plots_total", "waiting_list"
PEOPLE_FOR: Mapping[str, int] = MappingProxyType({"plots": 1_000, "area": 1, "hours": 1_000, "sites": 10_000})
"""For how many people an amount is said, so that it is a figure to read: plots for 1,000 people, m² for each."""
UNITS_FOR: Mapping[str, int] = MappingProxyType({"plots": 1, "area": 100, "hours": 1, "sites": 1})
"""For how much supply people are counted: people for each plot, for 100 m², for each hour of a year."""


def measure_field() -> Any:
    """Return the field of a question that says what of a site is shared."""
    return parameter(
        "area",
        Words(en="What is shared", nl="Wat wordt gedeeld"),
        Words(en="What a site has to offer to the people near it.", nl="Wat een plek te bieden heeft."),
        choices={
            "plots": Words(en="plots", nl="tuintjes"),
            "area": Words(en="square metres", nl="vierkante meters"),
            "hours": Words(en="hours of care", nl="uren zorg"),
            "sites": Words(en="the site itself, one each", nl="de plek zelf, elk één"),
        },
    )


@dataclass(frozen=True, eq=False)
class Offer:
    """What each site offers (0 where nobody recorded it: `unknown` positions), and who waits (NaN: not recorded).

    `untold` are positions of sites whose hours would tell what a single home did: they stand at the mean of all such,
    which keeps the sum and hides each (microaggregation: Hundepool and others, Statistical Disclosure Control, 2012).
    """

    amount: NDArray[np.float64]
    waiting: NDArray[np.float64]
    unknown: list[int]
    untold: list[int]

    @property
    def told(self) -> NDArray[np.float64]:
        """What each site offers, NaN where nobody recorded it or it may not be told."""
        amount = self.amount.copy()
        amount[self.unknown + self.untold] = np.nan
        return amount


def offered(measure: Measure, inputs: Inputs, sites: GeoDataFrame, day: date) -> Offer:
    """Return what sites offer on a day, or refuse a measure that none of them has.

    Sites of a scenario have no facts yet: they offer their area, or themselves. Hours are those of care in the 365 days
    up to and with the day, 0 where none was noted.
    """
    hidden: list[int] = []
    if measure == "hours":
        amount, hidden = _hours(inputs, sites, day)
    elif measure == "plots":
        amount = _fact(inputs, sites, PLOTS, day)
    else:
        amount = sites["area_m2"].to_numpy(dtype=np.float64) if measure == "area" else np.ones(len(sites))
    unknown = np.flatnonzero(np.isnan(amount)).tolist()
    if len(sites) and len(unknown) == len(sites):
        raise InvalidInput(
            "None of the {count} sites has that measure recorded ({measure}). Count something else.",
            count=len(sites), measure=MEASURE_WORDS[measure],
        )  # fmt: skip
    return Offer(np.nan_to_num(amount), _fact(inputs, sites, WAITING, day), unknown, hidden)


MEASURE_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "plots": Words(en="number of plots", nl="aantal tuintjes"),
        "area": Words(en="area", nl="oppervlakte"),
        "hours": Words(en="hours of care", nl="uren zorg"),
        "sites": Words(en="sites", nl="plekken"),
    }
)


def _hours(inputs: Inputs, sites: GeoDataFrame, day: date) -> tuple[NDArray[np.float64], list[int]]:
    """Return the hours of care that each site had in a year, and the positions of those that may not be told."""
    layers = sorted(sites["layer"].unique())
    care = inputs.care(layers, day) if layers else None
    if layers and care is None:
        raise InvalidInput("No care is noted for these places yet. Count plots, square metres or sites instead.")
    if care is None:
        return np.zeros(0), []
    year = care_of_year(care[care["site"].isin(sites["id"])], day)
    if few_gave_all(year):
        raise InvalidInput(
            "Fewer than five gave care to these places in a year, so hours would tell what one of them did. Count "
            "plots, square metres or sites instead."
        )
    hours = sites["id"].map(year.groupby("site")["hours"].sum()).fillna(0.0)
    amount = hours.to_numpy(dtype=np.float64, copy=True)
    hidden = np.flatnonzero(sites["id"].isin(untold(year, "site")))
    if len(hidden):
        amount[hidden] = amount[hidden].mean()
    return amount, hidden.tolist()


def _fact(inputs: Inputs, sites: GeoDataFrame, name: str, day: date) -> NDArray[np.float64]:
    """Return a number that was recorded of each site, NaN where nobody recorded it."""
    return pd.to_numeric(inputs.fact(sites, name, day), errors="coerce").to_numpy(dtype=np.float64)
