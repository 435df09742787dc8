"""API tokens: let a script act for an account, within scopes and for a time."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from geocommons.errors import InvalidInput
from geocommons.model.account import Account
from geocommons.model.permission import BY_ACTION, EVERYBODY, Permission
from geocommons.model.sign_in import ApiToken, digest_of

PREFIX = "gc_"
"""What a token begins with, so that programs which look for secrets in files find it."""
TOKEN_BYTES = 32
NAME_SIGNS = 100
DAYS = (7, 30, 90, 365)
"""How long a token may be asked to last."""


def scopes_of(account_role: str) -> list[Permission]:
    """Return what a token of a role may be made for: what the role may do and visitors may not, nothing dangerous."""
    return [
        one for one in BY_ACTION.values()
        if account_role in one.roles and one.roles != EVERYBODY and not one.dangerous and one.action != "make tokens"
    ]  # fmt: skip


def make_token(
    session: Session,
    account: Account,
    *,
    name: str,
    scopes: Sequence[str],
    days: int,
    now: datetime,
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> tuple[ApiToken, str]:
    """Return a new token and its secret, which is shown once; the register keeps its digest."""
    allowed = {one.action for one in scopes_of(account.role)}
    title = " ".join(name.split())
    if not title or len(title) > NAME_SIGNS or not title.isprintable():
        raise InvalidInput("Give the token a name of at most {most} characters.", most=NAME_SIGNS)
    if not scopes or not set(scopes) <= allowed:
        raise InvalidInput("Choose at least one thing that the token may do, of those that are offered.")
    if days not in DAYS:
        raise InvalidInput("Choose how long the token lasts.")
    secret = PREFIX + token(TOKEN_BYTES)
    made = ApiToken(
        account_id=account.id, account=account, secret_digest=digest_of(secret), name=title, scopes=sorted(set(scopes)),
        created_at=now, expires_at=now + timedelta(days=days), used_at=None, revoked_at=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made, secret
