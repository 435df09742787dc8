"""Who holds a river: metres that each steward holds alone, and shares with others."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geocommons.analysis.rivers.depth import (
    Millimetres,
    clip_claims,
    find_depth,
    lay_end_to_end,
    sum_whole,
    whole_mm,
)
from geocommons.analysis.walk.network import Ints


def metres_by_steward(
    lengths_m: ArrayLike, river: Ints, from_m: ArrayLike, to_m: ArrayLike, steward: Ints
) -> pd.DataFrame:
    """Return `steward, stretches, length_m, alone_m, shared_m`, by steward.

    Claims are given as `find_depth` takes them, all in force, each with the numeric code of its steward. A metre that
    a steward claims twice counts once. It is shared if another steward holds it too: metres alone add up, over all
    stewards, to those that exactly one steward holds. `stretches` counts the claims after joining those that touch.
    """
    length = whole_mm(lengths_m)
    river, low, high, some = clip_claims(length, river, from_m, to_m)
    codes, who = np.unique(np.asarray(steward)[some], return_inverse=True)
    base = lay_end_to_end(length)
    who, low, high = _union(who.astype(np.intp), base[river] + low, base[river] + high, int(base[-1]))
    # One river as long as all of them: what stewards hold, each metre of each steward once.
    zeros = np.zeros(len(who), dtype=np.intp)
    profile = find_depth(np.array([base[-1] / 1000]), zeros, low / 1000, high / 1000)
    upto = np.concatenate([[0], np.cumsum(profile.size_mm * (profile.current == 1))])
    at = np.append(profile.at_mm, base[-1])
    # Ends of what a steward holds are places where the profile is cut.
    alone = upto[np.searchsorted(at, high)] - upto[np.searchsorted(at, low)]
    held, single = (sum_whole(who, mm, len(codes)) for mm in (high - low, alone))
    return pd.DataFrame(
        {
            "steward": codes,
            "stretches": _stretches(who, low, high, base, len(codes)),
            "length_m": held / 1000,
            "alone_m": single / 1000,
            "shared_m": (held - single) / 1000,
        }
    )


def _union(who: Ints, low: Millimetres, high: Millimetres, total: int) -> tuple[Ints, Millimetres, Millimetres]:
    """Return the intervals of each owner joined where they meet: one sort, one running maximum."""
    begin, end = low + who * (total + 1), high + who * (total + 1)
    order = np.argsort(begin, kind="stable")
    begin, furthest = begin[order], np.maximum.accumulate(end[order])
    starts = np.ones(len(begin), dtype=bool)
    starts[1:] = begin[1:] > furthest[:-1]
    who = who[order][starts]
    low, high = begin[starts], furthest[np.roll(starts, -1)]
    return who, low - who * (total + 1), high - who * (total + 1)


def _stretches(who: Ints, low: Millimetres, high: Millimetres, base: Millimetres, count: int) -> Ints:
    """Return how many stretches each owner has: an interval that runs on into the next rivers is one in each."""
    first = np.searchsorted(base, low, "right") - 1
    last = np.searchsorted(base, high, "left") - 1
    # Rivers of no length lie between two others and hold nothing.
    some = np.concatenate([[0], np.cumsum(np.diff(base) > 0)])
    return np.bincount(who, some[last + 1] - some[first], minlength=count).astype(np.intp)
