"""Compiled search for the nearest site. Import this module where it is used: it takes numba along.

Searches here and in `pair_kernels` add up metres from the site outwards along the walk, as Dijkstra's does, so they are
the same to the last bit whatever the order in which streets are followed. Ties go to the site of the lowest position.
Nodes wait in piles of their numbers; what is put on a pile is written first and counted only if it belongs there, for
a processor that guesses wrong which way a search goes loses more time than a needless write takes.
"""

import numpy as np
from numpy.typing import NDArray

from geocommons.analysis.compiled import kernel
from geocommons.analysis.walk.network import Floats, Int32s, Ints

NEAR, FAR, AWAY = 0, 1, 2
"""The piles: what lies in the window, what lies beyond it, and what lies in another quarter."""
ROOM = 65_536
"""For how many nodes a pile has room at first."""
QUARTER_BITS = 13
"""How many binary digits number a node within its quarter: what is read and written about one stays in the cache."""

Piles = NDArray[np.int32]
"""A row a pile."""
Graph = tuple[Int32s, Int32s, Floats]
"""The routes as rows: first edge of each node; of each edge the node at its end, and metres."""
Found = tuple[Floats, Int32s]
"""Metres and site by node: (inf, -1) where none was found yet."""
Streets = tuple[Ints, Ints, Floats]
"""Start, end and length of each edge."""
Stretches = tuple[Ints, Ints, Floats, Floats, Floats]
"""Site, edge, from, to and leg of each entry, as `Entries` has them."""
Doors = tuple[Ints, Floats, Floats]
"""Edge, metres along it and leg of each demand, as `Snapped` has them."""


@kernel
def nearest_by_node(
    graph: Graph, streets: Streets, stretches: Stretches, limit_m: float, window_m: float
) -> tuple[Floats, Int32s]:
    """Return for each node the metres to the nearest site, and that site: (inf, -1) where there is none.

    Invariant: a node whose (metres, site) was lowered is on a pile until its streets were followed. Quarters, of nodes
    with numbers and so places near each other, take turns, for the memory of a whole town outgrows the cache: what is
    lowered beyond the quarter waits there, and a shorter way found later lowers again.
    """
    nodes = len(graph[0]) - 1
    found = np.full(nodes, np.inf), np.full(nodes, -1, np.int32)
    piles = np.empty((3, ROOM + 2 * len(stretches[0])), np.int32)
    away = 0
    for entry in range(len(stretches[0])):
        for node, way in ends_of(stretches, entry, streets):
            away = _lower(found, piles, away, node, way, stretches[0][entry], limit_m)
    while away:
        first, order = grouped(piles[AWAY, :away] >> QUARTER_BITS, (nodes >> QUARTER_BITS) + 1)
        waiting, away = piles[AWAY, :away][order], 0
        for quarter in range(len(first) - 1):
            begin, end = first[quarter], first[quarter + 1]
            if end - begin:
                piles[FAR, : end - begin] = waiting[begin:end]
                piles, away = _search_quarter(graph, found, piles, end - begin, away, quarter, limit_m, window_m)
    return found


@kernel
def _search_quarter(
    graph: Graph, found: Found, piles: Piles, fars: int, away: int, quarter: int, limit_m: float, window_m: float
) -> tuple[Piles, int]:
    """Lower `found` within a quarter from its far pile on; return the piles, and how many nodes wait elsewhere.

    A window of metres after the other is moved from the far pile to the near one (Meyer and Sanders, Delta-stepping,
    2003); within a window it is first come, first served, so that a node is lowered few times however short its
    streets are (Bellman 1958).
    """
    end_m = -np.inf
    while fars:
        nears, fars, end_m = next_window(found[0], piles, fars, end_m, window_m)
        nth = 0
        while nth < nears:
            piles = with_room(piles, graph, piles[NEAR, nth], max(nears, fars, away))
            nth, nears, fars, away = _follow(graph, found, piles, nth, nears, fars, away, end_m, quarter, limit_m)
    return piles, away


