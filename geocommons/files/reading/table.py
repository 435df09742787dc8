"""Tables without geometry: delimited text of any common encoding and separator, and Parquet."""

import codecs
import csv
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from geocommons.errors import InvalidInput, NotFound, UnreadableFile

MISSING_WORDS = frozenset({"", "<null>", "null", "undefined"})
TABLE_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".geoparquet")
DELIMITERS = ",;\t|"
SAMPLE_BYTES = 65_536
SAMPLE_ROWS = 20
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""How a text says that it is in more than one byte a letter; the longer marks begin with the shorter ones."""
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)
"""The first line by which Excel is told the separator of a text."""
WINDOWS_BYTES = "geocommons.windows_bytes"

csv.field_size_limit(2**30)  # a polygon as WKT passes the default of 128 kB


def _windows_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(WINDOWS_BYTES, _windows_byte)  # UTF-8 first; what is not, is Latin-1 as Windows writes it


class TableRow(NamedTuple):
    """One row of a table: its 1-based number below the header (blank lines do not count) and its values.

    `surplus` says that it has more fields than the header, so one of them may have been cut in two.
    """

    row: int
    values: dict[str, object]
    surplus: bool = False


@dataclass(frozen=True)
class Layout:
    """How a delimited text is written: encoding, separator, names of columns (blanks stripped, unique), lines above."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    above: int = 0


def decode(value: bytes) -> str:
    """Return text from bytes: UTF-8, and where that fails Windows Latin-1."""
    return value.decode("utf-8", WINDOWS_BYTES)


def is_missing(value: object) -> bool:
    """Tell whether a value stands for nothing: None, NaN, blanks, "<Null>", "NULL" or "undefined"."""
    if isinstance(value, str):
        return value.strip().casefold() in MISSING_WORDS
    return value is None or (isinstance(value, float) and value != value)


def checked_file(path: Path) -> Path:
    """Return the path of a file that has content, or refuse."""
    if not path.exists():
        raise NotFound("There is no file {file}. Check the path.", file=path)
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise UnreadableFile("{file} is a folder. Name a file in it.", file=path)
    if not (path.is_file() or path.is_dir()):
        raise UnreadableFile("{file} can be read only once. Save it as a file, and name that.", file=path)
    if not os.access(path, os.R_OK):
        raise UnreadableFile("{file} may not be read. Check its permissions.", file=path)
    if path.is_file() and path.stat().st_size == 0:
        raise UnreadableFile("{file} is empty (0 bytes). Ask for the file again.", file=path.name)
    return path


@contextmanager
def kept_still(path: Path) -> Iterator[None]:
    """Refuse a file that was changed while it was read: nobody could say which rows it has."""
    before = _stamp(path)
    yield
    if _stamp(path) != before:
        raise UnreadableFile(
            "{file} was changed while it was read. Read it again when nobody writes to it.", file=path.name
        )


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        told = path.stat()
    except FileNotFoundError:
        return None
    return told.st_ino, told.st_size, told.st_mtime_ns


def read_layout(path: Path) -> Layout:
    """Return how a delimited text is written; refuse what is not text or has no header."""
    with checked_file(path).open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    encoding = next((name for mark, name in MARKS.items() if head.startswith(mark)), "utf-8-sig")
    decoder = codecs.getincrementaldecoder(encoding)(WINDOWS_BYTES)
    text = decoder.decode(head)
    if "\0" in text:
        raise UnreadableFile("{file} is not a text with columns. Save it as CSV.", file=path.name)
    lines = text.splitlines(keepends=True)[:SAMPLE_ROWS]
    said = SEPARATOR_LINE.match(lines[0]) if lines else None
    layout = Layout(encoding, said[1] if said else _sniff(lines), (), 1 if said else 0)
    header = next(_records(path, layout), [])
    if not any(name.strip() for name in header):
        raise UnreadableFile("{file} has no header row. Give each column a name in the first row.", file=path.name)
    return replace(layout, header=_unique(header))


