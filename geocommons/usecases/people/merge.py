"""Make two parties one, and undo that exactly: whatever moves is written down by its number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from geocommons.errors import Conflict, InvalidInput, NotFound
from geocommons.model.account import Account
from geocommons.model.activity import Activity
from geocommons.model.party import PRIVATE_KINDS, Consent, ConsentUse, MemberInvitation, Membership, Party, PartyMerge
from geocommons.model.sign_in import LoginSession
from geocommons.model.tenure import Tenure, TenureParty
from geocommons.settings import Settings
from geocommons.store.parties import sites_of
from geocommons.usecases.people.consent import USES, change_consents, republish_parties

Moved = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What merging would move from one party to the other."""

    kept: Party
    gone: Party
    sites: int
    tenures: int
    shared_tenures: int
    memberships: int
    members: int
    consents: int
    both_log_in: bool


def plan_merge(session: Session, kept: Party, gone: Party) -> Plan:
    """Return what merging two parties would move, or refuse two that cannot be one."""
    if kept.id == gone.id:
        raise InvalidInput("These are one party already. Choose two.")
    for party in (kept, gone):
        if party.merged_into is not None or party.erased_at is not None:
            raise Conflict("Party {party} was merged or erased already. Choose another one.", party=party.id)
    if (kept.kind in PRIVATE_KINDS) != (gone.kind in PRIVATE_KINDS):
        raise Conflict("A person and a group are not one party. Make the person a member of the group.")
    held = _shares(session, gone.id)
    return Plan(
        kept=kept, gone=gone, sites=len(sites_of(session, [gone.id])), tenures=len(held),
        shared_tenures=sum(session.get(TenureParty, (share.tenure_id, kept.id)) is not None for share in held),
        memberships=len(_memberships(session, Membership.member_id == gone.id)),
        members=len(_memberships(session, Membership.group_id == gone.id)),
        consents=len(gone.consents),
        both_log_in=_account(session, kept.id) is not None and _account(session, gone.id) is not None,
    )  # fmt: skip


def merge_parties(
    session: Session, kept: Party, gone: Party, *, why: str, now: datetime, both_logins: bool = False
) -> PartyMerge:
    """Make one party of two; the name and the login of the kept one count, and the latest word on each consent."""
    plan = plan_merge(session, kept, gone)
    if not why.strip():
        raise InvalidInput("Say why they are one party.")
    if plan.both_log_in and not both_logins:
        raise Conflict("Both parties log in, so they may well be two people. Say that they are one if you are sure.")
    moved: Moved = {
        "shares": _move_shares(session, kept, gone),
        "members": _move_memberships(session, kept, gone),
        "consents": _move_consents(session, kept, gone),
        "account": _move_account(session, kept, gone),
        "sessions": _repoint(
            session, select(LoginSession).where(LoginSession.acting_for == gone.id), "acting_for", kept
        ),
        "care": _repoint(session, select(Activity).where(Activity.party_id == gone.id), "party_id", kept),
        "invitations": _repoint(
            session, select(MemberInvitation).where(MemberInvitation.group_id == gone.id), "group_id", kept
        ),
    }
    gone.merged_into = kept.id
    merge = PartyMerge(kept_id=kept.id, gone_id=gone.id, merged_at=now, why=why.strip(), moved=moved, undone_at=None)
    session.add(merge)
    session.flush()
    _refresh(session, kept, gone)
    republish_parties(session, [kept.id])
    return merge


def get_merge(session: Session, merge_id: int) -> PartyMerge:
    """Return a merge, or refuse where there is none."""
    merge = session.get(PartyMerge, merge_id)
    if merge is None:
        raise NotFound("There is no merge {merge}.", merge=merge_id)
    return merge


def undo_merge(session: Session, settings: Settings, merge: PartyMerge, *, now: datetime) -> None:
    """Make two parties again of one: each has what it had; what was withdrawn since stays withdrawn for both."""
    kept, gone = session.get_one(Party, merge.kept_id), session.get_one(Party, merge.gone_id)
    _refuse_undoing(session, merge, kept, gone)
    sites = sites_of(session, [kept.id])
    since = {
        consent.use for consent in kept.consents if consent.withdrawn_at and consent.withdrawn_at >= merge.merged_at
    }
    moved: Moved = merge.moved
    _return_shares(session, kept, gone, moved["shares"])
    _return_memberships(session, kept, gone, moved["members"])
    for consent in session.scalars(select(Consent).where(Consent.id.in_(moved["consents"]))):
        consent.party_id = gone.id
    _return_account(session, kept, gone, moved["account"])
    for login in session.scalars(select(LoginSession).where(LoginSession.id.in_(moved["sessions"]))):
        login.acting_for = gone.id
    for activity in session.scalars(select(Activity).where(Activity.id.in_(moved.get("care", ())))):
        activity.party_id = gone.id
    for invitation in session.scalars(select(MemberInvitation).where(MemberInvitation.id.in_(moved["invitations"]))):
        invitation.group_id = gone.id
    gone.merged_into, merge.undone_at = None, now
    session.flush()
    _refresh(session, kept, gone)
    for party in (kept, gone):
        agreed: list[ConsentUse] = [use for use in USES if party.agrees_to(use) and use not in since]
        change_consents(session, settings, party, agreed, now=now, how="spoken")
    republish_parties(session, [kept.id, gone.id])
    assert set(sites) == set(sites_of(session, [kept.id, gone.id]))


