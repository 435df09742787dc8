"""Hexagons: a plain picture of where people live and are served, the same size everywhere."""

from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import demand_points
from geocommons.errors import InvalidInput

MOST_CELLS = 200_000
CORNERS = np.deg2rad(np.arange(30, 390, 60))


def sum_by_hexagon(demand: GeoDataFrame, *, width_m: float) -> GeoDataFrame:
    """Return hexagons with people: `cell` (column:row), `people`, `served`, `unserved`, `not_assessed` and `share`.

    `demand` is the frame of a `Coverage`, in a metric CRS; demand without a point is left out. Hexagons stand on a
    corner, are `width_m` metres wide, and lie on one grid whatever the demand, so that two days can be compared.
    """
    if not width_m > 0:
        raise InvalidInput("Hexagons must be more than 0 metres wide.")
    points = demand_points(demand)
    placed = ~shapely.is_missing(points)
    cell = _cells(shapely.get_coordinates(points[placed]), width_m)
    found, row = np.unique(cell, axis=0, return_inverse=True)
    if len(found) > MOST_CELLS:
        raise InvalidInput("Hexagons of {width} m are too many to draw. Take wider ones.", width=width_m)
    people = demand["people"].to_numpy(dtype=np.float64)[placed]
    share = demand["share"].to_numpy(dtype=np.float64)[placed]
    known = np.isfinite(share)
    parts = {"served": np.where(known, share, 0.0), "unserved": np.where(known, 1 - share, 0.0), "not_assessed": ~known}
    sums = {name: np.bincount(row.ravel(), people * part, minlength=len(found)) for name, part in parts.items()}
    total = np.bincount(row.ravel(), people, minlength=len(found))
    columns: dict[str, Any] = {"cell": [f"{column}:{line}" for column, line in found.tolist()], "people": total, **sums}
    columns["share"] = np.divide(sums["served"], total, out=np.full(len(found), np.nan), where=total > 0)
    table = GeoDataFrame(pd.DataFrame(columns), geometry=_hexagons(found, width_m), crs=demand.crs)
    lived_in: GeoDataFrame = table[table["people"] > 0].reset_index(drop=True)
    return lived_in


def _cells(xy: np.ndarray[Any, Any], width_m: float) -> np.ndarray[Any, Any]:
    """Return column and row (axial coordinates) of the hexagon that holds each point: the one of the nearest middle."""
    side = width_m / np.sqrt(3)
    column = xy[:, 0] / width_m - xy[:, 1] / (3 * side)
    row = 2 * xy[:, 1] / (3 * side)
    cube = np.column_stack([column, row, -column - row])
    whole = np.rint(cube)
    off = np.abs(whole - cube)
    # Rounded, the three no longer add up to 0: the one that moved most gives way.
    worst = off.argmax(axis=1)
    at = np.arange(len(whole))
    whole[at, worst] -= whole.sum(axis=1)
    return np.asarray(whole[:, :2], dtype=np.int64)


def _hexagons(cell: np.ndarray[Any, Any], width_m: float) -> np.ndarray[Any, Any]:
    side = width_m / np.sqrt(3)
    x = width_m * (cell[:, 0] + cell[:, 1] / 2)
    y = 1.5 * side * cell[:, 1]
    rings = np.stack([x[:, None] + side * np.cos(CORNERS), y[:, None] + side * np.sin(CORNERS)], axis=-1)
    return np.asarray(shapely.polygons(rings))
