"""Make the tiles of a map: of the register on a day, and of the context under it."""

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
from sqlalchemy.orm import Session

from geocommons.errors import NotReady
from geocommons.files.cells import count_cells
from geocommons.files.frame_tiles import FrameTiles
from geocommons.files.tiles import HALF_WORLD_M, PIXELS, TileLayer, encode_tile, tile_bbox
from geocommons.layer import Layer
from geocommons.store.tiles import STATUSES, Centres, postgis_tile, sites_in

EXTENT, BUFFER = 4096, 64
MAP_COLUMNS = {"streets": ("name", "class")}
"""Columns of context that a map draws by; of kinds that are not named here it gets all."""
FEW = 5_000
DRAW_ALL = 0
"""A site is never left out of a tile for being small: what is too small to draw is a square of one pixel."""


def may_be_counted(layer: Layer[Any], z: int) -> bool:
    """Whether a zoom level may show counts of a layer's sites instead of the sites; lines are always drawn."""
    return z < layer.min_zoom and layer.geometry_type != "LineString"


def is_counted(layer: Layer[Any], z: int, sites: int) -> bool:
    """Whether a zoom level shows counts, given how many sites the layer has: few of them are drawn a zoom earlier."""
    return may_be_counted(layer, z + 1 if sites <= FEW else z)


def site_tile(session: Session, layer: Layer[Any], day: date, z: int, x: int, y: int) -> bytes:
    """Return a tile of the sites of a layer on a day; a measured line is in it by pieces, each with its status."""
    bbox = tile_bbox(z, x, y, margin=BUFFER / EXTENT)
    if not layer.measured:
        world_m = 2 * HALF_WORLD_M
        written = postgis_tile(
            session, layer.id, day, (z, x, y), bbox,
            extent=EXTENT, buffer=BUFFER, pixel_m=world_m / (PIXELS << z), world_m=world_m,
        )  # fmt: skip
        if written is not None:
            return written
    placed = sites_in(session, layer, day, bbox)
    shown = TileLayer(name=layer.id, geometry=placed.geometry, ids=placed.ids, properties=placed.properties)
    return encode_tile([shown], z, x, y, extent=EXTENT, buffer=BUFFER, keep_tiny_from_zoom=DRAW_ALL)


def count_tile(centres: Centres, layer: Layer[Any], day: date, z: int, x: int, y: int) -> bytes:
    """Return a tile of counts of the sites of a layer on a day: points with `count` and a property for each status."""
    rows = centres.on(day)
    cells = count_cells(centres.lon[rows], centres.lat[rows], centres.status[rows], z, x, y, statuses=len(STATUSES))
    return encode_tile([cells.layer(f"{layer.id}-counts", STATUSES)], z, x, y)


def open_frame(path: Path, name: str, *, found: bool = False) -> FrameTiles:
    """Return a GeoParquet file of the data folder as tiles, or refuse where it is gone.

    What an analysis found may be a lot of twelve metres with a number on it: unless there are many, none is left out.
    """
    if not path.exists():
        raise NotReady(
            "The file {file} is not in the data folder any more. Bring it back, or add it again.", file=path.name
        )
    frame = gpd.read_parquet(path)
    return FrameTiles(frame, name, keep_tiny=found and len(frame) <= FEW)


def frame_tile(frame: FrameTiles, kind: str, z: int, x: int, y: int) -> bytes:
    """Return a tile of a context set or of an output of an analysis, with the columns that a map shows."""
    return frame.tile(z, x, y, MAP_COLUMNS.get(kind))
