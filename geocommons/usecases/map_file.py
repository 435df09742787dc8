"""Write the map of who stewards what, or of what an analysis found, as one HTML file."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from geopandas import GeoDataFrame
from sqlalchemy.orm import Session

from geocommons.crs import STORAGE_CRS, BBox
from geocommons.errors import InvalidInput
from geocommons.files.folium_page import BaseMap, Leaflet, Look, PageLayer, PageText, map_page
from geocommons.language import translate
from geocommons.layer import STATUS_WORDS, Layer, all_layers, get_layer
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.context_sets import list_context
from geocommons.store.engine import Store
from geocommons.store.sites import SiteFilter, list_features
from geocommons.store.tiles import sites_in
from geocommons.usecases.context import read_context
from geocommons.usecases.findings.say import KIND_WORDS, say_findings
from geocommons.usecases.public_sites import NO_LIMIT, stewardship
from geocommons.usecases.runs.keep import read_output

API = Path(__file__).parents[2] / "api"
LEAFLET_PLACES = (API / "static" / "leaflet", API / "web" / "node_modules" / "leaflet" / "dist")
"""Where Leaflet lies: beside the built browser code, or where a developer's Node put it."""
EARTH = BBox(-180.0, -90.0, 180.0, 90.0)
GREY = "#5c6b63"
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
    "water": Look(label="Water", color="#9fc4d6", fill="#c5dde8", fill_opacity=1, weight=1),
    "green": Look(label="Green", color="#b9d2ae", fill="#d7e6cf", fill_opacity=1, weight=0.5),
    "streets": Look(label="Streets", color="#ffffff", weight=2.2),
    "districts": Look(label="Districts", color="#8a968f", weight=1.4, dash="6 4"),
}
STATE_LOOKS = {
    "served": Look(label="within reach", color="#1b7f5c", fill="#1b7f5c", fill_opacity=0.45, weight=0.6, radius=3),
    "unserved": Look(label="out of reach", color="#b3411b", fill="#d9622b", fill_opacity=0.6, weight=2, radius=4),
    "not_assessed": Look(
        label="not assessed", color=GREY, fill=GREY, fill_opacity=0.05, weight=1.5, dash="2 3", radius=4
    ),
}
RUN_LOOKS: dict[str, dict[str, Look]] = {
    "demand": STATE_LOOKS,
    "gaps": {"": Look(label="gap", color="#b3411b", fill="#d9622b", fill_opacity=0.4, weight=2)},
    "free": {"": Look(label="free", color="#0b5ab2", weight=4, dash="5 7")},
    "adopted": {"": Look(label="adopted", color="#1b7f5c", weight=6)},
}
RUN_TITLES = {"demand": "People", "gaps": "Gaps", "free": "Free stretches", "adopted": "Adopted stretches"}
RUN_POPUPS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "demand": (
        "people",
        (("state", "State"), ("distance_m", "Metres"), ("nearest_name", "Nearest"), ("district", "District")),
    ),
    "gaps": (
        "rank",
        (("people", "People"), ("district", "District"), ("nearest_name", "Nearest"), ("distance_m", "Metres")),
    ),
    "free": ("name", (("from_m", "From (m)"), ("to_m", "To (m)"), ("length_m", "Length (m)"))),
    "adopted": ("name", (("from_m", "From (m)"), ("to_m", "To (m)"), ("length_m", "Length (m)"))),
}
RUN_OUTPUTS = {"coverage": ("demand",), "gaps": ("demand", "gaps"), "rivers": ("free", "adopted")}
"""Outputs in the order in which they are drawn; those of other kinds as their findings have them."""
PLAIN_LOOK = Look(label="", color="#6a4a9e", fill="#8f74bd", fill_opacity=0.35, radius=5)
HEADINGS = ("name", "river", "rank", "place", "party")


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
        under, attributions = _context(session, settings, language)
        drawn = [page for layer in chosen if len((page := _sites(session, layer, day, bbox, language)).frame)]
    text = PageText(
        title=settings.title,
        lines=[translate("Who looks after what on {day}", language).format(day=day.isoformat())],
        attributions=attributions,
        legend=translate("Legend", language),
        language=language,
    )
    _write(path, settings, text, [*under, *drawn], bbox)
    return sum(int(page.frame["id"].nunique()) for page in drawn)


