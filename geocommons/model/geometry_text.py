"""Geometry as GeoJSON text (RFC 7946), rounded so that it stays what it was."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
MOST_POINTS = 20_000_000
DECIMALS = 7
"""Of a degree: 1.1 cm on the ground (RFC 7946, 11.2 says that six will do)."""


def geometry_texts(geometries: Geometries) -> list[str]:
    """Return geometries in EPSG:4326 as GeoJSON text with 7 decimals, exteriors counter-clockwise; "null" for None.

    A polygon that was valid stays so: where rounding alone would break it, its vertices are snapped until it is
    whole, and if it is too thin for that, it keeps all its decimals.
    """
    rounded = shapely.orient_polygons(round_coordinates(geometries))
    texts = np.full(len(rounded), "null", dtype=object)
    kinds = np.where(shapely.is_empty(rounded), shapely.GeometryType.GEOMETRYCOLLECTION, shapely.get_type_id(rounded))
    for kind in np.unique(kinds[kinds >= 0]).tolist():
        texts[kinds == kind] = _write(rounded[kinds == kind], KINDS.get(kind))
    return texts.tolist()


def _write(geometries: Geometries, kind: str | None) -> Any:
    """Return geometries of one kind as GeoJSON text; of any, without a kind.

    Arrow writes numbers in as few digits as tell them apart, and other threads run while it does. It holds 2 GB of text
    at once, so more than that is written in parts.
    """
    many = int(shapely.get_num_coordinates(geometries).sum()) > MOST_POINTS
    if kind is None or (many and len(geometries) == 1):
        return shapely.to_geojson(geometries)
    if many:
        half = len(geometries) // 2
        return np.concatenate([_write(some, kind) for some in (geometries[:half], geometries[half:])])
    _, points, levels = shapely.to_ragged_array(geometries, include_z=False)
    x, y = (pc.cast(pa.array(np.ascontiguousarray(axis)), pa.string()) for axis in points.T)
    parts = pc.binary_join_element_wise("[", x, ",", y, "]", "")
    for starts in levels:
        joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(starts.astype(np.int32)), parts), ",")
        parts = pc.binary_join_element_wise("[", joined, "]", "")
    return pc.binary_join_element_wise(f'{{"type":"{kind}","coordinates":', parts, "}", "").to_numpy(
        zero_copy_only=False
    )


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
