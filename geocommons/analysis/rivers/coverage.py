"""River coverage: metres adopted, claimed twice and free, by arithmetic on measures.

No geometry is cut here: differences of lines lose 3 % of a river to rounding, intervals lose nothing. Every
measure is rounded to the millimetre and counted as a whole number, so that adopted and free add up to the length.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geocommons.analysis.walk.network import Floats, Ints
from geocommons.errors import InvalidInput

Millimetres = NDArray[np.int64]
CURRENT = "current"
REQUESTED = "requested"


@dataclass(frozen=True, eq=False)
class RiverCoverage:
    """What is adopted of each river; a river is its position in the given lengths.

    `rivers` has a row for each river: `length_m, adopted_m, conflict_m, free_m`. Adopted metres have a current
    claim; free metres have none, so both add up to the length. Metres in conflict have two claims or more, current
    or requested: they are part of the others. `free` lists the free stretches (`river, from_m, to_m, length_m`),
    `depth` the metres of each river by number of claims (`river, claims, length_m`), and `stretches` cuts all
    rivers where claims change (`river, from_m, to_m, current, claims`).
    """

    rivers: pd.DataFrame
    free: pd.DataFrame
    depth: pd.DataFrame
    stretches: pd.DataFrame

    def free_intervals(self, river: int) -> list[list[float]]:
        """Return the free stretches of one river as [from_m, to_m], upstream first."""
        return [
            list(pair) for pair in self.free.loc[self.free["river"] == river, ["from_m", "to_m"]].to_numpy().tolist()
        ]


def find_river_coverage(lengths_m: Iterable[float], events: pd.DataFrame) -> RiverCoverage:
    """Return what is adopted, in conflict and free of each river.

    `events` has a row for each claim: `river` (position in the lengths), `from_m`, `to_m` and `kind` (current or
    requested). Ends may be the wrong way round or past the river's; a missing end is the river's own. Claims of
    no length claim nothing. Dynamic segmentation: one sort of all ends, one running count (GIS&T BoK DM-16).
    """
    length = _whole_mm(lengths_m)
    river, low, high, current = _clip(length, events)
    base = np.concatenate([[0], np.cumsum(length)])
    at, counts = _sweep(base, base[river] + low, base[river] + high, current)
    on = np.searchsorted(base, at[:-1], "right") - 1
    size = np.diff(at)
    stretches = pd.DataFrame(
        {
            "river": on,
            "from_m": (at[:-1] - base[on]) / 1000,
            "to_m": (at[1:] - base[on]) / 1000,
            "current": counts[0],
            "claims": counts[1],
        }
    )
    return RiverCoverage(_by_river(length, on, size, counts), _free(stretches), _depth(on, size, counts[1]), stretches)


def split_by_district(coverage: RiverCoverage, pieces: pd.DataFrame) -> pd.DataFrame:
    """Return `district, length_m, adopted_m, conflict_m, free_m`, by name, and last what lies outside (None).

    `pieces` (`river, from_m, to_m, district`), as `pieces_by_district` returns them, give each metre of each
    river to one district or to none (None).
    """
    length = _whole_mm(coverage.rivers["length_m"])
    base = np.concatenate([[0], np.cumsum(length)])
    river = pieces["river"].to_numpy(dtype=np.intp)
    low, high = base[river] + _whole_mm(pieces["from_m"]), base[river] + _whole_mm(pieces["to_m"])
    cut = coverage.stretches
    begin = base[cut["river"].to_numpy(dtype=np.intp)] + _whole_mm(cut["from_m"])
    size = _whole_mm(cut["to_m"]) - _whole_mm(cut["from_m"])
    adopted = _within(begin, size, cut["current"].to_numpy() > 0, low, high)
    conflict = _within(begin, size, cut["claims"].to_numpy() > 1, low, high)
    codes, names = pd.factorize(pieces["district"].to_numpy(dtype=object), sort=True)
    last = len(names)
    codes = np.where(codes < 0, last, codes)
    sums = [np.bincount(codes, mm, minlength=last + 1) / 1000 for mm in (high - low, adopted, conflict)]
    free = np.bincount(codes, high - low - adopted, minlength=last + 1) / 1000
    labels = pd.Series([*names, None], dtype=object)
    table = pd.DataFrame({"district": labels, "length_m": sums[0], "adopted_m": sums[1], "conflict_m": sums[2]})
    table["free_m"] = free
    return table if (codes == last).any() else table.iloc[:last]


def _whole_mm(metres: Iterable[float]) -> Millimetres:
    """Return metres as whole millimetres; refuse what is no length."""
    values = np.asarray(metres, dtype=np.float64)
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise InvalidInput("A river has a length that is no number of metres. Check the river lines.")
    return np.rint(values * 1000).astype(np.int64)


def _clip(length: Millimetres, events: pd.DataFrame) -> tuple[Ints, Millimetres, Millimetres, NDArray[np.bool_]]:
    """Return claims as (river, from, to, current), the right way round, inside the river, with a length."""
    river = events["river"].to_numpy(dtype=np.intp)
    kind = events["kind"].to_numpy(dtype=object)
    if len(river) and (river.min() < 0 or river.max() >= len(length)):
        raise InvalidInput("A claim names a river that is not in the list of lengths.")
    if not np.isin(kind.astype(str), (CURRENT, REQUESTED)).all():
        raise InvalidInput("A claim is either {current} or {requested}.", current=CURRENT, requested=REQUESTED)
    longest = length[river] / 1000
    start = events["from_m"].to_numpy(dtype=np.float64)
    stop = events["to_m"].to_numpy(dtype=np.float64)
    start, stop = np.where(np.isnan(start), 0.0, start), np.where(np.isnan(stop), longest, stop)
    low = np.rint(np.clip(np.minimum(start, stop), 0.0, longest) * 1000).astype(np.int64)
    high = np.rint(np.clip(np.maximum(start, stop), 0.0, longest) * 1000).astype(np.int64)
    some = high > low
    return river[some], low[some], high[some], kind[some] == CURRENT


def _sweep(
    base: Millimetres, low: Millimetres, high: Millimetres, current: NDArray[np.bool_]
) -> tuple[Millimetres, tuple[Ints, Ints]]:
    """Return every place where claims change on the one axis of all rivers, and current and all claims after it."""
    at, where = np.unique(np.concatenate([base, low, high]), return_inverse=True)
    where = where[len(base) :]
    step = np.concatenate([np.ones(len(low)), -np.ones(len(high))])
    mine = np.concatenate([current, current])
    claims = np.cumsum(np.bincount(where, step, minlength=len(at)))[:-1]
    held = np.cumsum(np.bincount(where, step * mine, minlength=len(at)))[:-1]
    return at, (held.astype(np.intp), claims.astype(np.intp))


def _by_river(length: Millimetres, on: Ints, size: Millimetres, counts: tuple[Ints, Ints]) -> pd.DataFrame:
    """Return the sums of each river."""
    adopted = np.bincount(on, size * (counts[0] > 0), minlength=len(length))
    conflict = np.bincount(on, size * (counts[1] > 1), minlength=len(length))
    return pd.DataFrame(
        {
            "length_m": length / 1000,
            "adopted_m": adopted / 1000,
            "conflict_m": conflict / 1000,
            "free_m": (length - adopted) / 1000,
        }
    )


def _free(stretches: pd.DataFrame) -> pd.DataFrame:
    """Return the stretches without a current claim, joined where they touch."""
    open_ = stretches[stretches["current"] == 0]
    river, start, stop = open_["river"].to_numpy(), open_["from_m"].to_numpy(), open_["to_m"].to_numpy()
    first = np.ones(len(open_), dtype=bool)
    first[1:] = (river[1:] != river[:-1]) | (start[1:] != stop[:-1])
    last = np.roll(first, -1)
    low, high = start[first], stop[last]
    metres = (_whole_mm(high) - _whole_mm(low)) / 1000
    return pd.DataFrame({"river": river[first], "from_m": low, "to_m": high, "length_m": metres})


def _depth(on: Ints, size: Millimetres, claims: Ints) -> pd.DataFrame:
    """Return the metres of each river by number of claims."""
    most = int(claims.max(initial=0)) + 1
    cell, where = np.unique(on * most + claims, return_inverse=True)
    metres = np.bincount(where, size, minlength=len(cell)) / 1000
    return pd.DataFrame({"river": cell // most, "claims": cell % most, "length_m": metres})


def _within(
    begin: Millimetres, size: Millimetres, chosen: NDArray[np.bool_], low: Millimetres, high: Millimetres
) -> Floats:
    """Return how much of the chosen stretches lies between each low and high, all on one axis."""
    before = np.concatenate([[0], np.cumsum(size * chosen)])

    def upto(at: Millimetres) -> Millimetres:
        last = np.maximum(np.searchsorted(begin, at, "right") - 1, 0)
        return np.asarray(before[last] + np.where(chosen[last], at - begin[last], 0), dtype=np.int64)

    return (upto(high) - upto(low)).astype(np.float64)
