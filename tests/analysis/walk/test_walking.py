"""Walks are as long as a slow and simple search finds them, also where people and site share a street."""

from itertools import pairwise
from random import Random
from typing import Any

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geocommons.analysis.walk.entrances import Entries, Snapped, enter, snap
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.analysis.walk.walking import walk_to_nearest

spots = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda at: (at[0] * 50.0, at[1] * 50.0))
places = st.tuples(st.integers(-20, 320), st.integers(-20, 320)).map(lambda at: Point(*at))
parks = st.tuples(places, st.integers(5, 90), st.integers(5, 90)).map(
    lambda p: box(p[0].x, p[0].y, p[0].x + p[1], p[0].y + p[2])
)
streets = st.lists(st.lists(spots, min_size=2, max_size=4, unique=True).map(LineString), min_size=1, max_size=14)


def by_hand(network: WalkNetwork, entries: Entries, demand: Snapped) -> list[float]:
    """Every place on every edge as a node of its own; one search for each site."""
    graph = nx.MultiDiGraph()
    for edge, length in enumerate(network.length_m):
        ends = [(0.0, ("node", network.start[edge])), (float(length), ("node", network.end[edge]))]
        own = [(float(demand.along_m[i]), ("home", i)) for i in np.flatnonzero(demand.edge == edge)]
        for row in np.flatnonzero(entries.edge == edge):
            low, high = float(entries.from_m[row]), float(entries.to_m[row])
            own += [(low, ("gate", row, 0)), (high, ("gate", row, 1))]
            doors = [name for at, name in own if low <= at <= high and name[0] == "home"]
            for door in [*doors, ("gate", row, 0), ("gate", row, 1)]:
                graph.add_edge(("site", entries.site[row]), door, length=float(entries.leg_m[row]))
        for (a, one), (b, other) in pairwise(sorted([ends[0], *own, ends[1]], key=lambda place: place[0])):
            graph.add_edge(one, other, length=b - a)
            graph.add_edge(other, one, length=b - a)
    best = [np.inf] * len(demand.edge)
    for site in sorted({name for name in graph if name[0] == "site"}):
        metres = nx.single_source_dijkstra_path_length(graph, site, weight="length")
        for i, leg in enumerate(demand.leg_m):
            best[i] = min(best[i], metres.get(("home", i), np.inf) + float(leg))
    return best


@settings(max_examples=150, deadline=None)
@given(streets, st.lists(places, min_size=1, max_size=8), st.lists(places | parks, max_size=4))
def test_walks_equal_those_of_a_slow_search(lines: list[LineString], homes: list[Point], sites: list[Any]) -> None:
    network = build_network(lines)
    entries, demand = enter(network, sites), snap(network, homes)
    metres, nearest = walk_to_nearest(network, entries, demand)
    slow = np.where(demand.edge >= 0, by_hand(network, entries, demand), np.inf)
    assert metres == pytest.approx(slow, abs=1e-6)
    assert ((nearest >= 0) == np.isfinite(metres)).all()
    for i in np.flatnonzero(nearest >= 0):
        alone = enter(network, [site if row == nearest[i] else None for row, site in enumerate(sites)])
        assert walk_to_nearest(network, alone, demand)[0][i] == pytest.approx(metres[i], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(streets, st.lists(places, min_size=1, max_size=8), st.lists(places | parks, min_size=1, max_size=4), places)
def test_one_more_site_makes_no_walk_longer(
    lines: list[LineString], homes: list[Point], sites: list[Any], another: Point
) -> None:
    network = build_network(lines)
    demand = snap(network, homes)
    before = walk_to_nearest(network, enter(network, sites), demand)[0]
    after = walk_to_nearest(network, enter(network, [*sites, another]), demand)[0]
    assert (after <= before).all()


@settings(max_examples=60, deadline=None)
@given(
    streets, st.lists(places, min_size=1, max_size=8), st.lists(places | parks, min_size=1, max_size=4), st.randoms()
)
def test_the_order_of_streets_homes_and_sites_changes_no_walk(
    lines: list[LineString], homes: list[Point], sites: list[Any], chance: Random
) -> None:
    def walks(lines: list[Any], homes: list[Any], sites: list[Any]) -> dict[Any, float]:
        network = build_network(lines)
        metres = walk_to_nearest(network, enter(network, sites), snap(network, homes))[0]
        return dict(zip(((home.x, home.y) for home in homes), metres.round(6).tolist(), strict=True))

    before = walks(lines, homes, sites)
    for row in (lines, homes, sites):
        chance.shuffle(row)
    assert walks(lines, homes, sites) == pytest.approx(before)


STREET = build_network([LineString([(0, 0), (1000, 0)])])


def nearest(network: WalkNetwork, home: Point, sites: list[Any], **limit: float) -> tuple[float, int]:
    metres, site = walk_to_nearest(network, enter(network, sites), snap(network, [home]), **limit)
    return float(metres[0]), int(site[0])


def test_people_and_site_on_one_street_need_no_corner() -> None:
    assert nearest(STREET, Point(400, 10), [Point(450, 5)]) == (10 + 50 + 5, 0)


def test_of_two_sites_on_one_street_the_nearer_counts() -> None:
    assert nearest(STREET, Point(400, 0), [Point(900, 0), Point(350, 20), Point(430, 0)]) == (30, 2)


def test_people_beside_a_street_through_the_park_walk_only_to_the_street() -> None:
    assert nearest(STREET, Point(250, 8), [box(200, -50, 300, 50)]) == (8, 0)


def test_nobody_walks_from_site_to_site_for_free() -> None:
    far = build_network([LineString([(0, 0), (100, 0)]), LineString([(5000, 0), (5100, 0)])])
    metres = walk_to_nearest(far, enter(far, [Point(100, 0)]), snap(far, [Point(0, 0), Point(5000, 0)]))[0]
    assert metres.tolist() == [100, np.inf]
    sites = enter(far, [Point(100, 0), Point(5100, 0)])
    assert walk_to_nearest(far, sites, snap(far, [Point(0, 0), Point(5000, 0)]))[0].tolist() == [100, 100]


def test_the_limit_is_inclusive_and_beyond_it_there_is_no_walk() -> None:
    block = build_network([LineString([(0, 0), (100, 0)]), LineString([(100, 0), (300, 0)])])
    assert nearest(block, Point(0, 0), [Point(300, 0)], limit_m=300.0) == (300, 0)
    assert nearest(block, Point(0, 0), [Point(300, 0)], limit_m=299.9) == (np.inf, -1)


def test_without_sites_there_is_no_walk() -> None:
    assert nearest(STREET, Point(0, 0), []) == (np.inf, -1)


def test_a_site_on_a_corner_costs_nothing_to_enter() -> None:
    corner = build_network([LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 100)])])
    assert nearest(corner, Point(100, 100), [Point(100, 0)]) == (100, 0)
    assert nearest(corner, Point(0, 0), [shapely.box(90, -10, 110, 10)]) == (90, 0)
