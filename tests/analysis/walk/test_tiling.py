"""A bounded question gives the same bits tile by tile as in one piece."""

from random import Random
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geocommons.analysis.walk.entrances import enter, snap
from geocommons.analysis.walk.network import build_network
from geocommons.analysis.walk.tiling import tile_jobs
from geocommons.analysis.walk.walking import walk_to_nearest
from geocommons.errors import InvalidInput

SNAP_M = 60.0
spots = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda at: (at[0] * 100.0 + at[1] % 3, at[1] * 100.0))
streets = st.lists(st.lists(spots, min_size=2, max_size=3, unique=True).map(LineString), min_size=1, max_size=40)
places = st.tuples(st.floats(-50, 1300), st.floats(-50, 1300)).map(lambda at: Point(*at))
parks = st.tuples(places, st.integers(5, 900), st.integers(5, 90)).map(
    lambda p: box(p[0].x, p[0].y, p[0].x + p[1], p[0].y + p[2])
)


def walks(homes: Any, sites: Any, lines: Any, reach_m: float) -> tuple[Any, Any, Any]:
    network = build_network(lines)
    snapped = snap(network, homes, max_m=SNAP_M)
    entries = enter(network, sites, max_m=SNAP_M)
    return *walk_to_nearest(network, entries, snapped, limit_m=reach_m), snapped.edge >= 0


def check_tiles(homes: list[Any], sites: list[Any], lines: list[Any], reach_m: float, tiles: int) -> int:
    """Compare tile by tile with the whole; return how many tiles there were."""
    demand, supply, network = (np.array(shapes, dtype=object) for shapes in (homes, sites, lines))
    whole = walks(demand, supply, network, reach_m)
    jobs = tile_jobs(demand, supply, network, reach_m=reach_m, tiles=tiles, snap_max_m=SNAP_M)
    together = np.concatenate([np.empty(0, np.intp), *(job.demand for job in jobs)])
    assert sorted(together) == np.flatnonzero(~shapely.is_missing(demand)).tolist()
    for job in jobs:
        metres, nearest, assessed = walks(demand[job.demand], supply[job.site], network[job.street], reach_m)
        assert metres.tolist() == whole[0][job.demand].tolist()
        assert np.append(job.site, -1)[nearest].tolist() == whole[1][job.demand].tolist()
        assert assessed.tolist() == whole[2][job.demand].tolist()
    return len(jobs)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(places | st.none(), max_size=12),
    st.lists(places | parks, max_size=5),
    streets,
    st.sampled_from([0.0, 150.0, 400.0]),
    st.integers(1, 30),
)
def test_tiles_give_the_walks_of_the_whole(
    homes: list[Any], sites: list[Any], lines: list[LineString], reach_m: float, tiles: int
) -> None:
    check_tiles(homes, sites, lines, reach_m, tiles)


def test_a_town_in_tiles_gives_the_walks_of_the_whole() -> None:
    chance = Random(8)
    xy = [
        (east * 100.0 + chance.gauss(0, 9), north * 100.0 + chance.gauss(0, 9))
        for east in range(25)
        for north in range(25)
    ]
    lines = [
        LineString([xy[i], xy[j]]) for i in range(625) for j in (i + 1, i + 25) if j < 625 and chance.random() < 0.8
    ]
    homes = [Point(chance.random() * 2400, chance.random() * 2400) for _ in range(600)]
    sites: list[Any] = [Point(chance.random() * 2400, chance.random() * 2400) for _ in range(30)]
    sites += [box(0, 1100, 2400, 1130), LineString([(300, -100), (310, 2500)])]
    assert check_tiles(homes, sites, lines, 500, 16) >= 16


def test_a_tile_needs_only_what_lies_around_it() -> None:
    lines = [LineString([(x * 100.0, 0), (x * 100.0 + 100, 0)]) for x in range(1000)]
    homes = [Point(x * 100.0, 0) for x in range(1000)]
    jobs = tile_jobs(homes, [Point(50, 0), Point(99_000, 0)], lines, reach_m=800, tiles=10)
    assert max(len(job.street) for job in jobs) < 1000
    assert [job.site.tolist() for job in (jobs[0], jobs[-1])] == [[0], [1]]
    assert all((np.diff(job.street) > 0).all() for job in jobs)


def test_an_unbounded_question_has_no_tiles() -> None:
    with pytest.raises(InvalidInput, match="reach in metres"):
        tile_jobs([Point(0, 0)], [], [], reach_m=np.inf, tiles=4)
