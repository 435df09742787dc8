"""Compiled search for every pair of demand and site within a walk. Import it where it is used: it takes numba along."""

import numpy as np
from numpy.typing import NDArray

from geocommons.analysis.compiled import kernel
from geocommons.analysis.walk.kernels import (
    FAR,
    NEAR,
    ROOM,
    Doors,
    Graph,
    Piles,
    Streets,
    Stretches,
    chained,
    ends_of,
    grouped,
    next_window,
    with_room,
)
from geocommons.analysis.walk.network import Floats, Int32s, Ints

REGION_BITS = 9
"""How many binary digits of a row of `Homes` number it within its region: neighbours whose pairs, some ten thousands
of them in a town, are sorted in the cache."""
REGION = 1 << REGION_BITS
PAGE_BITS = 10
PAGE = 1 << PAGE_BITS
"""How many pairs of one region lie side by side."""
TOO_FAR_M = np.finfo(np.float64).max
"""What stands for the metres of a node to which every way so far is too long."""
PAGES, RUNS = 0, 1
"""Where the `state` of a ledger holds how many pages and runs are used."""

Homes = tuple[Int32s, Int32s, Int32s, Floats, Floats, Floats, Int32s]
"""The demand that is snapped, by its start node: first row of each node; of each row the demand, the node at the other
end, the metres to both ends, and its leg; and the edge."""
Rows = tuple[Int32s, Floats]
"""Row in `Homes` and walk of each pair."""
Pages = tuple[NDArray[np.uint16], Floats]
"""The same, the row counted from the first of its region."""
Found = tuple[Floats, Int32s]
"""Metres by node, and the nodes that have some, in the order in which they got them: all that a walk may lead to, and
their neighbours with `TOO_FAR_M`."""
Errand = tuple[Found, Piles, Homes, tuple[Int32s, Int32s], Floats, Rows]
"""A search without anything found; the demand, and by edge (`chained`); the walks along one edge; and room for the
pairs of one site."""
Runs = tuple[Int32s, Int32s, Ints]
"""Region, site and first row of what one site has in one region."""
Ledger = tuple[Pages, Int32s, Ints, Int32s, Int32s, Runs, Ints]
"""The pairs found so far: rows on pages, each page of one region; the page after each page; by region the row to be
written next and the site that wrote last; in how many pairs each of `Homes` is; the runs; and the `state`."""
Sorted = tuple[Int32s, Int32s, Floats]
"""Demand, site and walk of each pair."""


@kernel
def set_out(graph: Graph, streets: Streets, stretches: Stretches, doors: Doors) -> Errand:
    """Return what is made once for the searches of all sites."""
    nodes = len(graph[0]) - 1
    found = np.full(nodes, np.inf), np.empty(nodes + 1, np.int32)
    piles = np.empty((2, ROOM + 2 * len(stretches[0])), np.int32)
    homes = _homes(streets, doors, nodes)
    on_edge, along = chained(homes[6], len(streets[0])), np.full(len(homes[1]), np.inf)
    rows = np.empty(len(along) + 1, np.int32), np.empty(len(along) + 1)
    return found, piles, homes, on_edge, along, rows


@kernel
def pairs_by_site(
    graph: Graph,
    streets: Streets,
    stretches: Stretches,
    entered: Ints,
    turn: Ints,
    errand: Errand,
    ledger: Ledger,
    done: int,
    limit_m: float,
    window_m: float,
) -> int:
    """Write the pairs of each site into the ledger.

    `stretches` go by site, those of a site from row `entered[site]` on. Sites take turns so that neighbours follow.
    Returns how many of them had theirs: the caller gives more room and calls again, since numpy's memory comes in
    large pages and memory made here would not, which costs a third of the time.
    Invariant: between two sites all metres are infinite; only what a site touched is put back, so that the work grows
    with what lies within reach of the sites and not with the town.
    """
    found, piles, homes, on_edge, along, rows = errand
    for nth in range(done, len(turn)):
        if not _has_room(ledger, len(along)):
            return nth
        site = turn[nth]
        piles, touches = _search(
            graph, found, piles, streets, stretches, (entered[site], entered[site + 1]), limit_m, window_m
        )
        for entry in range(entered[site], entered[site + 1]):
            _walk_along(stretches, entry, on_edge, homes, along)
        used = _step_off(found, touches, homes, along, limit_m, rows)
        for edge in stretches[1][entered[site] : entered[site + 1]]:
            used = _stay_on(edge, on_edge, found[0], streets, homes, along, limit_m, rows, used)
        _enter(ledger, rows, used, site)
        for node in found[1][:touches]:
            found[0][node] = np.inf
    return len(turn)


@kernel
def _search(
    graph: Graph,
    found: Found,
    piles: Piles,
    streets: Streets,
    stretches: Stretches,
    own: tuple[int, int],
    limit_m: float,
    window_m: float,
) -> tuple[Piles, int]:
    """Lower the metres of all nodes within the limit from a site; return the piles, and how many nodes were touched.

    It goes by windows as the search for the nearest site does.
    """
    metres, touched = found
    touches, fars, end_m = 0, 0, -np.inf
    for entry in range(own[0], own[1]):
        for node, way in ends_of(stretches, entry, streets):
            if way <= limit_m and way < metres[node]:
                touched[touches], piles[FAR, fars] = node, node
                touches, fars, metres[node] = touches + (metres[node] == np.inf), fars + 1, way
    while fars:
        nears, fars, end_m = next_window(metres, piles, fars, end_m, window_m)
        nth = 0
        while nth < nears:
            piles = with_room(piles, graph, piles[NEAR, nth], max(nears, fars))
            nth, nears, fars, touches = _follow(graph, found, piles, nth, nears, fars, touches, end_m, limit_m)
    return piles, touches


