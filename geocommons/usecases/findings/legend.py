"""What belongs to each line of a legend: the features that a class, a word or a layer as a whole is drawn of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.language import mark, translate
from geocommons.usecases.findings.maps import DrawnLayer

NO_FIGURE = mark("no figure")


@dataclass(frozen=True)
class Part:
    """Features in one look: "step-1" to "step-7", "none", a tone, "free", "line", "ranks", "proposed" or "points"."""

    look: str
    words: str
    rows: NDArray[np.bool_]


def parts_of(drawn: DrawnLayer, frame: GeoDataFrame, language: str) -> list[Part]:
    """Return the parts of a layer that have a feature, in the order of the legend; `frame` is its output."""
    layer = drawn.layer
    if layer.look == "classes":
        parts = _classes(drawn, frame[layer.value], language)
    elif drawn.rows:
        words = frame[layer.value].astype("str").to_numpy(dtype=object)
        parts = [Part(row.look, row.words, np.asarray(words == row.value, dtype=np.bool_)) for row in drawn.rows]
    else:
        look = {"lines": "line", "states": "points"}.get(layer.sign, layer.sign)
        parts = [Part(look, layer.title, np.ones(len(frame), dtype=np.bool_))]
    return [part for part in parts if part.rows.any()]


def _classes(drawn: DrawnLayer, column: "pd.Series[Any]", language: str) -> list[Part]:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    known = np.isfinite(values)
    codes = np.searchsorted(np.asarray(drawn.breaks), np.where(known, values, 0.0), side="left")
    parts = [Part(row.look, row.words, known & (codes == code)) for code, row in enumerate(drawn.rows)]
    return [*parts, Part("none", translate(NO_FIGURE, language), ~known)]


def lived_in(frame: GeoDataFrame) -> GeoDataFrame:
    """Return the places where people live: a park on the map of who is out of reach would mislead."""
    return frame[frame["people"] > 0] if "people" in frame else frame
