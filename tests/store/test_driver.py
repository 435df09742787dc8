"""What is asked of the driver itself is what SQLAlchemy would have answered."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Date, bindparam, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from geocommons.model.sign_in import Attempts
from geocommons.model.site import Site
from geocommons.store.driver import ask, tell
from geocommons.store.engine import Store, open_store
from scripts.postgis import Cluster
from tests.make import load, square, write_layer

SOME = select(Site.ref, Site.west, literal("fixed")).where(
    Site.ref.in_(bindparam("refs", expanding=True)), Site.west > bindparam("least", 0.0)
)
THEN = select(Site.status).where(Site.state_from <= bindparam("day", type_=Date)).order_by(Site.id)
BROKEN = text("SELECT nothing FROM nowhere WHERE x = :value")
_ATTEMPTS = Attempts.__table__
ADD = insert(_ATTEMPTS).values(key=bindparam("key"), since=bindparam("since"), count=1)
RAISE = update(_ATTEMPTS).where(_ATTEMPTS.c.key == bindparam("of")).values(count=_ATTEMPTS.c.count + bindparam("by"))
PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def three(store: Store, tmp_path: Path) -> Store:
    load(store, write_layer(tmp_path / "a.gpkg", [{"ref": f"R{at}", "geometry": square(at)} for at in range(3)]))
    return store


def test_rows_are_those_of_sqlalchemy(three: Store) -> None:
    with three.asking() as session:
        for day in (date(1, 1, 1), date(2024, 5, 1)):
            for _ in range(2):
                told = ask(session, THEN, {"day": day})
                assert list(map(tuple, told)) == list(map(tuple, session.execute(THEN, {"day": day})))
        assert len(told) == 3


@pytest.mark.parametrize("refs", [["R0"], ["R0", "R2", "R7"], []])
def test_a_list_of_any_length_and_a_fixed_value_are_asked_with(three: Store, refs: list[str]) -> None:
    with three.asking() as session:
        assert sorted(ref for ref, _, _ in ask(session, SOME, {"refs": refs})) == sorted({"R0", "R2"} & set(refs))
        assert ask(session, SOME, {"refs": refs, "least": 170.0}) == []


def test_what_goes_wrong_is_said_by_sqlalchemy(store: Store) -> None:
    with pytest.raises(DBAPIError, match="nowhere"), store.asking() as session:
        ask(session, BROKEN, {"value": 1})
    assert store.version() >= 0


def test_a_connection_that_died_is_let_go_of(postgis: Cluster) -> None:
    store = open_store(postgis.create("driver"))
    with store.asking() as session, store.asking() as other:
        [[pid]] = ask(session, PID, {})
        ask(other, text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(OperationalError):
            ask(session, PID, {})
    with store.asking() as session:
        assert ask(session, PID, {}) != [(pid,)]
    store.close()
    postgis.drop("driver")


def test_what_is_told_at_once_is_written_as_sqlalchemy_would(store: Store) -> None:
    moment = datetime(2024, 5, 1, 12, tzinfo=UTC)
    with store.keeping() as session:
        tell(session, (ADD, [{"key": key, "since": moment} for key in "ab"]), (RAISE, [{"of": "b", "by": 3}]))
    with store.reading() as session:
        found = session.scalars(select(Attempts).order_by(Attempts.key))
        assert [(one.key, one.since, one.count) for one in found] == [("a", moment, 1), ("b", moment, 4)]


def test_of_what_goes_wrong_while_it_is_told_nothing_stays(store: Store) -> None:
    rows = [{"key": "a", "since": datetime(2024, 5, 1, tzinfo=UTC)}] * 2
    with pytest.raises(IntegrityError), store.keeping() as session:
        tell(session, (RAISE, [{"of": "a", "by": 1}]), (ADD, rows))
    with store.keeping() as session:
        assert session.scalars(select(Attempts)).all() == []
        tell(session, (ADD, rows[:1]))


def test_a_connection_that_died_while_it_was_told_is_let_go_of(postgis: Cluster) -> None:
    store = open_store(postgis.create("driver_told"))
    with store.asking() as session, store.asking() as other:
        [[pid]] = ask(session, PID, {})
        ask(other, text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(OperationalError) as said:
            tell(session, (text("SELECT 1"), [{}]))
        assert said.value.connection_invalidated
    with store.asking() as session:
        assert ask(session, PID, {}) != [(pid,)]
    store.close()
