"""The audit trail: what is noted, what is sealed, and that no tampering goes unnoticed."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import shapely
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geocommons.model.account import Account
from geocommons.model.actor import Actor
from geocommons.model.audit import AuditEntry, chain_digest
from geocommons.model.base import Base
from geocommons.model.noted import NOT_NOTED, NOTED
from geocommons.model.party import Party
from geocommons.model.record import Record
from geocommons.model.sign_in import LoginSession
from geocommons.settings import Settings
from geocommons.store.audit import note
from geocommons.store.engine import Store, open_store
from geocommons.store.schema import migrate
from geocommons.store.seals import ERASED, destroy_key, is_sealed, open_seal, read_keys
from geocommons.store.trail import CHANGED, Trail
from geocommons.usecases.audit import check_trail
from tests.make import NOW, load, square, write_layer

CLERK = Actor(role="staff", door="page", account_id=7, name="Someone's name", why="Asked by letter.")


def entries(store: Store) -> list[AuditEntry]:
    """Return the whole trail."""
    with store.reading() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def changes(entry: AuditEntry) -> dict[str, Any]:
    """Return what an entry says was changed."""
    found: dict[str, Any] = orjson.loads(entry.changes)
    return found


def add_record(store: Store, ref: str) -> None:
    """Change something, the smallest way."""
    with store.writing() as session:
        session.add(Record(ref=ref, kind="deed", created_at=NOW))


def add_account(session: Session, address: str = "ada@example.org") -> Account:
    """Add a login."""
    account = Account(address=address, role="resident", language="en", created_at=NOW)
    session.add(account)
    session.flush()
    return account


# --- what is noted --------------------------------------------------------------------------------------------


def test_every_table_and_column_has_been_thought_of() -> None:
    for name, table in Base.metadata.tables.items():
        if name in NOT_NOTED:
            continue
        policy = NOTED[name]
        listed = [*policy.open, *policy.personal, *policy.left_out]
        assert sorted(listed) == sorted(column.name for column in table.columns), name
        assert not policy.personal or policy.sealed_by[1] in listed, name
        assert not [column for column in (*policy.open, *policy.personal) if "digest" in column and name != "account"]


def test_a_change_says_who_did_it_through_which_door_when_why_and_what_was_before(store: Store) -> None:
    with store.writing() as session:
        account_id = add_account(session).id
    moment = datetime(2026, 5, 2, 8, tzinfo=UTC)
    clerk = Store(store.engine, CLERK, lambda: moment)
    with clerk.writing() as session:
        account = session.get_one(Account, account_id)
        account.role = "planner"
    last = entries(store)[-1]
    assert (last.account_id, last.role, last.door, last.at) == (7, "staff", "page", moment)
    assert (last.action, last.subject, last.subject_id, last.of_account_id) == ("changed", "account", 1, account_id)
    assert changes(last) == {"role": ["resident", "planner"]}
    assert "Asked by letter." not in last.why and "Someone" not in last.actor, "both may name a person"


def test_the_value_before_is_kept_even_where_nobody_read_it(store: Store) -> None:
    with store.writing() as session:
        account_id = add_account(session).id
    with store.writing() as session:
        account = session.get_one(Account, account_id)
        session.expire(account, ["language"])
        account.language = "nl"
    assert changes(entries(store)[-1]) == {"language": ["en", "nl"]}


def test_a_statement_that_changes_many_rows_is_noted_row_by_row(store: Store) -> None:
    with store.writing() as session:
        for name in "abc":
            add_account(session, f"{name}@example.org")
    with store.writing() as session:
        session.execute(update(Account).where(Account.id > 1).values(role="planner"))
        session.execute(delete(Account).where(Account.id == 3))
    said = [(one.action, one.subject_id, changes(one).get("role")) for one in entries(store)[-3:]]
    assert said == [
        ("changed", 2, ["resident", "planner"]),
        ("changed", 3, ["resident", "planner"]),
        ("removed", 3, ["planner", None]),
    ]


def test_what_is_taken_back_is_not_in_the_trail(store: Store) -> None:
    with store.writing() as session:
        add_account(session)
        savepoint = session.begin_nested()
        session.add(Record(ref="R-1", kind="deed", created_at=NOW))
        session.flush()
        savepoint.rollback()
    with store.trying() as (session, take_back):
        session.add(Record(ref="R-2", kind="deed", created_at=NOW))
        session.flush()
        take_back()
    assert [one.subject for one in entries(store)] == ["account"]


def test_secrets_and_their_digests_never_enter_the_trail(store: Store) -> None:
    with store.writing() as session:
        account = add_account(session)
        session.add(
            LoginSession(
                account_id=account.id, secret_digest="never-me", previous_digest="nor-me", way="link",
                browser="Firefox", created_at=NOW, seen_at=NOW, rotated_at=NOW, confirmed_at=NOW, expires_at=NOW,
            )
        )  # fmt: skip
    whole = "".join(one.changes for one in entries(store))
    assert "login_session" in {one.subject for one in entries(store)}
    for kept_out in ("never-me", "nor-me", "Firefox", "ada@example.org"):
        assert kept_out not in whole


def test_a_change_that_belongs_in_the_trail_cannot_be_written_past_it(store: Store) -> None:
    with pytest.raises(TypeError, match="belongs in the audit trail"), store.keeping() as session:
        session.add(Record(ref="R-1", kind="deed", created_at=NOW))
    with store.reading() as session:
        assert session.scalars(select(Record)).all() == []


def test_an_import_is_one_entry_for_its_new_sites_and_keeps_the_shape_of_those_it_redraws(
    store: Store, tmp_path: Path
) -> None:
    rows = [{"ref": f"P-{at}", "geometry": square(at)} for at in range(40)]
    load(store, write_layer(tmp_path / "a.gpkg", rows))
    rows[3] = {"ref": "P-3", "geometry": square(3, size=0.5)}
    load(store, write_layer(tmp_path / "b.gpkg", rows))
    added, changed = (one for one in entries(store) if one.subject == "site")
    assert (added.action, added.subject_id, added.subject_last) == ("added", 1, 40)
    assert (changed.action, changed.subject_id, changed.subject_last) == ("changed", 4, None)
    assert changes(changed).keys() == {"geom", "area_m2"}
    drawn = [square(3), square(3, size=0.5)]
    assert changes(changed)["geom"] == shapely.to_wkb(drawn, hex=True).tolist(), "in one form, whatever the database's"


# --- seals ----------------------------------------------------------------------------------------------------


def test_a_person_who_is_erased_is_gone_from_the_trail_and_the_trail_still_holds(store: Store, tmp_path: Path) -> None:
    with store.writing() as session:
        party = Party(kind="person", name="Ada Lovelace")
        session.add(party)
    told = changes(entries(store)[0])["name"][1]
    with store.reading() as session:
        assert is_sealed(told) and open_seal(told, read_keys(session, [told["sealed"]])) == "Ada Lovelace"
    with store.writing() as session:
        known = session.get_one(Party, party.id)
        known.name = "gone"
        destroy_key(session, "party", party.id)
    with store.reading() as session:
        keys = read_keys(session, ["party:1"])
        assert open_seal(told, keys) is ERASED
        assert [open_seal(value, keys) for value in changes(entries(store)[-1])["name"]] == [ERASED, ERASED]
        assert not [row for row in session.execute(text("SELECT * FROM audit_entry")) if "Ada" in str(row)]
    assert verify(store, tmp_path).broken is None


def test_a_sealed_value_opens_only_under_the_key_of_whom_it_is_about(store: Store) -> None:
    with store.writing() as session:
        for name in ("Ada", "Bea"):
            session.add(Party(kind="person", name=name))
    ada = changes(entries(store)[0])["name"][1]
    with store.reading() as session:
        keys = read_keys(session, ["party:1", "party:2"])
    assert keys["party:1"] != keys["party:2"]
    assert open_seal(ada, {"party:1": keys["party:2"]}) is ERASED
    assert open_seal(ada | {"sealed": "party:2"}, {"party:2": keys["party:1"]}) is ERASED


# --- the chain ------------------------------------------------------------------------------------------------


def verify(store: Store, folder: Path) -> Trail:
    """Return what a check of the trail finds."""
    return check_trail(store, Settings(data_dir=folder), now=NOW)


@pytest.fixture
def trail(store: Store) -> Store:
    """Return a register with nine entries."""
    for number in range(9):
        add_record(store, f"R-{number}")
    return store


def behind_its_back(store: Store, *statements: str) -> None:
    """Change the database as somebody with its password can, triggers switched off."""
    with store.engine.execution_options(writing=True).begin() as connection:
        if store.is_sqlite:
            for (name,) in connection.execute(
                text("SELECT name FROM sqlite_master WHERE tbl_name = 'audit_entry' AND type = 'trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET why = 'another' WHERE id = 3",
        "DELETE FROM audit_entry WHERE id = 3",
        "DELETE FROM audit_entry",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_noted(trail: Store, statement: str) -> None:
    with (
        pytest.raises(DBAPIError, match="append-only"),
        trail.engine.execution_options(writing=True).begin() as connection,
    ):
        connection.execute(text(statement))


def test_an_entry_cannot_be_replaced_either(trail: Store) -> None:
    columns = ", ".join(column.name for column in AuditEntry.__table__.columns)
    copy = f"SELECT {columns} FROM audit_entry WHERE id = 3"
    statement = f"INSERT OR REPLACE INTO audit_entry {copy}" if trail.is_sqlite else "TRUNCATE audit_entry"
    with (
        pytest.raises(DBAPIError, match="append-only"),
        trail.engine.execution_options(writing=True).begin() as connection,
    ):
        connection.execute(text(statement))


COLUMNS = ", ".join(column.name for column in AuditEntry.__table__.columns if column.name != "id")


@pytest.mark.parametrize(
    ("statements", "entry"),
    [
        (["UPDATE audit_entry SET why = '\"another\"' WHERE id = 4"], 4),
        (["UPDATE audit_entry SET account_id = 3 WHERE id = 4"], 4),
        (["UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE id = 4"], 4),
        (["UPDATE audit_entry SET digest = 'abc' WHERE id = 4"], 4),
        (["DELETE FROM audit_entry WHERE id = 4"], 4),
        (["DELETE FROM audit_entry WHERE id = 1"], 1),
        (["DELETE FROM audit_entry WHERE id > 6"], 7),
        (["DELETE FROM audit_entry"], 1),
        (["DELETE FROM audit_entry WHERE id = 4", "UPDATE audit_entry SET id = id - 1 WHERE id > 4"], 4),
        (
            [
                "UPDATE audit_entry SET id = 99 WHERE id = 4",
                "UPDATE audit_entry SET id = 4 WHERE id = 5",
                "UPDATE audit_entry SET id = 5 WHERE id = 99",
            ],
            4,
        ),
        ([f"INSERT INTO audit_entry (id, {COLUMNS}) SELECT 10, {COLUMNS} FROM audit_entry WHERE id = 9"], 10),
    ],
)  # fmt: skip
def test_tampering_shows_and_names_the_entry(trail: Store, tmp_path: Path, statements: list[str], entry: int) -> None:
    assert verify(trail, tmp_path / "elsewhere").broken is None
    behind_its_back(trail, *statements)
    assert verify(trail, tmp_path).broken == entry


def chain_again(store: Store, first: int, *statements: str) -> None:
    """Change something, and make every digest from an entry on fit again, that beside the register's number too."""
    behind_its_back(store, *statements)
    with store.engine.execution_options(writing=True).begin() as connection:
        table: Any = AuditEntry.__table__
        digest, last = "", 0
        for row in connection.execute(select(table).order_by(table.c.id)).all():
            if row.id >= first:
                digest = chain_digest(dict(row._mapping), digest)
                connection.execute(update(table).where(table.c.id == row.id).values(digest=digest))
            digest, last = (digest if row.id >= first else row.digest), row.id
        connection.execute(
            text("UPDATE register_version SET audit_id = :last, audit_digest = :digest"),
            {"last": last, "digest": digest},
        )


