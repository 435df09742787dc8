"""What a vector file gives: where it stands on the earth, and batches of its rows in the storage CRS."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geocommons.crs import Geometries, to_storage
from geocommons.errors import InvalidInput, UnknownCRS
from geocommons.language import Sentence

Columns = dict[str, list[object]]
WKB = NDArray[np.object_]
Problem = tuple[Sentence, Sentence]
"""What may be wrong with a row, and what to do."""

LAST_LINEAR_TYPE = 7  # WKB: 1 to 7 are the simple features, 8 to 14 the curves, 15 to 17 surfaces of triangles
FIRST_SURFACE_TYPE = 15
FARTHEST = 2e8  # more feet than the earth has round it: some projections give a place to any number
DEGREE_SLACK = 1e-7  # about a centimetre: rounding at the antimeridian and the poles

DAMAGED = (
    Sentence("The geometry cannot be decoded."),
    Sentence("Draw it again: a line needs two points, a ring must be closed."),
)
CURVED = (
    Sentence("The geometry is a curve."),
    Sentence("Write the file with straight segments (ogr2ogr -nlt CONVERT_TO_LINEAR)."),
)
EMPTY = (Sentence("The geometry is empty."), Sentence("Give the row a geometry, or leave it out."))
NOWHERE = (
    Sentence("The geometry cannot be placed on the earth with the CRS of the file."),
    Sentence("Check the coordinates and the CRS."),
)
OUTSIDE = (
    Sentence("The geometry lies outside the world (180° and 90°)."),
    Sentence("Check the coordinates, their order and the CRS."),
)
NOT_A_NUMBER = (Sentence("A coordinate is not a number."), Sentence("Correct it, or leave both coordinates blank."))
IN_THOUSANDS = (
    Sentence("The coordinates may be whole, with a sign for thousands, or below a thousand."),
    Sentence("Write them without a sign for thousands, or with other than three decimals."),
)
HALF_A_POINT = (Sentence("One of the two coordinates is missing."), Sentence("Give both, or leave both blank."))
RAGGED = (
    Sentence("The row has more or fewer fields than the header."),
    Sentence("Check quotes and separators in the row."),
)


@dataclass(frozen=True)
class RowProblem:
    """Why one row cannot be taken as it is: its 1-based number, the column, the reason and the remedy."""

    row: int
    column: str
    reason: Sentence
    remedy: Sentence


@dataclass(frozen=True, kw_only=True)
class Source:
    """A vector file that can be read: one layer of it, its CRS and who named that, and its columns.

    `count` is None where the file does not say. `accuracy_m` is how well its datum can be related to
    WGS84 with the operations at hand, where that is known. `coordinates` names the columns that hold
    the geometry of a delimited text: (x, y) or one column of WKT.
    """

    path: Path
    layer: str | None = None
    crs: CRS
    crs_from: Literal["file", "argument"]
    columns: tuple[str, ...]
    geometry_type: str | None
    count: int | None
    driver: str
    accuracy_m: float | None = None
    coordinates: tuple[str, ...] = ()

    def pick(self, columns: Sequence[str] | None) -> tuple[str, ...]:
        """Return the columns asked for (all, if none are named); refuse a name that the file lacks."""
        if columns is None:
            return self.columns
        lacking = [name for name in columns if name not in self.columns]
        if lacking:
            raise InvalidInput(
                "{file} has no column {missing}. It has: {columns}.",
                file=self.path.name,
                missing=", ".join(lacking),
                columns=", ".join(self.columns) or "-",
            )
        return tuple(dict.fromkeys(columns))


@dataclass(frozen=True)
class Batch:
    """Some rows of a file, in its order, from row `first_row` (1-based) on.

    `geometry` is in EPSG:4326, longitude first, 2D; None where the row has none or has a problem.
    Every column has one value per row, None where missing.
    """

    first_row: int
    geometry: Geometries
    columns: Columns
    problems: list[RowProblem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.geometry)

    def rows(self, columns: Sequence[str] | None = None) -> list[dict[str, object]]:
        """Return one dict per row, of the columns asked for (all, if none are named)."""
        names = list(self.columns if columns is None else columns)
        if not names:
            return [{} for _ in range(len(self))]
        return [dict(zip(names, row, strict=True)) for row in zip(*(self.columns[name] for name in names), strict=True)]


class Problems:
    """The problems of one batch as they are found: marks rows, and writes them down once each."""

    def __init__(self, first_row: int, column: str) -> None:
        self.first_row = first_row
        self.column = column
        self.by_position: dict[int, RowProblem] = {}

    def add(self, positions: NDArray[np.bool_] | Sequence[int], problem: Problem, column: str | None = None) -> None:
        """Note a problem at each position (or where a mask is true), unless the row already has one."""
        found = np.flatnonzero(positions) if isinstance(positions, np.ndarray) else positions
        for position in map(int, found):
            self.by_position.setdefault(
                position, RowProblem(self.first_row + position, self.column if column is None else column, *problem)
            )

    def in_order(self) -> list[RowProblem]:
        """Return the problems by row."""
        return [self.by_position[position] for position in sorted(self.by_position)]


def is_curve(wkb: bytes) -> bool:
    """Tell whether a geometry is of a curved type by its WKB header (ISO 13249-3), in any dimension."""
    code = int.from_bytes(wkb[1:5], "little" if wkb[0] else "big")
    return LAST_LINEAR_TYPE < (code & 0x0FFFFFFF) % 1000 < FIRST_SURFACE_TYPE


def decode_wkb(wkb: WKB, problems: Problems, straighten: Callable[[], WKB] | None = None) -> Geometries:
    """Return shapely geometries; what GEOS refuses becomes None and a problem of its row.

    `straighten` gives the same geometries with segments for curves; it is asked only if there are curves.
    """
    try:
        geometries = _from_wkb(wkb)
    except NotImplementedError:  # one curve spoils the whole array
        wkb = wkb if straighten is None else straighten()
        curved = np.array([value is not None and is_curve(value) for value in wkb])
        problems.add(curved, CURVED)
        wkb = np.where(curved, np.array(None), wkb)
        geometries = _from_wkb(wkb)
    problems.add(np.not_equal(wkb, np.array(None)) & shapely.is_missing(geometries), DAMAGED)
    return geometries


def _from_wkb(wkb: WKB) -> Geometries:
    return np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=np.object_)


def place(geometries: Geometries, source: Source, problems: Problems) -> Geometries:
    """Return geometries in the storage CRS; empty and unplaceable ones become None and a problem.

    Raises UnknownCRS if a file begins with degrees where its CRS counts metres or feet.
    """
    kept = geometries.copy()
    empty = shapely.is_empty(kept)
    problems.add(empty, EMPTY)
    kept[empty] = None
    if source.crs.is_projected:
        xy, position = shapely.get_coordinates(kept, return_index=True)
        if problems.first_row == 1 and len(xy) and (np.abs(xy) <= (180, 90)).all():
            raise UnknownCRS(
                "The coordinates of {file} look like degrees, but {crs} does not count in degrees. Correct the CRS.",
                file=source.path.name,
                crs=source.crs.name,
            )
        _leave_out(kept, position[(np.abs(xy) > FARTHEST).any(axis=1)], NOWHERE, problems)
    placed = to_storage(kept, source.crs)
    xy, position = shapely.get_coordinates(placed, return_index=True)
    _leave_out(placed, position[~np.isfinite(xy).all(axis=1)], NOWHERE, problems)
    outside = (np.abs(xy) > (180 + DEGREE_SLACK, 90 + DEGREE_SLACK)).any(axis=1)
    _leave_out(placed, position[outside], OUTSIDE, problems)
    return placed


def _leave_out(geometries: Geometries, positions: NDArray[np.int64], problem: Problem, problems: Problems) -> None:
    rows = np.unique(positions)
    problems.add(rows.tolist(), problem)
    geometries[rows] = None
