"""Cut measured lines by district."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import assign_districts
from geocommons.analysis.walk.network import Floats, Ints, Objects
from geocommons.errors import InvalidInput
from geocommons.linear import MeasuredLines, measure_lines

BORDER_DEG = 1e-9
"""A river this near to a border (0.1 mm) runs on it."""


def pieces_by_district(lines: Iterable[Any], lengths_m: Iterable[float], districts: GeoDataFrame) -> pd.DataFrame:
    """Return lines cut by district as measures: `river, from_m, to_m, district` (None outside all districts).

    Lines and districts are in longitude and latitude; `districts` has `name`. Each metre is in one piece, so the
    pieces of a river add up to its length. The middle of a piece says its district, of two the first by name; a
    line that runs along a border therefore counts for one side.
    """
    if districts.crs is None or not districts.crs.is_geographic:
        raise InvalidInput("Districts that cut rivers must be in longitude and latitude (EPSG:4326).")
    measured = measure_lines(lines, lengths_m)
    count = len(measured.first)
    line, at = _border_crossings(measured, districts)
    line = np.concatenate([np.arange(count), np.arange(count), line])
    at = np.concatenate([np.zeros(count), measured.length_m, at])
    # Whole millimetres, as rivers are counted: two cuts in one are one.
    cuts = np.unique(np.column_stack([line, np.rint(at * 1000).astype(np.int64)]), axis=0)
    same = cuts[1:, 0] == cuts[:-1, 0]
    river, low, high = cuts[:-1, 0][same], cuts[:-1, 1][same] / 1000, cuts[1:, 1][same] / 1000
    middle = np.asarray(shapely.points(measured.points_at(river, (low + high) / 2)[0]))
    district = assign_districts(middle, districts, border=BORDER_DEG)
    code = pd.factorize(district)[0]
    first = np.ones(len(river), dtype=bool)
    first[1:] = (river[1:] != river[:-1]) | (code[1:] != code[:-1])
    last = np.roll(first, -1)
    names = pd.Series(district[first], dtype=object)
    return pd.DataFrame({"river": river[first], "from_m": low[first], "to_m": high[last], "district": names})


def _border_crossings(measured: MeasuredLines, districts: GeoDataFrame) -> tuple[Ints, Floats]:
    """Return (line, measure) of every place where a line meets a border, segment by segment."""
    borders = _segments(shapely.get_parts(shapely.boundary(np.asarray(districts.geometry, dtype=object))))
    within = np.flatnonzero(measured.part[1:] == measured.part[:-1])
    begin, step = measured.xy[within], measured.xy[within + 1] - measured.xy[within]
    segments = np.asarray(shapely.linestrings(np.stack([begin, begin + step], axis=1)))
    border, row = shapely.STRtree(segments).query(borders, predicate="intersects")
    xy, pair = shapely.get_coordinates(shapely.intersection(borders[border], segments[row]), return_index=True)
    row = row[pair]
    square = (step[row] ** 2).sum(axis=1)
    along = np.divide(((xy - begin[row]) * step[row]).sum(axis=1), square, out=np.zeros(len(row)), where=square > 0)
    vertex = within[row]
    span = measured.measure_m[vertex + 1] - measured.measure_m[vertex]
    return measured.line[vertex], measured.measure_m[vertex] + np.clip(along, 0.0, 1.0) * span


def _segments(lines: Objects) -> Objects:
    """Return every straight segment of lines as a line of its own."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    return np.asarray(shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1)))
