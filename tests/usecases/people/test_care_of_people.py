"""Care that somebody gave goes where they go: merged, told to themselves, and without a name when they are erased."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from geocommons.model.account import Account
from geocommons.model.activity import Activity
from geocommons.model.obligation import Obligation
from geocommons.model.party import Party
from geocommons.settings import Settings
from geocommons.store.care import care_frame
from geocommons.store.engine import Store
from geocommons.usecases.people.erase import erase_party
from geocommons.usecases.people.held import gather_held
from geocommons.usecases.people.merge import merge_parties, undo_merge
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
