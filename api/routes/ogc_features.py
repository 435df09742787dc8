"""OGC API - Features: sites as GeoJSON, joined from what is stored."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import body, etag, is_known, not_modified
from api.auth import may
from api.deps import DayDep, SettingsDep, StoreDep, parse_bbox, parse_count, parse_day, parse_list, refuse_unknown
from api.links import GEOJSON, Link, link, with_query
from geocommons.files.geojson import collection_bytes, with_member
from geocommons.layer import get_layer
from geocommons.store.sites import SiteFilter, count_sites, get_feature, list_features
from geocommons.store.version import read_version

router = APIRouter(prefix="/ogc/collections", tags=["open data"], dependencies=[may("read")])
LIMIT = 100
"""Features in an answer that does not say how many."""
CAPABLE = ("at", "bbox", "datetime", "limit", "offset", "q", "status")

Text = Annotated[str, Query()]


@router.get("/{collection}/items")
def list_items(
    request: Request, store: StoreDep, settings: SettingsDep, day: DayDep, collection: str,
    bbox: Text = "", limit: Text = str(LIMIT), offset: Text = "0", status: Text = "", q: Text = "",
    moment: Annotated[str, Query(alias="datetime")] = "",
) -> Response:  # fmt: skip
    """Return the sites of a layer on a day (`at`, or `datetime`), in a box, of some statuses, by name or number."""
    refuse_unknown(request, *CAPABLE)
    asked = SiteFilter(
        day=parse_day(moment) if moment else day,
        layers=[get_layer(collection).id],
        statuses=parse_list(status) or None,
        bbox=parse_bbox(bbox) if bbox else None,
        search=q.strip() or None,
    )
    start = parse_count("offset", offset, least=0)
    most = min(parse_count("limit", limit, least=1), settings.max_features)
    with store.asking() as session:
        tag = etag(request, read_version(session), asked.day)
        if is_known(request, tag):
            return not_modified(tag)
        found = list_features(session, asked, limit=most, offset=start)
        # A page that is not full is the last one, so what matches is known without counting.
        last = 0 < len(found) < most or (start == 0 and not found)
        matched = start + len(found) if last else count_sites(session, asked)
    links = _links(request, start, most, matched)
    content = collection_bytes(found, number_matched=matched, links=links, time_stamp=_now())
    return body(request, content, GEOJSON, tag)


@router.get("/{collection}/items/{site_id}")
def show_item(request: Request, store: StoreDep, day: DayDep, collection: str, site_id: int) -> Response:
    """Return one site of a layer on a day."""
    refuse_unknown(request, "at")
    layer = get_layer(collection)
    with store.asking() as session:
        tag = etag(request, read_version(session), day)
        if is_known(request, tag):
            return not_modified(tag)
        feature = get_feature(session, layer.id, site_id, day)
    links = [
        link(request, with_query(request.url.path, dict(request.query_params)), "self", GEOJSON),
        link(request, f"/ogc/collections/{layer.id}", "collection"),
        link(request, with_query(f"/sites/{site_id}", dict(request.query_params)), "alternate", "text/html"),
    ]
    return body(request, with_member(feature, "links", links).encode(), GEOJSON, tag)


def _links(request: Request, start: int, most: int, matched: int) -> list[Link]:
    """Return where this page is, the one before and the one after."""
    query = dict(request.query_params)
    pages = {"self": query}
    if start + most < matched:
        pages["next"] = query | {"offset": str(start + most)}
    if start > 0:
        pages["prev"] = query | {"offset": str(max(0, start - most))}
    path = request.url.path
    links = [link(request, with_query(path, asked), rel, GEOJSON) for rel, asked in pages.items()]
    return [*links, link(request, path.removesuffix("/items"), "collection")]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
