"""Carry whole tables from one database to another: rows as JSON has them, the same from both kinds of database."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import shapely
from sqlalchemy import JSON, Boolean, Column, Connection, Date, LargeBinary, Table, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from geocommons.model.base import Base, Instant
from geocommons.model.geom import Geom
from geocommons.store.bulk import copy_rows, count_on, json_text

ROWS_AT_ONCE = 2_000
NOT_CARRIED = frozenset(
    {
        # Written anew from the rest.
        *("site_state", "stretch_state"),
        # What lets somebody in: what was revoked or used since must not come back.
        *("login_session", "sign_in_request", "challenge", "attempts"),
    }
)
KINDS: tuple[tuple[type[Any], str], ...] = (
    (Geom, "geometry"), (Instant, "moment"), (Date, "day"), (Boolean, "boolean"), (JSON, "json"),
    (LargeBinary, "bytes"),
)  # fmt: skip
Columns = dict[str, str]
"""Name and kind of each column of a table."""


def carried_tables() -> list[Table]:
    """Return the tables that a backup holds, each after those that its rows point to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in NOT_CARRIED]


def columns_of(table: Table) -> Columns:
    """Return name and kind of the columns of a table, as `read_rows` and `write_rows` take them."""
    return {str(column.name): _kind(column) for column in table.columns}


def _kind(column: Column[Any]) -> str:
    return next((name for kind, name in KINDS if isinstance(column.type, kind)), "plain")


def read_rows(session: Session, table: Table) -> Iterator[list[Any]]:
    """Yield the rows of a table in the order of their key, as JSON has them, a part at a time."""
    kinds = list(columns_of(table).values())
    columns = [
        type_coerce(one, NullType()) if kind == "geometry" else one for one, kind in zip(table.c, kinds, strict=True)
    ]
    query = select(*columns).order_by(*table.primary_key)
    found = session.connection().execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
    for part in found.partitions():
        yield from _as_json([list(row) for row in part], kinds)


def _as_json(rows: list[list[Any]], kinds: Sequence[str]) -> list[list[Any]]:
    for at, kind in enumerate(kinds):
        if kind == "geometry":
            shapes = shapely.from_wkb([row[at] for row in rows])
            texts = shapely.to_wkb(shapes, hex=True, include_srid=False)
            for row, text in zip(rows, texts, strict=True):
                row[at] = text
        elif kind == "bytes":
            for row in rows:
                row[at] = None if row[at] is None else base64.b64encode(row[at]).decode()
    return rows


def write_rows(connection: Connection, table: str, columns: Columns, rows: Iterable[list[Any]]) -> None:
    """Write rows that `read_rows` gave, of this or an older version of the table, into an empty one."""
    dialect = connection.dialect.name
    readers = [(at, READERS[kind][dialect]) for at, kind in enumerate(columns.values()) if kind in READERS]

    def ready() -> Iterator[list[Any]]:
        for row in rows:
            for at, read in readers:
                if row[at] is not None:
                    row[at] = read(row[at])
            yield row

    copy_rows(connection, table, list(columns), ready())
    if "id" in columns and table != "audit_entry":
        count_on(connection, [table])


def _naive(moment: str) -> str:
    """Return a moment as SQLite's columns hold it: in UTC, to the microsecond, without saying so."""
    return datetime.fromisoformat(moment).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


READERS: dict[str, dict[str, Any]] = {
    "geometry": {
        "sqlite": bytes.fromhex,
        "postgresql": lambda text: text,
    },
    "moment": {"sqlite": _naive, "postgresql": lambda text: text},
    "json": {"sqlite": json_text, "postgresql": json_text},
    "bytes": {"sqlite": base64.b64decode, "postgresql": base64.b64decode},
}
"""How each database takes the kinds that JSON has no form of."""