def test_a_trail_that_is_chained_anew_from_the_middle_is_not_the_one_that_was_seen(
    trail: Store, tmp_path: Path
) -> None:
    seen = verify(trail, tmp_path)
    assert (seen.broken, seen.newest.entry, seen.seen) == (None, 9, 0)
    assert verify(trail, tmp_path).seen == 1
    add_record(trail, "R-more")
    chain_again(trail, 5, "UPDATE audit_entry SET why = '\"another\"' WHERE id = 5")
    assert verify(trail, tmp_path / "nothing-was-seen").broken is None, "the chain itself is whole again"
    assert verify(trail, tmp_path).broken == 9


def test_a_moment_that_is_none_breaks_the_trail_at_its_entry(trail: Store, tmp_path: Path) -> None:
    if not trail.is_sqlite:
        pytest.skip("PostgreSQL keeps no such moment")
    behind_its_back(trail, "UPDATE audit_entry SET at = 'garbage' WHERE id IN (4, 7)")
    found = verify(trail, tmp_path)
    assert (found.broken, found.sentence) == (4, CHANGED)


def test_keys_that_somebody_took_are_missed_and_those_of_the_erased_are_not(store: Store, tmp_path: Path) -> None:
    with store.writing() as session:
        session.add_all([ann := Party(kind="person", name="Ann"), Party(kind="person", name="Bob")])
        session.flush()
        gone = ann.id
    with store.writing() as session:
        destroy_key(session, "party", gone)
    assert verify(store, tmp_path).keyless == 0
    behind_its_back(store, "DELETE FROM seal_key WHERE key <> " + ("x''" if store.is_sqlite else "''::bytea"))
    found = verify(store, tmp_path)
    assert (found.broken, found.keyless) == (None, 1)


