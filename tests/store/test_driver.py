"""What is asked of the driver itself is what SQLAlchemy would have answered."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Date, bindparam, literal, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from geocommons.model.site import Site, SiteState
from geocommons.store.driver import ask
from geocommons.store.engine import Store, open_store
from scripts.postgis import Cluster
from tests.make import load, square, write_layer

SOME = select(Site.ref, Site.west, literal("fixed")).where(
    Site.ref.in_(bindparam("refs", expanding=True)), Site.west > bindparam("least", 0.0)
)
THEN = select(SiteState.status).where(SiteState.valid_from <= bindparam("day", type_=Date)).order_by(SiteState.site_id)
BROKEN = text("SELECT nothing FROM nowhere WHERE x = :value")
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
