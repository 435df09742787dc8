"""Lines that look drawn by a landscape: wandering roads, meandering rivers, the outline of a town."""

import numpy as np
import shapely
from numpy.typing import NDArray

Points = NDArray[np.float64]


def wander(
    rng: np.random.Generator, points: list[tuple[float, float]], sway_m: float, step_m: float = 20
) -> shapely.LineString:
    """Return a line through all points that sways about the straight way between them."""
    rough = shapely.LineString(points)
    count = max(8, int(rough.length / step_m))
    at = np.linspace(0, 1, count + 1)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(rough, at, normalized=True))
    for _ in range(3):  # round the corners at the points in between
        xy[1:-1] = (xy[:-2] + 2 * xy[1:-1] + xy[2:]) / 4
    normal = np.gradient(xy, axis=0)[:, ::-1] * (-1, 1)
    normal /= np.maximum(np.hypot(normal[:, 0], normal[:, 1])[:, None], 1e-9)
    sway = np.zeros(len(at))
    for wave in (1, 2, 4):
        phase = rng.uniform(0, 2 * np.pi)
        sway += rng.normal(0, 1) / wave * np.sin(2 * np.pi * at * rough.length * wave / 1500 + phase)
    return shapely.LineString(xy + normal * (sway * sway_m * np.sin(np.pi * at))[:, None])


def meander(rng: np.random.Generator, half_m: float, south_m: float) -> shapely.LineString:
    """Return the main river, from west to east, passing `south_m` metres south of the middle."""
    x = np.arange(-half_m, half_m + 1, 20.0)
    waves = [(2900, 230), (1500, 95), (780, 38), (410, 12)]
    y = np.zeros(len(x))
    for wave, amp in waves:
        y += amp * np.sin(2 * np.pi * x / wave + rng.uniform(0, 2 * np.pi))
    y = y - np.interp(0, x, y) - south_m
    return shapely.LineString(np.column_stack([x, y]))


def ribbon(rng: np.random.Generator, line: shapely.LineString, half_m: float, swell: float) -> shapely.Polygon:
    """Return the water of a line: a ribbon whose width swells and narrows by a share."""
    xy = shapely.get_coordinates(line)
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    width = half_m * (1 + swell * sum(np.sin(2 * np.pi * along / w + rng.uniform(0, 6.3)) for w in (900, 370)) / 2)
    normal = np.gradient(xy, axis=0)[:, ::-1] * (-1, 1)
    normal /= np.hypot(normal[:, 0], normal[:, 1])[:, None]
    sides = [xy + normal * width[:, None], (xy - normal * width[:, None])[::-1]]
    water = shapely.Polygon(np.vstack(sides)).buffer(0)
    return largest(water)


def outline(rng: np.random.Generator, radius_m: float) -> shapely.Polygon:
    """Return the edge of a town: a wide, lobed round."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    lobes = sum(rng.normal(0, 0.075) / np.sqrt(k) * 1.6 * np.cos(k * angle + rng.uniform(0, 6.3)) for k in range(2, 9))
    reach = radius_m * (1 + np.clip(lobes, -0.24, 0.24))
    return shapely.Polygon(np.column_stack([1.16 * reach * np.cos(angle), 0.9 * reach * np.sin(angle)]))


def largest(geometry: shapely.Geometry) -> shapely.Polygon:
    """Return the largest polygon of any geometry, an empty one where there is none."""
    return max(polygons(geometry), key=lambda part: part.area, default=shapely.Polygon())


def polygons(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """Return the polygons of any geometry."""
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and not part.is_empty]


def lines(geometry: shapely.Geometry) -> list[shapely.LineString]:
    """Return the lines of any geometry."""
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "LineString" and part.length > 0]
