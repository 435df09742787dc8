"""Geometry as GeoJSON text (RFC 7946), rounded so that it stays what it was."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geocommons.crs import Geometries, without_heights

KINDS = {
    shapely.GeometryType.POINT.value: "Point",
    shapely.GeometryType.LINESTRING.value: "LineString",
    shapely.GeometryType.POLYGON.value: "Polygon",
    shapely.GeometryType.MULTIPOINT.value: "MultiPoint",
    shapely.GeometryType.MULTILINESTRING.value: "MultiLineString",
    shapely.GeometryType.MULTIPOLYGON.value: "MultiPolygon",
}
DECIMALS = 7
"""Of a degree: 1.1 cm on the ground (RFC 7946, 11.2 says that six will do)."""
SURE = 1e-14
"""Rounding of numbers never turns round a difference that is more than this part of what it was taken of."""
Floats = NDArray[np.float64]
Starts = NDArray[np.integer]


def geometry_texts(geometries: Geometries) -> list[str]:
    """Return geometries in EPSG:4326 as GeoJSON text with 7 decimals, exteriors counter-clockwise; "null" for None.

    A polygon that was valid stays so: where rounding alone would break it, its vertices are snapped until it is
    whole, and if it is too thin for that, it keeps all its decimals.
    """
    texts = np.full(len(geometries), "null", dtype=object)
    positions, points, starts = _stars(geometries)
    texts[positions] = _write("Polygon", points, (starts, np.arange(len(starts))))
    others = ~shapely.is_missing(geometries)
    others[positions] = False
    left = np.flatnonzero(others)
    rounded = shapely.orient_polygons(round_coordinates(geometries[left]))
    kinds = np.where(shapely.is_empty(rounded), shapely.GeometryType.GEOMETRYCOLLECTION, shapely.get_type_id(rounded))
    for kind in np.unique(kinds).tolist():
        texts[left[kinds == kind]] = _texts_of(rounded[kinds == kind], KINDS.get(kind))
    return texts.tolist()


class _Stars(NamedTuple):
    """Some polygons by position, all their points, and where in these each begins; at last where they end."""

    positions: NDArray[np.intp]
    points: Floats
    starts: Starts


def _stars(geometries: Geometries) -> _Stars:
    """Return the polygons of one ring that, rounded, go round a place in them once and never back: these are valid.

    Most do, and to ask their points takes a third of the time that it takes to build each and to ask GEOS. The points
    are those of the rounded polygons, counter-clockwise.
    """
    one_ring = shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON
    one_ring &= (shapely.get_num_interior_rings(geometries) == 0) & ~shapely.is_empty(geometries)
    positions = np.flatnonzero(one_ring)
    points, of = shapely.get_coordinates(geometries[positions], return_index=True)
    points = np.round(points, DECIMALS)
    counts = np.bincount(of, minlength=len(positions))
    x, y = (axis - (np.bincount(of, axis, len(positions)) / counts)[of] for axis in points.T)
    left, right = x[:-1] * y[1:], x[1:] * y[:-1]
    sure = np.abs(left - right) > SURE * (np.abs(left) + np.abs(right))
    inside = of[:-1] == of[1:]  # not from one ring to the next
    turns = np.bincount(of[:-1], np.sign(left - right) * (sure & inside), len(positions))
    rounds = np.bincount(of[:-1], (y[:-1] < 0) & (y[1:] >= 0) & inside, len(positions))
    are_stars = (np.abs(turns) == counts - 1) & (rounds == 1)
    ends = np.cumsum(counts)
    order = np.arange(len(points))
    order = np.where((turns < 0)[of], (2 * ends - counts - 1)[of] - order, order)  # clockwise rings from the end
    starts = np.concatenate([[0], np.cumsum(counts[are_stars])])
    return _Stars(positions[are_stars], points[order[are_stars[of]]], starts)


def _texts_of(geometries: Geometries, kind: str | None) -> list[str]:
    """Return geometries of one kind as GeoJSON text; of any, without a kind."""
    if kind is not None:
        _, points, levels = shapely.to_ragged_array(geometries, include_z=False)
        if np.isfinite(points).all() and not any((np.diff(level) == 0).any() for level in levels):
            return _write(kind, points, levels)
    return list(shapely.to_geojson(geometries))


def _write(kind: str, points: Floats, levels: Sequence[Starts]) -> list[str]:
    """Return geometries as GeoJSON text, given as shapely's ragged arrays are, every part with points."""
    starts = levels[0] if levels else np.arange(len(points) + 1)
    apart = np.insert(points, starts[1:-1], np.nan, axis=0)  # null in JSON, which no coordinate is
    whole = orjson.dumps(apart, option=orjson.OPT_SERIALIZE_NUMPY).decode().replace(".0,", ",").replace(".0]", "]")
    parts = whole[1:-1].split(",[null,null],") if len(points) else []
    for depth, level in enumerate(levels[1:], 1):
        if len(level) <= len(parts):  # else each has one part
            between = f"{']' * depth},{'[' * depth}"
            parts = [between.join(parts[start:end]) for start, end in pairwise(level.tolist())]
    opened, closed = f'{{"type":"{kind}","coordinates":{"[" * len(levels)}', "]" * len(levels) + "}"
    return [f"{opened}{part}{closed}" for part in parts]


def round_coordinates(geometries: Geometries) -> Geometries:
    """Return geometries in degrees, without Z and M, with coordinates of 7 decimals; valid if they were."""
    flat = without_heights(geometries)
    rounded = _rounded(flat)
    broken = ~shapely.is_valid(rounded)
    broken[broken] = shapely.is_valid(flat[broken])
    if broken.any():
        rounded[broken] = _snapped(flat[broken])
    return rounded


def _rounded(geometries: Geometries) -> Geometries:
    return shapely.transform(geometries, lambda points: np.round(points, DECIMALS))


def _snapped(geometries: Geometries) -> Geometries:
    """Return valid polygons that rounding breaks, with 7 decimals and valid; as they are where that would lose them."""
    snapped = _rounded(shapely.set_precision(geometries, 10.0**-DECIMALS))
    good: NDArray[np.bool_] = shapely.is_valid(snapped) & ~shapely.is_empty(snapped)
    good &= shapely.get_dimensions(snapped) == shapely.get_dimensions(geometries)
    return np.where(good, snapped, geometries)
