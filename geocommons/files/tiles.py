"""Vector tiles of the WebMercatorQuad grid: tile maths and clipping.

The grid is WebMercatorQuad (OGC 17-083r4, annex D): tile 0/0/0 is the world in EPSG:3857, y counts from the north.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import atan, degrees, exp, pi
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import BBox, Geometries
from geocommons.errors import InvalidInput
from geocommons.files.mvt import LINE, POINT, POLYGON, Column, Int, Shapes, encode_layer

HALF_WORLD_M = 20_037_508.342789244
MAX_ZOOM = 24
PIXELS = 256
KEEP_TINY_FROM_ZOOM = 14
# The poles are infinitely far away in this projection; this latitude is finite and outside all tiles.
LAT_LIMIT = 89.99

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class TileLayer:
    """A layer of a tile: geometries with one value per property each.

    `geometry` is in degrees (EPSG:4326, longitude first), or in metres of EPSG:3857 if `crs` says so.
    """

    name: str
    geometry: Geometries
    ids: Int | None = None
    properties: Mapping[str, Column] = field(default_factory=dict)
    crs: Literal["EPSG:4326", "EPSG:3857"] = "EPSG:4326"


class Bounds(NamedTuple):
    """West, south, east, north in metres of EPSG:3857."""

    west_m: float
    south_m: float
    east_m: float
    north_m: float


def check_tile(z: int, x: int, y: int) -> None:
    """Refuse a tile that is not in the grid."""
    if not 0 <= z <= MAX_ZOOM or not 0 <= x < 1 << z or not 0 <= y < 1 << z:
        raise InvalidInput(
            "There is no tile {z}/{x}/{y}. Zooms go from 0 to {max_zoom}; at zoom z, x and y go from 0 to 2^z - 1.",
            z=z,
            x=x,
            y=y,
            max_zoom=MAX_ZOOM,
        )


def tile_bounds_m(z: int, x: int, y: int) -> Bounds:
    """Return the bounds of a tile in metres of EPSG:3857."""
    check_tile(z, x, y)
    side_m = 2 * HALF_WORLD_M / (1 << z)
    west_m, north_m = x * side_m - HALF_WORLD_M, HALF_WORLD_M - y * side_m
    return Bounds(west_m, north_m - side_m, west_m + side_m, north_m)


def tile_bbox(z: int, x: int, y: int, *, margin: float = 0.0) -> BBox:
    """Return the box of a tile in degrees, grown on each side by a `margin` in tile widths (the buffer is 64/4096)."""
    west_m, south_m, east_m, north_m = tile_bounds_m(z, x, y)
    grown_m = margin * (east_m - west_m)
    west, east = (edge_m / HALF_WORLD_M * 180 for edge_m in (west_m - grown_m, east_m + grown_m))
    south, north = (
        degrees(2 * atan(exp(edge_m / HALF_WORLD_M * pi)) - pi / 2) for edge_m in (south_m - grown_m, north_m + grown_m)
    )
    return BBox(west, south, east, north)


def lonlat_to_mercator(geometries: Geometries) -> Geometries:
    """Return geometries in degrees (EPSG:4326) as geometries in metres (EPSG:3857).

    Latitudes beyond 89.99 are taken as 89.99: the projection has no poles.
    """
    return shapely.transform(geometries, _mercator)


def lonlat_to_fraction(lon: Float, lat: Float) -> tuple[Float, Float]:
    """Return places in degrees as fractions of the world's tile (0/0/0), to the right and down."""
    metres = _mercator(np.column_stack([lon, lat]))
    return metres[:, 0] / (2 * HALF_WORLD_M) + 0.5, 0.5 - metres[:, 1] / (2 * HALF_WORLD_M)


def mercator_to_lonlat(points_m: Float) -> Float:
    """Return points (n, 2) in metres of EPSG:3857 as degrees."""
    lon = points_m[:, 0] / HALF_WORLD_M * 180
    lat = np.degrees(2 * np.arctan(np.exp(points_m[:, 1] / HALF_WORLD_M * np.pi)) - np.pi / 2)
    return np.column_stack([lon, lat])


