"""Backup and restore: everything comes back, in either database, except who must not."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geocommons.errors import Conflict, NotReady, UnreadableFile
from geocommons.model.account import Account
from geocommons.model.audit import AuditEntry
from geocommons.model.mail import Mail
from geocommons.model.party import Party
from geocommons.model.sign_in import ApiToken, LoginSession
from geocommons.model.site import Site, SiteState
from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from geocommons.store.ledger import Ledger, remember_erasure, remember_withdrawal, still_due
from geocommons.store.rows import carried_tables, read_rows
from geocommons.store.schema import known_revisions
from geocommons.usecases.audit import check_trail
from geocommons.usecases.backup import back_up
from geocommons.usecases.contexts.add import add_context
from geocommons.usecases.contexts.plan import ContextOptions
from geocommons.usecases.imports.tables.tenures import import_tenures
from geocommons.usecases.people.consent import change_consents
from geocommons.usecases.people.erase import erase_party
from geocommons.usecases.people.merge import merge_parties
from geocommons.usecases.restore import restore
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.make import HEADER, NOW, hold, load, square, write_layer

LATER = NOW + timedelta(days=3)
NOT_AS_BEFORE = {"audit_entry", "register_version", "api_token", "mail"}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Return the settings of a register with a data folder of its own."""
    return Settings(data_dir=tmp_path / "home")


@pytest.fixture
def town(store: Store, home: Settings, tmp_path: Path) -> Store:
    """Return a register with places, who holds them, people, mail and context."""
    load(store, write_layer(tmp_path / "a.gpkg", [{"ref": f"P-{at}", "geometry": square(at)} for at in range(5)]))
    hold(
        store, tmp_path,
        "clt-parcels,P-0,Ada Lovelace,person,right,ground_lease,,,2020-01-01,,L-1,current,yes",
        "clt-parcels,P-1,Bea Buurt,person,right,ground_lease,,,2021-01-01,2024-01-01,L-2,ended,yes",
        "clt-parcels,P-2,Garden group,group,responsibility,stewardship,,,2022-01-01,,L-3,current,",
    )  # fmt: skip
    with store.writing() as session:
        account = Account(address="ada@example.org", role="resident", language="nl", created_at=NOW)
        session.add(account)
        session.flush()
        account.party_id = party_of(session, "Ada Lovelace").id
        session.add(
            ApiToken(
                account_id=account.id, secret_digest="t", name="mine", scopes=["read"], created_at=NOW, expires_at=LATER
            )
        )
        session.add(
            LoginSession(
                account_id=account.id, secret_digest="s", browser="Firefox", way="link", created_at=NOW,
                seen_at=NOW, rotated_at=NOW, confirmed_at=NOW, expires_at=LATER,
            )
        )  # fmt: skip
        session.add(
            Mail(
                message_id="m@1", account_id=account.id, kind="sign_in", language="nl", params={}, essential=True,
                state="waiting", created_at=NOW, next_try_at=NOW,
            )
        )  # fmt: skip
    districts = write_layer(tmp_path / "d.gpkg", [{"name": "North", "geometry": square(0, size=9)}])
    add_context(store, home, "districts", districts, ContextOptions(), now=NOW)
    return store


def party_of(session: Session, name: str) -> Party:
    """Return the party of a name."""
    return session.scalars(select(Party).where(Party.name == name)).one()


def content(store: Store) -> dict[str, list[Any]]:
    """Return every row that a backup must bring back as it was, and the public rows that are written anew."""
    with store.reading() as session:
        tables = [table for table in carried_tables() if table.name not in NOT_AS_BEFORE]
        found: dict[str, list[Any]] = {table.name: list(read_rows(session, table)) for table in tables}
        states = session.scalars(select(SiteState).order_by(SiteState.site_id, SiteState.valid_from))
        found["site_state"] = [(one.site_id, one.valid_from, one.valid_to, one.state) for one in states]
    return found


