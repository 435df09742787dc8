"""River coverage: metres adopted, claimed twice and free, by arithmetic on measures.

No geometry is cut here: differences of lines lose 3 % of a river to rounding, intervals lose nothing. Every
measure is rounded to the millimetre and counted as a whole number, so that adopted and free add up to the length.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geocommons.analysis.rivers.depth import (
    DepthProfile,
    Millimetres,
    code_by_name,
    find_depth,
    find_river_gaps,
    sum_whole,
    whole_mm,
)
from geocommons.errors import InvalidInput

CURRENT = "current"
REQUESTED = "requested"


@dataclass(frozen=True, eq=False)
class RiverCoverage:
    """What is adopted of each river; a river is its position in the given lengths.

    The tables are made of the `profile` when they are read.
    """

    profile: DepthProfile

    @cached_property
    def rivers(self) -> pd.DataFrame:
        """A row for each river: `length_m, adopted_m, conflict_m, free_m`.

        Adopted metres have a current claim; free metres have none, so both add up to the length. Metres in conflict
        have two claims or more, current or requested: they are part of the others.
        """
        profile, count = self.profile, len(self.profile.length_mm)
        adopted = sum_whole(profile.river, profile.size_mm * (profile.current > 0), count)
        conflict = sum_whole(profile.river, profile.size_mm * (profile.claims > 1), count)
        return pd.DataFrame(
            {
                "length_m": profile.length_mm / 1000,
                "adopted_m": adopted / 1000,
                "conflict_m": conflict / 1000,
                "free_m": (profile.length_mm - adopted) / 1000,
            }
        )

    @cached_property
    def free(self) -> pd.DataFrame:
        """The free stretches: `river, from_m, to_m, length_m`, joined where they touch."""
        return find_river_gaps(self.profile)

    @cached_property
    def depth(self) -> pd.DataFrame:
        """The metres of each river by number of claims, current or requested: `river, claims, length_m`."""
        profile, most = self.profile, int(self.profile.claims.max(initial=0)) + 1
        cell, where = np.unique(profile.river * most + profile.claims, return_inverse=True)
        metres = sum_whole(where, profile.size_mm, len(cell)) / 1000
        return pd.DataFrame({"river": cell // most, "claims": cell % most, "length_m": metres})

    @cached_property
    def stretches(self) -> pd.DataFrame:
        """All rivers cut where claims change: `river, from_m, to_m, current, claims`."""
        profile = self.profile
        return pd.DataFrame(
            {
                "river": profile.river,
                "from_m": profile.from_mm / 1000,
                "to_m": (profile.from_mm + profile.size_mm) / 1000,
                "current": profile.current,
                "claims": profile.claims,
            }
        )

    def free_intervals(self, river: int) -> list[list[float]]:
        """Return the free stretches of one river as [from_m, to_m], upstream first."""
        return [
            list(pair) for pair in self.free.loc[self.free["river"] == river, ["from_m", "to_m"]].to_numpy().tolist()
        ]


def find_river_coverage(lengths_m: Iterable[float], events: pd.DataFrame) -> RiverCoverage:
    """Return what is adopted, in conflict and free of each river.

    `events` has a row for each claim: `river` (position in the lengths), `from_m`, `to_m` and `kind` (current or
    requested). Ends may be the wrong way round or past the river's; a missing end is the river's own. Claims of
    no length claim nothing.
    """
    kind = events["kind"].to_numpy(dtype=object)
    current = np.asarray(kind == CURRENT, dtype=bool)
    if not (current | (kind == REQUESTED)).all():
        raise InvalidInput("A claim is either {current} or {requested}.", current=CURRENT, requested=REQUESTED)
    river = events["river"].to_numpy(dtype=np.intp)
    start, stop = (events[name].to_numpy(dtype=np.float64) for name in ("from_m", "to_m"))
    return RiverCoverage(find_depth(np.asarray(lengths_m), river, start, stop, current=current))


def split_by_district(coverage: RiverCoverage, pieces: pd.DataFrame) -> pd.DataFrame:
    """Return `district, length_m, adopted_m, conflict_m, free_m`, by name, and last what lies outside (None).

    `pieces` (`river, from_m, to_m, district`), as `pieces_by_district` returns them, give each metre of each
    river to one district or to none (None).
    """
    profile = coverage.profile
    river = pieces["river"].to_numpy(dtype=np.intp)
    low = profile.base_mm[river] + whole_mm(pieces["from_m"])
    high = profile.base_mm[river] + whole_mm(pieces["to_m"])
    adopted = _within(profile, profile.current > 0, low, high)
    conflict = _within(profile, profile.claims > 1, low, high)
    code, labels = code_by_name(pieces["district"].to_numpy(dtype=object))
    whole = {"length_m": high - low, "adopted_m": adopted, "conflict_m": conflict, "free_m": high - low - adopted}
    sums = {name: sum_whole(code, mm, len(labels)) / 1000 for name, mm in whole.items()}
    return pd.DataFrame({"district": pd.Series(labels, dtype=object), **sums})


def _within(profile: DepthProfile, chosen: NDArray[np.bool_], low: Millimetres, high: Millimetres) -> Millimetres:
    """Return how much of the chosen stretches lies between each low and high, all on one axis."""
    ends = np.append(profile.at_mm, profile.base_mm[-1])
    upto = np.concatenate([[0], np.cumsum(profile.size_mm * chosen)])
    # Between two ends the sum rises by every millimetre or by none, so nothing is rounded.
    return np.asarray(np.interp(high, ends, upto) - np.interp(low, ends, upto), dtype=np.int64)
