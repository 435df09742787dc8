"""Find the site of another layer that holds a place: a garden for its plot, a parcel for a garden's point."""

from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.crs import Geometries

INSIDE_SHARE = 0.99
"""How much of a polygon must lie in its holder; the rest is drawing noise along a shared edge."""


@dataclass(frozen=True)
class Holders:
    """The current sites of a layer that may hold others."""

    ids: NDArray[np.int64]
    shapes: Geometries
    tree: shapely.STRtree

    @classmethod
    def of(cls, frame: GeoDataFrame) -> "Holders":
        """Build from a frame with the column id, in EPSG:4326."""
        shapes = frame.geometry.to_numpy()
        return cls(frame["id"].to_numpy(dtype=np.int64), shapes, shapely.STRtree(shapes))

    def find(self, geometry: Geometries) -> NDArray[np.int64]:
        """Return the position of the holder of each geometry, or -1; the one that holds most, then the first."""
        found = np.full(len(geometry), -1, dtype=np.int64)
        positions, holders = self.tree.query(geometry, predicate="intersects")
        if len(positions) == 0:
            return found
        area = shapely.area(geometry)
        shared = shapely.area(shapely.intersection(geometry[positions], self.shapes[holders]))
        whole = area[positions]
        enough = np.where(whole > 0, shared >= INSIDE_SHARE * whole, True)
        order = np.lexsort((self.ids[holders], -shared, positions))
        order = order[enough[order]]
        first = np.unique(positions[order], return_index=True)[1]
        found[positions[order][first]] = holders[order][first]
        return found
