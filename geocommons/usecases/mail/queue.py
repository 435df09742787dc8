"""Put a mail into the outbox, in the transaction that causes it."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from threading import Condition
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from geocommons.files.mail.letters import check_params, get_kind
from geocommons.model.account import Account, read_address
from geocommons.model.mail import Mail

TOKEN_BYTES = 24
RINGS = "rings the bell"


class Bell:
    """Rings when mail was queued in this process, so that a sender need not look all the time."""

    def __init__(self) -> None:
        self._rings = 0
        self._heard = Condition()

    @property
    def rings(self) -> int:
        """How often it rang so far."""
        return self._rings

    def ring(self) -> None:
        """Wake who waits."""
        with self._heard:
            self._rings += 1
            self._heard.notify_all()

    def wait(self, seen: int, timeout_s: float) -> int:
        """Return the number of rings, as soon as it is more than was seen, or after a time."""
        with self._heard:
            self._heard.wait_for(lambda: self._rings > seen, timeout_s)
            return self._rings


BELL = Bell()


def queue_mail(
    session: Session,
    kind: str,
    *,
    to: Account | int | str,
    language: str,
    params: dict[str, Any],
    now: datetime,
    key: str = "",
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> Mail:
    """Put a mail into the outbox: it is sent if, and only if, the caller's transaction is committed.

    It goes `to` an account, or if it is essential to the number of one, or to an address. `params` fill the gaps of its
    kind (`geocommons.files.mail.letters`): texts, numbers, lists, or `Words`. With a `key`, the same mail queued again
    for the same reader is the one that was queued before. An account's mail goes to the address that it has when the
    mail is sent. The mail has its id once the session was flushed: many are then written as one.
    """
    sort = get_kind(kind)
    check_params(sort, params)
    if not sort.essential and not isinstance(to, Account):
        raise ValueError(f"mail {kind} is not essential, so it goes to an account, which can do without it")
    if isinstance(to, Account) and to in session.new:  # an account that the same transaction makes
        session.flush()
    account_id = to.id if isinstance(to, Account) else to if isinstance(to, int) else None
    address = read_address(to) if isinstance(to, str) else None
    message_id = message_id_of(kind, str(account_id or address), key) if key else token(TOKEN_BYTES)
    if key and (queued := session.scalar(select(Mail).where(Mail.message_id == message_id))):
        return queued
    mail = Mail(
        message_id=message_id, account_id=account_id, address=address, kind=kind, language=language, params=params,
        essential=sort.essential, state="waiting" if sort.essential else "held", created_at=now, next_try_at=now,
        useful_until=now + sort.useful_for if sort.useful_for else None,
    )  # fmt: skip
    session.add(mail)
    ring_after(session)
    return mail


def ring_after(session: Session) -> None:
    """Wake the sender of this process when a transaction is committed that gave it work."""
    session.info[RINGS] = True


# Once for all sessions: to listen to one of its own takes as long as to write its mail.
@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    if session.info.get(RINGS):
        BELL.ring()


def message_id_of(*parts: str) -> str:
    """Return what the Message-ID of one mail, and of no other, is made from."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]
