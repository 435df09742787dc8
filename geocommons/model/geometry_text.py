"""Geometry as GeoJSON text (RFC 7946), rounded so that it stays what it was."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import Geometries, without_heights

DECIMALS = 7
"""Of a degree: 1.1 cm on the ground (RFC 7946, 11.2 says that six will do)."""


def geometry_texts(geometries: Geometries) -> list[str]:
    """Return geometries in EPSG:4326 as GeoJSON text with 7 decimals, exteriors counter-clockwise; "null" for None.

    A polygon that was valid stays so: where rounding alone would break it, its vertices are snapped until it is
    whole, and if it is too thin for that, it keeps all its decimals.
    """
    rounded = shapely.orient_polygons(round_coordinates(geometries))
    return ["null" if text is None else text for text in shapely.to_geojson(rounded).tolist()]


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
