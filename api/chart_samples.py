"""One chart of each kind, of figures that nobody measured: for the page of the design."""

import math
from collections.abc import Callable
from datetime import date
from functools import partial

from babel.dates import format_skeleton

from geocommons.files.charts.bars import Bar, bar_chart, histogram, share_chart
from geocommons.files.charts.chart import Chart, ChartText, Reference
from geocommons.files.charts.curves import Curve, SurvivalCurve, distance_curve, lorenz_chart, survival_chart
from geocommons.files.charts.network import Edge, Node, network_chart
from geocommons.files.charts.points import scatter_chart
from geocommons.files.charts.series import Series, time_series
from geocommons.language import mark, translate
from geocommons.numerals import metres, number, percent

Say = Callable[[str], str]
AREAS = (
    ("Sint-Maartensdijk en de Oude Haven", 0.94, 0.03), ("Brookside", 0.83, 0.05), ("Riverside", 0.71, 0.04),
    ("Hill", 0.62, 0.06), ("Harbour", 0.38, 0.09),
)  # fmt: skip
DEPTHS = (mark("Two or more"), mark("One steward"), mark("Nobody"))
TIES = (
    (0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 5), (5, 6), (5, 7), (6, 7), (3, 4), (0, 8), (8, 9), (8, 10), (9, 10),
    (11, 12), (0, 13), (5, 13),
)  # fmt: skip
GROUPS = (
    "Brook Friends", "Rose Group", "Garden Union", "Pier Side", "Old Orchard", "City of Testdorp", "Drain Watch",
    "Reed Club", "Land Trust", "Home Row", "Lease Desk", "Bird Count", "Owl House", "Schools",
)  # fmt: skip


def sample_charts(language: str) -> list[Chart]:
    """Return one chart of each kind, in a language."""
    say = partial(translate, language=language)
    return [chart for kind in (_bars, _curves, _others) for chart in kind(say, language)]


def _text(say: Say, language: str, title: str, description: str, *columns: str, x: str = "", y: str = "") -> ChartText:
    return ChartText(
        title=say(title), description=say(description), columns=[say(one) for one in columns],
        x_label=say(x) if x else "", y_label=say(y) if y else "", language=language,
    )  # fmt: skip


def _bars(say: Say, language: str) -> list[Chart]:
    share, count, far = (partial(form, language=language) for form in (percent, number, metres))
    bars = [
        Bar(label=name, value=value, low=value - air, high=min(1.0, value + air), marked=value < 0.5)
        for name, value, air in AREAS
    ]
    text = partial(_text, say, language)
    served = text(
        mark("Within reach, by district"), mark("The whiskers are 90% intervals."),
        mark("District"), mark("Within reach"), mark("At least"), mark("At most"),
    )  # fmt: skip
    depth = text(mark("Who looks after the river"), mark("Parts of the length of each river."), mark("River"))
    walk = text(
        mark("How far people walk"), mark("People by their distance from the nearest site."),
        mark("From"), mark("Up to"), mark("People"), x=mark("Distance on foot"), y=mark("People"),
    )  # fmt: skip
    rivers = [("Brook", (3.1, 5.2, 1.7)), ("Old Mill Stream", (0.4, 1.1, 7.9)), ("Reed Ditch", (0, 0, 0))]
    people = [900.0, 2400, 3100, 2600, 1900, 1200, 640, 300, 120, 40]
    return [
        bar_chart([*bars, Bar(label="Pier", value=None)], served, form=share, high=1.0,
                  reference=Reference(value=0.71, label=f"{say(mark('City'))}: {share(0.71)}")),
        share_chart(rivers, [say(one) for one in DEPTHS], depth, form=share),
        histogram([n * 200.0 for n in range(11)], people, walk, form=count, x_form=far,
                  reference=Reference(value=805, label=f"{say(mark('Standard'))}: {far(805)}")),
    ]  # fmt: skip


