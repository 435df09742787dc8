"""Ask a question again every month, quarter or year, so that its figure becomes a series."""

from collections.abc import Callable
from datetime import date, datetime

from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.model.desk import MONTHS, Schedule
from geocommons.store.desk import get_schedule, list_due
from geocommons.store.engine import Store
from geocommons.store.runs import get_run
from geocommons.usecases.analyses.catalogue import question_of
from geocommons.usecases.runs.keep import new_run

MOST_AT_ONCE = 36
"""Months that are made up for after a register was not served for long; any day can still be asked by hand."""


def make_schedule(store: Store, run_id: int, every: str, *, now: datetime) -> Schedule:
    """Ask the question of a run again every month, quarter or year, on its first day; its answers are published."""
    if every not in MONTHS:
        raise InvalidInput("“{every}” is no interval. Use one of: {known}.", every=every, known=", ".join(MONTHS))
    with store.writing() as session:
        run = get_run(session, run_id)
        schedule = Schedule(
            kind=run.kind, params=run.params, every=every, next_on=first_after(now.date(), every), stopped_at=None,
            made_by=store.actor.account_id, made_at=now,
        )  # fmt: skip
        session.add(schedule)
        session.flush()
        run.schedule_id = schedule.id
        return schedule


def stop_schedule(store: Store, schedule_id: int, *, now: datetime) -> Schedule:
    """Ask no more; what was answered stays."""
    with store.writing() as session:
        schedule = get_schedule(session, schedule_id)
        schedule.stopped_at = schedule.stopped_at or now
        return schedule


def ask_due(store: Store, submit: Callable[[int], None], *, now: datetime) -> list[int]:
    """Let every question that is due wait for its turn, each for the day on which it was; return the runs.

    A day that was missed is asked for too: the register knows what it was like then.
    """
    asked: list[int] = []
    with store.writing() as session:
        for schedule in list_due(session, now.date()):
            while schedule.next_on <= now.date() and len(asked) < MOST_AT_ONCE:
                try:
                    question = question_of(schedule.kind, schedule.params, on=schedule.next_on)
                except GeoCommonsError:  # It waits, as until the package of its layer is back; the others do not.
                    break
                run = new_run(question, asked_by=schedule.made_by, state="queued", now=now)
                run.schedule_id = schedule.id
                session.add(run)
                session.flush()
                asked.append(run.id)
                schedule.next_on = first_after(schedule.next_on, schedule.every)
    for run_id in asked:
        submit(run_id)
    return asked


def first_after(day: date, every: str) -> date:
    """Return the first day of the next month, quarter or year after a day."""
    step = MONTHS[every]
    month = (day.month - 1) // step * step + step
    return date(day.year + month // 12, month % 12 + 1, 1)
