"""Catchments: what drains through a reach, and how much of that is looked after."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from geocommons.analysis.rivers.depth import DepthProfile, sum_whole
from geocommons.analysis.walk.network import Ints
from geocommons.errors import InvalidInput

SHARED_END_M = 1.0
"""Ends of rivers this near to each other are one place."""


def join_downstream(lines: Iterable[Any], *, join_m: float = SHARED_END_M) -> Ints:
    """Return the reach that each reach drains into, -1 for none: where it ends, within `join_m`, another one begins.

    Lines (metric CRS) are drawn from their source down. Where several begin at one place the longest is the river
    (of equals the first); the others are side arms that drain themselves alone, as NHDPlus counts minor paths. Where
    none begins, a reach drains into the one on whose way it ends, short of that one's own end (a river that is one
    line from source to mouth, with its brooks). A reach never drains into itself.
    """
    shapes = np.asarray(lines, dtype=object)
    count = len(shapes)
    down = np.full(count, -1, dtype=np.intp)
    if not np.isin(shapely.get_type_id(shapes), (1, 5)).all() or shapely.is_empty(shapes).any():
        raise InvalidInput("Only lines can be measured: a river is empty, or not a line.")
    if count == 0:
        return down
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    first = np.searchsorted(owner, np.arange(count))
    begin, end = xy[first], xy[np.append(first[1:], len(xy)) - 1]
    pairs = cKDTree(end).sparse_distance_matrix(cKDTree(begin), join_m, output_type="ndarray")
    up, into = pairs["i"].astype(np.intp), pairs["j"].astype(np.intp)
    up, into = up[up != into], into[up != into]
    order = np.lexsort((-into, shapely.length(shapes)[into], up))
    down[up[order]] = into[order]
    ending = np.flatnonzero(down < 0)
    brook, river = shapely.STRtree(shapes).query(shapely.points(end[ending]), predicate="dwithin", distance=join_m)
    brook = ending[brook]
    on_its_way = (brook != river) & (np.hypot(*(end[brook] - end[river]).T) > join_m)
    brook, river = brook[on_its_way], river[on_its_way]
    order = np.lexsort((-river, shapely.length(shapes)[river], brook))
    down[brook[order]] = river[order]
    return down


def sum_upstream(down: ArrayLike, values: ArrayLike) -> "np.ndarray[Any, Any]":
    """Return for each reach the sum of whole numbers over itself and all reaches that drain through it.

    `down` is the position of the reach downstream, -1 for none. Pointers are doubled (Wyllie 1979): the work is
    n log n, however long the river. InvalidInput where reaches drain in a circle, or into one that does not exist.
    """
    pointer = np.asarray(down, dtype=np.intp).copy()
    total = np.asarray(values, dtype=np.int64).copy()
    count = len(pointer)
    if count and (pointer.min() < -1 or pointer.max() >= count):
        raise InvalidInput("A river drains into one that is not in the list. Check the column that says where to.")
    # After k rounds a sum holds the reaches up to 2^k - 1 steps above; no path has more steps than there are reaches.
    for _ in range(count.bit_length() + 1):
        on = np.flatnonzero(pointer >= 0)
        if len(on) == 0:
            return total
        passed = np.zeros_like(total)
        np.add.at(passed, pointer[on], total[on])
        total += passed
        pointer[on] = pointer[pointer[on]]
    raise InvalidInput("Rivers drain in a circle. Check the column that says where to, or the direction of the lines.")


def depth_by_catchment(profile: DepthProfile, down: ArrayLike) -> pd.DataFrame:
    """Return `reach, reaches, length_m, none_m, once_m, more_m` of the catchment of each reach.

    A catchment is the reach itself with all that drains through it (`down`: the reach downstream, -1 for none, as
    given or from `join_downstream`); `reaches` counts them. The rows of the reaches with `down` -1 are whole rivers
    and add up to all metres.
    """
    count = len(profile.length_mm)
    if len(np.asarray(down)) != count:
        raise InvalidInput("A river drains into one that is not in the list. Check the column that says where to.")
    cells = sum_whole(profile.river * 3 + np.minimum(profile.current, 2), profile.size_mm, count * 3).reshape(-1, 3)
    none, once, more = (sum_upstream(down, column) for column in cells.T)
    return pd.DataFrame(
        {
            "reach": np.arange(count),
            "reaches": sum_upstream(down, np.ones(count, dtype=np.int64)),
            "length_m": (none + once + more) / 1000,
            "none_m": none / 1000,
            "once_m": once / 1000,
            "more_m": more / 1000,
        }
    )
