"""Cut the districts into blocks: the cuts become streets, what lies between them becomes land to build on."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from scripts.sample_city.fabric import Block, Fabric
from scripts.sample_city.lines import lines, polygons
from scripts.sample_city.names import street_names
from scripts.sample_city.plan import Plan

ARTERIAL_HALF_M = 10.0
PARK_M2 = (22_000, 85_000)
FIELD_M2 = (18_000, 160_000)
FIELDS = 0.3
SLIVER_M2 = 1_400


@dataclass(frozen=True)
class Cut:
    """A line that streets are made of, before it meets the others."""

    line: shapely.LineString
    name: str
    kind: str
    district: int


class MainRoads:
    """The main roads in short pieces, each with its carriageway, found by place."""

    def __init__(self, plan: Plan) -> None:
        self.union = shapely.union_all([road.line for road in plan.roads])
        pieces = [piece for line in lines(self.union) for piece in short_pieces(line)]
        self.wide = np.asarray(shapely.buffer(np.array(pieces, dtype=object), ARTERIAL_HALF_M), dtype=object)
        self.thin = shapely.union_all(shapely.buffer(np.array(pieces, dtype=object), 1))
        self.tree = shapely.STRtree(self.wide)

    def off(self, land: BaseGeometry) -> BaseGeometry:
        """Return what the carriageways leave of some land."""
        near = self.tree.query(land, predicate="intersects")
        return land.difference(shapely.union_all(self.wide[near])) if len(near) else land


def short_pieces(line: shapely.LineString) -> list[shapely.LineString]:
    """Return a line in pieces of ten points."""
    xy = shapely.get_coordinates(line)
    return [shapely.LineString(xy[at : at + 11]) for at in range(0, len(xy) - 1, 10)]


def make_blocks(plan: Plan, rng: np.random.Generator) -> tuple[list[Block], list[Cut]]:
    """Return every block of a plan, and the lines of its streets."""
    strips = shapely.union_all([water.strip for water in plan.waters])
    roads = MainRoads(plan)
    border = plan.edge.exterior.buffer(1)
    blocks: list[Block] = []
    cuts = [Cut(road.line, road.name, road.kind, -1) for road in plan.roads]
    for index, district in enumerate(plan.districts):
        for cell in cells_of(district.outline.difference(strips), roads.union):
            leaves, inner = split_cell(cell, district.fabric, plan.edge.exterior, rng)
            names = street_names(rng, district.fabric.name, len(inner) + 1)
            cuts += [Cut(line, name, "residential", index) for line, name in zip(inner, names, strict=False)]
            rim = cell.boundary.difference(border).difference(roads.thin)
            cuts += [Cut(line, names[-1], "quay", index) for line in lines(shapely.line_merge(rim))]
            blocks += [block for leaf, use in leaves for block in shrink(leaf, use, index, district.fabric, roads)]
    return blocks, cuts


def cells_of(land: BaseGeometry, roads: BaseGeometry) -> list[shapely.Polygon]:
    """Return the parts of a district that neither water nor a main road cuts through."""
    net = shapely.union_all([shapely.boundary(land), roads.intersection(land)], grid_size=0.01)
    faces = polygons(shapely.polygonize(lines(net)))
    shapely.prepare(land)
    return [face for face in faces if land.contains(face.representative_point())]


def split_cell(
    cell: shapely.Polygon, fabric: Fabric, edge: shapely.LinearRing, rng: np.random.Generator
) -> tuple[list[tuple[shapely.Polygon, str]], list[shapely.LineString]]:
    """Return the leaves of a cell, each with its use, and the cuts between them."""
    stack, leaves, cuts = [cell], [], []
    while stack:
        piece = stack.pop()
        if PARK_M2[0] < piece.area < PARK_M2[1] and rng.random() < fabric.park:
            leaves.append((piece, "park"))
            continue
        if FIELD_M2[0] < piece.area < FIELD_M2[1] and rng.random() < FIELDS and edge.dwithin(piece, 1):
            leaves.append((piece, "field"))
            continue
        found = try_cut(piece, fabric, rng)
        if found is None:
            leaves.append((piece, "built" if piece.area > SLIVER_M2 else "verge"))
        else:
            stack += found[0]
            cuts += found[1]
    return leaves, cuts


def try_cut(
    piece: shapely.Polygon, fabric: Fabric, rng: np.random.Generator
) -> tuple[list[shapely.Polygon], list[shapely.LineString]] | None:
    """Return the parts of a piece and the cut between them, or None where it is small enough."""
    middle, along, long_m, deep_m = box_of(piece)
    limit = rng.uniform(1.15, 1.65)
    if long_m > fabric.block_long_m * limit:
        way = along
    elif deep_m > fabric.block_deep_m * limit:
        way = np.array([-along[1], along[0]])
    else:
        return None
    if long_m < 1.3 * deep_m and long_m > 2.2 * fabric.block_long_m and rng.random() < 0.5:
        way = np.array([-way[1], way[0]])
    for _ in range(4):
        line = bowed(middle, way, long_m, fabric, rng)
        parts = polygons(split(piece, line))
        if len(parts) > 1 and min(part.area for part in parts) > 0.13 * piece.area:
            return parts, lines(line.intersection(piece))
    return None


def bowed(
    middle: NDArray[np.float64], way: NDArray[np.float64], long_m: float, fabric: Fabric, rng: np.random.Generator
) -> shapely.LineString:
    """Return a slightly bent line right across a piece, square to `way` but for the fabric's skew."""
    turn = rng.normal(0, fabric.skew)
    across = np.array([-way[1], way[0]])
    across = np.array(
        [across[0] * np.cos(turn) - across[1] * np.sin(turn), across[0] * np.sin(turn) + across[1] * np.cos(turn)]
    )
    at = middle + way * rng.uniform(-0.12, 0.12) * long_m
    t = np.linspace(-1, 1, 15)
    bow = rng.normal(0, fabric.bend) * long_m * (0.4 - t * t) + rng.normal(0, fabric.bend) * long_m * 0.3 * np.sin(
        3 * t
    )
    return shapely.LineString(at + across * (t * long_m * 0.9)[:, None] + way * bow[:, None])


def box_of(piece: shapely.Polygon) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
    """Return the middle, the direction of the long side, and both lengths of the smallest box around a piece."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(piece))[:4]
    sides = corners[1:3] - corners[0:2]
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    longest = int(np.argmax(lengths))
    return corners.mean(axis=0), sides[longest] / lengths[longest], float(lengths.max()), float(lengths.min())


def shrink(leaf: shapely.Polygon, use: str, district: int, fabric: Fabric, roads: MainRoads) -> list[Block]:
    """Return what is left of a leaf between the kerbs."""
    land = shapely.buffer(leaf, -fabric.street_half_m, join_style="mitre", mitre_limit=2)
    return [Block(part, district, use) for part in polygons(roads.off(land)) if part.area > 150]
