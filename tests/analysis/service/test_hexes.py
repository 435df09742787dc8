"""Hexagons hold everybody once, and do not move with the demand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.service.hexes import sum_by_hexagon
from geocommons.errors import InvalidInput

CRS = "EPSG:32631"


def frame(xy: np.ndarray, share: float | np.ndarray = 1.0) -> gpd.GeoDataFrame:
    columns = {"people": np.full(len(xy), 10.0), "share": np.broadcast_to(share, len(xy))}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(xy), crs=CRS)


@given(st.lists(st.tuples(st.floats(-5_000, 5_000), st.floats(-5_000, 5_000)), min_size=1, max_size=40))
def test_each_point_is_in_the_one_hexagon_that_holds_it(places: list[tuple[float, float]]) -> None:
    demand = frame(np.array(places))
    cells = sum_by_hexagon(demand, width_m=300.0)
    assert cells["people"].sum() == demand["people"].sum()
    held = cells.geometry.buffer(1e-6).to_numpy()
    for point in demand.geometry:
        assert shapely.intersects(held, point).any()
    assert cells.union_all().area == pytest.approx(cells.geometry.area.sum())


def test_a_hexagon_has_its_width_and_the_grid_stays_where_it_is() -> None:
    one = sum_by_hexagon(frame(np.array([[10.0, 20.0]])), width_m=200.0)
    two = sum_by_hexagon(frame(np.array([[10.0, 20.0], [900.0, -400.0]])), width_m=200.0)
    west, _, east, _ = one.total_bounds
    assert east - west == pytest.approx(200.0)
    assert one.geometry.iloc[0].equals_exact(two[two["cell"] == one["cell"].iloc[0]].geometry.iloc[0], 1e-9)


def test_parts_add_up_to_the_people_and_who_is_not_assessed_lowers_the_share() -> None:
    demand = frame(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0.5, np.nan]))
    (cell,) = sum_by_hexagon(demand, width_m=100.0).to_dict("records")
    assert (cell["people"], cell["served"], cell["unserved"], cell["not_assessed"], cell["share"]) == (
        20,
        5,
        5,
        10,
        0.25,
    )


def test_hexagons_without_a_width_are_refused() -> None:
    with pytest.raises(InvalidInput, match="more than 0"):
        sum_by_hexagon(frame(np.zeros((1, 2))), width_m=0.0)
