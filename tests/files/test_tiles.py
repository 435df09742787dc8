"""Tiles, read back with an independent decoder and compared with the shapes that went in."""

from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPoint, MultiPolygon, Point, Polygon, box, shape

from geocommons.errors import InvalidInput
from geocommons.files.tiles import (
    TileLayer,
    encode_tile,
    lonlat_to_mercator,
    mercator_to_lonlat,
    tile_bbox,
    tile_bounds_m,
)
from tests.conftest import missing_part

TILE = (14, 8415, 5384)
EXTENT = 4096
FRAME = box(-64, -64, EXTENT + 64, EXTENT + 64)


def geometries(*shapes: shapely.Geometry) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    out = np.empty(len(shapes), dtype=object)
    out[:] = shapes
    return out


def features(data: bytes, name: str = "sites") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})[name][
        "features"
    ]
    return found


def in_degrees(tile: tuple[int, int, int], drawn: shapely.Geometry) -> shapely.Geometry:
    """Return a shape that is drawn in tile units where it stands in the world."""
    west_m, _, east_m, north_m = tile_bounds_m(*tile)
    unit_m = (east_m - west_m) / EXTENT
    return shapely.transform(
        drawn, lambda at: mercator_to_lonlat(np.column_stack([west_m, north_m]) + at * [unit_m, -unit_m])
    )


def encoded(*drawn: shapely.Geometry, tile: tuple[int, int, int] = TILE, **options: Any) -> bytes:
    """Return a tile of shapes that are drawn in its units."""
    layer = TileLayer(name="sites", geometry=geometries(*(in_degrees(tile, one) for one in drawn)))
    return encode_tile([layer], *tile, **options)


def drawn_back(*drawn: shapely.Geometry, **options: Any) -> list[shapely.Geometry]:
    return [shape(feature["geometry"]) for feature in features(encoded(*drawn, **options))]


# The grid


@pytest.mark.parametrize(
    ("tile", "bbox"),
    [
        ((0, 0, 0), (-180, -85.0511287798066, 180, 85.0511287798066)),
        ((1, 1, 0), (0, 0, 180, 85.0511287798066)),
        ((10, 486, 332), (-9.140625, 53.12040528310657, -8.7890625, 53.33087298301705)),
    ],
)
def test_a_tile_has_the_box_of_the_standard_grid(tile: tuple[int, int, int], bbox: tuple[float, ...]) -> None:
    assert tuple(tile_bbox(*tile)) == pytest.approx(bbox, abs=1e-9)


def test_a_tile_box_grows_by_its_margin() -> None:
    grown = tile_bbox(1, 0, 0, margin=0.5)
    assert (grown.west, grown.east) == pytest.approx((-270, 90))
    assert grown.south == pytest.approx(tile_bbox(2, 0, 2).south)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_mercator_agrees_with_proj(lon: float, lat: float) -> None:
    (ours,) = lonlat_to_mercator(geometries(Point(lon, lat)))
    theirs = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    assert (ours.x, ours.y) == pytest.approx(theirs, abs=1e-5)
    assert mercator_to_lonlat(np.array([[ours.x, ours.y]]))[0] == pytest.approx([lon, lat], abs=1e-9)


@pytest.mark.parametrize("tile", [(-1, 0, 0), (2, 4, 0), (2, 0, -1), (25, 0, 0)])
def test_a_tile_outside_the_grid_is_refused(tile: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidInput, match="There is no tile"):
        encode_tile([], *tile)


# Shapes


def test_a_tile_without_features_is_empty() -> None:
    assert encode_tile([], *TILE) == b""
    assert encoded() == b""
    assert encoded(Point(EXTENT + 65, 10), Polygon(), Point()) == b""
    assert encoded(LineString([(9000, 9000), (9100, 9100)])) == b""


def test_a_layer_without_features_is_left_out_of_a_tile_that_has_others() -> None:
    here, there = in_degrees(TILE, Point(5, 5)), in_degrees(TILE, Point(9000, 5))
    layers = [TileLayer(name="here", geometry=geometries(here)), TileLayer(name="there", geometry=geometries(there))]
    assert list(mapbox_vector_tile.decode(encode_tile(layers, *TILE))) == ["here"]


