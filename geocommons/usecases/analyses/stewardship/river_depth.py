"""What rivers are asked beside their metres: how deep stewardship is, who holds what, and what to offer next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from geocommons.analysis.rivers.catchments import depth_by_catchment, join_downstream
from geocommons.analysis.rivers.depth import (
    DepthProfile,
    depth_by_district,
    depth_by_river,
)
from geocommons.analysis.rivers.offers import next_stretches
from geocommons.analysis.rivers.stewards import metres_by_steward
from geocommons.analysis.service.coverage import demand_points
from geocommons.crs import STORAGE_CRS, local_metric_crs, to_metric, total_bbox
from geocommons.errors import InvalidInput
from geocommons.usecases.analyses.service.ground import OUTSIDE
from geocommons.usecases.analyses.service.reaches import free_reaches, river_events
from geocommons.usecases.analyses.stewardship.held import kinds_of
from geocommons.usecases.questions.question import number

DEPTHS = ("length_m", "none_m", "once_m", "more_m")
OFFER_COLUMNS = (
    "rank", "river", "name", "site_id", "from_m", "to_m", "length_m", "street_m", "access", "people",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Register:
    """What is known of the rivers of a day, in EPSG:4326; None is context that the register has not.

    `claims` are as `claim_frame` has them, `tenures` (as `tenure_frame`) those in force, by party.
    """

    rivers: GeoDataFrame
    claims: pd.DataFrame
    tenures: pd.DataFrame
    districts: GeoDataFrame | None
    streets: GeoDataFrame | None
    people: GeoDataFrame | None


def measure_depth(register: Register, profile: DepthProfile, pieces: pd.DataFrame | None) -> dict[str, Any]:
    """Return metres that nobody, one or several hold: in all, by river, district and catchment, and by steward.

    `catchments` is None where rivers drain in a circle, as canals may be drawn.
    """
    rivers = register.rivers
    by_river = depth_by_river(profile)
    by_district = None if pieces is None else depth_by_district(profile, pieces)
    return {
        "totals": {name: number(by_river[name].sum()) for name in DEPTHS},
        "rivers": [
            {"id": int(key), "ref": ref, "name": name, **_metres(row)}
            for key, ref, name, row in zip(
                rivers["id"], rivers["ref"], rivers["name"], by_river.to_dict("records"), strict=True
            )
        ],
        "districts": {}
        if by_district is None
        else {_named(row["district"]): _metres(row) for row in by_district.to_dict("records")},
        "catchments": _by_catchment(rivers, profile),
        "stewards": _by_steward(rivers, register.tenures),
    }


def _named(district: Any) -> str:
    return OUTSIDE if pd.isna(district) else str(district)


def _metres(row: dict[Any, Any]) -> dict[str, Any]:
    return {name: number(row[name]) for name in DEPTHS} | {"depth_max": int(row["depth_max"])}


def _by_catchment(rivers: GeoDataFrame, profile: DepthProfile) -> list[dict[str, Any]] | None:
    """Return a row for each whole river: the reach that drains no further, with all that drains through it."""
    if rivers.empty:
        return []
    down = join_downstream(to_metric(rivers, local_metric_crs(total_bbox(rivers.geometry.to_numpy()))).geometry)
    try:
        table = depth_by_catchment(profile, down)
    except InvalidInput:
        return None
    whole = table[(down < 0) & (table["reaches"] > 1).to_numpy()]
    return [
        {
            "ref": rivers["ref"].iloc[row["reach"]],
            "name": rivers["name"].iloc[row["reach"]],
            "reaches": int(row["reaches"]),
            **{name: number(row[name]) for name in DEPTHS},
        }
        for row in whole.to_dict("records")
    ]


def _by_steward(rivers: GeoDataFrame, tenures: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what each party holds, most metres first: by number, never by name."""
    held = river_events(rivers, tenures.rename(columns={"site": "site_id"}).drop(columns="kind"))
    kinds = kinds_of(tenures)
    river, claimant = (held[name].to_numpy(dtype=np.intp) for name in ("river", "claimant"))
    table = metres_by_steward(rivers["length_m"], river, held["from_m"], held["to_m"], claimant)
    table = table.sort_values(["length_m", "steward"], ascending=[False, True])
    return [
        {
            "party": int(row["steward"]),
            "kind": kinds[row["steward"]],
            "stretches": int(row["stretches"]),
            **{name: number(row[name]) for name in ("length_m", "alone_m", "shared_m")},
        }
        for row in table.to_dict("records")
    ]


def find_offers(register: Register, profile: DepthProfile) -> GeoDataFrame | None:
    """Return the stretches to offer, best first (EPSG:4326), or None where streets or people are not known.

    Not offered are stretches that somebody asked for, and rivers that nobody may adopt.
    """
    rivers, streets, people = register.rivers, register.streets, register.people
    if streets is None or people is None or rivers.empty:
        return None
    stretches = free_reaches(rivers, profile)
    crs = local_metric_crs(total_bbox(rivers.geometry.to_numpy()))
    homes = to_metric(people, crs)
    ranked = next_stretches(
        to_metric(stretches.assign(at=np.arange(len(stretches))), crs),
        to_metric(streets, crs).geometry.to_numpy(),
        homes.set_geometry(demand_points(homes), crs=crs),
    )
    figures = ranked.assign(street_m=ranked["street_m"].round(1), access=ranked["access"].round(3))
    return GeoDataFrame(
        figures[list(OFFER_COLUMNS)], geometry=stretches.geometry.to_numpy()[ranked["at"]], crs=STORAGE_CRS
    )


def offer_rows(offers: GeoDataFrame) -> list[dict[str, Any]]:
    """Return the stretches to offer as rows of a result."""
    figures = ("from_m", "to_m", "length_m", "street_m", "access", "people")
    return [
        {"rank": int(row["rank"]), "river": row["river"], "name": row["name"], "site_id": int(row["site_id"])}
        | {name: number(row[name]) for name in figures}
        for row in offers.drop(columns="geometry").to_dict("records")
    ]


def stretch_rows(rivers: GeoDataFrame, stretches: pd.DataFrame, more: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return stretches as rows of a result: which river, from where to where."""
    rows = []
    for stretch in stretches.to_dict("records"):
        river = rivers.iloc[int(stretch["river"])]
        ends = {name: number(stretch[name]) for name in ("from_m", "to_m", *more)}
        rows.append({"site_id": int(river["id"]), "river": river["ref"], "name": river["name"], **ends})
    return rows
