"""Care that somebody gave goes where they go: merged, told to themselves, and without a name when they are erased."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from geocommons.model.account import Account
from geocommons.model.activity import Activity
from geocommons.model.actor import Actor
from geocommons.model.obligation import Obligation
from geocommons.model.party import Party
from geocommons.model.record import Record
from geocommons.settings import Settings
from geocommons.store.care import care_frame
from geocommons.store.engine import Store
from geocommons.store.entries import Asked
from geocommons.usecases.people.consent import rename, set_public_self
from geocommons.usecases.people.erase import erase_account, erase_party
from geocommons.usecases.people.held import gather_held
from geocommons.usecases.people.merge import merge_parties, undo_merge
from geocommons.usecases.trail import read_trail
from tests.make import NOW, TODAY, load, square, write_layer


@pytest.fixture
def tended(store: Store, tmp_path: Path) -> Store:
    load(store, write_layer(tmp_path / "g.gpkg", [{"ref": "G", "name": "Rose", "geometry": square(0)}]), "gardens")
    with store.writing() as session:
        people = [Party(kind="person", name=name) for name in ("Ada Quist", "A. Quist")]
        session.add_all(people)
        session.flush()
        for at, one in enumerate(people):
            session.add(
                Activity(
                    key=f"{one.name}-{at}", site_id=1, party=one, kind="weeding", day=date(2026, 4, 1), minutes=60,
                    people=1, note="roses", noted_at=NOW,
                )
            )  # fmt: skip
        session.add(Obligation(key="d", site_id=1, kind="test", due_on=TODAY, evidence="signed by Ada Quist"))
        session.flush()
        session.add(
            Activity(key="n", site_id=1, party=people[1], kind="mowing", day=date(2026, 4, 2), minutes=30, people=1,
                     note="Thanks to ada quist", noted_at=NOW)
        )  # fmt: skip
    return store


def minutes(store: Store) -> dict[int, int]:
    with store.reading() as session:
        frame = care_frame(session, ["gardens"], TODAY)
    return frame.groupby("claimant")["minutes"].sum().to_dict()


def test_two_parties_that_become_one_have_their_care_together_and_apart_again(tended: Store) -> None:
    assert minutes(tended) == {1: 60, 2: 90}
    with tended.writing() as session:
        merge = merge_parties(session, session.get_one(Party, 1), session.get_one(Party, 2), why="one", now=NOW)
    assert minutes(tended) == {1: 150}
    with tended.writing() as session:
        undo_merge(session, Settings(), session.merge(merge), now=NOW)
    assert minutes(tended) == {1: 60, 2: 90}


def test_care_of_somebody_who_is_erased_still_counts_and_tells_nothing_of_them(tended: Store, tmp_path: Path) -> None:
    with tended.writing() as session:
        erase_party(session, Settings(data_dir=tmp_path), session.get_one(Party, 1), now=NOW)
    assert minutes(tended) == {1: 60, 2: 90}
    with tended.reading() as session:
        told = [(one.key, one.note) for one in session.scalars(select(Activity).order_by(Activity.id))]
        evidence = session.scalars(select(Obligation.evidence)).one()
    assert told == [("care-1", ""), ("A. Quist-1", "roses"), ("n", "")]
    assert evidence == ""


def test_who_asks_what_is_held_of_them_reads_the_care_that_they_gave(tended: Store) -> None:
    with tended.writing() as session:
        account = Account(address="ada@example.org", role="resident", language="en", created_at=NOW)
        account.party = session.get_one(Party, 1)
        session.add(account)
    with tended.reading() as session:
        [care] = gather_held(session, session.get_one(Account, 1))["care"]
    assert (care["place"], care["kind"], care["minutes"], care["note"]) == ("Rose", "weeding", 60, "roses")


def test_what_is_written_of_an_erased_person_is_in_no_entry_of_the_trail_that_anybody_can_open(
    tended: Store, tmp_path: Path
) -> None:
    with tended.writing() as session:
        by_another = Activity(
            key="k",
            site_id=1,
            party_id=2,
            kind="mowing with Ada Quist",
            day=date(2026, 4, 2),
            minutes=30,
            unit="bags of Ada Quist",
            people=1,
            note="So said Ada Quist",
            noted_at=NOW,
        )
        due = Obligation(key="e", site_id=1, kind="ask Ada Quist", due_on=TODAY)
        session.add_all([by_another, due, Record(ref="R", kind="deed", title="From Ada Quist", created_at=NOW)])
    assert "Ada Quist" in trail_of(tended, tmp_path)
    with tended.writing() as session:
        erase_party(session, Settings(data_dir=tmp_path), session.get_one(Party, 1), now=NOW)
    told = trail_of(tended, tmp_path)
    assert "ada quist" not in told.casefold()
    assert "A. Quist" in told, "who is somebody else stays"
    with tended.reading() as session:
        assert session.scalars(select(Record.title)).one() == ""


def test_nobody_takes_the_words_of_others_along_by_what_they_call_themselves(tended: Store, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with tended.writing() as session:
        session.add(Record(ref="R-1", kind="deed", title="test", created_at=NOW))
        for name in ("e", "mowing", "test"):
            account = Account(address=f"{name}@example.org", role="resident", language="en", created_at=NOW)
            session.add(account)
            set_public_self(session, settings, account, name=name, uses=[], now=NOW)
            erase_account(session, settings, account, now=NOW)
        known = session.get_one(Party, 2)
        rename(session, known, "roses")
        erase_party(session, settings, known, now=NOW)
    with tended.reading() as session:
        told = [(one.key, one.kind, one.note) for one in session.scalars(select(Activity).order_by(Activity.id))]
        due = session.scalars(select(Obligation)).one()
        record = session.scalars(select(Record)).one()
    assert told == [("Ada Quist-0", "weeding", "roses"), ("care-2", "care", ""), ("n", "mowing", "")]
    assert (due.key, due.kind, due.evidence) == ("d", "test", "signed by Ada Quist")
    assert (record.ref, record.title) == ("R-1", "test")


def trail_of(store: Store, folder: Path) -> str:
    """Return all that an administrator reads in the audit trail."""
    with store.reading() as session:
        found = read_trail(session, Settings(data_dir=folder), Actor(role="administrator"), Asked(), limit=500)
    return str([(change.before, change.after) for told in found.entries for change in told.changes])
