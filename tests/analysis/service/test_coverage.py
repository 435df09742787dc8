"""Coverage counts everybody once: served, unserved or not assessed."""

from random import Random

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from geocommons.analysis.service.coverage import (
    Coverage,
    assign_districts,
    find_coverage,
    minutes_to_metres,
    refuse_unmetric,
)
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.crs import BBox, local_metric_crs
from geocommons.errors import InvalidInput

CRS = "EPSG:32633"
STREET = build_network([LineString([(0, 0), (1000, 0)]), LineString([(5000, 0), (6000, 0)])])
GARDEN = [Point(0, 0)]
spots = st.tuples(st.integers(0, 1200), st.integers(-300, 300)).map(lambda at: Point(*at))


def frame(shapes: list[object], **columns: object) -> GeoDataFrame:
    return GeoDataFrame(columns, geometry=shapes, crs=CRS)


def people_at(places: list[object], **columns: object) -> GeoDataFrame:
    return frame(places, **{"people": [10.0] * len(places)} | columns)


def cover(
    places: list[object], sites: list[object], network: WalkNetwork | None = None, reach_m: float = 800
) -> Coverage:
    return find_coverage(people_at(places), frame(sites), network=network, reach_m=reach_m)


def test_ten_minutes_are_800_metres() -> None:
    assert minutes_to_metres(10) == 800
    assert minutes_to_metres(15, speed_kmh=4) == 1000


def test_exactly_as_far_as_the_reach_is_served() -> None:
    assert cover([Point(800, 0), Point(800.1, 0)], GARDEN).demand["state"].tolist() == ["served", "unserved"]
    assert cover([Point(800, 0), Point(800.1, 0)], GARDEN, STREET).demand["state"].tolist() == ["served", "unserved"]


def test_a_reach_of_three_tenths_is_not_missed_by_a_binary_digit() -> None:
    network = build_network([LineString([(0, 0), (0.1, 0)]), LineString([(0.1, 0), (0.1, 0.2)])])
    assert cover([Point(0.1, 0.2)], GARDEN, network, reach_m=0.3).totals.served == 10


def test_a_park_is_as_near_as_its_border() -> None:
    park = box(-1000, -1000, 0, 1000)
    coverage = cover([Point(300, 0), Point(-500, 0), Point(0, 5)], [park])
    assert coverage.demand["distance_m"].tolist() == [300, 0, 0]


def test_people_without_a_way_are_unserved_and_people_without_a_street_not_assessed() -> None:
    coverage = cover([Point(10, 0), Point(5500, 0), Point(3000, 0), None, Point()], GARDEN, STREET)
    assert coverage.demand["state"].tolist() == ["served", "unserved", "not_assessed", "not_assessed", "not_assessed"]
    totals = coverage.totals
    assert (totals.people, totals.served, totals.unserved, totals.not_assessed) == (50, 10, 10, 30)
    assert (coverage.unreachable, totals.share) == (10, 0.2)
    assert coverage.demand["distance_m"].isna().tolist() == [False, False, True, True, True]
    assert coverage.demand["nearest"].tolist() == [0, -1, -1, -1, -1]


def test_people_without_a_place_are_not_assessed_in_a_straight_line_either() -> None:
    assert cover([Point(10, 0), None], GARDEN).demand["state"].tolist() == ["served", "not_assessed"]


@pytest.mark.parametrize("network", [None, STREET])
def test_without_any_site_everybody_is_unserved(network: WalkNetwork | None) -> None:
    for sites in ([], [None]):
        coverage = cover([Point(10, 0)], sites, network)
        assert (coverage.totals.unserved, coverage.quantiles_m[50]) == (10, None)


def test_nobody_is_no_share() -> None:
    coverage = cover([], GARDEN)
    assert (coverage.totals.people, coverage.totals.share) == (0, None)


def test_sites_that_no_street_comes_near_are_told() -> None:
    assert cover([Point(10, 0)], [Point(0, 900), *GARDEN], STREET).unentered == (0,)


def test_people_of_a_block_stand_inside_it() -> None:
    hook = Polygon([(0, 0), (1000, 0), (1000, 1000), (990, 1000), (990, 10), (0, 10)])
    point = find_coverage(people_at([hook]), frame([hook]), reach_m=0)
    assert point.totals.served == 10


def test_of_sites_equally_near_the_first_is_named() -> None:
    assert cover([Point(0, 0)], [Point(50, 0), Point(-50, 0)]).demand["nearest"].tolist() == [0]


