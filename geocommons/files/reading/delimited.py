"""Delimited text as a vector file: points from two columns, or any geometry from a column of WKT."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geocommons.crs import Geometries, parse_crs
from geocommons.errors import InvalidInput, UnknownCRS, UnreadableFile
from geocommons.files.reading.batches import (
    CURVED,
    DAMAGED,
    HALF_A_POINT,
    IN_THOUSANDS,
    NOT_A_NUMBER,
    NOWHERE,
    RAGGED,
    Batch,
    Problems,
    Source,
    place,
)
from geocommons.files.reading.stated_crs import name_of, same_crs, settle_crs
from geocommons.files.reading.table import is_missing, read_layout, read_rows
from geocommons.language import Sentence

LONGITUDE = ("lon", "lng", "long", "longitude", "longtitude", "longitud")
LATITUDE = ("lat", "latitude", "lattitude", "latitud")
EASTING = ("x", "point_x", "coord_x", "x_coord", "xcoord", "easting")
NORTHING = ("y", "point_y", "coord_y", "y_coord", "ycoord", "northing")
WKT_NAMES = ("wkt", "geom", "the_geom", "geometry", "geom_wkt")
WKT_TYPES = "(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION"
WKT_TEXT = re.compile(rf"\s*(?:SRID=(\d+);)?\s*(?:{WKT_TYPES})\b", re.IGNORECASE)
SRID = re.compile(r"\s*SRID=(\d+);", re.IGNORECASE)
CURVE_TEXT = re.compile(r"CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE", re.IGNORECASE)
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
SAMPLE_ROWS = 100


def open_delimited(path: Path, *, crs: str | None, x: str | None, y: str | None) -> Source:
    """Return the source that a delimited text is; refuse one without geometry columns or without a CRS."""
    header = read_layout(path).header
    coordinates = _named(path, header, x, y) if x or y else _recognised(path, header)
    stated = _stated(path, coordinates)
    if stated is not None and crs and parse_crs(crs).is_projected and len(coordinates) == 2:
        raise UnknownCRS(
            "The columns {columns} of {file} are degrees, but {said} is not. Leave out --crs.",
            columns=Sentence("{first} and {second}", first=coordinates[0], second=coordinates[1]),
            file=path.name,
            said=name_of(parse_crs(crs)),
        )
    settled, crs_from = settle_crs(path, None if crs and len(coordinates) == 2 else stated, crs)
    return Source(
        path=path,
        crs=settled,
        crs_from=crs_from,
        columns=header,
        geometry_type="Point" if len(coordinates) == 2 else None,
        count=None,
        driver="CSV",
        coordinates=coordinates,
    )


def read_delimited(source: Source, columns: Sequence[str], batch_rows: int) -> Iterator[Batch]:
    """Yield the rows of a delimited text in batches."""
    layout = read_layout(source.path)
    width = len(layout.header)
    rows = read_rows(source.path, layout)
    while chunk := list(islice(rows, batch_rows)):
        problems = Problems(chunk[0][0], ", ".join(source.coordinates))
        fields = [row for _, row in chunk]
        ragged = [position for position, row in enumerate(fields) if len(row) != width]
        problems.add(ragged, RAGGED, column="")
        for position in ragged:
            fields[position] = (fields[position] + [""] * width)[:width]
        texts = dict(zip(layout.header, (list(column) for column in zip(*fields, strict=True)), strict=True))
        geometry = place(_geometries(source, texts, layout.delimiter, problems), source, problems)
        geometry[ragged] = None
        values: dict[str, list[object]] = {name: [text or None for text in texts[name]] for name in columns}
        yield Batch(chunk[0][0], geometry, values, problems.in_order())


def _named(path: Path, header: Sequence[str], x: str | None, y: str | None) -> tuple[str, ...]:
    if not (x and y):
        raise InvalidInput("Name both coordinate columns of {file}: --x and --y.", file=path.name)
    for name in (x, y):
        if name not in header:
            raise InvalidInput(
                "{file} has no column {missing}. It has: {columns}.",
                file=path.name,
                missing=name,
                columns=", ".join(header),
            )
    return x, y


def _recognised(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    for name in _among(header, WKT_NAMES):
        if any(WKT_TEXT.match(text) for text in _sample(path, name)):
            return (name,)
    for eastings, northings in ((LONGITUDE, LATITUDE), (EASTING, NORTHING)):
        xs, ys = _among(header, eastings), _among(header, northings)
        if len(xs) > 1 or len(ys) > 1:
            raise UnreadableFile(
                "{file} has several coordinate columns: {columns}. Say which with --x and --y.",
                file=path.name,
                columns=", ".join(xs + ys),
            )
        if xs and ys:
            return xs[0], ys[0]
    raise UnreadableFile(
        "{file} has no columns with coordinates that can be recognised. Name them with --x and --y. It has: {columns}.",
        file=path.name,
        columns=", ".join(header),
    )


def _among(header: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the columns of these names; one that comes twice carries its place behind its name."""
    return [name for at, name in enumerate(header, start=1) if name.removesuffix(f"_{at}").casefold() in names]


