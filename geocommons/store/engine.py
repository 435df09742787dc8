"""Open the database, with SQLite's pragmas or PostgreSQL's settings, and give sessions in it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import Session

from geocommons.model.actor import PROGRAM, Actor
from geocommons.model.geom import meets_box
from geocommons.settings import make_folder
from geocommons.store.noting import NotingSession, QuietSession
from geocommons.store.pool import ping_after_rest
from geocommons.store.version import read_version

BUSY_TIMEOUT_MS = 60_000
"""How long a writer waits for another one; an import of a city holds SQLite's single writer this long."""
POSTGRES_OPTIONS = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1 -c timezone=UTC"
"""A worker forked for each map tile costs more than the tile (x2.4 at z12), and so does compiling its query."""
CONNECTIONS = 20
"""Connections that are kept, and as many more for a moment: a server has so many threads at most, of which each has
one, and a second one now and then. To open one anew takes longer than most of what it is asked."""


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


def open_store(url: str, *, echo: bool = False) -> Store:
    """Open the database of a URL; nothing is created but the folder of an embedded one.

    What goes wrong is told without the values of a statement: a log is no place for names and addresses.
    """
    parsed = make_url(url)
    told: dict[str, Any] = {"echo": echo, "hide_parameters": not echo}
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            make_folder(Path(parsed.database).parent)
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
