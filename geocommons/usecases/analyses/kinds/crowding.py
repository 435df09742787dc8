"""How much there is for each, once everybody within reach of a site shares it: the question, and its figures."""

import math
from typing import Any, ClassVar, Literal

import numpy as np
from geopandas import GeoDataFrame
from pydantic import model_validator

from geocommons.analysis.crowding.weights import Binary, Exponential, Gaussian, InversePower, Steps, Weight
from geocommons.analysis.service.coverage import group_columns
from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.usecases.analyses.service.ground import ServiceQuestion, stand_on
from geocommons.usecases.analyses.service.served import WALKING
from geocommons.usecases.analyses.service.walks import Walks, large_sites, standard_title, widest_test
from geocommons.usecases.analyses.sharing.formulas import (
    SHARING,
    Crowd,
    Formula,
    Shared,
    Standing,
    share_out,
    stand,
    standings,
    steps_up_to,
)
from geocommons.usecases.analyses.sharing.offer import PEOPLE_FOR, UNITS_FOR, Measure, measure_field, offered
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, number, parameter

NEAREST_M = 100.0
"""Up to here a site counts in full by an inverse power, which has no figure for no distance at all."""
MOST_SITES = 200
STEPPED: tuple[Formula, ...] = ("e2sfca", "3sfca", "m2sfca")


