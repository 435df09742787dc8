"""Runs that nobody is at: the database was lost when their turn came."""

import time
from pathlib import Path

from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.runs import list_runs
from geocommons.usecases.analyses.catalogue import get_question
from geocommons.usecases.questions.question import read_question
from geocommons.usecases.rounds import run_round
from geocommons.usecases.runs.queue import RunQueue, queue_run
from tests.make import NOW, TODAY

FOUND_WITHIN_S = 60.0


def test_runs_that_were_left_are_gone_on_with_while_the_register_is_served(store: Store, tmp_path: Path) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, data_dir=tmp_path)
    queue = RunQueue(store, settings, lambda: NOW)
    queue.start()
    asked = [
        queue_run(store, read_question(get_question(kind), {}, today=TODAY), now=NOW) for kind in ("ties", "health")
    ]
    with store.writing() as session:
        begun = session.merge(asked[0])
        begun.state, begun.attempts = "running", 1
    rounds = run_round(queue.start, first_after_s=0.0)
    rounds.start()
    until = time.monotonic() + FOUND_WITHIN_S
    states: list[str] = []
    while states != ["finished"] * 2 and time.monotonic() < until:
        time.sleep(0.1)
        with store.reading() as session:
            states = [run.state for run in list_runs(session)]
    rounds.stop(FOUND_WITHIN_S)
    queue.stop()
    assert states == ["finished"] * 2
