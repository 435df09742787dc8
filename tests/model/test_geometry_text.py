"""Geometry is written as GeoJSON whose numbers are the ones it has, in as few digits as tell them apart."""

import numpy as np
import orjson
import pytest
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


def test_more_points_than_are_written_at_once_are_written_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = np.array([shapely.box(at, 0, at + 1, 1) for at in range(7)], dtype=object)
    whole = geometry_texts(shapes)
    monkeypatch.setattr("geocommons.model.geometry_text.MOST_POINTS", 12)
    assert geometry_texts(shapes) == whole
    monkeypatch.setattr("geocommons.model.geometry_text.MOST_POINTS", 3)
    assert [orjson.loads(text) for text in geometry_texts(shapes)] == expected(shapes)
