"""Let go of held mail when its reader wants it: alone, or many in one letter."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import get_args
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geocommons.files.mail.letters import DIGEST
from geocommons.model.account import Account, Digest
from geocommons.model.mail import Mail
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.mail import accounts_of, held_due
from geocommons.usecases.mail.hours import after_quiet, digest_after, read_zone
from geocommons.usecases.mail.queue import message_id_of

ACCOUNTS_AT_ONCE = 200


def release_held(store: Store, settings: Settings, now: datetime) -> int:
    """Let go of the held mail whose time has come, and drop what its reader no longer wants; return how many it was."""
    zone = read_zone(settings.time_zone)
    looked_at = 0
    while True:
        with store.keeping() as session:
            due = held_due(session, now, ACCOUNTS_AT_ONCE)
            accounts = accounts_of(session, {mail.account_id for mail in due if mail.account_id is not None})
            for account_id, mails in groupby(due, key=lambda mail: mail.account_id):
                if account_id is not None:
                    _release(session, accounts[account_id], list(mails), zone, now)
        looked_at += len(due)
        if not due:
            return looked_at


def _release(session: Session, account: Account, mails: Sequence[Mail], zone: ZoneInfo, now: datetime) -> None:
    digest: Digest = next((choice for choice in get_args(Digest) if choice == account.digest), "at_once")
    together = []
    for mail in mails:
        if account.erased_at is not None or mail.kind in account.unsubscribed:
            mail.state, mail.params, mail.address = "dropped", {}, None
            continue
        alone = digest == "at_once" or mail.tries > 0 or mail.kind == DIGEST
        start = mail.next_try_at if alone else digest_after(mail.created_at, digest, zone)
        mail.next_try_at = after_quiet(max(start, now), account, zone)
        if mail.next_try_at <= now and alone:
            mail.state = "waiting"
        elif mail.next_try_at <= now:
            together.append(mail)
    _join(session, account, together, now)


def _join(session: Session, account: Account, mails: Sequence[Mail], now: datetime) -> None:
    """Put several mails into one letter, in the transaction that takes them out of the outbox."""
    if len(mails) <= 1:
        for mail in mails:
            mail.state = "waiting"
        return
    session.add(
        Mail(
            message_id=message_id_of(DIGEST, str(account.id), *(mail.message_id for mail in mails)),
            account_id=account.id, kind=DIGEST, language=account.language, essential=False, state="waiting",
            params={"mails": [{"kind": mail.kind, "params": mail.params} for mail in mails]},
            created_at=now, next_try_at=now,
        )
    )  # fmt: skip
    for mail in mails:
        mail.state, mail.params, mail.sent_at = "joined", {}, now
