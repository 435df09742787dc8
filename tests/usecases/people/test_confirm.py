"""Confirming by a mailed code: once, soon, in the session that asked, and not by guessing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from geocommons.errors import NotAllowed, NotConfirmed, Spent, TooMany
from geocommons.model.account import Account
from geocommons.model.actor import Actor
from geocommons.model.mail import Mail
from geocommons.model.sign_in import LoginSession, Passkey
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.people.confirm import MAILS_MOST, TRIES_MOST, confirm_by_code, send_code
from geocommons.usecases.people.sessions import CONFIRMED_FOR, LONG_AGO, check_confirmed, start_session
from tests.make import NOW, log_in

SETTINGS = Settings()


def make_login(store: Store, address: str = "ada@example.org") -> LoginSession:
    with store.writing() as session:
        account = Account(address=address, role="administrator", language="nl", created_at=NOW)
        session.add(account)
        session.flush()
        return log_in(session, account, now=NOW - timedelta(days=1))


def ask(store: Store, login: LoginSession, code: int = 4711) -> None:
    send_code(store, SETTINGS, login.account, login.id, goal="/people", now=NOW, digits=lambda _: code)


def confirmed_at(store: Store, login: LoginSession) -> object:
    with store.reading() as session:
        found = session.get(LoginSession, login.id)
        assert found
        return found.confirmed_at


def test_a_mailed_code_confirms_once(store: Store) -> None:
    login = make_login(store)
    ask(store, login)
    with store.reading() as session:
        mail = session.scalars(select(Mail)).one()
    assert (mail.kind, mail.language, mail.params["code"]) == ("confirm", "nl", "004711")
    assert confirm_by_code(store, SETTINGS, login.id, " 004 711 ", now=NOW) == "/people"
    assert confirmed_at(store, login) == NOW
    with pytest.raises(Spent):
        confirm_by_code(store, SETTINGS, login.id, "004711", now=NOW)


def test_a_code_is_for_the_session_that_asked_and_for_a_quarter_of_an_hour(store: Store) -> None:
    login, other = make_login(store), make_login(store, "otto@example.org")
    ask(store, login)
    with pytest.raises(Spent, match="not the code"):
        confirm_by_code(store, SETTINGS, other.id, "004711", now=NOW)
    with pytest.raises(Spent, match="too old"):
        confirm_by_code(store, SETTINGS, login.id, "004711", now=NOW + timedelta(minutes=15))


def test_only_the_newest_code_counts(store: Store) -> None:
    login = make_login(store)
    ask(store, login, 1)
    ask(store, login, 2)
    with pytest.raises(Spent):
        confirm_by_code(store, SETTINGS, login.id, "000001", now=NOW)
    confirm_by_code(store, SETTINGS, login.id, "000002", now=NOW)


def test_guessing_ends_and_so_does_the_right_code_then(store: Store) -> None:
    login = make_login(store)
    ask(store, login)
    for guess in range(TRIES_MOST):
        with pytest.raises(Spent):
            confirm_by_code(store, SETTINGS, login.id, f"{guess:06}", now=NOW)
    with pytest.raises(TooMany) as refused:
        confirm_by_code(store, SETTINGS, login.id, "004711", now=NOW)
    assert refused.value.retry_after_s == 15 * 60


def test_mails_end_too(store: Store) -> None:
    login = make_login(store)
    for _ in range(MAILS_MOST):
        ask(store, login)
    with pytest.raises(TooMany):
        ask(store, login)


def test_a_code_does_not_confirm_somebody_with_a_passkey(store: Store) -> None:
    login = make_login(store)
    ask(store, login)
    with store.writing() as session:
        session.add(
            Passkey(
                account_id=login.account_id,
                credential_id=b"x",
                public_key=b"y",
                uses=0,
                name="Key",
                created_at=NOW,
                used_at=None,
            )
        )
    with pytest.raises(NotAllowed, match="Confirm with the passkey"):
        confirm_by_code(store, SETTINGS, login.id, "004711", now=NOW)
    with pytest.raises(NotAllowed):
        ask(store, login)
    assert confirmed_at(store, login) != NOW
    with store.writing() as session:
        account = session.get(Account, login.account_id)
        assert account
        by_mail = log_in(session, account)
        by_key = session.get_one(
            LoginSession, start_session(session, account, way="passkey", browser="test", now=NOW)[0]
        )
    assert (by_mail.confirmed_at, by_key.confirmed_at) == (LONG_AGO, NOW)


def test_a_confirmation_holds_a_while_and_no_longer_where_a_clock_goes_back() -> None:
    actor = Actor(role="administrator", confirmed_at=NOW)
    check_confirmed(actor, NOW + CONFIRMED_FOR - timedelta(seconds=1))
    for moment in (NOW + CONFIRMED_FOR, NOW - timedelta(days=1)):
        with pytest.raises(NotConfirmed):
            check_confirmed(actor, moment)
    with pytest.raises(NotConfirmed):
        check_confirmed(Actor(role="administrator"), NOW)
