"""Invitations, roles and reach, and the last administrator."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from geocommons.errors import Conflict, GeoCommonsError, InvalidInput, NotAllowed, Spent
from geocommons.model.account import Account
from geocommons.model.actor import OPERATOR, Actor, Role
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.identities import count_administrators
from geocommons.store.logins import find_login
from geocommons.usecases.people.erase import erase_account
from geocommons.usecases.people.invite import change_role, invite
from geocommons.usecases.people.sign_in import enter_link
from tests.make import NOW, log_in

HERE = "http://localhost"


@pytest.fixture
def desk(store: Store) -> Store:
    """A register in the hands of its operator, whose clock stands still."""
    return replace(store, clock=lambda: NOW).acting_as(OPERATOR)


def ask_in(desk: Store, folder: Path, address: str, role: str, **reach: list[str]) -> str:
    """Invite somebody, and return the secret of the link."""
    link = invite(
        desk, Settings(data_dir=folder), address, role=role, reach=reach, origin=HERE, language="en", now=NOW
    )  # fmt: skip
    return link.removeprefix(f"{HERE}/sign-in/")


def accept(desk: Store, secret: str, passed: timedelta = timedelta()) -> Account:
    """Follow the link of an invitation."""
    with desk.writing() as session:
        return enter_link(session, secret, now=NOW + passed)[0]


def add(desk: Store, address: str, role: Role) -> int:
    """Add an account, and return its number."""
    with desk.writing() as session:
        account = Account(address=address, role=role, language="en", created_at=NOW)
        session.add(account)
        session.flush()
        return account.id


def test_an_invitation_gives_role_and_reach_once_within_a_week(desk: Store, tmp_path: Path) -> None:
    secret = ask_in(desk, tmp_path, "Ada@example.org", "staff", layer=["gardens"], district=["West", "West", ""])
    ada = accept(desk, secret, timedelta(days=6))
    assert (ada.address, ada.role) == ("ada@example.org", "staff")
    assert {(one.kind, one.name) for one in ada.reaches} == {("layer", "gardens"), ("district", "West")}
    with pytest.raises(Spent):
        accept(desk, secret)
    with pytest.raises(Spent):
        accept(desk, ask_in(desk, tmp_path, "eve@example.org", "planner"), timedelta(days=7))


def test_what_somebody_is_bound_to_is_told_in_one_order_whatever_the_database_thinks_of_letters(
    desk: Store, tmp_path: Path
) -> None:
    districts = ["a b", "Zuid", "École", "a", "B"]
    ada = accept(desk, ask_in(desk, tmp_path, "ada@example.org", "staff", layer=["rivers"], district=districts))
    with desk.reading() as session:
        told = [one.name for one in session.get_one(Account, ada.id).bounds]
    assert told == ["B", "Zuid", "a", "a b", "École", "rivers"]


def test_who_acts_is_bound_by_the_reach_that_the_account_has_now(desk: Store, tmp_path: Path) -> None:
    ada = accept(desk, ask_in(desk, tmp_path, "ada@example.org", "staff", layer=["gardens", "rivers"]))
    with desk.writing() as session:
        login = log_in(session, session.merge(ada))
    with desk.asking() as session:
        found = find_login(session, login.secret_digest, NOW)
    assert found is not None
    assert (found.actor.role, found.actor.layers, found.actor.districts) == ("staff", {"gardens", "rivers"}, None)


def test_another_role_or_reach_ends_the_sessions_of_the_old_one(desk: Store) -> None:
    ada = add(desk, "ada@example.org", "staff")
    for role, reach in (("staff", {"layer": ["gardens"]}), ("planner", {})):
        with desk.writing() as session:
            account = session.get_one(Account, ada)
            login = log_in(session, account)
        change_role(desk, ada, role=role, reach=reach, now=NOW)
        with desk.asking() as session:
            assert find_login(session, login.secret_digest, NOW) is None


def test_an_invitation_to_another_role_does_nothing_before_it_is_accepted(desk: Store, tmp_path: Path) -> None:
    ada = add(desk, "ada@example.org", "resident")
    secret = ask_in(desk, tmp_path, "ada@example.org", "administrator")
    with desk.reading() as session:
        assert session.get_one(Account, ada).role == "resident"
    assert accept(desk, secret).role == "administrator"


@pytest.mark.parametrize(
    ("role", "reach"),
    [("king", {}), ("visitor", {}), ("", {}), ("staff", {"layer": ["unicorns"]}), ("planner", {"layer": ["gardens"]})],
)
def test_what_is_no_role_or_no_reach_is_refused(
    desk: Store, tmp_path: Path, role: str, reach: dict[str, list[str]]
) -> None:
    with pytest.raises(GeoCommonsError) as refused:
        ask_in(desk, tmp_path, "ada@example.org", role, **reach)
    assert not isinstance(refused.value, NotAllowed)
    with pytest.raises(InvalidInput):
        ask_in(desk, tmp_path, "ada@example.org\nBcc: eve@example.org", "resident")


@pytest.mark.parametrize("role", ["resident", "group_lead", "staff", "planner"])
def test_nobody_but_an_administrator_invites_or_gives_roles(desk: Store, tmp_path: Path, role: Role) -> None:
    ada = add(desk, "ada@example.org", role)
    hands = desk.acting_as(Actor(role=role, door="page", account_id=ada))
    with pytest.raises(NotAllowed):
        ask_in(hands, tmp_path, "eve@example.org", "administrator")
    with pytest.raises(NotAllowed):
        change_role(hands, ada, role="administrator", reach={}, now=NOW)


def test_the_last_administrator_stays_one(desk: Store, tmp_path: Path) -> None:
    ada = add(desk, "ada@example.org", "administrator")
    with pytest.raises(Conflict, match="last administrator"):
        change_role(desk, ada, role="resident", reach={}, now=NOW)
    with pytest.raises(Conflict, match="last administrator"):
        accept(desk, ask_in(desk, tmp_path, "ada@example.org", "staff"))
    add(desk, "bob@example.org", "administrator")
    assert change_role(desk, ada, role="resident", reach={}, now=NOW).role == "resident"


@pytest.mark.parametrize("way", ["another role", "erased"])
def test_two_administrators_who_leave_at_once_do_not_both_leave(desk: Store, tmp_path: Path, way: str) -> None:
    for attempt in range(5):
        pair = [add(desk, f"{name}{attempt}@example.org", "administrator") for name in ("ada", "bob")]
        start, refused = Barrier(2), list[str]()

        def leave(account_id: int, start: Barrier = start, refused: list[str] = refused) -> None:
            start.wait()
            try:
                if way == "erased":
                    with desk.writing() as session:
                        going = session.get_one(Account, account_id)
                        erase_account(session, Settings(data_dir=tmp_path), going, now=NOW)
                else:
                    change_role(desk, account_id, role="resident", reach={}, now=NOW)
            except Conflict as error:
                refused.append(str(error))

        leaving = [Thread(target=leave, args=(one,)) for one in pair]
        for one in leaving:
            one.start()
        for one in leaving:
            one.join()
        with desk.reading() as session:
            assert count_administrators(session) == 1
        assert len(refused) == 1
        with desk.writing() as session:  # the next pair starts alone
            add_back = [session.get_one(Account, one) for one in pair]
            for account in add_back:
                account.role = "resident"