def _sample(path: Path, column: str) -> list[str]:
    layout = read_layout(path)
    at = layout.header.index(column)
    return [fields[at] for _, fields in islice(read_rows(path, layout), SAMPLE_ROWS) if at < len(fields)]


def _stated(path: Path, coordinates: tuple[str, ...]) -> CRS | None:
    """Return the CRS that the text names itself: degrees by the names of its columns, or the SRID of its WKT."""
    if len(coordinates) == 2:
        in_degrees = coordinates[0].casefold() in LONGITUDE and coordinates[1].casefold() in LATITUDE
        return CRS.from_epsg(4326) if in_degrees else None
    srids = {found[1] for text in _sample(path, coordinates[0]) if (found := WKT_TEXT.match(text)) and found[1]}
    return parse_crs(f"EPSG:{srids.pop()}") if len(srids) == 1 else None


def _geometries(source: Source, texts: dict[str, list[str]], delimiter: str, problems: Problems) -> Geometries:
    if len(source.coordinates) == 1:
        return _from_wkt(texts[source.coordinates[0]], source.crs, problems)
    columns = [texts[name] for name in source.coordinates]
    x, y = (_numbers(texts[name], delimiter, problems, name) for name in source.coordinates)
    problems.add(np.isnan(x) != np.isnan(y), HALF_A_POINT)
    given = ~(np.isnan(x) | np.isnan(y))
    if source.crs.is_projected:
        small = np.flatnonzero((np.abs(x) < 1000) & (np.abs(y) < 1000)).tolist()
        doubt = [at for at in small if _in_thousands(columns, at)]
        problems.add(doubt, IN_THOUSANDS)
        given[doubt] = False
    geometries = np.full(len(x), None, dtype=object)
    geometries[given] = shapely.points(x[given], y[given])
    return geometries


def _in_thousands(columns: Sequence[Sequence[str]], at: int) -> bool:
    """Tell whether both coordinates of a row would be as well written if they were a thousand times as large."""
    return all(THOUSANDS.fullmatch(column[at].strip()) for column in columns)


def _numbers(texts: list[str], delimiter: str, problems: Problems, column: str) -> NDArray[np.float64]:
    """Return numbers, NaN where the text is missing; what is no number is a problem of its row."""
    try:
        if "_" not in "".join(texts):  # Python reads 4_9 as 49
            return np.array(texts, dtype=np.float64)
    except ValueError:
        pass
    numbers = np.full(len(texts), np.nan)
    for position, text in enumerate(texts):
        if is_missing(text):
            continue
        try:
            plain = text.replace("_", "?")
            numbers[position] = float(plain.replace(",", ".") if delimiter != "," else plain)
        except ValueError:
            problems.add([position], NOT_A_NUMBER, column)
    return numbers


def _from_wkt(texts: list[str], crs: CRS, problems: Problems) -> Geometries:
    given = [None if is_missing(text) else text for text in texts]
    elsewhere, curved = _in_another_crs(given, crs), [bool(text and CURVE_TEXT.search(text)) for text in given]
    problems.add(np.array(elsewhere), NOWHERE)
    problems.add(np.array(curved), CURVED)
    left = zip(given, elsewhere, curved, strict=True)
    plain = np.array([None if text is None or any(bad) else text.split(";")[-1] for text, *bad in left], dtype=object)
    geometries: Geometries = np.asarray(shapely.from_wkt(plain, on_invalid="ignore"), dtype=object)
    problems.add(shapely.is_missing(geometries) & np.not_equal(plain, np.array(None)), DAMAGED)
    return geometries


def _in_another_crs(texts: list[str | None], crs: CRS) -> list[bool]:
    """Tell of each geometry whether it says that it is in another CRS than the file."""
    srids = [found[1] if (found := SRID.match(text or "")) else "" for text in texts]
    others = {srid for srid in set(srids) if srid and not _means(srid, crs)}
    return [srid in others for srid in srids]


def _means(srid: str, crs: CRS) -> bool:
    try:
        return same_crs(parse_crs(f"EPSG:{srid}"), crs)
    except UnknownCRS:
        return False
