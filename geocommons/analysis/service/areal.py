"""Area-weighted coverage: which part of each block lies within a straight line of a site."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geocommons.analysis.walk.network import Floats, Ints, Objects

QUAD_SEGS = 16
"""Sides of a quarter of a disc: what GeoPandas draws, so that its overlays and tobler's give the same figures."""
INSCRIBED = float(np.cos(np.pi / (4 * QUAD_SEGS)))
"""Within this part of the reach a place is inside a disc whatever its direction."""
PIECES_A_REACH = 4
MOST_SPOTS = 500_000
"""The outlines of sites are looked at in this many spots at most, to find polygons that are surely within reach."""


def area_shares(polygons: Iterable[Any], sites: Iterable[Any], *, reach_m: float) -> Floats:
    """Return for each polygon the part of its area (0 to 1) within `reach_m` metres of any site.

    Polygons and sites (points, lines, polygons) are in one metric CRS; those drawn badly are made valid first. A shape
    without area counts whole, by a point on it; a missing or empty one is NaN. The reach is drawn with 64 sides around
    a point, as GeoPandas draws buffers. Only polygons near the border of a reach are cut, each by the discs near it.
    """
    shapes, places = np.array(polygons, dtype=object), _valid(np.array(sites, dtype=object))
    places = places[~(shapely.is_missing(places) | shapely.is_empty(places))]
    known = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    share = np.full(len(shapes), np.nan)
    share[known] = 0.0
    if len(places) == 0 or len(known) == 0:
        return share
    inside = _wholly_near(shapes[known], places, reach_m)
    share[known[inside]] = 1.0
    share[known[~inside]] = _cut(_valid(shapes[known[~inside]]), places, reach_m)
    return share


def _valid(shapes: Objects) -> Objects:
    """Return shapes of which those drawn badly are made valid; a polygon without area is a point on it."""
    bad = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    valid = shapes.copy()
    valid[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    collapsed = shapely.is_empty(valid) & ~shapely.is_empty(shapes)
    valid[collapsed] = shapely.centroid(shapes[collapsed])
    return valid


def _wholly_near(shapes: Objects, places: Objects, reach_m: float) -> NDArray[np.bool_]:
    """Return which shapes are surely within reach of one site: the farthest corner, by way of the box's middle."""
    west, south, east, north = shapely.bounds(shapes).T
    middle = np.column_stack([(west + east) / 2, (south + north) / 2])
    xy, row = shapely.get_coordinates(shapes, return_index=True)
    away = np.hypot(*(xy - middle[row]).T)
    radius = np.maximum.reduceat(away, np.flatnonzero(np.diff(row, prepend=-1)))
    piece_m = max(reach_m / PIECES_A_REACH, shapely.length(places).sum() / MOST_SPOTS, 1e-3)
    spots = shapely.get_coordinates(shapely.segmentize(places, piece_m))
    near, _ = cKDTree(spots).query(middle, distance_upper_bound=np.nextafter(reach_m, np.inf))
    return np.asarray(near + radius <= reach_m * INSCRIBED)


def _cut(shapes: Objects, places: Objects, reach_m: float) -> Floats:
    """Return the part of each valid shape within reach: shapes inside one reach are whole, the others are cut."""
    share, area = np.zeros(len(shapes)), shapely.area(shapes)
    shape, place = shapely.STRtree(places).query(shapes, predicate="dwithin", distance=reach_m)
    used, disc = np.unique(place, return_inverse=True)
    discs = shapely.buffer(places[used], reach_m, quad_segs=QUAD_SEGS)
    shapely.prepare(discs)
    share[shape[shapely.covers(discs[disc], shapes[shape]) | (area[shape] == 0)]] = 1.0
    cut = share[shape] < 1
    metres = shapely.distance(shapes[shape[cut]], places[place[cut]])
    order = np.lexsort((metres, shape[cut]))
    shape, disc = shape[cut][order], disc[cut][order]
    left = _left_over(shapes, shape, discs[disc])
    share[shape] = 1 - shapely.area(left[shape]) / area[shape]
    return np.clip(share, 0, 1)


def _left_over(shapes: Objects, shape: Ints, discs: Objects) -> Objects:
    """Return shapes without the discs that follow each (rows by shape), which are cut away nearest first."""
    left = shapes.copy()
    begin = np.searchsorted(shape, shape)
    nth = np.arange(len(shape)) - begin
    for number in range(int(nth.max(initial=-1)) + 1):
        turn = np.flatnonzero(nth == number)
        turn = turn[~shapely.is_empty(left[shape[turn]])]
        left[shape[turn]] = shapely.difference(left[shape[turn]], discs[turn])
    return left
