"""When a mail that may wait is sent: quiet hours, and the days of digests, by the clock on the reader's wall."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from geocommons.errors import InvalidInput
from geocommons.model.account import Account, Digest

DIGEST_H = 8
"""The hour at which digests are sent, weekly ones on Mondays."""
MONDAY = 0


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name, or refuse."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise InvalidInput("There is no time zone “{name}”. Write it like Europe/Amsterdam.", name=name) from error


def after_quiet(moment: datetime, account: Account, zone: ZoneInfo) -> datetime:
    """Return the first moment, from `moment` on, that is outside an account's quiet hours."""
    start_h, end_h = account.quiet_from_h, account.quiet_to_h
    if start_h is None or end_h is None or start_h == end_h:
        return moment
    wall_h = moment.astimezone(zone).hour
    quiet = start_h <= wall_h < end_h if start_h < end_h else wall_h >= start_h or wall_h < end_h
    return next_time(moment, end_h, zone) if quiet else moment


def digest_after(moment: datetime, digest: Digest, zone: ZoneInfo) -> datetime:
    """Return when what was queued at a moment goes out: at once, or with the next daily or weekly letter."""
    if digest == "at_once":
        return moment
    sent = next_time(moment, DIGEST_H, zone)
    while digest == "weekly" and sent.astimezone(zone).weekday() != MONDAY:
        sent = next_time(sent, DIGEST_H, zone)
    return sent


def next_time(moment: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """Return the first moment after `moment` at which a clock on the wall strikes an hour, in UTC.

    An hour that a day skips, when clocks go forward, is struck where it would have been; one that comes twice, at its
    first time.
    """
    day = moment.astimezone(zone).date()
    while (struck := datetime.combine(day, time(hour), zone).astimezone(UTC)) <= moment:
        day += timedelta(days=1)
    return struck
