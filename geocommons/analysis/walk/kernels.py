"""Compiled searches of the walk network. Import this module where it is used: it takes numba along.

All of them add up metres from the site outwards along the walk, as Dijkstra's search does, so they are the same to the
last bit whatever the order in which streets are followed. Ties go to the site of the lowest position.
"""

import numpy as np

from geocommons.analysis.compiled import kernel
from geocommons.analysis.walk.network import JUNCTION, Floats, Int32s, Ints

BUCKETS = 256
FREE, USED, TOUCHED, SPREAD = 0, 1, 2, 3
"""Where a queue's `state` holds the first free item, how many items were ever used, how many nodes were touched, and
how many binary digits of a node's number tell it from the others of its quarter."""
QUARTER, UNDIVIDED = 14, 31
"""A spread that keeps what is read and written about a quarter (45 bytes a node) in the cache, and one that makes
the whole town one quarter."""

TOO_FAR_M = np.finfo(np.float64).max
"""What stands for the metres of a touched node to which every way so far was too long."""

Graph = tuple[Int32s, Int32s, Floats, Int32s]
"""The routes as rows: first edge of each node; of each edge the node at its end, metres, and the next past a bend."""
Found = tuple[Floats, Int32s, Int32s]
"""Metres and site by node, (inf, -1) where none was found yet; and the nodes that were touched, in that order. A search
keeps sites or notes what it touches (the other row is empty): all nodes that have metres, and their neighbours."""
Queue = tuple[Int32s, Int32s, Int32s, Int32s, Ints]
"""First and last item of each list, the item after each item, the node of each item, and the `state`. The lists are the
buckets, what lies beyond them, and what waits in each quarter."""
Streets = tuple[Ints, Ints, Floats]
"""Start, end and length of each edge."""
Stretches = tuple[Ints, Ints, Floats, Floats, Floats]
"""Site, edge, from, to and leg of each entry, as `Entries` has them."""
Doors = tuple[Ints, Floats, Floats]
"""Edge, metres along it and leg of each demand, as `Snapped` has them."""


@kernel
def search(graph: Graph, found: Found, queue: Queue, limit_m: float, per_m: float) -> Queue:
    """Lower `found` from the queued nodes on until it is exact up to `limit_m`, and leave the queue empty.

    Invariant: a node whose (metres, site) was lowered is queued until its streets were followed. Quarters, of nodes
    with numbers and so places near each other, take turns, for the memory of a whole town outgrows the cache: what is
    lowered beyond the quarter waits there, and a shorter way found later lowers again. Within a turn a node is in the
    bucket of its metres. Buckets (1 / `per_m` metres wide) are emptied in ascending order, and no street leads to an
    earlier one: when a bucket is empty, its nodes are final for this turn. Within a bucket it is first come, first
    served, so that a node is lowered few times however short its streets are (Bellman 1958; Meyer and Sanders 2003).
    A bend (a node with two neighbours) does not queue: it is followed at once to the next junction, which lowers only
    too, and a shorter way met later lowers it again. The last bucket holds all that lies beyond the window of `BUCKETS`
    buckets; then the window moves on to the nearest of that, so that an edge of any length costs no buckets. A node may
    be queued twice: it counts where its metres say.
    """
    waits = True
    while waits:
        waits = False
        for quarter in range(len(queue[0]) - BUCKETS - 1):
            begin_m = _begin_turn(queue, found[0], quarter, per_m)
            waits = waits or begin_m < np.inf
            while begin_m < np.inf:
                while not _empty_buckets(graph, found, queue, quarter, begin_m, limit_m, per_m):
                    head, tail, after, queued, state = queue
                    queue = (head, tail, np.append(after, after), np.append(queued, queued), state)
                begin_m = _move_window(queue, found[0], begin_m, per_m)
    return queue


@kernel
def _begin_turn(queue: Queue, metres: Floats, quarter: int, per_m: float) -> float:
    """Put what waits in a quarter into the buckets; return where their window begins (inf: nothing waits)."""
    head, tail, _, _, _ = queue
    waiting = BUCKETS + 1 + quarter
    if head[waiting] < 0:
        return np.inf
    head[BUCKETS], tail[BUCKETS], head[waiting] = head[waiting], tail[waiting], -1
    return _move_window(queue, metres, -np.inf, per_m)


@kernel
def _empty_buckets(
    graph: Graph, found: Found, queue: Queue, quarter: int, begin_m: float, limit_m: float, per_m: float
) -> bool:
    """Follow the streets of all nodes in the window; return whether that is done, or the queue needs more room."""
    first, metres, site = graph[0], found[0], found[1]
    head, _, after, queued, state = queue
    for bucket in range(BUCKETS):
        while head[bucket] >= 0:
            node = queued[head[bucket]]
            if state[USED] + first[node + 1] - first[node] > len(after):
                return False
            _take(queue, bucket)
            way, own = metres[node], site[node] if len(site) else 0
            if int((way - begin_m) * per_m) != bucket:
                continue
            for edge in range(first[node], first[node + 1]):
                junction = _follow(graph, found, state, edge, way, own, limit_m)
                if junction < 0:
                    continue
                if junction >> state[SPREAD] == quarter:
                    _put(queue, junction, int(min((metres[junction] - begin_m) * per_m, BUCKETS)))
                else:
                    _put(queue, junction, BUCKETS + 1 + (junction >> state[SPREAD]))
    return True


