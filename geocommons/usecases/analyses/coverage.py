"""Who is served: the question, the figures, and the demand with its distance."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import Coverage, Share, find_coverage, group_columns
from geocommons.crs import STORAGE_CRS
from geocommons.language import mark
from geocommons.usecases.analyses.service import (
    OUTSIDE,
    Ground,
    ServiceQuestion,
    entered_at_gates,
    serving_sites,
    stand_on,
)
from geocommons.usecases.runs.inputs import Inputs
from geocommons.usecases.runs.keep import number
from geocommons.usecases.runs.question import Answer, Compute, Progress

WALKING = mark("Walking from every site …")


class CoverageQuestion(ServiceQuestion):
    """Whom do the sites of some layers reach on a day?"""

    kind: ClassVar[str] = "coverage"

    def prepare(self, inputs: Inputs) -> Compute:
        """Load the inputs of a coverage, and return what computes it."""
        ground = stand_on(self, inputs, serving_sites(self, inputs))

        def compute(progress: Progress) -> Answer:
            progress(0.1, WALKING)
            served = serve(self, ground)
            return Answer(coverage_result(self, served), {"demand": served.demand})

        return compute


@dataclass(frozen=True)
class Served:
    """A coverage, and the ground that it stands on."""

    coverage: Coverage
    ground: Ground

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
            columns[f"nearest_{name}"] = self.ground.named(nearest, name)
        return GeoDataFrame(columns, geometry=self.ground.population.geometry.to_numpy(), crs=STORAGE_CRS)


def serve(question: ServiceQuestion, ground: Ground) -> Served:
    """Return who is served by the sites on the ground of a question."""
    sites = entered_at_gates(ground, question.measured_from)
    found = find_coverage(ground.people, sites, network=ground.network, reach_m=question.reach_m)
    return Served(found, ground)


def coverage_result(question: ServiceQuestion, served: Served) -> dict[str, Any]:
    """Return the figures of a coverage as JSON has them."""
    found = served.coverage
    return {
        **share_of(found.totals),
        "districts": {share.name or OUTSIDE: share_of(share) for share in found.districts},
        "groups": {str(share.name): share_of(share) for share in found.groups},
        "quantiles_m": {str(percent): number(metres) for percent, metres in found.quantiles_m.items()},
        "unreachable": number(found.unreachable),
        "unentered": served.ground.named(found.unentered, "ref"),
        "sites": len(served.ground.sites),
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
