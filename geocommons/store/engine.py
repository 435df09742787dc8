"""Open the database: SQLite's pragmas, PostgreSQL's settings, bulk insert and migrations."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Date,
    Engine,
    String,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session

from geocommons.errors import NotReady
from geocommons.model.actor import PROGRAM, Actor
from geocommons.model.base import Base, Instant
from geocommons.model.geom import meets_box
from geocommons.model.noted import NOTED
from geocommons.store.audit import note
from geocommons.store.binary_copy import binary_rows
from geocommons.store.noting import NotingSession, QuietSession, runs
from geocommons.store.pool import ping_after_rest
from geocommons.store.version import read_version

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 60_000
"""How long a writer waits for another one; an import of a city holds SQLite's single writer this long."""
POSTGRES_OPTIONS = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1 -c timezone=UTC"
"""A worker forked for each map tile costs more than the tile (x2.4 at z12), and so does compiling its query."""
CONNECTIONS = 20
"""Connections that are kept, and as many more for a moment: a server has so many threads at most, of which each has
one, and a second one now and then. To open one anew takes longer than most of what it is asked."""
WRITE_LOCK = 4_326_001
"""Advisory lock of bulk writers on PostgreSQL, which checks between rows of two files would otherwise miss."""


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Store:
    """An open database, and who acts on it: every change is written under that name."""

    engine: Engine
    actor: Actor = PROGRAM
    clock: Callable[[], datetime] = utc_now

    def acting_as(self, actor: Actor) -> "Store":
        """Return the same open database in the hands of somebody else."""
        return replace(self, actor=actor)

    # No sessionmaker: each makes a class of its own, and to make one for everybody who acts takes longer than to ask.

    def _writer(self) -> Session:
        told = {"actor": self.actor, "clock": self.clock}
        return NotingSession(self.engine.execution_options(writing=True), expire_on_commit=False, info=told)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a session that reads one and the same state of the database, however long it takes."""
        with self.reading() as session:
            if not self.is_sqlite:  # there, a transaction that reads is a snapshot
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open one transaction that is committed at the end, or rolled back as a whole."""
        with self._writer() as session, session.begin():
            yield session

    @contextmanager
    def keeping(self) -> Iterator[Session]:
        """Open one transaction as `writing` does, for what no page of the register is made from: mail that leaves."""
        keeping = self.engine.execution_options(writing=True)
        with QuietSession(keeping, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def trying(self) -> Iterator[tuple[Session, Callable[[], None]]]:
        """Open one transaction as `writing` does, with a way to take it all back when that was decided."""
        with self._writer() as session:
            taken_back: list[bool] = []
            yield session, lambda: taken_back.append(True)
            if taken_back:
                session.rollback()
            else:
                session.commit()

    @contextmanager
    def asking(self) -> Iterator[Session]:
        """Open a session for one question: a transaction would take two more journeys to the database."""
        asking = {"asking": True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        with Session(self.engine.execution_options(**asking)) as session:
            yield session

    def version(self) -> int:
        """Return the number of writes so far, as `read_version` does in a session."""
        with self.asking() as session:
            return read_version(session)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotReady(
            "The folder of the database cannot be made: {folder} ({why}). Name another with GEOCOMMONS_DATA_DIR.",
            folder=folder,
            why=error.strerror,
        ) from error


def open_store(url: str, *, echo: bool = False) -> Store:
    """Open the database of a URL; nothing is created but the folder of an embedded one.

    What goes wrong is told without the values of a statement: a log is no place for names and addresses.
    """
    parsed = make_url(url)
    told: dict[str, Any] = {"echo": echo, "hide_parameters": not echo}
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            _make_folder(Path(parsed.database).parent)
        waiting = {"timeout": BUSY_TIMEOUT_MS / 1000}
        engine = create_engine(parsed, echo=echo, hide_parameters=not echo, connect_args=waiting, paramstyle="named")
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(
            parsed, **told, pool_size=CONNECTIONS, max_overflow=CONNECTIONS, connect_args={"options": POSTGRES_OPTIONS}
        )
        ping_after_rest(engine)
    return Store(engine)


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # pysqlite would otherwise begin transactions by itself, and late
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what an erased person was called is not left behind in a free page
        "mmap_size=1073741824",
        "cache_size=-64000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("meets_box", 5, meets_box, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("asking", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing", False) else "BEGIN")


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


def migrate(store: Store) -> bool:
    """Bring the database to the newest version of the register, and return whether it had an older one.

    A new one is made from nothing. What an older program published is not always what this one would.
    """
    with store.engine.execution_options(writing=True).begin() as connection:
        before = _version_of(connection)
        migrate_to(connection, "head")
    return before not in (None, known_revisions()[0])


def _version_of(connection: Connection) -> str | None:
    """Return the version of the register, None where none was made."""
    made = {"site", "alembic_version"} <= set(inspect(connection).get_table_names())
    return connection.scalar(text("SELECT version_num FROM alembic_version")) if made else None


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring the database to a version of the register, as a part of a transaction that is open."""
    from alembic import command  # takes longer to load than most verbs take
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def known_revisions() -> list[str]:
    """Return every version of the register that this program can bring to the newest, the newest first."""
    return sorted((path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")), reverse=True)


def empty_database(connection: Connection) -> None:
    """Drop all that the register made in a database, as a part of a transaction that is open."""
    if connection.dialect.name == "postgresql":
        names = ", ".join((*Base.metadata.tables, "alembic_version"))
        connection.execute(text(f"DROP TABLE IF EXISTS {names} CASCADE"))
        connection.execute(text("DROP FUNCTION IF EXISTS refuse_change_of_audit"))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    for name in (*tables, "site_rtree", "alembic_version"):
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def count_on(connection: Connection, tables: Iterable[str]) -> None:
    """Let the next row of each table get a number that none has, after rows came with theirs (SQLite always does)."""
    if connection.dialect.name == "postgresql":
        for name in tables:
            newest = f"(SELECT max(id) FROM {name})"
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {newest}) WHERE {newest} > 0")
            )


def check_ready(store: Store) -> None:
    """Refuse a database that was never made, or that is older or newer than this program."""
    try:
        with store.engine.connect() as connection:
            version = _version_of(connection)
    except OperationalError as error:
        raise NotReady(
            "The database cannot be reached: {reason}", reason=str(error.orig).strip().splitlines()[0]
        ) from error
    if version is None:
        raise NotReady("The register is not made yet. Run: geocommons init")
    if version != (newest := known_revisions()[0]):
        raise NotReady(
            "The register is at version {version}, this program at {newest}. Run: geocommons init",
            version=version,
            newest=newest,
        )
