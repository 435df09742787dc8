"""Points: a figure against that of the neighbours, as local Moran compares them."""

from collections.abc import Sequence

from geocommons.files.charts.chart import Chart, ChartText, Form, chart
from geocommons.files.charts.plot import Axis, Plot, axes, foot
from geocommons.files.charts.sheet import Sheet

HEIGHT = 240.0
MOST_ROWS = 200


def scatter_chart(
    labels: Sequence[str], xs: Sequence[float], ys: Sequence[float], text: ChartText, *, form: Form,
    slope: float | None = None, marked: Sequence[bool] = (),
) -> Chart:  # fmt: skip
    """Return a point for each pair, with the four quarters around the means and, where given, the line of a slope.

    For a Moran plot xs are standardised figures, ys those of the neighbours, and the slope is Moran's I. Marked
    points are those to look at: rings, drawn on top. The table has name, x and y (three heads in `text.columns`), of
    marked ones first, and of at most 200.
    """
    chosen = list(marked) or [False] * len(labels)
    across, up = _axis(xs, form, text.x_label), _axis(ys, form, text.y_label)
    order = sorted(range(len(labels)), key=lambda row: not chosen[row])
    rows = [(labels[row], form(xs[row]), form(ys[row])) for row in order[:MOST_ROWS]]

    def draw(sheet: Sheet) -> float:
        plot = axes(sheet, 0.0, HEIGHT, across, up)
        if len(labels):
            _draw_middle(sheet, plot, sum(xs) / len(xs), sum(ys) / len(ys), slope)
        for row in reversed(order):
            look, radius = ("point-marked", 4.0) if chosen[row] else ("point", 3.5)
            sheet.circle(look, plot.x(xs[row]), plot.y(ys[row]), radius, labels[row])
        return foot(plot)

    return chart(text, text.columns, rows, draw)


def _axis(values: Sequence[float], form: Form, label: str) -> Axis:
    low, high = min(values, default=0.0), max(values, default=1.0)
    air = (high - low) * 0.05 or 1.0
    return Axis(low=low - air, high=high + air, form=form, label=label)


def _draw_middle(sheet: Sheet, plot: Plot, x: float, y: float, slope: float | None) -> None:
    """Draw the lines of the means, and a line of a slope through where they cross, as far as the plot reaches."""
    sheet.path("axis", [(plot.x(x), plot.top), (plot.x(x), plot.bottom)])
    sheet.path("axis", [(plot.left, plot.y(y)), (plot.right, plot.y(y))])
    if slope is None:
        return
    ends = [plot.across.low, plot.across.high]
    if slope:
        at = sorted(x + (end - y) / slope for end in (plot.up.low, plot.up.high))
        ends = [max(ends[0], at[0]), min(ends[1], at[1])]
    sheet.path("line-2", plot.points(ends, [y + slope * (end - x) for end in ends]))
