"""Read any vector file in batches, in the storage CRS: what GDAL reads, GeoParquet, delimited text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from geocommons.files.reading.batches import Batch, RowProblem, Source
from geocommons.files.reading.delimited import open_delimited, read_delimited
from geocommons.files.reading.geoparquet import open_geoparquet, read_geoparquet
from geocommons.files.reading.ogr import open_ogr, read_ogr
from geocommons.files.reading.table import PARQUET_SUFFIXES, TABLE_SUFFIXES, checked_file, kept_still

__all__ = ["Batch", "RowProblem", "Source", "open_source", "read_batches"]

BATCH_ROWS = 10_000
READERS = {"Parquet": read_geoparquet, "CSV": read_delimited}


def open_source(
    path: Path, *, layer: str | None = None, crs: str | None = None, x: str | None = None, y: str | None = None
) -> Source:
    """Return what a vector file is, ready to be read; refuse one that cannot be read without guessing.

    The CRS comes from the file; `crs` counts where the file names none. `x` and `y` name the coordinate
    columns of a delimited text. Refusals: NotFound, UnreadableFile, UnknownCRS, InvalidInput.
    """
    path = checked_file(Path(path))
    suffix = path.suffix.lower()
    if suffix in TABLE_SUFFIXES:
        return open_delimited(path, crs=crs, x=x, y=y)
    if suffix in PARQUET_SUFFIXES:
        return open_geoparquet(path, crs=crs)
    return open_ogr(path, layer=layer, crs=crs)


def read_batches(
    source: Source, *, columns: Sequence[str] | None = None, batch_rows: int = BATCH_ROWS
) -> Iterator[Batch]:
    """Yield the rows of a source in its order, in one pass; memory does not grow with the file.

    Raises UnreadableFile where a damaged file stops short, or was changed meanwhile: take nothing for done before the
    last batch.
    """
    with kept_still(source.path):
        yield from READERS.get(source.driver, read_ogr)(source, source.pick(columns), batch_rows)
