"""Sessions: open one for somebody who proved who they are, and confirm that it is still them."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

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


def actor_of(login: LoginSession, door: Door = "page") -> Actor:
    """Return who acts in a session, in the role and the reach that the account has now."""
    account = login.account
    role: Role = account.role  # type: ignore[assignment]
    reach = {kind: frozenset(one.name for one in account.reaches if one.kind == kind) for kind in ("layer", "district")}
    return Actor(
        role=role, door=door, account_id=account.id, name=account.address or "",
        layers=reach["layer"] or None, districts=reach["district"] or None,
        parties=frozenset({account.party_id} if account.party_id else ()), acting_for=login.acting_for,
        confirmed_at=login.confirmed_at,
    )  # fmt: skip
