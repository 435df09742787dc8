"""Pairs of demand and site within a distance, along streets and in a straight line."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, Point, box

from geocommons.analysis.walk.entrances import enter, snap
from geocommons.analysis.walk.network import build_network
from geocommons.analysis.walk.pairs import Pairs, straight_pairs, walk_pairs

STREET = build_network([LineString([(0, 0), (400, 0)]), LineString([(400, 0), (1000, 0)])])
places = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda at: Point(at[0] * 10, at[1] * 10))
parks = places.map(lambda at: box(at.x, at.y, at.x + 35, at.y + 15))
anything = st.one_of(places, parks, st.none(), st.just(Point()))


def rows(pairs: Pairs) -> list[tuple[int, int, float]]:
    columns = (pairs.demand.tolist(), pairs.site.tolist(), pairs.walk_m.tolist())
    return list(zip(*columns, strict=True))


def test_pairs_along_a_street_are_those_counted_by_hand() -> None:
    homes, sites = (
        [Point(100, 5), Point(900, 0), Point(500, 900)],
        [Point(450, 10), box(200, -5, 300, 5), Point(900, 3)],
    )
    found = walk_pairs(STREET, enter(STREET, sites), snap(STREET, homes), limit_m=460)
    assert rows(found) == [(0, 0, 365), (0, 1, 105), (1, 0, 460), (1, 2, 3)]


def test_a_site_with_two_entries_is_one_pair_by_the_nearer() -> None:
    entries = enter(STREET, [box(100, -5, 110, 5).union(box(800, -5, 810, 5))])
    assert rows(walk_pairs(STREET, entries, snap(STREET, [Point(700, 0)]), limit_m=2000)) == [(0, 0, 100)]


@pytest.mark.parametrize("lines", [[], [LineString([(0, 0), (400, 0)])]])
def test_nobody_and_nothing_are_in_no_pair(lines: list[Any]) -> None:
    network = build_network(lines)
    for homes, sites in (([], [Point(1, 0)]), ([Point(1, 0)], []), ([Point(1, 9e9)], [Point(1, 0)])):
        assert len(walk_pairs(network, enter(network, sites), snap(network, homes), limit_m=100)) == 0


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.lists(places), st.lists(anything)),
    st.one_of(st.lists(places), st.lists(anything)),
    st.sampled_from([0.0, 50.0, 100.0, 1000.0]),
)
def test_straight_pairs_are_all_that_are_near(ones: list[Any], others: list[Any], limit_m: float) -> None:
    metres = [
        (row, site, float(shapely.distance(one, other)))
        for row, one in enumerate(ones)
        for site, other in enumerate(others)
    ]
    near = [pair for pair in metres if pair[2] <= limit_m]
    found = rows(straight_pairs(ones, others, limit_m=limit_m))
    assert [pair[:2] for pair in found] == [pair[:2] for pair in near]
    assert [pair[2] for pair in found] == pytest.approx([pair[2] for pair in near], abs=1e-9)


def test_a_park_and_the_block_inside_it_are_no_metre_apart() -> None:
    assert rows(straight_pairs([box(1, 1, 2, 2), MultiPoint([(9, 9), (13, 4)])], [box(0, 0, 10, 10)], limit_m=5)) == [
        (0, 0, 0),
        (1, 0, 0),
    ]


def test_pairs_are_kept_small() -> None:
    found = straight_pairs([Point(0, 0)], [Point(3, 4)], limit_m=5)
    assert [column.dtype for column in (found.demand, found.site, found.walk_m)] == [np.int32, np.int32, np.float64]
