"""Area-weighted coverage equals what an overlay of blocks and drawn discs gives, whatever their shape."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box
from tobler.area_weighted import area_interpolate

from geocommons.analysis.service.areal import area_shares

CRS = "EPSG:32633"
corner = st.tuples(st.integers(-300, 300), st.integers(-300, 300))
rings = st.lists(corner, min_size=3, max_size=7, unique=True).map(Polygon)
holed = corner.map(
    lambda at: box(at[0], at[1], at[0] + 200, at[1] + 200) - box(at[0] + 50, at[1] + 50, at[0] + 120, at[1] + 150)
)
twice = st.tuples(corner, corner).map(
    lambda two: MultiPolygon([box(x, y, x + 40, y + 40) for x, y in (two[0], (two[1][0] + 700, two[1][1]))])
)
places = st.one_of(
    corner.map(Point), rings, st.tuples(corner, corner).filter(lambda two: two[0] != two[1]).map(LineString)
)


def by_overlay(blocks: list[Any], sites: list[Any], reach_m: float) -> list[float]:
    """The whole reach as one shape, and each block cut by it."""
    reach = shapely.union_all([shapely.make_valid(site).buffer(reach_m, quad_segs=16) for site in sites])
    whole = [shapely.make_valid(block, method="structure", keep_collapsed=False) for block in blocks]
    return [
        block.intersection(reach).area / block.area if block.area else float(shapely.centroid(drawn).intersects(reach))
        for block, drawn in zip(whole, blocks, strict=True)
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(rings, holed, twice), min_size=1, max_size=6),
    st.lists(places, max_size=5),
    st.sampled_from([20.0, 150.0, 600.0]),
)
def test_shares_equal_those_of_an_overlay(blocks: list[Any], sites: list[Any], reach_m: float) -> None:
    assert area_shares(blocks, sites, reach_m=reach_m) == pytest.approx(by_overlay(blocks, sites, reach_m), abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(st.lists(rings, min_size=1, max_size=5), st.lists(places, max_size=4), places)
def test_one_more_site_makes_no_share_smaller(blocks: list[Any], sites: list[Any], another: Any) -> None:
    before = area_shares(blocks, sites, reach_m=150)
    assert (area_shares(blocks, [*sites, another], reach_m=150) >= before - 1e-9).all()


def test_people_served_are_those_of_tobler() -> None:
    chance = np.random.default_rng(4)
    west, south = (grid.ravel() * 100.0 for grid in np.meshgrid(np.arange(30), np.arange(30)))
    blocks, people = shapely.box(west, south, west + 100, south + 100), chance.integers(0, 90, 900).astype(float)
    sites = shapely.points(chance.random((25, 2)) * 3000)
    reach = gpd.GeoDataFrame(geometry=[shapely.union_all(shapely.buffer(sites, 300, quad_segs=16))], crs=CRS)
    town = gpd.GeoDataFrame({"people": people}, geometry=blocks, crs=CRS)
    theirs = area_interpolate(town, reach, extensive_variables=["people"], allocate_total=False)["people"].sum()
    assert (area_shares(blocks, sites, reach_m=300) * people).sum() == pytest.approx(theirs, rel=1e-6)


def test_half_a_block_is_half_of_its_people() -> None:
    park = box(0, 0, 1000, 1000)
    assert area_shares([box(1250, 100, 1350, 900)], [park], reach_m=300) == pytest.approx([0.5])


def test_a_block_deep_inside_a_large_park_is_served() -> None:
    park = Point(0, 0).buffer(5000, quad_segs=2000)
    shares = area_shares([box(-50, -50, 50, 50), box(5050, -50, 5150, 50), box(6000, 0, 6100, 9)], [park], reach_m=100)
    assert shares[0] == 1 and shares[1] == pytest.approx(0.5, abs=0.01) and shares[2] == 0


def test_a_disc_has_64_sides_as_geopandas_draws_it() -> None:
    (share,) = area_shares([box(-500, -500, 500, 500)], [Point(0, 0)], reach_m=400)
    assert share == pytest.approx(0.5 * 64 * np.sin(2 * np.pi / 64) * 400**2 / 1e6, rel=1e-12)


def test_blocks_without_area_count_whole_and_missing_ones_are_not_known() -> None:
    shapes = [
        Point(3, 4),
        Point(3, 4.001),
        LineString([(0, 1), (0, 2)]),
        Polygon([(0, 0), (1, 1), (2, 2)]),
        None,
        Point(),
    ]
    shares = area_shares(shapes, [Point(0, 0)], reach_m=5)
    assert shares[:4].tolist() == [1, 0, 1, 1]
    assert np.isnan(shares[4:]).all()


def test_without_sites_nothing_is_within_reach() -> None:
    assert area_shares([box(0, 0, 1, 1)], [None, Polygon()], reach_m=5).tolist() == [0]
    assert len(area_shares([], [Point(0, 0)], reach_m=5)) == 0
