"""Sessions: open one for somebody who proved who they are, keep its secret fresh, and confirm that it is still them."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from geocommons.errors import NotConfirmed
from geocommons.model.account import Account
from geocommons.model.actor import Actor, Role
from geocommons.model.sign_in import digest_of
from geocommons.store.engine import Store
from geocommons.store.logins import Login, add_login, touch_login
from geocommons.store.passkeys import has_passkey

Way = Literal["mail", "passkey", "openid"]
VALID_FOR = timedelta(days=90)
IDLE_FOR = timedelta(days=30)
SHORT_VALID_FOR = timedelta(days=7)
SHORT_IDLE_FOR = timedelta(hours=12)
"""Whoever may change what is others' is asked to sign in anew each week, and after a night."""
SHORT: frozenset[Role] = frozenset({"staff", "planner", "administrator"})
CONFIRMED_FOR = timedelta(minutes=10)
"""How long after somebody proved who they are a dangerous act is let through."""
ROTATE_AFTER = timedelta(hours=1)
GRACE = timedelta(minutes=1)
"""How long the secret before counts beside the new one: two tabs ask at once, and an answer may be lost on its way."""
SEEN_EVERY = timedelta(minutes=5)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
TOKEN_BYTES = 32
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
"""What user agents say, and what people call it; the first that fits counts, because all claim to be others."""


def describe_browser(user_agent: str) -> str:
    """Return a browser and its system in words that its owner knows, as "Firefox, Windows"."""
    found = (next((words for sign, words in known if sign in user_agent), "") for known in (BROWSERS, SYSTEMS))
    plain = " ".join(re.findall(r"[A-Za-z0-9._-]+", user_agent)[:1])[:40]
    return ", ".join(filter(None, found)) or plain


def start_session(
    session: Session,
    account: Account,
    *,
    way: Way,
    browser: str,
    now: datetime,
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> tuple[int, str]:
    """Return the number of a new session of an account and its secret, of which the register keeps a digest only.

    `browser` is its user agent. Signing in confirms who somebody is, but for those who have a passkey only if they
    used it: a mailbox that was broken into is not enough for a dangerous act.
    """
    secret = token(TOKEN_BYTES)
    confirmed = way == "passkey" or account in session.new or not has_passkey(session, account.id)
    account.seen_at = now
    session.flush()
    login_id = add_login(
        session, account_id=account.id, secret_digest=digest_of(secret), browser=describe_browser(browser), way=way,
        created_at=now, seen_at=now, rotated_at=now, confirmed_at=now if confirmed else LONG_AGO,
        expires_at=now + (SHORT_VALID_FOR if account.role in SHORT else VALID_FOR),
    )  # fmt: skip
    return login_id, secret


def is_idle(login: Login, now: datetime) -> bool:
    """Whether a session was left alone too long to still count."""
    return now - login.seen_at >= (SHORT_IDLE_FOR if login.actor.role in SHORT else IDLE_FOR)


def refresh(
    store: Store, login: Login, presented: str, *, now: datetime, token: Callable[[int], str] = secrets.token_urlsafe
) -> str | None:
    """Note that a session was seen, and return a new secret for its browser where the old one served long enough.

    `presented` is the digest of the secret that came. The one before the present one counts until the present one
    was seen, so that an answer that was lost on its way locks nobody out.
    """
    age, stale = abs(now - login.rotated_at), presented != login.secret_digest
    changes: dict[str, object] = {}
    secret = None
    if age >= (GRACE if stale else ROTATE_AFTER):
        secret = token(TOKEN_BYTES)
        changes = {"secret_digest": digest_of(secret), "previous_digest": presented, "rotated_at": now}
    elif not stale and login.previous_digest and age >= GRACE:
        changes = {"previous_digest": None}
    if abs(now - login.seen_at) >= SEEN_EVERY:
        changes["seen_at"] = now
    if not changes:
        return None
    try:
        with store.keeping() as session:
            return secret if touch_login(session, login, **changes) else None
    except OperationalError:
        return None  # the database is busy; the session is as good as before, and its next page tries again


def is_confirmed(actor: Actor, now: datetime) -> bool:
    """Whether somebody proved a short while ago who they are; a clock that went back does not lengthen it."""
    return actor.confirmed_at is not None and abs(now - actor.confirmed_at) < CONFIRMED_FOR


def check_confirmed(actor: Actor, now: datetime) -> None:
    """Refuse a dangerous act of somebody who did not prove a short while ago who they are."""
    if not is_confirmed(actor, now):
        raise NotConfirmed("Confirm once more that it is you, and do this again.")
