"""Sign in with a city's own account: find whose it is here, and give the role that the provider says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from geocommons.errors import Conflict, InvalidInput, NotAllowed
from geocommons.model.account import Account, read_address
from geocommons.model.actor import Role
from geocommons.model.sign_in import Identity
from geocommons.store.accounts import account_of, is_last_administrator
from geocommons.store.identities import find_identity

RANKS: tuple[Role, ...] = ("resident", "group_lead", "staff", "planner", "administrator")
"""Roles from the least to the most; the highest that somebody's claims give counts."""


@dataclass(frozen=True)
class Introduction:
    """What a provider says of a person, after its signature was checked.

    `roles` are the values of the claim that a city reads roles from; None where it reads none.
    """

    issuer: str
    subject: str
    address: str | None
    address_verified: bool
    roles: frozenset[str] | None = None


def sign_in_introduced(
    session: Session, person: Introduction, roles: Mapping[str, Role], *, language: str, now: datetime
) -> Account:
    """Return the account of somebody whom the city's provider introduced, or refuse.

    Issuer and subject say who it is; the address only where they are new, and only if the provider verified it.
    A role that the provider gave goes when the provider gives it no more; one that was given here stays.
    """
    identity = find_identity(session, person.issuer, person.subject)
    if identity is None:
        account = _account_of(session, person, language, now)
        identity = _connect(session, account, person, now)
    elif identity.account.erased_at is not None:
        raise NotAllowed("This account was erased. Ask an administrator of this register for an invitation.")
    identity.used_at = now
    _give_role(session, identity, person, roles)
    return identity.account


def connect_introduced(session: Session, account: Account, person: Introduction, *, now: datetime) -> Identity:
    """Connect somebody's account at the city to the one they are signed in with here; the address does not matter."""
    identity = find_identity(session, person.issuer, person.subject)
    if identity is not None and identity.account_id != account.id:
        raise Conflict("That account of the city is connected to another account here.")
    return identity or _connect(session, account, person, now)


def _account_of(session: Session, person: Introduction, language: str, now: datetime) -> Account:
    """Return the account with a verified address, made where there is none, or refuse."""
    if not (person.address and person.address_verified):
        raise NotAllowed(
            "The city's sign-in service did not vouch for your e-mail address. Sign in with a link by mail, and connect"
            " the two under My account, Passkeys."
        )
    try:
        address = read_address(person.address)
    except InvalidInput as error:
        raise NotAllowed("The city's sign-in service gave an e-mail address that is none.") from error
    return account_of(session, address, role="resident", language=language, now=now)


def _connect(session: Session, account: Account, person: Introduction, now: datetime) -> Identity:
    identity = Identity(
        account_id=account.id, account=account, issuer=person.issuer, subject=person.subject, role=None,
        created_at=now, used_at=now,
    )  # fmt: skip
    session.add(identity)
    session.flush()
    return identity


def _give_role(session: Session, identity: Identity, person: Introduction, roles: Mapping[str, Role]) -> None:
    """Let the provider give a role, or take away the one that it gave."""
    if person.roles is None:
        return
    account = identity.account
    given = max((roles[value] for value in person.roles & roles.keys()), key=RANKS.index, default=None)
    from_provider = identity.role is not None and identity.role == account.role
    if not from_provider and (given is None or RANKS.index(given) <= _rank(account.role)):
        identity.role = None
        return
    if given != "administrator" and is_last_administrator(session, account):
        return  # a register without anybody who may give roles could not be helped any more
    account.role, identity.role = given or "resident", given


def _rank(role: str) -> int:
    return [*RANKS].index(role)  # type: ignore[arg-type]
