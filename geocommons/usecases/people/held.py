"""Gather everything that the register holds about a person, without what would let somebody in."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from geocommons.files.mail.letters import KINDS
from geocommons.model.account import Account
from geocommons.model.audit import AuditEntry
from geocommons.model.base import Base
from geocommons.model.mail import Mail
from geocommons.model.party import MemberInvitation, Party
from geocommons.model.public import public_name
from geocommons.model.sign_in import ApiToken, Identity, LoginSession, Passkey, SignInRequest
from geocommons.model.tenure import Tenure, TenureParty
from geocommons.store.care import care_of
from geocommons.store.parties import memberships_of, same_parties, tenures_of
from geocommons.store.seals import ERASED, is_sealed, open_seal, read_keys
from geocommons.store.stewardship import record_refs
from geocommons.usecases.people.consent import USES

Held = dict[str, Any]
WAYS: tuple[tuple[str, type[Base], tuple[str, ...]], ...] = (
    ("sessions", LoginSession, ("browser", "way", "created_at", "seen_at", "confirmed_at", "expires_at", "revoked_at")),
    ("passkeys", Passkey, ("name", "created_at", "used_at")),
    ("identities", Identity, ("issuer", "subject", "role", "created_at", "used_at")),
    ("tokens", ApiToken, ("name", "scopes", "created_at", "expires_at", "used_at", "revoked_at")),
)
"""What lets in, with the columns that may be read: never a secret, nor what one could be made from."""
ACCOUNT = (
    "id",
    "address",
    "role",
    "language",
    "digest",
    "quiet_from_h",
    "quiet_to_h",
    "unsubscribed",
    "created_at",
    "seen_at",
)


def gather_held(session: Session, account: Account) -> Held:
    """Return everything held about an account and its person, as JSON has it."""
    party = account.party
    parties = same_parties(session, party.id) if party else []
    held: Held = {"account": _columns(account, ACCOUNT)}
    held["account"]["reach"] = [{"kind": reach.kind, "name": reach.name} for reach in account.bounds]
    held |= {"party": None, "consents": [], "memberships": [], "tenures": [], "care": []}
    if party is not None:
        held |= _of_party(session, party) | {"care": _care(session, parties)}
    held["invitations"] = [
        _columns(one, ("group_id", "role", "created_at", "expires_at", "used_at"))
        for one in session.scalars(select(MemberInvitation).where(MemberInvitation.address == account.address))
    ]
    for name, kind, columns in WAYS:
        mine = select(kind).where(kind.account_id == account.id).order_by(kind.id)  # type: ignore[attr-defined]
        held[name] = [_columns(row, columns) for row in session.scalars(mine)]
    asked = select(SignInRequest).where(SignInRequest.address == account.address).order_by(SignInRequest.id)
    held["sign_in_requests"] = [
        _columns(row, ("created_at", "expires_at", "used_at")) for row in session.scalars(asked)
    ]
    held["mails"] = _mails(session, account)
    held["audit"] = _audit(session, account.id, parties)
    return held


def _of_party(session: Session, party: Party) -> Held:
    named = {use: public_name(party, use) for use in USES}
    own = {"id": party.id, "kind": party.kind, "name": party.name, "public_name": party.public_name, "named_as": named}
    return {
        "party": own,
        "consents": [_columns(consent, ("use", "given_at", "withdrawn_at", "how")) for consent in party.consents],
        "memberships": [
            {"group": group.name} | _columns(membership, ("role", "valid_from", "valid_to"))
            for membership, group in memberships_of(session, party.id)
        ],
        "tenures": _tenures(session, party.id),
    }


def _tenures(session: Session, party_id: int) -> list[Held]:
    found = tenures_of(session, party_id)
    records = record_refs(session, {tenure.record_id for tenure, _ in found})
    columns = ("type", "status", "from_m", "to_m", "valid_from", "valid_to")
    return [
        {"site": site.id, "layer": site.layer, "ref": site.ref, "place": site.name, "class": tenure.rrr}
        | _columns(tenure, columns)
        | {"share": _share(tenure, party_id), "record": records.get(tenure.record_id)}
        for tenure, site in found
    ]


def _care(session: Session, party_ids: Sequence[int]) -> list[Held]:
    columns = ("kind", "day", "minutes", "people", "amount", "unit", "note", "noted_at")
    return [
        {"site": site.id, "layer": site.layer, "ref": site.ref, "place": site.name} | _columns(activity, columns)
        for activity, site in care_of(session, party_ids)
    ]


def _share(tenure: Tenure, party_id: int) -> str:
    mine: TenureParty = next(link for link in tenure.parties if link.party_id == party_id)
    return str(mine.share)


def _mails(session: Session, account: Account) -> list[Held]:
    theirs = or_(
        Mail.account_id == account.id, Mail.address == account.address if account.address else Mail.id.is_(None)
    )
    columns = ("kind", "address", "language", "state", "created_at", "sent_at", "error")
    found = session.scalars(select(Mail).where(theirs).order_by(Mail.id))
    return [_columns(mail, columns) | {"words": _without_secrets(mail)} for mail in found]


def _without_secrets(mail: Mail) -> Held:
    hidden = KINDS[mail.kind].secrets if mail.kind in KINDS else frozenset(mail.params)
    return {name: value for name, value in mail.params.items() if name not in hidden}


def _audit(session: Session, account_id: int, parties: Sequence[int]) -> list[Held]:
    """Return what the audit trail tells of the person or was done by them; values of other people stay sealed."""
    about = [AuditEntry.account_id == account_id, AuditEntry.of_account_id == account_id]
    about += [AuditEntry.party_id.in_(parties), AuditEntry.other_party_id.in_(parties)] if parties else []
    care = [f"activity:{activity.id}" for activity, _ in care_of(session, parties)]
    keys = read_keys(session, [f"account:{account_id}", *(f"party:{party}" for party in parties), *care])
    columns = ("id", "at", "account_id", "role", "door", "action", "subject", "subject_id")
    found = session.scalars(select(AuditEntry).where(or_(*about)).order_by(AuditEntry.id))
    return [
        _columns(entry, columns)
        | {"changes": _opened(orjson.loads(entry.changes or "{}"), keys), "why": _opened(_loaded(entry.why), keys)}
        for entry in found
    ]


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text) if text else ""
    except orjson.JSONDecodeError:
        return text


def _opened(value: Any, keys: dict[str, bytes]) -> Any:
    if is_sealed(value):
        told = open_seal(value, keys)
        return None if told is ERASED else told
    if isinstance(value, dict):
        return {name: _opened(part, keys) for name, part in value.items()}
    return [_opened(part, keys) for part in value] if isinstance(value, list) else value


def _columns(row: Any, names: Sequence[str]) -> Held:
    return {name: getattr(row, name) for name in names}