def test_shapes_in_web_mercator_and_in_degrees_give_the_same_tile() -> None:
    parcel = geometries(in_degrees(TILE, box(10, 10, 500, 700)), in_degrees(TILE, box(-500, 10, 50, 70)))
    in_metres = TileLayer(name="sites", geometry=lonlat_to_mercator(parcel), crs="EPSG:3857")
    assert encode_tile([in_metres], *TILE) == encode_tile([TileLayer(name="sites", geometry=parcel)], *TILE)


def test_shapes_of_all_kinds_keep_their_own_ids_and_properties() -> None:
    drawn = [
        Point(1, 1),
        box(100, 100, 900, 900),
        LineString([(0, 0), (50, 50)]),
        MultiPoint([(3, 3), (4, 4)]),
        Point(-900, 0),
        box(20, 20, 60, 60),
    ]
    ids = np.arange(2**31, 2**31 + len(drawn))
    layer = TileLayer(
        name="sites",
        geometry=geometries(*(in_degrees(TILE, one) for one in drawn)),
        ids=ids,
        properties={"kind": [f"{one.geom_type} {row}" for row, one in enumerate(drawn)]},
    )
    found = {feature["id"]: feature for feature in features(encode_tile([layer], *TILE))}
    assert sorted(found) == [ids[0], ids[1], ids[2], ids[3], ids[5]]
    for row in (0, 1, 2, 3, 5):
        assert found[ids[row]]["properties"] == {"kind": f"{drawn[row].geom_type} {row}"}
        assert shape(found[ids[row]]["geometry"]).equals(drawn[row])


def test_the_input_is_not_changed() -> None:
    shapes = geometries(in_degrees(TILE, box(-500, 10, 50, 70)), in_degrees(TILE, box(1, 1, 2, 2)))
    before = shapely.to_wkb(shapes).tolist()
    encode_tile([TileLayer(name="sites", geometry=shapes)], *TILE)
    assert shapely.to_wkb(shapes).tolist() == before


def test_a_polygon_over_the_whole_tile_fills_it_to_the_edge_of_the_buffer() -> None:
    (filled,) = drawn_back(box(-1e6, -1e6, 1e6, 1e6))
    assert filled.equals(box(-64, -64, EXTENT + 64, EXTENT + 64))


def test_a_line_that_leaves_and_comes_back_is_one_feature_of_two_parts() -> None:
    (line,) = drawn_back(LineString([(100, 100), (5000, 100), (5000, 200), (100, 200)]))
    assert line.equals(shapely.from_wkt("MULTILINESTRING ((100 100, 4160 100), (4160 200, 100 200))"))


def test_exteriors_run_clockwise_on_screen_and_holes_the_other_way() -> None:
    hole = [(20, 20), (20, 80), (80, 80), (80, 20)]
    for shell_order in (1, -1):
        for hole_order in (1, -1):
            drawn = Polygon([(0, 0), (100, 0), (100, 100), (0, 100)][::shell_order], [hole[::hole_order]])
            shell, inner = features(encoded(drawn))[0]["geometry"]["coordinates"]
            # The y axis points down, so the mathematical sense is the opposite of what the eye sees.
            assert shapely.LinearRing(shell).is_ccw
            assert not shapely.LinearRing(inner).is_ccw
            assert shell[0] == shell[-1]


def test_a_multipolygon_with_holes_comes_back_whole() -> None:
    island = Polygon(
        box(300, 300, 700, 700).exterior, [box(400, 400, 500, 500).exterior, box(600, 600, 650, 650).exterior]
    )
    drawn = MultiPolygon([box(0, 0, 100, 200), island, box(450, 450, 480, 480)])
    (found,) = drawn_back(drawn)
    assert found.geom_type == "MultiPolygon"
    assert found.equals(drawn)


def test_a_collection_shows_its_parts_of_the_highest_dimension() -> None:
    inner = shapely.GeometryCollection([box(0, 0, 50, 50), Point(9, 9)])
    (found,) = drawn_back(shapely.GeometryCollection([inner, LineString([(0, 0), (9, 9)]), box(100, 100, 200, 200)]))
    assert found.equals(MultiPolygon([box(0, 0, 50, 50), box(100, 100, 200, 200)]))


