"""Time walks and reaches of a made-up city beside scipy and tobler, in one run on one machine, by processor time.

    python -m scripts.bench walk

Scale 1 is the city of the reference figures. `python -m scripts.bench growth` does it at once and 4 times that.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geocommons.analysis.service.areal import QUAD_SEGS, area_shares
from geocommons.analysis.walk.entrances import Entries, Snapped, enter, snap
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.analysis.walk.pairs import walk_pairs
from geocommons.analysis.walk.walking import walk_to_nearest, warm_kernels
from scripts.bench_city import CRS, BenchCity, make_bench_city

Row = tuple[str, float, str]
RUNS = 7
PAIRS_M = 1_600.0
REACH_M = 800.0
SOURCES_AT_ONCE = 250


@dataclass(frozen=True)
class Town:
    """A city as walks need it: the network, where sites are entered, and where blocks step onto it."""

    city: BenchCity
    network: WalkNetwork
    entries: Entries
    demand: Snapped

    def at_nodes(self) -> tuple[Entries, Snapped]:
        """Return the sites at their nodes, and one demand at each node: the pairs that the reference counts."""
        network = self.network
        edge = np.full(len(network.node_xy), -1)
        edge[network.end] = np.arange(len(network.end))
        edge[network.start] = np.arange(len(network.start))
        along = np.where(network.start[edge] == np.arange(len(edge)), 0.0, network.length_m[edge])
        street = self.city.street
        node = network_nodes(network, street)[self.city.sites["node"]]
        none, own = np.zeros(len(node)), np.arange(len(node))
        entries = Entries(own, edge[node], along[node], along[node], none, own[:0])
        return entries, Snapped(edge, along, np.zeros(len(edge)))


def network_nodes(network: WalkNetwork, street: dict[str, NDArray[Any]]) -> NDArray[np.intp]:
    """Return the node of the network for each node of the city: streets keep their order and their ends."""
    node = np.empty(len(street["x"]), dtype=np.intp)
    node[street["eu"]], node[street["ev"]] = network.start, network.end
    return node


def make_town(city: BenchCity) -> Town:
    """Return a city as walks need it, its streets as long as the table says."""
    street, blocks, sites = city.street, city.blocks, city.sites
    xy = np.column_stack([street["x"], street["y"]])
    lines = np.asarray(shapely.linestrings(np.stack([xy[street["eu"]], xy[street["ev"]]], axis=1)))
    drawn = build_network(lines, from_node=street["eu"], to_node=street["ev"])
    # The table's streets are a little longer than their straight lines: measures along them grow alike.
    longer = street["elen"] / drawn.length_m
    entries = enter(drawn, np.asarray(shapely.points(sites["x"], sites["y"])))
    demand = snap(drawn, np.asarray(shapely.points(blocks["cx"], blocks["cy"])))
    entered, on = longer[entries.edge], longer[demand.edge]
    return Town(
        city,
        replace(drawn, length_m=street["elen"]),
        replace(entries, from_m=entries.from_m * entered, to_m=entries.to_m * entered),
        replace(demand, along_m=demand.along_m * on),
    )


def seconds(work: Callable[[], Any], runs: int = RUNS) -> tuple[float, Any]:
    """Return the median processor time of some runs after one to warm up, and what the last one gave."""
    times, result = [], work() if runs > 1 else None
    for _ in range(runs):
        start = process_time()
        result = work()
        times.append(process_time() - start)
    return median(times), result


def alternating(ours: Callable[[], Any], theirs: Callable[[], Any], runs: int = RUNS) -> tuple[float, float]:
    """Return the median processor times of two works that take turns, so that a busy machine is busy for both."""
    pairs = [(seconds(ours, 1)[0], seconds(theirs, 1)[0]) for _ in range(runs + 1)][1:]
    return median(one for one, _ in pairs), median(other for _, other in pairs)


def as_given(street: dict[str, NDArray[Any]]) -> Any:
    """Return the matrix of the streets with the nodes numbered as the city has them, without any order in space."""
    start, end = np.concatenate([street["eu"], street["ev"]]), np.concatenate([street["ev"], street["eu"]])
    length = np.concatenate([street["elen"], street["elen"]])
    order = np.lexsort((length, end, start))
    start, end, length = start[order], end[order], length[order]
    first = np.concatenate([[True], (start[1:] != start[:-1]) | (end[1:] != end[:-1])])
    size = len(street["x"])
    return coo_array((length[first], (start[first], end[first])), shape=(size, size)).tocsr()


def nearest_rows(town: Town) -> list[Row]:
    """Time the nearest site with the access leg beside scipy without one, on our numbering and on the city's."""
    network, routes = town.network, town.network.routes
    sources = np.unique(network.start[town.entries.edge])
    ours, theirs = alternating(
        lambda: walk_to_nearest(network, town.entries, town.demand),
        lambda: dijkstra(routes, indices=sources, min_only=True),
    )
    given, nodes = as_given(town.city.street), np.unique(town.city.sites["node"])
    unordered = seconds(lambda: dijkstra(given, indices=nodes, min_only=True))[0]
    return [
        ("walk: nearest site of every block, legs and which site it is", ours * 1000, "ms"),
        ("walk: scipy dijkstra(min_only=True) from node to node, on our order of nodes", theirs * 1000, "ms"),
        ("walk: the same on the city's own order of nodes", unordered * 1000, "ms"),
        ("walk: scipy / nearest site (at least 2.5)", theirs / ours, "x"),
        ("walk: scipy on the city's own order / nearest site", unordered / ours, "x"),
    ]


