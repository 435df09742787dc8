"""Find which of a batch's sites overlap their neighbours: rows before them in the file, and the register."""

import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from rtree.index import Index

from geocommons.crs import Geometries
from geocommons.usecases.imports.common_ground import Shared, common_ground

MERGE_BELOW = 2
"""A packed tree less than so many times as large as what comes after it is packed anew with that."""
Ids = NDArray[np.int64]
Bounds = NDArray[np.float64]


class Overlap(NamedTuple):
    """Two sites that cover some of the same ground: the later one by position in its batch, the other by id."""

    position: int
    other_id: int
    area_m2: float


class _Packed(NamedTuple):
    """An R-tree that is never changed, what is in it, and the box around it."""

    tree: Index
    ids: Ids
    bounds: Bounds
    around: NDArray[np.float64]


class MovingIndex:
    """An R-tree that every accepted batch is added to.

    It is a few packed trees, each at least twice as large as the next, merged as they grow (O'Neil et al., The
    log-structured merge-tree, 1996): packing costs half a microsecond a box, inserting one by one a hundred times
    that. A tree is asked only about boxes that meet the box around it, so trees that lie apart are better left so: a
    file in some order costs little.
    """

    def __init__(self) -> None:
        self._trees: list[_Packed] = []

    def add(self, ids: Ids, bounds: Bounds) -> None:
        """Add boxes (west, south, east, north) under their ids."""
        if len(ids) == 0:
            return
        around = _around(bounds)
        while self._trees and len(self._trees[-1].ids) < MERGE_BELOW * len(ids):
            last = self._trees[-1]
            if not _lie_together(last.around, around):
                break
            self._trees.pop()
            ids, bounds = np.concatenate([last.ids, ids]), np.concatenate([last.bounds, bounds])
            around = _around(bounds)
        tree = Index((ids, np.ascontiguousarray(bounds[:, :2]), np.ascontiguousarray(bounds[:, 2:])))
        self._trees.append(_Packed(tree, ids, bounds, around))

    def query(self, bounds: Bounds) -> tuple[NDArray[np.intp], Ids]:
        """Return the pairs (position of a box asked for, id of a box that it meets)."""
        positions, ids = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.int64)]
        arounds = np.array([packed.around for packed in self._trees]).reshape(-1, 4)
        for at in _meeting(arounds, _around(bounds)) if len(bounds) else ():
            packed = self._trees[at]
            near = _meeting(bounds, packed.around)
            low, high = np.ascontiguousarray(bounds[near, :2]), np.ascontiguousarray(bounds[near, 2:])
            found, counts = packed.tree.intersection_v(low, high)
            positions.append(np.repeat(near, counts.astype(np.intp)))
            ids.append(np.asarray(found, dtype=np.int64))
        return np.concatenate(positions), np.concatenate(ids)


def _around(bounds: Bounds) -> Bounds:
    """Return the box around some boxes."""
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def _meeting(bounds: Bounds, box: Bounds) -> NDArray[np.intp]:
    """Return the positions of the boxes that meet one."""
    return np.flatnonzero((bounds[:, :2] <= box[2:]).all(1) & (bounds[:, 2:] >= box[:2]).all(1))


def _lie_together(one: Bounds, other: Bounds) -> bool:
    """Return whether two boxes share half of the smaller one, or either is no more than a line."""
    shared = np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None).prod()
    return bool(2 * shared >= min((box[2:] - box[:2]).prod() for box in (one, other)))


