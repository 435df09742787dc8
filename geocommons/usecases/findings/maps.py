"""What a map draws of findings: each layer in its classes or words, and where rows of tables lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyarrow.parquet as pq

from geocommons.analysis.classify import Classes, classify
from geocommons.crs import BBox
from geocommons.errors import NotReady
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.usecases.findings.document import CellKind, MapLayer, say_together
from geocommons.usecases.findings.words.service import STATE_WORDS, state_word

STEPS = 7
"""How many shades the ramp of colours has; classes take those that lie evenly between its ends."""
STATE_TONES = {
    "served": "served", "kept": "served", "unserved": "unserved", "unreached": "tone-4", "not_assessed": "unknown",
    "gained": "tone-3", "lost": "tone-4", "hot": "tone-2", "cold": "tone-3", "neither": "tone-5", "excluded": "unknown",
    "HH": "tone-2", "LL": "tone-3", "HL": "tone-1", "LH": "tone-4", "island": "unknown",
    "lapsed": "unserved", "overdue": "tone-2", "lapsing": "tone-3", "one_person": "tone-4", "waiting": "tone-5",
    "added": "added", "closed": "closed", "adopted": "adopted",
}  # fmt: skip
GROUNDS = ("classes", "states")
"""Looks that cover the map."""
TONES = 5
"""How many words can be told apart by colour and pattern; further ones begin again."""
MOST_KEYED = 2_000
"""Of outputs with more features no boxes are sent: nobody reads a table of so many rows."""


@dataclass(frozen=True)
class LegendRow:
    """A line of a legend: how it is drawn ("step-1" to "step-7", or a tone), its words, and how many there are.

    `value` is the word of the output that it stands for; `counts` has one count for each run that is compared.
    """

    look: str
    words: str
    counts: tuple[int, ...]
    value: str = ""


@dataclass(frozen=True)
class DrawnLayer:
    """A layer as a map draws it; `breaks` are upper bounds of its classes, `without` how many have no figure."""

    layer: MapLayer
    breaks: tuple[float, ...] = ()
    rows: tuple[LegendRow, ...] = ()
    without: tuple[int, ...] = ()
    steps: tuple[int, ...] = field(default_factory=tuple)

    @property
    def id(self) -> str:
        """Return a name of its own: an output may be drawn by several of its properties."""
        return f"{self.layer.output}-{self.layer.value}" if self.layer.value else self.layer.output

    @property
    def is_ground(self) -> bool:
        """Whether it covers the map, so that only one such layer is seen at a time."""
        return self.layer.look in GROUNDS


def draw_layers(
    settings: Settings, runs: Sequence[Run], layers: Sequence[MapLayer], language: str, *, scheme: str, k: int
) -> list[DrawnLayer]:
    """Return layers that all of some runs have, with the same classes for all; what lies on top, one of them may have.

    Raises InvalidInput for an unknown scheme or number of classes.
    """
    drawn = []
    for layer in layers:
        having = [layer.output in run.outputs for run in runs]
        if all(having) or (any(having) and layer.look not in GROUNDS):
            drawn.append(_drawn(settings, runs, layer, language, scheme, k))
    return drawn


def key_boxes(settings: Settings, run: Run, layers: Sequence[MapLayer]) -> dict[str, BBox]:
    """Return where what a row of a table is about lies, by the key of the row."""
    boxes: dict[str, BBox] = {}
    for layer in layers:
        if not layer.key or layer.output not in run.outputs:
            continue
        path = _path(settings, run, layer.output)
        if pq.read_metadata(path).num_rows > MOST_KEYED:
            continue
        frame = gpd.read_parquet(path, columns=[layer.key, "geometry"])
        for key, some in frame.geometry.groupby(frame[layer.key].astype(str)):
            if np.isfinite(some.total_bounds).all():
                boxes.setdefault(str(key), BBox(*some.total_bounds.round(6).tolist()))
    return boxes


def drawn_bbox(settings: Settings, runs: Sequence[Run], layers: Sequence[MapLayer]) -> BBox | None:
    """Return the box of everything that layers of some runs draw, as their files say it."""
    found = [_bounds(_path(settings, run, one.output)) for run in runs for one in layers if one.output in run.outputs]
    known = np.array([box for box in found if len(box) == 4 and all(map(math.isfinite, box))])
    return BBox(*known[:, :2].min(axis=0).tolist(), *known[:, 2:].max(axis=0).tolist()) if len(known) else None


def _drawn(settings: Settings, runs: Sequence[Run], layer: MapLayer, language: str, scheme: str, k: int) -> DrawnLayer:
    if layer.look not in ("classes", "states", "points") or not layer.value:
        return DrawnLayer(layer)
    columns = [_column(settings, run, layer) for run in runs]
    if layer.look == "points" and all(pd.api.types.is_numeric_dtype(column) for column in columns):
        return DrawnLayer(layer)
    if layer.look != "classes":
        return DrawnLayer(layer, rows=_states(layer, columns, language))
    numbers = [pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64) for column in columns]
    found = classify(np.concatenate(numbers), scheme, k)  # type: ignore[arg-type]
    ends = np.cumsum([len(some) for some in numbers])[:-1]
    bounds = _bounds_of(found, numbers, layer.kind)
    return _in_classes(layer, found, bounds, np.split(found.codes, ends), language)


def _bounds_of(found: Classes, numbers: Sequence[Any], kind: CellKind) -> list[tuple[float, float]]:
    """Return the least and the greatest figure that each class may hold; of whole figures, whole ones.

    Plain numbers end, on both sides, at one that is as round as the breaks between.
    """
    every = np.concatenate(numbers)
    if not np.all(np.mod(every[np.isfinite(every)], 1) == 0):
        bounds = list(found.bounds)
        if kind == "number" and len(bounds) > 1:
            unit = 10.0**found.decimals
            bounds[0] = (math.floor(bounds[0][0] * unit) / unit, bounds[0][1])
            bounds[-1] = (bounds[-1][0], math.ceil(bounds[-1][1] * unit) / unit)
        return bounds
    uppers = [math.floor(upper) for _, upper in found.bounds]
    lowers = [math.ceil(found.least), *(upper + 1 for upper in uppers[:-1])] if uppers else []
    return list(zip(lowers, uppers, strict=True))


def _in_classes(
    layer: MapLayer, found: Classes, every: Sequence[tuple[float, float]], codes: Sequence[Any], language: str
) -> DrawnLayer:
    steps = _steps(found)
    written = iter(say_together([end for bounds in every for end in bounds], layer.kind, language))
    said = list(zip(written, written, strict=True))
    rows = tuple(
        LegendRow(f"step-{steps[at]}", low if low == high else f"{low} – {high}",
                  tuple(int((some == at).sum()) for some in codes))
        for at, (low, high) in enumerate(said)
    )  # fmt: skip
    return DrawnLayer(layer, found.breaks, rows, tuple(int((some < 0).sum()) for some in codes), steps)


def _steps(found: Classes) -> tuple[int, ...]:
    """Return the shade of each class, from pale to deep; a single class of nothing is pale."""
    last = len(found.breaks) - 1
    if last < 1:
        return tuple(1 if end <= 0 else STEPS // 2 + 1 for end in found.breaks)
    return tuple(1 + round(at * (STEPS - 1) / last) for at in range(last + 1))


def _states(layer: MapLayer, columns: Sequence["pd.Series[Any]"], language: str) -> tuple[LegendRow, ...]:
    counts = [column.dropna().astype(str).value_counts() for column in columns]
    order = {word: rank for rank, word in enumerate(STATE_WORDS)}
    found = sorted({str(word) for one in counts for word in one.index}, key=lambda word: (order.get(word, 99), word))
    words = dict(layer.words) or {word: state_word(word, language) for word in found}
    others = [word for word in words if word not in STATE_TONES]
    tones = STATE_TONES | {word: f"tone-{at % TONES + 1}" for at, word in enumerate(others)}
    return tuple(
        LegendRow(tones[word], said, tuple(int(one.get(word, 0)) for one in counts), word)
        for word, said in words.items()
    )


def _path(settings: Settings, run: Run, output: str) -> Path:
    path = settings.runs_dir / str(run.outputs[output])
    if not path.exists():
        raise NotReady(
            "The file {file} is not in the data folder any more. Bring it back, or add it again.", file=path.name
        )
    return path


def _column(settings: Settings, run: Run, layer: MapLayer) -> "pd.Series[Any]":
    """Return what is drawn of a layer, by feature; nothing where the run has no such layer."""
    if layer.output not in run.outputs:
        return pd.Series([], dtype=object)
    column: pd.Series[Any] = pd.read_parquet(_path(settings, run, layer.output), columns=[layer.value])[layer.value]
    return column


def _bounds(path: Path) -> list[float]:
    about = orjson.loads((pq.read_schema(path).metadata or {}).get(b"geo", b"{}"))
    return list(about.get("columns", {}).get(about.get("primary_column", ""), {}).get("bbox", []))
