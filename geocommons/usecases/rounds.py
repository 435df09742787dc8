"""Do, again and again while the register is served, what nobody asks for: forget, watch the trail, ask as planned."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from geocommons.errors import GeoCommonsError
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.audit import note_newest
from geocommons.usecases.people.retention import retain
from geocommons.usecases.runs.schedules import ask_due

logger = logging.getLogger(__name__)
FIRST_AFTER_S = 60.0
"""A server that just started has something better to do."""
A_MINUTE_S = 60.0
AN_HOUR_S = 3600.0
A_DAY_S = 24 * AN_HOUR_S
WATCHED_EVERY_S = 600.0
"""Whoever can write the whole trail anew can do so unnoticed for what is younger than this."""


class Round:
    """A thread that does something again and again; a fault is logged, and the next time it is tried again."""

    def __init__(self, name: str, act: Callable[[], None], *, first_after_s: float, every_s: float) -> None:
        self._act, self._first_after_s, self._every_s = act, first_after_s, every_s
        self._over = Event()
        self._thread = Thread(target=self._go, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, wait_s: float) -> None:
        """End, after the round in hand."""
        self._over.set()
        self._thread.join(wait_s)

    def _go(self) -> None:
        wait_s = self._first_after_s
        while not self._over.wait(wait_s):
            wait_s = self._every_s
            try:
                self._act()
            except (SQLAlchemyError, GeoCommonsError, OSError):
                logger.exception("What is done by itself (%s) did not work; it is tried again.", self._thread.name)


def retention_round(
    store: Store, settings: Settings, clock: Callable[[], datetime], *, first_after_s: float = FIRST_AFTER_S
) -> Round:
    """Return what forgets once a day what the settings say was kept long enough, and logs how much that was."""

    def forget() -> None:
        done = retain(store, settings, now=clock())
        logger.info("Forgotten: %s", ", ".join(f"{name} {count}" for name, count in done.items()))

    return Round("retention", forget, first_after_s=first_after_s, every_s=A_DAY_S)


def schedule_round(
    store: Store, clock: Callable[[], datetime], submit: Callable[[int], None], *, first_after_s: float = FIRST_AFTER_S
) -> Round:
    """Return what asks, once an hour, the questions that are due."""
    return Round(
        "schedules", lambda: _log_asked(ask_due(store, submit, now=clock())), first_after_s=first_after_s,
        every_s=AN_HOUR_S,
    )  # fmt: skip


def run_round(go_on: Callable[[], None], *, first_after_s: float = FIRST_AFTER_S) -> Round:
    """Return what goes on, once a minute, with runs that were left: the database was lost when their turn came."""
    return Round("runs", go_on, first_after_s=first_after_s, every_s=A_MINUTE_S)


def _log_asked(runs: list[int]) -> None:
    if runs:
        logger.info("Asked again as planned: runs %s", ", ".join(map(str, runs)))


def trail_round(
    store: Store, settings: Settings, clock: Callable[[], datetime], *, every_s: float = WATCHED_EVERY_S
) -> Round:
    """Return what notes now and then, beside the database, which entry of the audit trail is the newest."""
    return Round(
        "watch the trail", lambda: note_newest(store, settings, now=clock()), first_after_s=every_s, every_s=every_s
    )
