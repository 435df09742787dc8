"""Queries of the outbox: claim what is due, say what became of it, and forget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CursorResult,
    Row,
    Select,
    String,
    Update,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.account import Account
from geocommons.model.base import Base, Instant
from geocommons.model.mail import Mail, MailState

WANTED: tuple[MailState, ...] = ("held", "waiting", "sending", "dead")
UNSEEN = {"synchronize_session": False}
OVER: tuple[MailState, ...] = ("sent", "joined", "dead", "dropped")


@dataclass(frozen=True)
class Claim:
    """A mail that one sender has to itself until `until`, and the account that it goes to, if it goes to one."""

    id: int
    message_id: str
    kind: str
    language: str
    params: dict[str, Any]
    essential: bool
    tries: int
    created_at: datetime
    next_try_at: datetime
    error: str | None
    useful_until: datetime | None
    until: datetime
    address: str | None
    account: Account | None


def return_lapsed(session: Session, now: datetime) -> None:
    """Give back what senders had that said nothing more: they were killed, or cut off."""
    lapsed = select(Mail.id).where(Mail.state == "sending", Mail.claimed_until <= now).with_for_update(skip_locked=True)
    # It counts as a try: a mail at which every sender dies must not be tried for ever.
    returned = {Mail.state: "waiting", Mail.claimed_until: None, Mail.tries: Mail.tries + 1}
    session.execute(_update(lapsed).values(returned), execution_options=UNSEEN)


def _update(some: Select[int]) -> Update:
    """Return an update of the rows of a query, which as a CTE is asked once: PostgreSQL may ask a subquery again."""
    return update(Mail).where(Mail.id.in_(select(some.cte("some").c.id)))


def claim_due(session: Session, now: datetime, until: datetime, limit: int) -> list[Claim]:
    """Take mail that is due, what is essential first, for one sender alone."""
    due = (
        select(Mail.id).where(Mail.state == "waiting", Mail.next_try_at <= now)
        .order_by(Mail.essential.desc(), Mail.next_try_at, Mail.id).limit(limit).with_for_update(skip_locked=True)
    )  # fmt: skip
    rows = session.execute(
        _update(due).values(state="sending", claimed_until=until).returning(*_CLAIMED),
        execution_options=UNSEEN,
    ).all()
    accounts = accounts_of(session, {row.account_id for row in rows if row.account_id is not None})
    claims = [_claim(row, until, accounts.get(row.account_id)) for row in rows]
    return sorted(claims, key=lambda claim: (not claim.essential, claim.id))


_CLAIMED = (
    Mail.id, Mail.message_id, Mail.account_id, Mail.address, Mail.kind, Mail.language, Mail.params, Mail.essential,
    Mail.tries, Mail.created_at, Mail.useful_until, Mail.next_try_at, Mail.error,
)  # fmt: skip


def _claim(row: Row[Any], until: datetime, account: Account | None) -> Claim:
    return Claim(
        id=row.id, message_id=row.message_id, kind=row.kind, language=row.language, params=row.params,
        essential=row.essential, tries=row.tries, created_at=row.created_at, useful_until=row.useful_until,
        next_try_at=row.next_try_at, error=row.error, until=until,
        address=account.address if account else row.address, account=account,
    )  # fmt: skip


def accounts_of(session: Session, ids: set[int]) -> dict[int, Account]:
    """Return accounts by their id."""
    found = session.scalars(select(Account).where(Account.id.in_(ids))).unique() if ids else ()
    return {account.id: account for account in found}


def settle(session: Session, claim: Claim, state: MailState, **values: Any) -> bool:
    """Say what became of a claimed mail; False where the claim lapsed and somebody else has it, or it was dropped.

    `values` are new values of `tries`, `params`, `next_try_at`, `sent_at` and `error`; without them a mail keeps the
    tries and the params that it was claimed with, and its moment.
    """
    fate = {"tries": claim.tries, "params": claim.params, "next_try_at": claim.next_try_at, "sent_at": None} | values
    told = {"error": claim.error, "state": state, "of_id": claim.id, "of_claim": claim.until} | fate
    return bool(session.connection().execute(_SETTLE, told).rowcount)


_TABLE = Base.metadata.tables[Mail.__tablename__]
_MAILS = _TABLE.c
# One statement for every fate: to put it together for each mail took longer than to run it.
_SETTLE = update(_TABLE).where(
    _MAILS.id == bindparam("of_id"), _MAILS.state == "sending",
    _MAILS.claimed_until == bindparam("of_claim", type_=Instant()),
).values(
    {name: bindparam(name) for name in ("state", "tries", "params", "next_try_at", "sent_at", "error")}
    | {"claimed_until": None}
)  # fmt: skip


def next_due(session: Session) -> datetime | None:
    """Return the moment from which a sender has something to do, or None."""
    soonest = select(func.min(Mail.next_try_at)).where(Mail.state.in_(("waiting", "held")))
    lapses = select(func.min(Mail.claimed_until)).where(Mail.state == "sending")
    moments = [moment for query in (soonest, lapses) if (moment := session.scalar(query)) is not None]
    return min(moments, default=None)


def held_due(session: Session, now: datetime, limit: int) -> Sequence[Mail]:
    """Return all held mail of some accounts that have any which is due, in the order in which it was queued."""
    some = select(Mail.account_id).where(Mail.state == "held", Mail.next_try_at <= now).distinct().limit(limit)
    query = select(Mail).where(Mail.state == "held", Mail.account_id.in_(some)).order_by(Mail.account_id, Mail.id)
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def look_again(session: Session, account_id: int, now: datetime) -> None:
    """Let the held mail of an account be looked at now: how it wants its mail has changed."""
    mine = (Mail.account_id == account_id, Mail.state == "held")
    session.execute(update(Mail).where(*mine).values(next_try_at=now), execution_options=UNSEEN)


def list_mail(
    session: Session, states: Sequence[MailState], *, before: int | None, limit: int | None
) -> Sequence[Mail]:
    """Return mail in some states, the newest first, from before an id on."""
    query = select(Mail).where(Mail.state.in_(states)).order_by(Mail.id.desc()).limit(limit)
    return session.scalars(query.where(Mail.id < before) if before is not None else query).all()


def mail_of_account(session: Session, account_id: int, limit: int) -> Sequence[Mail]:
    """Return the newest mail of an account."""
    return session.scalars(
        select(Mail).where(Mail.account_id == account_id).order_by(Mail.id.desc()).limit(limit)
    ).all()


def mail_queued_at(session: Session, kind: str, moment: datetime) -> Sequence[Mail]:
    """Return the mail of a kind that was queued at exactly a moment."""
    return session.scalars(select(Mail).where(Mail.kind == kind, Mail.created_at == moment)).all()


def count_mail(session: Session) -> dict[str, int]:
    """Return how many mails are in each state."""
    counted = session.execute(select(Mail.state, func.count().label("number")).group_by(Mail.state))
    return {row.state: row.number for row in counted}


def get_mail(session: Session, mail_id: int) -> Mail:
    """Return a mail, or refuse where there is none."""
    mail = session.get(Mail, mail_id)
    if mail is None:
        raise NotFound("There is no such mail.")
    return mail


def find_mail(session: Session, message_id: str) -> Mail:
    """Return the mail of a message id, or refuse where there is none."""
    mail = session.scalars(select(Mail).where(Mail.message_id == message_id)).one_or_none()
    if mail is None:
        raise NotFound("There is no such mail.")
    return mail


def forget_mail_of(session: Session, account_id: int, address: str | None = None) -> int:
    """Drop what waits for an account (or for an address), and blank what was sent; return how many were dropped."""
    theirs = or_(Mail.account_id == account_id, Mail.address == address if address else Mail.id.is_(None))
    dropped = session.execute(
        update(Mail).where(theirs, Mail.state.in_(WANTED)).values(state="dropped", claimed_until=None),
        execution_options=UNSEEN,
    )
    assert isinstance(dropped, CursorResult)
    session.execute(update(Mail).where(theirs).values(BLANK), execution_options=UNSEEN)
    return dropped.rowcount


def forget_mail_before(session: Session, moment: datetime) -> int:
    """Blank mail that is over and was queued before a moment; return how many."""
    old = (Mail.state.in_(OVER), Mail.created_at < moment, Mail.message_id.not_like("blank-%"))
    gone = {Mail.state: case((Mail.state == "dead", "dropped"), else_=Mail.state)}
    done = session.execute(update(Mail).where(*old).values(BLANK | gone), execution_options=UNSEEN)
    assert isinstance(done, CursorResult)
    return done.rowcount


BLANK: dict[Any, Any] = {
    Mail.account_id: None, Mail.address: None, Mail.params: {}, Mail.error: None,
    Mail.message_id: literal("blank-") + cast(Mail.id, String),
}  # fmt: skip
