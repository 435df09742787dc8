"""Gaps put unserved neighbours together, lose nobody, and come in one order."""

from random import Random

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from geocommons.analysis.service.coverage import find_coverage
from geocommons.analysis.service.gaps import find_gaps
from geocommons.analysis.walk.network import build_network
from geocommons.errors import InvalidInput

CRS = "EPSG:32633"
GARDENS = GeoDataFrame(geometry=[Point(0, 0), Point(9000, 0)], crs=CRS)


def gaps_of(places: list[object], *, join_m: float = 150, **columns: object) -> GeoDataFrame:
    demand = GeoDataFrame({"people": [10.0] * len(places)} | columns, geometry=places, crs=CRS)
    return find_gaps(find_coverage(demand, GARDENS, reach_m=300).demand, GARDENS, join_m=join_m)


def test_neighbours_are_one_gap_and_the_one_with_most_people_comes_first() -> None:
    gaps = gaps_of([Point(x, 0) for x in (400, 1000, 1150, 1300, 2000)])
    assert gaps["rank"].tolist() == [1, 2, 3]
    assert gaps["people"].tolist() == [30, 10, 10]
    assert gaps["places"].tolist() == [3, 1, 1]
    assert gaps["distance_min_m"].tolist() == [1000, 400, 2000]
    assert gaps["distance_m"].tolist() == [1150, 400, 2000]


def test_served_people_are_no_gap_and_empty_blocks_neither() -> None:
    assert len(gaps_of([Point(0, 0), Point(300, 0)])) == 0
    assert len(gaps_of([Point(1000, 0)], people=[0.0])) == 0


def test_a_served_block_between_does_not_link_two_gaps() -> None:
    gaps = gaps_of([Point(-310, 0), Point(0, 0), Point(310, 0)], join_m=310)
    assert gaps["people"].tolist() == [10, 10]


def test_people_across_a_square_as_wide_as_the_join_distance_are_not_neighbours() -> None:
    assert gaps_of([Point(451, 1), Point(599, 149)])["people"].tolist() == [10, 10]
    assert gaps_of([Point(449, 149), Point(451, 151)])["people"].tolist() == [20]


def test_blocks_that_touch_belong_together_even_without_a_join_distance() -> None:
    blocks = [box(1000, 0, 1100, 100), box(1100, 0, 1200, 100), box(1201, 0, 1300, 100)]
    gaps = gaps_of(blocks, join_m=0)
    assert gaps["people"].tolist() == [20, 10]
    assert gaps_of(blocks, join_m=1)["people"].tolist() == [30]


def test_the_outline_runs_around_the_blocks_and_across_their_street() -> None:
    (outline,) = gaps_of([box(1000, 0, 1100, 100), box(1112, 0, 1200, 100)]).geometry
    assert outline.geom_type == "Polygon"
    assert outline.symmetric_difference(box(1000, 0, 1200, 100)).area < 5


def test_the_outline_of_points_is_room_around_them() -> None:
    (outline,) = gaps_of([Point(1000, 0), Point(1150, 0)]).geometry
    assert outline.geom_type == "Polygon" and outline.is_valid
    assert outline.bounds == pytest.approx((917.5, -82.5, 1232.5, 82.5), abs=2)


def test_a_crowd_is_outlined_too() -> None:
    rng = np.random.default_rng(2)
    homes = shapely.points(rng.random((600, 2)) * 1000 + (1000, 0))
    (outline,) = gaps_of(list(homes)).geometry
    assert shapely.covers(outline, homes).all()
    assert outline.bounds == pytest.approx((917.5, -82.5, 2082.5, 1082.5), abs=60)


def test_a_gap_names_the_district_of_most_of_its_people_and_sums_its_groups() -> None:
    gaps = gaps_of(
        [Point(1000, 0), Point(1100, 0), Point(1200, 0)],
        people=[10.0, 6.0, 6.0],
        district=["A", "B", "B"],
        group_children=[1.0, 2.0, 3.0],
    )
    assert (gaps["district"].tolist(), gaps["group_children"].tolist()) == (["B"], [6])
    assert gaps_of([Point(1000, 0)], district=[None])["district"].tolist() == [None]


def test_of_districts_with_as_many_people_the_first_by_name_is_told() -> None:
    assert gaps_of([Point(1000, 0), Point(1100, 0)], district=["B", "A"])["district"].tolist() == ["A"]


def test_people_who_cannot_reach_any_site_are_told_with_the_nearest_in_a_straight_line() -> None:
    streets = [shapely.LineString([(0, 0), (900, 0)]), shapely.LineString([(8000, 0), (8100, 0)])]
    demand = GeoDataFrame({"people": [10.0, 5.0]}, geometry=[Point(900, 0), Point(8100, 0)], crs=CRS)
    walked = find_coverage(demand, GARDENS, network=build_network(streets), reach_m=300)
    gaps = find_gaps(walked.demand, GARDENS)
    assert gaps["unreachable"].tolist() == [0, 5]
    assert gaps["nearest"].tolist() == [0, 1]
    assert gaps["distance_m"].isna().tolist() == [False, True]


def test_a_negative_join_distance_is_refused() -> None:
    with pytest.raises(InvalidInput, match="0 metres or more"):
        gaps_of([Point(1000, 0)], join_m=-1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=12), st.randoms())
def test_gaps_are_the_chains_of_near_neighbours_in_any_order(at: list[tuple[int, int]], chance: Random) -> None:
    homes = [Point(x * 47 + 400, y * 47) for x, y in at]
    gaps = gaps_of(homes)
    assert gaps["people"].sum() == 10 * len(homes)
    group = list(range(len(homes)))
    for _ in homes:
        for i, one in enumerate(homes):
            for j, other in enumerate(homes):
                if one.distance(other) <= 150:
                    group[i] = group[j] = min(group[i], group[j])
    assert sorted(gaps["places"]) == sorted(np.unique(group, return_counts=True)[1])
    chance.shuffle(homes)
    again = gaps_of(homes)
    assert again[["rank", "people", "places"]].equals(gaps[["rank", "people", "places"]])
    assert again.geometry.bounds.equals(gaps.geometry.bounds)
