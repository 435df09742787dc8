"""Every pair of demand and site within a distance: what ratios of supply to demand and choices of sites stand on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geocommons.analysis.compiled import pays
from geocommons.analysis.walk import plain
from geocommons.analysis.walk.entrances import Entries, Snapped
from geocommons.analysis.walk.network import NODE_CAPACITY, Floats, Int32s, Objects, WalkNetwork, z_order
from geocommons.analysis.walk.walking import door_arrays, graph_arrays, street_arrays, stretch_arrays

PLAIN_S_A_CELL = 7e-9
"""What scipy's searches take for each node and demand of each site, near or not (1.3 s for 350,000 x 500)."""
ROOM = 20_000_000
"""For how many pairs there is room at first; what stays empty takes no memory."""
HAIR = 1e-9
"""A tree is asked for this part more than the limit, and the distances themselves decide."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs by demand, then site: positions of both, and the metres of the way between them, once for each pair.

    The metres are the walk (`walk_pairs`) or the straight line (`straight_pairs`), in double precision.
    """

    demand: Int32s
    site: Int32s
    walk_m: Floats

    def __len__(self) -> int:
        return len(self.demand)


def walk_pairs(network: WalkNetwork, entries: Entries, demand: Snapped, *, limit_m: float) -> Pairs:
    """Return every demand and site with a walk of at most `limit_m` metres (and exactly that) between them.

    The walk is that of `walk_to_nearest`, to the last bit: legs and walks along one edge included, by the best of the
    site's entries. Demand that is not snapped is in no pair.
    """
    if len(entries.site) == 0 or not (demand.edge >= 0).any():
        return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    cells = len(np.unique(entries.site)) * float(len(network.node_xy) + len(demand.edge))
    if not pays("geocommons.analysis.walk.pair_kernels", "by_demand", cells * PLAIN_S_A_CELL):
        found = plain.all_pairs(network, entries, demand, limit_m)
        return Pairs(found[0].astype(np.int32), found[1].astype(np.int32), found[2])
    return compiled_pairs(network, entries, demand, limit_m)


def compiled_pairs(network: WalkNetwork, entries: Entries, demand: Snapped, limit_m: float) -> Pairs:
    """Return the same by the compiled search, however small the question."""
    from geocommons.analysis.walk import pair_kernels

    order = np.argsort(entries.site, kind="stable")
    sites, first = np.unique(entries.site[order], return_index=True)
    entered = np.append(first, len(order))
    # Nodes are numbered along a curve through the town: sites in the order of their nodes are neighbours.
    turn = np.argsort(network.start[entries.edge[order[first]]], kind="stable")
    town = graph_arrays(network), street_arrays(network), stretch_arrays(entries, order)
    errand = pair_kernels.set_out(*town, door_arrays(demand))
    room = max(ROOM, 2 * len(demand.edge))
    rows, spans, done, used = _room(room), np.zeros((2, len(sites)), np.int64), 0, 0
    while done < len(sites):
        if used:
            fuller, rows = rows, _room(2 * len(rows[0]))
            rows[0][:used], rows[1][:used] = fuller[0][:used], fuller[1][:used]
        done, used = pair_kernels.pairs_by_site(
            *town, entered, turn, errand, rows, spans, done, used, float(limit_m), 1 / network.bucket_m
        )
    regional, homes = (np.empty(used, np.int32), *_room(used)), errand[2]
    many = pair_kernels.by_region(spans, rows, used, sites.astype(np.int32), homes, regional)
    # The rows are done with: their memory becomes the answer's, for the machine takes its time to give new memory.
    found = Pairs(rows[0][:used], np.empty(used, np.int32), rows[1][:used])
    pair_kernels.by_demand(regional, many, homes, len(demand.edge), (found.demand, found.site, found.walk_m))
    return found


def _room(rows: int) -> tuple[Int32s, Floats]:
    """Return room for so many numbers and walks; what stays empty takes no memory."""
    return np.empty(rows, np.int32), np.empty(rows)


def straight_pairs(shapes: Iterable[Any], sites: Iterable[Any], *, limit_m: float) -> Pairs:
    """Return every shape and site at most `limit_m` metres (and exactly that) apart in a straight line.

    Shapes and sites are points, lines or polygons in one metric CRS; between those that touch it is 0 metres. A missing
    or empty one is in no pair.
    """
    ones, others = np.asarray(shapes, dtype=object), np.asarray(sites, dtype=object)
    if _are_points(ones) and _are_points(others):
        one, other, metres = _near_points(ones, others, limit_m)
    else:
        tree = shapely.STRtree(others, node_capacity=NODE_CAPACITY)
        turn = np.argsort(z_order(np.nan_to_num(shapely.bounds(ones)[:, :2])), kind="stable")
        one, other = tree.query(ones[turn], predicate="dwithin", distance=limit_m * (1 + HAIR))
        one = turn[one]
        metres = shapely.distance(ones[one], others[other])
    near = metres <= limit_m
    one, other, metres = one[near], other[near], metres[near]
    order = np.lexsort((other, one))
    return Pairs(one[order].astype(np.int32), other[order].astype(np.int32), metres[order])


def _are_points(shapes: Objects) -> bool:
    points = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    return bool(points.all())


def _near_points(ones: Objects, others: Objects, limit_m: float) -> tuple[Any, Any, Floats]:
    """Return (one, other, metres) of points near each other, and of some a hair farther."""
    if not (len(ones) and len(others)):
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0)
    trees = [cKDTree(shapely.get_coordinates(points)) for points in (ones, others)]
    rows = trees[0].sparse_distance_matrix(trees[1], limit_m * (1 + HAIR), output_type="ndarray")
    return rows["i"], rows["j"], rows["v"]
