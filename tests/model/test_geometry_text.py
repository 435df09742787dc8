"""Geometry is written as GeoJSON whose numbers are the ones it has, in as few digits as tell them apart."""

import numpy as np
import orjson
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geocommons.model.geometry_text import geometry_texts, round_coordinates

degrees = st.one_of(st.floats(-180, 180), st.sampled_from([0.0, -0.0, 5.0, 1e-7, -1e-7, 5.0271401, 179.9999999]))
spots = st.tuples(degrees, degrees)
RING = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (1, 2), (2, 2), (2, 1)]])
SHAPES = [
    RING, shapely.box(5.0271401, 52, 5.03, 52.5), shapely.MultiPolygon([RING, shapely.box(6, 6, 7, 7)]),
    shapely.LineString([(0, 0), (1e-7, 3.25)]), shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 5)]]),
    shapely.MultiPoint([(0, 0), (1, 1)]), shapely.Point(5, 52, 7), shapely.GeometryCollection([shapely.Point(1, 1)]),
    shapely.Polygon(), shapely.Point(), shapely.LinearRing([(0, 0), (1, 0), (1, 1)]), None,
]  # fmt: skip


def expected(shapes: np.ndarray) -> list[object]:
    """Return what GEOS writes of the same geometries."""
    written = shapely.to_geojson(shapely.orient_polygons(round_coordinates(shapes)))
    return [None if text is None else orjson.loads(text) for text in written]


def test_every_kind_of_geometry_is_written_as_geos_would() -> None:
    shapes = np.array(SHAPES * 2, dtype=object)
    assert [orjson.loads(text) for text in geometry_texts(shapes)] == expected(shapes)
    assert geometry_texts(np.array([None], dtype=object)) == ["null"]
    assert geometry_texts(np.array([], dtype=object)) == []


@given(st.lists(st.lists(spots, min_size=2, max_size=5), max_size=6))
def test_numbers_are_read_back_as_they_were(lines: list[list[tuple[float, float]]]) -> None:
    shapes = np.array([*map(shapely.LineString, lines), *(shapely.Point(line[0]) for line in lines)], dtype=object)
    texts = geometry_texts(shapes)
    assert [orjson.loads(text) for text in texts] == expected(shapes)


def test_a_number_takes_no_more_digits_than_it_needs() -> None:
    assert geometry_texts(np.array([shapely.Point(5.0271401, 52)], dtype=object)) == [
        '{"type":"Point","coordinates":[5.0271401,52]}'
    ]


@given(st.lists(spots, min_size=3, max_size=9), st.booleans())
def test_a_polygon_is_written_as_geos_would_whether_its_ring_goes_round_a_place_or_not(
    ring: list[tuple[float, float]], small: bool
) -> None:
    size = 1e-6 if small else 1.0  # rounding moves the points of a small one over each other
    polygon = shapely.Polygon([(x / 180 * size, y / 180 * size) for x, y in ring])
    shapes = np.array([polygon, polygon.reverse(), polygon.convex_hull, shapely.Polygon()], dtype=object)
    assert [orjson.loads(text) for text in geometry_texts(shapes)] == expected(shapes)


def test_rings_that_go_round_twice_or_turn_back_are_left_to_geos() -> None:
    star = [(np.cos(at * 4 * np.pi / 5), np.sin(at * 4 * np.pi / 5)) for at in range(5)]
    teeth = [(0, 0), (9, 0), (9, 9), (8, 1), (7, 9), (6, 1), (5, 9), (4, 1), (3, 9), (0, 9)]
    shapes = np.array([shapely.Polygon(star), shapely.Polygon(teeth), shapely.Polygon(teeth[::-1])], dtype=object)
    assert [orjson.loads(text) for text in geometry_texts(shapes)] == expected(shapes)


def test_parts_without_points_are_written_too() -> None:
    shapes = shapely.from_wkt(["MULTILINESTRING ((0 0, 1 1), EMPTY)", "MULTIPOINT ((0 0), EMPTY)"])
    assert [orjson.loads(text) for text in geometry_texts(shapes)] == expected(shapes)
