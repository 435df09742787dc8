"""Time service coverage of a made-up city beside scipy's own search, in one run on one machine.

    python -m scripts.bench_analysis [SCALE]

Scale 1 is 250,000 nodes, 600,000 directed edges, 100,000 blocks with people and 5,000 sites.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from geocommons.analysis.service.coverage import assign_districts, demand_points, find_coverage, minutes_to_metres
from geocommons.analysis.service.gaps import find_gaps
from geocommons.analysis.walk.entrances import enter, snap
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.analysis.walk.walking import walk_from_sites

CRS = "EPSG:32633"
RUNS = 5
BLOCK_M = 115.0
Row = tuple[str, float, str]


@dataclass(frozen=True)
class City:
    """Street lines with node ids, blocks with people, districts and parks."""

    lines: NDArray[np.object_]
    from_node: NDArray[np.intp]
    to_node: NDArray[np.intp]
    demand: GeoDataFrame
    districts: GeoDataFrame
    sites: GeoDataFrame


def make_city(scale: float, seed: int = 7) -> City:
    """Return a city of so many times 250,000 street nodes, the same for the same seed."""
    chance = np.random.default_rng(seed)
    side = max(4, round(np.sqrt(250_000 * scale / 3)))
    lines, ends = _streets(chance, side)
    demand, districts = _blocks(chance, side, max(2, round(np.sqrt(100_000 * scale))))
    spots = chance.random((max(2, round(5_000 * scale)), 2)) * side * BLOCK_M
    parks = shapely.buffer(shapely.points(spots), chance.uniform(5, 60, len(spots)), quad_segs=3)
    return City(lines, ends[:, 0], ends[:, 1], demand, districts, GeoDataFrame(geometry=parks, crs=CRS))


def _streets(chance: np.random.Generator, side: int) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Return streets between shaken crossings, four of five kept, each bent at a node or two of its own."""
    across, up = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    crossing = np.column_stack([across.ravel(), up.ravel()]) * BLOCK_M + chance.normal(0, 17, (side * side, 2))
    number = np.arange(side * side).reshape(side, side)
    east = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    north = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    street = np.concatenate([east, north])
    street = street[chance.random(len(street)) < 0.8]
    bends = np.bincount(chance.integers(0, len(street), 2 * side * side), minlength=len(street))
    owner = np.repeat(np.arange(len(street)), bends + 1)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(bends + 1) - bends - 1, bends + 1)
    inner = np.cumsum(nth > 0) + side * side - 1
    part = (nth / (bends[owner] + 1))[:, None]
    begin, stop = crossing[street[owner, 0]], crossing[street[owner, 1]]
    bent = (begin + (stop - begin) * part)[nth > 0] + chance.normal(0, 5, (int((nth > 0).sum()), 2))
    node_xy = np.concatenate([crossing, bent])
    start = np.where(nth > 0, inner, street[owner, 0])
    last = nth == bends[owner]
    end = np.where(last, street[owner, 1], np.append(start[1:], 0))
    # Street registers number their nodes without any order in space.
    name = chance.permutation(len(node_xy))
    order = chance.permutation(len(start))
    start, end = start[order], end[order]
    lines = np.asarray(shapely.linestrings(np.stack([node_xy[start], node_xy[end]], axis=1)))
    return lines, np.column_stack([name[start], name[end]])


def _blocks(chance: np.random.Generator, side: int, count: int) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Return blocks with people in three groups, and 64 districts."""
    step = side * BLOCK_M / count
    west, south = (grid.ravel() * step for grid in np.meshgrid(np.arange(count), np.arange(count)))
    people = np.round(chance.lognormal(3.2, 0.8, count * count))
    children = np.floor(people * chance.uniform(0.1, 0.3, len(people)))
    elderly = np.floor(people * chance.uniform(0.1, 0.3, len(people)))
    columns = {"people": people, "group_children": children, "group_elderly": elderly}
    blocks = shapely.box(west + 5, south + 5, west + step - 5, south + step - 5)
    eighth = side * BLOCK_M / 8
    column, row = (grid.ravel() * eighth for grid in np.meshgrid(np.arange(8), np.arange(8)))
    squares = shapely.box(column, row, column + eighth, row + eighth)
    names = [f"District {number:02d}" for number in range(1, 65)]
    return GeoDataFrame(columns, geometry=blocks, crs=CRS), GeoDataFrame({"name": names}, geometry=squares, crs=CRS)


def _seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median time of a few runs after one to warm up, and what the last one gave."""
    result = work()
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        result = work()
        times.append(perf_counter() - start)
    return median(times), result


def _searches(network: WalkNetwork, city: City) -> list[Row]:
    """Return our search, and scipy's on the same prepared matrix from a node beside each site."""
    entries = enter(network, city.sites.geometry)
    sources = np.unique(network.start[entries.edge])
    routes = network.routes
    ours = _seconds(lambda: walk_from_sites(network, entries))[0]
    theirs = _seconds(lambda: dijkstra(routes, indices=sources, min_only=True))[0]
    return [
        ("coverage: network search, with the nearest site", ours, "s"),
        ("coverage: scipy dijkstra(min_only=True) on the prepared matrix", theirs, "s"),
        ("coverage: network search / scipy (at most 2)", ours / theirs, "x"),
    ]


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement."""
    city = make_city(scale)
    build, network = _seconds(lambda: build_network(city.lines, from_node=city.from_node, to_node=city.to_node))
    reach = minutes_to_metres(10)

    def analysis() -> Any:
        fresh = WalkNetwork(network.node_xy, network.start, network.end, network.length_m, network.lines)
        demand = city.demand.assign(district=assign_districts(demand_points(city.demand), city.districts))
        return find_coverage(demand, city.sites, network=fresh, reach_m=reach)

    whole, coverage = _seconds(analysis)
    before = process_time()
    analysis()
    cpu = process_time() - before
    snapping = _seconds(lambda: snap(network, demand_points(city.demand)))[0]
    straight = _seconds(lambda: find_coverage(city.demand, city.sites, reach_m=reach))[0]
    gaps = _seconds(lambda: find_gaps(coverage.demand, city.sites))[0]
    return [
        ("coverage: nodes", float(len(network.node_xy)), ""),
        ("coverage: directed edges", 2.0 * len(network.lines), ""),
        ("coverage: blocks with people", float(len(city.demand)), ""),
        ("coverage: sites", float(len(city.sites)), ""),
        *_searches(network, city),
        ("coverage: whole analysis with index, districts and groups (under 3)", whole, "s"),
        ("coverage: whole analysis, processor time (a busy machine slows the wall clock)", cpu, "s"),
        ("coverage: of it snapping people to streets", snapping, "s"),
        ("coverage: network from street lines, once a street file", build, "s"),
        ("coverage: straight line", straight, "s"),
        ("coverage: gaps from it", gaps, "s"),
    ]


if __name__ == "__main__":
    for name, figure, unit in run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(f"{name:80s}{figure:12,.3f} {unit}")
