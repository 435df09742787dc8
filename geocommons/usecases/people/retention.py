"""Forget what has been kept long enough: one pass, which reports what it did."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from geocommons.errors import Conflict
from geocommons.model.account import Account
from geocommons.model.base import Base
from geocommons.model.party import MemberInvitation
from geocommons.model.sign_in import ApiToken, Attempts, Challenge, LoginSession, SignInRequest
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.mail import forget_mail_before
from geocommons.usecases.people.erase import erase_account

Old = tuple[str, type[Base], ColumnElement[bool]]


def retain(store: Store, settings: Settings, *, now: datetime) -> dict[str, int]:
    """Delete and blank what the settings say is old enough, and return how much of each kind that was."""
    done: dict[str, int] = {}
    with store.keeping() as session:
        for name, kind, over in _fleeting(settings, now):
            done[name] = _delete(session, kind, over)
        done["mails"] = forget_mail_before(session, now - timedelta(days=settings.mail_retention_days))
    noted = _noted(settings, now)
    with store.reading() as session:
        some = [one for one in noted if session.scalar(select(func.count()).select_from(one[1]).where(one[2]))]
    done |= dict.fromkeys((name for name, _, _ in noted), 0)
    if some:  # a write is a new state of the register, which readers then ask for anew
        with store.writing() as session:
            done |= {name: _delete(session, kind, over) for name, kind, over in some}
    done["accounts"] = _erase_unused(store, settings, now)
    return done


def _delete(session: Session, kind: type[Base], over: ColumnElement[bool]) -> int:
    deleted = session.execute(delete(kind).where(over), execution_options={"synchronize_session": False})
    assert isinstance(deleted, CursorResult)
    return deleted.rowcount


def _fleeting(settings: Settings, now: datetime) -> Sequence[Old]:
    """Return what is over of what lives for minutes, by kind."""
    requests = now - timedelta(days=settings.sign_in_retention_days)
    return (
        ("sign_in_requests", SignInRequest, SignInRequest.expires_at < requests),
        ("attempts", Attempts, Attempts.since < requests),
        ("challenges", Challenge, Challenge.expires_at < requests),
    )


def _noted(settings: Settings, now: datetime) -> Sequence[Old]:
    """Return what is over of what the audit trail tells, by kind; what still lets in is never among it."""
    sessions = now - timedelta(days=settings.session_retention_days)
    tokens = now - timedelta(days=settings.token_retention_days)
    answered = or_(MemberInvitation.expires_at < sessions, MemberInvitation.used_at < sessions)
    return (
        ("sessions", LoginSession, _ended(LoginSession, sessions)),
        ("tokens", ApiToken, _ended(ApiToken, tokens)),
        ("invitations", MemberInvitation, answered),
    )


def _ended(kind: Any, before: datetime) -> ColumnElement[bool]:
    return or_(kind.expires_at < before, and_(kind.revoked_at.is_not(None), kind.revoked_at < before))


def _erase_unused(store: Store, settings: Settings, now: datetime) -> int:
    """Erase the accounts that nobody used for long, each in a transaction of its own."""
    if not settings.account_retention_days:
        return 0
    before = now - timedelta(days=settings.account_retention_days)
    unused = select(Account.id).where(
        Account.erased_at.is_(None), func.coalesce(Account.seen_at, Account.created_at) < before
    )
    with store.reading() as session:
        ids = list(session.scalars(unused.order_by(Account.id)))
    return sum(_erase(store, settings, account_id, now) for account_id in ids)


def _erase(store: Store, settings: Settings, account_id: int, now: datetime) -> bool:
    try:
        with store.writing() as session:
            erase_account(session, settings, session.get_one(Account, account_id), now=now)
    except Conflict:
        return False  # the last administrator stays
    return True
