"""Find which shapes share ground, and how much: the cheapest test first, for most neighbours only touch."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import Geometries, geodesic_areas_m2

INTERIORS_MEET = "T********"
METRES_A_DEGREE = 111_700.0
"""The longest degree on the ellipsoid, at the poles along a meridian."""
FEW_POINTS = 16
"""Shapes of more points are left to GEOS: their sides times points would cost more than that saves."""
Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


class Shared(NamedTuple):
    """Two shapes, by position, that cover some of the same ground."""

    first: int
    second: int
    area_m2: float


def common_ground(shapes: Geometries, first: Positions, second: Positions, tolerance_m2: float) -> list[Shared]:
    """Return those pairs of shapes (EPSG:4326) that share more than a tolerance of ground."""
    bounds = shapely.bounds(shapes)
    boxes = np.minimum(bounds[first, 2:], bounds[second, 2:]) - np.maximum(bounds[first, :2], bounds[second, :2])
    tolerance = tolerance_m2 / METRES_A_DEGREE**2
    doubt = np.flatnonzero((boxes > 0).all(axis=1) & (boxes.prod(axis=1) > tolerance))
    if len(doubt):
        # What is shared is no longer than the diagonal of the shared box, so this thin it is within the tolerance.
        thin = tolerance / np.hypot(boxes[doubt, 0], boxes[doubt, 1])
        sides = _Sides(shapes)
        for ones, others in ((first, second), (second, first)):
            kept = sides.depth(ones[doubt], others[doubt]) > thin
            doubt, thin = doubt[kept], thin[kept]
    first, second = first[doubt], second[doubt]
    meet = shapely.relate_pattern(shapes[first], shapes[second], INTERIORS_MEET)
    first, second = first[meet], second[meet]
    areas = geodesic_areas_m2(shapely.intersection(shapes[first], shapes[second]))
    return [
        Shared(int(one), int(other), float(area))
        for one, other, area in zip(first, second, areas, strict=True)
        if area > tolerance_m2
    ]


class _Sides:
    """The points and the directions of the sides of shapes, in one table for all."""

    def __init__(self, shapes: Geometries) -> None:
        points, of = shapely.get_coordinates(shapes, return_index=True)
        counts = np.bincount(of, minlength=len(shapes))
        self._few = (counts > 1) & (counts <= FEW_POINTS)
        widest = int(counts[self._few].max(initial=2))
        starts = np.cumsum(counts) - counts
        places = starts[:, None] + np.minimum(np.arange(widest), counts[:, None] - 1)
        self._x, self._y = np.moveaxis(points.take(places, axis=0, mode="clip"), -1, 0).copy()
        along_x, along_y = np.diff(self._x), np.diff(self._y)
        with np.errstate(invalid="ignore"):  # a side without length has no direction, and decides nothing
            lengths = np.hypot(along_x, along_y)
            self._across = along_y / lengths, -along_x / lengths
        self._low, self._high = self._span(self._across, np.arange(len(shapes)))

    def depth(self, ones: Positions, others: Positions) -> Floats:
        """Return how deep two shapes reach into each other at most, in degrees: across the best side of the first."""
        depths = np.full(len(ones), np.inf)
        asked = np.flatnonzero(self._few[ones] & self._few[others])
        one, other = ones[asked], others[asked]
        low, high = self._span((self._across[0][one], self._across[1][one]), other)
        deep = np.minimum(self._high[one], high) - np.maximum(self._low[one], low)
        depths[asked] = np.fmin.reduce(deep, axis=1, initial=np.inf)
        return depths

    def _span(self, across: tuple[Floats, Floats], shapes: Positions) -> tuple[Floats, Floats]:
        """Return from where to where shapes reach in each of their directions."""
        low = np.full(across[0].shape, np.inf)
        high = -low
        for x, y in zip(self._x[shapes].T, self._y[shapes].T, strict=True):
            reach = across[0] * x[:, None] + across[1] * y[:, None]
            np.minimum(low, reach, out=low)
            np.maximum(high, reach, out=high)
        return low, high
