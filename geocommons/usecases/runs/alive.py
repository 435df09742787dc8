"""Know whether a run is still at work: whoever runs it holds a lock that ends with its process, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from geocommons.language import mark
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.runs import list_in_state

DIED = mark("The program was stopped before the run was done.")
BEGUN_ONCE = 1


@contextmanager
def alive(folder: Path, run_id: int) -> Iterator[None]:
    """Hold the lock of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = lock_of(folder, run_id)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
        path.unlink(missing_ok=True)


def is_alive(folder: Path, run_id: int) -> bool:
    """Return whether somebody holds the lock of a run."""
    try:
        with lock_of(folder, run_id).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def end_dead_runs(store: Store, settings: Settings, *, now: datetime) -> int:
    """Put runs that nobody is at any more back to where they wait, and those that died twice to the failed ones.

    A run that somebody at the shell waited for has failed the first time. Returns how many runs had died.
    """
    with store.reading() as session:
        dead = [run.id for run in list_in_state(session, "running") if not is_alive(settings.running_dir, run.id)]
    if not dead:
        return 0
    with store.writing() as session:
        # One that came to its end meanwhile is no longer among them.
        ended = [run for run in list_in_state(session, "running") if run.id in dead]
        for run in ended:
            if run.attempts == BEGUN_ONCE and not run.cancel_asked:
                run.state, run.progress = "queued", 0.0
            else:
                run.state, run.finished_at, run.error = "failed", now, DIED
    for run_id in dead:
        lock_of(settings.running_dir, run_id).unlink(missing_ok=True)
    return len(ended)


def lock_of(folder: Path, run_id: int) -> Path:
    """Return the file whose lock says that a run is at work."""
    return folder / f".run-{run_id}.lock"