class Neighbours:
    """The sites that a batch must not overlap; their shapes wait on disk, so memory does not grow with the file."""

    def __init__(
        self, register_shapes: Callable[[Sequence[int]], dict[int, shapely.Geometry]], tolerance_m2: float
    ) -> None:
        self._index = MovingIndex()
        self._register_shapes = register_shapes
        self._tolerance_m2 = tolerance_m2
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the import)
        self._keys: list[Ids] = []
        self._places: list[Ids] = []
        self._left: dict[int, shapely.Geometry] = {}

    def close(self) -> None:
        """Give the disk space back."""
        self._spool.close()

    def know(self, ids: Ids, bounds: Bounds) -> None:
        """Add sites that the register holds; their shapes are asked of it when they are needed."""
        self._index.add(ids, bounds)

    def accept(self, ids: Ids, bounds: Bounds, wkbs: Sequence[bytes]) -> None:
        """Add the accepted rows of a batch; a site that the register held has this shape from now on."""
        if len(ids) == 0:
            return
        self._index.add(ids, bounds)
        sizes = np.fromiter(map(len, wkbs), dtype=np.int64, count=len(wkbs))
        start = self._spool.seek(0, 2)
        self._keys.append(ids)
        self._places.append(np.column_stack([start + np.cumsum(sizes) - sizes, sizes]))
        self._spool.write(b"".join(wkbs))

    def leave(self, site_id: int, shape: shapely.Geometry) -> None:
        """Note the ground that a site left, unless it is taken back."""
        self._left[site_id] = shape

    def overlaps_left(self, batch: Geometries, asked: Sequence[int]) -> list[Overlap]:
        """Return the overlaps above the tolerance between some shapes of a batch and the ground that sites left."""
        if not self._left:
            return []
        ids, left = list(self._left), np.array(list(self._left.values()), dtype=object)
        first, second = shapely.STRtree(left).query(batch[asked])
        both = np.concatenate([batch[asked], left])
        found = common_ground(both, first, second + len(asked), self._tolerance_m2)
        return [Overlap(asked[one], ids[other - len(asked)], area_m2) for one, other, area_m2 in found]

    def overlaps(self, batch: Geometries, asked: Sequence[int], own_ids: Ids) -> list[Overlap]:
        """Return the overlaps above the tolerance between some shapes of a batch and the sites before it.

        `own_ids` are the sites that these shapes are of, -1 for a new one.
        """
        positions, others = self._index.query(shapely.bounds(batch[asked]))
        keep = others != own_ids[positions]
        near, first = np.unique(positions[keep], return_inverse=True)
        wanted, second = np.unique(others[keep], return_inverse=True)
        both = np.concatenate([batch[asked][near], self._shapes(wanted)])
        return [
            Overlap(asked[near[one]], int(wanted[other - len(near)]), area_m2)
            for one, other, area_m2 in common_ground(both, first, second + len(near), self._tolerance_m2)
        ]

    def _shapes(self, ids: Ids) -> Geometries:
        """Return the present shape of each site, from the file's spool or from the register."""
        shapes = np.empty(len(ids), dtype=object)
        keys = np.concatenate([*self._keys, np.empty(0, dtype=np.int64)])
        places = np.concatenate([*self._places, np.empty((0, 2), dtype=np.int64)])
        order = np.argsort(keys)
        at = np.searchsorted(keys, ids, sorter=order)
        spooled = at < len(keys)
        spooled[spooled] = keys[order[at[spooled]]] == ids[spooled]
        shapes[spooled] = shapely.from_wkb([self._read(*place) for place in places[order[at[spooled]]].tolist()])
        if not spooled.all():
            found = self._register_shapes(ids[~spooled].tolist())
            shapes[~spooled] = [found.get(key) for key in ids[~spooled].tolist()]
        return shapes

    def _read(self, start: int, size: int) -> bytes:
        self._spool.seek(start)
        return self._spool.read(size)


def overlaps_within(shapes: Geometries, tolerance_m2: float) -> list[Shared]:
    """Return the pairs (earlier, later) of a batch that overlap by more than the tolerance, by the later one."""
    first, second = shapely.STRtree(shapes).query(shapes)
    ordered = first < second
    found = common_ground(shapes, first[ordered], second[ordered], tolerance_m2)
    return sorted(found, key=lambda pair: (pair.second, pair.first))


def by_claim(touching: Iterable[Shared], stayed: Collection[int]) -> list[Shared]:
    """Return pairs of rows as (who has the ground, who yields): who stays where it is, else the earlier one."""
    pairs = [
        pair if pair.first in stayed or pair.second not in stayed else Shared(pair.second, pair.first, pair.area_m2)
        for pair in touching
    ]
    return sorted(pairs, key=lambda pair: pair.first not in stayed)
