"""Check the geometries of a batch, whole-column: present, of the layer's type, valid, in the area of interest."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import BBox, Geometries, geodesic_areas_m2
from geocommons.files.reading.batches import Problem
from geocommons.language import Sentence, mark
from geocommons.layer import GeometryType

REPAIR_TOLERANCE = 0.001
"""A repair that changes the area by this share or more would be a guess at what was meant."""
HALF_WORLD = 180.0
NO_GEOMETRY = (Sentence("The row has no geometry."), Sentence("Draw the place, or leave the row out."))
CHOOSE = Sentence("Choose the layer that takes this geometry, or another layer of the file.")
HOLD = Sentence("Give points the shape of the parcel that holds them with --on LAYER, or choose another file or layer.")
NOT_VALID = mark("The geometry is not valid ({why}), and repairing it would change its area by 0.1 % or more.")
REPAIRED = Sentence("The outline crossed or touched itself and was repaired; its area is the same.")
LOOK = Sentence("Look whether it is what was meant.")
TYPE_WORDS = {
    "POINT": Sentence("point"),
    "LINESTRING": Sentence("linestring"),
    "LINEARRING": Sentence("linearring"),
    "POLYGON": Sentence("polygon"),
    "MULTIPOINT": Sentence("multipoint"),
    "MULTILINESTRING": Sentence("multilinestring"),
    "MULTIPOLYGON": Sentence("multipolygon"),
    "GEOMETRYCOLLECTION": Sentence("geometrycollection"),
}
FLAWS = {
    flaw: flaw
    for flaw in (
        Sentence("self-intersection"),
        Sentence("ring self-intersection"),
        Sentence("hole lies outside shell"),
        Sentence("holes are nested"),
        Sentence("nested shells"),
        Sentence("interior is disconnected"),
        Sentence("duplicate rings"),
        Sentence("too few points in geometry component"),
        Sentence("repeated point"),
        Sentence("ring is not closed"),
        Sentence("invalid coordinate"),
        Sentence("topology validation error"),
    )
}
"""All that GEOS finds wrong with a geometry (its TopologyValidationError)."""
TYPES = {
    "Point": {shapely.GeometryType.POINT},
    "LineString": {shapely.GeometryType.LINESTRING},
    "Polygon": {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON},
}

Mask = NDArray[np.bool_]


@dataclass
class CheckedGeometries:
    """Geometries that may be repaired, which of them passed, and what was said of the others."""

    geometry: Geometries
    passed: Mask
    refusals: dict[int, Problem] = field(default_factory=dict)
    repairs: dict[int, Sentence] = field(default_factory=dict)

    def refuse(self, at: Mask, reason: Sentence, remedy: Sentence) -> None:
        """Refuse the geometries that are marked and not refused yet."""
        for position in np.flatnonzero(at & self.passed):
            self.refusals[int(position)] = (reason, remedy)
        self.passed &= ~at


def check_geometries(geometry: Geometries, wanted: GeometryType, area: BBox) -> CheckedGeometries:
    """Return the geometries (EPSG:4326) checked and, where that changes nothing that matters, repaired."""
    checked = CheckedGeometries(geometry.copy(), np.ones(len(geometry), dtype=bool))
    checked.refuse(shapely.is_missing(geometry), *NO_GEOMETRY)
    _unwrap(checked, wanted)
    _check_type(checked, wanted)
    _check_meridian(checked)
    _check_validity(checked)
    _check_size(checked, wanted)
    _check_area_of_interest(checked, area)
    return checked


def _unwrap(checked: CheckedGeometries, wanted: GeometryType) -> None:
    """Take the one part out of a multi-part geometry of one part; join lines that follow each other."""
    types = shapely.get_type_id(checked.geometry)
    if wanted == "LineString":
        several = types == shapely.GeometryType.MULTILINESTRING
        checked.geometry[several] = shapely.line_merge(checked.geometry[several])
    single = (types >= shapely.GeometryType.MULTIPOINT) & (shapely.get_num_geometries(checked.geometry) == 1)
    single &= types <= shapely.GeometryType.GEOMETRYCOLLECTION
    checked.geometry[single] = shapely.get_geometry(checked.geometry[single], 0)


def _check_type(checked: CheckedGeometries, wanted: GeometryType) -> None:
    types = shapely.get_type_id(checked.geometry)
    parts = types == shapely.GeometryType.MULTILINESTRING
    if wanted == "LineString":
        checked.refuse(
            parts,
            Sentence("The line has several parts that do not join end to end, so metres along it have no meaning."),
            Sentence("Split it into one row a part, or join the parts in the GIS."),
        )
    wrong = ~np.isin(types, [int(kind) for kind in TYPES[wanted]])
    for kind in np.unique(types[wrong & checked.passed]):
        found, asked = (TYPE_WORDS[name] for name in (shapely.GeometryType(int(kind)).name, wanted.upper()))
        reason = Sentence("The geometry is a {found}; the layer wants a {wanted}.", found=found, wanted=asked)
        checked.refuse(types == kind, reason, HOLD if (found, wanted) == (TYPE_WORDS["POINT"], "Polygon") else CHOOSE)


def _check_meridian(checked: CheckedGeometries) -> None:
    """Refuse what was meant to cross longitude 180 and would be drawn the long way round the world."""
    west, _, east, _ = shapely.bounds(checked.geometry).T
    around = np.zeros(len(west), dtype=bool)
    for position in np.flatnonzero(east - west > HALF_WORLD):
        parts = shapely.get_parts(checked.geometry[position])
        rings = shapely.get_rings(parts) if shapely.get_dimensions(parts[0]) == 2 else parts
        around[position] = any(
            np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])).max() > HALF_WORLD for ring in rings
        )
    checked.refuse(
        around,
        Sentence("The place runs across longitude 180 and would be drawn the long way round the world."),
        Sentence("Cut it in two at longitude 180 (RFC 7946, 3.1.9; ogr2ogr -wrapdateline)."),
    )


def _check_validity(checked: CheckedGeometries) -> None:
    invalid = checked.passed & ~shapely.is_valid(checked.geometry)
    for position in np.flatnonzero(invalid):
        broken = checked.geometry[position]
        repaired = _repair(broken)
        if repaired is None:
            why = shapely.is_valid_reason(broken).split("[")[0].strip().lower()
            at = np.zeros(len(invalid), dtype=bool)
            at[position] = True
            checked.refuse(
                at,
                Sentence(NOT_VALID, why=FLAWS.get(why, why)),
                Sentence("Correct the outline in the GIS where it crosses or touches itself."),
            )
        else:
            checked.geometry[position] = repaired
            checked.repairs[int(position)] = REPAIRED


def _repair(broken: shapely.Geometry) -> shapely.Geometry | None:
    """Return the geometry made valid, or None if that changes what it covers."""
    dimension = shapely.get_dimensions(broken)
    made = shapely.make_valid(broken)
    parts = shapely.get_parts(made)
    kept = parts[shapely.get_dimensions(parts) == dimension]
    if len(kept) == 0 or dimension < 1:
        return None
    repaired = kept[0] if len(kept) == 1 else shapely.union_all(kept)
    measure = geodesic_areas_m2 if dimension == 2 else shapely.length
    before, after = (float(measure(np.array([shape], dtype=object))[0]) for shape in (broken, repaired))
    return repaired if before > 0 and abs(after - before) < REPAIR_TOLERANCE * before else None


def _check_size(checked: CheckedGeometries, wanted: GeometryType) -> None:
    if wanted == "Point":
        return
    size = shapely.area(checked.geometry) if wanted == "Polygon" else shapely.length(checked.geometry)
    none = Sentence("The geometry has no area.") if wanted == "Polygon" else Sentence("The geometry has no length.")
    checked.refuse(~(size > 0), none, Sentence("Draw the whole place, or leave the row out."))


def _check_area_of_interest(checked: CheckedGeometries, area: BBox) -> None:
    west, south, east, north = shapely.bounds(checked.geometry).T
    inside = (west >= area.west) & (south >= area.south) & (east <= area.east) & (north <= area.north)
    box = ", ".join(f"{edge:g}" for edge in area)
    checked.refuse(
        ~inside,
        Sentence("The place is outside the register's area of interest ({box}).", box=box),
        Sentence("Check the coordinates and their CRS, or widen GEOCOMMONS_AREA."),
    )
