"""Rows as PostgreSQL's binary COPY takes them, put together whole-column (PostgreSQL manual, COPY, "Binary Format")."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Date, Float, Integer, Table
from sqlalchemy.types import TypeEngine

from geocommons.model.base import Instant

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
NULL_SIZE = -1
NULL = pa.scalar(b"\xff\xff\xff\xff", pa.large_binary())
NOTHING = pa.scalar(b"", pa.large_binary())
NUMBERS: tuple[tuple[type[TypeEngine[Any]], pa.DataType], ...] = (
    (Integer, pa.int32()), (Float, pa.float64()), (Date, pa.int32()), (Instant, pa.int64()),
)  # fmt: skip
FIRST_DAY, FIRST_MOMENT = date(2000, 1, 1), datetime(2000, 1, 1, tzinfo=UTC)
"""PostgreSQL counts days and microseconds from here."""


def binary_rows(table: Table, columns: Mapping[str, Sequence[Any]], same: Mapping[str, Any]) -> list[Any]:
    """Return the parts of a COPY of rows given as columns; those in `same` have one value in every row.

    Numbers may be arrays, geometries are WKB, JSON is text; None is null.
    """
    fields = [pa.scalar((len(columns) + len(same)).to_bytes(2, "big"), pa.large_binary())]
    for name, values in columns.items():
        fields += _field(table.c[name].type, values)
    ends_alike = [part[0].as_py() for name, value in same.items() for part in _field(table.c[name].type, [value])]
    rows = pc.binary_join_element_wise(*fields, pa.scalar(b"".join(ends_alike), pa.large_binary()), NOTHING)
    ends, data = rows.buffers()[1:]
    end = np.frombuffer(ends, dtype=np.int64)[rows.offset + len(rows)]
    return [HEADER, memoryview(data)[:end], TRAILER]


def _field(kind: TypeEngine[Any], values: Sequence[Any]) -> list[pa.Array]:
    """Return the bytes of a column, row by row: the size of each value and the value itself."""
    number = next((number for of, number in NUMBERS if isinstance(kind, of)), None)
    if number is None:
        texts = pa.array(values, pa.large_binary())
        sizes = pc.binary_length(texts).fill_null(NULL_SIZE).to_numpy(zero_copy_only=False)
        return [_as_bytes(sizes.astype(">i4")), texts.fill_null(b"")]
    plain = pa.array([_count(value) for value in values] if isinstance(kind, Date | Instant) else values, number)
    numbers = plain.fill_null(0).to_numpy()
    packed = np.empty(len(plain), dtype=[("size", ">i4"), ("value", numbers.dtype.newbyteorder(">"))])
    packed["size"], packed["value"] = numbers.itemsize, numbers
    return [pc.if_else(plain.is_valid(), _as_bytes(packed), NULL)]


def _count(value: date | datetime | None) -> int | None:
    """Return a day or a moment as PostgreSQL counts it."""
    if isinstance(value, datetime):
        return (value - FIRST_MOMENT) // timedelta(microseconds=1)
    return None if value is None else (value - FIRST_DAY).days


def _as_bytes(array: NDArray[Any]) -> pa.Array:
    """Return the items of an array as bytes, without a copy."""
    starts = np.arange(len(array) + 1, dtype=np.int64) * array.itemsize
    return pa.Array.from_buffers(pa.large_binary(), len(array), [None, pa.py_buffer(starts), pa.py_buffer(array)])
