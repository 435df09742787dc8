"""GeoParquet as a vector file, read by row groups (GDAL's wheel has no Parquet driver)."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from geopandas import GeoSeries
from pyproj import CRS

from geocommons.crs import Geometries
from geocommons.errors import UnreadableFile
from geocommons.files.reading.arrow import to_list
from geocommons.files.reading.batches import Batch, Problems, Source, decode_wkb, place
from geocommons.files.reading.json_rows import nul_in
from geocommons.files.reading.stated_crs import parse_stated, settle_crs

NATIVE_ENCODINGS = ("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")


def open_geoparquet(path: Path, *, crs: str | None) -> Source:
    """Return the source that a GeoParquet file is; refuse a Parquet file without "geo" metadata or a CRS."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema, count = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile("{file} is not a Parquet file that can be read.", file=path.name) from error
    name, geometry = _primary(path, schema)
    settled, crs_from = settle_crs(path, _stated(geometry), crs)
    kinds = geometry.get("geometry_types") or []
    return Source(
        path=path,
        crs=settled,
        crs_from=crs_from,
        columns=tuple(column for column in schema.names if column != name),
        geometry_type=str(kinds[0]) if len(kinds) == 1 else None,
        count=count,
        driver="Parquet",
    )


def read_geoparquet(source: Source, columns: Sequence[str], batch_rows: int) -> Iterator[Batch]:
    """Yield the rows of a GeoParquet file in batches."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source.path) as file:
            name, geometry = _primary(source.path, file.schema_arrow)
            encoding = str(geometry.get("encoding", "WKB")).lower()
            first_row = 1
            for batch in file.iter_batches(batch_size=batch_rows, columns=[*columns, name]):
                problems = Problems(first_row, name)
                decoded = _decode(source.path, batch.column(name), encoding, problems)
                values = {column: to_list(batch.column(column)) for column in columns}
                if any("\0" in value for texts in values.values() for value in texts if isinstance(value, str)):
                    raise nul_in(source.path)
                yield Batch(first_row, place(decoded, source, problems), values, problems.in_order())
                first_row += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            "{file} is damaged: it cannot be read to its end. Ask for it again.", file=source.path.name
        ) from error


def _primary(path: Path, schema: pa.Schema) -> tuple[str, dict[str, Any]]:
    """Return the name and the metadata of the primary geometry column, or refuse."""
    text = (schema.metadata or {}).get(b"geo")
    if text is None:
        raise UnreadableFile(
            "{file} is not GeoParquet: it has no “geo” metadata that says which column is the geometry.",
            file=path.name,
        )
    try:
        geo = json.loads(text)
        name = str(geo["primary_column"])
        geometry: dict[str, Any] = geo["columns"][name]
        encoding = str(geometry.get("encoding", "WKB")).lower()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            "The “geo” metadata of {file} is damaged. Write the file again.", file=path.name
        ) from error
    if name not in schema.names or (encoding != "wkb" and encoding not in NATIVE_ENCODINGS):
        raise UnreadableFile("The “geo” metadata of {file} is damaged. Write the file again.", file=path.name)
    return name, geometry


def _stated(geometry: dict[str, Any]) -> CRS | None:
    """Return the CRS of a geometry column: none named means OGC:CRS84, null means unknown (GeoParquet 1.1)."""
    stated = geometry.get("crs", "OGC:CRS84")
    return parse_stated(json.dumps(stated) if isinstance(stated, dict) else stated)


def _decode(path: Path, column: pa.Array, encoding: str, problems: Problems) -> Geometries:
    """Return the geometries of a column, or refuse a file whose column is not what its metadata says."""
    try:
        if encoding == "wkb":
            return decode_wkb(column.to_numpy(zero_copy_only=False), problems)
        field = pa.field("geometry", column.type, metadata={"ARROW:extension:name": f"geoarrow.{encoding}"})
        return np.asarray(GeoSeries.from_arrow(_Annotated(column, field)).to_numpy(), dtype=object)
    except (AttributeError, TypeError, ValueError) as error:
        raise UnreadableFile(
            "The “geo” metadata of {file} is damaged. Write the file again.", file=path.name
        ) from error


class _Annotated:
    """An Arrow array that says it is GeoArrow, as the Arrow C data interface carries it."""

    def __init__(self, column: pa.Array, field: pa.Field) -> None:
        self.column, self.field = column, field

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self.field.__arrow_c_schema__(), self.column.__arrow_c_array__()[1]
