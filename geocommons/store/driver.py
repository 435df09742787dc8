"""Ask the driver itself what is asked by the thousand: SQLAlchemy takes longer over it than a database."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect
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


def ask(session: Session, statement: Executable, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a statement as the driver has them: no column is made into anything else.

    `values` has the parameters by name. What a statement is for the driver is kept, so ask with one that lives on.
    """
    connection = session.connection()
    dialect = connection.dialect
    sql, fixed, writers = _prepared(statement, dialect)
    if sql:
        written = {**fixed, **values}
        written.update((name, write(written[name])) for name, write in writers.items())
        try:
            cursor: Any = connection.connection.cursor(**FORMS[dialect.name])
            rows: Sequence[tuple[Any, ...]] = cursor.execute(sql, written).fetchall()
        except dialect.loaded_dbapi.Error:
            pass  # SQLAlchemy meets the same below: it says so in its own words, and lets go of a dead connection.
        else:
            return rows
    answer: Any = connection.execute(statement, dict(values))
    return answer.cursor.fetchall()  # type: ignore[no-any-return]


@lru_cache(maxsize=STATEMENTS)
def _prepared(statement: ClauseElement, dialect: Dialect) -> _Prepared:
    """Return a statement for a driver; without its text, if that depends on how many values a list has."""
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params:
        return _Prepared("", {}, {})
    writers = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    return _Prepared(str(compiled), compiled.params, {name: write for name, write in writers.items() if write})
