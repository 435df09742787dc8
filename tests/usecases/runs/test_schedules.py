"""The same question every month becomes a series."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from geocommons.errors import InvalidInput, NotFound
from geocommons.settings import Settings
from geocommons.store.desk import get_schedule
from geocommons.store.engine import Store
from geocommons.store.runs import get_run, list_runs
from geocommons.usecases.findings.series import say_series
from geocommons.usecases.questions.prepared import Prepared
from geocommons.usecases.questions.question import no_progress
from geocommons.usecases.runs.keep import answer_queued
from geocommons.usecases.runs.schedules import ask_due, first_after, make_schedule, stop_schedule
from tests.make import NOW, ask
from tests.town import make_town

LATER = datetime(2026, 8, 15, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "every", "next_day"),
    [
        ("2026-05-01", "month", "2026-06-01"),
        ("2026-12-31", "month", "2027-01-01"),
        ("2026-05-20", "quarter", "2026-07-01"),
        ("2026-11-02", "quarter", "2027-01-01"),
        ("2028-02-29", "year", "2029-01-01"),
    ],
)
def test_the_next_time_is_the_first_day_of_the_next_month_quarter_or_year(day: str, every: str, next_day: str) -> None:
    assert first_after(date.fromisoformat(day), every) == date.fromisoformat(next_day)


def test_months_that_were_missed_are_asked_for_as_of_their_day_and_make_a_series(store: Store, tmp_path: Path) -> None:
    settings: Settings = make_town(store, tmp_path)
    first = ask(store, settings, "coverage", supply=["gardens"])
    schedule = make_schedule(store, first.id, "month", now=NOW)
    submitted: list[int] = []
    assert ask_due(store, submitted.append, now=NOW) == []
    asked = ask_due(store, submitted.append, now=LATER)
    assert asked == submitted and len(asked) == 3
    assert ask_due(store, submitted.append, now=LATER) == [], "each day is asked for once"
    for run_id in asked:
        answer_queued(store, settings, run_id, progress=no_progress, prepared=Prepared())
    with store.reading() as session:
        runs = list_runs(session, schedule_id=schedule.id, only_published=True)
        assert get_schedule(session, schedule.id).next_on == date(2026, 9, 1)
    assert sorted(run.params["at"] for run in runs) == ["2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"]
    series = say_series(list(runs), "nl")
    assert len(series.tables[0].rows) == len(series.charts[0].rows) == 4


def test_a_question_about_a_layer_whose_package_is_gone_waits_and_keeps_no_other_waiting(
    store: Store, tmp_path: Path
) -> None:
    settings = make_town(store, tmp_path)
    run = ask(store, settings, "coverage", supply=["gardens"])
    gone, other = (make_schedule(store, run.id, every, now=NOW) for every in ("month", "quarter"))
    with store.writing() as session:
        session.merge(gone).params = run.params | {"supply": ["benches"]}
    (asked,) = ask_due(store, lambda run_id: None, now=LATER)
    with store.writing() as session:
        waiting = get_run(session, asked)
        assert waiting.schedule_id == other.id
        assert get_schedule(session, gone.id).next_on == gone.next_on
        waiting.params = waiting.params | {"supply": ["benches"]}
    with pytest.raises(NotFound, match="no layer “benches”"):
        answer_queued(store, settings, asked, progress=no_progress, prepared=Prepared())
    with store.reading() as session:
        assert get_run(session, asked).state == "failed", "it is not tried for ever"


def test_a_question_that_was_stopped_is_asked_no_more(store: Store, tmp_path: Path) -> None:
    settings = make_town(store, tmp_path)
    run = ask(store, settings, "coverage", supply=["gardens"])
    schedule = make_schedule(store, run.id, "quarter", now=NOW)
    stop_schedule(store, schedule.id, now=NOW)
    assert ask_due(store, lambda run_id: None, now=LATER) == []
    with pytest.raises(InvalidInput, match="no interval"):
        make_schedule(store, run.id, "fortnight", now=NOW)
    with pytest.raises(NotFound, match="no schedule 99"):
        stop_schedule(store, 99, now=NOW)
