"""Every pair of demand and site within a distance: what ratios of supply to demand and choices of sites stand on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geocommons.analysis.compiled import pays
from geocommons.analysis.walk import plain
from geocommons.analysis.walk.entrances import Entries, Snapped
from geocommons.analysis.walk.network import NODE_CAPACITY, Floats, Int32s, Objects, WalkNetwork, z_order
from geocommons.analysis.walk.walking import door_arrays, graph_arrays, street_arrays, stretch_arrays

if TYPE_CHECKING:
    from geocommons.analysis.walk.pair_kernels import Ledger

PLAIN_S_A_CELL = 7e-9
"""What scipy's searches take for each node and demand of each site, near or not (1.3 s for 350,000 x 500)."""
ROOM, RUNS_A_SITE = 1_000_000, 16
"""For how many pairs there is room at first, and in how many regions a site may have some."""
MOST_TIMES = 16
"""How many times as much room a ledger gets at most at once."""
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
    homes = errand[2]
    ledger, done = _new_ledger(len(homes[1]), len(sites)), 0
    while done < len(sites):
        if done:
            # Room for the rest if it is like this, and half as much again: what is written is then moved once, early.
            ledger = _fuller(ledger, min(max(2, 3 * len(sites) // (2 * done)), MOST_TIMES))
        done = pair_kernels.pairs_by_site(*town, entered, turn, errand, ledger, done, float(limit_m), network.window_m)
    region, site, _ = (row[: ledger[6][pair_kernels.RUNS]] for row in ledger[5])
    count = int(ledger[4].sum())
    found = Pairs(np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count))
    pair_kernels.by_demand(
        ledger, np.lexsort((site, region)), sites.astype(np.int32), homes, len(demand.edge),
        (found.demand, found.site, found.walk_m),
    )  # fmt: skip
    return found


def _new_ledger(homes: int, sites: int) -> "Ledger":
    """Return a ledger without pairs, with room for some; what stays empty takes no memory."""
    from geocommons.analysis.walk.pair_kernels import PAGE, PAGE_BITS, REGION_BITS

    regions = (homes >> REGION_BITS) + 1
    pages = 2 * regions + max(ROOM, 2 * homes) // PAGE
    runs = regions + RUNS_A_SITE * sites
    return (
        (np.empty(pages * PAGE, np.uint16), np.empty(pages * PAGE)),
        np.empty(pages, np.int32),
        np.arange(regions) << PAGE_BITS,
        np.full(regions, -1, np.int32),
        np.zeros(homes, np.int32),
        (np.empty(runs, np.int32), np.empty(runs, np.int32), np.empty(runs, np.intp)),
        np.array([regions, 0]),
    )


def _fuller(ledger: "Ledger", times: int) -> "Ledger":
    """Return a ledger with the same pairs and so many times the room."""
    (who, walk), after, free, last, many, (region, site, begin), state = ledger
    who, walk, after, region, site, begin = (_longer(row, times) for row in (who, walk, after, region, site, begin))
    return (who, walk), after, free, last, many, (region, site, begin), state


def _longer(row: Any, times: int) -> Any:
    """Return a row in room for so many times as much."""
    longer = np.empty(times * len(row), row.dtype)
    longer[: len(row)] = row
    return longer


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
