"""The city that analyses are measured on: made from a seed, the same bytes every time, at any size.

At scale 1 it has 249,848 street nodes, 605,864 directed edges, 99,856 blocks, 5,000 sites, 2,002 km of river and 5,000
adopted stretches. Coordinates and lengths are metres in a metric CRS. Node ids carry no order in space, as in
OpenStreetMap; three barriers are crossed at few streets only; adoptions overlap, touch, repeat, run backwards and past
the end of their river.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Table = dict[str, NDArray[Any]]
SPACING_M = 115.0
CRS = "EPSG:32633"
BARRIERS = ((0.37, 0.05, 2.0), (0.62, 0.03, 3.0), (0.83, 0.02, 1.0))
"""Where each barrier runs (part of the width), how far it bends, and how often."""
STREETS_A_BRIDGE = 14


@dataclass(frozen=True)
class BenchCity:
    """Tables of arrays.

    `street`: x, y; eu, ev, elen (undirected edges). `blocks`: vx, vy (shared corners), quad (corner ids), cx, cy, pop,
    grp (n x 4), node. `sites`: x, y, cap, area_ha, node. `candidates`: x, y, node. `rivers`: xy, off (vertex offsets by
    reach), m (measure by vertex), down (reach downstream, -1 none). `adoptions`: reach, m0, m1, group.
    """

    street: Table
    blocks: Table
    sites: Table
    candidates: Table
    rivers: Table
    adoptions: Table

    def block_polygons(self) -> NDArray[np.object_]:
        """Return the blocks as polygons."""
        corner = self.blocks["quad"]
        rings = np.stack([self.blocks["vx"][corner], self.blocks["vy"][corner]], -1)
        return np.asarray(shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1)))


def make_bench_city(scale: float = 1.0, seed: int = 7) -> BenchCity:
    """Return a city of so many times 250,000 street nodes, 100,000 blocks, 5,000 sites and 2,000 km of river."""
    streams = [np.random.default_rng([seed, number]) for number in range(1, 7)]
    street, extent_m = _streets(streams[0], round(250_000 * scale))
    tree = cKDTree(np.column_stack([street["x"], street["y"]]))
    blocks, shares = _blocks(streams[1], round(100_000 * scale), extent_m, tree)
    sites = _sites(streams[2], round(5_000 * scale), extent_m, blocks, shares, tree)
    chosen = streams[3].choice(len(street["x"]), min(2_000, len(street["x"])), replace=False)
    candidates = {"x": street["x"][chosen], "y": street["y"][chosen], "node": chosen}
    rivers = _rivers(streams[4], 2_000 * scale, extent_m)
    return BenchCity(street, blocks, sites, candidates, rivers, _adoptions(streams[5], round(5_000 * scale), rivers))


def _streets(chance: np.random.Generator, wanted: int) -> tuple[Table, float]:
    """Return a grid of shaken crossings, four of five streets kept, the rest of the nodes as bends in them."""
    side = round(np.sqrt(wanted / 3.0))
    across, up = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    x = across.ravel() * SPACING_M + chance.normal(0, 17, side * side)
    y = up.ravel() * SPACING_M + chance.normal(0, 17, side * side)
    number = np.arange(side * side).reshape(side, side)
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    edge = np.concatenate([north, east])
    extent_m = side * SPACING_M
    edge = edge[(chance.random(len(edge)) < 0.815) & _crossable(x, y, edge, extent_m)]
    row, column = np.nonzero((chance.random((side, side)) < 0.02)[:-1, :-1])
    edge = np.concatenate([edge, np.column_stack([number[row, column], number[row + 1, column + 1]])])
    x, y, start, end = _bent(chance, x, y, edge, wanted - side * side)
    return _largest_part(chance, x, y, start, end), extent_m


def _crossable(x: NDArray[Any], y: NDArray[Any], edge: NDArray[Any], extent_m: float) -> NDArray[np.bool_]:
    """Return which edges cross no barrier, or cross it at one of its few bridges."""
    middle_y = (y[edge[:, 0]] + y[edge[:, 1]]) / 2
    keep = np.ones(len(edge), dtype=bool)
    bridge = (middle_y // SPACING_M).astype(int) % STREETS_A_BRIDGE == 0
    for at, bend, waves in BARRIERS:
        line = extent_m * (at + bend * np.sin(middle_y / extent_m * waves * 2 * np.pi))
        keep &= ((x[edge[:, 0]] < line) == (x[edge[:, 1]] < line)) | bridge
    return keep


def _bent(
    chance: np.random.Generator, x: NDArray[Any], y: NDArray[Any], edge: NDArray[Any], bends: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return nodes and edges with so many bends put into edges at random."""
    count = np.bincount(chance.integers(0, len(edge), bends), minlength=len(edge))
    crossings = len(x)
    first = crossings + np.concatenate([[0], np.cumsum(count)[:-1]])
    bend_x, bend_y = np.empty(bends), np.empty(bends)
    starts, ends = [], []
    for many in range(count.max() + 1):
        rows = np.nonzero(count == many)[0]
        if not len(rows):
            continue
        before = edge[rows, 0]
        for nth in range(many):
            part = (nth + 1) / (many + 1)
            node = first[rows] + nth
            for bent, along in ((bend_x, x), (bend_y, y)):
                straight = along[edge[rows, 0]] * (1 - part) + along[edge[rows, 1]] * part
                bent[node - crossings] = straight + chance.normal(0, 5, len(rows))
            starts.append(before)
            ends.append(node)
            before = node
        starts.append(before)
        ends.append(edge[rows, 1])
    return np.append(x, bend_x), np.append(y, bend_y), np.concatenate(starts), np.concatenate(ends)


