"""Curves: how many live within which distance, how evenly something is spread, how long it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geocommons.errors import InvalidInput
from geocommons.files.charts.chart import Chart, ChartText, Form, Reference, chart, said
from geocommons.files.charts.plot import Axis, Plot, axes, foot, legend, reference_line
from geocommons.files.charts.sheet import Point, Sheet
from geocommons.files.palette import SERIES

HEIGHT = 200.0
TENTHS = [number / 10 for number in range(11)]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A named line through points, with x ascending."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class SurvivalCurve:
    """A Kaplan-Meier estimate: at each time something ended, the share that lasts beyond, with its interval.

    `times` ascend; before the first, all last. `censored` are times at which something was still going on.
    `until` is how long anything was watched, at least the last time.
    """

    label: str
    times: Sequence[float]
    survival: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    censored: Sequence[float] = ()
    until: float = 0.0

    def at(self, time: float) -> int:
        """Return which step holds at a time, -1 before the first."""
        return int(np.searchsorted(self.times, time, side="right")) - 1

    @property
    def end(self) -> float:
        """Return how long anything was watched."""
        return max([self.until, *self.times[-1:], *self.censored], default=0.0)


def distance_curve(
    curves: Sequence[Curve], text: ChartText, *, form: Form, x_form: Form, references: Sequence[Reference] = ()
) -> Chart:
    """Return the share of people (0 to 1) who live within each distance, one line for each curve.

    References are distances to compare with, as a standard's 800 m: at most two. The table reads the curves at round
    distances and at the references; `text.columns` gives the head of the distances only.
    """
    _check_count(len(curves))
    far = max((curve.xs[-1] for curve in curves if len(curve.xs)), default=1.0)
    across = Axis(low=0.0, high=far, form=x_form, label=text.x_label)
    up = Axis(low=0.0, high=1.0, form=form, label=text.y_label, ticks=(0.0, 0.25, 0.5, 0.75, 1.0))
    at = sorted({*across.at(), *(one.value for one in references)})
    rows = [(x_form(x), *(said(_read(curve, x), form) for curve in curves)) for x in at]

    def draw(sheet: Sheet) -> float:
        top = _legend(sheet, [curve.label for curve in curves])
        plot = axes(sheet, top, HEIGHT, across, up, notes=len(references))
        for row, reference in enumerate(sorted(references, key=lambda one: -one.value)):
            reference_line(sheet, plot, reference, row)
        for number, curve in enumerate(curves, start=1):
            sheet.path(f"line-{number}", _thinned(plot.points(curve.xs, curve.ys)))
        return foot(plot)

    return chart(text, (text.columns[0], *(curve.label for curve in curves)), rows, draw)


def lorenz_chart(
    curves: Sequence[Curve], text: ChartText, *, form: Form, ginis: Sequence[str] = (), equality: str = ""
) -> Chart:
    """Return which share of a good (y) the least served share of people (x) has, beside the line of equality.

    Both run from 0 to 1. `ginis` are figures as they are read, one for each curve, and stand in the legend;
    `equality` names the straight line. The table reads the curves at each tenth of the people; `text.columns` gives
    the head of that.
    """
    _check_count(len(curves))
    names = [
        f"{curve.label} (Gini {gini})" if gini else curve.label
        for curve, gini in zip(curves, ginis or [""] * len(curves), strict=True)
    ]
    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    across = Axis(low=0.0, high=1.0, form=form, label=text.x_label, ticks=ticks)
    up = Axis(
        low=min([0.0, *(min(curve.ys) for curve in curves)]), high=1.0, form=form, label=text.y_label, ticks=ticks
    )
    rows = [(form(x), *(said(_read(curve, x), form) for curve in curves)) for x in TENTHS]

    def draw(sheet: Sheet) -> float:
        entries = [(f"line-{n}", name) for n, name in enumerate(names, start=1)]
        top = legend(sheet, [*entries, *([("reference", equality)] if equality else [])])
        plot = axes(sheet, top, HEIGHT, across, up, square=True)
        sheet.path("reference", plot.points((0.0, 1.0), (0.0, 1.0)))
        for number, curve in enumerate(curves, start=1):
            places = _thinned(plot.points(curve.xs, curve.ys))
            sheet.path(f"band-{number}", [*places, (plot.x(1), plot.y(1))], closed=True)
            sheet.path(f"line-{number}", places)
        return foot(plot)

    return chart(text, (text.columns[0], *names), rows, draw)


def survival_chart(curves: Sequence[SurvivalCurve], text: ChartText, *, form: Form, x_form: Form) -> Chart:
    """Return Kaplan-Meier steps with their confidence band, and a small tick where something was still going on.

    The table reads each curve at round times, with its interval in brackets; `text.columns` gives the head of times.
    """
    _check_count(len(curves))
    across = Axis(low=0.0, high=max((one.end for one in curves), default=0.0) or 1.0, form=x_form, label=text.x_label)
    up = Axis(low=0.0, high=1.0, form=form, label=text.y_label, ticks=(0.0, 0.25, 0.5, 0.75, 1.0))
    rows = [(x_form(x), *(_lasting(curve, x, form) for curve in curves)) for x in across.at()]

    def draw(sheet: Sheet) -> float:
        plot = axes(sheet, _legend(sheet, [curve.label for curve in curves]), HEIGHT, across, up)
        for number, curve in enumerate(curves, start=1):
            _draw_survival(sheet, plot, curve, number)
        return foot(plot)

    return chart(text, (text.columns[0], *(curve.label for curve in curves)), rows, draw)


def _draw_survival(sheet: Sheet, plot: Plot, curve: SurvivalCurve, number: int) -> None:
    if curve.low and curve.high:
        upper, lower = (_steps(plot, curve, ends) for ends in (curve.high, curve.low))
        sheet.path(f"band-{number}", [*upper, *reversed(lower)], closed=True)
    sheet.path(f"line-{number}", _steps(plot, curve, curve.survival))
    for time in dict.fromkeys(curve.censored):
        step = curve.at(time)
        x, y = plot.x(time), plot.y(curve.survival[step] if step >= 0 else 1.0)
        sheet.path(f"tick-{number}", [(x, y - 5), (x, y + 5)])


def _steps(plot: Plot, curve: SurvivalCurve, ends: Sequence[float]) -> list[Point]:
    """Return the corners of stairs that start at 1 and hold each figure until the next time."""
    places, height = [(plot.x(0), plot.y(1.0))], 1.0
    for time, next_height in zip(curve.times, ends, strict=True):
        places += [(plot.x(time), plot.y(height)), (plot.x(time), plot.y(next_height))]
        height = next_height
    return [*places, (plot.x(curve.end), plot.y(height))]


def _lasting(curve: SurvivalCurve, time: float, form: Form) -> str:
    step = curve.at(time)
    if time > curve.end:
        return said(None, form)
    figure = form(curve.survival[step] if step >= 0 else 1.0)
    return f"{figure} ({form(curve.low[step])} – {form(curve.high[step])})" if step >= 0 and curve.low else figure


def _read(curve: Curve, x: float) -> float | None:
    """Return a curve's height at x, between its points; None beyond its ends."""
    if not len(curve.xs) or not curve.xs[0] <= x <= curve.xs[-1]:
        return None
    return float(np.interp(x, curve.xs, curve.ys))


def _thinned(places: Sequence[Point]) -> list[Point]:
    """Return a line without the points that are no half unit of the sheet away from the last one that was kept."""
    kept = list(places[:1])
    for x, y in places[1:-1]:
        if abs(x - kept[-1][0]) >= 0.5 or abs(y - kept[-1][1]) >= 0.5:
            kept.append((x, y))
    return [*kept, *places[-1:]] if len(places) > 1 else kept


def _legend(sheet: Sheet, labels: Sequence[str]) -> float:
    """Draw a legend where there is more than one line to tell apart."""
    return legend(sheet, [(f"line-{n}", label) for n, label in enumerate(labels, start=1)]) if len(labels) > 1 else 0.0


def _check_count(count: int) -> None:
    if not 1 <= count <= len(SERIES):
        raise InvalidInput(
            "{count} lines cannot be told apart. Choose from 1 to {most}.", count=count, most=len(SERIES)
        )