class CrowdingQuestion(ServiceQuestion):
    """How much do the sites of some layers have for each person near them?"""

    kind: ClassVar[str] = "crowding"

    minutes: float = parameter(
        20.0,
        Words(en="Minutes of walking", nl="Minuten lopen"),
        Words(en="Longest walk, at 4.8 km/h.", nl="Langste wandeling, met 4,8 km/u."),
        le=600.0,
    )
    measure: Measure = measure_field()
    formula: Formula = parameter(
        "e2sfca",
        Words(en="Formula", nl="Formule"),
        Words(en="How people and sites are weighed.", nl="Hoe mensen en plekken worden gewogen."),
        choices={
            "2sfca": Words(en="2SFCA: everybody within reach shares alike", nl="2SFCA: wie in bereik is deelt gelijk"),
            "e2sfca": Words(en="E2SFCA: who lives nearer counts more", nl="E2SFCA: wie dichterbij woont telt zwaarder"),
            "3sfca": Words(en="3SFCA: people choose between sites", nl="3SFCA: mensen kiezen tussen plekken"),
            "m2sfca": Words(en="M2SFCA: what is far is less use", nl="M2SFCA: wat ver is heeft minder nut"),
            "i2sfca": Words(en="i2SFCA: how many share each site", nl="i2SFCA: hoeveel mensen elke plek delen"),
            "raam": Words(en="RAAM: people go where queues are short", nl="RAAM: mensen gaan waar de rij kort is"),
            "fca": Words(en="FCA: what is near by who is near", nl="FCA: wat dichtbij is per wie dichtbij is"),
        },
    )
    weight: Literal["binary", "steps", "gaussian", "power", "exponential"] | None = parameter(
        None,
        Words(en="How distance counts", nl="Hoe afstand telt"),
        Words(en="Left out: as the formula has it.", nl="Leeg: zoals de formule het doet."),
        choices={
            "binary": Words(en="not at all, within reach", nl="niet, binnen het bereik"),
            "steps": Words(en="in steps", nl="in stappen"),
            "gaussian": Words(en="Gaussian", nl="Gauss"),
            "power": Words(en="inverse power", nl="omgekeerde macht"),
            "exponential": Words(en="exponential", nl="exponentieel"),
        },
    )
    steps: str | None = parameter(
        None,
        Words(en="Steps (metres: weight)", nl="Stappen (meter: gewicht)"),
        Words(
            en="As 400:1 800:0.68 1600:0.22, and the last is the reach. Left out: these weights at a quarter, half and "
            "all of the reach.",
            nl="Zoals 400:1 800:0.68 1600:0.22, en de laatste is het bereik. Leeg: deze gewichten op een kwart, de "
            "helft en het hele bereik.",
        ),
    )
    half_m: float | None = parameter(
        None,
        Words(en="Half as much at (m)", nl="Half zoveel op (m)"),
        Words(
            en="Distance at which a site counts for half (Gaussian, exponential). Left out: half of the reach.",
            nl="Afstand waarop een plek voor de helft telt (Gauss, exponentieel). Leeg: de helft van het bereik.",
        ),
        gt=0,
        le=1e6,
    )
    exponent: float = parameter(
        1.0,
        Words(en="Exponent of the inverse power", nl="Exponent van de omgekeerde macht"),
        Words(en="Up to 100 m a site counts in full.", nl="Tot 100 m telt een plek helemaal."),
        gt=0,
        le=10,
    )
    tau_m: float = parameter(
        800.0,
        Words(en="Walk worth a queue (m)", nl="Wandeling voor een rij (m)"),
        Words(
            en="How far people walk to save a queue of average length (RAAM).",
            nl="Hoe ver mensen lopen om een rij van gemiddelde lengte te mijden (RAAM).",
        ),
        gt=0,
        le=1e6,
    )

    @model_validator(mode="after")
    def _weighed(self) -> "CrowdingQuestion":
        _refuse_another_reach(self, self.metres)
        weight_of(self, self.reach_m)
        return self

    @property
    def weighed_by(self) -> str:
        """By which kind of weight distance counts."""
        return self.weight or ("steps" if self.formula in STEPPED else "binary")

    @property
    def reach_m(self) -> float:
        """How far a site serves; the last of stated steps stands above metres and minutes."""
        return read_steps(self.steps or "")[-1][0] if self.stepped else super().reach_m

    def prepare(self, inputs: Inputs) -> Compute:
        """Load what is shared and who shares it, and return what computes how much each has."""
        ground = stand_on(self, inputs)
        test = widest_test(self, ground)
        reach_m = test.reach_m or self.reach_m
        _refuse_another_reach(self, reach_m)
        ground, weight = large_sites(ground, test), weight_of(self, reach_m)
        offer = offered(self.measure, inputs, ground.stored_sites, self.at)
        walks = Walks(inputs, ground, test, reach_m)
        said: dict[str, Any] = {
            "reach_m": reach_m,
            "method": test.method,
            "minutes": None if self.stepped else test.minutes,
        }
        said |= {"weights": self._weights(weight), "standard": standard_title(ground)}

        def compute(progress: Progress) -> Answer:
            progress(0.1, WALKING)
            crowd = Crowd(ground, offer, walks.to_sites())
            around = walks.to_people() if self.formula == "fca" else None
            progress(0.6, SHARING)
            shared = share_out(self.formula, crowd, weight, tau_m=self.tau_m, around=around)
            standing = stand(shared.access, crowd.people, crowd.reach.assessed, cost=self.formula == "raam")
            result = self._result(crowd, shared, standing) | said
            drawn = {"demand": self._demand(crowd, standing), "sites": self._sites(crowd, shared)}
            return Answer(result, drawn | ground.by_district(result["districts"], "mean", "share"))

        return compute

    @property
    def stepped(self) -> bool:
        """Whether stated steps say how far a site serves."""
        return self.steps is not None and self.weighed_by == "steps"

    def _weights(self, weight: Weight) -> dict[str, Any]:
        said: dict[str, Any] = {"kind": self.weighed_by, "reach_m": weight.reach, "exponent": self.exponent}
        said["half_m"] = self.half_m or weight.reach / 2
        if isinstance(weight, Steps):
            said["steps"] = [list(step) for step in weight.steps]
        return said

    @property
    def _per(self) -> int:
        """For how many people access is said; a cost is said as it is."""
        return 1 if self.formula == "raam" else PEOPLE_FOR[self.measure]

    def _demand(self, crowd: Crowd, standing: Standing) -> GeoDataFrame:
        """Return people in EPSG:4326 with their access (none: not assessed, or no site near by cost)."""
        frame = crowd.ground.people
        columns: dict[str, Any] = {name: frame[name] for name in ("people", *group_columns(frame))}
        if "district" in frame:
            columns["district"] = frame["district"].astype("str")
        known = standing.assessed & np.isfinite(standing.access)
        columns["access"] = np.where(known, np.round(standing.access * self._per, 6), np.nan)
        columns["state"] = standing.states
        return GeoDataFrame(columns, geometry=crowd.ground.population.geometry.to_numpy(), crs=STORAGE_CRS)

    def _sites(self, crowd: Crowd, shared: Shared) -> GeoDataFrame:
        """Return the sites in EPSG:4326, the most crowded first."""
        stored = crowd.ground.stored_sites
        columns = {name: stored[name] for name in ("id", "layer", "ref", "name")}
        columns |= {"site": stored["layer"] + "/" + stored["ref"], "supply": crowd.offer.told}
        columns |= {"people": crowd.within_reach, "waiting": crowd.offer.waiting}
        untold = np.isin(np.arange(len(stored)), crowd.offer.untold)
        columns["crowdedness"] = np.where(untold, np.nan, np.round(shared.crowdedness * UNITS_FOR[self.measure], 6))
        frame = GeoDataFrame(columns, geometry=stored.geometry.to_numpy(), crs=STORAGE_CRS)
        by, rising = ["crowdedness", "waiting", "layer", "ref"], [False, False, True, True]
        order = frame.sort_values(by, ascending=rising, na_position="last")
        return GeoDataFrame(order.reset_index(drop=True), crs=STORAGE_CRS)

    def _result(self, crowd: Crowd, shared: Shared, standing: Standing) -> dict[str, Any]:
        """Return the figures as JSON has them."""
        sites = self._sites(crowd, shared).drop(columns="geometry")
        waiting = crowd.offer.waiting
        named = crowd.ground.named
        return {
            **standings(crowd, standing, self._per),
            "per": self._per,
            "units": UNITS_FOR[self.measure],
            "supply_total": number(shared.supply),
            "delivered": number(shared.delivered),
            "lost": number(shared.lost),
            "layout_loss": number(shared.layout_loss),
            "settled": shared.settled,
            "waiting": None if np.isnan(waiting).all() else number(float(np.nansum(waiting))),
            "unreached": [name or ref for name, ref in zip(named(shared.unreached, "name"),
                                                           named(shared.unreached, "ref"), strict=True)],
            "unknown": named(crowd.offer.unknown, "ref"),
            "untold": len(crowd.offer.untold),
            "unentered": named(crowd.reach.unentered, "ref"),
            "sites": len(sites),
            "site_rows": [_row(row) for row in sites.head(MOST_SITES).to_dict("records")],
            **self.params,
        }  # fmt: skip