@kernel
def _follow(graph: Graph, found: Found, state: Ints, edge: int, begin_m: float, own: int, limit_m: float) -> int:
    """Lower the nodes along a street, past bends; return the junction at its end if that was lowered, else -1."""
    _, to, length, onward = graph
    metres, site, touched = found
    # What `_seed` does too: a kernel of its own would take arrays out of their tuple at each step, in twice the time.
    there, way = to[edge], begin_m + length[edge]
    while way < metres[there] or (way == metres[there] and len(site) and own < site[there]):
        if len(touched) and metres[there] == np.inf:
            touched[state[TOUCHED]], metres[there] = there, TOO_FAR_M
            state[TOUCHED] += 1
        if way > limit_m:
            return -1
        metres[there] = way
        if len(site):
            site[there] = own
        if onward[edge] < 0:
            return there if onward[edge] == JUNCTION else -1
        edge = onward[edge]
        there, way = to[edge], way + length[edge]
    return -1


@kernel
def _put(queue: Queue, node: int, bucket: int) -> None:
    """Queue a node in a bucket or another list; there is room."""
    head, tail, after, queued, state = queue
    item = state[FREE]
    if item >= 0:
        state[FREE] = after[item]
    else:
        item = state[USED]
        state[USED] += 1
    queued[item], after[item] = node, -1
    if head[bucket] < 0:
        head[bucket] = item
    else:
        after[tail[bucket]] = item
    tail[bucket] = item


@kernel
def _take(queue: Queue, bucket: int) -> None:
    """Free the first item of a bucket."""
    head, _, after, _, state = queue
    item = head[bucket]
    head[bucket], after[item], state[FREE] = after[item], state[FREE], item


@kernel
def _move_window(queue: Queue, metres: Floats, begin_m: float, per_m: float) -> float:
    """Return where the window begins now (inf: nothing is queued), with all that lies in it in its bucket."""
    head, _, after, queued, state = queue
    lowest = np.inf
    item = head[BUCKETS]
    while item >= 0:
        way = metres[queued[item]]
        if (way - begin_m) * per_m >= BUCKETS:
            lowest = min(lowest, way)
        item = after[item]
    item, head[BUCKETS] = head[BUCKETS], -1
    while item >= 0:
        onward, node = after[item], queued[item]
        after[item], state[FREE] = state[FREE], item
        if metres[node] >= lowest:
            _put(queue, node, int(min((metres[node] - lowest) * per_m, BUCKETS)))
        item = onward
    return lowest


@kernel
def new_search(nodes: int, seeds: int, touches: int, spread: int) -> tuple[Found, Queue]:
    """Return an empty search of quarters of 2 ** `spread` nodes, with room to note `touches` nodes (0: none is)."""
    lists, room = BUCKETS + 2 + (nodes >> spread), nodes // 8 + seeds + 1
    head, tail = np.full(lists, -1, np.int32), np.empty(lists, np.int32)
    found = np.full(nodes, np.inf), np.full(0 if touches else nodes, -1, np.int32), np.empty(touches, np.int32)
    return found, (head, tail, np.empty(room, np.int32), np.empty(room, np.int32), np.array([-1, 0, 0, spread]))


@kernel
def _seed(found: Found, queue: Queue, node: int, way: float, own: int) -> None:
    """Start a search at a node, `way` metres from its site."""
    metres, site, touched = found
    if way < metres[node] or (way == metres[node] and len(site) and own < site[node]):
        if len(touched) and metres[node] == np.inf:
            touched[queue[4][TOUCHED]] = node
            queue[4][TOUCHED] += 1
        metres[node] = way
        if len(site):
            site[node] = own
        _put(queue, node, BUCKETS + 1 + (node >> queue[4][SPREAD]))


@kernel
def seed_entry(stretches: Stretches, row: int, streets: Streets, found: Found, queue: Queue, limit_m: float) -> None:
    """Start a search at both ends of an entered edge."""
    site, edge, from_m, to_m, leg_m = stretches
    on = edge[row]
    back, ahead = leg_m[row] + from_m[row], leg_m[row] + (streets[2][on] - to_m[row])
    if back <= limit_m:
        _seed(found, queue, streets[0][on], back, site[row])
    if ahead <= limit_m:
        _seed(found, queue, streets[1][on], ahead, site[row])


@kernel
def chained(key: Ints | Int32s, count: int) -> tuple[Int32s, Int32s]:
    """Return the first row of each of `count` keys, and the row after each row with the same key (-1: no more)."""
    first, after = np.full(count, -1, np.int32), np.empty(len(key), np.int32)
    for row, one in enumerate(key):
        if one >= 0:
            after[row], first[one] = first[one], row
    return first, after


@kernel
def nearest_by_node(
    graph: Graph, streets: Streets, stretches: Stretches, limit_m: float, per_m: float
) -> tuple[Floats, Int32s]:
    """Return for each node the metres to the nearest site, and that site: (inf, -1) where there is none."""
    found, queue = new_search(len(graph[0]) - 1, 2 * len(stretches[0]), 0, QUARTER)
    for row in range(len(stretches[0])):
        seed_entry(stretches, row, streets, found, queue, limit_m)
    search(graph, found, queue, limit_m, per_m)
    return found[0], found[1]


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
