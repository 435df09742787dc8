"""Vector files through GDAL, in one streaming pass: quiet, and without a trace in the folder of the user."""

import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.parsers import expat

import pyarrow as pa
import pyogrio
import pyogrio.raw
from pyproj import CRS

from geocommons.errors import InvalidInput, UnknownCRS, UnreadableFile
from geocommons.files.reading.archive import SIDECARS, bytes_of, find_member, head_of, tail_of, unpack_shapefile
from geocommons.files.reading.arrow import to_list
from geocommons.files.reading.batches import WKB, Batch, Columns, Problems, Source, decode_wkb, place
from geocommons.files.reading.geopackage import restore_days
from geocommons.files.reading.json_rows import (
    refuse_broken_lines,
    refuse_cut_short,
    refuse_lost_features,
    refuse_lost_geometries,
    refuse_nul,
    with_empty_places,
)
from geocommons.files.reading.mapinfo import in_its_own_unit
from geocommons.files.reading.shapefile import refuse_cut_off, refuse_unequal, sibling, table_encoding, write_index
from geocommons.files.reading.stated_crs import accuracy_m, parse_stated, refuse_several, settle_crs

GPX_LAYERS = ("waypoints", "routes", "tracks")  # the others repeat their points
SHEETS = (".xlsx", ".xls", ".ods", ".dbf")
XML_SUFFIXES = (".gml", ".gpx", ".kml")
GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pa.ArrowException,
    RuntimeError,
    OSError,
    ValueError,
    KeyError,
    OverflowError,
)
ONE_LAYER = (".geojson", ".geojsonl", ".json")
TOPOJSON = (".topojson", ".json")
RFC_7946 = ("GeoJSON", "GeoJSONSeq")
NUMBER = rb"(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
CRS_MEMBER = re.compile(rb'"crs"\s*:\s*\{(?:[^{}]*\{[^{}]*"name"\s*:\s*"([^"]*)"|)')
POINTER = re.compile(rb"<OGR\w+DataSource|WFS_Capabilities|gdal_streamed_alg")
POINTING = frozenset({"OGR_VRT", "GDALG", "WFS", "OAPIF", "OGCAPI", "CSW"})
"""Drivers of files that say where rows are, and hold none."""
TILED = frozenset({"MBTiles", "PMTiles", "MVT"})
ODD_SIGNS = re.compile(r"[!\t\r\n]")
"""What pyogrio does not take for a part of a path."""
POSITION = re.compile(rb'"coordinates"\s*:\s*[\[\s]*' + NUMBER + rb"\s*,\s*" + NUMBER)

NO_PROXY = "http://0.0.0.0:1"
"""Where nobody answers: what GDAL would fetch, it does not get."""

pyogrio.set_gdal_config_options(
    {
        "CPL_LOG": os.devnull,  # what its reading threads say; the rest is raised
        # A file is read and nothing else is asked for: not the schema or the CRS that it gives an address of, either.
        "GDAL_HTTP_PROXY": NO_PROXY,
        "GML_DOWNLOAD_SCHEMA": "NO",
    }
)


