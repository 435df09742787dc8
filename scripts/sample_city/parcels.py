"""Cut blocks into parcels that face a street: whole columns at a time, so that a big city takes minutes."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from scripts.sample_city.fabric import Block, District

LEAST_M2 = 40.0


@dataclass(frozen=True)
class Parcels:
    """Parcels in metres: outline, block, district, and whether it is a court inside the block."""

    land: NDArray[np.object_]
    block: NDArray[np.int64]
    district: NDArray[np.int64]
    court: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.land)


@dataclass(frozen=True)
class Boxes:
    """The smallest box around each polygon: middle, unit vector of the long side, and both lengths in metres."""

    middle: NDArray[np.float64]
    along: NDArray[np.float64]
    long_m: NDArray[np.float64]
    deep_m: NDArray[np.float64]


def make_parcels(blocks: list[Block], districts: tuple[District, ...], rng: np.random.Generator) -> Parcels:
    """Return the parcels of all built blocks."""
    number = np.array([i for i, block in enumerate(blocks) if block.use == "built"], dtype=np.int64)
    land = np.array([blocks[i].land for i in number], dtype=object)
    district = np.array([blocks[i].district for i in number], dtype=np.int64)
    depth = np.array([d.fabric.lot_deep_m for d in districts])[district]
    strips, row, court = cut_strips(land, depth)
    lots, of = cut_lots(strips[~court], district[row[~court]], districts, rng)
    block = np.concatenate([number[row[~court]][of], number[row[court]]])
    where = np.concatenate([district[row[~court]][of], district[row[court]]])
    inner = np.concatenate([np.zeros(len(of), bool), np.ones(int(court.sum()), bool)])
    return Parcels(np.concatenate([lots, strips[court]]), block, where, inner)


def cut_strips(
    land: NDArray[np.object_], depth: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.bool_]]:
    """Return each block in one, two or three strips (two rows of lots, a court between them where it is deep)."""
    boxes = boxes_of(land)
    ratio = boxes.deep_m / depth
    count = np.where(ratio < 1.5, 1, np.where(ratio < 2.6, 2, 3))
    first = np.where(count == 3, 0.5 * boxes.deep_m - depth, 0.0)  # half the court's depth
    reach = boxes.deep_m
    bands = [
        (count == 1, -reach, reach, False),
        (count > 1, first, reach, False),
        (count > 1, -reach, -first, False),
        (count == 3, -first, first, True),
    ]
    shapes, rows, courts = [], [], []
    for chosen, low, high, court in bands:
        index = np.flatnonzero(chosen)
        across = boxes.along[:, ::-1] * (-1, 1)
        quads = quadrangles(
            boxes.middle[index], across[index], boxes.along[index], low[index], high[index], boxes.long_m[index]
        )
        parts, of = parts_of(shapely.intersection(land[index], quads), 150.0)
        shapes.append(parts)
        rows.append(index[of])
        courts.append(np.full(len(parts), court))
    return np.concatenate(shapes), np.concatenate(rows), np.concatenate(courts)


def cut_lots(
    strips: NDArray[np.object_], district: NDArray[np.int64], districts: tuple[District, ...], rng: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the lots of each strip, side by side along its street, and the strip of each."""
    boxes = boxes_of(strips)
    low = np.array([d.fabric.lot_wide_m[0] for d in districts])[district]
    high = np.array([d.fabric.lot_wide_m[1] for d in districts])[district]
    count = np.maximum(1, np.rint(boxes.long_m / rng.uniform(low, high))).astype(np.int64)
    of = np.repeat(np.arange(len(strips)), count)
    step = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    width = 1 / count[of]
    wobble = rng.uniform(-0.22, 0.22, len(of) + 1) * np.r_[width, 0]
    last = step == count[of] - 1
    left = np.where(step == 0, -1.0, step * width + wobble[:-1] - 0.5)
    right = np.where(last, 1.0, (step + 1) * width + wobble[1:] - 0.5)
    across = boxes.along[:, ::-1] * (-1, 1)
    long_m = boxes.long_m[of]
    quads = quadrangles(
        boxes.middle[of], boxes.along[of], across[of], left * long_m, right * long_m, 2 * boxes.deep_m[of] + 5
    )
    lots, which = parts_of(shapely.intersection(strips[of], quads), LEAST_M2)
    return lots, of[which]


def boxes_of(shapes: NDArray[np.object_]) -> Boxes:
    """Return the smallest box around each polygon."""
    rectangles = shapely.minimum_rotated_rectangle(shapes)
    corners = shapely.get_coordinates(rectangles).reshape(-1, 5, 2)
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    a, b = np.hypot(*one.T), np.hypot(*two.T)
    along = np.where((a >= b)[:, None], one / a[:, None], two / b[:, None])
    return Boxes(corners[:, :4].mean(axis=1), along, np.maximum(a, b), np.minimum(a, b))


def quadrangles(
    middle: NDArray[np.float64],
    way: NDArray[np.float64],
    side: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    reach: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Return the rectangle from `low` to `high` metres along `way`, and `reach` metres to both sides."""
    corners = [(low, -reach), (high, -reach), (high, reach), (low, reach)]
    xy = [middle + way * at[:, None] + side * off[:, None] for at, off in corners]
    return np.asarray(shapely.polygons(np.stack(xy, axis=1)), dtype=object)


def parts_of(shapes: NDArray[np.object_], least_m2: float) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the polygons in an array of any geometries that are large enough, and the row of each."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    keep = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > least_m2)
    return parts[keep], of[keep]