def _largest_part(
    chance: np.random.Generator, x: NDArray[Any], y: NDArray[Any], start: NDArray[Any], end: NDArray[Any]
) -> Table:
    """Return the largest connected part, its nodes numbered in random order."""
    links = coo_array((np.ones(len(start)), (start, end)), (len(x), len(x)))
    part = connected_components(links, directed=False)[1]
    within = part == np.bincount(part).argmax()
    nodes = np.nonzero(within)[0]
    number = np.full(len(x), -1)
    number[nodes] = chance.permutation(len(nodes))
    kept = within[start] & within[end]
    start, end = number[start[kept]], number[end[kept]]
    new_x, new_y = np.empty(len(nodes)), np.empty(len(nodes))
    new_x[number[nodes]], new_y[number[nodes]] = x[nodes], y[nodes]
    length = np.hypot(new_x[start] - new_x[end], new_y[start] - new_y[end]) * (1 + 0.04 * chance.random(len(start)))
    return {"x": new_x, "y": new_y, "eu": start, "ev": end, "elen": np.maximum(np.round(length, 3), 0.5)}


def _smooth_field(chance: np.random.Generator, side: int, bumps: int) -> NDArray[np.float64]:
    """Return a field of values in 0 to 1 that neighbours share."""
    at = (np.arange(side) + 0.5) / side
    field = np.zeros((side, side))
    for _ in range(bumps):
        row, column, wide, high = chance.random(), chance.random(), 0.05 + 0.15 * chance.random(), chance.normal()
        across, along = (np.exp(-((at - middle) ** 2) / (2 * wide * wide)) for middle in (row, column))
        field += high * np.outer(across, along)
    field -= field.min()
    return np.asarray(field / field.max())


def _blocks(chance: np.random.Generator, wanted: int, extent_m: float, tree: Any) -> tuple[Table, NDArray[np.float64]]:
    """Return blocks that share their corners, with people in four groups."""
    side = round(np.sqrt(wanted))
    step = extent_m / side
    across, up = np.meshgrid(np.arange(side + 1), np.arange(side + 1), indexing="ij")
    vx = across * step + chance.uniform(-0.2, 0.2, across.shape) * step
    vy = up * step + chance.uniform(-0.2, 0.2, up.shape) * step
    number = np.arange((side + 1) ** 2).reshape(side + 1, side + 1)
    corners = [number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]]
    quad = np.stack(corners, -1).reshape(-1, 4)
    vx, vy = vx.ravel(), vy.ravel()
    cx, cy = vx[quad].mean(1), vy[quad].mean(1)
    density = np.exp(-np.hypot(cx - extent_m / 2, cy - extent_m / 2) / (extent_m / 4))
    people = np.round(chance.lognormal(3.2, 0.8, len(cx)) * (0.25 + 2.2 * density)).astype(np.int64)
    people[chance.random(len(people)) < 0.08] = 0
    one, two, three, four = (_smooth_field(chance, side, 25).ravel() for _ in range(4))
    shares = np.stack([0.15 + one * 2, 0.1 + two, 0.08 + three, 0.05 + four * 0.6], 1)
    shares *= chance.lognormal(0, 0.25, shares.shape)
    shares /= shares.sum(1, keepdims=True)
    groups = np.floor(shares * people[:, None]).astype(np.int64)
    groups[:, 0] += people - groups.sum(1)
    node = tree.query(np.column_stack([cx, cy]))[1]
    return {"vx": vx, "vy": vy, "quad": quad, "cx": cx, "cy": cy, "pop": people, "grp": groups, "node": node}, shares


