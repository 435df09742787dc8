"""Sessions: open one for somebody who proved who they are, and confirm that it is still them."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from geocommons.errors import NotConfirmed
from geocommons.model.account import Account
from geocommons.model.actor import Actor, Door, Role
from geocommons.model.sign_in import LoginSession, digest_of
from geocommons.store.passkeys import has_passkey

Way = Literal["mail", "passkey", "openid"]
VALID_FOR = timedelta(days=30)
CONFIRMED_FOR = timedelta(minutes=15)
"""How long after somebody proved who they are a dangerous act is let through."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
BROWSER_SIGNS = 200
TOKEN_BYTES = 32
REFRESH = timedelta(hours=1)
"""How long one secret of a session serves."""
GRACE = timedelta(minutes=1)
"""How long the secret before still counts for other tabs, after the new one was first used."""


def start_session(
    session: Session,
    account: Account,
    *,
    way: Way,
    browser: str,
    now: datetime,
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> tuple[LoginSession, str]:
    """Return a new session of an account and its secret, of which the register keeps a digest only.

    Signing in confirms who somebody is, but for those who have a passkey only if they used it: a mailbox that was
    broken into is not enough for a dangerous act.
    """
    secret = token(TOKEN_BYTES)
    confirmed = way == "passkey" or not has_passkey(session, account.id)
    login = LoginSession(
        account_id=account.id, account=account, secret_digest=digest_of(secret), previous_digest=None,
        browser=browser[:BROWSER_SIGNS], way=way, acting_for=None, created_at=now, seen_at=now, rotated_at=now,
        confirmed_at=now if confirmed else LONG_AGO, expires_at=now + VALID_FOR, revoked_at=None,
    )  # fmt: skip
    account.seen_at = now
    session.add(login)
    session.flush()
    return login, secret


def actor_of(login: LoginSession, groups: frozenset[int] = frozenset(), door: Door = "page") -> Actor:
    """Return who acts in a session, in the role and the reach that the account has now.

    `groups` are the parties that the person may act for today: who was removed from one acts for it no more.
    """
    actor = account_actor(login.account, groups, door)
    acting_for = login.acting_for if login.acting_for in groups else None
    return replace(actor, acting_for=acting_for, confirmed_at=login.confirmed_at)


def account_actor(account: Account, groups: frozenset[int], door: Door) -> Actor:
    """Return somebody in the role and the reach of an account."""
    role: Role = account.role  # type: ignore[assignment]
    reach = {kind: frozenset(one.name for one in account.reaches if one.kind == kind) for kind in ("layer", "district")}
    return Actor(
        role=role, door=door, account_id=account.id, name=account.address or "",
        layers=reach["layer"] or None, districts=reach["district"] or None,
        parties=groups | ({account.party_id} if account.party_id else set()),
    )  # fmt: skip


def is_confirmed(actor: Actor, now: datetime) -> bool:
    """Whether somebody proved a short while ago who they are; a clock that went back does not lengthen it."""
    return actor.confirmed_at is not None and abs(now - actor.confirmed_at) < CONFIRMED_FOR


def check_confirmed(actor: Actor, now: datetime) -> None:
    """Refuse a dangerous act of somebody who did not prove a short while ago who they are."""
    if not is_confirmed(actor, now):
        raise NotConfirmed("Confirm once more that it is you, and do this again.")


def is_stale(login: LoginSession, digest: str, now: datetime) -> bool:
    """Whether the secret that a browser sent should be replaced, or the one before it forgotten."""
    if digest == login.previous_digest:
        return now - login.rotated_at > GRACE
    return now - login.rotated_at > REFRESH or (login.previous_digest is not None and now - login.rotated_at > GRACE)


def renew_session(
    session: Session, login_id: int, digest: str, *, now: datetime, token: Callable[[int], str] = secrets.token_urlsafe
) -> str | None:
    """Note that a session is used; return its new secret where the old one served long enough.

    The secret before counts until the new one came back, and a moment longer for other tabs: a lost answer signs
    nobody out. Once it counts no more, a copy of it lets nobody in.
    """
    login = session.get(LoginSession, login_id, with_for_update=True)
    if login is None or login.revoked_at is not None or digest not in (login.secret_digest, login.previous_digest):
        return None
    login.seen_at = now
    if digest == login.secret_digest and now - login.rotated_at <= REFRESH:
        login.previous_digest = None
        return None
    if digest == login.previous_digest and now - login.rotated_at <= GRACE:
        return None
    secret = token(TOKEN_BYTES)
    login.previous_digest, login.secret_digest, login.rotated_at = digest, digest_of(secret), now
    return secret
