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

REGION = 32_768
"""In how many pairs the demand of a region is: half a megabyte of them."""

Homes = tuple[Int32s, Int32s, Int32s, Floats, Floats, Floats, Int32s]
"""The demand that is snapped, by its start node: first row of each node; of each row the demand, the node at the other
end, the metres to both ends, and its leg; and the edge."""
Errand = tuple[Found, Queue, Homes, tuple[Int32s, Int32s], Floats]
"""A search without anything found; the demand, and by edge (`chained`); and the walks along one edge."""
Sorted = tuple[Int32s, Int32s, Floats]
"""Room for the demand (or its row in `Homes`), the site and the walk of each pair."""
Rows = tuple[Int32s, Floats]
"""The pairs found so far: row in `Homes` and walk."""


@kernel
def set_out(graph: Graph, streets: Streets, stretches: Stretches, doors: Doors) -> Errand:
    """Return what is made once for the searches of all sites."""
    nodes = len(graph[0]) - 1
    found, queue = new_search(nodes, 2 * len(stretches[0]), nodes, UNDIVIDED)
    homes = _homes(streets, doors, nodes)
    on_edge, along = chained(homes[6], len(streets[0])), np.full(len(homes[1]), np.inf)
    return found, queue, homes, on_edge, along


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
    """Write row of `Homes` and walk of each pair in `rows`, and in `spans` where those of each site begin and end.

    `stretches` go by site, those of a site from row `entered[site]` on. Sites take turns so that neighbours follow.
    Returns how many of them had theirs, and how many rows are used: the caller gives more room and calls again, since
    numpy's memory comes in large pages and memory made here would not, which costs a third of the time.
    Invariant: between two sites all metres are infinite and the queue is empty; only what a site touched is put back,
    so that the work grows with what lies within reach of the sites and not with the town.
    """
    found, queue, homes, on_edge, along = errand
    for nth in range(done, len(turn)):
        if used + len(along) >= len(rows[0]):
            return nth, used
        site = turn[nth]
        for entry in range(entered[site], entered[site + 1]):
            seed_entry(stretches, entry, streets, found, queue, limit_m)
            _walk_along(stretches, entry, on_edge, homes, along)
        queue = search(graph, found, queue, limit_m, per_m)
        spans[0, site] = used
        used = _step_off(found, queue[4], homes, along, limit_m, rows, used)
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
def _step_off(found: Found, state: Ints, homes: Homes, along: Floats, limit_m: float, rows: Rows, used: int) -> int:
    """Write the walks over touched nodes: of every edge with metres at an end, the start node is among them."""
    metres, _, touched = found
    first, _, other, back_m, ahead_m, leg_m, _ = homes
    for number in range(state[TOUCHED]):
        node = touched[number]
        for row in range(first[node], first[node + 1]):
            way = leg_m[row] + min(metres[node] + back_m[row], metres[other[row]] + ahead_m[row])
            used = _write(rows, used, row, min(way, along[row]), limit_m)
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
    """Write the walks along an edge of which the start was not touched, and forget all walks along it."""
    alone = metres[streets[0][edge]] == np.inf
    row = on_edge[0][edge]
    while row >= 0:
        if alone and along[row] < np.inf:
            used = _write(rows, used, row, along[row], limit_m)
        along[row] = np.inf
        row = on_edge[1][row]
    return used


@kernel
def _write(rows: Rows, used: int, home: int, way: float, limit_m: float) -> int:
    """Write a walk; return how many rows are used now: the next goes over it if it is too long."""
    rows[0][used], rows[1][used] = home, way
    return used + int(way <= limit_m and way < np.inf)


@kernel
def _forget(found: Found, state: Ints) -> None:
    """Leave the search empty for the next site."""
    metres, _, touched = found
    for number in range(state[TOUCHED]):
        metres[touched[number]] = np.inf
    state[FREE], state[USED], state[TOUCHED] = -1, 0, 0


@kernel
def by_region(spans: Ints, rows: Rows, used: int, ids: Int32s, homes: Homes, regional: Sorted) -> Ints:
    """Write rows that go by site as (row of `Homes`, site, walk), by region and then site: a stable counting sort.

    A region is a run of `Homes`, which are neighbours, in about `REGION` pairs. A site reaches few regions, and of each
    the next sort writes so little memory that it stays in the cache: one sort of all would leave it with every row.
    Returns how many pairs each row of `Homes` is in.
    """
    many = np.zeros(len(homes[1]), np.int64)
    for row in range(used):
        many[rows[0][row]] += 1
    digits = 0
    while len(many) >> digits > used // REGION:
        digits += 1
    free = np.zeros((len(many) >> digits) + 2, np.int64)
    for home, count in enumerate(many):
        free[(home >> digits) + 1] += count
    free = np.cumsum(free)
    for own in range(spans.shape[1]):
        for row in range(spans[0, own], spans[1, own]):
            home = rows[0][row]
            at = free[home >> digits]
            regional[0][at], regional[1][at], regional[2][at] = home, ids[own], rows[1][row]
            free[home >> digits] += 1
    return many


@kernel
def by_demand(regional: Sorted, many: Ints, homes: Homes, demands: int, pairs: Sorted) -> None:
    """Write rows as (demand, site, walk) by demand and then site, given them by region: a stable counting sort."""
    who, begin = homes[1], np.zeros(demands + 1, np.int64)
    for home, count in enumerate(many):
        begin[who[home] + 1] = count
    begin = np.cumsum(begin)
    for demand in range(demands):
        pairs[0][begin[demand] : begin[demand + 1]] = demand
    free = begin[who]
    for row, home in enumerate(regional[0]):
        at = free[home]
        pairs[1][at], pairs[2][at] = regional[1][row], regional[2][row]
        free[home] += 1
