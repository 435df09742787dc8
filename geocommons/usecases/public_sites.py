"""Read sites as anybody may know them, from the stored public features: nothing else ever leaves in a file."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pydantic import BaseModel
from sqlalchemy.orm import Session

from geocommons.crs import STORAGE_CRS, BBox
from geocommons.layer import get_layer
from geocommons.model.public import public_fact_names
from geocommons.store.sites import SiteFilter, list_features

NO_LIMIT = 2**31 - 1
SITE_COLUMNS = ("layer", "ref", "name", "area_m2", "length_m", "certainty", "parent")


def public_frame(session: Session, layer_id: str, day: date, bbox: BBox | None = None) -> GeoDataFrame:
    """Return what anybody may know of the sites of a layer on a day, read from the stored public features.

    Columns: id, layer, ref, name, status, stewards, since, until, area_m2 or length_m, certainty, parent, and one for
    each public fact: an official area (`area_m2`) among the facts stands in the place of the measured one. EPSG:4326.
    """
    layer = get_layer(layer_id)
    found = list_features(session, SiteFilter(day=day, layers=[layer.id], bbox=bbox), limit=NO_LIMIT)
    model: type[BaseModel] = layer.facts
    facts = public_fact_names(model)
    rows, geometries = [], []
    for feature in map(orjson.loads, found):
        geometries.append(orjson.dumps(feature["geometry"]))
        rows.append(_row(feature, layer.care_types, facts))
    columns = ["id", *SITE_COLUMNS[:3], "status", "stewards", "since", "until", *SITE_COLUMNS[3:], *facts]
    table = pd.DataFrame(rows, columns=list(dict.fromkeys(columns)))
    return GeoDataFrame(table, geometry=shapely.from_geojson(geometries), crs=STORAGE_CRS)


def _row(feature: dict[str, Any], care_types: Sequence[str], facts: tuple[str, ...]) -> dict[str, Any]:
    properties = feature["properties"]
    return {
        "id": feature["id"],
        **{name: properties.get(name) for name in SITE_COLUMNS},
        "status": properties["status"],
        **stewardship(properties, care_types),
        **{name: properties["facts"].get(name) for name in facts},
    }


def stewardship(
    state: dict[str, Any], care_types: Sequence[str], from_m: float | None = None, to_m: float | None = None
) -> dict[str, str | None]:
    """Return the public `stewards` of a site, or of a stretch of it, `since` when and `until` when."""
    care = [
        tenure for tenure in state.get("tenures", []) if tenure["type"] in care_types and _meets(tenure, from_m, to_m)
    ]
    names = [party["party"] or party["party_kind"] for tenure in care for party in tenure["parties"]]
    return {
        "stewards": "; ".join(dict.fromkeys(names)) or None,
        "since": min((tenure["since"] for tenure in care), default=None),
        "until": max((tenure["until"] for tenure in care if tenure["until"]), default=None),
    }


def _meets(tenure: dict[str, Any], from_m: float | None, to_m: float | None) -> bool:
    if from_m is None or to_m is None or tenure.get("from_m") is None:
        return True
    return bool(tenure["from_m"] < to_m and from_m < tenure["to_m"])
