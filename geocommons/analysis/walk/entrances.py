"""Where people step onto the walk network, and where the network enters a site."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geocommons.analysis.walk.network import Floats, Ints, Objects, WalkNetwork, z_order

SNAP_MAX_M = 200.0


@dataclass(frozen=True, eq=False)
class Snapped:
    """The nearest point of the network for each point: edge (-1: none near), metres along it, metres to it."""

    edge: Ints
    along_m: Floats
    leg_m: Floats


@dataclass(frozen=True, eq=False)
class Entries:
    """Stretches of edges where a site is entered: site, edge, from and to (metres along it), metres to the site.

    A gate is a stretch of no length. `unentered` lists the sites that the network does not come near.
    """

    site: Ints
    edge: Ints
    from_m: Floats
    to_m: Floats
    leg_m: Floats
    unentered: Ints


def snap(network: WalkNetwork, points: Iterable[Any], *, max_m: float = SNAP_MAX_M) -> Snapped:
    """Return the nearest point of an edge for each point, at most `max_m` metres away.

    Of edges equally near, the one with the westernmost (then southernmost) nearest point is taken, so the
    order of edges and points decides nothing.
    """
    wanted = np.asarray(points, dtype=object)
    point, edge, leg = nearest_pairs(network.tree, wanted, max_m)
    along = shapely.line_locate_point(network.lines[edge], wanted[point])
    order = _settle_ties(network, point, edge, along)
    point, edge, leg, along = point[order], edge[order], leg[order], along[order]
    snapped = Snapped(np.full(len(wanted), -1), np.full(len(wanted), np.nan), np.full(len(wanted), np.nan))
    snapped.edge[point], snapped.along_m[point], snapped.leg_m[point] = edge, along, leg
    return snapped


def enter(network: WalkNetwork, sites: Iterable[Any], *, max_m: float = SNAP_MAX_M) -> Entries:
    """Return where the network enters each site.

    A polygon or line is entered wherever an edge crosses it or runs inside it, without any walk from the
    edge (`leg_m` 0). A point, or a site that no edge touches, is entered from the nearest point of an edge
    to its boundary (from each of them, if several are equally near), at most `max_m` metres away.
    """
    shapes = shapely.make_valid(np.asarray(sites, dtype=object))
    touched = _touching(network, shapes)
    away = shapes.copy()
    away[touched[0]] = None
    site, edge, leg = nearest_pairs(network.tree, away, max_m)
    gate = shapely.get_point(shapely.shortest_line(network.lines[edge], shapes[site]), 0)
    along = shapely.line_locate_point(network.lines[edge], gate)
    near = (site, edge, along, along, leg)
    site, edge, start, stop, leg = (np.concatenate(pair) for pair in zip(touched, near, strict=True))
    order = np.lexsort((start, edge, site))
    unentered = np.setdiff1d(np.arange(len(shapes)), site)
    return Entries(site[order], edge[order], start[order], stop[order], leg[order], unentered)


def nearest_pairs(tree: shapely.STRtree, shapes: Objects, max_m: float = np.inf) -> tuple[Ints, Ints, Floats]:
    """Return (shape, member of the tree, metres) of every member that is nearest to a shape, at most `max_m` away."""
    if len(tree.geometries) == 0 or len(shapes) == 0:
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0)
    # Neighbours are asked for one after the other: the part of the tree that answers them is in the cache.
    order = np.argsort(z_order(np.nan_to_num(shapely.bounds(shapes)[:, :2])), kind="stable")
    limit = max_m if np.isfinite(max_m) else None
    (shape, member), metres = tree.query_nearest(shapes[order], max_distance=limit, return_distance=True)
    return order[shape], member, metres


def _settle_ties(network: WalkNetwork, point: Ints, edge: Ints, along: Floats) -> Ints:
    """Return the rows to keep, one a point."""
    rows = np.arange(len(point))
    tied = np.bincount(point)[point] > 1 if len(point) else rows.astype(bool)
    many = rows[tied]
    xy = shapely.get_coordinates(shapely.line_interpolate_point(network.lines[edge[many]], along[many]))
    many = many[np.lexsort((edge[many], network.length_m[edge[many]], xy[:, 1], xy[:, 0], point[many]))]
    first = np.ones(len(many), dtype=bool)
    first[1:] = point[many][1:] != point[many][:-1]
    return np.concatenate([rows[~tied], many[first]])


def _touching(network: WalkNetwork, shapes: Objects) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Return (site, edge, from_m, to_m, leg_m = 0) of the stretches of edges that lie in a polygon or on a line."""
    areal = shapes.copy()
    areal[shapely.get_dimensions(shapes) < 1] = None
    shapely.prepare(areal)
    site, edge = network.tree.query(areal, predicate="intersects")
    whole = shapely.covers(areal[site], network.lines[edge])
    inside = (site[whole], edge[whole], np.zeros(whole.sum()), network.length_m[edge[whole]])
    crossing = _crossings(network, areal, site[~whole], edge[~whole])
    site, edge, start, stop = (np.concatenate(pair) for pair in zip(inside, crossing, strict=True))
    return site, edge, start, stop, np.zeros(len(site))


def _crossings(network: WalkNetwork, shapes: Objects, site: Ints, edge: Ints) -> tuple[Ints, Ints, Floats, Floats]:
    """Return the stretches of edges inside shapes, segment by segment.

    On one straight segment a measure has no second meaning; on an edge that loops or crosses itself it has.
    """
    xy, pair = shapely.get_coordinates(network.lines[edge], return_index=True)
    same = pair[1:] == pair[:-1]
    ends = np.stack([xy[:-1], xy[1:]], axis=1)
    metres = np.where(same, np.hypot(*(xy[1:] - xy[:-1]).T), 0.0)
    begin = np.concatenate([[0.0], np.cumsum(metres)])
    first = np.searchsorted(pair, np.arange(len(edge)))
    offset = (begin[:-1] - begin[first][pair[:-1]])[same] if len(edge) else begin[:0]
    pair, ends = pair[:-1][same], ends[same]
    segments = shapely.linestrings(ends)
    bits, row = shapely.get_parts(shapely.intersection(segments, shapes[site[pair]]), return_index=True)
    bits, row = bits[~shapely.is_empty(bits)], row[~shapely.is_empty(bits)]
    bit_xy, bit = shapely.get_coordinates(bits, return_index=True)
    row_of = row[bit]
    at = offset[row_of] + np.hypot(*(bit_xy - ends[row_of, 0]).T)
    if len(bits) == 0:
        return site[:0], edge[:0], at, at
    starts = np.searchsorted(bit, np.arange(len(bits)))
    low, high = np.minimum.reduceat(at, starts), np.maximum.reduceat(at, starts)
    on = pair[row]
    limit = network.length_m[edge[on]]
    return site[on], edge[on], np.minimum(low, limit), np.minimum(high, limit)
