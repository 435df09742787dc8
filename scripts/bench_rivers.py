"""Time the depth of stewardship on 2,000 km of river beside shapely's union and difference, in one run on one machine.

    python -m scripts.bench_rivers [SCALE]

Scale 1 is 995 reaches and 5,000 adopted stretches that overlap, touch, repeat, run backwards and past the end. The peer
cuts geometry, reach by reach; ours counts whole millimetres, and is checked against a count of every decimetre.
"""

import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely.ops import substring

from geocommons.analysis.rivers.catchments import depth_by_catchment, join_downstream
from geocommons.analysis.rivers.depth import depth_by_river, find_depth, find_river_gaps, find_river_overlaps
from geocommons.analysis.rivers.offers import cut_stretches, next_stretches
from geocommons.analysis.rivers.stewards import metres_by_steward
from scripts.bench_city import CRS, BenchCity, make_bench_city

RUNS = 31
PEER_RUNS = 3
GROWTH = (1, 4, 16)
Row = tuple[str, float, str]
Objects = NDArray[np.object_]


def _seconds(work: Callable[[], Any], runs: int = RUNS) -> tuple[float, Any]:
    """Return the median processor time of some runs after one to warm up, and what the last one gave."""
    result = work()
    times = []
    for _ in range(runs):
        start = process_time()
        result = work()
        times.append(process_time() - start)
    return median(times), result


def _lines(city: BenchCity) -> tuple[Objects, NDArray[np.float64]]:
    """Return the reaches as lines, and their lengths in metres."""
    rivers = city.rivers
    reach = np.repeat(np.arange(len(rivers["off"]) - 1), np.diff(rivers["off"]))
    lines = np.asarray(shapely.linestrings(rivers["xy"], indices=reach), dtype=object)
    return lines, rivers["m"][rivers["off"][1:] - 1]


