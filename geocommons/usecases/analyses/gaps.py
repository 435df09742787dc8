"""Where nobody is served: areas of unserved people, ranked, each with its district and nearest site."""

from typing import Any, ClassVar

import pandas as pd
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import group_columns
from geocommons.analysis.service.gaps import find_gaps
from geocommons.crs import STORAGE_CRS
from geocommons.language import mark
from geocommons.usecases.analyses.coverage import WALKING, Served, serve, share_of
from geocommons.usecases.analyses.service import ServiceQuestion, stand_on
from geocommons.usecases.runs.inputs import Inputs
from geocommons.usecases.runs.keep import number
from geocommons.usecases.runs.question import Answer, Compute, Progress

GROUPING = mark("Grouping the unserved into areas …")


class GapsQuestion(ServiceQuestion):
    """Where do people live whom no site reaches?"""

    kind: ClassVar[str] = "gaps"

    def prepare(self, inputs: Inputs) -> Compute:
        """Load the inputs of a gap analysis, and return what computes it."""
        ground = stand_on(self, inputs)

        def compute(progress: Progress) -> Answer:
            progress(0.1, WALKING)
            served = serve(ground)
            progress(0.6, GROUPING)
            gaps = gap_frame(served)
            return Answer(gaps_result(self, served, gaps), {"gaps": gaps, "demand": served.demand})

        return compute


def gap_frame(served: Served) -> GeoDataFrame:
    """Return the gaps in EPSG:4326, with the nearest site by layer, ref and name."""
    found = find_gaps(served.coverage.demand, served.ground.sites).to_crs(STORAGE_CRS)
    nearest = found.pop("nearest").to_numpy()
    for name in ("layer", "ref", "name"):
        found[f"nearest_{name}"] = served.ground.named(nearest, name)
    return found


def gaps_result(question: ServiceQuestion, served: Served, gaps: GeoDataFrame) -> dict[str, Any]:
    """Return the ranked gaps as JSON has them."""
    bounds = gaps.geometry.bounds.to_numpy().round(6).tolist()
    groups = group_columns(gaps)
    rows = [
        _gap(row, groups, bbox)
        for row, bbox in zip(gaps.drop(columns="geometry").to_dict("records"), bounds, strict=True)
    ]
    totals = share_of(served.coverage.totals) | {"gaps": len(rows)}
    return {"gaps": rows, "totals": totals, "sites": len(served.ground.sites), **question.params}


def _gap(row: dict[Any, Any], groups: list[str], bbox: list[float]) -> dict[str, Any]:
    known = row["nearest_ref"] is not None and not pd.isna(row["nearest_ref"])
    nearest = {name: row[f"nearest_{name}"] for name in ("layer", "ref", "name")} if known else None
    district = row.get("district")
    return {
        "rank": int(row["rank"]),
        "people": number(row["people"]),
        "district": None if pd.isna(district) else district,
        "nearest": nearest,
        "distance_m": number(round(row["distance_m"], 1)),
        "unreachable": number(row["unreachable"]),
        "places": int(row["places"]),
        "groups": {name.removeprefix("group_"): number(row[name]) for name in groups},
        "bbox": bbox,
    }
