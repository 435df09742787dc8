"""Invite people, change what they may do, and never lose the last administrator."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy.orm import Session

from geocommons.errors import Conflict, InvalidInput
from geocommons.layer import get_layer
from geocommons.model.account import Account, Reach, read_address
from geocommons.model.actor import Role
from geocommons.model.permission import ROLE_WORDS, permit
from geocommons.model.sign_in import SignInRequest, digest_of
from geocommons.settings import Settings
from geocommons.store.accounts import hold_account, is_last_administrator, revoke_sessions
from geocommons.store.engine import Store
from geocommons.store.identities import find_account
from geocommons.usecases.mail.queue import queue_mail

VALID_FOR = timedelta(days=7)
TOKEN_BYTES = 32
Reaches = Mapping[str, Sequence[str]]
"""Names of layers under "layer", and of districts under "district"; an empty one is no bound."""


def invite(
    store: Store,
    settings: Settings,
    address: str,
    *,
    role: str,
    reach: Reaches,
    origin: str,
    language: str,
    now: datetime,
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> str:
    """Send somebody an invitation to a role, and return its link; it works once, for a week."""
    permit(store.actor, "keep people")
    wanted, asked = read_address(address), check_role(role)
    bounds = check_reach(asked, reach)
    secret = token(TOKEN_BYTES)
    link = f"{origin}/sign-in/{secret}"
    with store.writing() as session:
        account = find_account(session, wanted)
        session.add(
            SignInRequest(
                address=wanted, link_digest=digest_of(secret), code_digest="", browser_digest=None, language=language,
                role=asked, reach=bounds, goal="/account", tries=0, created_at=now, expires_at=now + VALID_FOR,
            )
        )  # fmt: skip
        params = {"link": link, "role": ROLE_WORDS[asked].say(language), "days": VALID_FOR.days}
        queue_mail(session, "invitation", to=account or wanted, language=language, params=params, now=now)
    return link


def change_role(store: Store, account_id: int, *, role: str, reach: Reaches, now: datetime) -> Account:
    """Give an account another role and reach; its sessions end, so that nothing goes on in the old one."""
    permit(store.actor, "keep people")
    asked = check_role(role)
    bounds = check_reach(asked, reach)
    with store.writing() as session:
        account = hold_account(session, account_id)
        give_role(session, account, asked, bounds, now=now)
    return account


def give_role(session: Session, account: Account, role: Role, reach: Reaches, *, now: datetime) -> None:
    """Give an account a role and a reach; sessions in another role end."""
    before = (account.role, [(one.kind, one.name) for one in account.bounds])
    if before == (role, sorted((kind, name) for kind, names in reach.items() for name in names)):
        return
    if role != "administrator":
        keep_an_administrator(session, account)
    account.role = role
    account.reaches = [Reach(kind=kind, name=name) for kind, names in reach.items() for name in sorted(set(names))]
    revoke_sessions(session, account.id, now=now)


def check_role(role: str) -> Role:
    """Return a role that an account can have, or refuse."""
    roles = [one for one in get_args(Role) if one != "visitor"]
    if role not in roles:
        raise InvalidInput("“{role}” is not a role. Use one of: {roles}.", role=role, roles=", ".join(roles))
    return role  # type: ignore[return-value]


def check_reach(role: Role, reach: Reaches) -> dict[str, list[str]]:
    """Return layers and districts, each once, or refuse a layer that is none, and a reach that binds nobody."""
    bounds = {kind: sorted({name for name in names if name}) for kind, names in reach.items() if any(names)}
    for name in bounds.get("layer", []):
        get_layer(name)
    if bounds and role != "staff":
        raise InvalidInput("Only staff are bound to layers and districts. Leave them out, or choose staff.")
    return bounds


def keep_an_administrator(session: Session, account: Account) -> None:
    """Refuse what would leave the register without anybody who may give roles."""
    if is_last_administrator(session, account):
        raise Conflict("This is the last administrator. Make somebody else administrator first.")
