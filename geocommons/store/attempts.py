"""Tries: how often something was tried, so that guessing and flooding end."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from geocommons.errors import TooMany
from geocommons.model.base import Instant

# A window that begins later than now was begun before the clock was set back: it begins now, and its count stays, so
# that nobody is locked out for longer than one window, and nobody gets tries for nothing.
COUNT = (
    text(
        """
    INSERT INTO attempts (key, since, count) VALUES (:key, :now, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN attempts.since > :start THEN attempts.count + 1 ELSE 1 END,
        since = CASE WHEN attempts.since > :start AND attempts.since <= :now THEN attempts.since ELSE :now END
    RETURNING count, since
    """
    )
    .bindparams(bindparam("now", type_=Instant()), bindparam("start", type_=Instant()))
    .columns(since=Instant())
)


def count_attempt(session: Session, key: str, *, most: int, window: timedelta, now: datetime) -> TooMany | None:
    """Count a try under a key, and return the refusal where there were too many in a window.

    Raise it after the transaction, so that the count stays.
    """
    count, since = session.connection().execute(COUNT, {"key": key, "now": now, "start": now - window}).one()
    if count <= most:
        return None
    wait_s = max(1, ceil((since + window - now).total_seconds()))
    return TooMany("This was tried too often. Wait {minutes} minutes.", minutes=ceil(wait_s / 60), retry_after_s=wait_s)