def encode_tile(
    layers: Sequence[TileLayer],
    z: int,
    x: int,
    y: int,
    *,
    extent: int = 4096,
    buffer: int = 64,
    keep_tiny_from_zoom: int = KEEP_TINY_FROM_ZOOM,
) -> bytes:
    """Return a Mapbox Vector Tile (2.1) of some layers; a layer without features is left out, an empty tile is b"".

    Lines and polygons are clipped to the tile and `buffer` units around it; what does not touch that is left out.
    A polygon smaller than a pixel (1/256 tile) is left out below `keep_tiny_from_zoom` and drawn as a square of one
    pixel from there on; a line shorter than a pixel is left out below it.
    """
    check_tile(z, x, y)
    window = _Window(z, x, y, extent, buffer, keep_tiny_from_zoom)
    return b"".join(
        encode_layer(layer.name, _shapes(layer, window), layer.ids, layer.properties, extent=extent) for layer in layers
    )


class _Window(NamedTuple):
    """A tile as a frame for coordinates: `units` makes tile units of them, x to the right and y down."""

    z: int
    x: int
    y: int
    extent: int
    buffer: int
    keep_tiny_from_zoom: int

    @property
    def pixel(self) -> float:
        return self.extent / PIXELS

    def units(self, points: Float, crs: str) -> Float:
        metres = _mercator(points) if crs == "EPSG:4326" else points
        scale = (1 << self.z) / (2 * HALF_WORLD_M) * self.extent
        out = np.empty_like(metres)
        out[:, 0] = (metres[:, 0] + HALF_WORLD_M) * scale - self.x * self.extent
        out[:, 1] = (HALF_WORLD_M - metres[:, 1]) * scale - self.y * self.extent
        return out

    def boxes(self, geometry: Geometries, crs: str) -> Float:
        """Return the bounds (n, 4) of geometries in tile units: left, top, right, bottom; nan for empty ones."""
        bounds = shapely.bounds(geometry)
        corners = self.units(bounds.reshape(-1, 2), crs).reshape(-1, 4)
        return corners[:, [0, 3, 2, 1]]


def _mercator(points: Float) -> Float:
    out = np.empty_like(points)
    out[:, 0] = points[:, 0] * (HALF_WORLD_M / 180)
    lat = np.radians(np.clip(points[:, 1], -LAT_LIMIT, LAT_LIMIT))
    out[:, 1] = np.arcsinh(np.tan(lat)) * (HALF_WORLD_M / np.pi)
    return out


def _shapes(layer: TileLayer, window: _Window) -> list[Shapes]:
    """Return the features of a layer that show in a tile, clipped and in whole tile units."""
    low, high = -window.buffer, window.extent + window.buffer
    boxes = window.boxes(layer.geometry, layer.crs)
    near = (boxes[:, 2:] >= low).all(axis=1) & (boxes[:, :2] <= high).all(axis=1)
    rows = np.flatnonzero(near & np.isfinite(boxes).all(axis=1))
    geometry, boxes = layer.geometry[rows], boxes[rows]
    dimension = shapely.get_dimensions(geometry)
    tiny = ((boxes[:, 2:] - boxes[:, :2]) < window.pixel).all(axis=1) & (dimension > 0)
    if window.z < window.keep_tiny_from_zoom:
        rows, geometry, boxes, dimension = rows[~tiny], geometry[~tiny], boxes[~tiny], dimension[~tiny]
        tiny = np.zeros(len(rows), dtype=np.bool_)
    squares = tiny & (dimension == POLYGON - 1)
    crossing = ~squares & ((boxes[:, :2] < low) | (boxes[:, 2:] > high)).any(axis=1)
    if crossing.any():
        geometry[crossing] = _clip(
            shapely.transform(geometry[crossing], lambda points: window.units(points, layer.crs)), low, high
        )
    if squares.any():
        geometry[squares] = _pixels(boxes[squares], window.pixel)
    parts, owner = _parts(geometry)
    fits = shapely.get_dimensions(parts) == dimension[owner]
    parts, owner = parts[fits], owner[fits]
    ready = (squares | crossing)[owner]
    flatten = {POLYGON: _polygons, LINE: _lines, POINT: _points}
    found = []
    for kind, flat in flatten.items():
        chosen = dimension[owner] == kind - 1
        if chosen.any():
            found.append(flat(parts[chosen], owner[chosen], ready[chosen], rows, window, layer.crs))
    return found


