"""What is the matter with a database, told from mistakes of ours."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from geocommons.store.engine import Store
from geocommons.store.trouble import Trouble, reason_of, trouble_of

RECORD = "INSERT INTO record (ref, kind, title, created_at) VALUES ('R', 'deed', '', '2026-01-01 00:00:00')"


def said(store: Store, *statements: str) -> Trouble | None:
    """Return what the last of some statements is told to be, which must not work."""
    with store.writing() as session:
        for statement in statements[:-1]:
            session.execute(text(statement))
        with pytest.raises(DBAPIError) as wrapped:
            session.connection().execute(text(statements[-1]))
        session.rollback()
        raw = wrapped.value.orig
        assert raw is not None and trouble_of(raw) == trouble_of(wrapped.value), "drivers are asked directly too"
        assert reason_of(wrapped.value) == str(raw).strip().splitlines()[0]
        return trouble_of(wrapped.value)


def test_a_database_that_may_not_be_written_to_or_is_full_is_unwritable(store: Store) -> None:
    if store.is_sqlite:
        assert said(store, "PRAGMA query_only = ON", RECORD) == "unwritable"
        full = (
            "PRAGMA max_page_count = 1",
            "INSERT INTO record SELECT 1, hex(zeroblob(9000000)), '', NULL, '', NULL, 0",
        )
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = OFF")
        assert said(store, *full) == "unwritable"
    else:
        assert said(store, "SET TRANSACTION READ ONLY", RECORD) == "unwritable"


def test_who_waited_too_long_may_try_again(store: Store) -> None:
    if store.is_sqlite:
        impatient = Store(create_engine(store.engine.url, connect_args={"timeout": 0.01}))
        with store.writing() as other, impatient.reading() as session:
            other.connection()
            with pytest.raises(DBAPIError) as locked:
                session.execute(text(RECORD))
        assert trouble_of(locked.value) == "away"
        impatient.close()
    else:
        with store.reading() as other:
            other.execute(text("SELECT * FROM register_version FOR UPDATE"))
            for setting in ("statement_timeout", "lock_timeout"):
                assert said(store, f"SET LOCAL {setting} = '20ms'", "UPDATE register_version SET number = 1") == "away"


def test_no_free_connection_is_a_database_that_does_not_answer(store: Store) -> None:
    small = Store(create_engine(store.engine.url, pool_size=1, max_overflow=0, pool_timeout=0.01))
    with small.engine.connect(), pytest.raises(NoConnectionLeft) as none_left:
        small.engine.connect()
    assert trouble_of(none_left.value) == "away"
    small.close()


@pytest.mark.parametrize(
    "statement", ["SELECT nonsense", "SELECT * FROM connections", "INSERT INTO record (id) VALUES (1)"]
)
def test_a_mistake_of_ours_is_no_trouble_of_the_database(store: Store, statement: str) -> None:
    assert said(store, statement) is None
    assert trouble_of(TimeoutError("connection timed out")) is None
