"""Tiles of a frame in memory: context sets and results of analyses, generalised by zoom."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.crs import Geometries, to_storage
from geocommons.errors import UnknownCRS
from geocommons.files.columns import plain_columns
from geocommons.files.mvt import Int
from geocommons.files.tiles import (
    HALF_WORLD_M,
    KEEP_TINY_FROM_ZOOM,
    MAX_ZOOM,
    PIXELS,
    TileLayer,
    encode_tile,
    lonlat_to_mercator,
    tile_bounds_m,
)

BAND_TOPS = (4, 6, 8, 10, 11, 13, MAX_ZOOM)
"""The highest zoom of each band; geometry is generalised once for a band, and not at all for the last."""
CLASS = "class"
STREETS = "streets"
STREETS_FROM_ZOOM = 12
STREETS_WHOLE_FROM_ZOOM = 14
MAIN_STREETS = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})
PATHS = frozenset(
    {"footway", "path", "steps", "service", "track", "cycleway", "bridleway", "corridor", "sidewalk", "crossing"}
)
TILES_KEPT = 256
BUFFER = 64 / 4096


@dataclass(frozen=True)
class _Band:
    """The geometry of a band of zooms in EPSG:3857, the row of the frame that each is or stands for, and its index."""

    geometry: Geometries
    rows: Int
    tree: shapely.STRtree
    joined: bool
    """Each geometry joins all rows of its class."""


class FrameTiles:
    """A frame that answers with vector tiles; made once, asked from any thread.

    Bands of zooms are generalised when they are first asked for: outlines are simplified by half a pixel, what is
    smaller than a pixel is left out. Lines of "streets" with a column `class` (OSM's words for highways) are joined per
    class below zoom 14, where `class` is their only property; paths are left out there, and below zoom 12 all but main
    streets. Whatever else has classes, as an output of an analysis may, keeps its properties at every zoom.
    Else the id of a feature is its row number.
    """

    def __init__(self, frame: GeoDataFrame, name: str, *, keep_tiny: bool = False) -> None:
        """Take a frame and the name of its layer in the tiles; refuses a frame that does not say its CRS.

        With `keep_tiny`, areas smaller than a pixel are squares of one at every zoom, and none is left out.
        """
        if frame.crs is None:
            raise UnknownCRS("The frame does not say which CRS it is in.")
        self.name, self._keep_tiny = name, keep_tiny
        self._geometry = lonlat_to_mercator(to_storage(frame.geometry.to_numpy(), frame.crs))
        self._columns = {key: np.array(column, dtype=object) for key, column in plain_columns(frame).items()}
        self._bands: dict[int, _Band] = {}
        self._lock = Lock()
        self._kept = lru_cache(maxsize=TILES_KEPT)(self._encode)

    def tile(self, z: int, x: int, y: int, columns: Sequence[str] | None = None) -> bytes:
        """Return a tile with some columns (all, if none are named) as properties; b"" if nothing is in it.

        The last 256 tiles are kept.
        """
        return self._kept(z, x, y, None if columns is None else tuple(columns))

    def _encode(self, z: int, x: int, y: int, columns: tuple[str, ...] | None) -> bytes:
        west_m, south_m, east_m, north_m = tile_bounds_m(z, x, y)
        grown_m = BUFFER * (east_m - west_m)
        band = self._band(z)
        window = shapely.box(west_m - grown_m, south_m - grown_m, east_m + grown_m, north_m + grown_m)
        found = np.sort(band.tree.query(window))
        rows = band.rows[found]
        wanted = self._columns.keys() if columns is None else columns
        # What stands for many rows has no more in common than their class.
        shared = [CLASS] if band.joined else list(self._columns)
        layer = TileLayer(
            name=self.name,
            geometry=band.geometry[found],
            ids=None if band.joined else rows,
            properties={key: self._columns[key][rows] for key in wanted if key in shared},
            crs="EPSG:3857",
        )
        return encode_tile([layer], z, x, y, keep_tiny_from_zoom=0 if self._keep_tiny else KEEP_TINY_FROM_ZOOM)

    def _band(self, z: int) -> _Band:
        top = next(top for top in BAND_TOPS if z <= top)
        with self._lock:
            if top not in self._bands:
                self._bands[top] = self._generalised(top)
            return self._bands[top]

    def _generalised(self, top: int) -> _Band:
        geometry, rows, joined = self._geometry, np.arange(len(self._geometry)), False
        is_streets = self.name == STREETS and CLASS in self._columns and _all_lines(geometry)
        if top < STREETS_WHOLE_FROM_ZOOM and is_streets:
            geometry, rows = _joined_streets(geometry, self._columns[CLASS], top)
            joined = True
        if top != MAX_ZOOM:
            pixel_m = 2 * HALF_WORLD_M / (PIXELS << top)
            seen = (_size_m(geometry) >= pixel_m) | (shapely.get_dimensions(geometry) == 0)
            seen |= self._keep_tiny & ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
            geometry, rows = shapely.simplify(geometry[seen], pixel_m / 2), rows[seen]
        tree = shapely.STRtree(geometry)
        # GEOS builds the tree on the first question, and two threads may not ask that one.
        tree.query(shapely.Point(0, 0))
        return _Band(geometry, rows, tree, joined)


def _all_lines(geometry: Geometries) -> bool:
    there = ~shapely.is_missing(geometry)
    return bool((shapely.get_dimensions(geometry[there]) == 1).all())


def _size_m(geometry: Geometries) -> NDArray[np.float64]:
    """Return the longer side of each one's box; nan for one without coordinates."""
    bounds = shapely.bounds(geometry)
    sides: NDArray[np.float64] = (bounds[:, 2:] - bounds[:, :2]).max(axis=1)
    return sides


def _joined_streets(geometry: Geometries, classes: NDArray[np.object_], top: int) -> tuple[Geometries, Int]:
    """Return the streets of a band joined per class, and a row of the class of each.

    Joining comes first: a street is cut at its crossings, so its pieces are each below a pixel from afar. There, a
    class is one feature; closer by it is many lines, so that a tile clips few. Classes of its own are all kept.
    """
    present = ~shapely.is_missing(geometry)
    names = set(classes[present].tolist())
    far = top < STREETS_FROM_ZOOM
    kept = (names & MAIN_STREETS if far else names - PATHS) or names
    rows = [np.flatnonzero(present & (classes == name)) for name in sorted(kept, key=str)]
    joined = np.empty(len(rows), dtype=object)
    for place, members in enumerate(rows):
        joined[place] = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(geometry[members])))
    firsts = np.array([members[0] for members in rows], dtype=np.int64)
    if far:
        return joined, firsts
    lines, place_of_line = shapely.get_parts(joined, return_index=True)
    return lines, firsts[place_of_line]
