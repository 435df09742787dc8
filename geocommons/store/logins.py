"""Sessions of browsers: which is open, and whose."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from geocommons.errors import NotSignedIn
from geocommons.model.account import Account
from geocommons.model.sign_in import LoginSession


def find_login(session: Session, digest: str, now: datetime) -> LoginSession | None:
    """Return the open session with the digest of a secret, or of the one before it."""
    theirs = or_(LoginSession.secret_digest == digest, LoginSession.previous_digest == digest)
    living = (LoginSession.expires_at > now, LoginSession.revoked_at.is_(None), Account.erased_at.is_(None))
    return session.scalar(select(LoginSession).join(LoginSession.account).where(theirs, *living).limit(1))


def get_login(session: Session, login_id: int) -> LoginSession:
    """Return a session that was found before, in the transaction that changes it, or refuse one that has ended."""
    found = session.get(LoginSession, login_id)
    if found is None or found.revoked_at is not None:
        raise NotSignedIn("Sign in to do this.")
    return found
