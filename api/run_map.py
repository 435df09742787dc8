"""Tell the browser what a map of findings draws, and the page what its legend says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from api.map_config import map_config, map_credits
from geocommons.crs import BBox
from geocommons.language import Words, mark, translate
from geocommons.layer import all_layers
from geocommons.model.run import Run
from geocommons.numerals import day as day_words
from geocommons.settings import Settings
from geocommons.store.sites import register_bbox
from geocommons.usecases.findings.document import Findings
from geocommons.usecases.findings.maps import DrawnLayer, draw_layers, drawn_bbox, key_boxes

SCHEME_WORDS = {
    "quantiles": Words(en="As many places in each", nl="Evenveel plekken per klasse"),
    "natural_breaks": Words(en="Natural breaks", nl="Natuurlijke grenzen"),
    "equal_interval": Words(en="Equal steps", nl="Gelijke stappen"),
    "pretty": Words(en="Round numbers", nl="Ronde getallen"),
    "head_tail": Words(en="Head and tail", nl="Kop en staart"),
    "box_plot": Words(en="Box plot", nl="Boxplot"),
}
"""Ways to make classes that a reader may choose: those that need no figures of the reader's own."""
CLASS_COUNTS = range(3, 8)
SCHEME, CLASSES = "quantiles", 5
TEXTS = {
    "people": mark("{count} people"),
    "distance": mark("nearest at {distance}"),
    "noFigure": mark("no figure"),
    "rank": mark("Rank {rank}"),
    "more": mark("Show on the map"),
    "moved": mark("The map shows {place}."),
    "zoomIn": mark("Zoom in"),
    "zoomOut": mark("Zoom out"),
    "failed": mark("A part of the map did not load. Check the connection and move the map to try again."),
}


@dataclass(frozen=True)
class RunMap:
    """Maps of one run, or of two that are compared: `maps` for the page, `config` for the browser.

    `boxes` is where what rows of tables are about lies, by key; `titles` what the layers of its sites are called.
    """

    layers: list[DrawnLayer]
    maps: list[dict[str, Any]]
    config: dict[str, Any]
    boxes: dict[str, BBox]
    titles: dict[str, str]
    scheme: str
    k: int
    schemes = SCHEME_WORDS
    class_counts = CLASS_COUNTS

    @property
    def starts_with_sites(self) -> bool:
        """Whether sites are drawn at first; lines would lie over what was found along them."""
        return all(all_layers()[name].geometry_type != "LineString" for name in self.titles)

    @property
    def has_classes(self) -> bool:
        """Whether there is anything to choose classes for."""
        return any(layer.layer.look == "classes" for layer in self.layers)


def run_map(
    session: Session, settings: Settings, language: str, found: Sequence[tuple[Run, Findings]], *, scheme: str, k: int
) -> RunMap:
    """Return the maps of some runs, with the same layers in the same classes.

    Raises InvalidInput for an unknown scheme or number of classes.
    """
    runs = [run for run, _ in found]
    asked = list(dict.fromkeys(layer for _, findings in found for layer in findings.layers))
    layers = draw_layers(settings, runs, asked, language, scheme=scheme, k=k)
    drawn = [one.layer for one in layers]
    bbox = drawn_bbox(settings, runs, drawn) or register_bbox(session) or settings.area
    maps = [_map(run, number, language) for number, run in enumerate(runs, start=1)]
    config = map_config(settings, language, runs[0].started_at.date(), bbox, map_credits(session))
    config["texts"] = {name: translate(sentence, language) for name, sentence in TEXTS.items()}
    config |= {"maps": maps, "found": [_layer(one) for one in layers]}
    titles = {name: all_layers()[name].title.say(language) for run in runs for name in sites_of(run.params)}
    return RunMap(layers, maps, config, key_boxes(settings, runs[0], drawn), titles, scheme, k)


def sites_of(params: dict[str, Any]) -> list[str]:
    """Return the layers whose sites a run is about."""
    named = [params["layer"]] if params.get("layer") else list(params.get("supply") or params.get("layers") or [])
    return [layer for layer in named if layer in all_layers()]


def _map(run: Run, number: int, language: str) -> dict[str, Any]:
    at = str(run.params["at"])
    return {
        "id": f"run-map-{number}", "run": run.id, "day": at, "sites": sites_of(run.params),
        "outputs": list(run.outputs), "when": day_words(at, language, "medium"),
    }  # fmt: skip


def _layer(drawn: DrawnLayer) -> dict[str, Any]:
    layer = drawn.layer
    return {
        "id": drawn.id,
        "output": layer.output,
        "title": layer.title,
        "about": layer.about or layer.title,
        "look": layer.look,
        "value": layer.value,
        "key": layer.key,
        "kind": layer.kind,
        "ground": drawn.is_ground,
        "proposed": layer.proposed,
        "breaks": list(drawn.breaks),
        "steps": list(drawn.steps),
        "states": {row.value: {"tone": row.look, "words": row.words} for row in drawn.rows if row.value},
    }
