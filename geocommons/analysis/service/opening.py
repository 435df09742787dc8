"""Opening hours: which sites are open at a moment of the week, by what is written as OpenStreetMap writes it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from geocommons.errors import InvalidInput
from geocommons.numerals import WEEK


def read_moment(text: str, day: date) -> datetime:
    """Return the first moment from a day on that a weekday and a time name ("Sa 14:00"), or refuse."""
    name, _, clock = text.strip().partition(" ")
    try:
        at = time.fromisoformat(clock.strip())
        weekday = WEEK.index(name.title())
    except ValueError as error:
        raise InvalidInput(
            "“{value}” is not a weekday and a time. Write it like Sa 14:00 ({days}).", value=text, days=", ".join(WEEK)
        ) from error
    return datetime.combine(day + timedelta(days=(weekday - day.weekday()) % 7), at)


def open_at(hours: Iterable[str | None], moment: datetime) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which opening hours hold a moment, and which can be read at all; those that cannot do not hold it."""
    from opening_hours import OpeningHours, validate

    hours = list(hours)
    written = {text for text in hours if isinstance(text, str)}
    known = {text: bool(OpeningHours(text).is_open(moment)) if validate(text) else None for text in written}
    told = [known.get(text) if isinstance(text, str) else None for text in hours]
    return np.array([one is True for one in told], dtype=bool), np.array([one is not None for one in told], dtype=bool)
