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
    Queue,
    Streets,
    Stretches,
    chained,
    new_search,
    search,
    seed_entry,
)
from geocommons.analysis.walk.network import Floats, Int32s, Ints

Homes = tuple[Int32s, Int32s, Int32s, Floats, Floats, Floats, Int32s]
"""The demand that is snapped, by its start node: first row of each node; of each row the demand, the node at the other
end, the metres to both ends, and its leg; and the edge."""
Late = tuple[Int32s, Int32s, Int32s, Floats]
"""The same once more by its end node, so that both are read in a row: first of each node; of each the row in `Homes`,
its start node, and the metres to its end node."""
Errand = tuple[Found, Queue, Homes, Late, tuple[Int32s, Int32s], Floats]
"""A search without anything found; the demand both ways, and by edge (`chained`); and the walks along one edge."""
Sorted = tuple[Int32s, Int32s, Floats]
"""Room for the demand, the site and the walk of each pair."""
Rows = tuple[Int32s, Floats]
"""The pairs found so far: demand and walk."""


@kernel
def set_out(graph: Graph, streets: Streets, stretches: Stretches, doors: Doors) -> Errand:
    """Return what is made once for the searches of all sites."""
    nodes = len(graph[0]) - 1
    found, queue = new_search(nodes, 2 * len(stretches[0]), nodes, UNDIVIDED)
    homes = _homes(streets, doors, nodes)
    on_edge, along = chained(homes[6], len(streets[0])), np.full(len(homes[1]), np.inf)
    return found, queue, homes, _late(streets, homes, nodes), on_edge, along


@kernel
def pairs_by_site(
    graph: Graph,
    streets: Streets,
    stretches: Stretches,
    entered: Ints,
    turn: Ints,
    errand: Errand,
    rows: Rows,
    spans: Ints,
    done: int,
    used: int,
    limit_m: float,
    per_m: float,
) -> tuple[int, int]:
    """Write the demand and the walk of each pair in `rows`, and in `spans` where those of each site begin and end.

    `stretches` go by site, those of a site from row `entered[site]` on. Sites take turns so that neighbours follow.
    Returns how many of them had theirs, and how many rows are used: the caller gives more room and calls again, since
    numpy's memory comes in large pages and memory made here would not, which costs a third of the time.
    Invariant: between two sites all metres are infinite and the queue is empty; only what a site touched is put back,
    so that the work grows with what lies within reach of the sites and not with the town.
    """
    found, queue, homes, late, on_edge, along = errand
    for nth in range(done, len(turn)):
        if used + len(along) > len(rows[0]):
            return nth, used
        site = turn[nth]
        for entry in range(entered[site], entered[site + 1]):
            seed_entry(stretches, entry, streets, found, queue, limit_m)
            _walk_along(stretches, entry, on_edge, homes, along)
        queue = search(graph, found, queue, limit_m, per_m)
        spans[0, site] = used
        used = _step_off(found, queue[4], homes, late, along, limit_m, rows, used)
        for edge in stretches[1][entered[site] : entered[site + 1]]:
            used = _stay_on(edge, on_edge, found[0], streets, homes, along, limit_m, rows, used)
        spans[1, site] = used
        _forget(found, queue[4])
    return len(turn), used


@kernel
def _homes(streets: Streets, doors: Doors, nodes: int) -> Homes:
    """Return the demand by its start node."""
    start, end, length = streets
    edge, along_m, leg_m = doors
    first, who = _grouped(np.where(edge >= 0, start[edge], -1), nodes)
    on = edge[who]
    back_m, other = along_m[who], end[on].astype(np.int32)
    return first, who, other, back_m, length[on] - back_m, leg_m[who], on.astype(np.int32)


@kernel
def _late(streets: Streets, homes: Homes, nodes: int) -> Late:
    """Return the demand by its end node."""
    first, row = _grouped(streets[1][homes[6]], nodes)
    return first, row, streets[0][homes[6][row]].astype(np.int32), homes[4][row]


@kernel
def _grouped(key: Ints, count: int) -> tuple[Int32s, Int32s]:
    """Return where each of `count` keys begins in the order of rows by key (a counting sort), and that order."""
    first = np.zeros(count + 1, np.int32)
    for one in key:
        if one >= 0:
            first[one + 1] += 1
    for number in range(count):
        first[number + 1] += first[number]
    place, order = first[:-1].copy(), np.empty(first[count], np.int32)
    for row, one in enumerate(key):
        if one >= 0:
            order[place[one]] = row
            place[one] += 1
    return first, order


@kernel
def _walk_along(stretches: Stretches, entry: int, on_edge: tuple[Int32s, Int32s], homes: Homes, along: Floats) -> None:
    """Note the walk along one edge to the demand on it, if it is the shortest so far."""
    _, edge, from_m, to_m, leg_m = stretches
    row = on_edge[0][edge[entry]]
    while row >= 0:
        at = homes[3][row]
        aside = max(max(from_m[entry] - at, at - to_m[entry]), 0.0)
        along[row] = min(along[row], homes[5][row] + aside + leg_m[entry])
        row = on_edge[1][row]


@kernel
def _step_off(
    found: Found, state: Ints, homes: Homes, late: Late, along: Floats, limit_m: float, rows: Rows, used: int
) -> int:
    """Write the walks over touched nodes, each demand once: by its start node, or if that is not touched by its end."""
    metres, _, touched = found
    first, who, other, back_m, ahead_m, leg_m, _ = homes
    late_first, late_row, start, end_m = late
    for number in range(state[TOUCHED]):
        node = touched[number]
        here_m = metres[node]
        for row in range(first[node], first[node + 1]):
            way = leg_m[row] + min(here_m + back_m[row], metres[other[row]] + ahead_m[row])
            used = _write(rows, used, who[row], min(way, along[row]), limit_m)
        for place in range(late_first[node], late_first[node + 1]):
            if metres[start[place]] == np.inf:
                row = late_row[place]
                way = leg_m[row] + (here_m + end_m[place])
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
            used = _write(rows, used, homes[1][row], along[row], limit_m)
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
def by_demand(spans: Ints, rows: Rows, used: int, ids: Int32s, demands: int, sorted_rows: Sorted) -> None:
    """Write rows that go by site as (demand, site, walk) by demand and then site: a stable counting sort."""
    demand, walk = rows
    place = np.zeros(demands + 1, np.int64)
    for row in range(used):
        place[demand[row] + 1] += 1
    for one in range(demands):
        place[one + 1] += place[one]
        sorted_rows[0][place[one] : place[one + 1]] = one
    for own in range(spans.shape[1]):
        for row in range(spans[0, own], spans[1, own]):
            at = place[demand[row]]
            sorted_rows[1][at], sorted_rows[2][at] = ids[own], walk[row]
            place[demand[row]] += 1
