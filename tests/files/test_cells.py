"""Counts in cells: every site once, and the sum is the whole."""

import mapbox_vector_tile
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geocommons.files.cells import count_cells
from geocommons.files.tiles import encode_tile

sites = st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85), st.integers(0, 2)), max_size=30)


@given(sites, st.integers(0, 3))
def test_every_site_is_in_exactly_one_cell_of_a_zoom_level(places: list[tuple[float, float, int]], z: int) -> None:
    lon, lat, status = np.array(places, dtype=np.float64).reshape(-1, 3).T
    found = [
        count_cells(lon, lat, status.astype(np.int64), z, x, y, statuses=3)
        for x in range(1 << z)
        for y in range(1 << z)
    ]
    by_status = sum(cells.by_status.sum(axis=0) for cells in found)
    assert sum(int(cells.count.sum()) for cells in found) == len(places)
    assert np.array_equal(by_status, np.bincount(status.astype(np.int64), minlength=3))
    assert all((cells.by_status.sum(axis=1) == cells.count).all() for cells in found)


def test_a_cell_stands_at_the_mean_of_its_sites() -> None:
    lon, lat, status = np.array([10.0, 10.2, -100.0]), np.array([50.0, 50.2, 20.0]), np.array([0, 1, 1])
    cells = count_cells(lon, lat, status, 0, 0, 0, statuses=2)
    order = np.argsort(cells.lon)
    assert cells.lon[order].round(9).tolist() == [-100, 10.1]
    assert cells.lat[order].round(9).tolist() == [20, 50.1]
    assert cells.count[order].tolist() == [1, 2]
    assert cells.by_status[order].tolist() == [[0, 1], [1, 1]]


def test_cells_are_drawn_as_points_with_their_counts() -> None:
    lon, lat, status = np.array([10.0, 10.2, -100.0]), np.array([50.0, 50.2, 20.0]), np.array([0, 1, 1])
    layer = count_cells(lon, lat, status, 0, 0, 0, statuses=2).layer("clt-parcels", ["available", "cared_for"])
    features = mapbox_vector_tile.decode(encode_tile([layer], 0, 0, 0))["clt-parcels"]["features"]
    found = sorted((feature["properties"] for feature in features), key=lambda one: one["count"])
    assert found == [{"count": 1, "cared_for": 1}, {"count": 2, "available": 1, "cared_for": 1}]


def test_no_sites_make_no_cells() -> None:
    nothing = np.empty(0)
    cells = count_cells(nothing, nothing, nothing.astype(np.int64), 3, 1, 1, statuses=6)
    assert len(cells.count) == 0
    assert encode_tile([cells.layer("sites", ["available"] * 6)], 3, 1, 1) == b""