def _sites(
    chance: np.random.Generator, count: int, extent_m: float, blocks: Table, shares: NDArray[Any], tree: Any
) -> Table:
    """Return sites, most of them in clusters where the first group lives."""
    picked = chance.integers(0, len(blocks["cx"]), 220)
    centres = np.column_stack([blocks["cx"][picked], blocks["cy"][picked]])
    weight = shares[picked, 0] ** 2
    clustered = int(count * 0.7)
    middle = centres[chance.choice(len(centres), clustered, p=weight / weight.sum())]
    near = middle + chance.normal(0, extent_m / 35, (clustered, 2))
    xy = np.clip(np.concatenate([near, chance.random((count - clustered, 2)) * extent_m]), 0, extent_m)
    capacity = np.round(chance.lognormal(3, 0.7, count)) + 5
    area_ha = np.round(chance.lognormal(-1, 1.1, count), 3)
    return {"x": xy[:, 0], "y": xy[:, 1], "cap": capacity, "area_ha": area_ha, "node": tree.query(xy)[1]}


def _rivers(chance: np.random.Generator, km: float, extent_m: float, step_m: float = 25.0) -> Table:
    """Return meandering reaches, each of which drains into an earlier one."""
    total_m = 0.0
    lines: list[NDArray[Any]] = []
    measures, offsets, down, mouths = [], [0], list[int](), list[NDArray[Any]]()
    while total_m < km * 1000.0:
        length_m = float(np.clip(chance.lognormal(7.45, 0.55), 300, 9000))
        vertices = max(3, int(length_m / step_m))
        if len(lines) < 12:
            origin, into = chance.random(2) * extent_m, -1
        else:
            into = int(chance.integers(0, len(lines)))
            origin = mouths[into]
        angle = chance.random() * 2 * np.pi + np.cumsum(chance.normal(0, 0.18, vertices))
        steps = np.cumsum(np.column_stack([np.cos(angle), np.sin(angle)]) * step_m, 0)
        line = (origin + np.concatenate([np.zeros((1, 2)), steps]))[::-1]
        measure = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        lines.append(line)
        measures.append(measure)
        offsets.append(offsets[-1] + len(line))
        down.append(into)
        mouths.append(line[0])
        total_m += measure[-1]
    return {
        "xy": np.concatenate(lines),
        "off": np.array(offsets),
        "m": np.concatenate(measures),
        "down": np.array(down),
    }


def _adoptions(chance: np.random.Generator, count: int, rivers: Table) -> Table:
    """Return stretches that overlap, touch, repeat, run backwards and past the end; some reaches are popular."""
    length = rivers["m"][rivers["off"][1:] - 1]
    weight = chance.lognormal(0, 1.0, len(length)) * length
    reach = chance.choice(len(length), count, p=weight / weight.sum())
    size = np.clip(chance.lognormal(6.0, 0.8, count), 50, 5000)
    begin = chance.random(count) * length[reach] - 30
    begin, end = np.round(begin, 1), np.round(begin + size, 1)
    for row in np.nonzero(chance.random(count) < 0.08)[0]:
        if row:
            reach[row] = reach[row - 1]
            size_m = end[row] - begin[row]
            begin[row] = end[row - 1]
            end[row] = begin[row] + size_m
    again = np.nonzero(chance.random(count) < 0.03)[0]
    again = again[again > 10]
    reach[again], begin[again], end[again] = reach[again - 7], begin[again - 7], end[again - 7]
    back = chance.random(count) < 0.1
    begin[back], end[back] = end[back], begin[back].copy()
    group = chance.integers(0, max(2, count // 6), count)
    return {"reach": reach, "m0": begin, "m1": end, "group": group}
