"""One chart of each kind, with the names that give a drawing most trouble."""

from datetime import date
from functools import cache

from geocommons.files.charts.bars import Bar, bar_chart, histogram, share_chart
from geocommons.files.charts.chart import Chart, ChartText, Reference
from geocommons.files.charts.curves import Curve, SurvivalCurve, distance_curve, lorenz_chart, survival_chart
from geocommons.files.charts.network import Edge, Node, network_chart
from geocommons.files.charts.points import scatter_chart
from geocommons.files.charts.series import Series, time_series

NASTY = '<script>alert("1")</script> & Søns'
LONG = "Sint-Maartensdijk en de Oude Haven van Łódź aan de Zuidoostelijke Kanaaldijk, tweede gedeelte"
UNBROKEN = "Donaudampfschifffahrtsgesellschaftskapitänsmützenverordnungsbeauftragter"
NAMES = (
    NASTY,
    LONG,
    UNBROKEN,
    "WWWWWWWW MMMMMMMM @@@@@@@@ %%%%%%%%",
    "東京都の共有地を世話する人々の会",
    "",
    "a\x00b\x1fc",
    "W",
)


def share(value: float) -> str:
    """Return a share as people read it."""
    return f"{value:.0%}"


def count(value: float) -> str:
    """Return a number with separators."""
    return f"{value:,.0f}"


def metres(value: float) -> str:
    """Return a distance."""
    return f"{value:,.0f} m"


def text(*columns: str, title: str = NASTY) -> ChartText:
    """Return the words of a chart, all of them long."""
    return ChartText(title=title, description=LONG, columns=columns, x_label=LONG, y_label=LONG, language="en")


def nasty_bars() -> Chart:
    """Return bars of every name, with intervals, notes, a missing figure and a line to compare with."""
    bars = [
        Bar(label=name, value=n / 8, low=max(0, n / 8 - 0.1), high=n / 8 + 0.1, note="*", marked=n == 2)
        for n, name in enumerate(NAMES)
    ]
    return bar_chart([*bars, Bar(label="none", value=None)], text("Name", "Share", "Low", "High"), form=share, high=1.0,
                     reference=Reference(value=0.9, label=LONG))  # fmt: skip


def nasty_network() -> Chart:
    """Return a network of forty nodes with long names around a few hubs."""
    nodes = [Node(label=f"{NAMES[n % len(NAMES)]} {n}", marked=n % 9 == 0) for n in range(40)]
    edges = [Edge(a=n, b=n * 7 % 11, weight=1 + n % 3) for n in range(40)]
    return network_chart(nodes, edges, text("Name", "Ties"), form=count)


@cache
def every_chart() -> dict[str, Chart]:
    """Return one chart of each kind by name."""
    xs = [n * 20.0 for n in range(101)]
    unit = [n / 20 for n in range(21)]
    curves = [
        Curve(label=name, xs=xs, ys=[min(1.0, x / (900 + 300 * n)) for x in xs]) for n, name in enumerate(NAMES[:4])
    ]
    lasting = [
        SurvivalCurve(label=name, times=(3.0, 7, 12), survival=(0.9, 0.6, 0.5), low=(0.8, 0.5, 0.4),
                      high=(1.0, 0.7, 0.6), censored=(5.0, 14), until=15)
        for name in NAMES[:2]
    ]  # fmt: skip
    months = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(30)]
    values = [None if n in (4, 5, 9) else 1_000_000.0 + n * 50_000 for n in range(30)]
    return {
        "bars": nasty_bars(),
        "shares": share_chart([(name, (n, 3, 2)) for n, name in enumerate(NAMES)], NAMES[:3], text("Name"), form=share),
        "histogram": histogram([n * 1e6 for n in range(12)], [n * 1e6 for n in range(11)], text("From", "To", "n"),
                               form=count, x_form=metres, reference=Reference(value=8.3e6, label=LONG)),
        "distance": distance_curve(curves, text("Distance"), form=share, x_form=metres, references=[
            Reference(value=300, label=LONG), Reference(value=320, label=LONG)]),
        "lorenz": lorenz_chart([Curve(label=LONG, xs=unit, ys=[x**2 for x in unit])], text("People"), form=share,
                               ginis=["0.33"], equality=LONG),
        "survival": survival_chart(lasting, text("Months"), form=share, x_form=count),
        "months": time_series(months, [Series(label=LONG, values=values), Series(label=NASTY, values=values)],
                              text("Month"), form=count, month_form=lambda day: f"{day:%B %Y}"),
        "network": nasty_network(),
        "scatter": scatter_chart(NAMES, unit[:8], [x**2 for x in unit[:8]], text("Name", "x", "y"), form=metres,
                                 slope=0.4, marked=[n == 2 for n in range(8)]),
    }  # fmt: skip
