"""Sessions of browsers: which is open, and whose."""

from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from geocommons.errors import NotSignedIn
from geocommons.model.account import Account
from geocommons.model.actor import Actor
from geocommons.model.party import Membership
from geocommons.model.sign_in import ApiToken, LoginSession


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


def get_account(session: Session, actor: Actor) -> Account:
    """Return the account of who acts, or refuse where there is none."""
    found = session.get(Account, actor.account_id) if actor.account_id is not None else None
    if found is None or found.erased_at is not None:
        raise NotSignedIn("Sign in to do this.")
    return found


def find_token(session: Session, digest: str, now: datetime) -> ApiToken | None:
    """Return the living token with the digest of a secret."""
    living = (ApiToken.expires_at > now, ApiToken.revoked_at.is_(None), Account.erased_at.is_(None))
    query = select(ApiToken).join(ApiToken.account).where(ApiToken.secret_digest == digest, *living)
    return session.scalar(query)


def led_groups(session: Session, account: Account, day: date) -> frozenset[int]:
    """Return the groups and organisations that somebody may act for on a day."""
    if account.party_id is None:
        return frozenset()
    leads = (Membership.member_id == account.party_id, Membership.role == "lead", Membership.valid_from <= day)
    lasts = or_(Membership.valid_to.is_(None), Membership.valid_to > day)
    return frozenset(session.scalars(select(Membership.group_id).where(*leads, lasts)))


def touch_token(session: Session, token_id: int, now: datetime) -> None:
    """Remember when a token was used last."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=now))