def _curves(say: Say, language: str) -> list[Chart]:
    share, far = partial(percent, language=language), partial(metres, language=language)
    text = partial(_text, say, language)
    near = text(
        mark("How many live how near"), mark("The share of people with a site within each distance."),
        mark("Distance on foot"), x=mark("Distance on foot"), y=mark("Share of people"),
    )  # fmt: skip
    fair = text(
        mark("How evenly it is spread"), mark("The further a line hangs, the less even."),
        mark("People, least served first"), x=mark("People, least served first"), y=mark("Share of all that serves"),
    )  # fmt: skip
    lasts = text(
        mark("How long stewardship lasts"), mark("Kaplan-Meier estimate with its 95% interval."),
        mark("Months since it began"), x=mark("Months since it began"), y=mark("Still looked after"),
    )  # fmt: skip
    xs = [n * 20.0 for n in range(101)]
    grown, children = say(mark("Everybody")), say(mark("Children"))
    curves = [Curve(label=grown, xs=xs, ys=[1 - math.exp(-((x / 700) ** 1.8)) for x in xs]),
              Curve(label=children, xs=xs, ys=[0.96 * (1 - math.exp(-((x / 900) ** 1.6))) for x in xs])]  # fmt: skip
    unit = [n / 50 for n in range(51)]
    times = [3.0, 7, 12, 12.5, 18, 24, 30, 36, 44, 52]
    left = [0.97, 0.94, 0.86, 0.8, 0.77, 0.66, 0.6, 0.51, 0.46, 0.4]
    lasting = [
        SurvivalCurve(label=say(mark("Gardens")), times=times, survival=left, until=60, censored=[20, 33, 47, 58, 60],
                      low=[s - 0.02 - t / 500 for t, s in zip(times, left, strict=True)],
                      high=[min(1, s + 0.02 + t / 600) for t, s in zip(times, left, strict=True)]),
        SurvivalCurve(label=say(mark("River stretches")), times=times, survival=[s**2 for s in left], until=54,
                      low=[s**2 - 0.05 for s in left], high=[s**2 + 0.05 for s in left], censored=[15, 41]),
    ]  # fmt: skip
    return [
        distance_curve(curves, near, form=share, x_form=far,
                       references=[Reference(value=805, label=far(805)), Reference(value=300, label=far(300))]),
        lorenz_chart([Curve(label=say(mark("Plots for each person")), xs=unit, ys=[x**2.2 for x in unit])], fair,
                     form=share, ginis=[number(0.375, language, 2)], equality=say(mark("All the same"))),
        survival_chart(lasting, lasts, form=share, x_form=partial(number, language=language)),
    ]  # fmt: skip


def _others(say: Say, language: str) -> list[Chart]:
    share = partial(percent, language=language)
    text = partial(_text, say, language)
    months = [date(2023 + n // 12, n % 12 + 1, 1) for n in range(40)]
    values = [None if 17 <= n <= 19 else 0.52 + 0.006 * n + 0.02 * math.sin(n) for n in range(40)]
    monthly = text(mark("Within reach, by month"), mark("No analysis ran in the months of a gap."), mark("Month"),
                   y=mark("Share of people"))  # fmt: skip
    ties = text(mark("Who works with whom"), mark("Rings link parts that would fall apart without them."),
                mark("Name"), mark("Ties"))  # fmt: skip
    moran = text(
        mark("Neighbours are alike"), mark("Rings are clusters that chance hardly makes."), mark("Place"),
        mark("Its figure"), mark("Its neighbours"), x=mark("Its figure"), y=mark("Its neighbours"),
    )  # fmt: skip
    xs = [2.4 * math.sin(n * 1.7) * math.cos(n * 0.31) for n in range(90)]
    ys = [0.55 * x + 0.6 * math.sin(n * 2.9) for n, x in enumerate(xs)]
    return [
        time_series(months, [Series(label=say(mark("Within reach")), values=values)], monthly, form=share, high=1.0,
                    month_form=lambda day: format_skeleton("yMMM", day, locale=language)),
        network_chart([Node(label=name, marked=name in ("Brook Friends", "City of Testdorp")) for name in GROUPS],
                      [Edge(a=a, b=b, weight=2 if (a, b) in TIES[:3] else 1) for a, b in TIES], ties,
                      form=partial(number, language=language)),
        scatter_chart([f"B-{n}" for n in range(90)], xs, ys, moran, slope=0.55, form=lambda x: number(x, language, 1),
                      marked=[min(x, y) > 0.9 or max(x, y) < -1.1 for x, y in zip(xs, ys, strict=True)]),
    ]  # fmt: skip
