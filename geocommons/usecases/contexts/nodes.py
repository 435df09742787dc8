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
"""An end farther than this from the place where its id stands otherwise is not at that junction."""
Cell = tuple[int, ...]


@dataclass(frozen=True)
class StreetNodes:
    """Node ids of streets; `filled` counts the ends that took the id of their place.

    `strays` are the ends whose id stands elsewhere: (position of the street, 0 for its start or 1 for its end, id).
    """

    from_node: "pd.Series[Any]"
    to_node: "pd.Series[Any]"
    filled: int
    strays: list[tuple[int, int, str]]


def settle_nodes(from_node: Sequence[object], to_node: Sequence[object], lines: Geometries) -> StreetNodes:
    """Return node ids as whole numbers if all are, else as texts.

    An id that stands at two places would carry walkers from one to the other in no time: it is kept where most of
    its ends are. An end that has no id (any more) takes the one of another end at its place; where there is none, it
    stays without, and its coordinate decides.
    """
    ids = [ref_text(value) for value in (*from_node, *to_node)]
    ends = _ends(lines)
    cells: list[Cell] = list(map(tuple, np.rint(ends / SAME_PLACE_DEG).astype(np.int64).tolist()))
    half = len(lines)
    strays = [(int(end % half), int(end // half), str(ids[end])) for end in _stray_ends(ids, ends, cells)]
    for street, side, _ in strays:
        ids[street + side * half] = None
    filled = _fill(ids, cells)
    column = _typed(ids)
    return StreetNodes(column[:half].reset_index(drop=True), column[half:].reset_index(drop=True), filled, strays)


def _typed(ids: Sequence[str | None]) -> "pd.Series[Any]":
    known = [text for text in ids if text is not None]
    if all(text.lstrip("-").isdigit() and len(text) < 19 for text in known):
        return pd.Series([None if text is None else int(text) for text in ids], dtype="Int64")
    return pd.Series(ids, dtype="string")


def _ends(lines: Geometries) -> NDArray[np.float64]:
    """Return the first coordinate of every line, then the last of every line."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    count = np.arange(len(lines))
    return np.concatenate([xy[np.searchsorted(line, count)], xy[np.searchsorted(line, count, "right") - 1]])


def _stray_ends(ids: Sequence[str | None], ends: NDArray[np.float64], cells: Sequence[Cell]) -> NDArray[np.intp]:
    """Return the ends that are more than 25 m from where most ends with their id are (of equals, the first)."""
    table = pd.DataFrame({"id": ids, "cell": cells}).reset_index(names="end").dropna(subset=["id"])
    if table.empty:
        return np.empty(0, np.intp)
    places = table.groupby(["id", "cell"])["end"].agg(["size", "min"]).reset_index()
    home = places.sort_values(["id", "size", "min"], ascending=[True, False, True]).drop_duplicates("id")
    at = table["id"].map(home.set_index("id")["min"]).to_numpy(dtype=np.intp)
    own = table["end"].to_numpy(dtype=np.intp)
    metres = np.asarray(WGS84.inv(ends[own, 0], ends[own, 1], ends[at, 0], ends[at, 1])[2])
    return own[metres > APART_M]


def _fill(ids: list[str | None], cells: Sequence[Cell]) -> int:
    """Give ends without an id the one of their place; return how many."""
    missing = [position for position, text in enumerate(ids) if text is None]
    if not missing or len(missing) == len(ids):
        return 0
    known: dict[Cell, str] = {}
    for cell, text in zip(cells, ids, strict=True):
        if text is not None:
            known.setdefault(cell, text)
    for position in missing:
        ids[position] = known.get(cells[position])
    return sum(ids[position] is not None for position in missing)
