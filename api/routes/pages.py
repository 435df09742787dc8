"""Pages: the map, the list and one site; plus the small answers that the map page asks for."""

from collections.abc import Sequence
from datetime import date
from itertools import chain
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.auth import may
from api.deps import DayDep, LanguageDep, SessionDep, SettingsDep, parse_bbox, parse_list
from api.describe import describe, size, stewards
from api.look import city_tokens
from api.map_config import SWATCHES, map_config, map_credits, place_config, status_words
from api.page import page, script_json
from api.symbols import on_dark
from geocommons.crs import grow
from geocommons.errors import NotFound
from geocommons.layer import STATUS_WORDS, Layer, all_layers
from geocommons.store.sites import (
    PublicSite,
    SiteFilter,
    count_sites,
    get_site,
    list_sites,
    register_bbox,
    site_timeline,
)  # fmt: skip

router = APIRouter(include_in_schema=False, dependencies=[may("read")])
PER_PAGE = 50
MOST_FOUND = 8
AROUND_M = 120.0
"""How far around a site its own map reaches: to the next corner."""
MONTHS = (-72, 12)
"""How far the map's slider goes from today; the date field goes anywhere."""

Listed = Annotated[str, Query()]


@router.get("/")
def show_map(
    request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep, day: DayDep,
    layers: Listed = "", status: Listed = "", overlay: str = "",
) -> Response:  # fmt: skip
    """Return the map page; the map itself is drawn by the browser."""
    bbox = register_bbox(session) or settings.area
    return page(
        request, "map.html", language, settings,
        current="map", day=day, months=MONTHS, overlay=overlay, swatches=SWATCHES,
        layers=list(all_layers().values()), status_words=status_words(language),
        chosen_layers=_chosen(layers, all_layers()), chosen_statuses=_chosen(status, STATUS_WORDS),
        config=script_json(map_config(settings, language, day, bbox, map_credits(session))),
    )  # fmt: skip


@router.get("/list")
def show_list(
    request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep, day: DayDep,
    layer: Listed = "", status: Listed = "", q: str = "", bbox: str = "",
    page_number: Annotated[int, Query(alias="page", ge=1)] = 1, panel: bool = False,
) -> Response:  # fmt: skip
    """Return the list of sites: the same as the map shows, in rows."""
    asked_layers, asked_statuses = parse_list(layer), parse_list(status)
    asked = SiteFilter(
        day=day, layers=[one for one in all_layers() if not asked_layers or one in asked_layers],
        statuses=asked_statuses or None, bbox=parse_bbox(bbox) if bbox else None, search=q.strip() or None,
    )  # fmt: skip
    total = count_sites(session, asked)
    found = list_sites(session, asked, limit=PER_PAGE, offset=(page_number - 1) * PER_PAGE)
    pages = max(1, -(-total // PER_PAGE))
    kept = {"q": q, "layer": layer, "status": status, "at": day.isoformat(), "bbox": bbox}
    if panel:
        kept["panel"] = "1"
    return page(
        request, "rows_only.html" if panel else "list.html", language, settings,
        current="list", day=day, panel=panel, rows=[_row(site, language) for site in found], total=total, bbox=bbox,
        page=page_number, pages=pages, search=q, asked_layers=asked_layers, asked_statuses=asked_statuses,
        layers=list(all_layers().values()), status_words=status_words(language),
        earlier=_link("/list", kept, page=page_number - 1) if page_number > 1 else None,
        later=_link("/list", kept, page=page_number + 1) if page_number < pages else None,
        without_box=_link("/list", kept, bbox=""), map_link=_map_link(kept, found),
    )  # fmt: skip


@router.get("/sites/{site_id}")
def show_site(
    request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep, day: DayDep,
    site_id: int, panel: bool = False,
) -> Response:  # fmt: skip
    """Return one site in words: as a page, or as the content of the map's panel."""
    site = get_site(session, site_id, day)
    around = None if panel else place_config(session, settings, language, day, grow(site.bbox, AROUND_M), site=site.id)
    return page(
        request, "panel_only.html" if panel else "site.html", language, settings,
        current="list", day=day, panel=panel, parent=_parent(session, site, day),
        described=describe(site, language, site_timeline(session, site_id)), config=script_json(around),
    )  # fmt: skip


@router.get("/found")
def find_sites(session: SessionDep, day: DayDep, q: str = "") -> list[dict[str, Any]]:
    """Return the first places whose name or number holds a text, for the search box."""
    if not q.strip():
        return []
    found = list_sites(session, SiteFilter(day=day, search=q.strip()), limit=MOST_FOUND)
    return [{"id": one.id, "layer": one.layer, "name": one.name, "ref": one.ref, "status": one.status} for one in found]


@router.get("/layers.css")
def layer_colours(settings: SettingsDep) -> Response:
    """Return a style sheet with a class and a colour for each layer, and the city's own colour, light and dark."""
    tokens = city_tokens(settings.accent)
    colours = [
        "".join(f".layer-{one.id}{{--layer:{drawn(one.color)}}}" for one in all_layers().values())
        for drawn in (str, on_dark)
    ]
    light, dark = (f":root{{{declared}}}{rules}" for declared, rules in zip(tokens, colours, strict=True))
    sheet = f"{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"
    # The page of the design shows both at once.
    for scheme, declared, rules in zip(("light", "dark"), tokens, colours, strict=True):
        sheet += f":root .scheme-{scheme}{{{declared}{rules}}}"
    return Response(sheet, media_type="text/css", headers={"cache-control": "max-age=3600"})


def _parent(session: SessionDep, site: PublicSite, day: date) -> PublicSite | None:
    if site.properties.get("parent") is None:
        return None
    try:
        return get_site(session, site.properties["parent"], day)
    except NotFound:
        return None


def _row(site: PublicSite, language: str) -> dict[str, Any]:
    layer: Layer[Any] = all_layers()[site.layer]
    return {
        "site": site, "layer": layer, "title": site.name or site.ref, "kind": layer.one.say(language),
        "label": layer.status_label(site.status, language), "stewards": stewards(site, language),
        "size": size(site, language),
    }  # fmt: skip


def _chosen(text: str, every: Any) -> Sequence[str]:
    """Return what an address chooses of a list; an empty one chooses all, "none" nothing."""
    return parse_list(text) or list(every)


def _link(path: str, kept: dict[str, str], **changed: object) -> str:
    return f"{path}?{urlencode({key: value for key, value in (kept | changed).items() if value != ''})}"


def _map_link(kept: dict[str, str], found: Sequence[PublicSite]) -> str:
    """Return the map of what a list shows, around its places."""
    link = _link("/", {"layers": kept["layer"], "status": kept["status"], "at": kept["at"]})
    if not found:
        return link
    west, south, east, north = zip(*(site.bbox for site in found), strict=True)
    box = kept["bbox"] or ",".join(f"{edge:.5f}" for edge in chain((min(west), min(south)), (max(east), max(north))))
    return f"{link}#box={box}"
