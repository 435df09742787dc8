"""OGC API - Tiles: sites and context as Mapbox vector tiles of the WebMercatorQuad grid."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import body, empty, etag, is_known, json, not_modified
from api.auth import may
from api.deps import DayDep, StoreDep, TilesDep, parse_list, refuse_unknown
from api.links import GRID, GRID_URI, MVT, Link, link
from api.tile_desk import TileDesk
from geocommons.files.tiles import check_tile
from geocommons.layer import all_layers
from geocommons.store.engine import Store
from geocommons.store.version import read_version

router = APIRouter(prefix="/ogc", tags=["open data"], dependencies=[may("read")])
TILE = f"tiles/{GRID}/{{z}}/{{y}}/{{x}}"


@router.get("/tiles")
def list_tilesets(request: Request) -> Response:
    """Return the tile sets of everything."""
    refuse_unknown(request)
    return json(request, {"tilesets": [_tileset(request, "/ogc")], "links": [link(request, "/ogc/tiles", "self")]})


@router.get(f"/tiles/{GRID}")
def show_tileset(request: Request) -> Response:
    """Return what the tiles of everything are, and where."""
    refuse_unknown(request)
    return json(request, _tileset(request, "/ogc"))


@router.get("/collections/{collection}/tiles")
def list_collection_tilesets(request: Request, tiles: TilesDep, collection: str) -> Response:
    """Return the tile sets of a collection."""
    refuse_unknown(request)
    tiles.check(collection)
    path = f"/ogc/collections/{collection}"
    return json(request, {"tilesets": [_tileset(request, path)], "links": [link(request, f"{path}/tiles", "self")]})


@router.get(f"/collections/{{collection}}/tiles/{GRID}")
def show_collection_tileset(request: Request, tiles: TilesDep, collection: str) -> Response:
    """Return what the tiles of a collection are, and where."""
    refuse_unknown(request)
    tiles.check(collection)
    return json(request, _tileset(request, f"/ogc/collections/{collection}"))


@router.get(f"/{TILE}")
def show_tile(
    request: Request, store: StoreDep, tiles: TilesDep, day: DayDep, z: int, y: int, x: int,
    collections: Annotated[str, Query()] = "",
) -> Response:  # fmt: skip
    """Return a tile of some collections on a day, each a layer of the tile; of all layers, if none are named."""
    refuse_unknown(request, "at", "collections")
    return _tile(request, store, tiles, parse_list(collections) or list(all_layers()), day, z, x, y)


@router.get(f"/collections/{{collection}}/{TILE}")
def show_collection_tile(
    request: Request, store: StoreDep, tiles: TilesDep, day: DayDep, collection: str, z: int, y: int, x: int
) -> Response:
    """Return a tile of a collection on a day."""
    refuse_unknown(request, "at")
    return _tile(request, store, tiles, [collection], day, z, x, y)


def _tile(
    request: Request, store: Store, tiles: TileDesk, names: Sequence[str], day: date, z: int, x: int, y: int
) -> Response:
    check_tile(z, x, y)
    for name in names:
        tiles.check(name)
    with store.asking() as session:
        version = read_version(session)
        tag = etag(request, version, day)
        if is_known(request, tag):
            return not_modified(tag)
        # Layers of a tile stand one after another, so tiles are joined by joining their bytes.
        each = [tiles.collection(session, name, day, version, z, x, y) for name in dict.fromkeys(names)]
    content = b"".join(each)
    return body(request, content, MVT, tag) if content else empty(tag)


def _tileset(request: Request, path: str) -> dict[str, Any]:
    address = f"{path}/tiles/{GRID}"
    item = link(request, f"{path}/tiles/{GRID}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", MVT)
    links: list[Link] = [link(request, address, "self"), item | Link(templated=True)]
    return {"dataType": "vector", "crs": "http://www.opengis.net/def/crs/EPSG/0/3857", "tileMatrixSetURI": GRID_URI,
            "links": links}  # fmt: skip
