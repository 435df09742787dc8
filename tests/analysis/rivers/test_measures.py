"""Measures in metres turn into stretches on the map, and places on the map into measures."""

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, box

from geocommons.analysis.rivers.measures import pieces_by_district
from geocommons.crs import geodesic_length_m
from geocommons.errors import InvalidInput
from geocommons.linear import measure_of_point, substring_by_measure, substrings_by_measure

RIVER = LineString([(4.0, 52.0), (4.01, 52.0), (4.01, 52.02), (4.03, 52.03)])
LENGTH = geodesic_length_m(RIVER)
BRAID = MultiLineString([[(4.0, 52.0), (4.01, 52.0)], [(4.02, 52.0), (4.03, 52.0)]])


def test_the_whole_length_is_the_whole_river() -> None:
    assert substring_by_measure(RIVER, LENGTH, 0, LENGTH).equals_exact(RIVER, 1e-12)
    assert substring_by_measure(RIVER, LENGTH, -5, LENGTH + 5).equals_exact(RIVER, 1e-12)


def test_a_stretch_is_as_long_as_its_measures_say() -> None:
    assert geodesic_length_m(substring_by_measure(RIVER, LENGTH, 300, 2500)) == pytest.approx(2200, abs=1e-3)
    assert substring_by_measure(RIVER, LENGTH, 2500, 300).equals(substring_by_measure(RIVER, LENGTH, 300, 2500))


def test_a_stretch_of_no_length_is_empty() -> None:
    assert substring_by_measure(RIVER, LENGTH, 300, 300).is_empty


def test_a_registered_length_scales_the_measures() -> None:
    half = substring_by_measure(RIVER, 1000, 0, 500)
    assert geodesic_length_m(half) == pytest.approx(LENGTH / 2, abs=1e-3)


def test_a_river_in_two_parts_is_measured_part_after_part() -> None:
    length = geodesic_length_m(BRAID)
    middle = substring_by_measure(BRAID, length, 100, length - 100)
    assert (middle.geom_type, len(middle.geoms)) == ("MultiLineString", 2)
    assert geodesic_length_m(middle) == pytest.approx(length - 200, abs=1e-3)
    assert substring_by_measure(BRAID, length, 0, length / 2).equals(BRAID.geoms[0])
    assert substring_by_measure(BRAID, length, length / 2, length).equals(BRAID.geoms[1])


def test_many_stretches_of_many_rivers_come_at_once() -> None:
    lengths = [LENGTH, geodesic_length_m(BRAID)]
    which, start, stop = np.array([1, 0, 1]), np.array([0.0, 10.0, 900.0]), np.array([50.0, 20.0, 100.0])
    many = substrings_by_measure([RIVER, BRAID], lengths, which, start, stop)
    for found, river, low, high in zip(many, which, start, stop, strict=True):
        assert found.equals(substring_by_measure([RIVER, BRAID][river], lengths[river], low, high))


@settings(max_examples=100)
@given(st.floats(0, 1), st.floats(0, 1))
def test_the_ends_of_a_stretch_measure_what_was_asked(one: float, other: float) -> None:
    low, high = sorted((one * LENGTH, other * LENGTH))
    stretch = substring_by_measure(RIVER, LENGTH, low, high)
    if not stretch.is_empty:
        assert measure_of_point(RIVER, shapely.get_point(stretch, 0)) == pytest.approx(low, abs=1e-3)
        assert measure_of_point(RIVER, shapely.get_point(stretch, -1)) == pytest.approx(high, abs=1e-3)


def test_a_place_beside_the_river_has_the_measure_of_the_nearest_bank() -> None:
    quarter = geodesic_length_m(LineString([(4.0, 52.0), (4.0025, 52.0)]))
    assert measure_of_point(RIVER, Point(4.0025, 51.999)) == pytest.approx(quarter, abs=0.01)
    assert measure_of_point(RIVER, Point(3.9, 52.0)) == 0
    assert measure_of_point(RIVER, Point(4.1, 52.1)) == pytest.approx(LENGTH)


def test_no_place_lies_between_two_parts() -> None:
    half = geodesic_length_m(BRAID) / 2
    assert measure_of_point(BRAID, Point(4.0149, 52.0)) == pytest.approx(half)
    assert measure_of_point(BRAID, Point(4.025, 52.001)) == pytest.approx(half * 1.5, abs=0.01)


@pytest.mark.parametrize("shape", [Point(0, 0), LineString(), None, box(0, 0, 1, 1)])
def test_what_is_no_line_cannot_be_measured(shape: object) -> None:
    with pytest.raises(InvalidInput, match="Only lines"):
        substring_by_measure(shape, 10, 0, 5)


def districts(**boxes: object) -> GeoDataFrame:
    return GeoDataFrame({"name": list(boxes)}, geometry=list(boxes.values()), crs=4326)


def cut(river: object, frame: GeoDataFrame) -> list[tuple[str | None, float]]:
    table = pieces_by_district([river], [geodesic_length_m(river)], frame)  # type: ignore[arg-type]
    return list(zip(table["district"], (table["to_m"] - table["from_m"]).round(3), strict=True))


def test_a_river_is_cut_where_it_crosses_a_border() -> None:
    pieces = cut(RIVER, districts(South=box(3.9, 51.9, 4.5, 52.01), North=box(3.9, 52.01, 4.02, 52.5)))
    assert [name for name, _ in pieces] == ["South", "North", None]
    south = geodesic_length_m(RIVER.intersection(box(3.9, 51.9, 4.5, 52.01)))
    assert pieces[0][1] == pytest.approx(south, abs=2e-3)
    assert sum(metres for _, metres in pieces) == pytest.approx(LENGTH, abs=1e-3)


def test_a_river_on_the_border_belongs_to_the_first_district_by_name() -> None:
    river = LineString([(4.0, 52.0), (4.013, 52.007), (4.05, 52.01)])
    west, east = Point(4.0, 52.1), Point(4.05, 51.9)
    one = shapely.Polygon([*river.coords, west.coords[0]])
    other = shapely.Polygon([*river.coords, east.coords[0]])
    assert [name for name, _ in cut(river, districts(B=one, A=other))] == ["A"]


def test_districts_in_another_crs_are_refused() -> None:
    with pytest.raises(InvalidInput, match="longitude and latitude"):
        cut(RIVER, districts(A=box(0, 0, 1, 1)).to_crs(28992))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=8, unique=True),
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15), st.integers(1, 9), st.integers(1, 9)), max_size=4),
)
def test_pieces_add_up_to_the_river(at: list[tuple[int, int]], boxes: list[tuple[int, int, int, int]]) -> None:
    river = LineString([(4 + x / 500, 52 + y / 500) for x, y in at])
    shapes = {
        f"D{i}": box(4 + x / 500, 52 + y / 500, 4 + (x + w) / 500, 52 + (y + h) / 500)
        for i, (x, y, w, h) in enumerate(boxes)
    }
    pieces = cut(river, districts(**shapes))
    assert sum(metres for _, metres in pieces) == pytest.approx(geodesic_length_m(river), abs=2e-3)
    outside = shapely.difference(river, shapely.union_all(list(shapes.values())))
    if river.is_simple:
        lost = sum(metres for name, metres in pieces if name is None)
        assert lost == pytest.approx(geodesic_length_m(outside), rel=1e-4, abs=0.1 * len(at))
