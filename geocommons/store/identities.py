"""Identities: whose account at a city's provider is whose account here."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.account import Account
from geocommons.model.sign_in import Identity
from geocommons.store.driver import ask

_KNOWN = select(Account.id, Account.language).where(Account.address == bindparam("address"))


def find_identity(session: Session, issuer: str, subject: str) -> Identity | None:
    """Return what connects somebody's account at a provider to one here, held until the end of the transaction."""
    wanted = (Identity.issuer == issuer, Identity.subject == subject)
    return session.scalar(select(Identity).where(*wanted).with_for_update(of=Identity))


def list_identities(session: Session, account_id: int) -> Sequence[Identity]:
    """Return the accounts at providers that are connected to one here."""
    return session.scalars(select(Identity).where(Identity.account_id == account_id).order_by(Identity.id)).all()


def get_identity(session: Session, account_id: int, identity_id: int) -> Identity:
    """Return a connection of an account, or refuse."""
    found = session.get(Identity, identity_id)
    if found is None or found.account_id != account_id:
        raise NotFound("There is no such connection on your account.")
    return found


def find_account(session: Session, address: str) -> Account | None:
    """Return the account with an address."""
    return session.scalar(select(Account).where(Account.address == address))


def known_as(session: Session, address: str) -> tuple[int, str] | None:
    """Return number and language of the account with an address; to find none takes no less time than to find one."""
    found = ask(session, _KNOWN, {"address": address})
    return (found[0][0], found[0][1]) if found else None


def count_administrators(session: Session) -> int:
    """Return how many accounts may give roles."""
    living = (Account.role == "administrator", Account.erased_at.is_(None))
    return session.scalar(select(func.count()).select_from(Account).where(*living)) or 0
