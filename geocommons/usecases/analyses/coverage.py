"""Who is served: the question, the figures, and the demand with its distance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import Coverage, Share, find_coverage, group_columns, minutes_to_metres
from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput
from geocommons.usecases.analyses.inputs import Inputs, check_supply, metric, walk_network, with_district
from geocommons.usecases.analyses.runs import Answer, number

OUTSIDE = ""
"""The name under which people outside every district are counted; no district is called so."""


@dataclass(frozen=True)
class Question:
    """Whom do the sites of some layers reach on a day?"""

    supply: tuple[str, ...]
    minutes: float | None
    reach_m: float
    straight: bool
    day: date
    cared_for: bool

    @classmethod
    def ask(
        cls, supply: Sequence[str], minutes: float, metres: float | None, day: date, *, straight: bool, cared_for: bool
    ) -> "Question":
        """Return a question that can be answered; metres, if given, stand above minutes."""
        reach_m = minutes_to_metres(minutes) if metres is None else metres
        if not (np.isfinite(reach_m) and reach_m > 0):
            raise InvalidInput("The reach must be more than 0 metres or minutes, not {reach}.", reach=reach_m)
        chosen = tuple(check_supply(supply))
        return cls(chosen, minutes if metres is None else None, float(reach_m), straight, day, cared_for)

    @property
    def params(self) -> dict[str, Any]:
        """The question as a run keeps it."""
        return {
            "supply": list(self.supply),
            "minutes": self.minutes,
            "reach_m": self.reach_m,
            "method": "straight" if self.straight else "walk",
            "at": self.day.isoformat(),
            "cared_for": self.cared_for,
        }


@dataclass(frozen=True)
class Served:
    """A coverage in a metric CRS, the sites that serve in the same, and both as they are stored."""

    coverage: Coverage
    sites: GeoDataFrame
    population: GeoDataFrame
    stored_sites: GeoDataFrame

    @property
    def demand(self) -> GeoDataFrame:
        """The demand in EPSG:4326 with its state, the nearest site, and how far it is (none: no way there)."""
        found = self.coverage.demand
        nearest = found["nearest"].to_numpy()
        columns: dict[str, Any] = {"people": found["people"]}
        columns |= {name: found[name] for name in group_columns(found)}
        if "district" in found:
            columns["district"] = found["district"].astype("str")
        metres = found["distance_m"].to_numpy(dtype=np.float64)
        columns["state"] = found["state"].astype("str")
        columns["distance_m"] = np.where(np.isfinite(metres), np.round(metres, 1), np.nan)
        for name in ("layer", "ref", "name"):
            known = self.stored_sites[name].to_numpy(dtype=object)
            columns[f"nearest_{name}"] = [known[position] if position >= 0 else None for position in nearest]
        return GeoDataFrame(columns, geometry=self.population.geometry.to_numpy(), crs=STORAGE_CRS)


def prepare_coverage(question: Question) -> Callable[[Inputs], Callable[[], Answer]]:
    """Return what loads the inputs of a coverage, and then computes it."""

    def prepare(inputs: Inputs) -> Callable[[], Answer]:
        serve = prepare_served(question, inputs)

        def compute() -> Answer:
            served = serve()
            return Answer(coverage_result(question, served), {"demand": served.demand})

        return compute

    return prepare


def prepare_served(question: Question, inputs: Inputs) -> Callable[[], Served]:
    """Return what computes who is served, its inputs loaded."""
    population = inputs.context("population")
    streets = None if question.straight else inputs.context("streets")
    districts = inputs.context_or_none("districts")
    sites = inputs.sites(question.supply, question.day, cared_for=question.cared_for)

    def serve() -> Served:
        people, places = metric(population, sites)
        areas = None if districts is None else districts.to_crs(people.crs)
        network = None if streets is None else walk_network(streets.to_crs(people.crs))
        demand = with_district(people, areas)
        return Served(
            find_coverage(demand, places, network=network, reach_m=question.reach_m), places, population, sites
        )

    return serve


def coverage_result(question: Question, served: Served) -> dict[str, Any]:
    """Return the figures of a coverage as JSON has them."""
    found = served.coverage
    refs = served.stored_sites["ref"].to_numpy(dtype=object)
    return {
        **share_of(found.totals),
        "districts": {share.name or OUTSIDE: share_of(share) for share in found.districts},
        "groups": {str(share.name): share_of(share) for share in found.groups},
        "quantiles_m": {str(percent): number(metres) for percent, metres in found.quantiles_m.items()},
        "unreachable": number(found.unreachable),
        "unentered": [str(refs[position]) for position in found.unentered],
        "sites": len(served.stored_sites),
        **question.params,
    }


def share_of(share: Share) -> dict[str, float | int | None]:
    """Return the five figures of a part of the town; the share is a fraction, None where nobody lives."""
    part = share.share
    return {
        "people": number(share.people),
        "served": number(share.served),
        "unserved": number(share.unserved),
        "not_assessed": number(share.not_assessed),
        "share": None if part is None else round(part, 4),
    }
