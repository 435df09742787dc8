"""A city's own accounts: whose account it is here, and which role the provider gives and takes."""

import pytest

from geocommons.errors import Conflict, NotAllowed
from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.store.engine import Store
from geocommons.store.identities import find_account, list_identities
from geocommons.usecases.people.openid import Introduction, connect_introduced, sign_in_introduced
from tests.make import NOW

ROLES: dict[str, Role] = {"land": "staff", "plan": "planner", "it": "administrator"}
CITY = "https://id.example.org"


def mina(
    *roles: str, subject: str = "m1", address: str | None = "Mina@Example.org", verified: bool = True
) -> Introduction:
    return Introduction(CITY, subject, address, verified, frozenset(roles))


def make_account(store: Store, role: Role, address: str = "mina@example.org") -> Account:
    with store.writing() as session:
        account = Account(address=address, role=role, language="en", created_at=NOW)
        session.add(account)
    return account


def enter(store: Store, person: Introduction) -> Account:
    with store.writing() as session:
        return sign_in_introduced(session, person, ROLES, language="nl", now=NOW)


def test_a_new_person_gets_an_account_with_the_role_that_the_city_says(store: Store) -> None:
    account = enter(store, mina("land", "unheard of"))
    assert (account.address, account.role, account.language) == ("mina@example.org", "staff", "nl")
    assert enter(store, mina("land")).id == account.id


def test_the_highest_of_several_roles_counts(store: Store) -> None:
    assert enter(store, mina("land", "plan")).role == "planner"


def test_nobody_is_an_administrator_unless_a_claim_says_so(store: Store) -> None:
    assert enter(store, mina("administrator", "admin", "root")).role == "resident"
    assert enter(store, mina("it")).role == "administrator"


def test_a_role_that_the_city_takes_away_is_gone_at_the_next_sign_in(store: Store) -> None:
    make_account(store, "administrator", "another@example.org")
    assert enter(store, mina("it")).role == "administrator"
    assert enter(store, mina("land")).role == "staff"
    assert enter(store, mina()).role == "resident"


def test_a_role_that_was_given_here_stays_unless_the_city_gives_a_higher_one(store: Store) -> None:
    made = make_account(store, "staff")
    assert enter(store, mina()).role == "staff"
    assert enter(store, mina("land")).role == "staff"
    assert enter(store, mina()).role == "staff", "the city never gave it"
    assert enter(store, mina("plan")).id == made.id
    assert enter(store, mina()).role == "resident"


def test_the_last_administrator_stays_one(store: Store) -> None:
    assert enter(store, mina("it")).role == "administrator"
    assert enter(store, mina()).role == "administrator"
    make_account(store, "administrator", "another@example.org")
    assert enter(store, mina()).role == "resident"


def test_where_no_claim_is_read_roles_are_given_here(store: Store) -> None:
    make_account(store, "planner")
    assert enter(store, Introduction(CITY, "m1", "mina@example.org", True, None)).role == "planner"


@pytest.mark.parametrize("address", ["mina@example.org", None, "new@example.org"])
def test_an_address_that_the_city_did_not_verify_opens_no_account(store: Store, address: str | None) -> None:
    made = make_account(store, "staff")
    with pytest.raises(NotAllowed, match="did not vouch"):
        enter(store, mina("it", address=address, verified=False))
    with store.reading() as session:
        assert list_identities(session, made.id) == []
        assert find_account(session, "new@example.org") is None


@pytest.mark.parametrize("address", ["no address", "a@b\r\nBcc: x@example.org", "@", "a" * 300 + "@example.org"])
def test_an_address_that_is_none_is_refused(store: Store, address: str) -> None:
    with pytest.raises(NotAllowed, match="that is none"):
        enter(store, mina(address=address))


def test_a_known_person_keeps_the_account_whatever_the_address_says(store: Store) -> None:
    first = enter(store, mina("land"))
    again = enter(store, mina("land", address="other@example.org", verified=False))
    assert (again.id, again.address) == (first.id, "mina@example.org")


def test_the_same_subject_of_another_issuer_is_another_person(store: Store) -> None:
    first = enter(store, mina())
    other = Introduction("https://evil.example.org", "m1", "other@example.org", True, frozenset())
    assert enter(store, other).id != first.id


def test_an_erased_account_does_not_come_back(store: Store) -> None:
    account = enter(store, mina())
    with store.writing() as session:
        session.merge(account).erased_at = NOW
    with pytest.raises(NotAllowed, match="erased"):
        enter(store, mina())


def test_somebody_who_is_signed_in_connects_an_account_whose_address_is_not_verified(store: Store) -> None:
    account = make_account(store, "staff")
    unverified = mina("land", verified=False)
    with store.writing() as session:
        connect_introduced(session, account, unverified, now=NOW)
    assert enter(store, unverified).id == account.id


def test_one_account_of_the_city_is_connected_to_one_account_here(store: Store) -> None:
    enter(store, mina())
    other = make_account(store, "staff", "otto@example.org")
    with store.writing() as session, pytest.raises(Conflict, match="another account"):
        connect_introduced(session, other, mina(), now=NOW)
