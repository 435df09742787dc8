"""Where nobody is served: areas of unserved people, ranked, each with its district and nearest site."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import group_columns
from geocommons.analysis.service.gaps import find_gaps
from geocommons.crs import STORAGE_CRS
from geocommons.usecases.analyses.coverage import Question, Served, prepare_served, share_of
from geocommons.usecases.analyses.inputs import Inputs
from geocommons.usecases.analyses.runs import Answer, number


def prepare_gaps(question: Question) -> Callable[[Inputs], Callable[[], Answer]]:
    """Return what loads the inputs of a gap analysis, and then computes it."""

    def prepare(inputs: Inputs) -> Callable[[], Answer]:
        serve = prepare_served(question, inputs)

        def compute() -> Answer:
            served = serve()
            gaps = gap_frame(served)
            return Answer(gaps_result(question, served, gaps), {"gaps": gaps, "demand": served.demand})

        return compute

    return prepare


def gap_frame(served: Served) -> GeoDataFrame:
    """Return the gaps in EPSG:4326, with the nearest site by layer, ref and name."""
    found = find_gaps(served.coverage.demand, served.sites).to_crs(STORAGE_CRS)
    nearest = found.pop("nearest").to_numpy()
    for name in ("layer", "ref", "name"):
        known = served.stored_sites[name].to_numpy(dtype=object)
        found[f"nearest_{name}"] = [known[position] if position >= 0 else None for position in nearest]
    return found


def gaps_result(question: Question, served: Served, gaps: GeoDataFrame) -> dict[str, Any]:
    """Return the ranked gaps as JSON has them."""
    bounds = gaps.geometry.bounds.to_numpy().round(6).tolist()
    groups = group_columns(gaps)
    rows = [
        _gap(row, groups, bbox)
        for row, bbox in zip(gaps.drop(columns="geometry").to_dict("records"), bounds, strict=True)
    ]
    totals = share_of(served.coverage.totals) | {"gaps": len(rows)}
    return {"gaps": rows, "totals": totals, "sites": len(served.stored_sites), **question.params}


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
