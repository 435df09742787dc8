"""GeoJSON text: spliced features, collections, rounded geometry."""

import json
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geocommons.errors import UnknownCRS
from geocommons.files.geojson import collection_bytes, frame_to_collection
from geocommons.model.geometry_text import geometry_texts, round_coordinates

PLACE = '{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[4.9,52.4]},"properties":'


def test_a_collection_counts_what_it_returns_and_what_there_is() -> None:
    links = [{"href": "/ogc/next", "rel": "next"}]
    data = collection_bytes([PLACE + "{}}"] * 2, number_matched=9, links=links, time_stamp="2026-05-01T00:00:00Z")
    collection = json.loads(data)
    assert list(collection) == ["type", "numberMatched", "numberReturned", "timeStamp", "links", "features"]
    assert (collection["numberMatched"], collection["numberReturned"], len(collection["features"])) == (9, 2, 2)
    assert collection["links"] == links


def test_an_empty_collection_is_still_a_collection() -> None:
    assert json.loads(collection_bytes([], number_matched=0)) == {
        "type": "FeatureCollection",
        "numberMatched": 0,
        "numberReturned": 0,
        "features": [],
    }


def test_geometry_has_seven_decimals_and_exteriors_run_counter_clockwise() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 1 / 3), (1 / 3, 1 / 3), (1 / 3, 0)])
    texts = geometry_texts(np.array([shapely.Point(1 / 3, -2 / 3, 5), clockwise, None], dtype=object))
    assert json.loads(texts[0]) == {"type": "Point", "coordinates": [0.3333333, -0.6666667]}
    assert shapely.from_geojson(texts[1]).exterior.is_ccw
    assert texts[2] == "null"


def test_holes_run_the_other_way_and_parts_each_their_own() -> None:
    ring, hole = shapely.box(0, 0, 3, 3), shapely.box(1, 1, 2, 2)
    shapes = [
        ring.difference(hole),
        ring.difference(hole).reverse(),
        shapely.MultiPolygon([ring.reverse(), shapely.box(5, 5, 6, 6)]),
    ]
    for text, shape in zip(geometry_texts(np.array(shapes, dtype=object)), shapes, strict=True):
        read = shapely.from_geojson(text)
        parts = shapely.get_parts(read)
        assert read.equals(shape) and all(part.exterior.is_ccw for part in parts)
        assert not any(inner.is_ccw for part in parts for inner in part.interiors)


coordinate = st.floats(4.0, 4.00001)
rings = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=7, unique=True)


@settings(max_examples=200, deadline=None)
@given(rings)
def test_a_valid_polygon_of_centimetres_is_valid_after_rounding(points: list[tuple[float, float]]) -> None:
    polygon = shapely.convex_hull(shapely.MultiPoint(points))
    if polygon.geom_type != "Polygon" or not polygon.is_valid:
        return
    (rounded,) = round_coordinates(np.array([polygon], dtype=object))
    assert rounded.is_valid
    assert rounded.geom_type in {"Polygon", "MultiPolygon"}
    assert shapely.hausdorff_distance(polygon, rounded) < 2e-7


def test_a_frame_becomes_a_collection_in_degrees() -> None:
    frame = gpd.GeoDataFrame(
        {
            "id": [3, 4],
            "day": [date(2026, 5, 1), None],
            "when": pd.to_datetime(["2026-05-01", None]),
            "count": pd.array([1, None], dtype="Int64"),
            "share": [0.5, np.nan],
            "name": ["Bröt", None],
        },
        geometry=gpd.points_from_xy([121_000.0, 121_000.0], [487_000.0, 487_000.0]),
        crs="EPSG:28992",
    )
    first, second = json.loads(frame_to_collection(frame))["features"]
    assert first["id"] == 3
    expected = {"day": "2026-05-01", "when": "2026-05-01T00:00:00", "count": 1, "share": 0.5, "name": "Bröt"}
    assert first["properties"] == expected
    assert second["properties"] == dict.fromkeys(expected)
    assert first["geometry"]["coordinates"] == pytest.approx([4.88797, 52.36983], abs=1e-5)


def test_a_frame_that_does_not_say_its_crs_is_refused() -> None:
    with pytest.raises(UnknownCRS):
        frame_to_collection(gpd.GeoDataFrame(geometry=[shapely.Point(1, 2)]))
