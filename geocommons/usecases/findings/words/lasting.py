"""How long stewardship lasts, in words, as a table and as a chart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from geocommons.files.charts.chart import Chart, ChartText
from geocommons.files.charts.curves import SurvivalCurve, survival_chart
from geocommons.language import Say, mark
from geocommons.numerals import number, percent
from geocommons.usecases.findings.document import Column, Row, Table
from geocommons.usecases.findings.words.service import district_word, layer_word

MONTH_DAYS = 365.25 / 12
YEAR_DAYS = 365.25
MOST_CURVES = 4
"""More bands over each other cannot be told apart; the table has all layers."""
MOST_TICKS = 60
SURE = 0.05


@dataclass(frozen=True)
class Parts:
    """By what stewardships are told apart: its name in a result, what one is called, and the words that say so."""

    key: str
    head: str
    title: str
    about: str
    differ: str
    alike: str
    tested: str
    word: Callable[[str, str], str]


PARTS: Mapping[str, Parts] = MappingProxyType(
    {
        "layer": Parts(
            "layer",
            mark("Layer"),
            mark("How long stewardship lasts, by layer"),
            mark("The part that still goes on after so many years, by layer, with 95% intervals (Kaplan-Meier)."),
            mark("Layers differ in how long stewardship lasts, more than chance explains."),
            mark("That layers differ in how long stewardship lasts may be chance."),
            mark("Whether layers differ was tested by the log-rank test: p = {p}."),
            layer_word,
        ),
        "district": Parts(
            "district",
            mark("District"),
            mark("How long stewardship lasts, by district"),
            mark("The part that still goes on after so many years, by district, with 95% intervals (Kaplan-Meier)."),
            mark("Districts differ in how long stewardship lasts, more than chance explains."),
            mark("That districts differ in how long stewardship lasts may be chance."),
            mark("Whether districts differ was tested by the log-rank test: p = {p}."),
            district_word,
        ),
    }
)


def lasting_chart(survival: list[dict[str, Any]], by: str, say: Say) -> Chart | None:
    """Return the curves of the layers or districts with most stewardships, of those of which some ended."""
    parts = PARTS[by]
    known = sorted((one for one in survival if one["ended"]), key=lambda one: (-one["subjects"], one[by]))
    if not known:
        return None
    text = ChartText(
        title=say(parts.title),
        description=say(parts.about),
        columns=[say(mark("Years since it began"))],
        x_label=say(mark("Years since it began")),
        y_label=say(mark("Still looked after")),
        language=say.language,
    )
    curves = [_curve(one, parts.word(one[by], say.language)) for one in known[:MOST_CURVES]]
    return survival_chart(
        curves,
        text,
        form=partial(percent, language=say.language),
        x_form=partial(number, language=say.language, digits=1),
    )


def _curve(survival: dict[str, Any], label: str) -> SurvivalCurve:
    """Return a curve in years; a bound that is not known any more (all have ended) is the curve itself."""
    height = survival["survival"]
    low, high = (
        [bound if bound is not None else at for bound, at in zip(survival[end], height, strict=True)]
        for end in ("low", "high")
    )
    going_on = [days / YEAR_DAYS for days in survival["going_on_days"]]
    return SurvivalCurve(
        label=label,
        times=[days / YEAR_DAYS for days in survival["days"]],
        survival=height,
        low=low,
        high=high,
        censored=going_on if len(going_on) <= MOST_TICKS else (),
        until=max(going_on, default=0.0),
    )


def lasting_table(survival: list[dict[str, Any]], by: str, say: Say) -> Table:
    """Return how long stewardship lasts by layer or district: how many, how many ended, the median, what lasts."""
    parts = PARTS[by]
    columns = (
        Column(say(parts.head)),
        Column(say(mark("Stewardships")), "count"),
        Column(say(mark("Ended")), "count"),
        Column(say(mark("Half last (months)")), "text"),
        Column(say(mark("Last over a year")), "share"),
        Column(say(mark("Last over five years")), "share"),
    )
    rows = tuple(
        Row(
            (
                parts.word(one[by], say.language), one["subjects"], one["ended"], _median(one, say),
                one["one_year"], one["five_years"],
            ),
            few=one["subjects"] < FEW_STEWARDSHIPS,
        )
        for one in survival
    )  # fmt: skip
    few = any(row.few for row in rows)
    hint = say(mark("* Fewer than 10 stewardships: too few to read as a rate.")) if few else ""
    return Table(say(parts.title), columns, rows, hint)


FEW_STEWARDSHIPS = 10


def _median(one: dict[str, Any], say: Say) -> str | None:
    """Return the median with its interval, “more” where a bound was not reached."""
    if one["median_days"] is None:
        return None
    middle, low, high = (
        None if one[name] is None else number(one[name] / MONTH_DAYS, say.language)
        for name in ("median_days", "median_low_days", "median_high_days")
    )
    if high is None:
        return say(mark("{middle} ({low} or more)"), middle=middle, low=low)
    return say(mark("{middle} ({low} to {high})"), middle=middle, low=low, high=high)


def test_words(log_rank: dict[str, Any] | None, by: str, say: Say) -> tuple[str, ...]:
    """Return whether layers or districts differ in how long stewardship lasts, none where that was not tested."""
    if log_rank is None:
        return ()
    parts = PARTS[by]
    return (say(parts.differ if log_rank["p_value"] < SURE else parts.alike),)


def test_method(log_rank: dict[str, Any] | None, by: str, say: Say) -> tuple[str, ...]:
    """Return by which test layers or districts were told apart, and how sure it is."""
    if log_rank is None:
        return ()
    p_value = log_rank["p_value"]
    figure = number(p_value, say.language, 3) if p_value >= 0.001 else f"< {number(0.001, say.language, 3)}"
    return (say(PARTS[by].tested, p=figure).replace("= <", "<"),)
