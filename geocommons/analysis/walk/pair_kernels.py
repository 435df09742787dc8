"""Compiled search for every pair of demand and site within a walk. Import it where it is used: it takes numba along."""

import numpy as np

from geocommons.analysis.compiled import kernel
from geocommons.analysis.walk.kernels import (
    FREE,
    TOUCHED,
    USED,
    Doors,
    Found,
    Graph,
    Queue,
    Streets,
    Stretches,
    chained,
    new_search,
    search,
    seed_entry,
)
from geocommons.analysis.walk.network import Floats, Int32s, Ints

AtNode = tuple[Ints, Int32s, Floats, Floats]
"""First row of each node; of each row the demand that steps there, metres from it to the node, and its leg."""
Best = tuple[Floats, Int32s, Ints]
"""The shortest walk of each demand to the site at hand, the demand that has one, and how many have."""
FIRST_ROOM = 1 << 16


@kernel
def pairs_by_site(
    graph: Graph,
    streets: Streets,
    stretches: Stretches,
    entered: Ints,
    turn: Ints,
    doors: Doors,
    limit_m: float,
    per_m: float,
) -> tuple[Ints, Int32s, Floats]:
    """Return where the rows of each site begin and end (2 x sites), and of each row the demand and its walk.

    `stretches` go by site, those of a site from row `entered[site]` on. Sites are searched from as `turn` says: one
    beside the other finds its streets in the cache.

    Invariant: between two sites all metres are infinite and the queue is empty; only what a site touched is put back,
    so that the work grows with what lies within reach of the sites and not with the town.
    """
    found, queue = new_search(len(graph[0]) - 1, 2 * len(stretches[0]), len(graph[0]) - 1)
    at_node, on_edge = _at_node(streets, doors, len(graph[0]) - 1), chained(doors[0], len(streets[0]))
    best = np.full(len(doors[0]), np.inf), np.empty(len(doors[0]), np.int32), np.zeros(1, np.int64)
    rows = np.zeros((2, len(entered) - 1), np.int64)
    demand, walk, used = np.empty(FIRST_ROOM, np.int32), np.empty(FIRST_ROOM), 0
    for site in turn:
        for entry in range(entered[site], entered[site + 1]):
            seed_entry(stretches, entry, streets, found, queue, limit_m, per_m)
        queue = search(graph, found, queue, limit_m, per_m)
        _step_off(found, queue, at_node, best, limit_m)
        for entry in range(entered[site], entered[site + 1]):
            _walk_along(stretches, entry, on_edge, doors, best, limit_m)
        rows[0, site], rows[1, site] = used, used + best[2][0]
        if rows[1, site] > len(demand):
            demand, walk = _larger(demand, walk, used, 2 * rows[1, site])
        _write(best, demand, walk, used)
        used = rows[1, site]
    return rows, demand[:used], walk[:used]


@kernel
def _at_node(streets: Streets, doors: Doors, nodes: int) -> AtNode:
    """Return the demand by the nodes at both ends of its edge."""
    start, end, length = streets
    edge, along_m, leg_m = doors
    first = np.zeros(nodes + 1, np.int64)
    for on in edge:
        if on >= 0:
            first[start[on] + 1] += 1
            first[end[on] + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    place, demand = first[:-1].copy(), np.empty(first[nodes], np.int32)
    aside, leg = np.empty(first[nodes]), np.empty(first[nodes])
    for one, on in enumerate(edge):
        if on >= 0:
            for node, away in ((start[on], along_m[one]), (end[on], length[on] - along_m[one])):
                demand[place[node]], aside[place[node]], leg[place[node]] = one, away, leg_m[one]
                place[node] += 1
    return first, demand, aside, leg


@kernel
def _shorten(best: Best, demand: int, way: float, limit_m: float) -> None:
    """Note a walk if it is the shortest of a demand so far."""
    walk, having, count = best
    if way <= limit_m and way < walk[demand]:
        if walk[demand] == np.inf:
            having[count[0]] = demand
            count[0] += 1
        walk[demand] = way


@kernel
def _step_off(found: Found, queue: Queue, at_node: AtNode, best: Best, limit_m: float) -> None:
    """Walk from the touched nodes to the demand beside them, and leave the search empty for the next site."""
    metres, site, touched = found
    first, demand, aside_m, leg_m = at_node
    state = queue[4]
    for number in range(state[TOUCHED]):
        node = touched[number]
        for row in range(first[node], first[node + 1]):
            _shorten(best, demand[row], leg_m[row] + (metres[node] + aside_m[row]), limit_m)
        metres[node], site[node] = np.inf, -1
    state[FREE], state[USED], state[TOUCHED] = -1, 0, 0


@kernel
def _walk_along(
    stretches: Stretches, entry: int, on_edge: tuple[Int32s, Int32s], doors: Doors, best: Best, limit_m: float
) -> None:
    """Walk along one edge to the demand on it."""
    _, edge, from_m, to_m, leg_m = stretches
    demand = on_edge[0][edge[entry]]
    while demand >= 0:
        at = doors[1][demand]
        aside = max(max(from_m[entry] - at, at - to_m[entry]), 0.0)
        _shorten(best, demand, doors[2][demand] + aside + leg_m[entry], limit_m)
        demand = on_edge[1][demand]


@kernel
def _larger(demand: Int32s, walk: Floats, used: int, room: int) -> tuple[Int32s, Floats]:
    """Return the rows with more room."""
    more, longer = np.empty(room, np.int32), np.empty(room)
    more[:used], longer[:used] = demand[:used], walk[:used]
    return more, longer


@kernel
def _write(best: Best, demand: Int32s, walk: Floats, at: int) -> None:
    """Write the walks of a site from row `at` on, and forget them."""
    metres, having, count = best
    for number in range(count[0]):
        one = having[number]
        demand[at + number], walk[at + number], metres[one] = one, metres[one], np.inf
    count[0] = 0


@kernel
def by_demand(rows: Ints, demand: Int32s, walk: Floats, demands: int) -> tuple[Int32s, Int32s, Floats]:
    """Return (demand, site, walk) of rows that go by site, now by demand and then site (a stable counting sort)."""
    place = np.zeros(demands + 1, np.int64)
    for one in demand:
        place[one + 1] += 1
    for one in range(demands):
        place[one + 1] += place[one]
    sorted_demand = np.empty(len(demand), np.int32)
    for one in range(demands):
        sorted_demand[place[one] : place[one + 1]] = one
    site, sorted_walk = np.empty(len(demand), np.int32), np.empty(len(demand))
    for own in range(rows.shape[1]):
        for row in range(rows[0, own], rows[1, own]):
            at = place[demand[row]]
            site[at], sorted_walk[at] = own, walk[row]
            place[demand[row]] += 1
    return sorted_demand, site, sorted_walk