def _refuse_undoing(session: Session, merge: PartyMerge, kept: Party, gone: Party) -> None:
    if merge.undone_at is not None:
        raise Conflict("This merge was undone already.")
    if kept.erased_at or gone.erased_at:
        raise Conflict("The party was erased since, so there is nothing to part.")
    both = [kept.id, gone.id]
    later = select(PartyMerge).where(
        PartyMerge.id > merge.id, PartyMerge.undone_at.is_(None),
        or_(PartyMerge.kept_id.in_(both), PartyMerge.gone_id.in_(both)),
    )  # fmt: skip
    if last := session.scalars(later.order_by(PartyMerge.id.desc())).first():
        raise Conflict("These parties were merged again later. Undo merge {merge} first.", merge=last.id)
    for joined in merge.moved["shares"]["joined"]:
        share = session.get(TenureParty, (joined["tenure"], kept.id))
        if share is None or [share.share_num, share.share_den] != joined["sum"]:
            raise Conflict("A shared tenure was changed since. Correct its shares by hand, tenure {tenure}.",
                           tenure=joined["tenure"])  # fmt: skip


def _move_shares(session: Session, kept: Party, gone: Party) -> Moved:
    """Move the shares of tenures; where both have one in the same tenure, the kept party has the sum."""
    whole, joined = [], []
    for share in _shares(session, gone.id):
        other = session.get(TenureParty, (share.tenure_id, kept.id))
        if other is None:
            whole.append(share.tenure_id)
            share.party_id = kept.id
            continue
        before = [[one.share_num, one.share_den] for one in (other, share)]
        both = min(other.share + share.share, type(share.share)(1))
        other.share_num, other.share_den = both.numerator, both.denominator
        session.delete(share)
        joined.append({"tenure": share.tenure_id, "kept": before[0], "gone": before[1],
                       "sum": [both.numerator, both.denominator]})  # fmt: skip
    session.flush()
    return {"whole": whole, "joined": joined}


def _return_shares(session: Session, kept: Party, gone: Party, moved: Moved) -> None:
    for tenure_id in moved["whole"]:
        if share := session.get(TenureParty, (tenure_id, kept.id)):
            share.party_id = gone.id
    for one in moved["joined"]:
        share = session.get_one(TenureParty, (one["tenure"], kept.id))
        share.share_num, share.share_den = one["kept"]
        numerator, denominator = one["gone"]
        session.add(TenureParty(tenure_id=one["tenure"], party_id=gone.id, share_num=numerator, share_den=denominator))
    session.flush()


def _move_memberships(session: Session, kept: Party, gone: Party) -> Moved:
    """Move memberships, in groups and of members; those that the kept party has itself are put aside."""
    moved: Moved = {"member_id": [], "group_id": [], "aside": []}
    for side, other in (("member_id", "group_id"), ("group_id", "member_id")):
        for membership in _memberships(session, getattr(Membership, side) == gone.id):
            partner = getattr(membership, other)
            same = select(Membership).where(
                getattr(Membership, side) == kept.id, getattr(Membership, other) == partner,
                Membership.valid_from == membership.valid_from,
            )  # fmt: skip
            if partner == kept.id or session.scalars(same).first() is not None:
                moved["aside"].append(_row(membership))
                session.delete(membership)
            else:
                setattr(membership, side, kept.id)
                moved[side].append(membership.id)
            session.flush()
    return moved


def _return_memberships(session: Session, kept: Party, gone: Party, moved: Moved) -> None:
    for side in ("member_id", "group_id"):
        for membership in session.scalars(select(Membership).where(Membership.id.in_(moved[side]))):
            if getattr(membership, side) == kept.id:
                setattr(membership, side, gone.id)
    session.flush()
    session.add_all(Membership(**_days(row)) for row in moved["aside"])


def _row(membership: Membership) -> Moved:
    until = membership.valid_to.isoformat() if membership.valid_to else None
    return {"id": membership.id, "group_id": membership.group_id, "member_id": membership.member_id,
            "role": membership.role, "valid_from": membership.valid_from.isoformat(), "valid_to": until}  # fmt: skip


def _days(row: Moved) -> Moved:
    column = Membership.__table__.c.valid_from.type.python_type
    return row | {name: column.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to")}


def _move_consents(session: Session, kept: Party, gone: Party) -> list[int]:
    """Move consents; of what both were asked, the latest word counts, so an older one is closed by being earlier."""
    moved = [consent.id for consent in gone.consents]
    for consent in list(gone.consents):
        consent.party_id = kept.id
    session.flush()
    return moved


def _move_account(session: Session, kept: Party, gone: Party) -> Moved:
    theirs = _account(session, gone.id)
    if theirs is None:
        return {}
    theirs.party = None
    session.flush()
    if _account(session, kept.id) is None:
        theirs.party = kept
        session.flush()
    return {"account": theirs.id}


def _return_account(session: Session, kept: Party, gone: Party, moved: Moved) -> None:
    if moved:
        account = session.get_one(Account, moved["account"])
        if account.erased_at is None and account.party_id in (None, kept.id):
            account.party = gone
    session.flush()


def _repoint(session: Session, query: Any, column: str, kept: Party) -> list[int]:
    found = session.scalars(query).all()
    for row in found:
        setattr(row, column, kept.id)
    return [row.id for row in found]


def _shares(session: Session, party_id: int) -> list[TenureParty]:
    query = select(TenureParty).join(Tenure).where(TenureParty.party_id == party_id).order_by(TenureParty.tenure_id)
    return list(session.scalars(query))


def _memberships(session: Session, condition: Any) -> list[Membership]:
    return list(session.scalars(select(Membership).where(condition).order_by(Membership.id)))


def _account(session: Session, party_id: int) -> Account | None:
    return session.scalar(select(Account).where(Account.party_id == party_id))


def _refresh(session: Session, *parties: Party) -> None:
    for party in parties:
        session.expire(party, ["consents"])
    for tenure_party in [one for one in session.identity_map.values() if isinstance(one, Tenure | TenureParty)]:
        session.expire(tenure_party)
