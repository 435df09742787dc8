"""Tell the browser what to draw: layers, signs, tiles and the sentences it says, as one JSON value."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from api.symbols import MARKS, on_dark, symbol_path
from geocommons.crs import BBox
from geocommons.language import mark, translate
from geocommons.layer import STATUS_WORDS, Layer, all_layers
from geocommons.settings import Settings
from geocommons.store.context_sets import list_context

SWATCHES = {
    "available": "",
    "requested": "M1 13 13 1M7 15 21 1M15 15 27 3M23 15l4-4",
    "cared_for": "M1 1h26v14H1z",
    "needs_help": "M1 1h26v14H1z",
    "lapsing": "M1 13 13 1M7 15 21 1M15 15 27 3M23 15l4-4M1 3l12 12M7 1l14 14M15 1l12 12M23 1l4 4",
    "not_adoptable": "",
}
"""How a polygon of a status is filled, as a path on a 28 x 16 grid; the map's canvas draws the same patterns."""

TEXTS = {
    "loading": mark("Loading the map"),
    "failed": mark("A part of the map did not load. Check the connection and move the map to try again."),
    "zoomIn": mark("Zoom in"),
    "zoomOut": mark("Zoom out"),
    "found": mark("{count} places found"),
    "foundNone": mark("Nothing found. Try a part of the name, or a number."),
    "countsOn": mark("{count} places on {day}"),
    "places": mark("{count} places"),
    "caredFor": mark("{share} cared for"),
    "people": mark("{count} people"),
    "served": mark("within reach"),
    "unserved": mark("out of reach"),
    "notAssessed": mark("not assessed"),
    "distance": mark("nearest at {distance}"),
    "monthsLater": mark("{count} months after today"),
    "monthsEarlier": mark("{count} months before today"),
    "gap": mark("Gap {rank}"),
    "freeStretch": mark("free stretch, {length}"),
    "free": mark("{count} of {all} places are looking for a steward"),
    "freeOn": mark("{count} of {all} places looking for a steward, on {day}"),
    "showFree": mark("Show only these"),
    "showAll": mark("Show all places"),
    "outside": mark("You are outside the area of this map."),
    "noPosition": mark("Your device did not say where you are. Search for a street or a name instead."),
    "onlyLayer": mark("Show only this layer"),
    "panelOpened": mark("Details opened"),
}
"""Sentences that the browser says; their gaps are filled there."""

BASE = ("water", "green", "streets", "districts")


def status_words(language: str) -> dict[str, str]:
    """Return what each status is called."""
    return {status: words.say(language) for status, words in STATUS_WORDS.items()}


def map_config(settings: Settings, language: str, day: date, bbox: BBox, credits: Sequence[str]) -> dict[str, Any]:
    """Return everything that the map needs to start, without one more request."""
    return {
        "language": language,
        "today": date.today().isoformat(),
        "day": day.isoformat(),
        "bbox": list(bbox),
        "layers": [_layer(layer, language) for layer in all_layers().values()],
        "statuses": list(STATUS_WORDS),
        "marks": {status: [list(stroke) for stroke in strokes] for status, strokes in MARKS.items()},
        "tileUrl": settings.tile_url,
        "tileAttribution": settings.tile_attribution,
        "credits": list(credits),
        "base": list(BASE) if not settings.tile_url else ["districts"],
        "texts": {name: translate(sentence, language) for name, sentence in TEXTS.items()},
    }


def place_config(
    session: Session, settings: Settings, language: str, day: date, bbox: BBox, *, site: int | None = None
) -> dict[str, Any]:
    """Return what a small map in a page needs to start: of one site, or of none, where a form asks for a place."""
    return map_config(settings, language, day, bbox, map_credits(session)) | {"site": site}


def map_credits(session: Session) -> list[str]:
    """Return whom the map under the sites is owed to."""
    return list(dict.fromkeys(one.attribution for one in list_context(session) if one.attribution))


def _layer(layer: Layer[Any], language: str) -> dict[str, Any]:
    return {
        "id": layer.id,
        "title": layer.title.say(language),
        "one": layer.one.say(language),
        "color": layer.color,
        "colorDark": on_dark(layer.color),
        "symbol": symbol_path(layer.symbol),
        "geometry": layer.geometry_type,
        "measured": layer.measured,
        "minZoom": layer.min_zoom,
        "words": {status: layer.status_label(status, language) for status in STATUS_WORDS},
    }