@kernel
def _follow(
    graph: Graph,
    found: Found,
    piles: Piles,
    nth: int,
    nears: int,
    fars: int,
    touches: int,
    end_m: float,
    limit_m: float,
) -> tuple[int, int, int, int]:
    """Follow the streets of the near pile while there is room; return (nth, nears, fars, touches) as they are then."""
    # Not one with that of the nearest site, which keeps sites and quarters: it would ask at each street which it is.
    first, to, length = graph
    metres, touched = found
    near, far = piles[NEAR], piles[FAR]
    while nth < nears:
        node = near[nth]
        begin, end = first[node], first[node + 1]
        if max(nears, fars) + end - begin >= len(near):
            break
        nth += 1
        here = metres[node]
        for edge in range(begin, end):
            there, way = to[edge], here + length[edge]
            before, soon = metres[there], way < end_m
            lower = (way < before) & (way <= limit_m)
            touched[touches] = there
            touches += before == np.inf
            metres[there] = way if lower else min(before, TOO_FAR_M)
            near[nears] = there
            nears += lower & soon
            far[fars] = there
            fars += lower & (not soon)
    return nth, nears, fars, touches


@kernel
def _homes(streets: Streets, doors: Doors, nodes: int) -> Homes:
    """Return the demand by its start node."""
    start, end, length = streets
    edge, along_m, leg_m = doors
    first, who = grouped(np.where(edge >= 0, start[edge], -1), nodes)
    on = edge[who]
    back_m, other = along_m[who], end[on].astype(np.int32)
    return first, who, other, back_m, length[on] - back_m, leg_m[who], on.astype(np.int32)


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
def _step_off(found: Found, touches: int, homes: Homes, along: Floats, limit_m: float, rows: Rows) -> int:
    """Write the walks over touched nodes: of every edge with metres at an end, the start node is among them."""
    metres, touched = found
    first, _, other, back_m, ahead_m, leg_m, _ = homes
    used = 0
    for number in range(touches):
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
def _has_room(ledger: Ledger, rows: int) -> bool:
    """Return whether a site may write so many rows."""
    _, after, free, _, _, runs, state = ledger
    pages, regions = (rows >> PAGE_BITS) + len(free), len(free)
    return bool(state[PAGES] + pages <= len(after)) and bool(state[RUNS] + regions <= len(runs[0]))


@kernel
def _enter(ledger: Ledger, rows: Rows, used: int, site: int) -> None:
    """Write the walks of a site on the pages of their regions."""
    (who, walk), after, free, last, many, (region_of, site_of, begin), state = ledger
    for row in range(used):
        home = rows[0][row]
        region = home >> REGION_BITS
        at = free[region]
        if last[region] != site:
            run = state[RUNS]
            last[region], region_of[run], site_of[run], begin[run] = site, region, site, at
            state[RUNS] += 1
        who[at], walk[at] = home & (REGION - 1), rows[1][row]
        many[home] += 1
        free[region] = at + 1
        if (at + 1) & (PAGE - 1) == 0:
            after[at >> PAGE_BITS], free[region] = state[PAGES], state[PAGES] << PAGE_BITS
            state[PAGES] += 1


@kernel
def _ends(ledger: Ledger) -> Ints:
    """Return the row after the last one of each run."""
    region, _, begin = ledger[5]
    end, ends = ledger[2].copy(), np.empty(ledger[6][RUNS], np.int64)
    for run in range(len(ends) - 1, -1, -1):
        ends[run], end[region[run]] = end[region[run]], begin[run]
    return ends


@kernel
def by_demand(ledger: Ledger, order: Ints, ids: Int32s, homes: Homes, demands: int, pairs: Sorted) -> None:
    """Write the pairs by demand and then site, given the runs by region and then site: a stable counting sort.

    A site has runs in few regions, and the pairs of each region are read and written while they fit into the cache:
    one sort of all would leave it with every row.
    """
    (home, walk), after, _, _, many, runs, _ = ledger
    who, begin, ends = homes[1], np.zeros(demands + 1, np.int64), _ends(ledger)
    for row, count in enumerate(many):
        begin[who[row] + 1] = count
    begin = np.cumsum(begin)
    for demand in range(demands):
        pairs[0][begin[demand] : begin[demand + 1]] = demand
    free = begin[who]
    for run in order:
        own, row, base = ids[runs[1][run]], runs[2][run], np.intp(runs[0][run]) << REGION_BITS
        while row != ends[run]:
            here = base + home[row]
            at = free[here]
            pairs[1][at], pairs[2][at] = own, walk[row]
            free[here] = at + 1
            row = row + 1 if (row + 1) & (PAGE - 1) else after[row >> PAGE_BITS] << PAGE_BITS
