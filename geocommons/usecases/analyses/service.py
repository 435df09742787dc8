"""What questions about service share: which sites serve, how far they reach, and where people and streets are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pydantic import field_validator, model_validator

from geocommons.analysis.service.coverage import minutes_to_metres
from geocommons.analysis.walk.network import WalkNetwork
from geocommons.crs import local_metric_crs, to_metric, total_bbox
from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.layer import get_layer
from geocommons.usecases.runs.inputs import Inputs, walk_network, with_district
from geocommons.usecases.runs.question import Question, parameter

MINUTES = 10.0
LONGEST_MINUTES, LONGEST_M = 600.0, 1_000_000.0
OUTSIDE = ""
"""The name under which people outside every district are counted; no district is called so."""


class ServiceQuestion(Question):
    """A question about whom the sites of some layers serve."""

    supply: tuple[str, ...] = parameter(
        (),
        Words(en="Sites that serve people", nl="Plekken voor mensen"),
        Words(en="Layers whose sites serve.", nl="Lagen waarvan de plekken meetellen."),
        of="layers",
    )
    minutes: float = parameter(
        MINUTES,
        Words(en="Minutes of walking", nl="Minuten lopen"),
        Words(en="Longest walk, at 4.8 km/h.", nl="Langste wandeling, met 4,8 km/u."),
        le=LONGEST_MINUTES,
    )
    metres: float | None = parameter(
        None,
        Words(en="Metres", nl="Meters"),
        Words(en="Longest way in metres, instead of minutes.", nl="Langste weg in meters, in plaats van minuten."),
        le=LONGEST_M,
    )
    straight: bool = parameter(
        False,
        Words(en="In a straight line", nl="Hemelsbreed"),
        Words(en="Measure in a straight line, not along streets.", nl="Meet hemelsbreed, niet langs straten."),
    )
    measured_from: Literal["gates", "boundary", "centroid"] = parameter(
        "gates",
        Words(en="Measured to", nl="Gemeten tot"),
        Words(en="Where a site is entered.", nl="Waar een plek begint."),
        choices={
            "gates": Words(en="its gate, where one is known", nl="de ingang, als die bekend is"),
            "boundary": Words(en="its edge", nl="de rand"),
            "centroid": Words(en="its middle", nl="het midden"),
        },
    )
    cared_for: bool = parameter(
        False,
        Words(en="Only sites that have a steward", nl="Alleen plekken met een beheerder"),
        Words(en="Only sites that have a steward serve.", nl="Alleen plekken met een beheerder tellen mee."),
    )
    min_area_m2: float | None = parameter(
        None,
        Words(en="Smallest site (m²)", nl="Kleinste plek (m²)"),
        Words(
            en="Only sites of so many square metres or more serve.",
            nl="Alleen plekken van ten minste zoveel vierkante meter tellen mee.",
        ),
        ge=0,
        le=1e12,
    )
    tenure: tuple[str, ...] = parameter(
        (),
        Words(en="Only sites held by", nl="Alleen plekken met"),
        Words(
            en="Only sites on which a tenure of one of these types is in force serve.",
            nl="Alleen plekken waarop een recht of plicht van een van deze soorten rust tellen mee.",
        ),
        of="tenures",
    )

    @field_validator("supply")
    @classmethod
    def _layers(cls, supply: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({get_layer(layer_id).id for layer_id in supply}))

    @model_validator(mode="after")
    def _answerable(self) -> "ServiceQuestion":
        if not self.supply:
            raise InvalidInput("Choose at least one layer of sites that serve people (--supply gardens).")
        if not self.reach_m > 0:
            raise InvalidInput("The reach must be more than 0 metres or minutes, not {reach}.", reach=self.reach_m)
        return self

    @property
    def reach_m(self) -> float:
        """How far a site serves; metres, if given, stand above minutes."""
        return minutes_to_metres(self.minutes) if self.metres is None else self.metres

    @property
    def params(self) -> dict[str, Any]:
        """The question as a run keeps it, with what follows from it."""
        return super().params | {
            "minutes": self.minutes if self.metres is None else None,
            "reach_m": self.reach_m,
            "method": "straight" if self.straight else "walk",
        }


@dataclass(frozen=True)
class Ground:
    """People, sites and streets in one metric CRS, people with their district; sites as they are stored too."""

    people: GeoDataFrame
    sites: GeoDataFrame
    network: WalkNetwork | None
    districts: GeoDataFrame | None
    population: GeoDataFrame
    stored_sites: GeoDataFrame

    def named(self, positions: Sequence[int] | np.ndarray[Any, Any], name: str) -> list[Any]:
        """Return a column of the sites at some positions, None at those below 0."""
        known = self.stored_sites[name].to_numpy(dtype=object)
        return [known[position] if position >= 0 else None for position in positions]


def serving_sites(question: ServiceQuestion, inputs: Inputs, *, also_small: bool = False) -> GeoDataFrame:
    """Return the sites that serve on the day of a question (EPSG:4326), with those that are too small if asked."""
    sites = inputs.sites(question.supply, question.at, cared_for=question.cared_for, tenure=question.tenure)
    return sites if also_small else large_enough(sites, question.min_area_m2)


def large_enough(sites: GeoDataFrame, min_area_m2: float | None) -> GeoDataFrame:
    """Return the sites of some size or more; what has no area is no site of that size."""
    if min_area_m2 is None:
        return sites
    kept: GeoDataFrame = sites[sites["area_m2"].fillna(0.0) >= min_area_m2].reset_index(drop=True)
    return kept


def stand_on(question: ServiceQuestion, inputs: Inputs, sites: GeoDataFrame) -> Ground:
    """Return people and streets of the register around some sites; what was prepared before is used again."""
    population = inputs.context("population")
    streets = None if question.straight else inputs.context("streets")
    districts = inputs.context_or_none("districts")
    marks = tuple(inputs.checksums.get(kind, "") for kind in ("population", "streets", "districts"))
    crs = local_metric_crs(total_bbox(population.geometry.to_numpy()))

    def areas() -> GeoDataFrame | None:
        return None if districts is None else to_metric(districts, crs)

    people = inputs.prepared.get(("people", *marks), lambda: with_district(to_metric(population, crs), areas()))
    network = None
    if streets is not None:
        network = inputs.prepared.get(("network", *marks[:2]), lambda: walk_network(to_metric(streets, crs)))
    placed = to_metric(sites, crs)
    placed["gate"] = _metric_gates(sites, crs)
    return Ground(people, placed, network, areas(), population, sites)


def _metric_gates(sites: GeoDataFrame, crs: Any) -> pd.Series:
    gates = GeoDataFrame(geometry=sites["gate"].to_numpy(dtype=object), crs=sites.crs)
    return pd.Series(to_metric(gates, crs).geometry.to_numpy(), index=sites.index, dtype=object)


def entered_at_gates(ground: Ground, measured_from: str) -> GeoDataFrame:
    """Return the sites as shapes that people walk to."""
    sites = ground.sites
    if measured_from == "boundary":
        return sites
    if measured_from == "centroid":
        return sites.set_geometry(sites.geometry.representative_point())
    return sites.set_geometry(sites["gate"].where(sites["gate"].notna(), sites.geometry).to_numpy(), crs=sites.crs)
