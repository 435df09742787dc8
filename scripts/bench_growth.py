"""Time walks in cities of 1 and 4 times the size, and say how time and memory grow against n log n.

    python -m scripts.bench growth [--scale 16]

With a scale, 4 times the last goes on up to it. scipy's search runs on the same networks, and says how much of the
growth is the machine's, whose cache holds a small city and no large one. Memory that was used once stays with the
process, so that each run after the first is of the search and not of how long the machine takes to find new memory,
which a virtual one may ask of another: a row says how long that is.
"""

import ctypes
from functools import partial
from itertools import pairwise
from time import process_time

import numpy as np
from scipy.sparse.csgraph import dijkstra

from geocommons.analysis.walk.pairs import walk_pairs
from geocommons.analysis.walk.walking import walk_to_nearest, warm_kernels
from scripts.bench_city import make_bench_city
from scripts.bench_walk import PAIRS_M, Row, make_town, peak_mb, seconds

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""What mallopt(3) of glibc calls how much free memory goes back, and how many pieces are the machine's own."""
TIMES = 4
NEW_MB = 500
COUNTS = 2
"""How many of the figures are counts, which have no slope."""


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement; a slope of 1 is n log n."""
    warm_kernels()
    first_touch = _first_touch_ms()
    libc = ctypes.CDLL(None)
    if not (libc.mallopt(M_MMAP_MAX, 0) and libc.mallopt(M_TRIM_THRESHOLD, -1)):
        raise SystemExit("This needs glibc, which keeps memory for the process when told to.")
    sizes = [1.0, float(TIMES)]
    while sizes[-1] * TIMES <= scale:
        sizes.append(sizes[-1] * TIMES)
    figures = [_figures(size) for size in sizes]
    rows = [
        ("growth: a megabyte of memory that was never used", first_touch, "ms"),
        *(
            (f"growth: {size:g} x, {name}", figure, unit)
            for size, measured in zip(sizes, figures, strict=True)
            for name, figure, unit in measured
        ),
    ]
    for (small, less), (large, more) in pairwise(zip(sizes, figures, strict=True)):
        nodes = np.array([less[0][1], more[0][1]])
        grown = float(np.diff(np.log(nodes * np.log(nodes)))[0])
        for (name, before, unit), (_, after, _) in zip(less[COUNTS:], more[COUNTS:], strict=True):
            slope = float(np.log(after / before)) / grown
            rows.append((f"growth: {small:g} to {large:g} x, slope of {name} ({unit}; at most 1)", slope, ""))
    return rows


def _first_touch_ms() -> float:
    """Return what the machine takes to give a megabyte, of many at once."""
    start = process_time()
    np.full(NEW_MB << 17, 1.0)
    return (process_time() - start) / NEW_MB * 1000


def _figures(scale: float) -> list[Row]:
    city = make_bench_city(scale)
    made_mb = peak_mb(lambda: make_town(city))
    made_s, town = seconds(lambda: make_town(city), 1)
    network, sources = town.network, np.unique(town.network.start[town.entries.edge])
    nearest = partial(walk_to_nearest, network, town.entries, town.demand)
    pairs = partial(walk_pairs, network, town.entries, town.demand, limit_m=PAIRS_M)
    theirs = partial(dijkstra, network.routes, indices=sources, min_only=True)
    return [
        ("nodes", float(len(network.node_xy)), ""),
        ("places of people", float(len(town.demand.edge)), ""),
        ("pairs within 1,600 m", float(len(pairs())), ""),
        ("network from streets, people and sites on it", made_s, "s"),
        ("memory of that", made_mb, "MB"),
        ("nearest site", seconds(nearest, 5)[0], "s"),
        ("memory of nearest site", peak_mb(nearest), "MB"),
        ("all pairs within 1,600 m", seconds(pairs, 3)[0], "s"),
        ("memory of all pairs", peak_mb(pairs), "MB"),
        (
            "scipy dijkstra(min_only=True) on the same network",
            seconds(theirs, 3)[0],
            "s",
        ),
    ]
