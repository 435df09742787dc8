"""Common ground: cheap tests first must find what measuring every pair finds."""

import numpy as np
import pytest
import shapely

from geocommons.crs import Geometries, geodesic_areas_m2
from geocommons.usecases.imports.common_ground import FEW_POINTS, common_ground

TOLERANCE_M2 = 1.0


def blocks(across: int = 12) -> Geometries:
    """Return parcels that share crooked edges, some with a corner in the middle of a neighbour's side."""
    chance = np.random.default_rng(3)
    lon, lat = np.meshgrid(np.arange(across + 1), np.arange(across + 1))
    grid = np.stack([lon, lat], axis=-1) + chance.uniform(-0.3, 0.3, (across + 1, across + 1, 2))
    corners = np.array([5.0, 52.0]) + grid * 0.001
    rings = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2).reshape(-1, 4, 2)
    return np.asarray(shapely.polygons(rings))


def rough(count: int = 150) -> Geometries:
    """Return shapes that are bent, pierced, in parts, of few points and of many."""
    chance = np.random.default_rng(4)
    places, radii = chance.uniform(5.0, 5.01, (count, 2)), chance.uniform(1e-4, 2e-3, count)
    shapes = np.array(
        [
            shapely.Point(place).buffer(radius, quad_segs=1 + at % 8)
            for at, (place, radius) in enumerate(zip(places, radii, strict=True))
        ]
    )
    cut = shapely.buffer(shapely.points(chance.uniform(5.0, 5.01, (count, 2))), 5e-4, quad_segs=2)
    assert (shapely.get_num_coordinates(shapes) > FEW_POINTS).any()
    return np.asarray(shapely.difference(shapes, cut))


def moved(shapes: Geometries, degrees: float) -> Geometries:
    chance = np.random.default_rng(5)
    return np.array([shapely.affinity.translate(shape, *chance.uniform(-degrees, degrees, 2)) for shape in shapes])


@pytest.mark.parametrize(
    ("shapes", "some"),
    [(blocks(), False), (moved(blocks(), 1e-7), True), (moved(blocks(), 1e-4), True), (rough(), True)],
    ids=["shared edges", "drawing noise", "overlaps", "rough shapes"],
)
def test_every_pair_above_the_tolerance_is_found_and_no_other(shapes: Geometries, some: bool) -> None:
    first, second = np.triu_indices(len(shapes), k=1)
    areas = geodesic_areas_m2(shapely.intersection(shapes[first], shapes[second]))
    large = areas > TOLERANCE_M2
    expected = list(zip(first[large].tolist(), second[large].tolist(), strict=True))
    found = common_ground(shapes, first, second, TOLERANCE_M2)
    assert [(pair.first, pair.second) for pair in found] == expected
    assert [pair.area_m2 for pair in found] == pytest.approx(areas[large])
    assert bool(found) == some


def test_a_missing_shape_shares_no_ground() -> None:
    shapes: Geometries = np.array([shapely.box(5, 52, 5.1, 52.1), None, shapely.box(5, 52, 5.1, 52.1)], dtype=object)
    found = common_ground(shapes, np.array([0, 0, 1]), np.array([1, 2, 2]), TOLERANCE_M2)
    assert [(pair.first, pair.second) for pair in found] == [(0, 2)]
