"""The next stretches to offer: free river cut into lengths that people take on, ranked by who can get there."""

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from geocommons.analysis.rivers.depth import whole_mm
from geocommons.analysis.service.coverage import refuse_unmetric
from geocommons.analysis.walk.entrances import nearest_pairs
from geocommons.analysis.walk.network import NODE_CAPACITY, Floats, Ints, Objects
from geocommons.errors import InvalidInput

LENGTH_MIN_M = 200.0
LENGTH_MAX_M = 1000.0
STREET_M = 100.0
PEOPLE_M = 800.0
SAMPLE_M = 25.0
"""A stretch is asked every so many metres how far the nearest street is."""


def cut_stretches(
    free: pd.DataFrame, *, length_min_m: float = LENGTH_MIN_M, length_max_m: float = LENGTH_MAX_M
) -> pd.DataFrame:
    """Return free stretches cut into offers between two lengths: `river, from_m, to_m, length_m`.

    `free` is the frame of free stretches (`river, from_m, to_m`). One shorter than the minimum is no offer; a longer
    one is cut into equal parts, as few as the maximum allows. InvalidInput unless the maximum is at least twice the
    minimum: only then every length can be cut.
    """
    if not 0 < length_min_m <= length_max_m / 2:
        raise InvalidInput("The longest stretch to offer must be at least twice the shortest, which is more than 0 m.")
    low, high = whole_mm(free["from_m"]), whole_mm(free["to_m"])
    enough = high - low >= round(length_min_m * 1000)
    river, low, high = free["river"].to_numpy()[enough], low[enough], high[enough]
    count = -(-(high - low) // round(length_max_m * 1000))
    owner = np.repeat(np.arange(len(low)), count)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    size = (high - low)[owner]
    begin = low[owner] + size * nth // count[owner]
    end = low[owner] + size * (nth + 1) // count[owner]
    columns = {"from_m": begin / 1000, "to_m": end / 1000, "length_m": (end - begin) / 1000}
    return pd.DataFrame({"river": river[owner], **columns})


def next_stretches(
    offers: GeoDataFrame,
    streets: Objects,
    people: GeoDataFrame,
    *,
    street_m: float = STREET_M,
    people_m: float = PEOPLE_M,
) -> GeoDataFrame:
    """Return offers with `rank` (from 1), `street_m`, `access`, `people` and `score`, the best to offer first.

    `offers` are stretches as lines in a metric CRS, with any columns; `streets` points (nodes) or lines (edges) in
    that CRS; `people` points with `people`. `street_m` is the distance in metres from the stretch to the nearest street
    (inf without any), `access` the part of the stretch within the given `street_m` of one (asked every 25 m), `people`
    those who live within `people_m` in a straight line. The score is `people * access`: people near who can get to it.
    Of equal scores the one nearer to a street comes first, then the one with more people, then as given.
    """
    refuse_unmetric(offers, "rivers")
    refuse_unmetric(people, "people")
    if offers.crs != people.crs:
        raise InvalidInput("Rivers and people are not in one CRS. Reproject both to the same metric CRS first.")
    lines = np.asarray(offers.geometry, dtype=object)
    tree = shapely.STRtree(np.asarray(streets, dtype=object), node_capacity=NODE_CAPACITY)
    away, access = _nearest_m(tree, lines), _access(tree, lines, street_m)
    near = _people_near(people, lines, people_m)
    ranked = offers.assign(street_m=away, access=access, people=near, score=near * access)
    order = np.lexsort((-near, away, -ranked["score"].to_numpy()))
    ranked = ranked.iloc[order].reset_index(drop=True)
    ranked.insert(0, "rank", np.arange(1, len(ranked) + 1))
    return ranked


def _nearest_m(tree: shapely.STRtree, shapes: Objects) -> Floats:
    """Return the metres from each shape to the nearest member of the tree, inf without any."""
    shape, _, metres = nearest_pairs(tree, shapes)
    nearest = np.full(len(shapes), np.inf)
    nearest[shape] = metres
    return nearest


def _access(tree: shapely.STRtree, lines: Objects, street_m: float) -> Floats:
    """Return the part of each line that lies within so many metres of a street, asked in the middle of equal steps."""
    length = shapely.length(lines)
    count = np.maximum(np.ceil(length / SAMPLE_M), 1).astype(np.intp)
    owner: Ints = np.repeat(np.arange(len(lines)), count)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    points = shapely.line_interpolate_point(lines[owner], (nth + 0.5) / count[owner] * length[owner])
    within = np.zeros(len(points), dtype=bool)
    within[nearest_pairs(tree, np.asarray(points, dtype=object), street_m)[0]] = True
    return np.bincount(owner, within, minlength=len(lines)) / count


def _people_near(people: GeoDataFrame, lines: Objects, people_m: float) -> Floats:
    """Return how many people live within so many metres of each line, each of them once."""
    homes = shapely.STRtree(np.asarray(people.geometry, dtype=object))
    line, home = homes.query(lines, predicate="dwithin", distance=people_m)
    counts = people["people"].to_numpy(dtype=np.float64)
    return np.asarray(np.bincount(line, counts[home], minlength=len(lines)), dtype=np.float64)