@pytest.fixture
def others(
    databases: SqliteDatabases | PostgisDatabases, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[SqliteDatabases | PostgisDatabases]:
    """Return databases of the other kind."""
    made: SqliteDatabases | PostgisDatabases
    if databases.kind == "sqlite":
        made = PostgisDatabases(request.getfixturevalue("postgis"), "other")
    else:
        made = SqliteDatabases(tmp_path, tmp_path)
    yield made
    made.close()


@pytest.fixture
def elsewhere(others: SqliteDatabases | PostgisDatabases) -> Iterator[Store]:
    """Return a database of the other kind in which no register was made yet."""
    opened = open_store(others.empty())
    yield opened
    opened.close()


def test_everything_comes_back_in_the_other_database(
    town: Store, elsewhere: Store, home: Settings, tmp_path: Path
) -> None:
    before = content(town)
    done = back_up(town, home, tmp_path / "town.zip", now=NOW)
    away = Settings(data_dir=tmp_path / "away")
    report = restore(elsewhere, away, tmp_path / "town.zip", now=LATER)
    assert content(elsewhere) == before
    assert (report.stale, report.rows, report.files) == ([], done.rows, 1)
    assert [path.name for path in away.context_dir.iterdir()] == [path.name for path in home.context_dir.iterdir()]
    assert report.ledger == "lost", "whoever restores elsewhere must be told that the ledger did not come along"


def test_a_restored_register_goes_on_with_new_numbers_and_one_chain(
    town: Store, elsewhere: Store, home: Settings, tmp_path: Path
) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    away = Settings(data_dir=tmp_path / "away")
    report = restore(elsewhere, away, tmp_path / "town.zip", now=LATER)
    assert report.trail is not None and report.trail.broken is None
    load(elsewhere, write_layer(tmp_path / "b.gpkg", [{"ref": "P-9", "geometry": square(9)}]))
    with elsewhere.writing() as session:
        session.add(Party(kind="person", name="Cora"))
    with elsewhere.reading() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
        assert session.scalars(select(Site.id).where(Site.ref == "P-9")).one() == 6
    assert "restored" in actions and actions[-1] == "added"
    assert check_trail(elsewhere, away, now=LATER).broken is None


def test_what_lets_in_and_what_was_to_be_sent_does_not_come_back(town: Store, home: Settings, tmp_path: Path) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    report = restore(town, home, tmp_path / "town.zip", now=LATER, replace=True)
    assert (report.tokens_revoked, report.mail_put_aside) == (1, 1)
    with town.reading() as session:
        assert session.scalars(select(LoginSession)).all() == []
        assert [one.revoked_at for one in session.scalars(select(ApiToken))] == [LATER]
        assert [one.state for one in session.scalars(select(Mail))] == ["dead"]


def test_nothing_that_was_kept_of_the_replaced_register_is_taken_for_the_restored_one(
    town: Store, home: Settings, tmp_path: Path
) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    for _ in range(3):
        with town.writing() as session:
            session.add(Party(kind="person", name="Dora"))
    number = town.version()
    restore(town, home, tmp_path / "town.zip", now=LATER, replace=True)
    assert town.version() > number


def test_a_consent_that_was_withdrawn_since_stays_withdrawn(town: Store, home: Settings, tmp_path: Path) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    with town.writing() as session:
        ada = party_of(session, "Ada Lovelace")
        assert ada.withdraw("map", LATER, "page")
        remember_withdrawal(session, home, party_id=ada.id, use="map", now=LATER)
    report = restore(town, home, tmp_path / "town.zip", now=LATER, replace=True)
    assert (report.withdrawn, report.erased, report.stale, report.ledger) == (1, 0, [], "kept")
    with town.reading() as session:
        assert not party_of(session, "Ada Lovelace").agrees_to("map")
        assert not [row for row in session.scalars(select(SiteState.state)) if "Ada" in row]
        assert [row for row in session.scalars(select(SiteState.state)) if "Bea" in row], "others are still named"


def test_who_was_erased_since_stays_erased_and_unreadable_in_the_trail(
    town: Store, home: Settings, tmp_path: Path
) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    with town.reading() as session:
        ada = party_of(session, "Ada Lovelace").id
    with town.writing() as session:
        remember_erasure(session, home, party_id=ada, account_id=1, now=LATER)
    report = restore(town, home, tmp_path / "town.zip", now=LATER, replace=True)
    assert (report.erased, report.stale) == (1, [])
    with town.reading() as session:
        for table in carried_tables():
            for row in read_rows(session, table):
                assert "Ada" not in str(row) and "ada@example.org" not in str(row), table.name
        key = session.execute(text("SELECT key FROM seal_key WHERE subject = 'account:1'")).scalar_one()
        assert bytes(key) == b""


@pytest.mark.parametrize("act", ["withdraws", "is erased"])
def test_who_was_two_parties_at_the_time_of_a_backup_comes_back_under_neither_name(
    town: Store, home: Settings, tmp_path: Path, act: str
) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    with town.writing() as session:
        merge_parties(session, party_of(session, "Bea Buurt"), party_of(session, "Ada Lovelace"), why="one", now=NOW)
    with town.writing() as session:
        bea = party_of(session, "Bea Buurt")
        if act == "withdraws":
            change_consents(session, home, bea, [], now=LATER, how="spoken")
        else:
            erase_party(session, home, bea, now=LATER)
    restore(town, home, tmp_path / "town.zip", now=LATER, replace=True)
    with town.reading() as session:
        states = str(session.scalars(select(SiteState.state)).all())
        assert "Bea" not in states and "Ada" not in states
        kept = str([list(read_rows(session, table)) for table in carried_tables() if table.name == "party"])
    assert ("Ada" in kept) == (act == "withdraws")


def test_a_name_that_a_table_withdrew_does_not_come_back(town: Store, home: Settings, tmp_path: Path) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    row = "clt-parcels,P-2,Garden group,group,responsibility,stewardship,,,2022-01-01,,L-3,current,no"
    table = tmp_path / "held.csv"
    table.write_text(f"{HEADER}\n{row}\n")
    assert import_tenures(town, home, table, now=LATER).updated == 1
    restore(town, home, tmp_path / "town.zip", now=LATER, replace=True)
    with town.reading() as session:
        assert "Garden group" not in str(session.scalars(select(SiteState.state)).all())


def test_a_withdrawal_that_was_taken_back_leaves_no_line(town: Store, home: Settings) -> None:
    with town.trying() as (session, take_back):
        remember_withdrawal(session, home, party_id=1, use="map", now=NOW)
        take_back()
    assert Ledger.of(home).lines() == []


def test_what_was_done_to_numbers_of_another_time_is_not_done_to_those_of_the_backup(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.begin(NOW)  # the first backup is made here, with parties up to 100
    ledger.add("erasure", NOW, {"party_id": 90, "account_id": None})
    ledger.add("erasure", NOW, {"party_id": 101, "account_id": None})  # the second backup is made here
    ledger.add("restored", NOW, {"position": 1, "highest": {"party": 100, "account": 10}, "entry": 5, "digest": ""})
    ledger.add("erasure", NOW, {"party_id": 102, "account_id": None})  # somebody else than 102 before
    ledger.add("withdrawal", NOW, {"party_id": 80, "use": "map"})
    lines = ledger.lines()

    def due(position: int) -> list[int]:
        return [line.values["party_id"] for line in still_due(lines, position)]

    assert due(1) == [90, 101, 80], "102 was made after the restore, and is not in the first backup"
    assert due(3) == [80], "the second backup holds another 102"
    assert due(4) == [102, 80], "a backup of the restored register"


def test_a_ledger_that_was_changed_is_refused_with_its_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for party_id in (1, 2, 3):
        ledger.add("withdrawal", NOW, {"party_id": party_id, "use": "map"})
    whole = ledger.path.read_text()
    ledger.path.write_text(whole[:-20])
    assert [line.values["party_id"] for line in ledger.lines()] == [1, 2], "a line that a crash cut off"
    ledger.add("withdrawal", NOW, {"party_id": 4, "use": "map"})
    assert [line.values["party_id"] for line in ledger.lines()] == [1, 2, 4]
    first, *others = ledger.path.read_text().splitlines(keepends=True)
    for changed in ("".join(others), first.replace(":1", ":9") + "".join(others)):
        ledger.path.write_text(changed)
        with pytest.raises(UnreadableFile, match="Line 1 of ledger.jsonl"):
            ledger.lines()


def test_a_register_that_is_not_empty_is_replaced_only_when_asked(town: Store, home: Settings, tmp_path: Path) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    before = content(town)
    with pytest.raises(Conflict, match="not empty"):
        restore(town, home, tmp_path / "town.zip", now=LATER)
    assert content(town) == before


def test_a_damaged_file_is_refused_before_anything_changes(town: Store, home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "town.zip"
    back_up(town, home, path, now=NOW)
    before, whole = content(town), path.read_bytes()
    steps = [at for at, _ in pairwise(range(0, len(whole), max(1, len(whole) // 25)))]
    for at in steps:
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            path.write_bytes(damaged)
            with suppress(UnreadableFile):
                # What a part says may be whole all the same: a ZIP tells more than one needs.
                restore(town, home, path, now=LATER, replace=True)
                assert damaged != whole[:at], f"a file that ends at byte {at} was restored"
            assert content(town) == before, f"damaged at byte {at}"


def written_again(path: Path, name: str, old: bytes, new: bytes, *, with_checksum: bool) -> Path:
    """Write a backup again with one part changed, its checksum too or not."""
    forged = path.with_name(f"forged-{path.name}")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(forged, "w") as target:
        parts = {each: source.read(each) for each in source.namelist()}
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)
        if with_checksum:
            checksums = orjson.loads(parts["checksums.json"])
            checksums[name] = hashlib.sha256(parts[name]).hexdigest()
            parts["checksums.json"] = orjson.dumps(checksums)
        for each, held in parts.items():
            target.writestr(each, held)
    return forged


def test_a_part_that_was_exchanged_is_found_by_its_checksum(town: Store, home: Settings, tmp_path: Path) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    forged = written_again(tmp_path / "town.zip", "tables/party.jsonl", b"Ada", b"Eve", with_checksum=False)
    with pytest.raises(UnreadableFile, match="damaged"):
        restore(town, home, forged, now=LATER, replace=True)


def test_a_backup_of_a_newer_program_is_refused(town: Store, home: Settings, tmp_path: Path) -> None:
    back_up(town, home, tmp_path / "town.zip", now=NOW)
    newest = b'"revision": "' + known_revisions()[0].encode()
    newer = written_again(tmp_path / "town.zip", "manifest.json", newest, b'"revision": "9999', with_checksum=True)
    with pytest.raises(NotReady, match="newer GeoCommons"):
        restore(town, home, newer, now=LATER, replace=True)


def test_a_restore_that_fails_on_the_way_changes_nothing(town: Store, home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "town.zip"
    back_up(town, home, path, now=NOW)
    before = content(town)
    ledger = Ledger.of(home)
    ledger.add("withdrawal", NOW, {"party_id": 1, "use": "no such use", "more": 1})
    broken = ledger.path.read_bytes()
    ledger.path.write_bytes(broken[:-2] + b"x}\n")
    with pytest.raises(UnreadableFile, match="ledger.jsonl"):
        restore(town, home, path, now=LATER, replace=True)
    assert content(town) == before


def test_a_backup_is_of_one_moment_however_long_it_takes(town: Store, home: Settings, tmp_path: Path) -> None:

    def write_meanwhile(done: int, total: int | None) -> None:
        if done == 1:
            with town.writing() as other:
                other.add(Party(kind="person", name="Too late"))

    back_up(town, home, tmp_path / "town.zip", now=NOW, progress=write_meanwhile)
    report = restore(town, home, tmp_path / "town.zip", now=LATER, replace=True)
    assert report.trail is not None and report.trail.broken is None
    with town.reading() as session:
        assert session.scalars(select(Party).where(Party.name == "Too late")).all() == []
