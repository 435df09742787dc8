"""Arrow columns as Python lists, the fastest safe way for each type."""

import pyarrow as pa

from geocommons.files.reading.table import decode


def to_list(column: pa.Array) -> list[object]:
    """Return the values of a column, None where missing; text that is not UTF-8 is read as Windows Latin-1."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _texts(column)
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    if plain and column.null_count == 0:
        values: list[object] = column.to_numpy(zero_copy_only=False).tolist()
        return values
    return list(column.to_pylist())


def _texts(column: pa.Array) -> list[object]:
    try:
        texts: list[object] = column.to_numpy(zero_copy_only=False).tolist()
        return texts
    except (UnicodeDecodeError, pa.ArrowException):
        raw = column.view(pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary())
        return [None if value is None else decode(value) for value in raw.to_pylist()]
