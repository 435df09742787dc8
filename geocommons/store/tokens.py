"""Tokens of an account: list and end them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.sign_in import ApiToken


def list_tokens(session: Session, account_id: int) -> Sequence[ApiToken]:
    """Return the tokens of an account that were not ended, the newest first."""
    living = (ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
    return session.scalars(select(ApiToken).where(*living).order_by(ApiToken.id.desc())).all()


def revoke_token(session: Session, account_id: int, token_id: int, *, now: datetime) -> None:
    """End a token of an account, or refuse where it has no such token."""
    token = session.get(ApiToken, token_id)
    if token is None or token.account_id != account_id or token.revoked_at is not None:
        raise NotFound("There is no such token on your account.")
    token.revoked_at = now
