"""Change how a party is called in public, and where it is named; what is withdrawn is gone when this is committed."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.account import Account
from geocommons.model.party import ConsentUse, Party, read_name
from geocommons.settings import Settings
from geocommons.store.ledger import remember_withdrawal
from geocommons.store.parties import get_party, same_parties, sites_of
from geocommons.store.public import republish

How = Literal["page", "paper", "spoken", "table", "restored"]
"""What a party agreed by: its own page, something signed, something said, a table, a restored backup."""
USES: tuple[ConsentUse, ...] = get_args(ConsentUse)


def set_public_self(
    session: Session, settings: Settings, account: Account, *, name: str, uses: Collection[ConsentUse], now: datetime
) -> Party:
    """Give an account's person a public name, and let it be named in some kinds of place and in no other."""
    name = read_name(name)
    if account.party is None:
        account.party = Party(kind="person", name=name)
        session.add(account.party)
        session.flush()
    rename(session, account.party, name)
    change_consents(session, settings, account.party, uses, now=now, how="page")
    return account.party


def rename(session: Session, party: Party, name: str) -> None:
    """Call a party otherwise in public; how the register knows it stays."""
    name = read_name(name)
    shown = None if name == party.name else name
    if shown != party.public_name:
        party.public_name = shown
        republish_parties(session, [party.id])


def change_consents(
    session: Session, settings: Settings, party: Party, uses: Collection[ConsentUse], *, now: datetime, how: How
) -> None:
    """Let a party be named in some kinds of place and in no other; the ledger remembers what it withdrew."""
    if party.erased_at is not None:
        raise NotFound("There is no party {party}.", party=party.id)
    changed = False
    for use in USES:
        if use in uses:
            changed |= party.agree(use, now, how)
        else:
            changed |= withdraw(session, settings, party, use, now=now, how=how)
    if changed:
        republish_parties(session, [party.id])


def withdraw(session: Session, settings: Settings, party: Party, use: ConsentUse, *, now: datetime, how: How) -> bool:
    """Let a party be named in a kind of place no more, in a restored backup neither; return whether it was until now.

    In an older backup, parties that are one by now may be two: none of them is named from it.
    """
    if not party.withdraw(use, now, how):
        return False
    for same in same_parties(session, party.id):
        remember_withdrawal(session, settings, party_id=same, use=use, now=now)
    return True


def withdraw_again(session: Session, party_id: int, use: ConsentUse, *, now: datetime) -> None:
    """Let a withdrawal hold in a register that was restored from before it."""
    if get_party(session, party_id).withdraw(use, now, "restored"):
        republish_parties(session, [party_id])


def republish_parties(session: Session, party_ids: Iterable[int]) -> None:
    """Write the public rows of every site of some parties anew."""
    session.flush()
    every = {same for party_id in party_ids for same in same_parties(session, party_id)}
    republish(session, sites_of(session, every))