def read_rows(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the fields of every row below the header, as they stand; blank lines are passed over."""
    records = _records(path, layout)
    next(records, None)
    yield from enumerate(records, start=1)


def read_table(path: Path, *, columns: Sequence[str] | None = None) -> Iterator[TableRow]:
    """Yield the rows of a CSV or Parquet table; missing values, however they are spelled, are None.

    Text values come with blanks stripped; fields that a short row lacks are None, surplus fields are left out.
    """
    rows = _parquet_rows(path, columns) if path.suffix.lower() in PARQUET_SUFFIXES else _text_rows(path, columns)
    with kept_still(path):
        for row in rows:
            yield TableRow(row.row, {name: _clean(value) for name, value in row.values.items()}, row.surplus)


def read_table_frame(path: Path, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a table as a frame, indexed by row number; missing values are None."""
    rows = list(read_table(path, columns=columns))
    names = list(rows[0].values) if rows else list(columns or ())
    return pd.DataFrame(
        [row.values for row in rows], columns=names, index=pd.Index([row.row for row in rows], name="row"), dtype=object
    )


def _text_rows(path: Path, columns: Sequence[str] | None) -> Iterator[TableRow]:
    layout = read_layout(path)
    wanted = _wanted(path, layout.header, columns)
    places, width = [(name, layout.header.index(name)) for name in wanted], len(layout.header)
    for number, fields in read_rows(path, layout):
        values: dict[str, object] = {name: fields[at] if at < len(fields) else None for name, at in places}
        yield TableRow(number, values, any(text.strip() for text in fields[width:]))


def _parquet_rows(path: Path, columns: Sequence[str] | None) -> Iterator[TableRow]:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(checked_file(path)) as file:
            wanted = _wanted(path, file.schema_arrow.names, columns)
            number = 0
            for batch in file.iter_batches(columns=list(wanted)):
                for values in batch.to_pylist():
                    number += 1
                    yield TableRow(number, values)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile("{file} is not a Parquet file that can be read.", file=path.name) from error


def _wanted(path: Path, header: Sequence[str], columns: Sequence[str] | None) -> tuple[str, ...]:
    lacking = [name for name in columns or () if name not in header]
    if lacking:
        raise InvalidInput(
            "{file} has no column {missing}. It has: {columns}.",
            file=path.name,
            missing=", ".join(lacking),
            columns=", ".join(header),
        )
    return tuple(header if columns is None else columns)


def _clean(value: object) -> object:
    if is_missing(value):
        return None
    return value.strip() if isinstance(value, str) else value


def _records(path: Path, layout: Layout) -> Iterator[list[str]]:
    try:
        with path.open(encoding=layout.encoding, errors=WINDOWS_BYTES, newline="") as file:
            lines = _Lines(islice(file, layout.above, None))
            reader = csv.reader(lines, delimiter=layout.delimiter)
            for record in reader:
                if len(lines.taken) > 1 or lines.ended:
                    _refuse_open_quote(path, layout, lines, reader.line_num)
                lines.taken.clear()
                if record:
                    yield record
    except (csv.Error, UnicodeError) as error:
        raise UnreadableFile("{file} is not a text with columns. Save it as CSV.", file=path.name) from error


class _Lines:
    """The lines of a text; `taken` are those of the record that is being read, `ended` that it wanted more."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.taken: list[str] = []
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        for line in map(_printable, self._lines):
            self.taken.append(line)
            yield line
        self.ended = True


def _refuse_open_quote(path: Path, layout: Layout, lines: _Lines, last_line: int) -> None:
    """Refuse a record of several lines unless its quotes match: rows would be lost in a text that nobody closed."""
    try:
        if not lines.ended:
            list(csv.reader(lines.taken, delimiter=layout.delimiter, strict=True))
            return
    except csv.Error:
        pass
    raise UnreadableFile(
        "A quote in line {line} of {file} is not closed where its field ends. Close it, or double it within a text.",
        line=layout.above + last_line - len(lines.taken) + 1,
        file=path.name,
    )


def _printable(line: str) -> str:
    """Return a line, or refuse it: no database keeps a NUL, and no text has one."""
    if "\0" in line:
        raise csv.Error
    return line


def _sniff(lines: Sequence[str]) -> str:
    """Return the separator that cuts most rows into as many fields as the header, and the most fields."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(fields) for fields in islice(csv.reader(lines, delimiter=delimiter), SAMPLE_ROWS) if fields]
        except csv.Error:
            return 0, 0
        if not widths or widths[0] == 1:
            return 0, 0
        return sum(width == widths[0] for width in widths), widths[0]

    return max(DELIMITERS, key=score)


def _unique(header: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    for position, text in enumerate(header, start=1):
        name = text.strip() or f"column_{position}"
        names.append(name if name not in names else f"{name}_{position}")
    return tuple(names)
