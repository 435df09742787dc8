"""Where nobody is served: areas of unserved people, ranked, each with its district and nearest site."""

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pydantic import field_validator

from geocommons.analysis.service.coverage import group_columns
from geocommons.analysis.service.gaps import JOIN_M, find_gaps
from geocommons.analysis.service.reasons import CODES, GapReasons, explain_gaps, join_reasons
from geocommons.crs import STORAGE_CRS, to_metric
from geocommons.language import Words, mark
from geocommons.layer import get_layer
from geocommons.usecases.analyses.service.ground import ServiceQuestion, is_full, stand_on
from geocommons.usecases.analyses.service.land import find_land
from geocommons.usecases.analyses.service.served import WALKING, Served, serve, share_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, number, parameter, stretch

GROUPING = mark("Grouping the unserved into areas …")
ASKING_WHY = mark("Asking why each area is unserved …")
MOST_LAND = 10


class GapsQuestion(ServiceQuestion):
    """Where do people live whom no site reaches, and why?"""

    kind: ClassVar[str] = "gaps"
    by_many: ClassVar[bool] = True

    join_m: float = parameter(
        JOIN_M,
        Words(en="Neighbours are within (m)", nl="Buren wonen binnen (m)"),
        Words(
            en="People out of reach who live this near to each other are in one area.",
            nl="Mensen buiten bereik die zo dicht bij elkaar wonen horen bij één gebied.",
        ),
        ge=0,
        le=5_000,
    )
    by_district: bool = parameter(
        False,
        Words(en="Cut areas at the borders of districts", nl="Gebieden knippen op wijkgrenzen"),
        Words(en="No area reaches into two districts.", nl="Geen gebied ligt in twee wijken."),
    )
    land: tuple[str, ...] = parameter(
        ("vacant-lots",),
        Words(en="Land that might close a gap", nl="Grond die een witte vlek kan dichten"),
        Words(
            en="Sites of these layers near a gap are listed, and places that were added as candidates.",
            nl="Plekken van deze lagen bij een witte vlek staan erbij, en plekken die als kandidaat zijn toegevoegd.",
        ),
        of="layers",
    )

    @field_validator("land")
    @classmethod
    def _land_layers(cls, land: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({get_layer(layer_id).id for layer_id in land}))

    def prepare(self, inputs: Inputs) -> Compute:
        """Load the inputs of a gap analysis, and return what computes it."""
        ground = stand_on(self, inputs)
        crs = ground.people.crs
        every = to_metric(_all_sites(self, inputs), crs)
        land = to_metric(find_land(inputs, self.land, self.at), crs)

        def compute(progress: Progress) -> Answer:
            progress(0.1, WALKING)
            served = serve(ground, progress=stretch(progress, 0.1, 0.5))
            progress(0.5, GROUPING)
            found = find_gaps(served.coverage.demand, ground.sites, join_m=self.join_m, by_district=self.by_district)
            progress(0.7, ASKING_WHY)
            why = _explain(served, found, every, land)
            gaps = gap_frame(served, why)
            return Answer(gaps_result(self, served, why, gaps, land), {"gaps": gaps, "demand": served.demand})

        return compute


def _explain(served: Served, gaps: GeoDataFrame, sites: GeoDataFrame, land: GeoDataFrame) -> GapReasons:
    """Return why gaps are gaps: each person by the first test that they do not meet."""
    whole, reasons = served.coverage.demand, []
    for test, part in served.by_test:
        state = np.where(part.demand["state"] == "unserved", whole["state"], "served")
        reasons.append(explain_gaps(
            gaps, whole.assign(distance_m=part.demand["distance_m"], state=state), sites, land=land,
            reach_m=test.reach_m or 0.0, network=served.ground.network if test.method == "walk" else None,
            area_min_m2=test.min_area_m2,
        ))  # fmt: skip
    return join_reasons(reasons, whole["people"].to_numpy(dtype=np.float64))


def _all_sites(question: ServiceQuestion, inputs: Inputs) -> GeoDataFrame:
    """Return every site of the layers that serve, with what may keep it from serving (EPSG:4326)."""
    every = inputs.sites(question.supply, question.at, called="all sites")
    every["full"] = is_full(inputs, every, question.at) if question.with_room else False
    # Without a steward a site still serves, unless the question asks for one.
    return every if question.cared_for else every.drop(columns="status")


def gap_frame(served: Served, why: GapReasons) -> GeoDataFrame:
    """Return the gaps in EPSG:4326, with their main reason and the nearest site by layer, ref and name."""
    found = why.gaps.drop(columns="land").to_crs(STORAGE_CRS)
    nearest = found.pop("nearest").to_numpy()
    for name in ("layer", "ref", "name"):
        found[f"nearest_{name}"] = served.ground.named(nearest, name)
    return found


def gaps_result(
    question: ServiceQuestion, served: Served, why: GapReasons, gaps: GeoDataFrame, land: GeoDataFrame
) -> dict[str, Any]:
    """Return the ranked gaps as JSON has them."""
    bounds = gaps.geometry.bounds.to_numpy().round(6).tolist()
    groups = group_columns(gaps)
    lived_in = _districts_of(served.coverage.demand, why)
    rows = [
        _gap(row, groups, bbox)
        | {"reasons": [[code, number(people)] for code, people in why.of_gap(at)], "land": _land_of(why, at, land),
           "districts": lived_in.get(at, [])}
        for at, (row, bbox) in enumerate(zip(gaps.drop(columns="geometry").to_dict("records"), bounds, strict=True))
    ]  # fmt: skip
    reasons = {code: number(gaps[f"people_{code}"].sum()) for code in CODES}
    totals = share_of(served.coverage.totals) | {"gaps": len(rows)}
    first = served.by_test[0][0]
    return {
        "gaps": rows, "totals": totals, "reasons": reasons, "sites": len(served.ground.sites), **question.params,
        "reach_m": first.reach_m, "method": first.method, "minutes": first.minutes,
    }  # fmt: skip


def _districts_of(demand: GeoDataFrame, why: GapReasons) -> dict[int, list[list[Any]]]:
    """Return by position of each gap its districts with the people in it, most people first (None: outside all)."""
    if "district" not in demand:
        return {}
    people = demand["people"].groupby([pd.Series(why.gap, demand.index), demand["district"]], dropna=False).sum()
    found: dict[int, list[list[Any]]] = {}
    for (gap, district), count in people[people > 0].sort_index().sort_values(ascending=False, kind="stable").items():
        if gap >= 0:
            found.setdefault(int(gap), []).append([None if pd.isna(district) else str(district), number(count)])
    return found


def _land_of(why: GapReasons, position: int, land: GeoDataFrame) -> list[dict[str, Any]]:
    """Return the land in or near a gap, the nearest first, and whether any of it lies inside."""
    near = land.iloc[list(why.gaps["land"].iloc[position])[:MOST_LAND]]
    inside = near.intersects(why.gaps.geometry.iloc[position])
    return [
        {"layer": row.layer, "ref": row.ref, "name": row.name_, "area_m2": number(row.area_m2), "inside": bool(within)}
        for row, within in zip(near.rename(columns={"name": "name_"}).itertuples(), inside, strict=True)
    ]


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
