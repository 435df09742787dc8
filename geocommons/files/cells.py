"""Counts in the cells of a tile: what a map shows where single sites are too small to see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import Geometries
from geocommons.files.mvt import Column, Int
from geocommons.files.tiles import Float, TileLayer, lonlat_to_fraction


@dataclass(frozen=True)
class Cells:
    """Cells with at least one site: the mean place of its sites in degrees, their count, and counts (n, states)."""

    lon: Float
    lat: Float
    count: Int
    by_status: Int

    def layer(self, name: str, statuses: Sequence[str]) -> TileLayer:
        """Return the cells as points with `count` and a property for each status that has sites."""
        properties: dict[str, Column] = {"count": self.count}
        for code, status in enumerate(statuses):
            properties[status] = [count or None for count in self.by_status[:, code].tolist()]
        places: Geometries = np.asarray(shapely.points(self.lon, self.lat))
        return TileLayer(name=name, geometry=places, properties=properties)


def count_cells(
    lon: Float, lat: Float, status: NDArray[np.integer], z: int, x: int, y: int, *, statuses: int, per_side: int = 16
) -> Cells:
    """Count sites by status in each of `per_side` x `per_side` cells of a tile.

    `lon`, `lat` are centres of sites in degrees, `status` their codes from 0 to `statuses` - 1. Each site is in
    exactly one cell of one tile of a zoom level; a latitude beyond the grid (85.05) is in none.
    """
    size = per_side << z
    right, down = lonlat_to_fraction(lon, lat)
    column = np.minimum(np.floor(right * size), size - 1) - x * per_side
    row = np.floor(down * size) - y * per_side
    inside = (column >= 0) & (column < per_side) & (row >= 0) & (row < per_side)
    cell = (row[inside] * per_side + column[inside]).astype(np.int64)
    total = per_side * per_side
    count = np.bincount(cell, minlength=total)
    filled = count > 0
    by_status = np.bincount(cell * statuses + status[inside], minlength=total * statuses).reshape(total, statuses)
    means = [
        np.bincount(cell, weights=values[inside], minlength=total)[filled] / count[filled] for values in (lon, lat)
    ]
    return Cells(means[0], means[1], count[filled], by_status[filled])
