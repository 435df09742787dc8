"""A run whose program was killed does not seem to run for ever."""

import subprocess
import sys
from pathlib import Path

from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.runs.alive import alive, end_dead_runs, is_alive
from tests.make import NOW

ROOT = Path(__file__).parents[3]
HOLD = """
import sys, time
from pathlib import Path
from geocommons.usecases.runs.alive import alive
with alive(Path(sys.argv[1]), int(sys.argv[2])):
    print("held", flush=True)
    time.sleep(60)
"""


def start_run(store: Store) -> int:
    """Write a run that is at work."""
    with store.writing() as session:
        run = Run(
            kind="gaps", params={}, inputs={}, fingerprint="f", version="1", state="running", started_at=NOW,
            finished_at=None, result={}, outputs={}, error=None,
        )  # fmt: skip
        session.add(run)
        session.flush()
        return run.id


def state_of(store: Store, run_id: int) -> tuple[str, str | None]:
    """Return the state of a run, and why it failed."""
    with store.reading() as session:
        run = session.get_one(Run, run_id)
        return run.state, run.error


def test_a_run_whose_program_was_killed_is_marked_when_the_next_one_looks(store: Store, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    run_id = start_run(store)
    words = [sys.executable, "-c", HOLD, str(settings.running_dir), str(run_id)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT) as program:
        assert program.stdout is not None and program.stdout.readline() == b"held\n"
        assert end_dead_runs(store, settings, now=NOW) == 0, "it is at work"
        program.kill()
    assert end_dead_runs(store, settings, now=NOW) == 1
    assert state_of(store, run_id) == ("failed", "The program was stopped before the run was done.")
    assert end_dead_runs(store, settings, now=NOW) == 0


def test_a_run_in_this_very_program_is_alive_until_it_ends(tmp_path: Path) -> None:
    with alive(tmp_path, 7):
        assert is_alive(tmp_path, 7)
    assert not is_alive(tmp_path, 7)
