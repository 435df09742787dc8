"""Write a frame as a file that others can open: GeoPackage, GeoJSON, FlatGeobuf, GeoParquet or CSV."""

import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import shapely
from geopandas import GeoDataFrame

from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput, UnknownCRS

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}
SUFFIXES = (*DRIVERS, ".parquet", ".csv")
FORMULA_START = re.compile(r"^(?=[=+\-@\t\r])|(?<=[;\n])(?=[=+\-@])")
"""Where a spreadsheet may take text for a formula: a Dutch one takes what follows a semicolon for another cell."""


def write_frame(frame: GeoDataFrame, path: Path) -> None:
    """Write a frame in the format that the suffix names; the file is there whole, or not at all.

    GeoPackage, FlatGeobuf and GeoParquet keep the CRS of the frame. GeoJSON and CSV are in EPSG:4326 (RFC 7946);
    a CSV of points has columns lon and lat, any other a column wkt. Refusals: InvalidInput, UnknownCRS.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidInput(
            "{file} cannot be written: end its name in {suffixes}.", file=path.name, suffixes=", ".join(SUFFIXES)
        )
    if frame.crs is None:
        raise UnknownCRS("The frame does not say which CRS it is in.")
    with drafted(path) as draft:
        _write(frame, draft, suffix)


def write_frames(frames: Mapping[str, GeoDataFrame], path: Path, about: pd.DataFrame | None = None) -> None:
    """Write frames as the layers of one GeoPackage, the first of them first, and `about` as a table without places.

    The file is there whole, or not at all. Refusals: InvalidInput, UnknownCRS.
    """
    if path.suffix.lower() != ".gpkg":
        raise InvalidInput("{file} cannot be written: end its name in {suffixes}.", file=path.name, suffixes=".gpkg")
    if any(frame.crs is None for frame in frames.values()):
        raise UnknownCRS("The frame does not say which CRS it is in.")
    with drafted(path) as draft, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyogrio says that an empty frame has no geometry type
        for name, frame in frames.items():
            pyogrio.write_dataframe(frame, draft, driver="GPKG", layer=name, append=draft.exists())
        if about is not None:
            pyogrio.write_dataframe(about, draft, driver="GPKG", layer="about", append=draft.exists())


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, as spreadsheets take it; the file is there whole, or not at all."""
    with drafted(path) as draft:
        table.map(safe_cell).to_csv(draft, index=False, encoding="utf-8", lineterminator="\r\n")


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Give a path to write to, and put what was written in its place at the end."""
    if not path.parent.is_dir():
        raise InvalidInput("There is no folder {folder}. Make it first.", folder=path.parent)
    with tempfile.TemporaryDirectory(prefix=".geocommons-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        yield draft
        draft.replace(path)


def safe_cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula: an apostrophe goes before what begins like one."""
    return FORMULA_START.sub("'", value) if isinstance(value, str) else value


def _write(frame: GeoDataFrame, draft: Path, suffix: str) -> None:
    if suffix == ".csv":
        _table(frame).to_csv(draft, index=False, encoding="utf-8", lineterminator="\r\n")
    elif suffix == ".parquet":
        frame.to_parquet(draft, index=False)
    else:
        placed = frame.to_crs(STORAGE_CRS) if suffix == ".geojson" else frame
        options = {"RFC7946": "YES"} if suffix == ".geojson" else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyogrio says that an empty frame has no geometry type
            pyogrio.write_dataframe(placed, draft, driver=DRIVERS[suffix], layer=draft.stem, **options)


def _table(frame: GeoDataFrame) -> pd.DataFrame:
    """Return the rows as a spreadsheet shows them: safe text, and the geometry as lon and lat or as WKT."""
    placed = frame.to_crs(STORAGE_CRS)
    geometry = np.asarray(placed.geometry, dtype=object)
    table = pd.DataFrame(placed.drop(columns=placed.geometry.name))
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            table[name] = table[name].map(safe_cell)
    table.columns = pd.Index([safe_cell(str(name)) for name in table.columns])
    types = shapely.get_type_id(geometry)
    if np.isin(types, (shapely.GeometryType.POINT, shapely.GeometryType.MISSING)).all():
        table["lon"], table["lat"] = shapely.get_x(geometry), shapely.get_y(geometry)
    else:
        table["wkt"] = shapely.to_wkt(geometry, rounding_precision=8)
    return table
