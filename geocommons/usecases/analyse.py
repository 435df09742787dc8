"""Ask who is served, where nobody is, and what of each river is looked after; each answer is kept as a Run."""

from collections.abc import Sequence
from datetime import date, datetime

from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.coverage import Question, prepare_coverage
from geocommons.usecases.analyses.gaps import prepare_gaps
from geocommons.usecases.analyses.rivers import RiverQuestion, prepare_rivers
from geocommons.usecases.analyses.runs import run_once

MINUTES = 10.0


def analyse_coverage(
    store: Store,
    settings: Settings,
    *,
    supply: Sequence[str],
    minutes: float = MINUTES,
    straight: bool = False,
    metres: float | None = None,
    cared_for: bool = False,
    day: date,
    now: datetime,
) -> Run:
    """Return who lives within a walk (or a straight line) of a site of some layers on a day, as a finished run.

    Every current site of the layers serves; with `cared_for` only those that have a steward on the day.
    """
    question = Question.ask(supply, minutes, metres, day, straight=straight, cared_for=cared_for)
    return run_once(store, settings, "coverage", question.params, prepare_coverage(question), now)


def analyse_gaps(
    store: Store,
    settings: Settings,
    *,
    supply: Sequence[str],
    minutes: float = MINUTES,
    straight: bool = False,
    metres: float | None = None,
    cared_for: bool = False,
    day: date,
    now: datetime,
) -> Run:
    """Return the areas where people live whom no site reaches, most people first, as a finished run."""
    question = Question.ask(supply, minutes, metres, day, straight=straight, cared_for=cared_for)
    return run_once(store, settings, "gaps", question.params, prepare_gaps(question), now)


def analyse_rivers(store: Store, settings: Settings, *, layer: str = "rivers", day: date, now: datetime) -> Run:
    """Return what of each river is adopted, in conflict and free on a day, as a finished run."""
    question = RiverQuestion.ask(layer, day)
    return run_once(store, settings, "rivers", question.params, prepare_rivers(question), now)
