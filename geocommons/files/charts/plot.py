"""Axes: round ticks, labels that never meet, and from figures to places on the sheet."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from geocommons.files.charts.chart import Form, Reference
from geocommons.files.charts.lettering import LINE, SIZE, fit, width_of
from geocommons.files.charts.sheet import Point, Sheet

QUIET = SIZE - 1
PAD = 6.0
APART = 10.0
MOST_TICKS = 5
SWATCH = 22.0
NARROWEST = 480.0
"""Sheets below are laid out for a phone."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What one side of a plot measures: from `low` to `high`, with ticks where they are wanted or at round figures."""

    low: float
    high: float
    form: Form
    label: str = ""
    ticks: Sequence[float] | None = None

    def at(self, most: int = MOST_TICKS) -> list[float]:
        """Return where ticks stand; so few that no two are written the same."""
        if self.ticks is not None:
            return list(self.ticks)
        choices = (round_ticks(self.low, self.high, few) for few in range(most, 1, -1))
        return next((ticks for ticks in choices if len({*map(self.form, ticks)}) == len(ticks)), [self.low])


@dataclass(frozen=True)
class Plot:
    """The room inside the axes, in units of the sheet, and the axes' spans."""

    left: float
    top: float
    right: float
    bottom: float
    across: Axis
    up: Axis

    def x(self, value: float) -> float:
        """Return where a figure of the horizontal axis stands; what is beyond its ends stands at its end."""
        return self.left + (self.right - self.left) * _part(value, self.across)

    def y(self, value: float) -> float:
        """Return where a figure of the vertical axis stands."""
        return self.bottom - (self.bottom - self.top) * _part(value, self.up)

    def points(self, xs: Sequence[float], ys: Sequence[float]) -> list[Point]:
        """Return the places of pairs of figures."""
        return [(self.x(x), self.y(y)) for x, y in zip(xs, ys, strict=True)]


def _part(value: float, axis: Axis) -> float:
    span = axis.high - axis.low
    return min(1.0, max(0.0, (value - axis.low) / span)) if span > 0 else 0.0


def round_ticks(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Return at most so many round figures from low to high: 1, 2 or 5 times a power of ten apart, or quarters."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return [low] if math.isfinite(low) else []
    rough = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    # 2.5 would be read as 2 or 3 where figures are written whole.
    sizes = (1, 2, 2.5, 5, 10) if power >= 10 or round(power, 6) == 0.1 else (1, 2, 5, 10)
    step = next(size * power for size in sizes if size * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def rounded_up(high: float) -> float:
    """Return the end of an axis: the next round figure from a greatest figure up."""
    if not (math.isfinite(high) and high > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(high))
    return next(size * power for size in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if size * power >= high * (1 - 1e-9))


def axes(
    sheet: Sheet, top: float, height: float, across: Axis, up: Axis, *, notes: int = 0, square: bool = False
) -> Plot:
    """Draw the axes of a plot below `top` and return its room; its last line of words ends at `foot(plot)`.

    `notes` are lines of words to be left free above the plot.
    """
    ticks = [(value, up.form(value)) for value in up.at()]
    if up.label:
        top = written(sheet, "quiet", 0, top, up.label, sheet.width) + 6
    top += notes * LINE
    left = max((width_of(words, QUIET) for _, words in ticks), default=0.0) + PAD
    ends = [width_of(across.form(value), QUIET) / 2 for value in across.at()[-1:]]
    right = sheet.width - max([PAD, *ends])
    if square:
        right = min(right, left + max(height, 280))
        height = right - left
    plot = Plot(left, top + PAD, right, top + PAD + height, across, up)
    for value, words in ticks:
        sheet.path("grid", [(left, plot.y(value)), (right, plot.y(value))])
        sheet.text("quiet", left - PAD, plot.y(value) + 4, words, "end")
    sheet.path("axis", [(left, plot.bottom), (right, plot.bottom)])
    for value, words in _apart(plot, sheet.width):
        sheet.path("axis", [(plot.x(value), plot.bottom), (plot.x(value), plot.bottom + 4)])
        sheet.text("quiet", plot.x(value), plot.bottom + 17, words, "middle")
    if across.label:
        words = fit(across.label, right, size=QUIET)[0]
        sheet.text("quiet", right, plot.bottom + 35, words, "end")
    return plot


def foot(plot: Plot) -> float:
    """Return where the words below a plot end."""
    return plot.bottom + (42 if plot.across.label else 24)


def _apart(plot: Plot, width: float) -> Iterator[tuple[float, str]]:
    """Yield the ticks below a plot whose words do not meet: every one, or every second, third, …, from the first."""
    said = [(value, plot.across.form(value)) for value in plot.across.at()]
    for every in range(1, len(said) + 1):
        some = [
            (value, words) for value, words in said[::every]
            if plot.x(value) + width_of(words, QUIET) / 2 <= width and plot.x(value) >= width_of(words, QUIET) / 2
        ]  # fmt: skip
        ends = [(plot.x(value), width_of(words, QUIET) / 2) for value, words in some]
        pairs = pairwise(ends)
        if all(right - half_right - (left + half_left) >= APART for (left, half_left), (right, half_right) in pairs):
            yield from some
            return


def written(sheet: Sheet, role: str, x: float, top: float, words: str, room: float, lines: int = 2) -> float:
    """Write words in at most so many lines below `top`, and return where they end."""
    for row in fit(words, room, lines=lines):
        sheet.text(role, x, top + SIZE, row)
        top += LINE
    return top


def legend(sheet: Sheet, entries: Sequence[tuple[str, str]]) -> float:
    """Draw a sample of each role with its words on top of a sheet, in as many rows as needed; return where it ends."""
    x, top = 0.0, 0.0
    for role, words in entries:
        words = fit(words, sheet.width - SWATCH - PAD)[0]
        room = SWATCH + PAD + width_of(words)
        if x and x + room > sheet.width:
            x, top = 0.0, top + LINE + 4
        if role.startswith(("line", "reference")):
            sheet.path(role, [(x, top + 8), (x + SWATCH, top + 8)])
        else:
            sheet.rect(role, x, top + 2, 12 if role.startswith("part") else SWATCH, 12)
        sheet.text("label", x + SWATCH + PAD, top + SIZE, words)
        x += room + 16
    return top + LINE + 6 if entries else 0.0


def reference_line(
    sheet: Sheet, plot: Plot, reference: Reference | None, row: int = 0, over: Sequence[tuple[float, float]] = ()
) -> None:
    """Draw an upright line at a figure, with its words beside it in the given line above the plot.

    Where `over` gives spans (top, bottom), the line is drawn over these only, so that it crosses no words between.
    """
    if reference is None or not plot.across.low <= reference.value <= plot.across.high:
        return
    x, base = plot.x(reference.value), plot.top - PAD - row * LINE
    words = fit(reference.label, max(x, sheet.width - x) - PAD)[0] if reference.label else ""
    for top, bottom in [(base - 10, base + 2), *over] if over else [(base - 10, plot.bottom)]:
        sheet.path("reference", [(x, top), (x, bottom)])
    after = x + PAD + width_of(words) <= sheet.width
    sheet.text("label", x + 5 if after else x - 5, base, words, "start" if after else "end")