def _cut(city: BenchCity, lines: Objects, lengths: NDArray[np.float64]) -> list[Objects]:
    """Return the adopted stretches of each reach as lines, as the peer wants them."""
    reach = city.adoptions["reach"]
    ends = np.sort(np.stack([city.adoptions["m0"], city.adoptions["m1"]]), axis=0)
    low, high = np.clip(ends, 0, lengths[reach])
    pieces = [
        substring(lines[row], a, b) for row, a, b in zip(reach.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
    order = np.argsort(reach, kind="stable")
    return np.split(np.array(pieces, dtype=object)[order], np.cumsum(np.bincount(reach, minlength=len(lines)))[:-1])


def _free_m(lines: Objects, cut: list[Objects], grid_size: float | None) -> float:
    """Return the metres that no stretch covers, cut as geometry reach by reach."""
    free_m = 0.0
    for line, parts in zip(lines.tolist(), cut, strict=True):
        held = shapely.union_all(parts, grid_size=grid_size)
        free_m += float(shapely.difference(line, held, grid_size=grid_size).length) if len(parts) else line.length
    return free_m


def _decimetres(city: BenchCity, lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the metres by depth, counted one decimetre at a time: the ends of all stretches are whole decimetres."""
    counts = [np.zeros(round(length * 10) + 1, dtype=np.int32) for length in lengths.tolist()]
    adoptions = city.adoptions
    for reach, one, other in zip(adoptions["reach"], adoptions["m0"], adoptions["m1"], strict=True):
        low, high = np.clip(sorted((round(one * 10), round(other * 10))), 0, len(counts[reach]) - 1)
        counts[reach][low] += 1
        counts[reach][high] -= 1
    return np.bincount(np.concatenate([np.cumsum(count)[:-1] for count in counts])) / 10


def _growth(scale: float) -> list[Row]:
    """Return how many times as long 4 and 16 times as many rivers and claims take."""
    seconds = []
    for times in GROWTH:
        city = make_bench_city(scale * times / GROWTH[-1])
        lengths, claims = _lines(city)[1], city.adoptions
        event = (lengths, claims["reach"], claims["m0"], claims["m1"])
        seconds.append(_seconds(partial(find_depth, *event), 101)[0])
    return [
        (f"rivers: {times} times the rivers take so many times as long", took / seconds[0], "x")
        for times, took in zip(GROWTH[1:], seconds[1:], strict=True)
    ]


def _offers(city: BenchCity, lines: Objects, free: Any) -> tuple[float, Any]:
    """Return the time to rank all free stretches by streets and people, and the ranking."""
    offers = cut_stretches(free)
    reach = offers["river"].to_numpy()
    drawn = [
        substring(lines[row], a, b)
        for row, a, b in zip(reach.tolist(), offers["from_m"].tolist(), offers["to_m"].tolist(), strict=True)
    ]
    frame = GeoDataFrame(offers, geometry=drawn, crs=CRS)
    streets = np.asarray(shapely.points(city.street["x"], city.street["y"]))
    homes = shapely.points(city.blocks["cx"], city.blocks["cy"])
    people = GeoDataFrame({"people": city.blocks["pop"]}, geometry=homes, crs=CRS)
    return _seconds(lambda: next_stretches(frame, streets, people), 1)


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement."""
    city = make_bench_city(scale)
    claims = city.adoptions
    lines, lengths = _lines(city)
    event = (claims["reach"], claims["m0"], claims["m1"])
    ours, metres = _seconds(lambda: find_depth(lengths, *event).metres_by_depth())
    profile = find_depth(lengths, *event)
    tables = _seconds(lambda: (depth_by_river(profile), find_river_gaps(profile), find_river_overlaps(profile)))[0]
    cut = _cut(city, lines, lengths)
    plain, plain_free = _seconds(lambda: _free_m(lines, cut, None), PEER_RUNS)
    grid, grid_free = _seconds(lambda: _free_m(lines, cut, 1e-3), PEER_RUNS)
    counted = _decimetres(city, lengths)
    wrong_mm = float(np.abs(metres - counted).max()) * 1000
    ranked, offers = _offers(city, lines, find_river_gaps(profile))
    return [
        ("rivers: reaches", float(len(lines)), ""),
        ("rivers: adopted stretches", float(len(claims["reach"])), ""),
        ("rivers: adopted", metres[1:].sum() / 1000, "km"),
        ("rivers: gap", metres[0] / 1000, "km"),
        ("rivers: stewarded twice or more", metres[2:].sum() / 1000, "km"),
        ("rivers: deepest", float(len(metres) - 1), ""),
        ("rivers: largest error at any depth, beside a count of every decimetre", wrong_mm, "mm"),
        ("rivers: depth of every metre (under 2)", ours * 1000, "ms"),
        ("rivers: tables by river, gaps and overlaps from it", tables * 1000, "ms"),
        ("rivers: shapely, union and difference by reach, stretches cut before", plain * 1000, "ms"),
        ("rivers: shapely, the same on a grid of a millimetre", grid * 1000, "ms"),
        ("rivers: shapely / ours", plain / ours, "x"),
        ("rivers: shapely on a grid / ours", grid / ours, "x"),
        ("rivers: shapely's error", abs(plain_free - counted[0]), "m"),
        ("rivers: shapely's error on a grid", abs(grid_free - counted[0]), "m"),
        ("rivers: by catchment", _seconds(lambda: depth_by_catchment(profile, city.rivers["down"]))[0] * 1000, "ms"),
        ("rivers: pointers downstream from the lines", _seconds(lambda: join_downstream(lines), 5)[0] * 1000, "ms"),
        ("rivers: by steward", _seconds(lambda: metres_by_steward(lengths, *event, claims["group"]))[0] * 1000, "ms"),
        ("rivers: stretches to offer", float(len(offers)), ""),
        ("rivers: ranking them by streets and people", ranked, "s"),
        *_growth(scale),
    ]


if __name__ == "__main__":
    for name, figure, unit in run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(f"{name:80s}{figure:12,.3f} {unit}")
