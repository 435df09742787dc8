"""Let people belong to a group and act for it: invite, accept, change, remove."""

import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from geocommons.errors import Conflict, InvalidInput, NotAllowed, NotFound, Spent, TooMany
from geocommons.model.account import Account, read_address
from geocommons.model.mail import Mail
from geocommons.model.party import MemberInvitation, MemberRole, Membership, Party, PartyKind
from geocommons.model.sign_in import LoginSession, digest_of
from geocommons.settings import Settings
from geocommons.store.parties import find_membership, get_party, led_by, members_of
from geocommons.usecases.mail.queue import queue_mail

INVITATION_DAYS = 14
MOST_WAITING = 50
"""Invitations of one group that may wait: who leads a group cannot make the register send mail without end."""
MOST_A_DAY = 3
"""Invitations that one address gets in a day, from whichever groups: nobody's mailbox is filled by asking again."""
A_DAY = timedelta(days=1)
SECRET_BYTES = 32


def found_group(session: Session, kind: PartyKind, name: str) -> Party:
    """Add a group or organisation, which nobody leads yet."""
    group = Party(kind=kind, name=name)
    _refuse_unled(group)
    session.add(group)
    session.flush()
    return group


def invite_member(
    session: Session, settings: Settings, group: Party, address: str, role: MemberRole, *,
    by: Account | None, language: str, now: datetime, token: Callable[[int], str] = secrets.token_urlsafe,
) -> MemberInvitation:  # fmt: skip
    """Send a mail that asks somebody to join a group; an earlier one to the same address works no more."""
    _refuse_unled(group)
    address, role = read_address(address), _read_role(role)
    account = session.scalar(select(Account).where(Account.address == address))
    if account is not None and account.party_id is not None:
        known = find_membership(session, group.id, account.party_id, now.date())
        if known is not None and known.role == role:
            raise Conflict("{address} is in {group} already.", address=address, group=_name(group))
    _refuse_flood(session, address, now)
    waiting = select(MemberInvitation).where(
        MemberInvitation.group_id == group.id, MemberInvitation.used_at.is_(None), MemberInvitation.expires_at > now
    )
    for earlier in session.scalars(waiting.where(MemberInvitation.address == address)):
        session.delete(earlier)
    session.flush()
    if (session.scalar(select(func.count()).select_from(waiting.subquery())) or 0) >= MOST_WAITING:
        raise Conflict("{group} has {most} invitations that wait. Wait until some are answered.",
                       group=_name(group), most=MOST_WAITING)  # fmt: skip
    secret = token(SECRET_BYTES)
    invitation = MemberInvitation(
        group_id=group.id, address=address, role=role, secret_digest=digest_of(secret),
        invited_by=by.id if by else None, created_at=now, used_at=None,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    session.add(invitation)
    told = {"group": _name(group), "link": f"{settings.home}/groups/join/{secret}", "days": INVITATION_DAYS}
    said = account.language if account else language
    queue_mail(session, "group_invitation", to=address, language=said, params=told, now=now)
    return invitation


def get_invitation(session: Session, secret: str, *, now: datetime) -> MemberInvitation:
    """Return the invitation of a link, or refuse one that is used, old or unknown alike."""
    found = session.scalar(select(MemberInvitation).where(MemberInvitation.secret_digest == digest_of(secret)))
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise Spent("This invitation was used, taken back or is too old. Ask the group for another one.")
    return found


def accept_invitation(session: Session, secret: str, account: Account, name: str, *, now: datetime) -> Party:
    """Make an account's person a member of the group that invited it, and return the group.

    `name` is what the other members will read where the person has no name in the register yet.
    """
    invitation = get_invitation(session, secret, now=now)
    if invitation.address != account.address:
        raise NotAllowed(
            "This invitation went to another address. Sign in with that one, or ask for another invitation."
        )
    group = get_party(session, invitation.group_id)
    if account.party is None:
        account.party = Party(kind="person", name=name)
        session.add(account.party)
        session.flush()
    invitation.used_at = now
    _join(session, group, account.party, invitation.role, now.date())
    keep_role(session, account, now.date())
    return group


def change_member(session: Session, group: Party, member_id: int, role: MemberRole, *, today: date) -> None:
    """Let a member of a group lead it, or not lead it any more."""
    membership = _get_membership(session, group, member_id, today)
    if membership.role != _read_role(role):
        if role != "lead":
            _refuse_leaderless(session, group, member_id, today)
        _join(session, group, get_party(session, member_id), role, today)
        _tell_account(session, group, member_id, today)


def remove_member(session: Session, group: Party, member_id: int, *, today: date, last_too: bool = False) -> None:
    """End a membership today, and with it every right to act for the group; the last lead stays, unless `last_too`."""
    membership = _get_membership(session, group, member_id, today)
    if membership.role == "lead" and not last_too:
        _refuse_leaderless(session, group, member_id, today)
    end_membership(session, membership, today)
    _tell_account(session, group, member_id, today)


def end_membership(session: Session, membership: Membership, today: date) -> None:
    """Let a membership hold no longer; one that began today never was."""
    if membership.valid_from >= today:
        session.delete(membership)
    else:
        membership.valid_to = today
    session.flush()


def act_for(session: Session, login: LoginSession, party_id: int | None, *, today: date) -> None:
    """Let a person act for a group in one browser, or for nobody but themselves (None)."""
    mine = login.account.party_id
    if party_id is not None and (mine is None or party_id not in {led.id for led in led_by(session, mine, today)}):
        raise NotAllowed("You may not act for this group. Ask who leads it.")
    login.acting_for = party_id


def keep_role(session: Session, account: Account, today: date) -> None:
    """Let a resident's role say whether there is a group that the person leads."""
    if account.role in ("resident", "group_lead"):
        leads = account.party_id is not None and bool(led_by(session, account.party_id, today))
        account.role = "group_lead" if leads else "resident"


def _join(session: Session, group: Party, member: Party, role: str, today: date) -> None:
    known = find_membership(session, group.id, member.id, today)
    if known is not None and known.role == role:
        return
    if known is not None and known.valid_from >= today:
        known.role = role
    else:
        if known is not None:
            end_membership(session, known, today)
        session.add(Membership(group_id=group.id, member_id=member.id, role=role, valid_from=today, valid_to=None))
    session.flush()


def _tell_account(session: Session, group: Party, member_id: int, today: date) -> None:
    """Let a change of membership reach the member's role and open browsers."""
    account = session.scalar(select(Account).where(Account.party_id == member_id))
    if account is None:
        return
    keep_role(session, account, today)
    if group not in led_by(session, member_id, today):
        acting = update(LoginSession).where(LoginSession.account_id == account.id, LoginSession.acting_for == group.id)
        session.execute(acting.values(acting_for=None))


def _get_membership(session: Session, group: Party, member_id: int, today: date) -> Membership:
    found = find_membership(session, group.id, member_id, today)
    if found is None:
        raise NotFound("{party} is not a member of {group}.", party=member_id, group=_name(group))
    return found


def _refuse_leaderless(session: Session, group: Party, member_id: int, today: date) -> None:
    leads = [
        membership.member_id for membership, _ in members_of(session, group.id, today) if membership.role == "lead"
    ]
    if leads == [member_id]:
        raise Conflict("{group} has no other lead. Let another member lead it first.", group=_name(group))


def _refuse_flood(session: Session, address: str, now: datetime) -> None:
    asked = select(func.count()).where(
        Mail.kind == "group_invitation", Mail.address == address, Mail.created_at > now - A_DAY
    )
    if (session.scalar(asked) or 0) >= MOST_A_DAY:
        raise TooMany(
            "{address} was invited {most} times today. Wait until tomorrow.", retry_after_s=int(A_DAY.total_seconds()),
            address=address, most=MOST_A_DAY,
        )  # fmt: skip


def _refuse_unled(group: Party) -> None:
    if not group.is_led:
        raise InvalidInput("Only a group or an organisation has members.")


def _read_role(role: str) -> MemberRole:
    if role not in ("member", "lead"):
        raise InvalidInput("“{role}” is not a role in a group. Use member or lead.", role=role)
    return "lead" if role == "lead" else "member"


def _name(group: Party) -> str:
    return group.public_name or group.name
