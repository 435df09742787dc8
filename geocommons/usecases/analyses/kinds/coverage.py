"""Who is served: the question and its figures, also by each test of a standard."""

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from geocommons.analysis.service.combining import combine_tests
from geocommons.analysis.service.coverage import assign_districts
from geocommons.analysis.service.hexes import sum_by_hexagon
from geocommons.analysis.service.standards import Test
from geocommons.crs import STORAGE_CRS
from geocommons.language import Words, mark
from geocommons.usecases.analyses.service.ground import OUTSIDE, ServiceQuestion, large_enough, stand_on
from geocommons.usecases.analyses.service.served import WALKING, Served, serve, share_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, number, parameter, stretch

DRAWING = mark("Drawing what was found …")
HEX_M = 250.0


class CoverageQuestion(ServiceQuestion):
    """Whom do the sites of some layers reach on a day?"""

    kind: ClassVar[str] = "coverage"
    by_many: ClassVar[bool] = True

    weighting: Literal["point", "area"] = parameter(
        "point",
        Words(en="People of a block are served", nl="Mensen in een blok tellen mee"),
        Words(
            en="In a straight line only: by the part of their block.", nl="Alleen hemelsbreed: naar deel van hun blok."
        ),
        choices={
            "point": Words(en="all or none", nl="allemaal of niemand"),
            "area": Words(en="by the area of the block within reach", nl="naar de oppervlakte binnen bereik"),
        },
    )
    hex_m: float = parameter(
        HEX_M,
        Words(en="Width of hexagons (m)", nl="Breedte van zeshoeken (m)"),
        Words(
            en="The map sums people up by hexagons of this width.",
            nl="De kaart telt mensen per zeshoek van deze breedte.",
        ),
        ge=50,
        le=20_000,
    )

    def prepare(self, inputs: Inputs) -> Compute:
        """Load the inputs of a coverage, and return what computes it."""
        ground = stand_on(self, inputs)

        def compute(progress: Progress) -> Answer:
            progress(0.1, WALKING)
            served = serve(ground, weighting=self.weighting, progress=stretch(progress, 0.1, 0.8))
            progress(0.8, DRAWING)
            hexes = sum_by_hexagon(served.coverage.demand, width_m=self.hex_m).to_crs(STORAGE_CRS)
            result = coverage_result(self, served)
            districts = ground.by_district(result["districts"], "unserved", "share")
            return Answer(result, {"demand": served.demand, "hexes": hexes} | districts)

        return compute


def coverage_result(question: ServiceQuestion, served: Served) -> dict[str, Any]:
    """Return the figures of a coverage as JSON has them."""
    found, ground = served.coverage, served.ground
    first = served.by_test[0][0]
    told = question.params | {"reach_m": first.reach_m, "method": first.method, "minutes": first.minutes}
    return {
        **told,
        **share_of(found.totals),
        "districts": {share.name or OUTSIDE: share_of(share) for share in found.districts},
        "groups": {str(share.name): share_of(share) for share in found.groups},
        "quantiles_m": {str(percent): number(metres) for percent, metres in found.quantiles_m.items()},
        "unreachable": number(found.unreachable),
        "unentered": ground.named(found.unentered, "ref"),
        "sites": len(ground.sites),
        "unknown_hours": ground.unknown_hours,
        "distances": _distances(found.demand),
        "standard": _standard(served),
    }


def _standard(served: Served) -> dict[str, Any] | None:
    """Return how each test of a standard is met, and how many people meet how many of them."""
    standard = served.ground.standard
    if standard is None:
        return None
    tests = [
        {"id": test.id, "words": dict(test.words), "reach_m": test.reach_m, "method": test.method,
         "min_area_m2": test.min_area_m2, **share_of(found.totals),
         "groups": {str(share.name): share_of(share) for share in found.groups}}
        for test, found in served.by_test
    ]  # fmt: skip
    met = np.column_stack([found.demand["share"].to_numpy(dtype=np.float64) for _, found in served.by_test])
    people = served.coverage.demand["people"].to_numpy(dtype=np.float64)
    combined = combine_tests(met, people, [test.id for test, _ in served.by_test])
    return {
        "id": standard.id, "title": dict(standard.title), "source": standard.source, "citation": standard.citation,
        "note": dict(standard.note) if standard.note else None, "tests": tests,
        "by_count": [number(count) for count in combined.by_count],
        "by_set": [[list(ids), number(count)] for ids, count in combined.by_set],
        "capacity": [_capacity(served, test) for test in standard.tests if test.capacity_m2_per_person is not None],
    }  # fmt: skip


def _capacity(served: Served, test: Test) -> dict[str, Any]:
    """Return the area of sites for each person, by district, and how many people live where there is enough."""
    ground, wanted = served.ground, test.capacity_m2_per_person or 0.0
    sites = ground.sites.iloc[large_enough(ground.sites, test.min_area_m2)]
    area = sites["area_m2"].fillna(0.0).to_numpy(dtype=np.float64)
    people = {share.name: share.people for share in served.coverage.districts} or {None: served.coverage.totals.people}
    held = np.full(len(sites), None, dtype=object)
    if ground.districts is not None and len(sites):
        held = assign_districts(sites.geometry.representative_point().to_numpy(), ground.districts)
    sums = pd.Series(area).groupby(pd.Series(held, dtype=object), dropna=False).sum()
    by_name = {name if isinstance(name, str) else None: float(value) for name, value in sums.items()}
    rows = {
        name or OUTSIDE: {"people": number(count), "m2_per_person": number(by_name.get(name, 0.0) / count)}
        for name, count in people.items() if count
    }  # fmt: skip
    met = sum(row["people"] or 0 for row in rows.values() if (row["m2_per_person"] or 0) >= wanted)
    return {"id": test.id, "words": dict(test.words), "wanted_m2": wanted, "people": number(met), "districts": rows}


def _distances(demand: GeoDataFrame, most: int = 60) -> list[list[float | int | None]]:
    """Return the curve of people within each distance, as [metres, people] at up to so many steps of 50 m."""
    metres = demand["distance_m"].to_numpy(dtype=np.float64)
    known = np.isfinite(metres)
    people = demand["people"].to_numpy(dtype=np.float64)[known]
    if not len(people):
        return []
    step = 50.0 * max(1, int(np.ceil(metres[known].max() / (50.0 * most))))
    bins = np.bincount(np.ceil(metres[known] / step).astype(np.int64), people)
    return [[number(at * step), number(count)] for at, count in enumerate(np.cumsum(bins))]