def test_districts_and_groups_have_rows_of_their_own() -> None:
    demand = people_at(
        [Point(0, 0), Point(900, 0), Point(10, 0), Point(2000, 0)],
        district=["West", "East", "West", None],
        group_children=[1.0, 4.0, 2.0, 0.0],
        group_elderly=[0.0, 0.0, 0.0, 0.0],
    )
    coverage = find_coverage(demand, frame(GARDEN), reach_m=100)
    assert [(row.name, row.people, row.served) for row in coverage.districts] == [
        ("East", 10, 0),
        ("West", 20, 20),
        (None, 10, 0),
    ]
    assert [(row.name, row.people, row.served, row.share) for row in coverage.groups] == [
        ("children", 7, 3, 3 / 7),
        ("elderly", 0, 0, None),
    ]


def test_shares_of_few_people_are_flagged() -> None:
    assert cover([Point(0, 0)] * 4, GARDEN).totals.few
    assert not cover([Point(0, 0)] * 5, GARDEN).totals.few


def test_quantiles_count_people_not_places() -> None:
    demand = people_at([Point(x, 0) for x in (100, 200, 300)], people=[8.0, 1.0, 1.0])
    quantiles = find_coverage(demand, frame(GARDEN), reach_m=800).quantiles_m
    assert quantiles == {10: 100, 25: 100, 50: 100, 75: 100, 90: 200}


def test_the_given_frames_are_not_changed() -> None:
    demand = people_at([Point(0, 0)])
    find_coverage(demand, frame(GARDEN), reach_m=1)
    assert list(demand.columns) == ["people", "geometry"]


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:2263", "EPSG:3857"])
def test_frames_in_degrees_feet_or_mercator_are_refused(crs: str | None) -> None:
    demand = people_at([Point(0, 0)]).set_crs(crs, allow_override=True)
    with pytest.raises(InvalidInput, match="not true metres"):
        find_coverage(demand, frame(GARDEN), reach_m=100)


@pytest.mark.parametrize("count", [np.nan, -1, np.inf])
def test_what_is_no_count_of_people_is_refused(count: float) -> None:
    with pytest.raises(InvalidInput, match=r"people .* first in row 2"):
        find_coverage(people_at([Point(0, 0)] * 2, people=[1, count]), frame(GARDEN), reach_m=100)


@settings(max_examples=60, deadline=None)
@given(st.lists(spots, min_size=1, max_size=20), st.lists(spots, max_size=5), spots, st.booleans())
def test_one_more_site_never_serves_fewer(homes: list[Point], sites: list[Point], new: Point, straight: bool) -> None:
    network = None if straight else STREET
    before, after = cover(homes, sites, network, 200).totals, cover(homes, [*sites, new], network, 200).totals
    assert after.served >= before.served
    for row in (before, after):
        assert row.people == row.served + row.unserved + row.not_assessed == 10 * len(homes)


@settings(max_examples=40, deadline=None)
@given(st.lists(spots, min_size=1, max_size=20), st.lists(spots, min_size=1, max_size=5), st.booleans(), st.randoms())
def test_the_order_of_people_and_sites_changes_no_figure(
    homes: list[Point], sites: list[Point], straight: bool, chance: Random
) -> None:
    network = None if straight else STREET
    before = cover(homes, sites, network, 200)
    chance.shuffle(homes)
    chance.shuffle(sites)
    after = cover(homes, sites, network, 200)
    assert (after.totals, after.quantiles_m, after.unreachable) == (
        before.totals,
        before.quantiles_m,
        before.unreachable,
    )


def test_a_local_metric_crs_is_true_enough() -> None:
    crs = local_metric_crs(BBox(4.8, 52.3, 5.0, 52.4))
    refuse_unmetric(frame(GARDEN).set_crs(crs, allow_override=True), "sites")


def test_a_point_on_a_border_is_in_the_first_district_by_name() -> None:
    districts = GeoDataFrame({"name": ["Oost", "Centrum"]}, geometry=[box(10, 0, 20, 10), box(0, 0, 10, 10)], crs=CRS)
    points = np.array([Point(10, 5), Point(15, 5), Point(1, 1), Point(50, 50), None], dtype=object)
    assert assign_districts(points, districts).tolist() == ["Centrum", "Oost", "Centrum", None, None]
    assert assign_districts(points, districts.iloc[::-1]).tolist() == ["Centrum", "Oost", "Centrum", None, None]


def test_straight_distances_equal_those_to_every_site() -> None:
    rng = np.random.default_rng(5)
    homes = shapely.points(rng.random((200, 2)) * 1000)
    parks = shapely.buffer(shapely.points(rng.random((20, 2)) * 1000), rng.random(20) * 60)
    found = cover(list(homes), list(parks)).demand["distance_m"].to_numpy()
    assert found == pytest.approx(shapely.distance(homes[:, None], parks[None, :]).min(axis=1))
