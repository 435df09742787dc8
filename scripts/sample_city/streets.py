"""The walk network: cuts meet and become edges between numbered nodes; bridges join what water parts."""

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scripts.sample_city.blocks import Cut
from scripts.sample_city.fabric import Block
from scripts.sample_city.lines import lines

GRID_M = 0.05
STUB_M = 6.0
DEAD_ENDS = 0.05


@dataclass(frozen=True)
class Streets:
    """Edges of the walk network: lines, the numbers of their end nodes, names and classes."""

    lines: NDArray[np.object_]
    from_node: NDArray[np.int64]
    to_node: NDArray[np.int64]
    names: NDArray[np.object_]
    classes: NDArray[np.object_]


def make_streets(cuts: list[Cut], blocks: list[Block], rng: np.random.Generator) -> Streets:
    """Return one connected walk network of all cuts, with paths through parks and footbridges."""
    cuts = cuts + park_paths(blocks, cuts, rng)
    edges, source = meet(cuts)
    edges, source = drop_stubs(edges, source)
    edges = close_some(edges, source, cuts, rng)
    names = np.array([cuts[i].name for i in source], dtype=object)
    classes = np.array([cuts[i].kind for i in source], dtype=object)
    classes[classes == "quay"] = "living_street"
    return join_parts(edges, names, classes)


def meet(cuts: list[Cut]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the edges between all meeting points of the cuts, and which cut each comes from."""
    net = shapely.union_all([cut.line for cut in cuts], grid_size=GRID_M)
    merged = np.array(lines(shapely.line_merge(net)), dtype=object)
    tree = shapely.STRtree([cut.line for cut in cuts])
    return merged, np.asarray(
        tree.nearest(shapely.line_interpolate_point(merged, 0.5, normalized=True)), dtype=np.int64
    )


def node_keys(edges: NDArray[np.object_], end: int) -> NDArray[np.int64]:
    """Return the grid cell of an end (0 or -1) of each edge."""
    return np.rint(shapely.get_coordinates(shapely.get_point(edges, end)) / GRID_M).astype(np.int64)


def number_nodes(edges: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of the first and the last node of each edge."""
    keys = np.concatenate([node_keys(edges, 0), node_keys(edges, -1)])
    _, number = np.unique(keys, axis=0, return_inverse=True)
    number = number.reshape(-1)
    return number[: len(edges)].astype(np.int64), number[len(edges) :].astype(np.int64)


def drop_stubs(edges: NDArray[np.object_], source: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the edges without the short loose ends that cuts leave where they overshoot."""
    start, end = number_nodes(edges)
    degree = np.bincount(np.concatenate([start, end]))
    loose = (degree[start] == 1) | (degree[end] == 1)
    keep = ~(loose & (shapely.length(edges) < STUB_M)) & (start != end)
    return edges[keep], source[keep]


def close_some(
    edges: NDArray[np.object_], source: NDArray[np.int64], cuts: list[Cut], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Return the edges with some residential ones cut short: dead ends."""
    start, end = number_nodes(edges)
    degree = np.bincount(np.concatenate([start, end]))
    local = np.array([cuts[i].kind == "residential" for i in source])
    pick = (
        local
        & (rng.random(len(edges)) < DEAD_ENDS)
        & (degree[start] > 2)
        & (degree[end] > 2)
        & (shapely.length(edges) > 60)
    )
    short = edges.copy()
    short[pick] = [shapely.ops.substring(edge, 0, 0.7, normalized=True) for edge in edges[pick]]
    return short


def park_paths(blocks: list[Block], cuts: list[Cut], rng: np.random.Generator) -> list[Cut]:
    """Return footways across each park, from side to side through a point in its middle."""
    tree = shapely.STRtree([cut.line for cut in cuts])
    paths: list[Cut] = []
    for block in blocks:
        if block.use != "park" or block.land.area < 5000:
            continue
        middle = block.land.representative_point()
        ring = block.land.exterior
        for at in rng.uniform(0, 1) + np.arange(4) / 4:
            gate = ring.interpolate(at % 1, normalized=True)
            street = cuts[int(tree.nearest(gate))].line
            beyond = shapely.ops.nearest_points(gate, street)[1]
            bend = shapely.Point((gate.x + middle.x) / 2 + rng.normal(0, 9), (gate.y + middle.y) / 2 + rng.normal(0, 9))
            if gate.distance(street) < 25:
                paths.append(Cut(shapely.LineString([beyond, gate, bend, middle]), "", "footway", block.district))
    return paths


def join_parts(edges: NDArray[np.object_], names: NDArray[np.object_], classes: NDArray[np.object_]) -> Streets:
    """Return the network with a footbridge from each loose part to the nearest node of the main part."""
    while True:
        start, end = number_nodes(edges)
        count = int(max(start.max(), end.max())) + 1
        graph = coo_array((np.ones(len(edges)), (start, end)), shape=(count, count))
        parts, part = connected_components(graph, directed=False)
        if parts == 1:
            return Streets(edges, start, end, names, classes)
        main = int(np.bincount(part).argmax())
        bridges = footbridges(edges, start, end, part, main)
        edges = np.concatenate([edges, bridges])
        names = np.concatenate([names, np.full(len(bridges), "", dtype=object)])
        classes = np.concatenate([classes, np.full(len(bridges), "footway", dtype=object)])


def footbridges(
    edges: NDArray[np.object_], start: NDArray[np.int64], end: NDArray[np.int64], part: NDArray[np.int32], main: int
) -> NDArray[np.object_]:
    """Return a line from each loose part to the nearest node of the main part."""
    xy = np.zeros((len(part), 2))
    xy[start] = node_keys(edges, 0) * GRID_M
    xy[end] = node_keys(edges, -1) * GRID_M
    points = np.asarray(shapely.points(xy), dtype=object)
    home = np.flatnonzero(part == main)
    tree = shapely.STRtree(points[home])
    bridges = []
    for loose in np.unique(part[part != main]):
        here = np.flatnonzero(part == loose)
        nearest, gaps = tree.query_nearest(points[here], return_distance=True, all_matches=False)
        best = int(np.argmin(gaps))
        bridges.append(shapely.LineString([xy[here[nearest[0, best]]], xy[home[nearest[1, best]]]]))
    return np.array(bridges, dtype=object)
