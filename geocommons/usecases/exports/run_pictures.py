"""Draw what a run found as maps on paper: over the register's context, with the sites that serve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame
from sqlalchemy.orm import Session

from geocommons.crs import BBox, grow, total_bbox
from geocommons.errors import GeoCommonsError
from geocommons.files import palette
from geocommons.files.map_picture import SERVED, UNSERVED, WATER, WITHOUT_FIGURE, MapLayer, MapLook, MapText
from geocommons.files.map_picture import map_picture as draw_map
from geocommons.language import mark, translate
from geocommons.layer import get_layer
from geocommons.model.run import Run
from geocommons.numerals import day as day_words
from geocommons.numerals import metres
from geocommons.settings import Settings
from geocommons.store.context_sets import list_context
from geocommons.store.engine import Store
from geocommons.usecases.analyses.catalogue import question_of
from geocommons.usecases.analyses.service.ground import ServiceQuestion, serving_sites
from geocommons.usecases.context_files import read_context
from geocommons.usecases.findings.document import Findings
from geocommons.usecases.findings.legend import lived_in, parts_of
from geocommons.usecases.findings.maps import DrawnLayer, draw_layers
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.prepared import Prepared
from geocommons.usecases.questions.scenario import read_changes
from geocommons.usecases.runs.keep import read_output

SCHEME, CLASSES = "quantiles", 5
MOST_MAPS = 4
MOST_STREETS, MOST_NAMES, MOST_RANKS, MOST_SIGNS = 120_000, 40, 40, 150
"""More streets are a grey veil on paper; more names, or signs of sites, lie over each other."""
SITES = ("sites", "turf", "shared")
"""Outputs whose areas are sites: on the map of a city they are too small to be told apart by their fill."""
TONE_HATCHES = ("", "////", "....", "\\\\\\\\", "xx")
TONE_MARKERS = ("o", "^", "s", "D", "v")
STEPS = {
    f"step-{at}": MapLook(fill=color, stroke="#7f8f88", width=0.25, size=4) for at, color in enumerate(palette.STEPS, 1)
}
TONES = {
    f"tone-{at}": MapLook(
        fill=palette.PAPER if hatch else color, stroke=color, width=0.6, opacity=0.8, hatch=hatch, marker=marker, size=5
    )
    for at, (color, hatch, marker) in enumerate(zip(palette.SERIES, TONE_HATCHES, TONE_MARKERS, strict=True), 1)
}  # fmt: skip
LOOKS: Mapping[str, MapLook] = {
    **STEPS,
    **TONES,
    "tone-5": MapLook(fill="#e3e6e4", stroke="#aab3af", width=0.3, marker="o", size=3),
    "served": MapLook(fill="#8fbfb4", stroke=SERVED.fill, width=0.3, size=3),
    "unserved": MapLook(fill=UNSERVED.fill, stroke=UNSERVED.stroke, width=0.6, hatch="////", marker="X", size=4.5),
    "unknown": WITHOUT_FIGURE,
    "none": WITHOUT_FIGURE,
    "free": MapLook(stroke=palette.FREE, width=2.2, dash="--"),
    "ranks": MapLook(stroke="#7a1f0c", width=1.2, marker="o", size=7),
    "proposed": MapLook(stroke="#24497a", width=1.2, marker="o", size=7),
    "added": MapLook(stroke=palette.SERIES[2], marker="P", size=9),
    "closed": MapLook(stroke=palette.UNSERVED, marker="X", size=9),
    "adopted": MapLook(stroke=palette.ACCENT, marker="o", size=7),
    "points": MapLook(fill=palette.SERIES[2], stroke=palette.SERIES[2], marker="s", size=5),
}
EDGE, SIGN = palette.SERIES[4], 4.5
"""Colour around what may be pale, and how large the signs of places are at least."""
LINES = tuple(MapLook(stroke=color, width=2.6) for color in palette.SERIES)
"""Layers of lines of one map, one after the other: that nobody takes one for another."""
GREEN = MapLook(fill=palette.GREEN, stroke="none", width=0)
STREETS = MapLook(stroke=palette.STREET, width=0.5)
DISTRICTS = MapLook(stroke=palette.MAP_MUTED, width=0.8, dash=":")
AS_OF = mark("{title}, as of {day}")
SERVING = mark("{layer} that serve")
LEGEND = mark("Legend")
NORTH = mark("N")


@dataclass(frozen=True)
class RunPicture:
    """A map (PNG) of a run, its title, and what it shows for those who do not see it."""

    png: bytes
    title: str
    alt: str


@dataclass(frozen=True)
class Surroundings:
    """What maps of one run share: context below and above what was found, the sites that serve, and the sources."""

    under: Sequence[MapLayer]
    districts: Sequence[MapLayer]
    serving: Sequence[MapLayer]
    bbox: BBox | None
    sources: str


def run_pictures(
    store: Store, settings: Settings, run: Run, findings: Findings, language: str, *, most: int = MOST_MAPS,
    width_mm: float = 170.0, height_mm: float = 112.0, dots_per_inch: int = 200,
) -> list[RunPicture]:  # fmt: skip
    """Return the maps of a run as its findings draw them: one for each layer that covers the ground, the rest on top.

    The same run on the same register gives the same bytes. Raises NotReady where a file of the run is gone.
    """
    drawn = draw_layers(settings, [run], findings.layers, language, scheme=SCHEME, k=CLASSES)
    frames = {one.layer.output: lived_in(read_output(settings, run, one.layer.output)) for one in drawn}
    grounds = [one for one in drawn if one.is_ground and len(frames[one.layer.output])]
    others = [one for one in drawn if not one.is_ground]
    around = _surroundings(store, settings, run, list(frames.values()), language)
    sheets = [(one.layer.title, one.layer.about, [one, *others]) for one in grounds[:most]]
    made = []
    for name, about, layers in sheets or ([(findings.title, "", others)] if others else []):
        said = translate(AS_OF, language)
        title = said.format(title=name, day=day_words(str(run.params["at"]), language))
        text = MapText(
            title=title, legend=about or translate(LEGEND, language), attribution=around.sources,
            north=translate(NORTH, language), metres=lambda length_m: metres(length_m, language),
        )  # fmt: skip
        ground = _found([one for one in layers if one.is_ground], frames, around.bbox, language)
        signs = _found([one for one in layers if not one.is_ground], frames, around.bbox, language)
        # Sites in the colours of what was found of them would lie hidden below their own signs.
        serving = () if any(one.is_ground and one.layer.output in SITES for one in layers) else around.serving
        drawn_over = [*ground, *around.districts, *serving, *signs]
        png = draw_map(
            [*around.under, *drawn_over], text, width_mm=width_mm, height_mm=height_mm,
            dots_per_inch=dots_per_inch, bbox=around.bbox,
        )  # fmt: skip
        labels = [layer.label for layer in drawn_over if layer.label]
        made.append(RunPicture(png, title, f"{title}: {'; '.join(labels)}"))
    return made


def _found(
    layers: Sequence[DrawnLayer], frames: Mapping[str, GeoDataFrame], box: BBox | None, language: str
) -> list[MapLayer]:
    """Return what was found, in the order of drawing: grounds, lines, points, ranks."""
    order = {"classes": 0, "states": 0, "lines": 1, "points": 2, "ranks": 3}
    found: list[MapLayer] = []
    lines = 0
    for one in sorted(layers, key=lambda drawn: order[drawn.layer.look]):
        frame = frames[one.layer.output]
        if one.layer.output in SITES and len(frame) <= MOST_SIGNS:
            frame = _seen(frame, box, least=1 / 12)
        for part in parts_of(one, frame, language):
            look = LOOKS.get(part.look) or LINES[lines % len(LINES)]
            lines += part.look == "line"
            some = frame[part.rows]
            tags = _ranks(some, one.layer.value) if part.look in ("ranks", "proposed") else ()
            found += (
                _looked(some, look, part.words)
                if one.is_ground
                else [MapLayer(frame=some, look=look, label=part.words)]
            )
            if tags:
                ranked = some.head(len(tags))
                found.append(MapLayer(frame=ranked, look=MapLook(stroke=look.stroke, width=0), tags=tags, badge=True))
    return found


def _looked(frame: GeoDataFrame, look: MapLook, label: str) -> list[MapLayer]:
    """Return areas in a look, and lines and points as wide as can be told apart; the label is with what is more."""
    small = frame.geometry.geom_type.isin(["LineString", "MultiLineString", "Point", "MultiPoint"]).to_numpy()
    stroke = look.stroke if look.hatch else look.fill
    shown = replace(look, stroke=stroke, width=2.4, size=max(look.size, SIGN), casing=EDGE)
    if look is WITHOUT_FIGURE:
        shown = replace(look, hatch="", stroke=look.fill, size=look.size * 0.75, casing=EDGE)
    layers = [(frame[~small], look), (frame[small], shown)]
    more = max(layers, key=lambda layer: len(layer[0]))[0]
    return [MapLayer(frame=some, look=wide, label=label if some is more else "") for some, wide in layers if len(some)]


def _ranks(frame: GeoDataFrame, column: str) -> tuple[str, ...]:
    return tuple(f"{rank:g}" for rank in frame[column].head(MOST_RANKS)) if column in frame else ()


def _surroundings(
    store: Store, settings: Settings, run: Run, frames: Sequence[GeoDataFrame], language: str
) -> Surroundings:
    shapes = np.concatenate([np.asarray(frame.geometry, dtype=object) for frame in frames]) if frames else np.array([])
    box = total_bbox(shapes) if len(shapes) and not shapely.is_empty(shapes).all() else None
    with store.reading() as session:
        entries = {entry.kind: entry for entry in list_context(session)}
        context = {
            kind: _within(read_context(settings, entries[kind]), box)
            for kind in ("water", "green", "streets", "districts")
            if kind in entries
        }
        serving = _serving(session, settings, run, box, language)
    under = [
        MapLayer(frame=context[kind], look=look)
        for kind, look in (("green", GREEN), ("water", WATER), ("streets", STREETS))
        if kind in context and len(context[kind]) <= MOST_STREETS
    ]
    sources = dict.fromkeys(entry.attribution for entry in entries.values() if entry.attribution)
    return Surroundings(under, _districts(context.get("districts"), language), serving, box, "; ".join(sources))


def _within(frame: GeoDataFrame, box: BBox | None) -> GeoDataFrame:
    """Return what lies on the map and a little beyond: a map is wider than what is drawn on it."""
    if box is None:
        return frame
    size_m = 111_320.0 * max(box.east - box.west, box.north - box.south)
    around = grow(box, size_m)
    return frame.cx[around.west : around.east, around.south : around.north]


def _districts(frame: GeoDataFrame | None, language: str) -> list[MapLayer]:
    if frame is None:
        return []
    names = tuple(frame["name"].astype("str")) if "name" in frame and len(frame) <= MOST_NAMES else ()
    return [MapLayer(frame=frame, look=DISTRICTS, label=translate(mark("Districts"), language), tags=names)]


def _serving(session: Session, settings: Settings, run: Run, box: BBox | None, language: str) -> list[MapLayer]:
    """Return the sites that serve, by layer, as the question counts them; none where the question is of no service."""
    try:
        question: Any = question_of(run.kind, run.params)
        if not isinstance(question, ServiceQuestion):
            return []
        changes = read_changes(session, question.scenario)
        sites, _ = serving_sites(changes.asked(question), Inputs(session, settings, changes, Prepared()))
    except GeoCommonsError:  # a layer, a standard or a scenario that is gone takes nothing from what was found
        return []
    sites = _within(sites, box)
    found = []
    for layer_id in sorted(sites["layer"].unique()):
        layer = get_layer(layer_id)
        look = MapLook(fill=layer.color, stroke=layer.color, width=1.4, marker="P", size=6)
        label = translate(SERVING, language).format(layer=layer.title.say(language))
        some = sites[sites["layer"] == layer_id]
        found.append(MapLayer(frame=_seen(some, box), look=look, label=label))
    return found


def _seen(sites: GeoDataFrame, box: BBox | None, least: float = 1 / 60) -> GeoDataFrame:
    """Return areas that take less than such a part of the map, and would hardly be seen, as points."""
    if box is None:
        return sites
    bounds = sites.geometry.bounds
    small = max(box.east - box.west, box.north - box.south) * least
    tiny = ((bounds["maxx"] - bounds["minx"]) < small) & ((bounds["maxy"] - bounds["miny"]) < small)
    placed = sites.copy()
    placed.loc[tiny, "geometry"] = sites.loc[tiny].geometry.representative_point()
    return placed
