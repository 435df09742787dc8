"""Passkeys: whose they are."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.sign_in import Passkey


def list_passkeys(session: Session, account_id: int) -> Sequence[Passkey]:
    """Return the passkeys of an account, the oldest first."""
    mine = select(Passkey).where(Passkey.account_id == account_id)
    return session.scalars(mine.order_by(Passkey.created_at, Passkey.id)).all()


def has_passkey(session: Session, account_id: int) -> bool:
    """Whether an account has any passkey."""
    return bool(session.scalar(select(func.count()).where(Passkey.account_id == account_id)))


def get_passkey(session: Session, account_id: int, passkey_id: int) -> Passkey:
    """Return a passkey of an account, or refuse."""
    found = session.get(Passkey, passkey_id)
    if found is None or found.account_id != account_id:
        raise NotFound("There is no such passkey on your account.")
    return found


def find_passkey(session: Session, credential_id: bytes) -> Passkey | None:
    """Return the passkey that a browser shows, held until the end of the transaction: its uses are counted."""
    return session.scalar(select(Passkey).where(Passkey.credential_id == credential_id).with_for_update(of=Passkey))
