"""Compiled search for every pair of demand and site within a walk. Import it where it is used: it takes numba along."""

import numpy as np

from geocommons.analysis.compiled import kernel
from geocommons.analysis.walk.kernels import (
    FREE,
    TOUCHED,
    UNDIVIDED,
    USED,
    Doors,
    Found,
    Graph,
    Streets,
    Stretches,
    chained,
    new_search,
    search,
    seed_entry,
)
from geocommons.analysis.walk.network import Floats, Int32s, Ints

Homes = tuple[Ints, Ints, Ints, Ints, Ints, Floats, Floats, Floats]
"""The demand by its start node: first row of each node, first of `late` of each node, `late` (the rows by their end
node); of each row the demand, the edge, the metres from it to both ends, and its leg."""
Rows = tuple[Int32s, Floats]
"""The pairs found so far: demand and walk."""


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

    `stretches` go by site, those of a site from row `entered[site]` on. Sites take turns so that neighbours follow.
    Invariant: between two sites all metres are infinite and the queue is empty; only what a site touched is put back,
    so that the work grows with what lies within reach of the sites and not with the town.
    """
    nodes = len(graph[0]) - 1
    found, queue = new_search(nodes, 2 * len(stretches[0]), nodes, UNDIVIDED)
    homes = _homes(streets, doors, nodes)
    on_edge, along = chained(homes[4], len(streets[0])), np.full(len(homes[3]), np.inf)
    spans, used = np.zeros((2, len(entered) - 1), np.int64), 0
    demand, walk = np.empty(len(along), np.int32), np.empty(len(along))
    for site in turn:
        for entry in range(entered[site], entered[site + 1]):
            seed_entry(stretches, entry, streets, found, queue, limit_m)
            _walk_along(stretches, entry, on_edge, homes, streets, along)
        queue = search(graph, found, queue, limit_m, per_m)
        if used + len(along) > len(demand):
            demand, walk = _larger(demand, walk, used, 2 * used + len(along))
        spans[0, site] = used
        used = _step_off(found, queue[4], streets, homes, along, limit_m, (demand, walk), used)
        for edge in stretches[1][entered[site] : entered[site + 1]]:
            used = _stay_on(edge, on_edge, found[0], streets, homes, along, limit_m, (demand, walk), used)
        spans[1, site] = used
        _forget(found, queue[4])
    return spans, demand[:used], walk[:used]


@kernel
def _homes(streets: Streets, doors: Doors, nodes: int) -> Homes:
    """Return the demand that is snapped by its start node, and those rows by their end node."""
    start, end, length = streets
    edge, along_m, leg_m = doors
    snapped = edge >= 0
    first, who = _grouped(np.where(snapped, start[edge], -1), nodes)
    on = edge[who]
    late_first, late = _grouped(end[on], nodes)
    return first, late_first, late, who, on, along_m[who], length[on] - along_m[who], leg_m[who]


@kernel
def _grouped(key: Ints, count: int) -> tuple[Ints, Ints]:
    """Return where each of `count` keys begins in the order of rows by key (a counting sort), and that order."""
    first = np.zeros(count + 1, np.int64)
    for one in key:
        if one >= 0:
            first[one + 1] += 1
    for number in range(count):
        first[number + 1] += first[number]
    place, order = first[:-1].copy(), np.empty(first[count], np.int64)
    for row, one in enumerate(key):
        if one >= 0:
            order[place[one]] = row
            place[one] += 1
    return first, order


@kernel
def _walk_along(
    stretches: Stretches, entry: int, on_edge: tuple[Int32s, Int32s], homes: Homes, streets: Streets, along: Floats
) -> None:
    """Note the walk along one edge to the demand on it, if it is the shortest so far."""
    _, edge, from_m, to_m, leg_m = stretches
    row = on_edge[0][edge[entry]]
    while row >= 0:
        at = homes[5][row]
        aside = max(max(from_m[entry] - at, at - to_m[entry]), 0.0)
        along[row] = min(along[row], homes[7][row] + aside + leg_m[entry])
        row = on_edge[1][row]


@kernel
def _step_off(
    found: Found, state: Ints, streets: Streets, homes: Homes, along: Floats, limit_m: float, rows: Rows, used: int
) -> int:
    """Write the walks over touched nodes, each demand once: by its start node, or if that is not touched by its end."""
    metres, _, touched = found
    first, late_first, late, who, on, back_m, ahead_m, leg_m = homes
    for number in range(state[TOUCHED]):
        node = touched[number]
        for row in range(first[node], first[node + 1]):
            way = leg_m[row] + min(metres[node] + back_m[row], metres[streets[1][on[row]]] + ahead_m[row])
            used = _write(rows, used, who[row], min(way, along[row]), limit_m)
        for place in range(late_first[node], late_first[node + 1]):
            row = late[place]
            if metres[streets[0][on[row]]] == np.inf:
                way = leg_m[row] + (metres[node] + ahead_m[row])
                used = _write(rows, used, who[row], min(way, along[row]), limit_m)
    return used


@kernel
def _stay_on(
    edge: int,
    on_edge: tuple[Int32s, Int32s],
    metres: Floats,
    streets: Streets,
    homes: Homes,
    along: Floats,
    limit_m: float,
    rows: Rows,
    used: int,
) -> int:
    """Write the walks along an edge of which neither end was touched, and forget all walks along it."""
    alone = metres[streets[0][edge]] == np.inf and metres[streets[1][edge]] == np.inf
    row = on_edge[0][edge]
    while row >= 0:
        if alone and along[row] < np.inf:
            used = _write(rows, used, homes[3][row], along[row], limit_m)
        along[row] = np.inf
        row = on_edge[1][row]
    return used


@kernel
def _write(rows: Rows, used: int, demand: int, way: float, limit_m: float) -> int:
    """Write a walk that is not too long; return how many rows are used now."""
    if way > limit_m or way == np.inf:
        return used
    rows[0][used], rows[1][used] = demand, way
    return used + 1


@kernel
def _forget(found: Found, state: Ints) -> None:
    """Leave the search empty for the next site."""
    metres, site, touched = found
    for number in range(state[TOUCHED]):
        metres[touched[number]], site[touched[number]] = np.inf, -1
    state[FREE], state[USED], state[TOUCHED] = -1, 0, 0


@kernel
def _larger(demand: Int32s, walk: Floats, used: int, room: int) -> tuple[Int32s, Floats]:
    """Return the rows with more room."""
    more, longer = np.empty(room, np.int32), np.empty(room)
    more[:used], longer[:used] = demand[:used], walk[:used]
    return more, longer


@kernel
def by_demand(spans: Ints, demand: Int32s, walk: Floats, demands: int) -> tuple[Int32s, Int32s, Floats]:
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
    for own in range(spans.shape[1]):
        for row in range(spans[0, own], spans[1, own]):
            at = place[demand[row]]
            site[at], sorted_walk[at] = own, walk[row]
            place[demand[row]] += 1
    return sorted_demand, site, sorted_walk