def write_run_map(store: Store, settings: Settings, run: Run, path: Path, *, language: str = "en") -> None:
    """Write what a run found as a map, over the register's context and with the sites that serve."""
    findings = say_findings(run, language)
    titles = {layer.output: layer.title for layer in findings.layers}
    outputs = dict.fromkeys((*RUN_OUTPUTS.get(run.kind, ()), *titles))
    frames = {name: _lived_in(read_output(settings, run, name)) for name in outputs}
    with store.reading() as session:
        under, attributions = _context(session, settings, language)
        day = date.fromisoformat(run.params["at"])
        serving = [
            _sites(session, get_layer(layer_id), day, None, language) for layer_id in run.params.get("supply", [])
        ]
    found = [
        _output(name, frame, language, with_gaps="gaps" in frames)
        if name in RUN_LOOKS
        else _plain_output(titles[name], frame)
        for name, frame in frames.items()
    ]
    counted = run.kind in RUN_OUTPUTS
    figures = _figures(run) if counted else [(figure.label, figure.value) for figure in findings.figures]
    text = PageText(
        title=f"{settings.title}: {KIND_WORDS[run.kind].say(language)}",
        lines=[translate("As of {day}", language).format(day=run.params["at"])],
        figures=[(translate(name, language), value) for name, value in figures],
        attributions=attributions,
        legend=translate("Legend", language),
        language=language,
    )
    _write(path, settings, text, [*under, *found, *serving], None)


def find_leaflet() -> Leaflet | None:
    """Return Leaflet as it was installed with the browser code, or None where that was not built."""
    for place in LEAFLET_PLACES:
        script, style = place / "leaflet.js", place / "leaflet.css"
        if script.exists() and style.exists():
            return Leaflet(script.read_text(encoding="utf-8"), style.read_text(encoding="utf-8"))
    return None


def _write(path: Path, settings: Settings, text: PageText, layers: Sequence[PageLayer], bbox: BBox | None) -> None:
    if path.suffix.lower() not in (".html", ".htm"):
        raise InvalidInput("{file} cannot be written: end its name in .html.", file=path.name)
    if not path.parent.is_dir():
        raise InvalidInput("There is no folder {folder}. Make it first.", folder=path.parent)
    base = BaseMap(url=settings.tile_url, attribution=settings.tile_attribution) if settings.tile_url else None
    content = map_page(text, layers, leaflet=find_leaflet(), base=base, bbox=bbox)
    with tempfile.TemporaryDirectory(prefix=".geocommons-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        draft.write_bytes(content)
        draft.replace(path)


def _context(session: Session, settings: Settings, language: str) -> tuple[list[PageLayer], list[str]]:
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


def _sites(session: Session, layer: Layer[Any], day: date, bbox: BBox | None, language: str) -> PageLayer:
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
        color = GREY if status == "not_adoptable" else layer.color
        label = layer.status_label(status, language)
        looks[status] = Look(label=label, color=color, fill=None if line else color, **styles[status])
    return looks


def _lived_in(frame: GeoDataFrame) -> GeoDataFrame:
    """Return the places where people live: a park on the map of who is out of reach would mislead."""
    return frame[frame["people"] > 0] if "people" in frame else frame


def _output(name: str, frame: GeoDataFrame, language: str, *, with_gaps: bool) -> PageLayer:
    heading, popup = RUN_POPUPS[name]
    looks = {value: _said(look, language) for value, look in RUN_LOOKS[name].items()}
    return PageLayer(
        title=translate(RUN_TITLES[name], language),
        frame=frame,
        looks=looks,
        by="state" if name == "demand" else None,
        heading=heading,
        popup=[(column, translate(label, language)) for column, label in popup if column in frame],
        tag="rank" if name == "gaps" else None,
        shown=name != "demand" or not with_gaps,
    )


def _plain_output(title: str, frame: GeoDataFrame) -> PageLayer:
    """Return an output that has no look of its own: one colour, its columns as they are called."""
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    lines = bool(frame.geom_type.isin(["LineString", "MultiLineString"]).all())
    look = replace(PLAIN_LOOK, label=title, fill=None if lines else PLAIN_LOOK.fill, weight=5 if lines else 2)
    return PageLayer(
        title=title,
        frame=frame,
        looks={"": look},
        heading=next((column for column in HEADINGS if column in columns), columns[0]),
        popup=[(column, column) for column in columns],
        tag="rank" if "rank" in columns else None,
    )


def _said(look: Look, language: str) -> Look:
    return replace(look, label=translate(look.label, language))


def _figures(run: Run) -> list[tuple[str, str]]:
    result = run.result
    if run.kind == "rivers":
        names = {"length_m": "Length", "adopted_m": "Adopted", "free_m": "Free", "conflict_m": "In conflict"}
        return [(label, f"{result['totals'][key] / 1000:,.1f} km") for key, label in names.items()]
    totals = result if run.kind == "coverage" else result["totals"]
    share = "-" if totals["share"] is None else f"{totals['share']:.1%}"
    names = {"people": "People", "served": "Within reach", "unserved": "Out of reach", "not_assessed": "Not assessed"}
    return [("Share", share), *((label, f"{totals[key]:,.0f}") for key, label in names.items())]
