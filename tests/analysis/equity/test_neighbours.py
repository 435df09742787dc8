"""Areas are neighbours where their borders meet, however their corners were drawn."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from geocommons.analysis.equity.neighbours import Neighbours, islands_of, queen_neighbours


def pairs(areas: list[object], within_m: float = 0.0) -> set[tuple[int, int]]:
    matrix: Neighbours = queen_neighbours(np.array(areas, dtype=object), within_m=within_m)
    row, column = matrix.nonzero()
    found = set(zip(row.tolist(), column.tolist(), strict=True))
    assert found == {(other, one) for one, other in found}
    assert set(matrix.data.tolist()) <= {1.0}
    return {(one, other) for one, other in found if one < other}


def test_a_shared_corner_is_enough() -> None:
    assert pairs([box(0, 0, 1, 1), box(1, 1, 2, 2), box(5, 5, 6, 6)]) == {(0, 1)}


def test_a_corner_on_the_middle_of_a_side_meets_it() -> None:
    assert pairs([box(0, 0, 4, 2), box(1, 2, 2, 3), Polygon([(5, 5), (4, 1), (6, 1)])]) == {(0, 1), (0, 2)}


def test_a_wedge_between_two_others_meets_the_side_that_its_tip_touches() -> None:
    below, tip = box(0, -1, 4, 0), Polygon([(2, 0), (3, 2), (1, 2)])
    left, right = Polygon([(0, 0), (2, 0), (1, 2), (0, 2)]), Polygon([(2, 0), (4, 0), (4, 2), (3, 2)])
    above = Polygon([(1, 2), (3, 2), (2, 3)])
    assert (0, 1) in pairs([below, tip, left, right, above])


def test_a_slit_can_be_bridged() -> None:
    slit = [box(0, 0, 1, 1), box(1.05, 0, 2, 1)]
    assert pairs(slit) == set()
    assert pairs(slit, within_m=0.1) == {(0, 1)}


def test_holes_parts_and_missing_shapes_are_taken_as_they_are() -> None:
    ring = box(0, 0, 9, 9).difference(box(3, 3, 6, 6))
    parts = MultiPolygon([box(20, 0, 21, 1), box(9, 0, 10, 9)])
    areas = [ring, box(3, 3, 6, 6), parts, None, Polygon(), box(21, 1, 22, 2)]
    assert pairs(areas) == {(0, 1), (0, 2), (2, 5)}
    assert islands_of(queen_neighbours(np.array(areas, dtype=object))).tolist() == [3, 4]


@pytest.mark.filterwarnings("ignore")
@given(seed=st.integers(0, 10_000), coarse=st.booleans())
@settings(max_examples=30, deadline=None)
def test_it_agrees_with_geos_on_any_coverage(seed: int, coarse: bool) -> None:
    chance = np.random.default_rng(seed)
    if coarse:  # Boxes of whole numbers: corners lie on sides everywhere.
        corner = chance.integers(0, 12, (25, 2))
        areas = [box(x, y, x + w, y + h) for (x, y), (w, h) in zip(corner, chance.integers(1, 4, (25, 2)), strict=True)]
    else:
        areas = list(shapely.voronoi_polygons(shapely.multipoints(chance.random((25, 2)) * 9)).geoms)
    one, other = shapely.STRtree(areas).query(areas, predicate="intersects")
    found = pairs(areas)
    met = {(a, b) for a, b in zip(one.tolist(), other.tolist(), strict=True) if a < b}
    if coarse:
        # Inside another, no border is shared where all its own sides have twins; overlaps are no coverage.
        met = {(a, b) for a, b in met if shapely.touches(areas[a], areas[b])}
        assert met <= found
    else:
        assert met == found


def test_it_agrees_with_libpysal_on_a_grid() -> None:
    import geopandas as gpd
    from libpysal.graph import Graph

    column, row = np.meshgrid(np.arange(9), np.arange(7))
    grid = np.asarray(shapely.box(column.ravel(), row.ravel(), column.ravel() + 1, row.ravel() + 1))
    theirs = Graph.build_contiguity(gpd.GeoDataFrame(geometry=grid), rook=False).sparse
    assert (queen_neighbours(grid) != theirs).nnz == 0


def test_points_have_no_border_in_common_but_those_on_one_spot() -> None:
    assert pairs([Point(0, 0), Point(0, 0), Point(1, 1)]) == {(0, 1)}
