"""Time walks in cities of 1, 4 and 16 times the size, and say how time and memory grow against n log n.

python -m scripts.bench growth
"""

from itertools import pairwise

import numpy as np

from geocommons.analysis.walk.pairs import walk_pairs
from geocommons.analysis.walk.walking import walk_to_nearest, warm_kernels
from scripts.bench_walk import PAIRS_M, Row, make_town, peak_mb, seconds

TIMES = (1, 4, 16)


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement; a slope of 1 is n log n."""
    warm_kernels()
    figures = {times: _figures(scale * times) for times in TIMES}
    rows = [(f"growth: {times} x, {name}", figure, unit) for times in TIMES for name, figure, unit in figures[times]]
    for small, large in pairwise(TIMES):
        for (name, less, unit), (_, more, _) in zip(figures[small][1:], figures[large][1:], strict=True):
            size = [figures[times][0][1] for times in (small, large)]
            n_log_n = [nodes * np.log(nodes) for nodes in size]
            slope = float(np.log(more / less) / np.log(n_log_n[1] / n_log_n[0]))
            rows.append((f"growth: {small} to {large} x, slope of {name} ({unit}; at most 1)", slope, ""))
    return rows


def _figures(scale: float) -> list[Row]:
    town = make_town(scale)
    network = town.network
    nearest = lambda: walk_to_nearest(network, town.entries, town.demand)  # noqa: E731
    pairs = lambda: walk_pairs(network, town.entries, town.demand, limit_m=PAIRS_M)  # noqa: E731
    nearest_s, pairs_s = seconds(nearest, 3)[0], seconds(pairs, 3)[0]
    return [
        ("nodes", float(len(network.node_xy)), ""),
        ("nearest site", nearest_s, "s"),
        ("memory of it", peak_mb(nearest), "MB"),
        ("all pairs within 1,600 m", pairs_s, "s"),
        ("memory of them", peak_mb(pairs), "MB"),
    ]
