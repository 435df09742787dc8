"""Depth of stewardship: how many claims hold each metre of a river, counted in whole millimetres.

All rivers lie end to end on one axis of integers. One sort of all ends, one running count (dynamic segmentation,
GIS&T BoK DM-16): nothing is cut as geometry, and nothing is rounded twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geocommons.analysis.walk.network import Ints, Objects
from geocommons.errors import InvalidInput

Millimetres = NDArray[np.int64]
Flags = NDArray[np.bool_]
BEGIN, CURRENT_FROM, CURRENT_TO, REQUEST_FROM, REQUEST_TO = range(5)
"""What happens at a place: a river begins, or a claim does or ends. Three bits beside the place, sorted with it."""
CODE_BITS = 3
CLAIM_STEP = np.array([0, 1, -1, 1, -1], dtype=np.int64)
CURRENT_STEP = np.array([0, 1, -1, 0, 0], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class DepthProfile:
    """Every river cut where claims change: one row a stretch, in order along each river and from river to river.

    `length_mm` has a row for each river. Of a stretch: `river` (position in the lengths), `at_mm` (where it begins on
    the axis of all rivers), `size_mm`, `current` (claims in force over it) and `claims` (those and requested ones).
    """

    length_mm: Millimetres
    river: Ints
    at_mm: Millimetres
    size_mm: Millimetres
    current: Ints
    claims: Ints

    @cached_property
    def base_mm(self) -> Millimetres:
        """Where each river begins on the axis of all rivers, and last where that ends."""
        return lay_end_to_end(self.length_mm)

    @cached_property
    def from_mm(self) -> Millimetres:
        """Where each stretch begins, along its river."""
        return self.at_mm - self.base_mm[self.river]

    def metres_by_depth(self) -> NDArray[np.float64]:
        """Return the metres that no claim in force holds, one, two, and so on to the deepest; they add up."""
        return sum_whole(self.current, self.size_mm, int(self.current.max(initial=0)) + 1) / 1000


def find_depth(
    lengths_m: ArrayLike,
    river: Ints,
    from_m: ArrayLike,
    to_m: ArrayLike,
    *,
    current: Flags | None = None,
) -> DepthProfile:
    """Return how many claims lie on each metre of each river, exact to the millimetre.

    A claim is a position in the lengths and two measures in metres: the wrong way round or past the river's ends they
    are put right, a missing one (NaN) is the river's own end, and a claim of no length claims nothing. `current` says
    which claims are in force, all of them if it is not given; the others are requested. InvalidInput where a length is
    no number of metres, or a claim names no river.
    """
    length = whole_mm(lengths_m)
    river, low, high, some = clip_claims(length, river, from_m, to_m)
    base = lay_end_to_end(length)
    shift = 0 if current is None else np.where(current[some], 0, REQUEST_FROM - CURRENT_FROM)
    begin, end = (base[river] + low) << CODE_BITS, (base[river] + high) << CODE_BITS
    key = np.concatenate([base << CODE_BITS, begin | (CURRENT_FROM + shift), end | (CURRENT_TO + shift)])
    key.sort()
    at, code = key >> CODE_BITS, key & ((1 << CODE_BITS) - 1)
    # Of all that happens at one place the last row knows the count after it; at the end of the axis nothing follows.
    last = np.flatnonzero(at[1:] != at[:-1])
    places = at[np.append(last, len(at) - 1)]
    return DepthProfile(
        length_mm=length,
        river=np.cumsum(code == BEGIN)[last] - 1,
        at_mm=places[:-1],
        size_mm=np.diff(places),
        current=np.cumsum(CURRENT_STEP[code])[last],
        claims=np.cumsum(CLAIM_STEP[code])[last],
    )


def clip_claims(
    length: Millimetres, river: Ints, from_m: ArrayLike, to_m: ArrayLike
) -> tuple[Ints, Millimetres, Millimetres, Flags]:
    """Return claims the right way round and inside their river, and which of the given ones have a length there."""
    river = np.asarray(river, dtype=np.intp)
    if len(river) and (river.min() < 0 or river.max() >= len(length)):
        raise InvalidInput("A claim names a river that is not in the list of lengths.")
    longest = length[river] / 1000
    start, stop = np.asarray(from_m, dtype=np.float64), np.asarray(to_m, dtype=np.float64)
    start, stop = np.where(np.isnan(start), 0.0, start), np.where(np.isnan(stop), longest, stop)
    low = np.rint(np.clip(np.minimum(start, stop), 0.0, longest) * 1000).astype(np.int64)
    high = np.rint(np.clip(np.maximum(start, stop), 0.0, longest) * 1000).astype(np.int64)
    some = high > low
    return river[some], low[some], high[some], some


def whole_mm(metres: ArrayLike) -> Millimetres:
    """Return metres as whole millimetres; refuse what is no length."""
    values = np.asarray(metres, dtype=np.float64)
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise InvalidInput("A river has a length that is no number of metres. Check the river lines.")
    return np.rint(values * 1000).astype(np.int64)


def lay_end_to_end(length: Millimetres) -> Millimetres:
    """Return where each length begins if all follow each other, and last where they end."""
    base = np.zeros(len(length) + 1, dtype=np.int64)
    np.cumsum(length, out=base[1:])
    return base


def sum_whole(code: Ints, size: Millimetres, count: int) -> Millimetres:
    """Return the sum of whole numbers by code (float64 holds every millimetre up to nine thousand million km)."""
    return np.asarray(np.bincount(code, size, minlength=count), dtype=np.int64)


def depth_by_river(profile: DepthProfile, names: Iterable[object] | None = None) -> pd.DataFrame:
    """Return `river, length_m, none_m, once_m, more_m, depth_max` for each river, or with `names` for each name.

    Metres that no claim in force holds, one does, and two or more do add up to the length. Reaches of one name (a
    braid, a river in parts) are one river, and every metre of each counts. Rivers without a name are the last row.
    """
    code = np.arange(len(profile.length_mm))
    labels = pd.Series(code)
    if names is not None:
        code, found = code_by_name(np.asarray(list(names), dtype=object))
        labels = pd.Series(found, dtype=object)
    table = table_of_depth(code[profile.river], len(labels), profile.size_mm, profile.current)
    table.insert(0, "river", labels)
    return table


def depth_by_district(profile: DepthProfile, pieces: pd.DataFrame) -> pd.DataFrame:
    """Return `district, length_m, none_m, once_m, more_m, depth_max`, by name, and last what lies outside (None).

    `pieces` (`river, from_m, to_m, district`), as `pieces_by_district` returns them, give each metre of each
    river to one district or to none (None); InvalidInput where they leave metres out or give them twice.
    """
    river = pieces["river"].to_numpy(dtype=np.intp)
    begin = profile.base_mm[river] + whole_mm(pieces["from_m"])
    end = profile.base_mm[river] + whole_mm(pieces["to_m"])
    order = np.lexsort((end, begin))
    begin, end = begin[order], end[order]
    edges = np.concatenate([begin, [profile.base_mm[-1]]])
    if edges[0] != 0 or not np.array_equal(edges[1:], end):
        raise InvalidInput("Pieces of rivers must give every metre of every river to one district, or to none.")
    code, labels = code_by_name(pieces["district"].to_numpy(dtype=object)[order])
    cuts = np.unique(np.concatenate([profile.at_mm, begin[begin < end]]))
    stretch = np.searchsorted(profile.at_mm, cuts, "right") - 1
    piece = np.searchsorted(begin, cuts, "right") - 1
    size = np.diff(np.append(cuts, profile.base_mm[-1]))
    table = table_of_depth(code[piece], len(labels), size, profile.current[stretch])
    table.insert(0, "district", pd.Series(labels, dtype=object))
    return table


def code_by_name(names: Objects) -> tuple[Ints, Objects]:
    """Return a code for each row and the names by code, sorted; missing names share the last code, None."""
    codes, found = pd.factorize(names, sort=True)
    labels: Objects = np.empty(len(found) + int((codes < 0).any()), dtype=object)
    labels[: len(found)] = found
    return np.asarray(np.where(codes < 0, len(found), codes), dtype=np.intp), labels


def table_of_depth(code: Ints, count: int, size: Millimetres, depth: Ints) -> pd.DataFrame:
    """Return `length_m, none_m, once_m, more_m, depth_max` by code of stretches with a size and a depth."""
    cells = sum_whole(code * 3 + np.minimum(depth, 2), size, count * 3).reshape(-1, 3)
    deepest = np.zeros(count, dtype=np.intp)
    np.maximum.at(deepest, code, depth)
    none, once, more = (cells / 1000).T
    whole = cells.sum(axis=1) / 1000
    return pd.DataFrame({"length_m": whole, "none_m": none, "once_m": once, "more_m": more, "depth_max": deepest})


def find_river_gaps(profile: DepthProfile) -> pd.DataFrame:
    """Return the stretches that no claim in force holds: `river, from_m, to_m, length_m`, joined where they touch."""
    return _runs(profile, profile.current == 0)[0]


def find_river_overlaps(profile: DepthProfile) -> pd.DataFrame:
    """Return the stretches that two claims in force or more hold: `river, from_m, to_m, length_m, depth_max`."""
    table, first, chosen = _runs(profile, profile.current > 1)
    depth = profile.current[chosen]
    table["depth_max"] = np.maximum.reduceat(depth, first) if len(first) else depth
    return table


def _runs(profile: DepthProfile, wanted: Flags) -> tuple[pd.DataFrame, Ints, Ints]:
    """Return chosen stretches joined where they touch, where each begins among the chosen, and the chosen."""
    chosen = np.flatnonzero(wanted)
    river, begin = profile.river[chosen], profile.from_mm[chosen]
    end = begin + profile.size_mm[chosen]
    starts = np.ones(len(chosen), dtype=bool)
    starts[1:] = (river[1:] != river[:-1]) | (begin[1:] != end[:-1])
    low, high = begin[starts], end[np.roll(starts, -1)]
    columns = {"river": river[starts], "from_m": low / 1000, "to_m": high / 1000, "length_m": (high - low) / 1000}
    return pd.DataFrame(columns), np.flatnonzero(starts), chosen
