"""Confirm that somebody who is signed in is still the same person: by a passkey, or by a code where they have none."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from geocommons.errors import NotAllowed, Spent
from geocommons.model.account import Account
from geocommons.model.sign_in import keyed_digest
from geocommons.settings import Settings
from geocommons.store.attempts import count_attempt
from geocommons.store.challenges import drop_challenges, keep_challenge, spend_challenge
from geocommons.store.engine import Store
from geocommons.store.logins import get_login
from geocommons.store.passkeys import has_passkey
from geocommons.usecases.mail.queue import queue_mail

PURPOSE = "confirm by code"
CODE_VALID_FOR = timedelta(minutes=15)
TRIES_MOST = 5
MAILS_MOST = 5
AN_HOUR = timedelta(hours=1)


def confirm_login(session: Session, login_id: int, *, now: datetime) -> None:
    """Note that the person of a session just proved who they are."""
    get_login(session, login_id).confirmed_at = now


def send_code(
    store: Store,
    settings: Settings,
    account: Account,
    login_id: int,
    *,
    goal: str,
    now: datetime,
    digits: Callable[[int], int] = secrets.randbelow,
) -> None:
    """Mail a code that confirms one session once; an earlier one no longer counts."""
    _count(store, f"confirm mails {account.id}", MAILS_MOST, AN_HOUR, now)
    code = f"{digits(1_000_000):06}"
    with store.keeping() as session:
        if has_passkey(session, account.id):
            raise NotAllowed("You have a passkey, so a code by mail is not enough. Confirm with the passkey.")
        drop_challenges(session, PURPOSE, _holder(login_id))
        digest = _digest(settings, login_id, code)
        keep_challenge(session, digest, PURPOSE, _holder(login_id), goal=goal, until=now + CODE_VALID_FOR)
        minutes = int(CODE_VALID_FOR.total_seconds() / 60)
        queue_mail(
            session, "confirm", to=account, language=account.language, params={"code": code, "minutes": minutes},
            now=now,
        )  # fmt: skip


def confirm_by_code(store: Store, settings: Settings, login_id: int, code: str, *, now: datetime) -> str:
    """Confirm a session by the code that was mailed for it and return the goal, or refuse."""
    _count(store, f"confirm code {login_id}", TRIES_MOST, CODE_VALID_FOR, now)
    typed = "".join(sign for sign in code if sign.isalnum())
    try:
        with store.keeping() as session:
            goal = spend_challenge(
                session, _digest(settings, login_id, typed), PURPOSE, _holder(login_id), now=now
            )  # fmt: skip
            if has_passkey(session, get_login(session, login_id).account_id):
                raise NotAllowed("You have a passkey, so a code by mail is not enough. Confirm with the passkey.")
    except Spent as error:
        raise Spent(
            "This is not the code of the newest mail, or it is too old. Look again, or send another."
        ) from error
    with store.writing() as session:
        confirm_login(session, login_id, now=now)
    return goal


def _count(store: Store, key: str, most: int, window: timedelta, now: datetime) -> None:
    with store.keeping() as session:
        refusal = count_attempt(session, key, most=most, window=window, now=now)
    if refusal is not None:
        raise refusal


def _holder(login_id: int) -> str:
    return f"session {login_id}"


def _digest(settings: Settings, login_id: int, code: str) -> str:
    return keyed_digest(settings.secret_key.get_secret_value(), "confirm", login_id, code)
