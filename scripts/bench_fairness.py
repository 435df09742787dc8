"""Time crowding and hot spots of the made-up city beside PySAL, in one run on one machine, and compare the answers.

    python -m scripts.bench_fairness [SCALE]

Scale 1 is 5,000 sites and 99,856 blocks, 3.2 million pairs within 1,600 m. Figures are processor time, medians
of a few runs; PySAL runs once, since it takes seconds.
"""

import sys
import tracemalloc
import warnings
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from geocommons.analysis.amounts import Floats
from geocommons.analysis.crowding.catchments import build_catchments
from geocommons.analysis.crowding.floating import three_step_access, two_step_access
from geocommons.analysis.crowding.rational_agents import rational_access
from geocommons.analysis.crowding.weights import WALK_METRES
from geocommons.analysis.equity.hot_spots import getis_ord, local_moran
from geocommons.analysis.equity.neighbours import Neighbours, queen_neighbours
from scripts.bench_city import BenchCity, make_bench_city

RUNS = 5
REACH_M = 1600.0
Row = tuple[str, float, str]


def _seconds(work: Callable[[], Any], runs: int = RUNS) -> tuple[float, Any]:
    """Return the median processor time of some runs, and what the last one gave."""
    times = []
    for _ in range(runs):
        start = process_time()
        result = work()
        times.append(process_time() - start)
    return median(times), result


