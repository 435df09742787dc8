"""Tries: how often something was tried, so that guessing and flooding end."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from geocommons.errors import TooMany
from geocommons.model.base import Instant
from geocommons.model.sign_in import Attempts
from geocommons.store.driver import ask

# A window that begins later than now was begun before the clock was set back: it begins now, and its count stays, so
# that nobody is locked out for longer than one window, and nobody gets tries for nothing.
COUNT = text(
    """
    INSERT INTO attempts (key, since, count) VALUES (:key, :now, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN attempts.since > :start THEN attempts.count + 1 ELSE 1 END,
        since = CASE WHEN attempts.since > :start AND attempts.since <= :now THEN attempts.since ELSE :now END
    RETURNING count
    """
).bindparams(bindparam("now", type_=Instant()), bindparam("start", type_=Instant()))


def count_attempt(session: Session, key: str, *, most: int, window: timedelta, now: datetime) -> TooMany | None:
    """Count a try under a key, and return the refusal where there were too many in a window.

    Raise it after the transaction, so that the count stays.
    """
    [[count]] = ask(session, COUNT, {"key": key, "now": now, "start": now - window})
    if count <= most:
        return None
    since = session.scalars(select(Attempts.since).where(Attempts.key == key)).one()
    wait_s = max(1, ceil((since + window - now).total_seconds()))
    return TooMany("This was tried too often. Wait {minutes} minutes.", minutes=ceil(wait_s / 60), retry_after_s=wait_s)