def test_a_shape_on_the_antimeridian_shows_in_the_tiles_on_both_sides() -> None:
    both = MultiPolygon([box(179.9, -17, 180, -16.9), box(-180, -17, -179.9, -16.9)])
    layer = TileLayer(name="sites", geometry=geometries(both))
    east = shape(features(encode_tile([layer], 10, 1023, 560))[0]["geometry"])
    west = shape(features(encode_tile([layer], 10, 0, 560))[0]["geometry"])
    assert east.bounds[2] == EXTENT
    assert west.bounds[0] == 0


def test_what_lies_beyond_the_projection_is_cut_off_and_not_moved() -> None:
    ice = TileLayer(name="sites", geometry=geometries(box(10, 80, 20, 90), Point(15, 88), Point(15, 90)))
    (found,) = features(encode_tile([ice], 0, 0, 0))
    assert shape(found["geometry"]).bounds[1] == -64
    assert features(encode_tile([TileLayer(name="sites", geometry=geometries(box(-180, -90, 180, 90)))], 0, 0, 0))


def test_a_shape_with_coordinates_that_are_not_numbers_is_left_out() -> None:
    shapes = geometries(Point(np.nan, 1), LineString([(np.inf, 1), (2, 3)]), in_degrees(TILE, Point(1, 1)))
    assert len(features(encode_tile([TileLayer(name="sites", geometry=shapes)], *TILE))) == 1


def test_a_missing_geometry_is_left_out() -> None:
    shapes = np.array([None, in_degrees(TILE, Point(1, 1))], dtype=object)
    layer = TileLayer(name="sites", geometry=shapes, properties={"row": [0, 1]})
    assert [feature["properties"] for feature in features(encode_tile([layer], *TILE))] == [{"row": 1}]


def test_a_bow_tie_across_the_edge_does_not_break_the_tile() -> None:
    assert drawn_back(Polygon([(-500, 0), (500, 500), (500, 0), (-500, 500)]), box(1, 1, 99, 99))


@pytest.mark.parametrize(
    "outline",
    [
        [(2000, 0), (4224, 4160), (-128, 4096), (-128, -128), (4160, -64)],
        [(0, 0), (-128, -128), (0, 2000), (4096, 4160), (4224, 4160), (64, -128)],
    ],
)
def test_an_outline_that_touches_the_edge_of_the_buffer_is_not_turned_inside_out(
    outline: list[tuple[int, int]],
) -> None:
    (found,) = drawn_back(Polygon(outline))
    assert (
        found.symmetric_difference(shapely.intersection(Polygon(outline), FRAME)).area < 0.71 * Polygon(outline).length
    )


# Small things


def test_a_polygon_smaller_than_a_pixel_is_a_pixel_where_people_look_closely() -> None:
    (drawn,) = drawn_back(box(1000, 1000, 1001, 1001))
    assert drawn.area == pytest.approx(16 * 16)
    assert drawn.centroid.distance(Point(1000.5, 1000.5)) < 1
    assert encoded(box(1000, 1000, 1001, 1001), tile=(10, 525, 336)) == b""


def test_a_polygon_cut_to_a_sliver_by_the_tile_is_not_blown_up() -> None:
    (drawn,) = drawn_back(box(EXTENT + 60, 0, EXTENT + 900, 900))
    assert drawn.equals(box(EXTENT + 60, 0, EXTENT + 64, 900))


def test_a_line_shorter_than_a_pixel_is_left_out_at_low_zoom() -> None:
    assert encoded(LineString([(10, 10), (13, 13)]), tile=(10, 525, 336)) == b""
    assert drawn_back(LineString([(10, 10), (13, 13)]))


def test_points_that_fall_together_are_written_once() -> None:
    (line,) = drawn_back(LineString([(0, 0), (0.2, 0.2), (10, 0), (10.1, 0.3), (20, 0)]))
    assert line.equals_exact(LineString([(0, 0), (10, 0), (20, 0)]))


def test_a_hole_that_falls_together_is_left_out() -> None:
    (found,) = drawn_back(Polygon(box(0, 0, 100, 100).exterior, [box(50.1, 50.1, 50.3, 50.3).exterior]))
    assert found.equals(box(0, 0, 100, 100))


# Any shape

