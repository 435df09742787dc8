"""Which areas are neighbours: by a shared border, by distance, or the nearest few."""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from geocommons.analysis.amounts import Floats, Ints
from geocommons.errors import InvalidInput

Neighbours: TypeAlias = "csr_array[Any, Any]"
"""A matrix of areas by areas with 1 for neighbours, and no area its own neighbour."""

MIXERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)


def queen_neighbours(areas: NDArray[np.object_], *, within_m: float = 0.0) -> Neighbours:
    """Return which polygons share a point of their borders, a corner is enough (queen contiguity).

    Polygons whose corners match are found by their corners in one product. Where a side has no other polygon with the
    same side (the rim, a corner on the middle of a neighbour's side, a slit) the polygon is looked up in an index: it
    neighbours what it meets, or what lies `within_m` metres. Coordinates are in one metric CRS. Missing and empty
    polygons have no neighbours.
    """
    polygons = np.asarray(areas, dtype=object)
    xy, owner = shapely.get_coordinates(polygons, return_index=True)
    corner = _corner_numbers(xy)
    by_corner = csr_array(
        (np.ones(len(corner), np.int8), (owner, corner)), shape=(len(polygons), corner.max(initial=-1) + 1)
    )
    shared = csr_array(by_corner @ by_corner.T)
    lonely = _with_lonely_sides(corner, owner)
    if len(lonely):
        tree = shapely.STRtree(polygons)
        how: dict[str, Any] = (
            {"predicate": "dwithin", "distance": within_m} if within_m else {"predicate": "intersects"}
        )
        found, other = tree.query(polygons[lonely], **how)
        shared = shared + _both_ways(lonely[found], other, len(polygons))
    return _pairs(shared)


def band_neighbours(xy: ArrayLike, *, within_m: float) -> Neighbours:
    """Return which points (n x 2, metres) lie within a distance of each other, and exactly that far."""
    points = np.asarray(xy, dtype=np.float64)
    pairs = cKDTree(points).query_pairs(within_m, output_type="ndarray")
    return _both_ways(pairs[:, 0], pairs[:, 1], len(points))


def nearest_neighbours(xy: ArrayLike, *, count: int) -> Neighbours:
    """Return the nearest few of each point (n x 2, metres); who is near to me need not have me near.

    Of points equally far at the end of the few, which is taken is left to the index.
    """
    points = np.asarray(xy, dtype=np.float64)
    if not 0 < count < len(points):
        raise InvalidInput(
            "{count} nearest of {points} points cannot be. Ask for fewer.", count=count, points=len(points)
        )
    _, near = cKDTree(points).query(points, k=count + 1)
    own = near == np.arange(len(points))[:, None]
    # Among points on one spot the index may not give the point itself: then the last is one too many.
    own[~own.any(axis=1), -1] = True
    column = near[~own].astype(np.int32)
    starts = np.arange(0, len(column) + 1, count)
    return csr_array((np.ones(len(column)), column, starts), shape=(len(points), len(points)))


def islands_of(neighbours: Neighbours) -> Ints:
    """Return the areas that have no neighbour."""
    return np.flatnonzero(np.diff(neighbours.indptr) == 0)


def _corner_numbers(xy: Floats) -> Ints:
    """Return a number for each coordinate, the same for the same place to the last digit.

    Two numbers of 64 bits are mixed to one, which a table of hashes takes; should two places share it (once in
    10 million cities), all are compared the slow way.
    """
    # 0.0 takes the sign off -0.0.
    bits = (xy + 0.0).view(np.uint64)
    mixed = (bits * MIXERS).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(29)
    number, _ = pd.factorize(mixed)
    first = np.zeros(number.max(initial=-1) + 1, dtype=np.intp)
    first[number[::-1]] = np.arange(len(number))[::-1]
    if not np.array_equal(xy[first[number]], xy):
        number = np.unique(xy + 0.0, axis=0, return_inverse=True)[1]
    return np.asarray(number, dtype=np.intp)


def _with_lonely_sides(corner: Ints, owner: Ints) -> Ints:
    """Return the polygons with a side that no other polygon has.

    Where a ring ends and the polygon's next begins there is no side, but counting one only sends the polygon to the
    index.
    """
    side = np.flatnonzero(owner[1:] == owner[:-1])
    low, high = np.minimum(corner[side], corner[side + 1]), np.maximum(corner[side], corner[side + 1])
    number, _ = pd.factorize(low * (corner.max(initial=0) + 1) + high)
    alone = np.bincount(number, minlength=1)[number] == 1
    return np.asarray(pd.unique(owner[side[alone]]), dtype=np.intp)


def _both_ways(one: Ints, other: Ints, count: int) -> Neighbours:
    """Return the matrix of pairs in both directions."""
    ends = np.concatenate([one, other]), np.concatenate([other, one])
    return _pairs(csr_array((np.ones(2 * len(one), np.int8), ends), shape=(count, count)))


def _pairs(matrix: Neighbours) -> Neighbours:
    """Return the matrix with 1 for each pair, in order, and no area with itself."""
    row = np.repeat(np.arange(matrix.shape[0], dtype=matrix.indices.dtype), np.diff(matrix.indptr))
    apart = row != matrix.indices
    ends = np.concatenate([[0], np.cumsum(np.bincount(row[apart], minlength=matrix.shape[0]))])
    column = matrix.indices[apart]
    pairs = csr_array((np.ones(len(column)), column, ends.astype(column.dtype)), shape=matrix.shape)
    pairs.sort_indices()
    return pairs
