"""The shortest walk from every point of demand to its nearest site."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geocommons.analysis.walk.entrances import Entries, Snapped
from geocommons.analysis.walk.network import Floats, Ints, WalkNetwork

PAIRS_AT_ONCE = 4_000_000


def walk_to_nearest(
    network: WalkNetwork, entries: Entries, demand: Snapped, *, limit_m: float = np.inf
) -> tuple[Floats, Ints]:
    """Return the shortest walk in metres to a site, and which site: (inf, -1) where none can be reached.

    The walk runs from the demand to its edge, along edges, and from the edge to the site. It is exact also
    where demand and site lie on one edge. Walks longer than `limit_m` count as none.
    """
    node_m, node_site = walk_from_sites(network, entries, limit_m=limit_m)
    distance = np.full(len(demand.edge), np.inf)
    nearest = np.full(len(demand.edge), -1)
    on = np.flatnonzero(demand.edge >= 0)
    edge, along, leg = demand.edge[on], demand.along_m[on], demand.leg_m[on]
    start, end = network.start[edge], network.end[edge]
    back, ahead = node_m[start] + along, node_m[end] + (network.length_m[edge] - along)
    distance[on] = leg + np.minimum(back, ahead)
    nearest[on] = np.where(back <= ahead, node_site[start], node_site[end])
    _take_same_edge(entries, demand, distance, nearest)
    beyond = ~(distance <= limit_m) | np.isinf(distance)
    distance[beyond], nearest[beyond] = np.inf, -1
    return distance, nearest


def walk_from_sites(network: WalkNetwork, entries: Entries, *, limit_m: float = np.inf) -> tuple[Floats, Ints]:
    """Return for each node the metres to the nearest site, and that site: (inf, -1) where none can be reached.

    One search from a source that is joined to the ends of every entered edge. Its edges lead out only: with
    edges back people would walk from site to site through it (Dijkstra 1959, many sources at once).
    """
    count = len(network.node_xy)
    node, cost, site = _seeds(network, entries)
    if len(node) == 0:
        return np.full(count, np.inf), np.full(count, -1)
    graph = _with_source(network.routes, node, cost)
    metres, before = dijkstra(graph, indices=count, return_predecessors=True, limit=limit_m)
    root = before[:count].astype(np.intp)
    own = np.arange(count)
    np.copyto(root, own, where=(root == count) | (root < 0))
    while True:
        further = root[root]
        if np.array_equal(further, root):
            break
        root = further
    seed_site = np.full(count, -1)
    seed_site[node] = site
    reached = metres[:count]
    return reached, np.where(np.isfinite(reached), seed_site[root], -1)


def _seeds(network: WalkNetwork, entries: Entries) -> tuple[Ints, Floats, Ints]:
    """Return the nodes at the ends of entered edges, the shortest walk from there, and to which site."""
    edge = entries.edge
    node = np.concatenate([network.start[edge], network.end[edge]])
    ahead = entries.leg_m + (network.length_m[edge] - entries.to_m)
    cost = np.concatenate([entries.leg_m + entries.from_m, ahead])
    site = np.concatenate([entries.site, entries.site])
    order = np.lexsort((site, cost, node))
    first = np.ones(len(order), dtype=bool)
    first[1:] = node[order][1:] != node[order][:-1]
    keep = order[first]
    return node[keep], cost[keep], site[keep]


def _with_source(routes: "csr_array[Any, Any]", node: Ints, cost: Floats) -> "csr_array[Any, Any]":
    """Return the matrix with one more node, whose edges lead to nodes and never back."""
    count = routes.shape[0]
    data = np.concatenate([routes.data, cost])
    columns = np.concatenate([routes.indices, node.astype(np.int32)])
    rows = np.concatenate([routes.indptr, [len(data)]]).astype(np.int32)
    return csr_array((data, columns, rows), shape=(count + 1, count + 1))


def _take_same_edge(entries: Entries, demand: Snapped, distance: Floats, nearest: Ints) -> None:
    """Shorten walks that need no node: demand and site on one edge."""
    order = np.argsort(entries.edge, kind="stable")
    edges = entries.edge[order]
    low, high = np.searchsorted(edges, demand.edge, "left"), np.searchsorted(edges, demand.edge, "right")
    met = np.flatnonzero(high > low)
    count = (high - low)[met]
    chunk = np.cumsum(count) // PAIRS_AT_ONCE
    for number in np.unique(chunk):
        rows = met[chunk == number]
        who = np.repeat(rows, (high - low)[rows])
        begin = np.cumsum((high - low)[rows]) - (high - low)[rows]
        nth = np.arange(len(who)) - np.repeat(begin, (high - low)[rows])
        entry = order[low[who] + nth]
        at = demand.along_m[who]
        aside = np.maximum(np.maximum(entries.from_m[entry] - at, at - entries.to_m[entry]), 0.0)
        walk = demand.leg_m[who] + aside + entries.leg_m[entry]
        best = _first_smallest(who, walk, entries.site[entry])
        better = best[walk[best] < distance[who[best]]]
        distance[who[better]], nearest[who[better]] = walk[better], entries.site[entry[better]]


def _first_smallest(group: Ints, value: Floats, tie: Ints) -> NDArray[np.intp]:
    """Return for each group the row with the smallest value (of equals, the smallest `tie`)."""
    order = np.lexsort((tie, value, group))
    first = np.ones(len(order), dtype=bool)
    first[1:] = group[order][1:] != group[order][:-1]
    return order[first]
