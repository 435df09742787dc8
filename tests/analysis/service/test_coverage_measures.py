"""Coverage by area instead of by point, and from a site's boundary, gates or centroid."""

from random import Random

import numpy as np
import pytest
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, Point, Polygon, box

from geocommons.analysis.service.coverage import MeasuredFrom, find_coverage
from geocommons.analysis.walk.network import build_network
from geocommons.errors import InvalidInput

CRS = "EPSG:32633"
STREET = build_network([LineString([(0, 0), (3000, 0)])])
PARK = box(1000, -50, 2000, 50)
corner = st.tuples(st.integers(0, 900), st.integers(0, 900))
blocks = corner.map(lambda at: box(at[0], at[1], at[0] + 90, at[1] + 60))


def frame(shapes: list[object], **columns: object) -> GeoDataFrame:
    return GeoDataFrame(columns, geometry=shapes, crs=CRS)


def half_served() -> GeoDataFrame:
    """A block with its half within 100 m of the park, one inside it, one far away, and one without a place."""
    shapes = [box(2050, -50, 2150, 50), box(1400, -50, 1500, 50), box(5000, 0, 5100, 100), None]
    columns = {"people": [10.0, 20.0, 40.0, 80.0], "group_young": [4.0, 0.0, 10.0, 0.0]}
    return frame(shapes, **columns, district=["East", "West", "East", None])


def test_half_of_a_block_within_reach_is_half_of_its_people_in_every_table() -> None:
    found = find_coverage(half_served(), frame([PARK]), reach_m=100, weighting="area")
    total = found.totals
    assert (total.served, total.unserved, total.not_assessed) == pytest.approx((25, 45, 80))
    assert total.served + total.unserved + total.not_assessed == total.people
    east, west, outside = found.districts
    assert (east.name, east.served, east.unserved) == ("East", pytest.approx(5), pytest.approx(45))
    assert (west.served, outside.not_assessed) == (20, 80)
    assert (found.groups[0].served, found.groups[0].unserved) == pytest.approx((2, 12))
    assert found.demand["share"].tolist() == pytest.approx([0.5, 1, 0, np.nan], nan_ok=True)
    assert found.quantiles_m[90] == pytest.approx(3050)


def test_by_point_the_same_block_is_in_or_out() -> None:
    found = find_coverage(half_served(), frame([PARK]), reach_m=99)
    assert (found.totals.served, found.totals.unserved) == (20, 50)
    assert found.demand["share"].tolist() == pytest.approx([0, 1, 0, np.nan], nan_ok=True)


def test_the_state_says_what_holds_for_most_of_a_block() -> None:
    people = frame([box(2001, -50, 2101, 50), box(2090, -50, 2190, 50)], people=[10.0, 10.0])
    found = find_coverage(people, frame([PARK]), reach_m=100, weighting="area")
    assert found.demand["state"].tolist() == ["served", "unserved"]


def test_area_along_streets_is_refused() -> None:
    with pytest.raises(InvalidInput, match="straight line only"):
        find_coverage(half_served(), frame([PARK]), network=STREET, reach_m=100, weighting="area")


@pytest.mark.parametrize("network", [None, STREET])
@pytest.mark.parametrize(("measured_from", "metres"), [("boundary", 1000), ("gates", 1200), ("centroid", 1500)])
def test_a_park_is_as_far_as_it_is_measured_from(network: object, measured_from: MeasuredFrom, metres: float) -> None:
    parks = frame([PARK], gate=[MultiPoint([(1900, 0), (1200, 0)])])
    home = frame([Point(0, 0)], people=[1.0])
    found = find_coverage(home, parks, network=network, reach_m=800, measured_from=measured_from)  # type: ignore[arg-type]
    assert found.demand["distance_m"].tolist() == [metres]


@pytest.mark.parametrize("network", [None, STREET])
def test_every_gate_opens_and_a_site_without_a_gate_has_its_boundary(network: object) -> None:
    parks = frame([PARK, box(2500, -50, 2600, 50), PARK], gate=[MultiPoint([(1200, 0), (1900, 0)]), None, Point()])
    homes = frame([Point(1150, 0), Point(1950, 0), Point(2450, 0)], people=[1.0] * 3)
    found = find_coverage(homes, parks.iloc[:2], network=network, reach_m=800, measured_from="gates")  # type: ignore[arg-type]
    assert found.demand["distance_m"].tolist() == [50, 50, 50]
    assert found.demand["nearest"].tolist() == [0, 0, 1]
    inside = find_coverage(homes, parks, network=network, reach_m=800, measured_from="gates")  # type: ignore[arg-type]
    assert inside.demand["nearest"].tolist() == [2, 2, 1]


def test_without_a_column_of_gates_sites_have_their_boundary() -> None:
    home = frame([Point(0, 0)], people=[1.0])
    assert find_coverage(home, frame([PARK]), reach_m=800, measured_from="gates").demand["distance_m"][0] == 1000


def test_the_centroid_of_a_hollow_site_is_a_point_on_it() -> None:
    ring = Polygon(Point(0, 0).buffer(500).exterior, [Point(0, 0).buffer(400).exterior])
    home = frame([Point(0, 0)], people=[1.0])
    assert find_coverage(home, frame([ring]), reach_m=800, measured_from="centroid").demand["distance_m"][0] > 390


def test_gates_far_from_every_street_leave_a_site_unentered_only_if_all_are() -> None:
    parks = frame([PARK, PARK], gate=[MultiPoint([(1200, 900), (1900, 0)]), Point(1200, 900)])
    home = frame([Point(0, 0)], people=[1.0])
    found = find_coverage(home, parks, network=STREET, reach_m=800, measured_from="gates")
    assert (found.unentered, found.demand["distance_m"].tolist()) == ((1,), [1900])


@settings(max_examples=60, deadline=None)
@given(st.lists(blocks, min_size=1, max_size=6), st.lists(corner.map(Point), min_size=1, max_size=5), st.randoms())
def test_by_area_one_more_site_never_serves_fewer_and_order_changes_nothing(
    homes: list[Polygon], sites: list[Point], chance: Random
) -> None:
    def served(homes: list[Polygon], sites: list[Point]) -> float:
        people = frame(list(homes), people=[10.0] * len(homes))
        return find_coverage(people, frame(list(sites)), reach_m=200, weighting="area").totals.served

    before = served(homes, sites)
    assert served(homes, sites[1:]) <= before + 1e-9
    chance.shuffle(homes)
    chance.shuffle(sites)
    assert served(homes, sites) == pytest.approx(before, rel=1e-9)