def _pixels(boxes: Float, pixel: float) -> Geometries:
    """Return a square of one pixel around the middle of each box."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    corners = np.concatenate([middle - pixel / 2, middle + pixel / 2], axis=1)
    squares: Geometries = shapely.box(*corners.T)
    return squares


def _clip(geometry: Geometries, low: float, high: float) -> Geometries:
    """Return geometries clipped to a square; what the fast way breaks or refuses is cut the slow way."""
    try:
        clipped = shapely.clip_by_rect(geometry, low, low, high, high)
    except shapely.GEOSException:
        clipped = np.full(len(geometry), None, dtype=object)
    # GEOS fills the wrong side of some outlines that touch the edge of the square: the result overlaps itself.
    broken = ~shapely.is_valid(clipped)
    if broken.any():
        square = shapely.box(low, low, high, high)
        clipped[broken] = shapely.intersection(shapely.make_valid(geometry[broken]), square)
    return clipped


def _parts(geometry: Geometries) -> tuple[Geometries, Int]:
    """Return the single parts of geometries, however deep, and which geometry each is of, in order."""
    parts, owner = geometry, np.arange(len(geometry))
    while (several := shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        # Only what has parts is taken apart: that copies each geometry.
        inner, holder = shapely.get_parts(parts[several], return_index=True)
        parts = np.concatenate([parts[~several], inner])
        owner = np.concatenate([owner[~several], owner[several][holder]])
    order = np.argsort(owner, kind="stable")
    return parts[order], owner[order]


def _rings(parts: Geometries) -> tuple[Geometries, Int]:
    """Return rings, exteriors first, and the polygon of each; a polygon without holes stands for its ring."""
    if shapely.get_num_interior_rings(parts).any():
        return shapely.get_rings(parts, return_index=True)
    return parts, np.arange(len(parts))


def _whole_units(paths: Geometries, ready: Bool, window: _Window, crs: str) -> tuple[Int, Int]:
    """Return points (n, 2) in whole tile units and the path of each; `ready` paths are in tile units already."""
    points, path = shapely.get_coordinates(paths, return_index=True)
    raw = ~ready[path]
    points[raw] = window.units(points[raw], crs)
    finite = np.isfinite(points).all(axis=1)
    if not finite.all():
        points, path = points[finite], path[finite]
    return np.rint(points).astype(np.int64), path


def _polygons(parts: Geometries, owner: Int, ready: Bool, rows: Int, window: _Window, crs: str) -> Shapes:
    """Return polygons: exteriors with a positive area in tile units (clockwise on screen), holes a negative one."""
    rings, part = _rings(parts)
    points, ring = _whole_units(rings, ready[part], window, crs)
    same = ring[:-1] == ring[1:]
    cross = points[:-1, 0] * points[1:, 1] - points[1:, 0] * points[:-1, 1]
    area = np.bincount(ring[:-1][same], weights=cross[same], minlength=len(rings))
    exterior = np.diff(part, prepend=-1) != 0
    alive = (area != 0) & (area[exterior] != 0)[part]
    keep = np.append(same & (points[:-1] != points[1:]).any(axis=1), False) & alive[ring]
    points, ring = points[keep], ring[keep]
    lengths = np.bincount(ring, minlength=len(rings))[alive]
    backward = ((area > 0) != exterior)[alive]
    return _gather(POLYGON, _turn(points, lengths, backward), lengths, owner[part][alive], rows)


def _turn(points: Int, lengths: Int, backward: Bool) -> Int:
    """Return points path by path, with the order of the `backward` paths reversed."""
    starts = np.cumsum(lengths) - lengths
    place = np.arange(len(points))
    mirror = np.repeat(2 * starts + lengths - 1, lengths) - place
    return points[np.where(np.repeat(backward, lengths), mirror, place)]


def _lines(parts: Geometries, owner: Int, ready: Bool, rows: Int, window: _Window, crs: str) -> Shapes:
    points, path = _whole_units(parts, ready, window, crs)
    moved = (points[1:] != points[:-1]).any(axis=1)
    keep = np.append(True, moved | (path[1:] != path[:-1]))
    points, path = points[keep], path[keep]
    lengths = np.bincount(path, minlength=len(parts))
    alive = lengths > 1
    return _gather(LINE, points[alive[path]], lengths[alive], owner[alive], rows)


def _points(parts: Geometries, owner: Int, ready: Bool, rows: Int, window: _Window, crs: str) -> Shapes:
    points, path = _whole_units(parts, ready, window, crs)
    inside = ((points >= -window.buffer) & (points <= window.extent + window.buffer)).all(axis=1)
    features, lengths = np.unique(owner[path[inside]], return_counts=True)
    return Shapes(POINT, points[inside], lengths, np.ones_like(lengths), rows[features])


def _gather(kind: Literal[2, 3], points: Int, lengths: Int, owner: Int, rows: Int) -> Shapes:
    features, paths = np.unique(owner, return_counts=True)
    return Shapes(kind, points, lengths, paths, rows[features])
