"""People and sites meet the network at the nearest point of a street, not at a node."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPoint, Point, Polygon, box

from geocommons.analysis.walk.entrances import Entries, enter, snap
from geocommons.analysis.walk.network import build_network

STREET = build_network([LineString([(0, 0), (1000, 0)])])


def stretches(entries: Entries) -> list[tuple[int, float, float, float]]:
    columns = (entries.site, entries.from_m, entries.to_m, entries.leg_m)
    return [tuple(row) for row in zip(*(column.tolist() for column in columns), strict=True)]  # type: ignore[misc]


def test_people_step_onto_the_middle_of_a_street() -> None:
    snapped = snap(STREET, [Point(430, 20)])
    assert (snapped.edge[0], snapped.along_m[0], snapped.leg_m[0]) == (0, 430, 20)


def test_people_far_from_any_street_are_not_snapped() -> None:
    snapped = snap(STREET, [Point(10, 200), Point(10, 200.01), None, Point()], max_m=200)
    assert snapped.edge.tolist() == [0, -1, -1, -1]
    assert np.isnan(snapped.leg_m[1:]).all()


def test_of_streets_equally_near_the_western_one_is_taken_in_any_order() -> None:
    west, east = LineString([(0, 0), (0, 100)]), LineString([(40, 0), (40, 100)])
    for lines in ([west, east], [east, west]):
        network = build_network(lines)
        snapped = snap(network, [Point(20, 50)])
        assert network.lines[snapped.edge[0]].coords[0] == (0, 0)


def test_a_park_is_entered_along_the_whole_stretch_inside_it() -> None:
    assert stretches(enter(STREET, [box(200, -50, 300, 50)])) == [(0, 200, 300, 0)]


def test_a_park_over_two_streets_is_entered_from_both() -> None:
    network = build_network([LineString([(0, 0), (100, 0)]), LineString([(0, 40), (100, 40)])])
    entries = enter(network, [box(20, -10, 30, 60), box(-10, -10, 110, 5)])
    assert stretches(entries) == [(0, 20, 30, 0), (0, 20, 30, 0), (1, 0, 100, 0)]


def test_a_street_that_only_touches_the_park_enters_it() -> None:
    assert stretches(enter(STREET, [box(200, 0, 300, 50), box(1000, 0, 1100, 50)])) == [
        (0, 200, 300, 0),
        (1, 1000, 1000, 0),
    ]


def test_a_park_with_a_hole_is_not_entered_inside_the_hole() -> None:
    ring = Polygon([(0, -50), (300, -50), (300, 50), (0, 50)], [[(100, -20), (200, -20), (200, 20), (100, 20)]])
    assert stretches(enter(STREET, [ring])) == [(0, 0, 100, 0), (0, 200, 300, 0)]


def test_a_river_is_entered_at_its_bridges() -> None:
    river = LineString([(100, -50), (100, 50), (400, 50), (400, -50)])
    assert stretches(enter(STREET, [river])) == [(0, 100, 100, 0), (0, 400, 400, 0)]


def test_a_park_away_from_the_street_is_entered_from_the_nearest_point_to_its_edge() -> None:
    (entry,) = stretches(enter(STREET, [Polygon([(500, 30), (450, 90), (550, 90)])]))
    assert entry == pytest.approx((0, 500, 500, 30))


def test_a_point_is_entered_like_people_snap() -> None:
    assert stretches(enter(STREET, [Point(120, 7)])) == [(0, 120, 120, 7)]
    assert stretches(enter(STREET, [MultiPoint([(120, 7), (300, 3)])])) == [(0, 300, 300, 3)]


def test_sites_that_no_street_comes_near_are_listed() -> None:
    entries = enter(STREET, [None, Point(5, 300), Point(5, 5), box(0, 500, 10, 510), Polygon()])
    assert entries.unentered.tolist() == [0, 1, 3, 4]
    assert entries.site.tolist() == [2]


def test_a_park_drawn_badly_is_still_entered() -> None:
    bowtie = Polygon([(100, -50), (200, 50), (200, -50), (100, 50)])
    assert enter(STREET, [bowtie]).unentered.tolist() == []


def test_measures_on_a_street_that_crosses_itself_are_not_mixed_up() -> None:
    eight = LineString([(0, 0), (100, 100), (100, 0), (0, 100)])
    network = build_network([eight])
    middle = eight.length / 2
    half = np.hypot(50, 50)
    starts = enter(network, [box(45, 45, 55, 55)]).from_m
    assert sorted(starts.round(6)) == pytest.approx([half - np.hypot(5, 5), 2 * middle - half - np.hypot(5, 5)])


def test_a_park_over_the_seam_of_a_round_street_is_entered_on_both_sides_of_it() -> None:
    ring = LineString(shapely.get_coordinates(shapely.Point(0, 0).buffer(100).exterior))
    network = build_network([ring])
    entries = enter(network, [box(95, -10, 105, 10)])
    inside = (entries.to_m - entries.from_m).sum()
    assert inside == pytest.approx(ring.intersection(box(95, -10, 105, 10)).length)
