"""Who is served on some ground: by each test that a question asks, by all of them, and in figures."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import (
    Coverage,
    Share,
    demand_points,
    find_coverage,
    group_columns,
    site_places,
    sum_up,
)
from geocommons.analysis.service.standards import Test
from geocommons.crs import STORAGE_CRS
from geocommons.language import mark
from geocommons.usecases.analyses.service.ground import Ground, large_enough
from geocommons.usecases.analyses.service.many import walks_by_many
from geocommons.usecases.questions.question import Progress, no_progress, number, stretch

WALKING = mark("Walking from every site …")


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
    tests = ground.reaching
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
