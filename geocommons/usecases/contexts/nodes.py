"""Node ids of streets: the same kind of value at both ends, and one id for one place."""

from collections import Counter
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
OTHER_END = 0.9
"""What the far end of a street counts for, as the place of an id: ids may stand the other way round."""


@dataclass(frozen=True)
class StreetNodes:
    """Node ids of streets; `filled` counts the ends that took the id of their place, `turned` the streets whose ids
    stood the other way round.

    `strays` are the ends whose id stands elsewhere: (position of the street, 0 for its start or 1 for its end, id).
    """

    from_node: "pd.Series[Any]"
    to_node: "pd.Series[Any]"
    filled: int
    turned: int
    strays: list[tuple[int, int, str]]


def settle_nodes(from_node: Sequence[object], to_node: Sequence[object], lines: Geometries) -> StreetNodes:
    """Return node ids as whole numbers if all are, else as texts.

    An id that stands at two places would carry walkers from one to the other in no time: it is kept where most of
    its streets are. An end that has no id (any more), or one that it alone has there, takes the one of the other ends
    at its place; where there is none, it stays without, and its coordinate decides.
    """
    ids = [ref_text(value) for value in (*from_node, *to_node)]
    ends, half = _ends(lines), len(lines)
    cells = np.unique(np.rint(ends / SAME_PLACE_DEG).astype(np.int64), axis=0, return_inverse=True)[1].ravel()
    home = _homes(ids, cells)
    turned = _turn(ids, ends, home)
    strays = [(int(end % half), int(end // half), str(ids[end])) for end in np.flatnonzero(_apart(ends, home))]
    for street, side, _ in strays:
        ids[street + side * half] = None
    filled = _fill(ids, cells.tolist())
    column = _typed(ids)
    return StreetNodes(
        column[:half].reset_index(drop=True), column[half:].reset_index(drop=True), filled, turned, strays
    )


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


def _homes(ids: Sequence[str | None], cells: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each end an end at the place where most streets with its id are (of equals, the first); -1 without id.

    A street speaks for both its ends: the place that all streets of a node share is found also where some of them
    are drawn from their to-node to their from-node.
    """
    half = len(ids) // 2
    own = np.arange(2 * half)
    far = np.concatenate([own[half:], own[:half]])
    weight = np.repeat([1.0, OTHER_END], 2 * half)
    end, name = np.concatenate([own, far]), pd.Series([*ids, *ids], dtype=object)
    votes = pd.DataFrame({"id": name, "cell": cells[end], "end": end, "weight": weight}).dropna(subset=["id"])
    places = votes.groupby(["id", "cell"]).agg(weight=("weight", "sum"), end=("end", "min")).reset_index()
    best = places.sort_values(["id", "weight", "end"], ascending=[True, False, True]).drop_duplicates("id")
    return name[: 2 * half].map(best.set_index("id")["end"]).fillna(-1).to_numpy(dtype=np.intp, copy=True)


def _turn(ids: list[str | None], ends: NDArray[np.float64], home: NDArray[np.intp]) -> int:
    """Swap the ids (and homes) of streets that are drawn from their to-node to their from-node; return how many."""
    half = len(ids) // 2
    other = np.concatenate([home[half:], home[:half]])
    astray, fits = _apart(ends, home), ~_apart(ends, other) & (other >= 0)
    swap = np.flatnonzero((astray[:half] | astray[half:]) & fits[:half] & fits[half:])
    for street in swap.tolist():
        ids[street], ids[street + half] = ids[street + half], ids[street]
    both = np.concatenate([swap, swap + half])
    home[both] = other[both]
    return len(swap)


def _apart(ends: NDArray[np.float64], home: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which ends are more than 25 m from their home; one without a home is not."""
    metres = np.asarray(WGS84.inv(ends[:, 0], ends[:, 1], ends[home, 0], ends[home, 1])[2])
    return (home >= 0) & (metres > APART_M)


def _fill(ids: list[str | None], cells: Sequence[int]) -> int:
    """Give an end without an id, or alone with its id at its place, the one that most ends there have.

    Return how many. Two ids with two ends each at one place stay two nodes: a bridge over a street.
    """
    standing = Counter((cell, text) for cell, text in zip(cells, ids, strict=True) if text is not None)
    first: dict[int, str] = {}
    for (cell, text), count in standing.items():
        if cell not in first or count > standing[cell, first[cell]]:
            first[cell] = text
    filled = 0
    for end, cell in enumerate(cells):
        own = ids[end]
        if cell in first and own != first[cell] and (own is None or standing[cell, own] == 1):
            ids[end] = first[cell]
            filled += 1
    return filled
