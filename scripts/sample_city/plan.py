"""The plan of the town: its edge, its waters, its main roads and the districts that these bound."""

from dataclasses import dataclass

import numpy as np
import shapely

from scripts.sample_city.fabric import INNER, OUTER, District
from scripts.sample_city.lines import lines, meander, outline, polygons, ribbon, wander
from scripts.sample_city.names import DISTRICT_STEMS, district_names

RADIUS_M = 1900.0
RING_M = 760.0
RING_STEP_M = 1500.0
TRIES = 24
MAIN_ROADS = {
    "Oosterweg": 22.0,
    "Noorderlaan": 84.0,
    "Veenweg": 152.0,
    "Westerdijk": 201.0,
    "Zuiderlaan": 258.0,
    "Havenweg": 322.0,
}
"""Name and bearing in degrees, anticlockwise from east."""


@dataclass(frozen=True)
class Water:
    """A watercourse: its line from source to mouth, its surface, and the strip that no house stands on."""

    name: str
    kind: str
    line: shapely.LineString
    surface: shapely.Polygon
    strip: shapely.Polygon
    flows_into: str
    width_m: float


@dataclass(frozen=True)
class Road:
    """A main road."""

    name: str
    kind: str
    line: shapely.LineString


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before the first block is cut; metres, the market square at 0, 0."""

    edge: shapely.Polygon
    waters: tuple[Water, ...]
    roads: tuple[Road, ...]
    districts: tuple[District, ...]


def make_plan(scale: float, rng: np.random.Generator) -> Plan:
    """Return the plan of a town of `scale` times some 10,000 parcels."""
    radius_m = RADIUS_M * scale**0.5
    edge = outline(rng, radius_m)
    waters = make_waters(rng, radius_m)
    roads = make_roads(rng, radius_m, edge, waters[0])
    return Plan(edge, waters, roads, make_districts(edge, waters[0], roads))


def make_waters(rng: np.random.Generator, radius_m: float) -> tuple[Water, ...]:
    """Return the river, four brooks that run into it and a canal."""
    river = meander(rng, 1.5 * radius_m, 230)
    surface = ribbon(rng, river, 25, 0.28)
    waters = [Water("Velder", "river", river, surface, surface.buffer(15), "North Sea", 50)]
    brooks = [
        ("Rietloop", 138, -0.52, 130.0),
        ("Elzenbeek", 62, 0.62, 90.0),
        ("Kraaibeek", 232, -0.28, 80.0),
        ("Zilverloop", 305, 0.88, 70.0),
    ]
    for name, degrees, mouth, sway_m in brooks:
        half_m = rng.uniform(2.6, 4.2)
        line = brook(rng, river, radius_m, np.radians(degrees), mouth * radius_m, sway_m)
        surface = line.buffer(half_m)
        waters.append(Water(name, "stream", line, surface, line.buffer(18), "Velder", round(2 * half_m, 1)))
    line = canal(river, radius_m)
    waters.append(Water("Nieuwe Vaart", "canal", line, line.buffer(10), line.buffer(21), "Velder", 20))
    return tuple(waters)


def brook(
    rng: np.random.Generator, river: shapely.LineString, radius_m: float, angle: float, mouth_x: float, sway_m: float
) -> shapely.LineString:
    """Return a brook from outside the town, at an angle, down to the river at `mouth_x`."""
    mouth = on_river(river, mouth_x)
    source = (1.45 * radius_m * np.cos(angle), 1.2 * radius_m * np.sin(angle))
    turn = ((source[0] * 0.35 + mouth[0] * 0.65) - 120, source[1] * 0.35 + mouth[1] * 0.65)
    return wander(rng, [source, turn, mouth], sway_m, 15)


def canal(river: shapely.LineString, radius_m: float) -> shapely.LineString:
    """Return a canal: straight, with one bend, from the southern edge to the river."""
    mouth = on_river(river, 0.28 * radius_m)
    return shapely.LineString([(0.02 * radius_m, -1.25 * radius_m), (0.2 * radius_m, -0.55 * radius_m), mouth])


def on_river(river: shapely.LineString, x: float) -> tuple[float, float]:
    """Return the point of the river at an x."""
    xy = shapely.get_coordinates(river)
    return float(x), float(np.interp(x, xy[:, 0], xy[:, 1]))


def make_roads(rng: np.random.Generator, radius_m: float, edge: shapely.Polygon, river: Water) -> tuple[Road, ...]:
    """Return the main roads out of the market square, and ring roads; outer rings have more roads between."""
    radii = [RING_M, *np.arange(RING_M + RING_STEP_M, 0.9 * radius_m, RING_STEP_M).tolist()]
    far = 1.4 * radius_m
    roads = []
    for index, at in enumerate(radii):
        name = "Singel" if index == 0 else f"Buitenring {index}"
        roads.append(Road(name, "secondary", shortest_bridges([ring(rng, at) for _ in range(TRIES)], river)))
    for name, degrees in MAIN_ROADS.items():
        ways = [wander(rng, [(0, 0), polar(far, degrees + rng.normal(0, 5))], 70) for _ in range(TRIES)]
        roads.append(Road(name, "primary", shortest_bridges(ways, river)))
    bearings = list(MAIN_ROADS.values())
    for index, inner in enumerate(radii[1:]):
        count = 6 * 2**index
        for turn in range(count):
            at = between(bearings, turn) if index == 0 else 22 + 360 * (turn + 0.25) / count
            ways = [wander(rng, [polar(inner - 60, at), polar(far, at)], 40) for _ in range(TRIES)]
            roads.append(
                Road(
                    f"{DISTRICT_STEMS[(turn * 7 + index) % len(DISTRICT_STEMS)]}erweg",
                    "secondary",
                    shortest_bridges(ways, river),
                )
            )
    return tuple(
        Road(road.name, road.kind, part) for road in roads for part in lines(road.line.intersection(edge.buffer(250)))
    )


def shortest_bridges(ways: list[shapely.LineString], river: Water) -> shapely.LineString:
    """Return the way that spends least on bridges: roads cross a river square, or not at all."""
    return min(ways, key=lambda way: way.intersection(river.strip).length)


def between(degrees: list[float], turn: int) -> float:
    """Return the bearing midway between a road and the next, going round."""
    there = [*degrees, degrees[0] + 360]
    return (there[turn] + there[turn + 1]) / 2


def polar(radius_m: float, degrees: float) -> tuple[float, float]:
    """Return a point by its distance from the market square and its bearing, anticlockwise from east."""
    return float(1.12 * radius_m * np.cos(np.radians(degrees))), float(0.92 * radius_m * np.sin(np.radians(degrees)))


def ring(rng: np.random.Generator, radius_m: float) -> shapely.LineString:
    """Return a ring road that follows the lie of the land."""
    angle = np.linspace(0, 2 * np.pi, int(radius_m / 4))
    waves = sum(rng.normal(0, 0.06) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in (2, 3, 4, 5))
    reach = radius_m * (1 + waves)
    xy = np.column_stack([1.12 * reach * np.cos(angle), 0.92 * reach * np.sin(angle)])
    xy[-1] = xy[0]
    return shapely.LineString(xy)


def make_districts(edge: shapely.Polygon, river: Water, roads: tuple[Road, ...]) -> tuple[District, ...]:
    """Return the districts: the faces between main roads, river and edge; slivers join a neighbour."""
    rings = [road.line for road in roads if road.name == "Singel" or road.name.startswith("Buitenring")]
    inner = shapely.polygonize([rings[0]]).geoms[0]
    inside = inner.buffer(-1)
    cuts = [road.line.difference(inside) for road in roads]  # the town centre is two districts, not eight
    net = shapely.node(shapely.GeometryCollection([edge.boundary, river.line, *cuts, rings[0]]))
    faces = [face for face in polygons(shapely.polygonize(lines(net))) if edge.contains(face.representative_point())]
    outlines = join_slivers(faces, 0.022 * edge.area / max(1.0, edge.area / 1.3e7))
    outlines.sort(key=lambda face: (not inner.contains(face.representative_point()), bearing(face)))
    ring_of = [
        sum(not shapely.polygonize([line]).geoms[0].contains(face.centroid) for line in rings) for face in outlines
    ]
    names = district_names(len(outlines))
    core = sum(inner.contains(face.representative_point()) for face in outlines)
    fabrics = [INNER[i % 2] if i < core else OUTER[(i - core) % len(OUTER)] for i in range(len(outlines))]
    return tuple(District(names[i], section(i), face, fabrics[i], ring_of[i]) for i, face in enumerate(outlines))


def join_slivers(faces: list[shapely.Polygon], least_m2: float) -> list[shapely.Polygon]:
    """Return faces none of which is smaller than `least_m2`: each joins the one it shares most border with."""
    faces = sorted(faces, key=lambda face: face.area)
    while len(faces) > 2 and faces[0].area < least_m2:
        small = faces.pop(0)
        shared = [shapely.intersection(small, face).length for face in faces]
        best = int(np.argmax(shared))
        faces[best] = max(polygons(shapely.union(faces[best], small, grid_size=0.01)), key=lambda part: part.area)
        faces.sort(key=lambda face: face.area)
    return faces


def bearing(face: shapely.Polygon) -> float:
    """Return the direction of a face from the market square, 0 in the east, anticlockwise, in radians."""
    point = face.centroid
    return float(np.arctan2(point.y, point.x) % (2 * np.pi))


def section(index: int) -> str:
    """Return the letters of a cadastral section: A to Z, then AA, AB and on."""
    return chr(65 + index) if index < 26 else chr(64 + index // 26) + chr(65 + index % 26)