def pair_rows(town: Town) -> list[Row]:
    """Time all pairs of a node and a site within 1,600 m beside scipy's searches in chunks."""
    network, routes = town.network, town.network.routes
    entries, demand = town.at_nodes()
    pairs = walk_pairs(network, entries, demand, limit_m=PAIRS_M)
    blocks, found = seconds(lambda: walk_pairs(network, town.entries, town.demand, limit_m=PAIRS_M), 3)
    nodes = network_nodes(network, town.city.street)[town.city.sites["node"]]

    def chunks(matrix: Any, sources: NDArray[np.intp]) -> int:
        parts = [sources[low : low + SOURCES_AT_ONCE] for low in range(0, len(sources), SOURCES_AT_ONCE)]
        return sum(int(np.isfinite(dijkstra(matrix, indices=part, limit=PAIRS_M)).sum()) for part in parts)

    theirs, count = seconds(lambda: chunks(routes, nodes), 1)
    given = as_given(town.city.street)
    ours, unordered = alternating(
        lambda: walk_pairs(network, entries, demand, limit_m=PAIRS_M),
        lambda: chunks(given, town.city.sites["node"]),
        3,
    )
    return [
        ("walk: pairs of a node and a site within 1,600 m", float(len(pairs)), ""),
        ("walk: pairs that scipy finds and we do not, or the other way round", abs(count - len(pairs)), ""),
        ("walk: all of them, sorted", ours, "s"),
        ("walk: scipy dijkstra(limit=1600) in chunks of 250, on the city's own order of nodes", unordered, "s"),
        ("walk: the same on our order of nodes", theirs, "s"),
        ("walk: scipy on the city's own order / ours (at least 12)", unordered / ours, "x"),
        ("walk: scipy on our order / ours", theirs / ours, "x"),
        (f"walk: {len(found):,} pairs of a block and a site, legs included", blocks, "s"),
    ]


def area_rows(city: BenchCity) -> list[Row]:
    """Time area-weighted coverage beside tobler."""
    from tobler.area_weighted import area_interpolate

    blocks, sites = city.block_polygons(), np.asarray(shapely.points(city.sites["x"], city.sites["y"]))
    people = city.blocks["pop"].astype(float)
    ours, shares = seconds(lambda: area_shares(blocks, sites, reach_m=REACH_M))

    def interpolate() -> float:
        discs = gpd.GeoSeries(sites, crs=CRS).buffer(REACH_M, quad_segs=QUAD_SEGS)
        reach = gpd.GeoDataFrame(geometry=[discs.union_all()], crs=CRS)
        town = gpd.GeoDataFrame({"people": people}, geometry=blocks, crs=CRS)
        found = area_interpolate(town, reach, extensive_variables=["people"], allocate_total=False)
        return float(found["people"].sum())

    theirs, served = seconds(interpolate, 1)
    return [
        ("walk: area-weighted coverage of all blocks, 800 m", ours, "s"),
        ("walk: tobler area_interpolate", theirs, "s"),
        ("walk: tobler / ours (at least 50)", theirs / ours, "x"),
        ("walk: difference in people served (at most 1)", abs((shares * people).sum() / served - 1) * 1e6, "ppm"),
    ]


def peak_mb(work: Callable[[], Any]) -> float:
    """Return how much higher than before the process stood in memory while it worked (Linux only)."""

    def stands(field: str) -> float:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(field))

    # What was freed goes back to the machine first, or the work would live in it unseen.
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before = stands("VmRSS")
    work()
    return stands("VmHWM") - before


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement."""
    town = make_town(make_bench_city(scale))
    warm_kernels()
    nearest, pairs = nearest_rows(town), pair_rows(town)
    entries, demand = town.at_nodes()
    return [
        *nearest,
        (
            "walk: memory of the nearest site (at most 100)",
            peak_mb(lambda: walk_to_nearest(town.network, town.entries, town.demand)),
            "MB",
        ),
        *pairs,
        (
            "walk: memory of all pairs",
            peak_mb(lambda: walk_pairs(town.network, entries, demand, limit_m=PAIRS_M)),
            "MB",
        ),
        *area_rows(town.city),
    ]
