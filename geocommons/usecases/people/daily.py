"""Forget, once a day while the register is served, what the settings say was kept long enough."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.people.retention import retain

logger = logging.getLogger(__name__)
FIRST_AFTER_S = 60.0
"""A server that just started has something better to do."""
A_DAY_S = 24 * 3600.0


class RetentionRound:
    """A thread that forgets what is old, and says in the log how much that was."""

    def __init__(
        self, store: Store, settings: Settings, clock: Callable[[], datetime], *, first_after_s: float = FIRST_AFTER_S
    ) -> None:
        self._store, self._settings, self._clock, self._first_after_s = store, settings, clock, first_after_s
        self._over = Event()
        self._thread = Thread(target=self._go, name="retention", daemon=True)

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
            wait_s = A_DAY_S
            try:
                done = retain(self._store, self._settings, now=self._clock())
                logger.info("Forgotten: %s", ", ".join(f"{name} {count}" for name, count in done.items()))
            except SQLAlchemyError:
                logger.exception("What is old could not be forgotten; tomorrow it is tried again.")
