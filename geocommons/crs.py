"""Reproject: to the storage CRS, to one local metric CRS, and measure on the ellipsoid."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyproj
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer

from geocommons.errors import UnknownCRS

STORAGE_CRS = "EPSG:4326"
STORAGE_SRID = 4326
WGS84 = Geod(ellps="WGS84")
WEB_MERCATOR_MAX_LAT = 85.0511287798066
EQUAL_AREA_DEGREES = 0.1


class BBox(NamedTuple):
    """West, south, east, north in degrees, in that order."""

    west: float
    south: float
    east: float
    north: float


Geometries = NDArray[np.object_]
WORLD = BBox(-180.0, -WEB_MERCATOR_MAX_LAT, 180.0, WEB_MERCATOR_MAX_LAT)


def parse_crs(text: str) -> CRS:
    """Return the CRS that a person names ("EPSG:26986", WKT, PROJJSON), or refuse."""
    try:
        return CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise UnknownCRS("“{crs}” is not a known CRS. Write it like EPSG:28992.", crs=text) from error


def to_storage(geometries: Geometries, crs: CRS) -> Geometries:
    """Return shapely geometries in the storage CRS (EPSG:4326, longitude first, without Z and M)."""
    flat = without_heights(geometries)
    transformer = _transformer(crs)
    if transformer is None:
        return flat
    return shapely.transform(flat, transformer.transform, interleaved=False)  # type: ignore[arg-type]  # pyproj's overloads


def without_heights(geometries: Geometries) -> Geometries:
    """Return geometries without Z and M; few have them, and to rebuild each takes longer than to ask."""
    flat = geometries.copy()
    raised = shapely.has_z(flat) | shapely.has_m(flat)
    flat[raised] = shapely.force_2d(flat[raised])
    return flat


@lru_cache(maxsize=8)
def _transformer(crs: CRS) -> Transformer | None:
    """Return the way from a CRS to the storage CRS, None if they are the same; finding it takes 35 ms."""
    if crs.equals(CRS.from_epsg(STORAGE_SRID), ignore_axis_order=True):
        return None
    return Transformer.from_crs(crs, STORAGE_CRS, always_xy=True)


def local_metric_crs(bbox: BBox) -> CRS:
    """Return a metric CRS around a place: an azimuthal equidistant projection on the middle of a box.

    Distances from the middle are true; within 50 km they are right to 1 in 100,000 in all directions
    (Snyder, Map Projections: A Working Manual, USGS PP 1395, 1987, p. 191).
    """
    lon, lat = (bbox.west + bbox.east) / 2, (bbox.south + bbox.north) / 2
    return CRS.from_proj4(f"+proj=aeqd +lat_0={lat:.6f} +lon_0={lon:.6f} +ellps=WGS84 +units=m +no_defs")


def to_metric(frame: GeoDataFrame, crs: CRS) -> GeoDataFrame:
    """Return a frame in a metric CRS; refuse one that does not name its own."""
    if frame.crs is None:
        raise UnknownCRS("The frame does not say which CRS it is in.")
    return frame.to_crs(crs)


def grow(bbox: BBox, metres: float) -> BBox:
    """Return a box grown by at least so many metres on each side, kept inside the world."""
    widest = min(89.0, max(abs(bbox.south), abs(bbox.north)))
    dlat = metres / 110_574.0
    dlon = metres / (111_320.0 * math.cos(math.radians(widest)))
    west, east = max(-180.0, bbox.west - dlon), min(180.0, bbox.east + dlon)
    return BBox(west, max(-90.0, bbox.south - dlat), east, min(90.0, bbox.north + dlat))


def total_bbox(geometries: Geometries) -> BBox:
    """Return the box around all geometries (the world if there are none)."""
    bounds = shapely.total_bounds(geometries)
    return BBox(*bounds.tolist()) if np.isfinite(bounds).all() else WORLD


def geodesic_areas_m2(geometries: Geometries) -> NDArray[np.float64]:
    """Return the areas of polygons (EPSG:4326) on the WGS84 ellipsoid, in m2; 0 for lines, points and None.

    Small polygons are measured in the ellipsoid's cylindrical equal-area plane (Snyder 1987, eq. 3-12),
    which differs from geodesic edges by less than 1 in 1 million up to 0.1 degree; larger ones edge by
    edge (Karney 2013).
    """
    one_ring = (shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(geometries) == 0
    )
    areas = np.zeros(len(geometries))
    areas[one_ring] = _ring_areas(geometries[one_ring])
    areas[~one_ring] = np.nan_to_num(shapely.area(shapely.transform(geometries[~one_ring], _equal_area_plane)))
    west, south, east, north = shapely.bounds(geometries).T
    for position in np.flatnonzero(np.maximum(east - west, north - south) > EQUAL_AREA_DEGREES):
        if shapely.get_dimensions(geometries[position]) == 2:
            areas[position] = abs(WGS84.geometry_area_perimeter(shapely.orient_polygons(geometries[position]))[0])
    return areas


def _ring_areas(polygons: Geometries) -> NDArray[np.float64]:
    """Return the areas of polygons without holes in the equal-area plane, all at once: to build each there is slow."""
    points, of = shapely.get_coordinates(polygons, return_index=True)
    plane = _equal_area_plane(points)
    starts = np.searchsorted(of, np.arange(len(polygons)))
    x, y = (plane - plane[starts[of]]).T  # from a corner of its own, or large numbers would drown small areas
    twice = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)  # 0 from one ring to the next, which begin at (0, 0)
    return np.abs(np.bincount(of, weights=twice, minlength=len(polygons))) / 2


def _equal_area_plane(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    sin_lat = np.sin(np.radians(lonlat[:, 1]))
    e = np.sqrt(WGS84.es)
    q = (1 - WGS84.es) * (sin_lat / (1 - WGS84.es * sin_lat**2) + np.arctanh(e * sin_lat) / e)
    return np.column_stack((WGS84.a * np.radians(lonlat[:, 0]), WGS84.a * q / 2))


def geodesic_length_m(geometry: shapely.Geometry) -> float:
    """Return the length of a line (EPSG:4326) on the WGS84 ellipsoid, in m (Karney 2013)."""
    return float(WGS84.geometry_length(geometry))
