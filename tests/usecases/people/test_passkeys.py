"""Passkeys: added to an account, shown to sign in, and refused in one sentence where anything is wrong."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from geocommons.errors import Conflict, GeoCommonsError, InvalidInput, NotAllowed, Spent
from geocommons.model.account import Account
from geocommons.model.sign_in import Passkey
from geocommons.store.engine import Store
from geocommons.store.passkeys import list_passkeys
from geocommons.usecases.people.passkeys import (
    PASSKEYS_MOST,
    Purpose,
    add_passkey,
    ask_to_add,
    ask_to_show,
    forget_passkeys,
    read_answer,
    show_passkey,
    spend_answer,
)
from tests.authenticator import Authenticator, encode
from tests.make import NOW

HOME = "https://commons.example.org"
MINE, ELSEWHERE = "browser one", "browser two"
SIGN_IN: Purpose = "sign in by passkey"


def make_account(store: Store, address: str = "mina@example.org") -> Account:
    with store.writing() as session:
        account = Account(address=address, role="staff", language="en", created_at=NOW)
        session.add(account)
    return account


def ask(store: Store, account: Account, holder: str = MINE) -> str:
    with store.writing() as session:
        return ask_to_add(session, account, holder, origin=HOME, title="Commons", now=NOW)


def add(store: Store, account: Account, key: Authenticator, name: str = "My phone") -> Passkey:
    answer = read_answer(key.make(ask(store, account)))
    spend_answer(store, answer, "add a passkey", MINE, origin=HOME, now=NOW)
    with store.writing() as session:
        return add_passkey(session, account, answer, name=name, origin=HOME, now=NOW)


def options(store: Store, goal: str = "/") -> str:
    with store.writing() as session:
        return ask_to_show(session, SIGN_IN, MINE, origin=HOME, now=NOW, goal=goal)


def show(
    store: Store, text: str, *, holder: str = MINE, purpose: Purpose = SIGN_IN, late: timedelta = timedelta()
) -> Passkey:
    answer = read_answer(text)
    spend_answer(store, answer, purpose, holder, origin=HOME, now=NOW + late)
    with store.writing() as session:
        return show_passkey(session, answer, origin=HOME, now=NOW + late)


def test_a_passkey_lets_its_owner_in_again_and_again_and_counts(store: Store) -> None:
    account, key = make_account(store), Authenticator(HOME)
    add(store, account, key, " My\tphone\u202e ")
    for uses in (1, 2):
        shown = show(store, key.show(options(store)))
        assert (shown.account_id, shown.name, shown.uses, shown.used_at) == (account.id, "My phone", uses, NOW)


def test_a_passkey_that_does_not_count_is_believed(store: Store) -> None:
    """Passkeys that a phone keeps in step with other devices say 0 for ever."""
    account, key = make_account(store), Authenticator(HOME)
    add(store, account, key)
    assert show(store, key.show(options(store), counts=0)).uses == 0
    assert show(store, key.show(options(store), counts=0)).uses == 0


def test_the_goal_is_kept_with_the_challenge(store: Store) -> None:
    key = Authenticator(HOME)
    add(store, make_account(store), key)
    answer = read_answer(key.show(options(store, "/people?page=2")))
    assert spend_answer(store, answer, SIGN_IN, MINE, origin=HOME, now=NOW) == "/people?page=2"


def test_a_challenge_is_used_once_soon_and_where_it_was_asked(store: Store) -> None:
    key = Authenticator(HOME)
    add(store, make_account(store), key)
    answered = key.show(options(store))
    with pytest.raises(Spent, match="another browser"):
        show(store, answered, holder=ELSEWHERE)
    with pytest.raises(Spent):
        show(store, answered, purpose="confirm by passkey")
    show(store, answered)
    with pytest.raises(Spent, match="used already"):
        show(store, answered)
    with pytest.raises(Spent, match="too long"):
        show(store, key.show(options(store)), late=timedelta(minutes=6))
    with pytest.raises(Spent):
        show(store, key.show(options(store), challenge=encode(b"one that I made up")))


def test_a_wrong_answer_spends_its_challenge(store: Store) -> None:
    key = Authenticator(HOME)
    add(store, make_account(store), key)
    asked = options(store)
    with pytest.raises(NotAllowed, match="did not prove"):
        show(store, key.show(asked, key=ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(Spent):
        show(store, key.show(asked))


def elsewhere(key: Authenticator) -> None:
    key.origin = "https://commons.example.net"


def unchecked(key: Authenticator) -> None:
    key.checks = False


def copied(key: Authenticator) -> None:
    key.uses = 3


@pytest.mark.parametrize(
    ("prepare", "lies", "words"),
    [
        (elsewhere, {}, "work at https://commons.example.org only"),
        (unchecked, {}, "fingerprint, a face or a PIN"),
        (copied, {"counts": 0}, "counts fewer uses"),
        (copied, {"counts": 2}, "counts fewer uses"),
        (copied, {"counts": -3}, "counts fewer uses"),
        (None, {"rp_id": "example.net"}, "did not prove"),
        (None, {"owner": encode(b"somebody else")}, "did not prove"),
        (None, {"key": ec.generate_private_key(ec.SECP256R1())}, "did not prove"),
    ],
)
def test_what_a_passkey_says_wrongly_is_refused(
    store: Store, prepare: Callable[[Authenticator], None] | None, lies: dict[str, Any], words: str
) -> None:
    key = Authenticator(HOME, uses=5)
    passkey = add(store, make_account(store), key)
    if prepare:
        prepare(key)
    with pytest.raises(NotAllowed, match=words):
        show(store, key.show(options(store), **lies))
    with store.reading() as session:
        assert list_passkeys(session, passkey.account_id)[0].uses == 5


def test_a_passkey_that_the_register_does_not_know_is_refused(store: Store) -> None:
    key = Authenticator(HOME)
    key.make(ask(store, make_account(store)))
    with pytest.raises(NotAllowed, match="not on the account"):
        show(store, key.show(options(store)))


def test_confirming_takes_a_passkey_of_the_same_account(store: Store) -> None:
    key, other = Authenticator(HOME), make_account(store, "otto@example.org")
    add(store, make_account(store), key)
    with store.writing() as session:
        asked = ask_to_show(session, "confirm by passkey", MINE, origin=HOME, now=NOW, account=other)
    answer = read_answer(key.show(asked))
    spend_answer(store, answer, "confirm by passkey", MINE, origin=HOME, now=NOW)
    with store.writing() as session, pytest.raises(NotAllowed, match="not on the account"):
        show_passkey(session, answer, origin=HOME, now=NOW, account_id=other.id)


def test_a_passkey_that_checks_nobody_is_not_added(store: Store) -> None:
    account, key = make_account(store), Authenticator(HOME)
    key.checks = False
    with pytest.raises(NotAllowed, match="PIN"):
        add(store, account, key)


def test_a_passkey_is_on_one_account_once(store: Store) -> None:
    account, key = make_account(store), Authenticator(HOME)
    add(store, account, key)
    with pytest.raises(Conflict, match="already"):
        add(store, make_account(store, "otto@example.org"), key)


def test_an_account_has_so_many_passkeys_and_no_more(store: Store) -> None:
    account = make_account(store)
    for number in range(PASSKEYS_MOST):
        add(store, account, Authenticator(HOME, name=b"passkey number %02d" % number))
    with pytest.raises(Conflict, match=str(PASSKEYS_MOST)):
        ask(store, account)


@pytest.mark.parametrize("name", ["", " \u200b ", "x" * 61])
def test_a_passkey_has_a_name_that_can_be_read(store: Store, name: str) -> None:
    with pytest.raises(InvalidInput, match="My phone"):
        add(store, make_account(store), Authenticator(HOME), name)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"response": 3}', '{"response": {"clientDataJSON": "%%"}}', "\x00", '{"id": ' * 2000]
)
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_answer(text)


@pytest.mark.parametrize("part", ["id", "rawId", "type", "response"])
@pytest.mark.parametrize("value", [None, 3, "", "%%", [], {}])
def test_an_answer_with_a_broken_part_is_refused(store: Store, part: str, value: object) -> None:
    key = Authenticator(HOME)
    add(store, make_account(store), key)
    broken = json.loads(key.show(options(store))) | {part: value}
    with pytest.raises(GeoCommonsError):
        show(store, json.dumps(broken))


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("value", [3, "AAAA", "%%", []])
def test_an_answer_with_a_broken_response_is_refused(store: Store, part: str, value: object) -> None:
    key = Authenticator(HOME)
    add(store, make_account(store), key)
    broken = json.loads(key.show(options(store)))
    broken["response"][part] = value
    with pytest.raises(GeoCommonsError):
        show(store, json.dumps(broken))


def test_lost_passkeys_are_forgotten_and_open_nothing_any_more(store: Store) -> None:
    account, key = make_account(store), Authenticator(HOME)
    add(store, account, key)
    with store.writing() as session:
        assert forget_passkeys(session, account.id) == 1
    with pytest.raises(NotAllowed, match="not on the account"):
        show(store, key.show(options(store)))
