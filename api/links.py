"""Links of the open data, absolute as OGC API asks for."""

from typing import TypedDict
from urllib.parse import urlencode

from fastapi import Request

from api.answers import JSON
from geocommons.files.geojson import MEDIA_TYPE as GEOJSON

MVT = "application/vnd.mapbox-vector-tile"
GRID = "WebMercatorQuad"
GRID_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
TILES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"

__all__ = ["GEOJSON", "GRID", "GRID_URI", "JSON", "MVT", "TILES_REL", "Link", "link", "with_query"]


class Link(TypedDict, total=False):
    """A link as OGC API writes it."""

    href: str
    rel: str
    type: str
    title: str
    templated: bool


def link(request: Request, path: str, rel: str, media_type: str = JSON, title: str = "") -> Link:
    """Return a link to a path of this application."""
    made = Link(href=str(request.base_url).rstrip("/") + path, rel=rel, type=media_type)
    if title:
        made["title"] = title
    return made


def with_query(path: str, query: dict[str, str]) -> str:
    """Return a path with a query; commas stay readable."""
    return f"{path}?{urlencode(query, safe=',:')}" if query else path
