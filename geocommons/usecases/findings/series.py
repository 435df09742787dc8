"""What the same question found each time, in words: a line over the months, and the table behind it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from geocommons.files.charts.chart import Chart, ChartText
from geocommons.files.charts.series import Series, time_series
from geocommons.language import mark, translate
from geocommons.model.run import Run
from geocommons.numerals import day
from geocommons.usecases.findings.document import Column, Findings, Row, Table, say_cell
from geocommons.usecases.findings.say import say_findings


def say_series(runs: Sequence[Run], language: str) -> Findings:
    """Return the findings of a question over time, the earliest day first; a month without an answer is a gap."""
    told = sorted(((str(run.params["at"]), run, say_findings(run, language)) for run in runs), key=lambda one: one[0])
    label = told[-1][2].figures[0].label if told else translate(mark("figure"), language)
    rows = tuple(
        Row((at, found.figures[0].value, found.sentence), href=f"/analyses/{run.kind}?run={run.id}")
        for at, run, found in told
    )
    columns = (
        Column(translate(mark("Day"), language), "day"),
        Column(label),
        Column(translate(mark("In words"), language)),
    )
    chart = _line(told, label, language)
    return Findings(
        title=told[-1][2].title if told else "",
        sentence=told[-1][2].sentence if told else translate(mark("Nothing was answered yet."), language),
        tables=(Table(translate(mark("Each time"), language), columns, rows),) if rows else (),
        charts=(chart,) if chart else (),
    )


def _line(told: Sequence[tuple[str, Run, Findings]], label: str, language: str) -> Chart | None:
    known = {date.fromisoformat(at).replace(day=1): found for at, _, found in told if found.measure is not None}
    if len(known) < 2:
        return None
    kind = next(iter(known.values())).measure_kind
    months = _months(min(known), max(known))
    values: list[Any] = [known[month].measure if month in known else None for month in months]
    told_each_time = translate(mark("What was found each time; a gap is a month without an answer."), language)
    text = ChartText(
        title=label, description=told_each_time,
        columns=(translate(mark("Month"), language),), language=language,
    )  # fmt: skip
    return time_series(
        months, [Series(label=label, values=values)], text,
        form=lambda value: say_cell(value, kind, language), month_form=lambda month: day(month, language, "medium"),
    )  # fmt: skip


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    starts = (first.month - 1 + step for step in range(count))
    return [date(first.year + month // 12, month % 12 + 1, 1) for month in starts]
