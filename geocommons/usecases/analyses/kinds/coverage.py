"""Who is served: the question, the figures, and the demand with its distance."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from geocommons.analysis.service.combining import combine_tests
from geocommons.analysis.service.coverage import (
    Coverage,
    Share,
    assign_districts,
    demand_points,
    find_coverage,
    group_columns,
    site_places,
    sum_up,
)
from geocommons.analysis.service.hexes import sum_by_hexagon
from geocommons.analysis.service.standards import Test
from geocommons.crs import STORAGE_CRS
from geocommons.language import Words, mark
from geocommons.usecases.analyses.service.ground import OUTSIDE, Ground, ServiceQuestion, large_enough, stand_on
from geocommons.usecases.analyses.service.many import walks_by_many
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, parameter, stretch
from geocommons.usecases.runs.keep import no_progress, number

WALKING = mark("Walking from every site …")
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


@dataclass(frozen=True)
class Served:
    """A coverage by all that a question asks, by each of its tests, and the ground that they stand on."""

    coverage: Coverage
    by_test: tuple[tuple[Test, Coverage], ...]
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
        columns["share"] = found["share"]
        columns["distance_m"] = np.where(np.isfinite(metres), np.round(metres, 1), np.nan)
        for name in ("layer", "ref", "name"):
            columns[f"nearest_{name}"] = self.ground.named(nearest, name)
        return GeoDataFrame(columns, geometry=self.ground.population.geometry.to_numpy(), crs=STORAGE_CRS)


def serve(ground: Ground, *, weighting: Literal["point", "area"] = "point", progress: Progress = no_progress) -> Served:
    """Return who is served by the sites on the ground of a question: who meets all tests that have a reach."""
    tests = [test for test in ground.tests if test.reach_m is not None]
    by_test = tuple(
        (test, _by_test(ground, test, weighting, stretch(progress, number / len(tests), (number + 1) / len(tests))))
        for number, test in enumerate(tests)
    )
    if len(by_test) == 1:
        return Served(by_test[0][1], by_test, ground)
    first = by_test[0][1].demand
    # Of part-served blocks the same people meet as many tests as they can; who is not assessed in one is not in all.
    share = np.min([found.demand["share"].to_numpy(dtype=np.float64) for _, found in by_test], axis=0)
    return Served(sum_up(first.assign(share=share)), by_test, ground)


def _by_test(ground: Ground, test: Test, weighting: Literal["point", "area"], progress: Progress) -> Coverage:
    large = large_enough(ground.sites, test.min_area_m2)
    sites = ground.sites.iloc[large]
    assert test.reach_m is not None
    network = ground.network if test.method == "walk" else None
    walks = None
    if network is not None and ground.scheduler:
        walks = walks_by_many(
            ground.scheduler, network, demand_points(ground.people), *site_places(sites, test.measured_from),
            reach_m=test.reach_m, progress=progress,
        )  # fmt: skip
    found = find_coverage(
        ground.people, sites, network=network, reach_m=test.reach_m, weighting=weighting,
        measured_from=test.measured_from, walks=walks, snapped=None if network is None or walks else ground.snapped,
    )  # fmt: skip
    nearest = found.demand["nearest"].to_numpy()
    found.demand["nearest"] = np.where(nearest >= 0, large[nearest] if len(large) else -1, -1)
    return found


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
