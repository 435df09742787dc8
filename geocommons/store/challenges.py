"""Challenges: keep one, and take it back once."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from geocommons.errors import Spent
from geocommons.model.sign_in import Challenge, digest_of

VALID_FOR = timedelta(minutes=5)
TOKEN_BYTES = 32


def add_challenge(
    session: Session,
    purpose: str,
    holder: str,
    *,
    now: datetime,
    goal: str = "/",
    valid_for: timedelta = VALID_FOR,
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> str:
    """Return a random text that its holder may bring back once, soon; those that nobody brought in time are dropped."""
    session.execute(delete(Challenge).where(Challenge.expires_at <= now))
    secret = token(TOKEN_BYTES)
    keep_challenge(session, digest_of(secret), purpose, holder, goal=goal, until=now + valid_for)
    return secret


def keep_challenge(session: Session, digest: str, purpose: str, holder: str, *, goal: str, until: datetime) -> None:
    """Keep the digest of what somebody must bring back."""
    session.add(Challenge(digest=digest, purpose=purpose, holder=holder, goal=goal, expires_at=until))
    session.flush()


def spend_challenge(session: Session, digest: str, purpose: str, holder: str, *, now: datetime) -> str:
    """Take a challenge back and return its goal, or refuse one that is spent, late, or was somebody else's.

    Commit before what follows is tried: a challenge counts as used even where the answer to it was wrong.
    """
    mine = (Challenge.digest == digest, Challenge.purpose == purpose, Challenge.holder == holder)
    found = session.execute(delete(Challenge).where(*mine).returning(Challenge.goal, Challenge.expires_at)).first()
    if found is None or found.expires_at <= now:
        raise Spent("This took too long, was used already, or began in another browser. Begin again.")
    return str(found.goal)


def drop_challenges(session: Session, purpose: str, holder: str) -> None:
    """Forget what somebody was asked to bring back."""
    session.execute(delete(Challenge).where(Challenge.purpose == purpose, Challenge.holder == holder))
