"""Write many rows at once, and ask for many, each in the fastest way that a database has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import repeat
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Date,
    String,
    bindparam,
    cast,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from geocommons.model.base import Base, Instant
from geocommons.model.noted import NOTED
from geocommons.store.audit import note
from geocommons.store.binary_copy import binary_rows
from geocommons.store.noting import runs

WRITE_LOCK = 4_326_001
"""Advisory lock of bulk writers on PostgreSQL, which checks between rows of two files would otherwise miss."""


def lock_writers(session: Session) -> None:
    """Make other bulk writers wait until this transaction ends (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITE_LOCK})


def reserve_ids(session: Session, entity: type[Base], count: int) -> int:
    """Return the first of `count` free ids of a mapped class, inside a bulk writer's transaction."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = "(SELECT pg_get_serial_sequence(:table, 'id') AS seq) s"
        query = f"SELECT setval(seq, nextval(seq) + :more) - :more FROM {sequence}"
        return int(session.execute(text(query), {"more": count - 1, "table": entity.__tablename__}).scalar_one())
    return int(session.execute(text(f"SELECT coalesce(max(id), 0) + 1 FROM {entity.__tablename__}")).scalar_one())


def bulk_insert(session: Session, entity: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert many rows by the fastest way that each database has; geometries come as `to_column` writes them."""
    copy_rows(session.connection(), entity.__tablename__, columns, _noting(session, entity, columns, rows))


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert many rows into a table by the fastest way, and note nothing of it."""
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "postgresql":
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    lite: Any = connection.connection.cursor()
    lite.executemany(statement, rows)


def update_rows(session: Session, entity: type[Base], changes: Sequence[dict[str, Any]]) -> None:
    """Write values into rows of a table by its `id`, named `key` in each change, and note nothing of it.

    All changes name the same columns.
    """
    if changes:
        table: Any = entity.__table__
        columns = {name: bindparam(name, type_=table.c[name].type) for name in changes[0] if name != "key"}
        session.connection().execute(update(table).where(table.c.id == bindparam("key")).values(columns), changes)


def prepare_insert(
    dialect_name: str, entity: type[Base], columns: Mapping[str, Sequence[Any]], same: Mapping[str, Any]
) -> Callable[[Session], None]:
    """Return an act that inserts many rows given as columns; those in `same` have one value in every row.

    Geometries come as WKB and JSON as text. On PostgreSQL this takes a tenth of the processor time of `bulk_insert`,
    and two thirds of the server's. All but the sending is done at once: the server may still be at something else.
    """
    table = Base.metadata.tables[entity.__tablename__]
    if dialect_name != "postgresql":
        count = len(next(iter(columns.values())))
        every: dict[str, Iterable[Any]] = {**columns, **{name: repeat(value, count) for name, value in same.items()}}
        for name in every:
            if isinstance(table.c[name].type, Date | Instant):
                every[name] = map(_as_lite_has_it, every[name])
        rows = zip(*every.values(), strict=True)
        return lambda session: bulk_insert(session, entity, tuple(every), rows)
    key = next(iter(columns))
    alike = {name: values[0] for name, values in columns.items() if name != key and _are_alike(values)}
    varied, every = {name: values for name, values in columns.items() if name not in alike}, {**same, **alike}
    names = ", ".join(f'"{name}"' for name in (*varied, *every))
    statement, parts = f"COPY {table.name} ({names}) FROM STDIN (FORMAT binary)", binary_rows(table, varied, every)

    def copy_in(session: Session) -> None:
        cursor: Any = session.connection().connection.cursor()
        with cursor, cursor.copy(statement) as copy:
            for part in parts:
                copy.write(part)
        _note_added(session, entity, columns)

    return copy_in


def _are_alike(values: Sequence[Any]) -> bool:
    """Return whether a list has one value in every row; of an array that is not worth the question."""
    return isinstance(values, list) and values[0] == values[-1] and values.count(values[0]) == len(values)


def _as_lite_has_it(value: Any) -> Any:
    """Return a value as SQLite's columns hold it: days and moments as text, moments in UTC without saying so."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _noting(
    session: Session, entity: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterable[Sequence[Any]]:
    """Pass rows through, and note their numbers afterwards where the audit trail keeps the table."""
    policy = NOTED.get(entity.__tablename__)
    if policy is None:
        yield from rows
        return
    at, numbers = list(columns).index(policy.subject), list[int]()
    for row in rows:
        numbers.append(row[at])
        yield row
    _note_added(session, entity, {policy.subject: numbers})


def _note_added(session: Session, entity: type[Base], columns: Mapping[str, Sequence[Any]]) -> None:
    policy = NOTED.get(entity.__tablename__)
    if policy is not None:
        for first, last in runs(columns[policy.subject]):
            note(session, "added", entity.__tablename__, first, last=last)


def one_of(
    session: Session, column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Sequence[Any]
) -> ColumnElement[bool]:
    """Return the condition that a column has one of many values, sent as one text: thousands of parameters are slow."""
    many = json_text(list(values))
    if session.get_bind().dialect.name == "postgresql":
        each = func.json_array_elements_text(cast(bindparam(None, many, String), JSON)).column_valued("value")
        return column == func.any(func.array(select(cast(each, column.type)).scalar_subquery()))
    return column.in_(select(func.json_each(many).table_valued("value").c.value))


def json_text(value: Any) -> str:
    """Return a value as the JSON text that bulk rows carry."""
    return orjson.dumps(value).decode()


def count_on(connection: Connection, tables: Iterable[str]) -> None:
    """Let the next row of each table get a number that none has, after rows came with theirs (SQLite always does)."""
    if connection.dialect.name == "postgresql":
        for name in tables:
            newest = f"(SELECT max(id) FROM {name})"
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {newest}) WHERE {newest} > 0")
            )