def _row(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a site as JSON has it."""
    figures = {name: number(row[name]) for name in ("supply", "people", "crowdedness", "waiting")}
    return {name: row[name] for name in ("id", "layer", "ref", "name", "site")} | figures


def _refuse_another_reach(question: CrowdingQuestion, metres: float | None) -> None:
    """Refuse a reach that is not where stated steps end."""
    if question.stepped and metres is not None and metres != question.reach_m:
        raise InvalidInput(
            "The steps end at {steps} m, but the reach is {metres} m. Leave one of them out.",
            steps=question.reach_m, metres=metres,
        )  # fmt: skip


def weight_of(question: CrowdingQuestion, reach_m: float) -> Weight:
    """Return how much a site counts at a distance, in metres, as a question asks."""
    half_m = question.half_m or reach_m / 2
    match question.weighed_by:
        case "binary":
            return Binary(reach_m)
        case "gaussian":
            return Gaussian(half_m / math.sqrt(2 * math.log(2)), reach_m)
        case "exponential":
            return Exponential(math.log(2) / half_m, reach_m)
        case "power":
            return InversePower(question.exponent, reach_m, NEAREST_M)
    return steps_up_to(reach_m) if question.steps is None else Steps(read_steps(question.steps))


def read_steps(text: str) -> tuple[tuple[float, float], ...]:
    """Return thresholds and weights from a text such as "400:1 800:0.68", or refuse it."""
    try:
        parts = [part.split(":") for part in text.replace(";", " ").replace(", ", " ").split()]
        steps = tuple((float(edge.replace(",", ".")), float(weight.replace(",", "."))) for edge, weight in parts)
    except ValueError as error:
        raise InvalidInput(
            "“{steps}” are no steps. Write each distance in metres with its weight, as 400:1 800:0.68.", steps=text
        ) from error
    return Steps(steps).steps
