"""Consents, members, merges, erasing and retention, on both databases."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geocommons.errors import Conflict, InvalidInput, NotAllowed, Spent, TooMany
from geocommons.model.account import Account
from geocommons.model.mail import Mail
from geocommons.model.party import Membership, Party
from geocommons.model.sign_in import Attempts, LoginSession, SignInRequest
from geocommons.model.tenure import Tenure, TenureParty
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.ledger import Ledger
from geocommons.store.parties import led_by, members_of
from geocommons.store.public import find_stale, list_site_ids
from geocommons.store.sites import SiteFilter, list_sites
from geocommons.store.trail import read_newest, seen_before
from geocommons.usecases.audit import check_trail
from geocommons.usecases.people.consent import republish_parties, set_public_self
from geocommons.usecases.people.erase import erase_account, erase_party
from geocommons.usecases.people.held import gather_held
from geocommons.usecases.people.members import (
    accept_invitation,
    act_for,
    change_member,
    found_group,
    get_invitation,
    invite_member,
    remove_member,
)
from geocommons.usecases.people.merge import get_merge, merge_parties, undo_merge
from geocommons.usecases.people.retention import retain
from geocommons.usecases.people.sessions import start_session
from geocommons.usecases.rounds import retention_round, trail_round
from tests.make import NOW, TODAY, counts, day, hold, load, log_in, square, write_layer

LEASE = "clt-parcels,P{at},{name},person,right,ground_lease,,,2020-01-01,,L-{at},,{shown}"
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var")


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Iterator[Store]:
    """Four parcels; Jan holds two of them, Piet one, and nobody is named."""
    load(store, write_layer(tmp_path / "p.gpkg", [{"ref": f"P{at}", "geometry": square(at)} for at in range(1, 5)]))
    names = {1: "Jan", 2: "Jan", 3: "Piet"}
    assert (
        hold(store, tmp_path, *(LEASE.format(at=at, name=name, shown="") for at, name in names.items())).accepted == 3
    )
    yield store
    with store.reading() as session:
        assert find_stale(session, list_site_ids(session)) == []


def account(session: Session, address: str, role: Any = "resident", party: Party | None = None) -> Account:
    made = Account(address=address, role=role, language="nl", created_at=NOW)
    made.party = party
    session.add(made)
    session.flush()
    return made


def party(session: Session, name: str) -> Party:
    return session.scalars(select(Party).where(Party.name == name)).one()


def everything_public(store: Store, when: str = str(TODAY)) -> str:
    with store.reading() as session:
        return str([site.state for site in list_sites(session, SiteFilter(day=day(when)))])


def tables(session: Session) -> dict[str, list[Any]]:
    """Return every row that a merge may touch."""
    session.flush()
    names = "party tenure tenure_party membership consent account login_session member_invitation site_state".split()
    return {name: sorted(map(str, session.execute(text(f"SELECT * FROM {name}")))) for name in names}


def test_who_agrees_is_named_on_every_place_of_today_and_the_past_and_on_none_after_withdrawing(
    town: Store, settings: Settings
) -> None:
    with town.writing() as session:
        person = account(session, "jan@example.org", party=party(session, "Jan"))
        set_public_self(session, settings, person, name="  Jan\u202e de Boer ", uses=["map"], now=YESTERDAY)
    assert everything_public(town).count("Jan de Boer") == 2
    assert everything_public(town, "2021-01-01").count("Jan de Boer") == 2
    with town.writing() as session:
        set_public_self(session, settings, session.get_one(Account, 1), name="Jan de Boer", uses=["reports"], now=NOW)
    assert "Jan" not in everything_public(town) + everything_public(town, "2021-01-01")
    assert "Jan" not in (settings.data_dir / "ledger.jsonl").read_text()


def test_a_table_may_say_first_that_a_person_agreed_and_never_takes_back_what_was_withdrawn(
    town: Store, settings: Settings, tmp_path: Path
) -> None:
    yes, no = (LEASE.format(at=1, name="Jan", shown=shown) for shown in ("yes", "no"))
    assert counts(hold(town, tmp_path, yes)) == {"read": 1, "updated": 1}
    assert everything_public(town).count("Jan") == 2, "the other parcel too"
    assert counts(hold(town, tmp_path, no)) == {"read": 1, "updated": 1}
    assert counts(hold(town, tmp_path, yes)) == {"read": 1, "unchanged": 1}
    assert "Jan" not in everything_public(town)


def test_a_row_that_names_one_of_two_parties_with_one_name_is_refused(town: Store, tmp_path: Path) -> None:
    with town.writing() as session:
        session.add(Party(kind="person", name="Jan"))
    report = hold(town, tmp_path, LEASE.format(at=4, name="Jan", shown=""), LEASE.format(at=4, name="Piet", shown=""))
    assert counts(report) == {"read": 2, "accepted": 1, "rejected": 1}
    assert "Two parties are called “Jan”" in report.rows[0].reason


def test_a_merge_moves_everything_and_undoing_it_puts_every_row_back(town: Store, settings: Settings) -> None:
    with town.writing() as session:
        jan, piet = party(session, "Jan"), party(session, "Piet")
        garden, river = found_group(session, "group", "Garden"), found_group(session, "group", "River")
        both = session.scalars(select(Tenure).order_by(Tenure.id)).first()
        assert both is not None
        both.parties[0].share_den = 2
        both.parties.append(TenureParty(party=piet, share_num=1, share_den=3))
        since = day("2024-01-01")
        for group, member, role in ((garden, jan, "member"), (garden, piet, "lead"), (river, piet, "lead")):
            session.add(Membership(group_id=group.id, member_id=member.id, role=role, valid_from=since))
        jan.agree("map", YESTERDAY - timedelta(days=1), "page")
        piet.withdraw("reports", YESTERDAY, "page")
        account(session, "piet@example.org", party=piet)
        session.flush()
        session.expire_all()
        republish_parties(session, [jan.id, piet.id])
        before = tables(session)
    with town.writing() as session:
        jan, piet = party(session, "Jan"), party(session, "Piet")
        with pytest.raises(InvalidInput, match="Say why"):
            merge_parties(session, jan, piet, why=" ", now=NOW)
        merge_id = merge_parties(session, jan, piet, why="One person, two spellings", now=NOW).id
    assert everything_public(town).count("'Jan'") == 3, "Piet's parcel is Jan's now, and Jan agreed"
    assert "5/6" in everything_public(town)
    with town.reading() as session:
        assert session.scalars(select(Account)).one().party_id == party(session, "Jan").id
        assert {group.name for group in led_by(session, party(session, "Jan").id, TODAY)} == {"River"}
    with town.writing() as session:
        undo_merge(session, settings, get_merge(session, merge_id), now=NOW)
    with town.reading() as session:
        assert tables(session) == before
    with town.writing() as session, pytest.raises(Conflict, match="undone already"):
        undo_merge(session, settings, get_merge(session, merge_id), now=NOW)


def test_what_was_withdrawn_while_merged_stays_withdrawn_for_both(town: Store, settings: Settings) -> None:
    with town.writing() as session:
        piet = party(session, "Piet")
        piet.agree("map", YESTERDAY, "page")
        merge = merge_parties(session, party(session, "Jan"), piet, why="one", now=YESTERDAY)
        person = account(session, "jan@example.org", party=party(session, "Jan"))
        set_public_self(session, settings, person, name="Jan", uses=[], now=NOW)
        undo_merge(session, settings, merge, now=NOW + timedelta(hours=1))
    assert "Piet" not in everything_public(town)
    assert "Jan" not in everything_public(town)


def test_two_that_log_in_are_merged_only_when_that_is_said(town: Store) -> None:
    with town.writing() as session:
        jan, piet = party(session, "Jan"), party(session, "Piet")
        account(session, "jan@example.org", party=jan)
        account(session, "piet@example.org", party=piet)
        with pytest.raises(Conflict, match="Both parties log in"):
            merge_parties(session, jan, piet, why="one", now=NOW)
        with pytest.raises(Conflict, match="not one party"):
            merge_parties(session, jan, found_group(session, "group", "G"), why="one", now=NOW)
        merge_parties(session, jan, piet, why="one", now=NOW, both_logins=True)
        assert [one.party_id for one in session.scalars(select(Account).order_by(Account.id))] == [jan.id, None]


def test_an_import_finds_a_merged_party_under_its_old_name(town: Store, tmp_path: Path) -> None:
    with town.writing() as session:
        merge_parties(session, party(session, "Jan"), party(session, "Piet"), why="one", now=NOW)
    assert counts(hold(town, tmp_path, LEASE.format(at=3, name="Piet", shown=""))) == {"read": 1, "unchanged": 1}
    assert counts(hold(town, tmp_path, LEASE.format(at=4, name="Piet", shown=""))) == {"read": 1, "accepted": 1}
    with town.reading() as session:
        held = session.scalars(select(TenureParty.party_id)).all()
        assert set(held) == {party(session, "Jan").id}


def invited(session: Session, settings: Settings, group: Party, person: Account, role: Any, secret: str) -> None:
    invite_member(
        session, settings, group, person.address or "", role, by=None, language="en", now=NOW, token=lambda _: secret
    )
    accept_invitation(session, secret, person, person.address.split("@")[0] if person.address else "", now=NOW)


def test_an_invitation_works_once_for_its_own_address_and_for_two_weeks(town: Store, settings: Settings) -> None:
    with town.writing() as session:
        group, ann, bob = (
            found_group(session, "group", "Otters"),
            account(session, "ann@a.nl"),
            account(session, "b@b.nl"),
        )
        invite_member(
            session, settings, group, "Ann@A.nl", "lead", by=None, language="en", now=NOW, token=lambda _: "s"
        )
        mail = session.scalars(select(Mail)).one()
        assert (mail.kind, mail.language) == ("group_invitation", "nl")
        with pytest.raises(NotAllowed, match="another address"):
            accept_invitation(session, "s", bob, "Bob", now=NOW)
        with pytest.raises(Spent):
            get_invitation(session, "s", now=NOW + timedelta(days=15))
        accept_invitation(session, "s", ann, "Ann", now=NOW)
        assert ann.role == "group_lead"
        with pytest.raises(Spent):
            accept_invitation(session, "s", ann, "Ann", now=NOW)
        with pytest.raises(Conflict, match="already"):
            invite_member(session, settings, group, "ann@a.nl", "lead", by=None, language="en", now=NOW)


def test_nobodys_mailbox_is_filled_by_inviting_them_again_and_again(town: Store, settings: Settings) -> None:
    def ask(session: Session, group: Party, now: Any) -> None:
        invite_member(session, settings, group, "victim@b.nl", "member", by=None, language="en", now=now)

    with town.writing() as session:
        groups = [found_group(session, "group", name) for name in ("Otters", "Herons")]
        for at in range(3):
            ask(session, groups[at % 2], NOW)
        for group in groups:
            with pytest.raises(TooMany, match="tomorrow"):
                ask(session, group, NOW + timedelta(hours=23))
        ask(session, groups[0], NOW + timedelta(hours=25))
        assert len(session.scalars(select(Mail)).all()) == 4


def test_a_member_who_is_removed_while_acting_acts_no_more(town: Store, settings: Settings) -> None:
    with town.writing() as session:
        group, ann, bob = (
            found_group(session, "group", "Otters"),
            account(session, "ann@a.nl"),
            account(session, "b@b.nl"),
        )
        invited(session, settings, group, ann, "lead", "1")
        login = log_in(session, ann)
        act_for(session, login, group.id, today=TODAY)
        with pytest.raises(Conflict, match="no other lead"):
            remove_member(session, group, ann.party_id or 0, today=TODAY)
        invited(session, settings, group, bob, "member", "2")
        assert bob.role == "resident"
        change_member(session, group, bob.party_id or 0, "lead", today=TODAY)
        assert bob.role == "group_lead"
        remove_member(session, group, ann.party_id or 0, today=TODAY)
        session.expire_all()
        assert session.get_one(LoginSession, login.id).acting_for is None
        assert session.get_one(Account, ann.id).role == "resident"
        with pytest.raises(NotAllowed, match="may not act"):
            act_for(session, login, group.id, today=TODAY)
        assert [member.name for _, member in members_of(session, group.id, TODAY)] == ["b"]


def test_who_is_erased_leaves_care_that_counts_and_nothing_else(town: Store, settings: Settings) -> None:
    with town.writing() as session:
        account(session, "chief@example.org", role="administrator")
        jan = account(session, "jan@example.org", role="administrator", party=party(session, "Jan"))
        set_public_self(session, settings, jan, name="Jan", uses=["map", "reports"], now=YESTERDAY)
        start_session(session, jan, way="mail", browser="Firefox of Jan", now=NOW)
        group = found_group(session, "group", "Otters")
        invited(session, settings, group, jan, "lead", "1")
    with town.writing() as session:
        jan = session.scalars(select(Account).where(Account.address == "jan@example.org")).one()
        erase_account(session, settings, jan, now=NOW)
        assert (jan.address, jan.role, jan.party_id, jan.erased_at) == (None, "resident", None, NOW)
    assert everything_public(town).count("'status': 'cared_for'") == 3
    with town.reading() as session:
        for table in ("party", "account", "login_session", "mail", "member_invitation", "sign_in_request", "tenure"):
            rows = str(session.execute(text(f"SELECT * FROM {table}")).all())
            assert "Jan" not in rows, table
            assert "jan@" not in rows, table
        assert members_of(session, group.id, TODAY) == []
    with town.writing() as session:
        chief = session.scalars(select(Account).where(Account.address == "chief@example.org")).one()
        with pytest.raises(Conflict, match="last administrator"):
            erase_account(session, settings, chief, now=NOW)
        erase_party(session, settings, party(session, "Piet"), now=NOW)
    assert "Piet" not in everything_public(town)


def test_why_somebody_was_merged_is_erased_with_them(town: Store, settings: Settings) -> None:
    with town.writing() as session:
        merge_parties(session, party(session, "Jan"), party(session, "Piet"), why="Piet is called Jan", now=NOW)
        erase_party(session, settings, party(session, "Jan"), now=NOW)
    with town.reading() as session:
        told = str(session.execute(text("SELECT * FROM party_merge")).all())
        told += str(session.execute(text("SELECT changes, why FROM audit_entry")).all())
    assert "Piet" not in told and "Jan" not in told


def test_everything_held_about_a_person_is_given_and_no_secret_among_it(town: Store, settings: Settings) -> None:
    with town.writing() as session:
        jan = account(session, "jan@example.org", party=party(session, "Jan"))
        set_public_self(session, settings, jan, name="Jan B.", uses=["map"], now=NOW)
        login_id, secret = start_session(session, jan, way="mail", browser="Firefox", now=NOW)
        login = session.get_one(LoginSession, login_id)
        group = found_group(session, "group", "Otters")
        invite_member(session, settings, group, "jan@example.org", "lead", by=None, language="en", now=NOW,
                      token=lambda _: "SECRET-LINK")  # fmt: skip
    with town.reading() as session:
        held = gather_held(session, session.get_one(Account, 1))
        given = orjson.dumps(held, option=orjson.OPT_NON_STR_KEYS).decode()
    assert [tenure["ref"] for tenure in held["tenures"]] == ["P1", "P2"]
    assert held["party"]["named_as"] == {"map": "Jan B.", "directory": None, "reports": None}
    assert [mail["kind"] for mail in held["mails"]] == ["group_invitation"]
    assert {entry["subject"] for entry in held["audit"]} >= {"account", "consent", "party"}
    for hidden in (secret, login.secret_digest, "SECRET-LINK"):
        assert hidden not in given


def test_what_was_kept_long_enough_is_forgotten_and_reported(store: Store, settings: Settings) -> None:
    old, new = NOW - timedelta(days=60), NOW - timedelta(days=1)
    with store.writing() as session:
        ann = account(session, "ann@a.nl")
        for moment in (old, new):
            login = log_in(session, ann, now=moment)
            login.revoked_at = moment
            session.add(Attempts(key=str(moment), since=moment, count=3))
            session.add(SignInRequest(
                address="ann@a.nl", link_digest=str(moment), code_digest="", browser_digest=None, language="en",
                role=None, reach={}, created_at=moment, expires_at=moment, used_at=None,
            ))  # fmt: skip
    done = retain(store, settings, now=NOW)
    assert {name: count for name, count in done.items() if count} == {
        "sessions": 1,
        "sign_in_requests": 1,
        "attempts": 1,
    }
    assert sum(retain(store, settings, now=NOW).values()) == 0
    with store.writing() as session:
        account(session, "chief@a.nl", role="administrator").seen_at = old
    forgetful = settings.model_copy(update={"account_retention_days": 20})
    assert retain(store, forgetful, now=NOW + timedelta(days=10))["accounts"] == 0, "seen yesterday, or the last chief"
    assert retain(store, forgetful, now=NOW + timedelta(days=30))["accounts"] == 1


def test_a_served_register_forgets_by_itself_and_says_so(
    store: Store, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with store.writing() as session:
        session.add(Attempts(key="old", since=NOW - timedelta(days=60), count=3))
    caplog.set_level("INFO", logger="geocommons")
    before = store.version()
    job = retention_round(store, settings, lambda: NOW, first_after_s=0.0)
    job.start()
    while "Forgotten" not in caplog.text:
        time.sleep(0.01)
    job.stop(10.0)
    assert "attempts 1" in caplog.text
    with store.reading() as session:
        assert session.get(Attempts, "old") is None
    assert store.version() == before, "no page changed"


def test_a_served_register_notes_which_entry_of_the_trail_is_the_newest(store: Store, settings: Settings) -> None:
    with store.writing() as session:
        found_group(session, "group", "Otters")
    job = trail_round(store, settings, lambda: NOW, every_s=0.01)
    job.start()
    while not Ledger.of(settings).lines():
        time.sleep(0.01)
    with store.writing() as session:
        found_group(session, "group", "Herons")
    with store.reading() as session:
        newest = read_newest(session)
    while newest.entry not in seen_before(Ledger.of(settings).lines()):
        time.sleep(0.01)
    job.stop(10.0)
    assert check_trail(store, settings, now=NOW).broken is None
    lines = [line for line in Ledger.of(settings).lines() if line.kind == "seen"]
    assert len(lines) == 2, "nothing new, no line"
