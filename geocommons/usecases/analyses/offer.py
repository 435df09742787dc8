"""What a site has to offer: plots, square metres, or just itself; and who waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.usecases.runs.inputs import Inputs
from geocommons.usecases.runs.question import parameter

Measure = Literal["plots", "area", "hours", "sites"]
PLOTS, WAITING = "plots_total", "waiting_list"
PEOPLE_FOR: Mapping[str, int] = MappingProxyType({"plots": 1_000, "area": 1, "sites": 10_000})
"""For how many people an amount is said, so that it is a figure to read: plots for 1,000 people, m² for each."""
UNITS_FOR: Mapping[str, int] = MappingProxyType({"plots": 1, "area": 100, "sites": 1})
"""For how much supply people are counted: people for each plot, for 100 m²."""


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
    """What each site offers (0 where nobody recorded it: `unknown` positions), and who waits (NaN: not recorded)."""

    amount: NDArray[np.float64]
    waiting: NDArray[np.float64]
    unknown: list[int]

    @property
    def recorded(self) -> NDArray[np.float64]:
        """What each site offers, NaN where nobody recorded it."""
        amount = self.amount.copy()
        amount[self.unknown] = np.nan
        return amount


def offered(measure: Measure, inputs: Inputs, sites: GeoDataFrame, day: date) -> Offer:
    """Return what sites offer on a day, or refuse a measure that none of them has.

    Sites of a scenario have no facts yet: they offer their area, or themselves.
    """
    if measure == "hours":
        raise InvalidInput("Hours of care are not recorded for sites yet. Count plots, square metres or sites instead.")
    if measure == "plots":
        amount = _fact(inputs, sites, PLOTS, day)
    else:
        amount = sites["area_m2"].to_numpy(dtype=np.float64) if measure == "area" else np.ones(len(sites))
    unknown = np.flatnonzero(np.isnan(amount)).tolist()
    if len(sites) and len(unknown) == len(sites):
        raise InvalidInput(
            "None of the {count} sites has that measure recorded ({measure}). Count something else.",
            count=len(sites), measure=MEASURE_WORDS[measure],
        )  # fmt: skip
    return Offer(np.nan_to_num(amount), _fact(inputs, sites, WAITING, day), unknown)


MEASURE_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "plots": Words(en="number of plots", nl="aantal tuintjes"),
        "area": Words(en="area", nl="oppervlakte"),
        "sites": Words(en="sites", nl="plekken"),
    }
)


def _fact(inputs: Inputs, sites: GeoDataFrame, name: str, day: date) -> NDArray[np.float64]:
    """Return a number that was recorded of each site, NaN where nobody recorded it."""
    return pd.to_numeric(inputs.fact(sites, name, day), errors="coerce").to_numpy(dtype=np.float64)
