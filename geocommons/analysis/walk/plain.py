"""Walks by scipy's search: for questions too small for compiled kernels, and for tests to compare those with.

Both add up the same metres in the same order, so that they give the same bits.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geocommons.analysis.walk.entrances import Entries, Snapped
from geocommons.analysis.walk.network import Floats, Ints, WalkNetwork

PAIRS_AT_ONCE = 4_000_000


def nearest_by_node(network: WalkNetwork, entries: Entries, limit_m: float) -> tuple[Floats, Ints]:
    """Return for each node the metres to the nearest site, and that site: (inf, -1) where there is none.

    One search from a source that is joined to the ends of every entered edge. Its edges lead out only: with
    edges back people would walk from site to site through it (Dijkstra 1959, many sources at once).
    """
    count = len(network.node_xy)
    node, cost, site = _seeds(network, entries)
    if len(node) == 0:
        return np.full(count, np.inf), np.full(count, -1)
    graph = _with_sources(network.routes, np.zeros(len(node), np.intp), node, cost, 1)
    metres, before = dijkstra(graph, indices=count, return_predecessors=True, limit=limit_m)
    reached, root = metres[:count], before[:count].astype(np.intp)
    own = np.arange(count)
    np.copyto(root, own, where=(root == count) | (root < 0))
    while True:
        further = root[root]
        if np.array_equal(further, root):
            break
        root = further
    seed_site = np.full(count, -1)
    seed_site[node] = site
    nearest = np.where(np.isfinite(reached), seed_site[root], -1)
    exact = cost == reached[node]
    nearest[node[exact]] = np.minimum(nearest[node[exact]], site[exact])
    return reached, _settle_ties(network.routes, reached, nearest)


def nearest_by_door(
    network: WalkNetwork, entries: Entries, demand: Snapped, node_m: Floats, node_site: Ints, limit_m: float
) -> tuple[Floats, Ints]:
    """Return for each demand the walk to the nearest site, and that site: by the nodes, or along one edge."""
    distance, nearest = np.full(len(demand.edge), np.inf), np.full(len(demand.edge), -1)
    on = np.flatnonzero(demand.edge >= 0)
    edge, along, leg = demand.edge[on], demand.along_m[on], demand.leg_m[on]
    start, end = network.start[edge], network.end[edge]
    back, ahead = leg + (node_m[start] + along), leg + (node_m[end] + (network.length_m[edge] - along))
    first = (back < ahead) | ((back == ahead) & (node_site[start] <= node_site[end]))
    distance[on], nearest[on] = np.minimum(back, ahead), np.where(first, node_site[start], node_site[end])
    for who, site, walk in _along_edges(entries, demand):
        best = _first_smallest(who, walk, site)
        who, site, walk = who[best], site[best], walk[best]
        better = (walk < distance[who]) | ((walk == distance[who]) & (site < nearest[who]))
        distance[who[better]], nearest[who[better]] = walk[better], site[better]
    beyond = ~(distance <= limit_m) | np.isinf(distance)
    distance[beyond], nearest[beyond] = np.inf, -1
    return distance, nearest


def all_pairs(network: WalkNetwork, entries: Entries, demand: Snapped, limit_m: float) -> tuple[Ints, Ints, Floats]:
    """Return (demand, site, walk) of all walks of at most `limit_m` metres, by demand and then site."""
    who, site, walk = (
        np.concatenate(part) for part in zip(*_all_walks(network, entries, demand, limit_m), strict=True)
    )
    near = walk <= limit_m
    who, site, walk = who[near], site[near], walk[near]
    order = np.lexsort((walk, site, who))
    who, site, walk = who[order], site[order], walk[order]
    first = np.ones(len(who), dtype=bool)
    first[1:] = (who[1:] != who[:-1]) | (site[1:] != site[:-1])
    return who[first], site[first], walk[first]


def _all_walks(
    network: WalkNetwork, entries: Entries, demand: Snapped, limit_m: float
) -> list[tuple[Ints, Ints, Floats]]:
    """Return walks over nodes, some sites at a time, and walks along one edge."""
    walks = [*_along_edges(entries, demand), (np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))]
    on = np.flatnonzero(demand.edge >= 0)
    edge, along, leg = demand.edge[on], demand.along_m[on], demand.leg_m[on]
    start, end, count = network.start[edge], network.end[edge], len(network.node_xy)
    sites = np.unique(entries.site)
    at_once = max(1, PAIRS_AT_ONCE // max(1, count + len(on)))
    for low in range(0, len(sites), at_once):
        chosen = sites[low : low + at_once]
        rows = np.isin(entries.site, chosen)
        nodes, cost, which = _ends(network, entries, rows)
        graph = _with_sources(network.routes, np.searchsorted(chosen, which), nodes, cost, len(chosen))
        metres = dijkstra(graph, indices=count + np.arange(len(chosen)), limit=limit_m)[:, :count]
        back, ahead = metres[:, start] + along, metres[:, end] + (network.length_m[edge] - along)
        walk = leg + np.minimum(back, ahead)
        number, who = np.nonzero((walk <= limit_m) & np.isfinite(walk))
        walks.append((on[who], chosen[number], walk[number, who]))
    return walks


def _ends(network: WalkNetwork, entries: Entries, rows: Any = slice(None)) -> tuple[Ints, Floats, Ints]:
    """Return the nodes at the ends of entered edges, the walk from there, and to which site."""
    edge, leg, site = entries.edge[rows], entries.leg_m[rows], entries.site[rows]
    node = np.concatenate([network.start[edge], network.end[edge]])
    ahead = leg + (network.length_m[edge] - entries.to_m[rows])
    return node, np.concatenate([leg + entries.from_m[rows], ahead]), np.concatenate([site, site])


def _seeds(network: WalkNetwork, entries: Entries) -> tuple[Ints, Floats, Ints]:
    """Return the nodes where a walk may begin, each once with its shortest (of equals, that to the lowest site)."""
    node, cost, site = _ends(network, entries)
    keep = _first_smallest(node, cost, site)
    return node[keep], cost[keep], site[keep]


def _with_sources(
    routes: "csr_array[Any, Any]", source: Ints, node: Ints, cost: Floats, sources: int
) -> "csr_array[Any, Any]":
    """Return the matrix with so many more nodes, whose edges lead to nodes and never back."""
    count = routes.shape[0]
    keep = _first_smallest(source * count + node, cost, node)
    source, node, cost = source[keep], node[keep], cost[keep]
    data, columns = np.concatenate([routes.data, cost]), np.concatenate([routes.indices, node.astype(np.int32)])
    more = routes.nnz + np.cumsum(np.bincount(source, minlength=sources))
    rows = np.concatenate([routes.indptr, more]).astype(np.int32)
    return csr_array((data, columns, rows), shape=(count + sources, count + sources))


def _settle_ties(routes: "csr_array[Any, Any]", metres: Floats, nearest: Ints) -> Ints:
    """Return the lowest of the equally near sites of each node, given any of them."""
    start, end = np.repeat(np.arange(len(metres)), np.diff(routes.indptr)), routes.indices
    tight = np.isfinite(metres[end]) & (metres[start] + routes.data == metres[end])
    start, end = start[tight], end[tight]
    while True:
        lowest = nearest.copy()
        np.minimum.at(lowest, end, nearest[start])
        if np.array_equal(lowest, nearest):
            return nearest
        nearest = lowest


def _along_edges(entries: Entries, demand: Snapped) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield (demand, site, walk) of walks that need no node: demand and site on one edge, some at a time."""
    order = np.argsort(entries.edge, kind="stable")
    edges = entries.edge[order]
    low, high = np.searchsorted(edges, demand.edge, "left"), np.searchsorted(edges, demand.edge, "right")
    met = np.flatnonzero(high > low)
    count = (high - low)[met]
    chunk = np.cumsum(count) // PAIRS_AT_ONCE
    for number in np.unique(chunk):
        rows, many = met[chunk == number], count[chunk == number]
        who = np.repeat(rows, many)
        nth = np.arange(len(who)) - np.repeat(np.cumsum(many) - many, many)
        entry = order[low[who] + nth]
        at = demand.along_m[who]
        aside = np.maximum(np.maximum(entries.from_m[entry] - at, at - entries.to_m[entry]), 0.0)
        yield who, entries.site[entry], demand.leg_m[who] + aside + entries.leg_m[entry]


def _first_smallest(group: Ints, value: Floats, tie: Ints) -> NDArray[np.intp]:
    """Return for each group the row with the smallest value (of equals, the smallest `tie`)."""
    order = np.lexsort((tie, value, group))
    first = np.ones(len(order), dtype=bool)
    first[1:] = group[order][1:] != group[order][:-1]
    return order[first]