@kernel
def _follow(
    graph: Graph,
    found: Found,
    piles: Piles,
    nth: int,
    nears: int,
    fars: int,
    away: int,
    end_m: float,
    quarter: int,
    limit_m: float,
) -> tuple[int, int, int, int]:
    """Follow the streets of the near pile while there is room; return (nth, nears, fars, away) as they are then."""
    first, to, length = graph
    metres, site = found
    near, far, elsewhere = piles[NEAR], piles[FAR], piles[AWAY]
    while nth < nears:
        node = near[nth]
        begin, end = first[node], first[node + 1]
        if max(nears, fars, away) + end - begin >= len(near):
            break
        nth += 1
        here_m, own = metres[node], site[node]
        for edge in range(begin, end):
            there, way = to[edge], here_m + length[edge]
            before, other = metres[there], site[there]
            lower = ((way < before) | ((way == before) & (own < other))) & (way <= limit_m)
            metres[there] = way if lower else before
            site[there] = own if lower else other
            here, soon = lower & ((there >> QUARTER_BITS) == quarter), way < end_m
            near[nears] = there
            nears += here & soon
            far[fars] = there
            fars += here & (not soon)
            elsewhere[away] = there
            away += lower & (not here)
    return nth, nears, fars, away


@kernel
def next_window(metres: Floats, piles: Piles, fars: int, begin_m: float, window_m: float) -> tuple[int, int, float]:
    """Move the nearest nodes of the far pile to the near one; return how many are on both, and where the window ends.

    What lies before `begin_m` was lowered and followed since it was put there. The window begins at the nearest node,
    so that an edge of any length costs no empty windows.
    """
    lowest = np.inf
    for nth in range(fars):
        way = metres[piles[FAR, nth]]
        lowest = min(lowest, way if way >= begin_m else np.inf)
    end_m = max(lowest + window_m, np.nextafter(lowest, np.inf))
    nears, kept = 0, 0
    for nth in range(fars):
        node = piles[FAR, nth]
        way = metres[node]
        piles[NEAR, nears] = piles[FAR, kept] = node
        nears, kept = nears + ((way >= begin_m) & (way < end_m)), kept + (way >= end_m)
    return nears, kept, end_m


@kernel
def with_room(piles: Piles, graph: Graph, node: int, used: int) -> Piles:
    """Return the piles with room for the neighbours of a node, and one more, on each."""
    while used + graph[0][node + 1] - graph[0][node] >= piles.shape[1]:
        piles = np.concatenate((piles, piles), axis=1)
    return piles


@kernel
def ends_of(stretches: Stretches, entry: int, streets: Streets) -> tuple[tuple[int, float], tuple[int, float]]:
    """Return both ends of an entered edge, with the metres from the site."""
    _, edge, from_m, to_m, leg_m = stretches
    on = edge[entry]
    back_m, ahead_m = leg_m[entry] + from_m[entry], leg_m[entry] + (streets[2][on] - to_m[entry])
    return (streets[0][on], back_m), (streets[1][on], ahead_m)


@kernel
def _lower(found: Found, piles: Piles, away: int, node: int, way: float, own: int, limit_m: float) -> int:
    """Start at a node, `way` metres from its site; return how many nodes wait now."""
    metres, site = found
    if way <= limit_m and (way < metres[node] or (way == metres[node] and own < site[node])):
        metres[node], site[node], piles[AWAY, away] = way, own, node
        return away + 1
    return away


@kernel
def grouped(key: Ints | Int32s, count: int) -> tuple[Int32s, Int32s]:
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
def chained(key: Ints | Int32s, count: int) -> tuple[Int32s, Int32s]:
    """Return the first row of each of `count` keys, and the row after each row with the same key (-1: no more)."""
    first, after = np.full(count, -1, np.int32), np.empty(len(key), np.int32)
    for row, one in enumerate(key):
        if one >= 0:
            after[row], first[one] = first[one], row
    return first, after


@kernel
def nearest_by_door(
    streets: Streets, stretches: Stretches, doors: Doors, metres: Floats, site: Int32s, limit_m: float
) -> tuple[Floats, Ints]:
    """Return for each demand the walk to the nearest site, and that site: by the nodes, or along one edge."""
    start, end, length = streets
    own, on, from_m, to_m, leg_m = stretches
    first, after = chained(on, len(length))
    walk, nearest = np.full(len(doors[0]), np.inf), np.full(len(doors[0]), -1)
    for row, edge in enumerate(doors[0]):
        if edge < 0:
            continue
        at, leg = doors[1][row], doors[2][row]
        best, who = leg + (metres[start[edge]] + at), site[start[edge]]
        way, other = leg + (metres[end[edge]] + (length[edge] - at)), site[end[edge]]
        if way < best or (way == best and other < who):
            best, who = way, other
        entry = first[edge]
        while entry >= 0:
            aside = max(max(from_m[entry] - at, at - to_m[entry]), 0.0)
            way = leg + aside + leg_m[entry]
            if way < best or (way == best and own[entry] < who):
                best, who = way, own[entry]
            entry = after[entry]
        if best <= limit_m and best < np.inf:
            walk[row], nearest[row] = best, who
    return walk, nearest
