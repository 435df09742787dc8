"""OGC API: the landing page, what it conforms to, and the collections there are."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.answers import etag, is_known, json, not_modified
from api.auth import may
from api.deps import LanguageDep, SessionDep, SettingsDep, StoreDep, refuse_unknown
from api.links import GEOJSON, TILES_REL, Link, link
from geocommons.crs import BBox
from geocommons.layer import Layer, all_layers, get_layer
from geocommons.store.sites import register_bbox

router = APIRouter(prefix="/ogc", tags=["open data"], dependencies=[may("read")])
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
CONFORMANCE = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
]


@router.get("")
@router.get("/", include_in_schema=False)
def show_landing(request: Request, settings: SettingsDep) -> Response:
    """Return the landing page: where everything else is."""
    refuse_unknown(request)
    links = [
        link(request, "/ogc", "self"),
        link(request, "/ogc/api", "service-desc", OPENAPI, "What can be asked, as OpenAPI"),
        link(request, "/ogc/conformance", "conformance", title="What this conforms to"),
        link(request, "/ogc/collections", "data", title="The collections"),
        link(request, "/", "alternate", "text/html", "The map"),
    ]
    return json(request, {"title": settings.title, "description": request.app.description, "links": links})


@router.get("/conformance")
def show_conformance(request: Request) -> Response:
    """Return the classes of the OGC API standards that this conforms to."""
    refuse_unknown(request)
    return json(request, {"conformsTo": CONFORMANCE})


@router.get("/collections")
def list_collections(request: Request, store: StoreDep, session: SessionDep, language: LanguageDep) -> Response:
    """Return the collections: one for each layer."""
    refuse_unknown(request)
    tag = etag(request, store.version(), language)
    if is_known(request, tag):
        return not_modified(tag)
    every = [_collection(request, layer, register_bbox(session, layer.id), language) for layer in all_layers().values()]
    return json(request, {"links": [link(request, "/ogc/collections", "self")], "collections": every}, tag)


@router.get("/collections/{collection}")
def show_collection(
    request: Request, store: StoreDep, session: SessionDep, language: LanguageDep, collection: str
) -> Response:
    """Return one collection: what it is, and where."""
    refuse_unknown(request)
    layer = get_layer(collection)
    tag = etag(request, store.version(), language)
    if is_known(request, tag):
        return not_modified(tag)
    return json(request, _collection(request, layer, register_bbox(session, layer.id), language), tag)


def _collection(request: Request, layer: Layer[Any], bbox: BBox | None, language: str) -> dict[str, Any]:
    path = f"/ogc/collections/{layer.id}"
    links: list[Link] = [
        link(request, path, "self"),
        link(request, f"{path}/items", "items", GEOJSON, layer.title.say(language)),
        link(request, f"{path}/tiles", TILES_REL),
    ]
    found: dict[str, Any] = {
        "id": layer.id,
        "title": layer.title.say(language),
        "description": layer.description.say(language),
        "itemType": "feature",
        "crs": [CRS84],
        "links": links,
    }
    if bbox is not None:
        found["extent"] = {"spatial": {"bbox": [list(bbox)], "crs": CRS84}}
    return found
