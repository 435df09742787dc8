"""Write the map of who stewards what as one HTML file."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from geopandas import GeoDataFrame
from sqlalchemy.orm import Session

from geocommons.crs import STORAGE_CRS, BBox
from geocommons.errors import InvalidInput
from geocommons.files import palette
from geocommons.files.export import drafted
from geocommons.files.folium_page import BaseMap, Leaflet, Look, PageLayer, PageText, map_page
from geocommons.language import translate
from geocommons.layer import STATUS_WORDS, Layer, all_layers, get_layer
from geocommons.numerals import day as day_words
from geocommons.settings import Settings
from geocommons.store.context_sets import list_context
from geocommons.store.engine import Store
from geocommons.store.sites import SiteFilter, list_features
from geocommons.store.tiles import sites_in
from geocommons.usecases.context_files import read_context
from geocommons.usecases.public_sites import NO_LIMIT, stewardship

API = Path(__file__).parents[3] / "api"
LEAFLET_PLACES = (API / "static" / "leaflet", API / "web" / "node_modules" / "leaflet" / "dist")
"""Where Leaflet lies: beside the built browser code, or where a developer's Node put it."""
EARTH = BBox(-180.0, -90.0, 180.0, 90.0)
STATUS_LOOKS: dict[str, dict[str, Any]] = {
    "available": {"fill_opacity": 0.08, "dash": "4 4", "weight": 2},
    "requested": {"fill_opacity": 0.22, "dash": "1 5", "weight": 3},
    "cared_for": {"fill_opacity": 0.6, "weight": 1.2},
    "needs_help": {"fill_opacity": 0.6, "weight": 4},
    "lapsing": {"fill_opacity": 0.4, "dash": "9 4", "weight": 2.5},
    "not_adoptable": {"fill_opacity": 0.25, "weight": 0.7},
}
LINE_LOOKS: dict[str, dict[str, Any]] = {
    "available": {"dash": "5 7", "weight": 3},
    "requested": {"dash": "1 7", "weight": 5},
    "cared_for": {"weight": 6},
    "needs_help": {"weight": 8},
    "lapsing": {"dash": "14 6", "weight": 6},
    "not_adoptable": {"weight": 1.5},
}
CONTEXT_LOOKS: dict[str, Look] = {
    "water": Look(label="Water", color=palette.WATER_EDGE, fill=palette.WATER, fill_opacity=1, weight=1),
    "green": Look(label="Green", color=palette.GREEN, fill=palette.GREEN, fill_opacity=1, weight=0.5),
    "streets": Look(label="Streets", color=palette.STREET, weight=2.2),
    "districts": Look(label="Districts", color=palette.DISTRICT, weight=1.4, dash="6 4"),
}


def write_map(
    store: Store,
    settings: Settings,
    path: Path,
    *,
    day: date,
    layers: Sequence[str] | None = None,
    bbox: BBox | None = None,
    language: str = "en",
) -> int:
    """Write the sites of a day (of some layers, in a box) over the register's context, and return how many sites."""
    chosen = [get_layer(layer_id) for layer_id in layers] if layers else list(all_layers().values())
    with store.reading() as session:
        under, attributions = context_pages(session, settings, language)
        drawn = [page for layer in chosen if len((page := site_page(session, layer, day, bbox, language)).frame)]
    text = PageText(
        title=settings.title,
        lines=[translate("Who looks after what on {day}", language).format(day=day_words(day, language))],
        attributions=attributions,
        legend=translate("Legend", language),
        language=language,
    )
    write_page(path, settings, text, [*under, *drawn], bbox)
    return sum(int(page.frame["id"].nunique()) for page in drawn)


def find_leaflet() -> Leaflet | None:
    """Return Leaflet as it was installed with the browser code, or None where that was not built."""
    for place in LEAFLET_PLACES:
        script, style = place / "leaflet.js", place / "leaflet.css"
        if script.exists() and style.exists():
            return Leaflet(script.read_text(encoding="utf-8"), style.read_text(encoding="utf-8"))
    return None


def write_page(path: Path, settings: Settings, text: PageText, layers: Sequence[PageLayer], bbox: BBox | None) -> None:
    """Write layers as one HTML page; the file is there whole, or not at all."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise InvalidInput("{file} cannot be written: end its name in .html.", file=path.name)
    base = BaseMap(url=settings.tile_url, attribution=settings.tile_attribution) if settings.tile_url else None
    content = map_page(text, layers, leaflet=find_leaflet(), base=base, bbox=bbox)
    with drafted(path) as draft:
        draft.write_bytes(content)


def context_pages(session: Session, settings: Settings, language: str) -> tuple[list[PageLayer], list[str]]:
    """Return the register's context to draw under everything, and what must be said of it."""
    entries = {entry.kind: entry for entry in list_context(session)}
    pages = [
        PageLayer(
            title=translate(look.label, language),
            frame=read_context(settings, entries[kind])[["geometry"]],
            looks={"": look},
            in_legend=False,
        )
        for kind, look in CONTEXT_LOOKS.items()
        if kind in entries and not (settings.tile_url and kind != "districts")
    ]
    return pages, [entry.attribution for entry in entries.values() if entry.attribution]


def site_page(session: Session, layer: Layer[Any], day: date, bbox: BBox | None, language: str) -> PageLayer:
    """Return the sites of a layer on a day; of a measured layer the pieces of each."""
    placed = sites_in(session, layer, day, bbox or EARTH)
    found = list_features(session, SiteFilter(day=day, layers=[layer.id], bbox=bbox), limit=NO_LIMIT)
    states = {feature["id"]: feature["properties"] for feature in map(orjson.loads, found)}
    columns: dict[str, Any] = {"id": placed.ids, **placed.properties}
    frame = GeoDataFrame(columns, geometry=placed.geometry, crs=STORAGE_CRS)
    extents = zip(frame["from_m"], frame["to_m"], strict=True) if layer.measured else ((None, None) for _ in placed.ids)
    care = [
        stewardship(states[int(key)], layer.care_types, start, stop)
        for key, (start, stop) in zip(placed.ids, extents, strict=True)
    ]
    for name in ("stewards", "since", "until"):
        frame[name] = [said[name] for said in care]
    frame["label"] = [layer.status_label(status, language) for status in frame["status"]]
    frame["heading"] = [name or ref for name, ref in zip(frame["name"], frame["ref"], strict=True)]
    labels = [
        ("ref", "Number"),
        ("label", "Status"),
        ("stewards", "Cared for by"),
        ("since", "Since"),
        ("until", "Until"),
    ]
    if layer.measured:
        labels += [("from_m", "From (m)"), ("to_m", "To (m)")]
        frame[["from_m", "to_m"]] = frame[["from_m", "to_m"]].astype("float64").round(0)
    return PageLayer(
        title=layer.title.say(language),
        frame=frame,
        looks=_status_looks(layer, language),
        by="status",
        heading="heading",
        popup=[(column, translate(label, language)) for column, label in labels],
    )


def _status_looks(layer: Layer[Any], language: str) -> dict[str, Look]:
    line = layer.geometry_type == "LineString"
    styles = LINE_LOOKS if line else STATUS_LOOKS
    looks = {}
    for status in STATUS_WORDS:
        color = palette.UNKNOWN if status == "not_adoptable" else layer.color
        label = layer.status_label(status, language)
        looks[status] = Look(label=label, color=color, fill=None if line else color, **styles[status])
    return looks
