"""Ask the driver itself what is asked by the thousand: SQLAlchemy takes longer over it than a database."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import ClauseElement, Executable

FORMS: dict[str, dict[str, Any]] = {"postgresql": {"binary": True}, "sqlite": {}}
"""How a cursor of each driver answers: as PostgreSQL has it, a tile comes in half the bytes of its text."""
STATEMENTS = 128


class _Prepared(NamedTuple):
    """A statement as a driver takes it, the values that are fixed in it, and how days and the like are written."""

    sql: str
    fixed: dict[str, Any]
    writers: dict[str, Callable[[Any], Any]]

    def write(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as a driver takes them."""
        written = {**self.fixed, **values}
        written.update((name, write(written[name])) for name, write in self.writers.items())
        return written


def ask(session: Session, statement: Executable, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a statement as the driver has them: no column is made into anything else.

    `values` has the parameters by name. What a statement is for the driver is kept, so ask with one that lives on.
    """
    connection = session.connection()
    prepared = _prepared(statement, connection.dialect)
    if not prepared.sql:
        answer: Any = connection.execute(statement, dict(values))
        return answer.cursor.fetchall()  # type: ignore[no-any-return]
    try:
        cursor: Any = connection.connection.cursor(**FORMS[connection.dialect.name])
        return cursor.execute(prepared.sql, prepared.write(values)).fetchall()  # type: ignore[no-any-return]
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_says(connection, prepared.sql, error) from error


def tell(session: Session, *told: tuple[Executable, Sequence[Mapping[str, Any]]]) -> None:
    """Run statements that answer nothing, each with every one of its values, on PostgreSQL in one journey to it.

    No value may be a list, for which a statement is put together anew.
    """
    connection = session.connection()
    raw: Any = connection.connection
    parts = [(_prepared(statement, connection.dialect), rows) for statement, rows in told]
    try:
        with raw.driver_connection.pipeline() if connection.dialect.name == "postgresql" else nullcontext():
            for prepared, rows in parts:
                raw.cursor().executemany(prepared.sql, list(map(prepared.write, rows)))
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_says(connection, "; ".join(prepared.sql for prepared, _ in parts), error) from error


def _as_sqlalchemy_says(connection: Connection, sql: str, error: Exception) -> Exception:
    """Return what went wrong in SQLAlchemy's words, without the values, and let go of a dead connection."""
    dialect: Any = connection.dialect
    died = dialect.is_disconnect(error, connection.connection.driver_connection, None)
    if died:
        connection.invalidate(error)
    said: Exception = DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, connection_invalidated=died, dialect=dialect
    )
    return said


@lru_cache(maxsize=STATEMENTS)
def _prepared(statement: ClauseElement, dialect: Dialect) -> _Prepared:
    """Return a statement for a driver; without its text, if that depends on how many values a list has."""
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params:
        return _Prepared("", {}, {})
    writers = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    return _Prepared(str(compiled), compiled.params, {name: write for name, write in writers.items() if write})
