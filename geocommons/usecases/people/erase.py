"""Erase a person: what they cared for stays counted, and who it was is gone."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from geocommons.errors import Conflict, InvalidInput
from geocommons.model.account import Account
from geocommons.model.activity import Activity
from geocommons.model.base import fold
from geocommons.model.desk import OwnStandard, Scenario, Schedule
from geocommons.model.obligation import Obligation
from geocommons.model.party import PRIVATE_KINDS, MemberInvitation, Membership, Party, PartyMerge
from geocommons.model.record import Record
from geocommons.model.run import Run
from geocommons.model.sign_in import ApiToken, Identity, LoginSession, Passkey, SignInRequest
from geocommons.model.tenure import Tenure, TenureParty
from geocommons.settings import Settings
from geocommons.store.accounts import is_last_administrator
from geocommons.store.ledger import remember_erasure
from geocommons.store.mail import forget_mail_of
from geocommons.store.parties import get_party, led_by, members_of, same_parties
from geocommons.store.seals import destroy_key
from geocommons.usecases.people.consent import USES, republish_parties
from geocommons.usecases.people.members import end_membership

WAYS_IN = (LoginSession, Passkey, Identity, ApiToken)
LETTER = r"[^\W\d_]"
Names = Callable[..., bool]
"""Says whether some texts name a person."""


def erase_account(session: Session, settings: Settings, account: Account, *, now: datetime) -> None:
    """Erase an account and its person for good, and let the ledger keep a restored backup from undoing that."""
    refuse_last_administrator(session, account)
    parties = same_parties(session, account.party_id) if account.party_id is not None else []
    forget(session, account=account, party=account.party, now=now)
    _remember(session, settings, parties, account, now)


def erase_party(session: Session, settings: Settings, party: Party, *, now: datetime) -> None:
    """Erase a person who has no login, on their request."""
    if party.kind not in PRIVATE_KINDS:
        raise InvalidInput("Only a person or a household can be erased.")
    account = session.scalar(select(Account).where(Account.party_id == party.id))
    if account is not None:
        refuse_last_administrator(session, account)
    parties = same_parties(session, party.id)
    forget(session, account=account, party=party, now=now)
    _remember(session, settings, parties, account, now)


def erase_again(session: Session, *, account_id: int | None, party_id: int | None, now: datetime) -> None:
    """Let an erasure hold in a register that was restored from before it."""
    account = session.get(Account, account_id) if account_id is not None else None
    party = session.get(Party, party_id) if party_id is not None else None
    forget(session, account=account, party=party, now=now)


def left_without_lead(session: Session, account: Account, now: datetime) -> list[Party]:
    """Return the groups that nobody would lead when an account's person is gone."""
    if account.party_id is None:
        return []
    groups = led_by(session, account.party_id, now.date())
    return [group for group in groups if _leads(session, group, now) == {account.party_id}]


def refuse_last_administrator(session: Session, account: Account) -> None:
    """Refuse to take away the only account that may give others their roles."""
    if is_last_administrator(session, account):
        raise Conflict("You are the last administrator. Make somebody else administrator first.")


def forget(session: Session, *, account: Account | None, party: Party | None, now: datetime) -> None:
    """Blank everything that tells of a person, and destroy the keys under which the audit trail holds the rest."""
    if account is not None:
        _forget_account(session, account, now)
    if party is not None:
        ids = same_parties(session, party.id)
        noted = _is_noted(session, ids)
        for party_id in ids:
            _forget_party(session, get_party(session, party_id), now, noted=noted)
        republish_parties(session, ids)


def _remember(
    session: Session, settings: Settings, parties: Sequence[int], account: Account | None, now: datetime
) -> None:
    """Let the ledger name every party that the person is: in an older backup they may not be one yet."""
    account_id = account.id if account else None
    if not parties:
        remember_erasure(session, settings, account_id=account_id, now=now)
    for party_id in parties:
        remember_erasure(session, settings, party_id=party_id, account_id=account_id, now=now)


