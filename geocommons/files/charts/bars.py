"""Bars: a figure for each district or group, shares of a whole, and how often figures occur."""

from collections.abc import Sequence
from dataclasses import dataclass

from geocommons.errors import InvalidInput
from geocommons.files.charts.chart import NONE, Chart, ChartText, Form, Reference, chart, said
from geocommons.files.charts.lettering import LINE, SIZE, fit, width_of
from geocommons.files.charts.plot import (
    NARROWEST,
    PAD,
    Axis,
    Plot,
    axes,
    foot,
    legend,
    reference_line,
    rounded_up,
)
from geocommons.files.charts.sheet import Sheet
from geocommons.files.palette import SERIES

FREE = "free"
GAP = 10.0
THICK, THIN = 18.0, 14.0
SMALLEST = 1.5
"""A figure that is not zero is never drawn as nothing."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One figure with its name; None is “no figure”. `low` to `high` is its interval, `note` stands after the figure.

    A marked bar is the one to look at: it has another colour and stripes. `tone` (1 to 5) draws a bar in the tone of
    that number, as a map beside the chart draws what the bar is about; 0 is the colour of all bars.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    marked: bool = False
    tone: int = 0


def bar_chart(
    bars: Sequence[Bar], text: ChartText, *, form: Form, high: float | None = None, reference: Reference | None = None
) -> Chart:
    """Return bars that lie, one for each row, with its figure at the end and, where given, its interval as a whisker.

    `high` is the end of the axis (1 for shares), else the greatest figure. The table has the columns name and
    figure; where any bar has an interval also its low and high end: `text.columns` gives two or four heads.
    """
    figures = [one for bar in bars for one in (bar.value, bar.low, bar.high) if one is not None]
    intervals = any(bar.low is not None for bar in bars)
    ends = [*figures, 0.0] + ([reference.value] if reference else [])
    span = Axis(low=min(ends), high=high if high is not None else rounded_up(max(ends)), form=form)
    rows = [
        (bar.label, _figure(bar, form), *((said(bar.low, form), said(bar.high, form)) if intervals else ()))
        for bar in bars
    ]

    def draw(sheet: Sheet) -> float:
        return _draw_bars(sheet, bars, span, form, reference)

    return chart(text, text.columns, rows, draw)


def _figure(bar: Bar, form: Form) -> str:
    return f"{said(bar.value, form)} {bar.note}".rstrip()


def _draw_bars(sheet: Sheet, bars: Sequence[Bar], span: Axis, form: Form, reference: Reference | None) -> float:
    values = max((width_of(_figure(bar, form), bold=True) for bar in bars), default=0.0)
    left, tops, height, thick = _layout(sheet, [bar.label for bar in bars], LINE + PAD if reference else 0.0)
    plot = Plot(left, LINE + PAD, sheet.width - values - 2 * PAD, height - GAP / 2, span, span)
    for bar, top in zip(bars, tops, strict=True):
        _draw_bar(sheet, plot, bar, top, thick)
        sheet.text("value", sheet.width, top + thick / 2 + 4.5, _figure(bar, form), "end")
    spans = [(top - 3, top + thick + 3) for top in tops] if sheet.width < NARROWEST else []
    reference_line(sheet, plot, reference, over=spans)
    return height


def _layout(sheet: Sheet, labels: Sequence[str], top: float) -> tuple[float, list[float], float, float]:
    """Write the labels and return where bars begin, the top of each, where all end, and how thick they are.

    On a phone a label stands above its bar; on a desk beside it.
    """
    narrow = sheet.width < NARROWEST
    thick = THIN if narrow else THICK
    beside = min(sheet.width * 0.38, max((width_of(label) for label in labels), default=0.0) + 1)
    tops: list[float] = []
    for label in labels:
        lines = fit(label, sheet.width if narrow else beside, lines=2)
        room = len(lines) * LINE
        first = top + SIZE if narrow else top + (max(room, thick) - room) / 2 + SIZE
        for number, words in enumerate(lines):
            sheet.text("label", 0, first + number * LINE, words)
        tops.append(top + room + 3 if narrow else top + (max(room, thick) - thick) / 2)
        top += (room + 3 + thick if narrow else max(room, thick)) + GAP
    return (0.0 if narrow else beside + 2 * PAD), tops, top, thick


def _draw_bar(sheet: Sheet, plot: Plot, bar: Bar, top: float, thick: float) -> None:
    zero = plot.x(0)
    sheet.rect("track", plot.left, top, plot.right - plot.left, thick)
    if bar.value is not None and bar.value == bar.value:
        start, end = sorted((zero, plot.x(bar.value)))
        width = max(end - start, SMALLEST if bar.value else 0.0)
        role = "bar-marked" if bar.marked else f"part-{bar.tone}" if bar.tone else "bar"
        sheet.rect(role, start, top, width, thick, bar.label)
        if bar.marked:
            _stripe(sheet, start, top, width, thick)
    if bar.low is not None and bar.high is not None:
        low, high, middle = plot.x(bar.low), plot.x(bar.high), top + thick / 2
        for role in ("whisker-halo", "whisker"):
            for points in (
                [(low, middle), (high, middle)],
                [(low, middle - 4), (low, middle + 4)],
                [(high, middle - 4), (high, middle + 4)],
            ):
                sheet.path(role, points)


def _stripe(sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
    for x in range(4, int(width), 6):
        sheet.path("knock", [(left + x, top), (left + x, top + height)])


def share_chart(
    rows: Sequence[tuple[str, Sequence[float]]], parts: Sequence[str], text: ChartText, *, form: Form,
    tones: Sequence[str] = (),
) -> Chart:  # fmt: skip
    """Return one bar for each row, cut into the shares that its parts have of it, with a legend on top.

    `rows` hold a name and an amount (at least 0) for each part; a row of zeros is “no figure”. `form` writes a
    share from 0 to 1. The table shows shares; `text.columns` gives the head of the names only. At most five parts.
    `tones` names the tone of each part ("1" to "5", or "free": what nobody holds, striped) as a map beside it has them.
    """
    tones = tones or [str(number) for number in range(1, len(parts) + 1)]
    if not 1 <= len(parts) <= len(SERIES):
        raise InvalidInput(
            "{count} parts cannot be told apart. Choose from 1 to {most}.", count=len(parts), most=len(SERIES)
        )
    shares = [(name, _shares(amounts)) for name, amounts in rows]
    table = [(name, *([form(one) for one in some] or [NONE] * len(parts))) for name, some in shares]

    def draw(sheet: Sheet) -> float:
        start = legend(sheet, [(f"part-{tone}", words) for tone, words in zip(tones, parts, strict=True)]) + PAD
        left, tops, height, thick = _layout(sheet, [name for name, _ in shares], start)
        for (name, some), top in zip(shares, tops, strict=True):
            _draw_shares(
                sheet, name, list(zip(some, tones, strict=False)), form, (left, top, sheet.width - left, thick + 2)
            )
        return height

    return chart(text, (text.columns[0], *parts), table, draw)


def _shares(amounts: Sequence[float]) -> list[float]:
    whole = sum(amounts)
    return [amount / whole for amount in amounts] if whole > 0 else []


def _draw_shares(
    sheet: Sheet, name: str, some: Sequence[tuple[float, str]], form: Form, box: tuple[float, float, float, float]
) -> None:
    left, top, width, thick = box
    sheet.rect("track", left, top, width, thick)
    x = left
    for share, tone in some:
        wide, words = width * share, form(share)
        room = width_of(words, SIZE - 1, bold=True) + 8
        if wide > 0:
            # A gap in the colour of the paper parts what lies beside each other, also where colours do not.
            sheet.rect(f"part-{tone}", x, top, max(wide - 1.5, 0.5), thick, name)
            middle = x + (wide - 1.5) / 2
            if tone == FREE:
                _stripe(sheet, x, top, wide - 1.5, thick)
            if tone == FREE and room <= wide:
                sheet.rect(f"part-{tone}", middle - room / 2, top, room, thick, name)
            if room <= wide:
                sheet.text(f"on-part-{tone}", middle, top + thick / 2 + 4, words, "middle")
        x += wide


def histogram(
    edges: Sequence[float], counts: Sequence[float], text: ChartText, *, form: Form, x_form: Form,
    reference: Reference | None = None,
) -> Chart:  # fmt: skip
    """Return bars that stand, one for the figures from each edge up to the next; one edge more than counts.

    The table has the columns from, up to, and count: `text.columns` gives three heads.
    """
    if len(edges) != len(counts) + 1 or not counts:
        raise InvalidInput("A histogram needs one edge more than it has counts, and one count at least.")
    across = Axis(low=edges[0], high=edges[-1], form=x_form, label=text.x_label, ticks=_edge_ticks(edges))
    up = Axis(low=0.0, high=rounded_up(max(counts)), form=form, label=text.y_label)
    rows = [(x_form(a), x_form(b), form(n)) for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)]

    def draw(sheet: Sheet) -> float:
        plot = axes(sheet, 0.0, 170, across, up, notes=1 if reference else 0)
        for start, end, count in zip(edges[:-1], edges[1:], counts, strict=True):
            left, top = plot.x(start), plot.y(count)
            width = max(plot.x(end) - left - 1, 0.5)
            hint = f"{x_form(start)} – {x_form(end)}: {form(count)}"
            sheet.rect("bar", left + 0.5, top, width, plot.bottom - top, hint)
        reference_line(sheet, plot, reference)
        return foot(plot)

    return chart(text, text.columns, rows, draw)


def _edge_ticks(edges: Sequence[float]) -> list[float] | None:
    """Return the edges as ticks where they are few; where they are many, round figures read better."""
    return list(edges) if len(edges) <= 12 else None
