"""Linear referencing (ISO 19148): metres along a line on the ellipsoid, and the geometry of a stretch."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import WGS84


def vertex_measures_m(line: shapely.Geometry) -> NDArray[np.float64]:
    """Return the geodesic metres from the start of a line (EPSG:4326) to each of its vertices."""
    lon, lat = shapely.get_coordinates(line).T
    _, _, steps = WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return np.concatenate(([0.0], np.cumsum(steps)))


def cut_stretch(
    line: shapely.Geometry, measures_m: NDArray[np.float64], from_m: float, to_m: float
) -> shapely.LineString:
    """Return the stretch of a line between two measures, both clipped to the line.

    `measures_m` are the line's vertex measures; between vertices the line is straight in degrees.
    """
    low, high = np.clip([from_m, to_m], 0.0, measures_m[-1])
    coordinates = shapely.get_coordinates(line)
    inner = (measures_m > low) & (measures_m < high)
    ends = [[np.interp(at, measures_m, coordinates[:, axis]) for axis in (0, 1)] for at in (low, high)]
    return shapely.LineString(np.vstack([ends[0], coordinates[inner], ends[1]]))
