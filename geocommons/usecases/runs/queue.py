"""Answer questions in a process of its own, one after the other, while pages go on being served."""

import logging
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from time import monotonic

from geocommons.model.actor import Actor
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from geocommons.store.runs import get_run, list_in_state
from geocommons.usecases.questions.prepared import Prepared
from geocommons.usecases.questions.question import Question
from geocommons.usecases.runs.alive import alive, end_dead_runs
from geocommons.usecases.runs.keep import CalledOff, answer_queued, new_run

logger = logging.getLogger(__name__)
TOLD_EVERY_S = 0.4
"""How often a run writes how far it is; each time it also hears whether somebody called it off."""
WORKER = Actor(role="administrator", door="job", name="analyses")


def queue_run(store: Store, question: Question, *, now: datetime, schedule_id: int | None = None) -> Run:
    """Let a question wait for its turn, and return the run that will answer it."""
    with store.writing() as session:
        question.refuse_missing(session)
        run = new_run(question, asked_by=store.actor.account_id, state="queued", now=now)
        run.schedule_id = schedule_id
        session.add(run)
        session.flush()
        return run


def call_off(store: Store, run_id: int, *, now: datetime) -> Run:
    """Ask a run to stop: one that waits never begins, one that is at work stops at its next step."""
    with store.writing() as session:
        run = get_run(session, run_id)
        if run.state == "queued":
            run.state, run.finished_at = "cancelled", now
        elif run.state == "running":
            run.cancel_asked = True
        return run


class RunQueue:
    """The queue of a register: its worker starts with the first run, and keeps what it prepared for the next ones."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()
        self._given = set[int]()
        self._over = False

    def start(self) -> None:
        """Go on with what waits, or was being answered when a program stopped or the database was lost."""
        end_dead_runs(self._store, self._settings, now=self._clock())
        with self._store.reading() as session:
            waiting = [run.id for run in list_in_state(session, "queued")]
        for run_id in waiting:
            self.submit(run_id)

    def submit(self, run_id: int) -> None:
        """Let the worker take a run when its turn comes."""
        with self._lock:
            if self._over or run_id in self._given:
                return
            try:
                turn = self._worker().submit(_work, run_id)
            except BrokenProcessPool:  # the worker was killed while it had nothing to do
                self._pool = None
                turn = self._worker().submit(_work, run_id)
            self._given.add(run_id)
        turn.add_done_callback(partial(self._worked, run_id))

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, spawn, initializer=_open, initargs=(self._settings,))
        return self._pool

    def stop(self) -> None:
        """End the worker; what it was at is begun again when the register is served next."""
        with self._lock:
            self._over, pool = True, self._pool
            self._pool = None
        if pool is not None:
            for process in list(getattr(pool, "_processes", {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)

    def _worked(self, run_id: int, done: "Future[None]") -> None:
        """Begin again what a killed worker left."""
        with self._lock:
            self._given.discard(run_id)
        if done.cancelled() or self._over or done.exception() is None:
            return
        logger.warning("The worker of analyses was stopped; another one goes on.")
        with self._lock:
            self._pool = None
        self.start()


@dataclass(frozen=True)
class Worker:
    """What a process that answers questions has."""

    store: Store
    settings: Settings
    prepared: Prepared


_workers: list[Worker] = []
"""The one worker of this process, once it was started as one: a pool has no other way to hand it to its tasks."""


def _open(settings: Settings) -> None:
    _workers.append(Worker(open_store(settings.database).acting_as(WORKER), settings, Prepared()))


def _work(run_id: int) -> None:
    """Answer a run that waits; whatever becomes of it is in its row."""
    (worker,) = _workers
    store, settings = worker.store, worker.settings
    with alive(settings.running_dir, run_id):
        with store.writing() as session:
            run = get_run(session, run_id)
            if run.state != "queued":
                return
            run.state, run.attempts, run.started_at = "running", run.attempts + 1, datetime.now(UTC)
        try:
            answer_queued(store, settings, run_id, progress=_teller(store, run_id), prepared=worker.prepared)
        except CalledOff:
            logger.info("Run %s was called off.", run_id)
        except Exception:
            # The reason stands in the run; the worker goes on with the next one.
            logger.exception("Run %s failed.", run_id)


def _teller(store: Store, run_id: int) -> Callable[..., None]:
    """Return what writes the progress of a run now and then, and stops it where it was called off."""
    told_at = -TOLD_EVERY_S

    def tell(share: float, step: str = "") -> None:
        nonlocal told_at
        if monotonic() - told_at < TOLD_EVERY_S and not step:
            return
        told_at = monotonic()
        with store.keeping() as session:
            run = get_run(session, run_id)
            run.progress = min(max(share, 0.0), 1.0)
            run.step = step or run.step
            called_off = run.cancel_asked
        if called_off:
            raise CalledOff

    return tell