def test_a_tail_that_is_cut_off_with_the_newest_entry_set_back_is_missed(trail: Store, tmp_path: Path) -> None:
    verify(trail, tmp_path)
    chain_again(trail, 99, "DELETE FROM audit_entry WHERE id > 6")
    assert verify(trail, tmp_path).broken == 7


def test_writers_at_the_same_time_make_one_chain(store: Store, tmp_path: Path) -> None:
    def write(name: str) -> Callable[[], None]:
        def run() -> None:
            own = open_store(store.engine.url.render_as_string(hide_password=False))
            for number in range(8):
                with own.writing() as session:
                    session.add(Party(kind="person", name=f"{name}{number}"))
                    note(session, "imported", "file", None, after={"by": name})
            own.close()

        return run

    threads = [threading.Thread(target=write(name)) for name in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify(store, tmp_path)
    assert (found.broken, found.entries) == (None, 6 * 8 * 2)


def test_a_clock_that_goes_back_does_not_break_the_chain(store: Store, tmp_path: Path) -> None:
    moments: Iterator[datetime] = iter([NOW, NOW - timedelta(days=2)])
    for ref in ("R-1", "R-2"):
        add_record(Store(store.engine, clock=lambda: next(moments)), ref)
    assert [one.at for one in entries(store)] == [NOW, NOW - timedelta(days=2)]
    assert verify(store, tmp_path).broken is None


def test_the_migration_and_the_model_are_the_same_trail(database_url: str, tmp_path: Path) -> None:
    made = open_store(database_url)
    migrate(made)
    add_record(made, "R-1")
    assert verify(made, tmp_path).entries == 1
    made.close()
