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
    west, south, east, north = np.ascontiguousarray(shapely.bounds(shapes).T)
    width = np.minimum(east[first], east[second]) - np.maximum(west[first], west[second])
    height = np.minimum(north[first], north[second]) - np.maximum(south[first], south[second])
    tolerance = tolerance_m2 / METRES_A_DEGREE**2
    doubt = np.flatnonzero((width > 0) & (height > 0) & (width * height > tolerance))
    if len(doubt):
        # What is shared is no longer than the diagonal of the shared box, so this thin it is within the tolerance.
        thin = tolerance / np.hypot(width[doubt], height[doubt])
        sides = _Sides(shapes)
        for only_facing in (True, False):  # the side that faces the other shape tells most pairs apart, at a ninth
            for ones, others in ((first, second), (second, first)):
                kept = sides.depth(ones[doubt], others[doubt], only_facing) > thin
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
    """The points and the directions of the sides of shapes, in one table for all: a row for each point or side."""

    def __init__(self, shapes: Geometries) -> None:
        points, of = shapely.get_coordinates(shapes, return_index=True)
        counts = np.bincount(of, minlength=len(shapes))
        self._few = (counts > 1) & (counts <= FEW_POINTS)
        widest = int(counts[self._few].max(initial=2))
        starts = np.cumsum(counts) - counts
        places = starts + np.minimum(np.arange(widest)[:, None], counts - 1)
        self._x, self._y = (points[:, axis].take(places, mode="clip") for axis in (0, 1))
        along_x, along_y = np.diff(self._x, axis=0), np.diff(self._y, axis=0)
        turn = (self._x[:-1] * along_y - self._y[:-1] * along_x).sum(axis=0)  # above 0 if counter-clockwise
        self._middle_x, self._middle_y = self._x.mean(axis=0), self._y.mean(axis=0)
        with np.errstate(invalid="ignore"):  # a side without length has no direction, and decides nothing
            lengths = np.hypot(along_x, along_y) * np.where(turn < 0, -1, 1)
            self._out_x, self._out_y = along_y / lengths, -along_x / lengths

    def depth(self, ones: Positions, others: Positions, only_facing: bool) -> Floats:
        """Return how deep two shapes reach into each other at most, in degrees: across the best side of the first.

        Only the side that looks to the other shape is asked, or every one.
        """
        depths = np.full(len(ones), np.inf)
        asked = np.flatnonzero(self._few[ones] & self._few[others])
        one, other = ones[asked], others[asked]
        out = self._facing(one, other) if only_facing else (self._out_x[:, one], self._out_y[:, one])
        (low, high), (other_low, other_high) = self._span(out, one), self._span(out, other)
        deep = np.minimum(high, other_high) - np.maximum(low, other_low)
        depths[asked] = np.fmin.reduce(np.atleast_2d(deep), axis=0, initial=np.inf)
        return depths

    def _facing(self, one: Positions, other: Positions) -> tuple[Floats, Floats]:
        """Return the direction out of the first shape that points most to the second."""
        to_x, to_y = (middle[other] - middle[one] for middle in (self._middle_x, self._middle_y))
        most, best_x, best_y = (np.full(len(one), unknown) for unknown in (-np.inf, np.nan, np.nan))
        for x, y in ((x[one], y[one]) for x, y in zip(self._out_x, self._out_y, strict=True)):
            toward = x * to_x + y * to_y
            better = toward > most
            for best, found in ((most, toward), (best_x, x), (best_y, y)):
                np.copyto(best, found, where=better)
        return best_x, best_y

    def _span(self, out: tuple[Floats, Floats], shapes: Positions) -> tuple[Floats, Floats]:
        """Return from where to where shapes reach in directions."""
        low = np.full(out[0].shape, np.inf)
        high = -low
        for x, y in zip(self._x, self._y, strict=True):
            reach = out[0] * x[shapes] + out[1] * y[shapes]
            np.minimum(low, reach, out=low)
            np.maximum(high, reach, out=high)
        return low, high
