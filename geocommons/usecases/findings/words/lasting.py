"""How long stewardship lasts, in words, as a table and as a chart."""

from functools import partial
from typing import Any

from geocommons.files.charts.chart import Chart, ChartText
from geocommons.files.charts.curves import SurvivalCurve, survival_chart
from geocommons.language import Say, mark
from geocommons.layer import all_layers
from geocommons.numerals import number, percent
from geocommons.usecases.findings.document import Column, Row, Table

MONTH_DAYS = 365.25 / 12
YEAR_DAYS = 365.25
MOST_CURVES = 4
"""More bands over each other cannot be told apart; the table has all layers."""
MOST_TICKS = 60
SURE = 0.05


def lasting_charts(survival: list[dict[str, Any]], language: str, say: Say) -> tuple[Chart, ...]:
    """Return the curves of the layers with most stewardships of which some ended."""
    known = sorted((one for one in survival if one["ended"]), key=lambda one: (-one["subjects"], one["layer"]))
    if not known:
        return ()
    text = ChartText(
        title=say(mark("How long stewardship lasts")),
        description=say(
            mark("The part that still goes on after so many years, by layer, with 95 % intervals (Kaplan-Meier).")
        ),
        columns=[say(mark("Years since it began"))],
        x_label=say(mark("Years since it began")),
        y_label=say(mark("Still looked after")),
        language=language,
    )
    curves = [_curve(one, language) for one in known[:MOST_CURVES]]
    return (
        survival_chart(
            curves, text, form=partial(percent, language=language), x_form=partial(number, language=language, digits=1)
        ),
    )


def _curve(survival: dict[str, Any], language: str) -> SurvivalCurve:
    """Return a layer's curve in years; a bound that is not known any more (all have ended) is the curve itself."""
    height = survival["survival"]
    low, high = (
        [bound if bound is not None else at for bound, at in zip(survival[end], height, strict=True)]
        for end in ("low", "high")
    )
    going_on = [days / YEAR_DAYS for days in survival["going_on_days"]]
    return SurvivalCurve(
        label=_layer(survival["layer"], language),
        times=[days / YEAR_DAYS for days in survival["days"]],
        survival=height,
        low=low,
        high=high,
        censored=going_on if len(going_on) <= MOST_TICKS else (),
        until=max(going_on, default=0.0),
    )


def _layer(layer_id: str, language: str) -> str:
    return all_layers()[layer_id].title.say(language) if layer_id in all_layers() else layer_id


def lasting_table(survival: list[dict[str, Any]], language: str, say: Say) -> Table:
    """Return how long stewardship lasts by layer: how many, how many ended, the median, and what lasts a year."""
    columns = (
        Column(say(mark("Layer"))),
        Column(say(mark("Stewardships")), "count"),
        Column(say(mark("Ended")), "count"),
        Column(say(mark("Half last (months)")), "text"),
        Column(say(mark("Last over a year")), "share"),
        Column(say(mark("Last over five years")), "share"),
    )
    rows = tuple(
        Row(
            (
                _layer(one["layer"], language), one["subjects"], one["ended"], _median(one, language, say),
                one["one_year"], one["five_years"],
            ),
            few=one["subjects"] < FEW_STEWARDSHIPS,
        )
        for one in survival
    )  # fmt: skip
    few = any(row.few for row in rows)
    hint = say(mark("* Fewer than 10 stewardships: too few to read as a rate.")) if few else ""
    return Table(say(mark("How long stewardship lasts, by layer")), columns, rows, hint)


FEW_STEWARDSHIPS = 10


def _median(one: dict[str, Any], language: str, say: Say) -> str | None:
    """Return the median with its interval, “more” where a bound was not reached."""
    if one["median_days"] is None:
        return None
    middle, low, high = (
        None if one[name] is None else number(one[name] / MONTH_DAYS, language)
        for name in ("median_days", "median_low_days", "median_high_days")
    )
    if high is None:
        return say(mark("{middle} ({low} or more)"), middle=middle, low=low)
    return say(mark("{middle} ({low} to {high})"), middle=middle, low=low, high=high)


def test_words(log_rank: dict[str, Any] | None, language: str, say: Say) -> tuple[str, ...]:
    """Return whether layers differ in how long stewardship lasts, as a sentence, none where that was not tested."""
    if log_rank is None:
        return ()
    p_value = log_rank["p_value"]
    figure = number(p_value, language, 3) if p_value >= 0.001 else f"< {number(0.001, language, 3)}"
    differ = mark("Layers differ in how long stewardship lasts, more than chance explains (log-rank test, p = {p}).")
    alike = mark("That layers differ in how long stewardship lasts may be chance (log-rank test, p = {p}).")
    return (say(differ if p_value < SURE else alike, p=figure).replace("= <", "<"),)