edges = st.sampled_from([-128.0, -64.0, 0.0, 4096.0, 4160.0, 4224.0])
within = st.integers(-2400, 8 * EXTENT + 2400).map(lambda eighths: eighths / 8)
places = st.tuples(within, within)
corners = st.tuples(within | edges, within | edges)


@settings(max_examples=150, deadline=None)
@given(st.lists(places, min_size=1, max_size=5))
def test_any_point_comes_back_within_a_unit(points: list[tuple[float, float]]) -> None:
    expected = shapely.intersection(MultiPoint(points), box(-63, -63, EXTENT + 63, EXTENT + 63))
    data = encoded(MultiPoint(points))
    if expected.is_empty:
        return
    (found,) = (shape(feature["geometry"]) for feature in features(data))
    assert all(found.distance(point) <= 0.71 for point in shapely.get_parts(expected))


@settings(max_examples=150, deadline=None)
@given(st.lists(places, min_size=2, max_size=8))
def test_any_line_comes_back_within_a_unit(points: list[tuple[float, float]]) -> None:
    line = LineString(points)
    clipped = shapely.intersection(line, FRAME)
    if clipped.length < 2:
        return
    (found,) = drawn_back(line)
    assert shapely.hausdorff_distance(found, clipped) < 2


@settings(max_examples=150, deadline=None)
@given(st.lists(corners, min_size=3, max_size=9), st.integers(0, 360))
def test_any_polygon_comes_back_within_a_unit(points: list[tuple[float, float]], turn: int) -> None:
    middle = np.mean(points, axis=0)
    ordered = sorted(points, key=lambda at: (np.degrees(np.arctan2(*(np.array(at) - middle))) + turn) % 360)
    star = shapely.make_valid(Polygon(ordered))
    clipped = shapely.intersection(star, FRAME)
    found = drawn_back(star) if clipped.area > 5000 else []
    if not found:
        return
    difference = shapely.make_valid(found[0]).symmetric_difference(clipped)
    # A vertex moves by at most half a unit each way, so the outline sweeps at most that over its length.
    assert difference.area <= 0.71 * clipped.length + 4


@settings(max_examples=60, deadline=None)
@given(st.lists(corners, min_size=3, max_size=9))
def test_rings_wind_as_the_specification_asks(points: list[tuple[float, float]]) -> None:
    data = encoded(shapely.make_valid(Polygon(points)))
    for feature in features(data) if data else []:
        found = shape(feature["geometry"])
        for polygon in shapely.get_parts(found).tolist():
            if polygon.geom_type == "Polygon":
                assert polygon.exterior.is_ccw
                assert not any(hole.is_ccw for hole in polygon.interiors)


# Another reader


def test_gdal_reads_a_tile_in_its_place(tmp_path: Path) -> None:
    if "MVT" not in pyogrio.list_drivers():
        missing_part("this GDAL has no driver of vector tiles")
    hole = Polygon(box(1000, 1000, 3000, 3000).exterior, [box(1500, 1500, 2000, 2000).exterior])
    shapes = geometries(*(in_degrees(TILE, one) for one in (hole, box(10, 10, 300, 300))))
    columns = {"name": ["Bröthaven 花园", "b"], "count": [-3, 2**40], "share": [0.25, None], "open": [True, False]}
    layer = TileLayer(name="sites", geometry=shapes, ids=np.array([2**31 + 7, 5]), properties=columns)
    # The driver learns from the path which tile it is.
    path = tmp_path / "14" / "8415" / "5384.pbf"
    path.parent.mkdir(parents=True)
    path.write_bytes(encode_tile([layer], *TILE))
    frame = pyogrio.read_dataframe(path, layer="sites").sort_values("count").reset_index(drop=True)
    assert frame["name"].tolist() == ["Bröthaven 花园", "b"]
    assert frame["count"].tolist() == [-3, 2**40]
    assert frame["share"].tolist()[0] == 0.25
    assert frame["open"].tolist() == [True, False]
    assert frame["mvt_id"].tolist() == [2**31 + 7, 5]
    found = frame.geometry.to_numpy()
    assert shapely.hausdorff_distance(found, lonlat_to_mercator(shapes)).max() < 0.7
    assert shapely.is_valid(found).all()
