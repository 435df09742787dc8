"""Time series: a figure for each month, with gaps where there is none."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from geocommons.errors import InvalidInput
from geocommons.files.charts.chart import Chart, ChartText, Form, chart, said
from geocommons.files.charts.plot import Axis, axes, foot, legend, rounded_up
from geocommons.files.charts.sheet import Point, Sheet
from geocommons.files.palette import SERIES

HEIGHT = 180.0
MOST_DOTS = 40


@dataclass(frozen=True, kw_only=True)
class Series:
    """A figure for each month under one name; None is a gap, which no line crosses."""

    label: str
    values: Sequence[float | None]


def time_series(
    months: Sequence[date], series: Sequence[Series], text: ChartText, *, form: Form, month_form: Callable[[date], str],
    high: float | None = None,
) -> Chart:  # fmt: skip
    """Return lines over months (one date for each, ascending, any day of it), broken where there is no figure.

    `high` is the end of the axis (1 for shares), else the greatest figure. The table has a row for each month;
    `text.columns` gives the head of months.
    """
    if not months or not 1 <= len(series) <= len(SERIES):
        raise InvalidInput("A time series needs a month at least, and from 1 to {most} lines.", most=len(SERIES))
    figures = [value for one in series for value in one.values if value is not None]
    places = [_month(day) - _month(months[0]) for day in months]
    names = dict(zip(places, map(month_form, months), strict=True))
    across = Axis(
        low=0.0, high=max(places[-1], 1), form=lambda place: names[int(place)], label=text.x_label,
        ticks=_month_ticks(months, places),
    )  # fmt: skip
    low = min([0.0, *figures])
    up = Axis(low=low, high=high or rounded_up(max(figures, default=1.0)), form=form, label=text.y_label)
    rows = [(names[place], *(said(one.values[row], form) for one in series)) for row, place in enumerate(places)]

    def draw(sheet: Sheet) -> float:
        entries = [(f"line-{n}", one.label) for n, one in enumerate(series, start=1)]
        plot = axes(sheet, legend(sheet, entries) if len(series) > 1 else 0.0, HEIGHT, across, up)
        for number, one in enumerate(series, start=1):
            runs = _runs(places, one.values)
            for run in runs:
                sheet.path(f"line-{number}", [(plot.x(place), plot.y(value)) for place, value in run])
            for place, value in _dots(runs, len(places)):
                sheet.circle(f"dot-{number}", plot.x(place), plot.y(value), 3.5, f"{names[int(place)]}: {form(value)}")
        return foot(plot)

    return chart(text, (text.columns[0], *(one.label for one in series)), rows, draw)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_ticks(months: Sequence[date], places: Sequence[int]) -> list[float]:
    """Return Januaries where the series is long, else every month; none twice."""
    years = places[-1] / 12
    every = 12 * max(1, math.ceil(years / 8)) if years > 3 else 3 if years > 1 else 1
    chosen = [float(place) for day, place in zip(months, places, strict=True) if (day.month - 1) % every == 0]
    if every > 12:
        chosen = [place for place in chosen if (months[0].year + int(place) // 12) % (every // 12) == 0]
    return chosen or [float(places[0])]


def _runs(places: Sequence[int], values: Sequence[float | None]) -> list[list[Point]]:
    """Return the stretches of a line without a gap: months that follow each other and have a figure."""
    runs: list[list[Point]] = []
    last = None
    for place, value in zip(places, values, strict=True):
        if value is None or value != value:
            continue
        if last is None or place != last + 1:
            runs.append([])
        runs[-1].append((float(place), value))
        last = place
    return runs


def _dots(runs: Sequence[Sequence[Point]], months: int) -> list[Point]:
    """Return the points to mark: all where months are few, else those that stand alone, and the latest."""
    if months <= MOST_DOTS:
        return [point for run in runs for point in run]
    alone = [run[0] for run in runs if len(run) == 1]
    return list(dict.fromkeys([*alone, *(run[-1] for run in runs[-1:])]))
