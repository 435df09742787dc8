"""What questions about service share: which sites serve, how far they reach, and where people and streets are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pydantic import field_validator, model_validator
from sqlalchemy.orm import Session

from geocommons.analysis.service.coverage import demand_points, minutes_to_metres
from geocommons.analysis.service.opening import open_at, read_moment
from geocommons.analysis.service.standards import Standard, Test
from geocommons.analysis.walk.entrances import Snapped, snap
from geocommons.analysis.walk.network import WalkNetwork
from geocommons.crs import STORAGE_CRS, local_metric_crs, to_metric, total_bbox
from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.layer import get_layer
from geocommons.usecases.analyses.service.reaches import adopted_parts
from geocommons.usecases.questions.inputs import Inputs, walk_network, with_district
from geocommons.usecases.questions.question import Question, parameter
from geocommons.usecases.standards import find_standard

MINUTES = 10.0
LONGEST_MINUTES, LONGEST_M = 600.0, 1_000_000.0
NOBODY: Mapping[str, Any] = MappingProxyType({"people": 0, "unserved": 0, "more": 0})
"""The figures of a district where nobody lives: counts are none, and there is no rate."""
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
    standard: str = parameter(
        "",
        Words(en="Standard", nl="Norm"),
        Words(
            en="A published standard, or one of the city's own; it says what within reach means.",
            nl="Een gepubliceerde norm, of een van de stad zelf; die zegt wat binnen bereik is.",
        ),
        of="standards",
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

    with_room: bool = parameter(
        False,
        Words(en="Only sites with room", nl="Alleen plekken met ruimte"),
        Words(en="Sites with a waiting list do not serve.", nl="Plekken met een wachtlijst tellen niet mee."),
    )
    open_on: str = parameter(
        "",
        Words(en="Open on", nl="Open op"),
        Words(
            en="Only sites that are open at this weekday and time serve, as Sa 14:00.",
            nl="Alleen plekken die op deze dag en tijd open zijn tellen mee, zoals Sa 14:00 (Engelse afkorting).",
        ),
    )

    @field_validator("supply")
    @classmethod
    def _layers(cls, supply: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({get_layer(layer_id).id for layer_id in supply}))

    @model_validator(mode="after")
    def _answerable(self) -> "ServiceQuestion":
        if not self.supply:
            raise InvalidInput("Choose at least one layer of sites that serve people (--supply gardens).")
        if self.open_on:
            read_moment(self.open_on, self.at)
        if not self.reach_m > 0:
            raise InvalidInput("The reach must be more than 0 metres or minutes, not {reach}.", reach=self.reach_m)
        return self

    def refuse_missing(self, session: Session) -> None:
        """Refuse a scenario or a standard that is not there."""
        super().refuse_missing(session)
        if self.standard:
            find_standard(session, self.standard)

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
    """People, sites and streets in one metric CRS, people with their district; sites as they are stored too.

    `tests` are what the question asks of service, `snap` finds where people step onto the network, and `scheduler` is
    the address of many machines that walk for this one (empty: none).
    """

    people: GeoDataFrame
    sites: GeoDataFrame
    network: WalkNetwork | None
    snap: Callable[[], Snapped] | None
    districts: GeoDataFrame | None
    population: GeoDataFrame
    stored_sites: GeoDataFrame
    tests: tuple[Test, ...]
    standard: Standard | None
    unknown_hours: int = 0
    scheduler: str = ""

    @property
    def snapped(self) -> Snapped | None:
        """Where people step onto the network; found when it is first needed, and kept."""
        return None if self.snap is None else self.snap()

    @property
    def reaching(self) -> tuple[Test, ...]:
        """The tests that have a reach; a standard without any says of nobody whether a site is near enough."""
        found = tuple(test for test in self.tests if test.reach_m is not None)
        if not found and self.standard is not None:
            raise InvalidInput(
                "Standard {standard} has no test with a distance, so it says of nobody who is within reach. Choose "
                "another.",
                standard=self.standard.id,
            )
        return found

    def named(self, positions: Sequence[int] | np.ndarray[Any, Any], name: str) -> list[Any]:
        """Return a column of the sites at some positions, None at those below 0."""
        known = self.stored_sites[name].to_numpy(dtype=object)
        return [known[position] if position >= 0 else None for position in positions]

    def by_district(self, rows: Mapping[str, Mapping[str, Any]], *names: str) -> dict[str, GeoDataFrame]:
        """Return the output that draws people and other figures of each district (EPSG:4326), if any is known."""
        if self.districts is None:
            return {}
        known = self.districts["name"].astype("str")
        figures = {name: [rows.get(one, NOBODY).get(name) for one in known] for name in ("people", *names)}
        drawn = GeoDataFrame({"district": known}, geometry=self.districts.geometry, crs=self.districts.crs)
        return {"districts": drawn.assign(**{name: np.asarray(row, dtype=np.float64) for name, row in figures.items()})
                .to_crs(STORAGE_CRS)}  # fmt: skip


def stand_on(question: ServiceQuestion, inputs: Inputs) -> Ground:
    """Return people, streets and the sites that serve on the day of a question; what was prepared is used again."""
    standard = inputs.standard(question.standard) if question.standard else None
    tests = standard.tests if standard else (_own_test(question),)
    sites, unknown_hours = serving_sites(question, inputs)
    population = inputs.context("population")
    walks = any(test.method == "walk" for test in tests if test.reach_m is not None)
    streets = inputs.context("streets") if walks else None
    districts = inputs.context_or_none("districts")
    marks = tuple(inputs.checksums.get(kind, "") for kind in ("population", "streets", "districts"))
    crs = local_metric_crs(total_bbox(population.geometry.to_numpy()))
    areas = None if districts is None else to_metric(districts, crs)
    kept = inputs.prepared.get
    people = kept(("people", marks[0], marks[2]), lambda: with_district(to_metric(population, crs), areas))
    network, step_on = None, None
    if streets is not None:
        walked = network = kept(("network", *marks[:2]), lambda: walk_network(to_metric(streets, crs)))
        step_on = partial(kept, ("snapped", *marks[:2]), lambda: snap(walked, demand_points(people)))
    placed = to_metric(sites, crs)
    placed["gate"] = _metric_gates(sites, crs)
    return Ground(
        people, placed, network, step_on, areas, population, sites, tests, standard, unknown_hours, inputs.scheduler
    )


def _own_test(question: ServiceQuestion) -> Test:
    """Return what a question without a standard asks, as a test."""
    return Test(
        id="reach", words=Words(en="Within reach", nl="Binnen bereik"),
        method="straight" if question.straight else "walk", reach_m=question.reach_m,
        minutes=question.minutes if question.metres is None else None, min_area_m2=question.min_area_m2,
        measured_from=question.measured_from,
    )  # fmt: skip


def serving_sites(question: ServiceQuestion, inputs: Inputs) -> tuple[GeoDataFrame, int]:
    """Return the sites that serve on the day of a question (EPSG:4326), and how many have hours that say nothing."""
    sites = inputs.sites(question.supply, question.at, cared_for=question.cared_for, tenure=question.tenure)
    if question.cared_for:
        sites = adopted_parts(inputs, sites, question.at)
    unknown = 0
    if question.with_room:
        sites = sites[~is_full(inputs, sites, question.at)]
    if question.open_on:
        hours = inputs.fact(sites, "opening_hours", question.at)
        is_open, known = open_at(hours, read_moment(question.open_on, question.at))
        unknown = int((~known).sum())
        sites = sites[is_open]
    kept: GeoDataFrame = sites.reset_index(drop=True)
    return kept, unknown


def is_full(inputs: Inputs, sites: GeoDataFrame, day: date) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which sites have people who wait for a place."""
    waiting = pd.to_numeric(inputs.fact(sites, "waiting_list", day), errors="coerce").fillna(0)
    return np.asarray(waiting.to_numpy(dtype=np.float64) > 0, dtype=np.bool_)


def large_enough(sites: GeoDataFrame, min_area_m2: float | None) -> np.ndarray[Any, Any]:
    """Return the positions of sites of some size or more; what has no area is no site of a size."""
    if min_area_m2 is None:
        return np.arange(len(sites))
    return np.flatnonzero(sites["area_m2"].fillna(0.0).to_numpy() >= min_area_m2)


def _metric_gates(sites: GeoDataFrame, crs: Any) -> pd.Series:
    gates = GeoDataFrame(geometry=sites["gate"].to_numpy(dtype=object), crs=sites.crs)
    return pd.Series(to_metric(gates, crs).geometry.to_numpy(), index=sites.index, dtype=object)
