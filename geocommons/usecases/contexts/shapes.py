"""Check what a context set is drawn as: points, lines or polygons, repaired where that is harmless."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import BBox, Geometries
from geocommons.usecases.imports.geometry_checks import CheckedGeometries, check_geometries

EARTH = BBox(-180.0, -90.0, 180.0, 90.0)
WORDS = ("points", "lines", "polygons")
CHECKED_AS: dict[int, Literal["Point", "Polygon"]] = {0: "Point", 2: "Polygon"}


def check_shapes(geometry: Geometries, dimensions: Sequence[int]) -> CheckedGeometries:
    """Return geometries (EPSG:4326) checked; lines may have several parts, all else is as in an import."""
    checked = CheckedGeometries(geometry.copy(), np.ones(len(geometry), dtype=bool))
    checked.refuse(shapely.is_missing(geometry), "The row has no geometry.", "Draw the place, or leave the row out.")
    kind = shapely.get_dimensions(geometry)
    mixed = shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION
    wanted = " or ".join(WORDS[dimension] for dimension in dimensions)
    checked.refuse(
        mixed | ~np.isin(kind, list(dimensions)),
        f"The geometry is of the wrong kind; wanted are {wanted}.",
        "Choose another layer of the file, or another kind of context.",
    )
    for dimension, type_name in CHECKED_AS.items():
        _take_over(checked, np.flatnonzero(checked.passed & (kind == dimension)), type_name)
    lines = checked.passed & (kind == 1)
    checked.refuse(
        lines & ~(shapely.length(geometry) > 0), "The line has no length.", "Draw the whole line, or leave it out."
    )
    return checked


def _take_over(checked: CheckedGeometries, at: NDArray[np.intp], type_name: Literal["Point", "Polygon"]) -> None:
    """Check some geometries as an import does, and keep what it found at their own positions."""
    if len(at) == 0:
        return
    part = check_geometries(checked.geometry[at], type_name, EARTH)
    checked.geometry[at] = part.geometry
    checked.passed[at] = part.passed
    checked.refusals |= {int(at[position]): note for position, note in part.refusals.items()}
    checked.repairs |= {int(at[position]): note for position, note in part.repairs.items()}
