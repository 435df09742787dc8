"""Node ids of streets: the same kind of value at both ends, and one id for one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geocommons.crs import WGS84, Geometries
from geocommons.usecases.imports.facts import ref_text

SAME_PLACE_DEG = 1e-7
"""Ends of streets within about a centimetre are one place."""
APART_M = 25.0
"""Ends with one id that are farther apart than this are not one junction."""


@dataclass(frozen=True)
class StreetNodes:
    """Node ids of streets; `filled` ends took the id of their place, `torn` ids stand for several places."""

    from_node: "pd.Series[Any]"
    to_node: "pd.Series[Any]"
    filled: int
    torn: int


def settle_nodes(from_node: Sequence[object], to_node: Sequence[object], lines: Geometries) -> StreetNodes:
    """Return node ids as whole numbers if all are, else as texts.

    An end without an id takes the id of another end at the same place, so that a street never ends beside the one
    that it meets; where there is none, its id stays missing and its coordinate decides.
    """
    ids = [ref_text(value) for value in (*from_node, *to_node)]
    ends = _ends(lines)
    filled = _fill(ids, ends)
    torn = _count_torn(ids, ends)
    known = [text for text in ids if text is not None]
    if all(text.lstrip("-").isdigit() and len(text) < 19 for text in known):
        column: pd.Series[Any] = pd.Series([None if text is None else int(text) for text in ids], dtype="Int64")
    else:
        column = pd.Series(ids, dtype="string")
    half = len(lines)
    return StreetNodes(column[:half].reset_index(drop=True), column[half:].reset_index(drop=True), filled, torn)


def _ends(lines: Geometries) -> NDArray[np.float64]:
    """Return the first coordinate of every line, then the last of every line."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    count = np.arange(len(lines))
    return np.concatenate([xy[np.searchsorted(line, count)], xy[np.searchsorted(line, count, "right") - 1]])


def _fill(ids: list[str | None], ends: NDArray[np.float64]) -> int:
    """Give ends without an id the one of their place; return how many."""
    missing = [position for position, text in enumerate(ids) if text is None]
    if not missing or len(missing) == len(ids):
        return 0
    cells = list(map(tuple, np.rint(ends / SAME_PLACE_DEG).astype(np.int64).tolist()))
    known: dict[tuple[int, ...], str] = {}
    for cell, text in zip(cells, ids, strict=True):
        if text is not None:
            known.setdefault(cell, text)
    for position in missing:
        ids[position] = known.get(cells[position])
    return sum(ids[position] is not None for position in missing)


def _count_torn(ids: Sequence[str | None], ends: NDArray[np.float64]) -> int:
    """Return how many ids stand for places more than 25 m apart."""
    places = pd.DataFrame({"id": ids, "lon": ends[:, 0], "lat": ends[:, 1]}).dropna(subset=["id"])
    spread = places.groupby("id").agg(["min", "max"]).to_numpy(dtype=np.float64)
    if len(spread) == 0:
        return 0
    west, east, south, north = spread.T
    metres = WGS84.inv(west, south, east, north)[2]
    return int((np.asarray(metres) > APART_M).sum())