def open_ogr(path: Path, *, layer: str | None, crs: str | None) -> Source:
    """Return the source that a file is for GDAL; refuse one that is unreadable, of several layers, or without a CRS."""
    with _within_reach(path, layer) as (place_of, inner), _said_plainly(path):
        _refuse_pointers(path, place_of)
        if place_of.lower().endswith(XML_SUFFIXES):
            with bytes_of(path, place_of) as text:
                _refuse_broken_xml(path, text)
        info = _information(path, place_of, inner)
        stated = parse_stated(info["crs"])
        _refuse_lost_rows(path, place_of, info)
        if info["driver"] in RFC_7946:
            stated = _really_wgs84(path, place_of, stated, crs)
        if info["driver"] == "MapInfo File":
            stated = in_its_own_unit(path, place_of, str(info["layer_name"]), stated)
        if stated is None and info["driver"] == "GML":
            with bytes_of(path, place_of) as text:
                refuse_several(path, text)
    settled, crs_from = settle_crs(path, stated, crs)
    bounds = info["total_bounds"]
    return Source(
        path=path,
        layer=layer if path.suffix.lower() == ".zip" else str(info["layer_name"]),
        crs=settled,
        crs_from=crs_from,
        columns=tuple(map(str, info["fields"])),
        geometry_type=info["geometry_type"],
        count=int(info["features"]) if info["features"] >= 0 else None,
        driver=str(info["driver"]),
        accuracy_m=accuracy_m(settled, (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2) if bounds else None,
    )


def read_ogr(source: Source, columns: Sequence[str], batch_rows: int) -> Iterator[Batch]:
    """Yield the rows of a file in batches, in one pass; refuse a file that ends before the rows that it promises."""
    path, rows = source.path, 0
    with _within_reach(path, source.layer) as (place_of, inner):
        batches = _arrow_batches(path, place_of, inner, columns, batch_rows)
        for wkb, values in batches:
            problems = Problems(rows + 1, "geometry")
            if source.driver == "GPKG":
                with _said_plainly(path):
                    restore_days(values, place_of, lambda: _choose_layer(path, place_of, inner), rows)
            straighten = partial(_straight, path, place_of, inner, rows, len(wkb))
            geometry = place(decode_wkb(wkb, problems, straighten), source, problems)
            yield Batch(rows + 1, geometry, values, problems.in_order())
            rows += len(wkb)
    if source.count is not None and rows < source.count and source.driver != "ESRI Shapefile":  # it counts deleted rows
        raise UnreadableFile(
            "{file} ends after {rows} rows, but says that it has {count}. It is damaged: ask for the file again.",
            file=path.name,
            rows=rows,
            count=source.count,
        )


def _arrow_batches(
    path: Path, place_of: str, layer: str | None, columns: Sequence[str], batch_rows: int
) -> Iterator[tuple[WKB, Columns]]:
    encoding = table_encoding(Path(place_of)) if place_of.lower().endswith(".shp") else None
    with _said_plainly(path):
        opened = pyogrio.open_arrow(
            place_of, layer=layer, columns=list(columns), batch_size=batch_rows, use_pyarrow=True, encoding=encoding
        )
        meta, reader = opened.__enter__()
    try:
        geometry = meta["geometry_name"] or "wkb_geometry"
        while True:
            with _said_plainly(path):
                batch = next(reader, None)
                if batch is None:
                    return
                wkb = batch.column(geometry).to_numpy(zero_copy_only=False)
                values = {name: to_list(batch.column(name)) for name in columns}
            yield wkb, values
    finally:
        opened.__exit__(None, None, None)


def _straight(path: Path, place_of: str, layer: str | None, first: int, count: int) -> WKB:
    """Return geometries with straight segments for curves, as GDAL makes them outside its Arrow stream."""
    with _said_plainly(path):
        wkb: WKB = pyogrio.raw.read(place_of, layer=layer, columns=[], skip_features=first, max_features=count)[2]
    return wkb


def _refuse_pointers(path: Path, place_of: str) -> None:
    """Refuse a file, or an archive member, that only points to others: what came by upload must not open what it likes.

    GDAL goes by what is in a file, not by its name: a VRT, the capabilities of a WFS, a command (GDALG).
    """
    head = b""
    with suppress(IsADirectoryError, KeyError):  # a .gdb is a folder
        head = head_of(path, place_of)
    if place_of.lower().endswith(".gdalg.json") or POINTER.search(head):
        raise _pointing(path)


def _pointing(path: Path) -> UnreadableFile:
    return UnreadableFile("{file} only points to other files. Name the file itself.", file=path.name)


def _refuse_broken_xml(path: Path, text: IO[bytes]) -> None:
    """Refuse XML that is not well formed: GDAL would give the rows before the break and say no word."""
    try:
        expat.ParserCreate().ParseFile(text)
    except expat.ExpatError as error:
        raise UnreadableFile(
            "{file} is damaged in line {line}. Ask for the file again.", file=path.name, line=error.lineno
        ) from error


def _information(path: Path, place_of: str, layer: str | None) -> dict[str, Any]:
    """Return what GDAL says of the layer to read."""
    if layer is None and place_of.lower().endswith(ONE_LAYER):  # GDAL reads all of it to open it: ask once
        whole: dict[str, Any] = pyogrio.read_info(place_of)
        if whole["driver"] in RFC_7946:
            return whole
    info: dict[str, Any] = pyogrio.read_info(place_of, layer=_choose_layer(path, place_of, layer))
    if info["driver"] in POINTING:
        raise _pointing(path)
    if info["driver"] in TILED:
        raise UnreadableFile(
            "{file} holds map tiles: places in them are drawn coarser, and small ones are left out. Ask for the data"
            " that they were made from.",
            file=path.name,
        )
    return info


def _choose_layer(path: Path, place_of: str, layer: str | None) -> str:
    """Return the layer to read: the one named, or the only one with geometry and rows; else refuse."""
    spatial = [str(name) for name, kind in pyogrio.list_layers(place_of) if kind is not None]
    if layer is not None:
        if layer in spatial:
            return layer
        raise InvalidInput(
            "{file} has no layer {layer} with geometry. It has: {layers}.",
            file=path.name,
            layer=layer,
            layers=", ".join(spatial) or "-",
        )
    if path.suffix.lower() == ".gpx":
        spatial = [name for name in spatial if name in GPX_LAYERS]
    if len(spatial) > 1:
        spatial = [name for name in spatial if _has_rows(place_of, name)] or spatial
    if not spatial and path.suffix.lower() in SHEETS:
        raise UnreadableFile(
            "{file} is a table. Save it as CSV, with the places in columns lon and lat (or name yours: --x, --y).",
            file=path.name,
        )
    if not spatial:
        raise UnreadableFile("{file} has no layer with geometry. Name another file.", file=path.name)
    if len(spatial) > 1:
        raise UnreadableFile(
            "{file} has several layers: {layers}. Say which with --layer.", file=path.name, layers=", ".join(spatial)
        )
    return spatial[0]


def _has_rows(place_of: str, layer: str) -> bool:
    count = pyogrio.read_info(place_of, layer=layer)["features"]
    if count >= 0:
        return bool(count)
    return len(pyogrio.raw.read(place_of, layer=layer, columns=[], max_features=1)[2]) > 0


def _refuse_lost_rows(path: Path, place_of: str, info: dict[str, Any]) -> None:
    """Refuse JSON of which GDAL would leave out rows without a word."""
    if "JSON" not in info["driver"]:
        return
    with bytes_of(path, place_of) as text:
        refuse_nul(path, text)
        refuse_cut_short(path, text)
        match info["driver"]:
            case "GeoJSONSeq":
                refuse_broken_lines(path, text)
            case "GeoJSON":
                refuse_lost_features(path, text, int(info["features"]))
            case "TopoJSON":
                refuse_lost_geometries(path, text, int(info["features"]), str(info["layer_name"]))


def _really_wgs84(path: Path, place_of: str, stated: CRS | None, said: str | None) -> CRS | None:
    """Return the CRS that GDAL gives a GeoJSON, unless it is WGS84 for want of a better one and cannot be.

    So it is where the `crs` member is unknown to GDAL, and where most positions are no degrees: many a GeoJSON is
    projected without saying so, against RFC 7946. Then what is said decides.
    """
    if stated is None or not stated.is_geographic:
        return stated
    head = head_of(path, place_of)
    named = CRS_MEMBER.search(head) or CRS_MEMBER.search(tail_of(path, place_of))
    if named and parse_stated((named[1] or b"").decode("utf-8", "replace")) is None:
        return None
    positions = [(abs(float(x)), abs(float(y))) for x, y in POSITION.findall(head)]
    if 2 * sum(x <= 360 and y <= 90 for x, y in positions) >= len(positions):
        return stated
    if said is None:
        raise UnknownCRS(
            "The coordinates of {file} are no degrees. Say their CRS with --crs, for example --crs EPSG:28992.",
            file=path.name,
        )
    return None


@contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    """Turn what GDAL says of an unreadable file into one sentence, and keep its warnings off the screen."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except GDAL_ERRORS as error:
        raise UnreadableFile(
            "{file} is damaged, or not a vector file. Ask for it again, or save it as GeoPackage.", file=path.name
        ) from error


@contextmanager
def _within_reach(path: Path, layer: str | None) -> Iterator[tuple[str, str | None]]:
    """Give the path for GDAL and the layer in it: an archive member, or a shadow where GDAL would write beside it."""
    suffix = path.suffix.lower()
    place_of, inner = find_member(path, layer) if suffix == ".zip" else (str(path), layer)
    packed = suffix == ".zip" and place_of.lower().endswith(".shp")
    odd = bool(ODD_SIGNS.search(place_of)) and suffix != ".zip"
    filled = _with_empty_places(path, place_of)
    if suffix == ".shp":
        refuse_cut_off(path)
        refuse_unequal(path)
    unindexed = suffix == ".shp" and not sibling(path, ".shx").is_file()
    if not (filled or packed or odd or unindexed or suffix == ".gml"):
        yield place_of, inner
        return
    with tempfile.TemporaryDirectory(prefix="geocommons-") as folder:
        if filled:
            shadow = Path(folder) / ODD_SIGNS.sub("_", PurePosixPath(place_of).name)
            shadow.write_bytes(filled)
            yield str(shadow), inner
            return
        if packed:
            yield str(unpack_shapefile(path, place_of, Path(folder))), inner
            return
        name = ODD_SIGNS.sub("_", path.stem)
        for sidecar in {path, *path.parent.glob(f"{_escaped(path.stem)}.*")}:
            if sidecar.suffix.lower() in SIDECARS or (odd and sidecar.stem == path.stem):
                _shadow(sidecar, Path(folder) / (name + sidecar.suffix.lower()))
        shadow = Path(folder) / (name + suffix)
        if unindexed:
            write_index(shadow, shadow.with_suffix(".shx"))
        yield str(shadow), inner


def _with_empty_places(path: Path, place_of: str) -> bytes | None:
    """Return a TopoJSON with a place for each of its geometries, or None for any other file."""
    if not place_of.lower().endswith(TOPOJSON):
        return None
    with bytes_of(path, place_of) as text:
        return with_empty_places(text)


def _escaped(stem: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", stem)


def _shadow(original: Path, shadow: Path) -> None:
    try:
        shadow.symlink_to(original.resolve())
    except OSError:
        shutil.copyfile(original, shadow)
