"""Write what an analysis found as one HTML file: its layers over the register's context, with the sites that serve."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from babel.numbers import format_percent
from geopandas import GeoDataFrame

from geocommons.files import palette
from geocommons.files.folium_page import Look, PageLayer, PageText
from geocommons.language import mark, translate
from geocommons.layer import all_layers
from geocommons.model.run import Run
from geocommons.numerals import day as day_words
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.exports.register_map import context_pages, site_page, write_page
from geocommons.usecases.exports.run_pictures import CLASSES, SCHEME
from geocommons.usecases.findings.document import NOTHING, Findings, say_cell
from geocommons.usecases.findings.legend import lived_in, parts_of
from geocommons.usecases.findings.maps import DrawnLayer, draw_layers
from geocommons.usecases.findings.say import KIND_WORDS, findings_of
from geocommons.usecases.runs.keep import read_output

DASHES = (None, "6 3", "2 3", "9 4", "1 4")


def _filled(color: str, opacity: float, weight: float, **more: Any) -> Look:
    return Look(label="", color=color, fill=color, fill_opacity=opacity, weight=weight, **more)


LOOKS: dict[str, Look] = {
    **{
        f"step-{at}": Look(label="", color="#7f8f88", fill=color, fill_opacity=0.75, weight=0.6)
        for at, color in enumerate(palette.STEPS, 1)
    },
    **{
        f"tone-{at}": _filled(color, 0.4, 1.5, dash=dash)
        for at, (color, dash) in enumerate(zip(palette.SERIES, DASHES, strict=True), 1)
    },
    "served": _filled(palette.SERVED, 0.45, 0.6, radius=3),
    "unserved": _filled(palette.UNSERVED, 0.45, 2, radius=4),
    "unknown": _filled(palette.UNKNOWN, 0.05, 1.5, dash="2 3", radius=4),
    "none": _filled(palette.UNKNOWN, 0.05, 1, dash="2 3", radius=4),
    "ranks": _filled(palette.UNSERVED, 0.3, 2),
    "proposed": _filled(palette.SERIES[2], 0.4, 2),
    "free": Look(label="", color=palette.FREE, weight=4, dash="5 7"),
    "added": _filled(palette.SERIES[2], 0.9, 2, radius=7),
    "closed": Look(label="", color=palette.UNSERVED, fill=palette.PAPER, fill_opacity=0.9, weight=3, radius=7),
    "adopted": _filled(palette.SERVED, 0.2, 3, radius=9),
    "points": _filled(palette.SERIES[2], 0.6, 1.5),
}
LINES = tuple(Look(label="", color=color, weight=6) for color in palette.SERIES)
COLUMN_WORDS = {
    "people": mark("People"), "served": mark("Within reach"), "unserved": mark("Out of reach"),
    "not_assessed": mark("Not assessed"), "distance_m": mark("Metres"), "nearest_name": mark("Nearest"),
    "district": mark("District"), "name": mark("Name"), "rank": mark("Rank"), "from_m": mark("From (m)"),
    "to_m": mark("To (m)"), "length_m": mark("Length (m)"), "ref": mark("Number"),
}  # fmt: skip
"""What columns of outputs are called when a feature is clicked, beside the figure that is drawn."""
HEADINGS = ("name", "rank", "district", "ref")


def write_run_map(store: Store, settings: Settings, run: Run, path: Path, *, language: str = "en") -> None:
    """Write what a run found as a map, whatever its kind: each layer of its findings, with a legend and its figures."""
    findings = findings_of(store, run, language)
    drawn = draw_layers(settings, [run], findings.layers, language, scheme=SCHEME, k=CLASSES)
    frames = {one.layer.output: lived_in(read_output(settings, run, one.layer.output)) for one in drawn}
    seen = _seen_at_first(drawn)
    found = [_page(one, frames[one.layer.output], at, language, shown=one.id in seen) for at, one in enumerate(drawn)]
    # Areas lie below, so that lines, points and ranks above them can be clicked.
    found = [page for _, page in sorted(zip(drawn, found, strict=True), key=lambda pair: not pair[0].is_ground)]
    day = date.fromisoformat(str(run.params["at"]))
    with store.reading() as session:
        under, attributions = context_pages(session, settings, language)
        known = [layer for layer in all_layers().values() if layer.id in (run.params.get("supply") or [])]
        serving = [site_page(session, layer, day, None, language) for layer in known]
    as_of = translate(mark("As of {day}"), language).format(day=day_words(day, language))
    text = PageText(
        title=f"{settings.title}: {KIND_WORDS[run.kind].say(language)}",
        lines=[as_of, findings.sentence],
        figures=_figures(findings, language),
        attributions=attributions,
        legend=translate(mark("Legend"), language),
        language=language,
    )
    write_page(path, settings, text, [*under, *found, *serving], None)


def _seen_at_first(drawn: Sequence[DrawnLayer]) -> set[str]:
    """Return the layers that are shown at first: one that covers the ground, unless ranked areas do, and all others."""
    others = {one.id for one in drawn if not one.is_ground}
    if any(one.layer.look == "ranks" for one in drawn):
        return others
    grounds = sorted((one for one in drawn if one.is_ground), key=lambda one: one.layer.look != "states")
    return others | {one.id for one in grounds[:1]}


def _page(drawn: DrawnLayer, frame: GeoDataFrame, at: int, language: str, *, shown: bool) -> PageLayer:
    layer, which = drawn.layer, np.full(len(frame), "", dtype=object)
    said = np.full(len(frame), NOTHING, dtype=object)
    looks: dict[str, Look] = {}
    for number, part in enumerate(parts_of(drawn, frame, language)):
        which[part.rows], said[part.rows] = str(number), part.words
        look = LOOKS.get(part.look) or LINES[at % len(LINES)]
        looks[str(number)] = replace(look, label=part.words)
    if layer.value in frame and not any(row.value for row in drawn.rows):
        values = frame[layer.value].to_numpy(dtype=object)
        said[:] = [say_cell(None if pd.isna(value) else value, layer.kind, language) for value in values]
    heading = next((name for name in HEADINGS if name in frame), "said")
    words = {name: translate(words, language) for name, words in COLUMN_WORDS.items() if name in frame}
    figure = [("said", layer.about or layer.title)] if layer.value and heading not in (layer.value, "said") else []
    return PageLayer(
        title=layer.title,
        frame=frame.assign(drawn_as=which, said=said),
        looks=looks,
        by="drawn_as",
        heading=heading,
        popup=[*figure, *((name, label) for name, label in words.items() if name not in (heading, layer.value))],
        tag=layer.value if layer.look == "ranks" and layer.value in frame else None,
        shown=shown,
    )


def _figures(findings: Findings, language: str) -> list[tuple[str, str]]:
    """Return the figures; a first one that is a share has a decimal here, because others reckon with files."""
    figures = [(figure.label, figure.value) for figure in findings.figures]
    if figures and findings.measure is not None and findings.measure_kind == "share":
        figures[0] = (figures[0][0], str(format_percent(findings.measure, format="0.0%", locale=language)))
    return figures
