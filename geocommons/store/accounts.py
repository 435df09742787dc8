"""Accounts: find, list and hold them, and end their sessions."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.model.sign_in import LoginSession
from geocommons.store.driver import ask
from geocommons.store.identities import count_administrators, known_as
from geocommons.store.version import VERSION

ADDRESS_LOCK = text("SELECT pg_advisory_xact_lock(4326, hashtext(:address))")


def hold_account(session: Session, account_id: int) -> Account:
    """Return a living account, held until the end of the transaction, or refuse."""
    query = select(Account).where(Account.id == account_id, Account.erased_at.is_(None))
    account = session.scalar(query.with_for_update(of=Account))
    if account is None:
        raise NotFound("There is no account {account}.", account=account_id)
    return account


def list_accounts(session: Session) -> Sequence[Account]:
    """Return every living account, the newest first."""
    return session.scalars(select(Account).where(Account.erased_at.is_(None)).order_by(Account.id.desc())).all()


def is_last_administrator(session: Session, account: Account) -> bool:
    """Whether nobody else may give roles; other writers wait for this transaction, so that no two leave at once."""
    session.execute(select(VERSION.c.number).with_for_update())
    return account.role == "administrator" and account.erased_at is None and count_administrators(session) <= 1


def account_of(session: Session, address: str, *, role: Role, language: str, now: datetime) -> Account:
    """Return the account of an address, made now if nobody has it; two that come at once find one and the same.

    A new one gets its number when the session is flushed: it is then written together with what else is new.
    """
    session.flush()
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
        ask(session, ADDRESS_LOCK, {"address": address})
    known = known_as(session, address)
    account = session.get(Account, known[0]) if known else None
    if account is None:
        account = Account(address=address, role=role, language=language, created_at=now)
        account.party, account.seen_at = None, now
        session.add(account)
    return account


def list_sessions(session: Session, account_id: int, now: datetime) -> Sequence[LoginSession]:
    """Return the open sessions of an account, the one that was used last first."""
    living = (LoginSession.account_id == account_id, LoginSession.revoked_at.is_(None), LoginSession.expires_at > now)
    return session.scalars(select(LoginSession).where(*living).order_by(LoginSession.seen_at.desc())).all()


def revoke_sessions(
    session: Session, account_id: int, *, now: datetime, but: int | None = None, only: int | None = None
) -> int:
    """End the sessions of an account, or all of them but one, or only one; return how many."""
    query = update(LoginSession).where(LoginSession.account_id == account_id, LoginSession.revoked_at.is_(None))
    if but is not None:
        query = query.where(LoginSession.id != but)
    if only is not None:
        query = query.where(LoginSession.id == only)
    done = session.execute(query.values(revoked_at=now).execution_options(synchronize_session="fetch"))
    return int(done.rowcount)  # type: ignore[attr-defined]
