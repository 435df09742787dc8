"""Tiles of what analyses stand on, and of what they found."""

from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import shapely

from geocommons.usecases.tiles import FEW, frame_tile, open_frame

WORLD = (0, 0, 0)


def write_lots(folder: Path, count: int) -> Path:
    """Write a file of so many lots of twelve metres."""
    corners = [(4.9 + at * 2e-5, 52.3) for at in range(count)]
    lots = [shapely.box(x, y, x + 1e-4, y + 1e-4) for x, y in corners]
    frame = gpd.GeoDataFrame({"rank": range(1, count + 1)}, geometry=lots, crs="EPSG:4326")
    frame.to_parquet(folder / "chosen.parquet")
    return folder / "chosen.parquet"


def test_a_small_lot_that_was_found_is_seen_from_afar(tmp_path: Path) -> None:
    found = open_frame(write_lots(tmp_path, 3), "chosen", found=True)
    (layer,) = mapbox_vector_tile.decode(frame_tile(found, "chosen", *WORLD)).values()
    assert [one["properties"]["rank"] for one in layer["features"]] == [1, 2, 3]


def test_small_shapes_are_left_out_where_there_are_many_or_they_only_lie_under_the_map(tmp_path: Path) -> None:
    many = open_frame(write_lots(tmp_path, FEW + 1), "chosen", found=True)
    under = open_frame(write_lots(tmp_path, 3), "population")
    assert frame_tile(many, "chosen", *WORLD) == frame_tile(under, "population", *WORLD) == b""
