"""Tiles of a frame: the same shapes up close, fewer and simpler from afar."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
from shapely.geometry import LineString, Point, Polygon, box

from geocommons.errors import UnknownCRS
from geocommons.files.frame_tiles import FrameTiles


def features(data: bytes, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = mapbox_vector_tile.decode(data)[name]["features"]
    return found


def districts() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["Noord", "Zuid"], "people": [1200, None]},
        geometry=[box(4.90, 52.36, 4.91, 52.37), box(4.91, 52.36, 4.92, 52.37)],
        crs="EPSG:4326",
    )


def streets() -> gpd.GeoDataFrame:
    """A main street of 40 pieces of 14 m, and 40 side streets."""
    lon = 4.9 + np.arange(41) * 0.0002
    main = [LineString([(a, 52.365), (b, 52.365)]) for a, b in pairwise(lon)]
    side = [LineString([(a, 52.365), (a, 52.3655)]) for a in lon[1:]]
    classes = ["primary"] * 40 + ["residential"] * 40
    return gpd.GeoDataFrame(
        {"class": classes, "name": [f"s{i}" for i in range(80)]}, geometry=main + side, crs="EPSG:4326"
    )


def test_a_tile_has_the_columns_that_are_asked_for() -> None:
    tiles = FrameTiles(districts(), "districts")
    assert [one["properties"] for one in features(tiles.tile(14, 8415, 5384), "districts")] == [
        {"name": "Noord", "people": 1200},
        {"name": "Zuid"},
    ]
    named = features(tiles.tile(14, 8415, 5384, columns=["name", "nothing"]), "districts")
    assert [one["properties"] for one in named] == [{"name": "Noord"}, {"name": "Zuid"}]
    assert [one.get("id", 0) for one in named] == [0, 1]


def test_a_place_where_nothing_is_has_an_empty_tile() -> None:
    assert FrameTiles(districts(), "districts").tile(14, 0, 0) == b""
    assert FrameTiles(districts().iloc[:0], "districts").tile(0, 0, 0) == b""


def test_what_is_smaller_than_a_pixel_is_left_out_from_afar() -> None:
    tiles = FrameTiles(districts(), "districts")
    assert tiles.tile(3, 4, 2) == b""
    assert len(features(tiles.tile(11, 1051, 673), "districts")) == 2


def test_what_is_smaller_than_a_pixel_is_a_square_of_one_from_afar_where_none_may_be_left_out() -> None:
    tiles = FrameTiles(districts(), "districts", keep_tiny=True)
    for tile in [(0, 0, 0), (3, 4, 2), (11, 1051, 673)]:
        assert [one["properties"]["name"] for one in features(tiles.tile(*tile), "districts")] == ["Noord", "Zuid"]
    hollow = gpd.GeoDataFrame(geometry=[None, Polygon(), box(4.9, 52.3, 4.91, 52.31)], crs="EPSG:4326")
    assert len(features(FrameTiles(hollow, "hollow", keep_tiny=True).tile(0, 0, 0), "hollow")) == 1


def test_points_stay_at_every_zoom() -> None:
    trees = gpd.GeoDataFrame({"kind": ["oak"]}, geometry=[Point(4.905, 52.365)], crs="EPSG:4326")
    tiles = FrameTiles(trees, "trees")
    assert [len(features(tiles.tile(*tile), "trees")) for tile in [(0, 0, 0), (7, 65, 42), (14, 8415, 5384)]] == [
        1,
        1,
        1,
    ]


def test_outlines_are_simpler_from_afar() -> None:
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    lake = Polygon(np.column_stack([4.905 + 0.05 * np.cos(angle), 52.365 + 0.03 * np.sin(angle)]))
    tiles = FrameTiles(gpd.GeoDataFrame({"name": ["Meer"]}, geometry=[lake], crs="EPSG:4326"), "water")
    assert len(tiles.tile(8, 131, 84)) < 300


def test_main_streets_stay_whole_from_afar_and_side_streets_are_left_out() -> None:
    tiles = FrameTiles(streets(), "streets")
    (main,) = features(tiles.tile(11, 1051, 673), "streets")
    assert main["properties"] == {"class": "primary"}
    assert main["geometry"]["type"] == "LineString"
    assert len(main["geometry"]["coordinates"]) == 2
    assert len(features(tiles.tile(14, 8414, 5384), "streets") + features(tiles.tile(14, 8415, 5384), "streets")) >= 80


def test_paths_are_left_out_until_one_looks_closely() -> None:
    frame = streets()
    frame.loc[40:, "class"] = "footway"
    tiles = FrameTiles(frame, "streets")
    assert {one["properties"]["class"] for one in features(tiles.tile(13, 4207, 2692), "streets")} == {"primary"}
    assert {one["properties"]["class"] for one in features(tiles.tile(14, 8415, 5384), "streets")} == {
        "primary",
        "footway",
    }


def test_side_streets_show_from_zoom_12() -> None:
    found = features(FrameTiles(streets(), "streets").tile(13, 4207, 2692), "streets")
    assert {one["properties"]["class"] for one in found} == {"primary", "residential"}


def test_streets_with_other_classes_are_all_kept() -> None:
    frame = streets().assign(**{"class": "5"})
    assert [one["properties"] for one in features(FrameTiles(frame, "streets").tile(11, 1051, 673), "streets")] == [
        {"class": "5"}
    ]


def test_a_frame_in_another_crs_is_drawn_in_its_place() -> None:
    here = FrameTiles(districts(), "districts").tile(14, 8415, 5384)
    there = FrameTiles(districts().to_crs("EPSG:3857"), "districts").tile(14, 8415, 5384)
    assert mapbox_vector_tile.decode(here) == mapbox_vector_tile.decode(there)


def test_a_frame_without_a_crs_is_refused() -> None:
    with pytest.raises(UnknownCRS):
        FrameTiles(gpd.GeoDataFrame(geometry=[Point(1, 1)]), "districts")


def test_many_threads_get_the_same_tile() -> None:
    tiles = FrameTiles(streets(), "streets")
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda z: tiles.tile(14 - z % 2 * 3, 8415 >> z % 2 * 3, 5384 >> z % 2 * 3), range(40)))
    assert len(answers) == 2


def test_lines_that_an_analysis_found_keep_their_properties_from_afar() -> None:
    found = features(FrameTiles(streets(), "stretches").tile(13, 4207, 2692), "stretches")
    assert {one["properties"]["name"] for one in found} == {f"s{i}" for i in range(80)}
    assert {one["properties"]["class"] for one in found} == {"primary", "residential"}