def _peak_mb(work: Callable[[], Any]) -> float:
    """Return how much memory a run takes beside its inputs."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def _peer_access(demand: Floats, site: Floats, metres: Floats, people: Floats, supply: Floats) -> tuple[float, Floats]:
    """Return what PySAL `access` takes for E2SFCA and what it answers."""
    import pandas as pd
    from access import Access, weights

    frames = {
        "demand_df": pd.DataFrame({"geoid": np.arange(len(people)), "people": people}),
        "supply_df": pd.DataFrame({"geoid": np.arange(len(supply)), "plots": supply}),
        "cost_df": pd.DataFrame({"origin": demand, "dest": site, "cost": metres}),
    }
    columns = {"demand_index": "geoid", "demand_value": "people", "supply_index": "geoid", "supply_value": "plots"}
    peer = Access(**frames, **columns, cost_origin="origin", cost_dest="dest", cost_name="cost")
    weight = weights.step_fn(dict(WALK_METRES.steps))
    cpu, _ = _seconds(lambda: peer.enhanced_two_stage_fca(name="e", weight_fn=weight, max_cost=REACH_M), 1)
    return cpu, peer.access_df["e_plots"].reindex(range(len(people))).fillna(0).to_numpy()


def _crowding(city: BenchCity) -> list[Row]:
    """Return what floating catchments take, from the list of pairs and once it is prepared."""
    lived_in = city.blocks["pop"] > 0
    homes = np.column_stack([city.blocks["cx"], city.blocks["cy"]])[lived_in]
    gardens = np.column_stack([city.sites["x"], city.sites["y"]])
    pairs = cKDTree(homes).sparse_distance_matrix(cKDTree(gardens), REACH_M, output_type="ndarray")
    demand, site, metres = pairs["i"].copy(), pairs["j"].copy(), pairs["v"].copy()
    people, supply = city.blocks["pop"][lived_in].astype(float), city.sites["cap"].astype(float)
    size = {"demands": len(people), "sites": len(supply)}

    def cold() -> Any:
        return two_step_access(build_catchments(demand, site, metres, **size, weight=WALK_METRES), people, supply)

    cold_s, found = _seconds(cold)
    ready = build_catchments(demand, site, metres, **size, weight=WALK_METRES)
    closed = np.where(np.arange(len(supply)) % 100 == 0, 0.0, supply)
    warm_s, _ = _seconds(lambda: two_step_access(ready, people, closed), 21)
    peer_s, theirs = _peer_access(demand, site, metres, people, supply)
    differ = np.abs(found.access - theirs) / np.where(theirs > 0, theirs, 1.0)
    rational_access(ready, people, supply, tau=800, max_sweeps=1)
    settled_s, settled = _seconds(lambda: rational_access(ready, people, supply, tau=800), 1)
    return [
        ("fairness: pairs of a block and a site within 1,600 m", float(len(demand)), ""),
        ("fairness: E2SFCA from the list of pairs", cold_s, "s"),
        ("fairness: E2SFCA of a second scenario", warm_s, "s"),
        ("fairness: E2SFCA, PySAL access", peer_s, "s"),
        ("fairness: access / E2SFCA from the list (at least 30)", peer_s / cold_s, "x"),
        ("fairness: access / E2SFCA of a second scenario (at least 300)", peer_s / warm_s, "x"),
        ("fairness: largest relative difference, in units of 1e-12 (at most 1)", float(differ.max()) * 1e12, ""),
        ("fairness: 3SFCA of a second scenario", _seconds(lambda: three_step_access(ready, people, supply))[0], "s"),
        ("fairness: RAAM until people gain under 0.001 %", settled_s, "s"),
        ("fairness: RAAM passes", float(settled.sweeps), ""),
    ]


def _peer_hot_spots(areas: Any, rate: Floats, queen: Neighbours) -> tuple[float, float, Floats]:
    """Return what libpysal takes for neighbours, esda for Gi*, and its z."""
    import geopandas as gpd
    from esda import G_Local
    from libpysal.graph import Graph
    from libpysal.weights import WSP

    frame = gpd.GeoDataFrame(geometry=areas)
    graph_s, _ = _seconds(lambda: Graph.build_contiguity(frame, rook=False), 1)
    weights = WSP(queen.copy()).to_W(silence_warnings=True)
    z_s, found = _seconds(lambda: G_Local(rate, weights, transform="B", star=True, permutations=0), 1)
    return graph_s, z_s, found.Zs


def _hot_spots(city: BenchCity) -> list[Row]:
    """Return what neighbours, Gi* and local Moran take."""
    areas = city.block_polygons()
    gardens = cKDTree(np.column_stack([city.sites["x"], city.sites["y"]]))
    metres = gardens.query(np.column_stack([city.blocks["cx"], city.blocks["cy"]]))[0]
    rate = np.minimum(metres / 800, 3.0)
    queen_s, queen = _seconds(lambda: queen_neighbours(areas))
    z_s, found = _seconds(lambda: getis_ord(rate, queen))
    moran_s, _ = _seconds(lambda: local_moran(rate, queen, permutations=999))
    moran_mb = _peak_mb(lambda: local_moran(rate, queen, permutations=999))
    many_s, _ = _seconds(lambda: local_moran(rate, queen, permutations=9_999), 1)
    graph_s, peer_z_s, theirs = _peer_hot_spots(areas, rate, queen)
    return [
        ("fairness: areas", float(len(areas)), ""),
        ("fairness: queen neighbours from polygons", queen_s, "s"),
        ("fairness: libpysal Graph / queen neighbours", graph_s / queen_s, "x"),
        ("fairness: Gi* with adjusted p", z_s, "s"),
        ("fairness: esda G_Local(star) / Gi*", peer_z_s / z_s, "x"),
        ("fairness: largest difference of z, in units of 1e-10 (at most 1)", np.abs(found.z - theirs).max() * 1e10, ""),
        ("fairness: local Moran, 999 permutations (at most 10)", moran_s, "s"),
        ("fairness: local Moran, memory (at most 300)", moran_mb, "MB"),
        ("fairness: local Moran, 9,999 permutations", many_s, "s"),
    ]


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement."""
    city = make_bench_city(scale)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [*_crowding(city), *_hot_spots(city)]


if __name__ == "__main__":
    for name, figure, unit in run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(f"{name:80s}{figure:12,.3f} {unit}")
