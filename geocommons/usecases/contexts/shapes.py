"""Check what a context set is drawn as: points, lines or polygons, repaired where that is harmless."""

from collections.abc import Sequence
from functools import reduce
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import BBox, Geometries
from geocommons.language import Sentence
from geocommons.usecases.imports.geometry_checks import NO_GEOMETRY, CheckedGeometries, check_geometries

EARTH = BBox(-180.0, -90.0, 180.0, 90.0)
WORDS = (Sentence("points"), Sentence("lines"), Sentence("polygons"))
CHECKED_AS: dict[int, Literal["Point", "Polygon"]] = {0: "Point", 2: "Polygon"}


def check_shapes(geometry: Geometries, dimensions: Sequence[int]) -> CheckedGeometries:
    """Return geometries (EPSG:4326) checked; lines may have several parts, all else is as in an import."""
    checked = CheckedGeometries(geometry.copy(), np.ones(len(geometry), dtype=bool))
    checked.refuse(shapely.is_missing(geometry), *NO_GEOMETRY)
    kind = shapely.get_dimensions(geometry)
    mixed = shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION
    checked.refuse(
        mixed | ~np.isin(kind, list(dimensions)),
        Sentence("The geometry is of the wrong kind; wanted are {wanted}.", wanted=_choice(dimensions)),
        Sentence("Choose another layer of the file, or another kind of context."),
    )
    for dimension, type_name in CHECKED_AS.items():
        _take_over(checked, np.flatnonzero(checked.passed & (kind == dimension)), type_name)
    lines = checked.passed & (kind == 1)
    checked.refuse(
        lines & ~(shapely.length(geometry) > 0),
        Sentence("The line has no length."),
        Sentence("Draw the whole line, or leave it out."),
    )
    return checked


def _choice(dimensions: Sequence[int]) -> Sentence:
    """Return what is wanted in words: “points or lines”."""
    return reduce(
        lambda one, other: Sentence("{one} or {other}", one=one, other=other),
        (WORDS[dimension] for dimension in dimensions),
    )


def _take_over(checked: CheckedGeometries, at: NDArray[np.intp], type_name: Literal["Point", "Polygon"]) -> None:
    """Check some geometries as an import does, and keep what it found at their own positions."""
    if len(at) == 0:
        return
    part = check_geometries(checked.geometry[at], type_name, EARTH)
    checked.geometry[at] = part.geometry
    checked.passed[at] = part.passed
    checked.refusals |= {int(at[position]): note for position, note in part.refusals.items()}
    checked.repairs |= {int(at[position]): note for position, note in part.repairs.items()}
