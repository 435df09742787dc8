"""Land where a site might come: lots of the register, candidates of the context, points that somebody names."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput
from geocommons.layer import get_layer
from geocommons.usecases.analyses.service.reaches import NOT_ADOPTABLE, reaches_of
from geocommons.usecases.questions.inputs import Inputs

COLUMNS = ("layer", "ref", "name", "area_m2", "cost", "gate", "geometry")
CANDIDATES = "candidates"
POINTS = "points"


def find_land(inputs: Inputs, layers: Sequence[str], day: date, *, points: str = "") -> GeoDataFrame:
    """Return land in EPSG:4326: layer, ref, name, area_m2, cost and gate (NaN and None where unknown), geometry.

    First sites of some layers that can be adopted on the day (of rivers the stretches that nobody holds or asked for),
    then the register's candidates (which are ground, and not offered where only stretches are asked for), then points.
    """
    lots = inputs.sites(layers, day, called="land")
    measured = {layer_id for layer_id in layers if get_layer(layer_id).measured}
    whole = lots[(lots["status"] != NOT_ADOPTABLE) & ~lots["layer"].isin(measured)]
    reaches = [reaches_of(inputs, lots[lots["layer"] == layer_id], layer_id, day) for layer_id in sorted(measured)]
    parts = [part.assign(cost=np.nan) for part in (whole, *reaches)]
    candidates = inputs.context_or_none(CANDIDATES)
    if candidates is not None and (not measured or set(layers) - measured):
        known = {name: candidates.get(name) for name in ("ref", "name", "area_m2", "cost")}
        parts.append(GeoDataFrame({"layer": CANDIDATES, **known}, geometry=candidates.geometry, crs=STORAGE_CRS))
    if points:
        parts.append(_points(points))
    rows = [part.reindex(columns=list(COLUMNS)) for part in parts if len(part)]
    if not rows:
        return GeoDataFrame({name: [] for name in COLUMNS[:-1]}, geometry=[], crs=STORAGE_CRS)
    table = pd.concat([pd.DataFrame(part).astype(object) for part in rows], ignore_index=True)
    for name in ("area_m2", "cost"):
        table[name] = pd.to_numeric(table[name], errors="coerce").astype("float64")
    table["gate"] = table["gate"].where(table["gate"].notna(), None)
    return GeoDataFrame(table, geometry="geometry", crs=STORAGE_CRS)


def _points(text: str) -> GeoDataFrame:
    """Return points that are written as "lon,lat; lon,lat", numbered P1, P2, …, or refuse."""
    places = []
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        try:
            lon, lat = (float(part) for part in pair.split(","))
        except ValueError:
            lon = lat = np.nan
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise InvalidInput("“{value}” is no longitude and latitude. Write it like 2.61,54.60.", value=pair)
        places.append(shapely.Point(lon, lat))
    refs = [f"P{number}" for number in range(1, len(places) + 1)]
    return GeoDataFrame({"layer": POINTS, "ref": refs, "name": refs}, geometry=places, crs=STORAGE_CRS)