def _forget_account(session: Session, account: Account, now: datetime) -> None:
    address = account.address
    forget_mail_of(session, account.id, address)
    for way in WAYS_IN:
        session.execute(delete(way).where(way.account_id == account.id))
    if address:
        session.execute(delete(SignInRequest).where(SignInRequest.address == address))
        session.execute(delete(MemberInvitation).where(MemberInvitation.address == address))
    by_them = update(MemberInvitation).where(MemberInvitation.invited_by == account.id)
    session.execute(by_them.values(invited_by=None))
    for made in (Run.asked_by, OwnStandard.made_by, Scenario.made_by, Schedule.made_by):
        session.execute(update(made.class_).where(made == account.id).values({made.key: None}))
    blank: dict[str, Any] = {
        "address": None, "role": "resident", "language": "en", "party": None, "digest": "at_once", "quiet_from_h": None,
        "quiet_to_h": None, "unsubscribed": [], "created_at": now, "seen_at": None, "erased_at": now, "reaches": [],
    }  # fmt: skip
    for name, value in blank.items():
        setattr(account, name, value)
    session.flush()
    destroy_key(session, "account", account.id)


def _is_noted(session: Session, party_ids: Sequence[int]) -> bool:
    """Return whether anybody ever noted what some parties hold, or care that they gave."""
    held = select(TenureParty.tenure_id).where(TenureParty.party_id.in_(party_ids)).limit(1)
    given = select(Activity.id).where(Activity.party_id.in_(party_ids)).limit(1)
    return any(session.scalar(query) is not None for query in (held, given))


def _forget_party(session: Session, party: Party, now: datetime, *, noted: bool) -> None:
    _forget_in_records(session, party, noted=noted)
    _forget_in_care(session, party, noted=noted)
    merges = update(PartyMerge).where(or_(PartyMerge.kept_id == party.id, PartyMerge.gone_id == party.id))
    session.execute(merges.values(why=""))
    party.name, party.public_name, party.erased_at = "", None, now
    for use in USES:
        party.withdraw(use, now, "page")
    theirs = select(Membership).where(or_(Membership.member_id == party.id, Membership.group_id == party.id))
    for membership in session.scalars(theirs).all():
        if membership.valid_to is None or membership.valid_to > now.date():
            end_membership(session, membership, now.date())
    session.flush()
    destroy_key(session, "party", party.id)


def _forget_in_records(session: Session, party: Party, *, noted: bool) -> None:
    """Give the records that name a person a number for a name: a lease is often filed under who signed it."""
    own, others = _in_own_words(party), _in_words_of_others(party, noted=noted)
    theirs = select(Tenure.record_id).join(TenureParty).where(TenureParty.party_id == party.id)
    signed = set(session.scalars(theirs))
    for record in session.scalars(select(Record)).all():
        names_them = own if record.id in signed else others
        if names_them(record.ref, record.title, record.file or ""):
            record.ref, record.title, record.file = f"record-{record.id}", "", None
            session.flush()
            destroy_key(session, "record", record.id)


def _forget_in_care(session: Session, party: Party, *, noted: bool) -> None:
    """Forget what was written of care that a person gave, and wherever else they are named; the hours stay."""
    own, others = _in_own_words(party), _in_words_of_others(party, noted=noted)
    for activity in session.scalars(select(Activity)):
        theirs = activity.party_id == party.id
        names_them = own if theirs else others
        if named := names_them(activity.key, activity.kind, activity.unit):
            activity.key, activity.kind, activity.unit = f"care-{activity.id}", "care", ""
        if named or theirs or names_them(activity.note):
            activity.note = ""
            destroy_key(session, "activity", activity.id)
    for duty in session.scalars(select(Obligation)):
        if others(duty.key, duty.kind, duty.evidence):
            duty.key, duty.kind, duty.evidence = f"duty-{duty.id}", "duty", ""
            destroy_key(session, "obligation", duty.id)
    session.flush()


def _in_own_words(party: Party) -> Names:
    """Return what says whether texts about a person's own places and care name them, as a part of a word too."""
    names = [fold(name) for name in (party.name, party.public_name) if name]
    return lambda *texts: any(name in fold(*texts) for name in names)


def _in_words_of_others(party: Party, *, noted: bool) -> Names:
    """Return what says whether texts about others name a person: in whole words, as the register knows them.

    Nobody wrote of whoever nothing was noted of. They made up themselves what they are called, and one who is called
    “mowing” would take that word out of everybody's care.
    """
    if not (noted and party.name):
        return lambda *texts: False
    name = re.compile(rf"(?<!{LETTER}){re.escape(fold(party.name))}(?!{LETTER})")
    return lambda *texts: name.search(fold(*texts)) is not None


def _leads(session: Session, group: Party, now: datetime) -> set[int]:
    members = members_of(session, group.id, now.date())
    return {membership.member_id for membership, _ in members if membership.role == "lead"}
