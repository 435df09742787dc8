"""What a coverage found, in words."""

from functools import partial
from typing import Any

import numpy as np

from geocommons.files.charts.bars import Bar, bar_chart
from geocommons.files.charts.chart import Chart, ChartText, Reference
from geocommons.files.charts.curves import Curve, distance_curve
from geocommons.language import Say, mark, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import metres, number, percent
from geocommons.usecases.findings.document import Column, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.service import (
    FEW_PEOPLE,
    assessed_words,
    demand_layer,
    distance_words,
    district_word,
    group_word,
    reach_words,
    supply_words,
    unreachable_words,
)
from geocommons.usecases.findings.words.standards import standard_method, standard_tables, standard_title

A_POINT = 0.01


def coverage(run: Run, language: str) -> Findings:
    """Return the findings of a coverage."""
    result = run.result
    say = Say(language)
    districts = [(district_word(name, language), part) for name, part in (result.get("districts") or {}).items()]
    districts.sort(key=lambda named: (named[1]["share"] is None, named[1]["share"] or 0.0))
    groups = [(group_word(name, language), part) for name, part in (result.get("groups") or {}).items()]
    tables = [
        _shares(say(mark("By district")), say(mark("District")), districts, say, keyed=True),
        _shares(say(mark("By group of people")), say(mark("Group")), groups, say),
        *standard_tables(result, language),
        _distances(result, say),
    ]
    return Findings(
        title=say(mark("Who can reach a site")),
        sentence=_sentence(run, districts, say),
        figures=(
            figure(result["share"], "share", say(mark("within reach")), language),
            figure(result["served"], "count", say(mark("people within reach")), language),
            figure(result["unserved"], "count", say(mark("people out of reach")), language, alarm=True),
            figure(result["not_assessed"], "count", say(mark("people not assessed")), language),
        ),
        tables=tuple(table for table in tables if table.rows),
        charts=_charts(run, groups, say),
        cautions=_cautions(result, say),
        method=(say(distance_words(result)), *standard_method(result, language)),
        measure=result["share"],
        layers=tuple(layer for layer in _layers(say) if layer.output in run.outputs),
    )


def _layers(say: Say) -> tuple[MapLayer, ...]:
    reach = mark("Share of people within reach")
    return (
        MapLayer(
            "districts", say(mark("By district")), "classes", value="share", key="district", kind="share",
            about=say(reach),
        ),
        MapLayer("hexes", say(mark("By hexagon")), "classes", value="share", kind="share", about=say(reach)),
        demand_layer(say.language),
    )  # fmt: skip


def _charts(run: Run, groups: list[tuple[str, dict[str, Any]]], say: Say) -> tuple[Chart, ...]:
    """Return how many people live how near, and who they are, where there is anything to draw."""
    result, share = run.result, partial(percent, language=say.language)
    far = partial(metres, language=say.language)
    drawn = []
    steps = result.get("distances") or []
    if len(steps) > 1 and result["people"]:
        near = ChartText(
            title=say(mark("How many live how near")),
            description=say(mark("The share of people with a site within each distance.")),
            columns=[say(mark("Distance"))], x_label=say(mark("Distance")), y_label=say(mark("Share of people")),
            language=say.language,
        )  # fmt: skip
        curve = Curve(label=say(mark("Everybody")), xs=[metre for metre, _ in steps],
                      ys=[min(1.0, people / result["people"]) for _, people in steps])  # fmt: skip
        reach = [Reference(value=result["reach_m"], label=far(result["reach_m"]))]
        drawn.append(distance_curve([curve], near, form=share, x_form=far, references=reach))
    named = [(name, part) for name, part in groups if part["share"] is not None and part["people"] >= FEW_PEOPLE]
    if named and result["share"] is not None:
        text = ChartText(
            title=say(mark("Within reach, by group of people")),
            description=say(mark("Striped groups are at least one point below everybody.")),
            columns=[say(mark("Group")), say(mark("Within reach"))], language=say.language,
        )  # fmt: skip
        bars = [
            Bar(label=name, value=part["share"], marked=part["share"] <= result["share"] - A_POINT)
            for name, part in named
        ]
        city = Reference(value=result["share"], label=f"{say(mark('Everybody'))}: {share(result['share'])}")
        drawn.append(bar_chart(bars, text, form=share, high=1.0, reference=city))
    return tuple(drawn)


def _sentence(run: Run, districts: list[tuple[str, dict[str, Any]]], say: Say) -> str:
    result = run.result
    title = standard_title(result, say.language)
    by_standard = mark("{share} of {people} people have {supply} as near as this standard asks: {standard}.")
    sentence = say(
        by_standard if title else mark("{share} of {people} people live within {reach} of {supply}."),
        share=percent(result["share"], say.language), people=number(result["people"], say.language), standard=title,
        reach=reach_words(result, say.language), supply=supply_words(run.params["supply"], say.language),
    )  # fmt: skip
    lived_in = [named for named in districts if named[1]["people"] >= FEW_PEOPLE]
    if lived_in and lived_in[0][1]["share"] != lived_in[-1][1]["share"]:
        name, part = lived_in[0]
        share = percent(part["share"], say.language)
        least = mark("The least served district is {district}, with {share}.")
        sentence += " " + say(least, district=name, share=share)
    return sentence


def _shares(title: str, first: str, parts: list[tuple[str, dict[str, Any]]], say: Say, *, keyed: bool = False) -> Table:
    columns = (
        Column(first),
        Column(say(mark("People")), "count"),
        Column(say(mark("Out of reach")), "count"),
        Column(say(mark("Within reach")), "share"),
    )
    rows = tuple(
        Row(
            (name, part["people"], part["unserved"], part["share"]),
            key=name if keyed else "", few=part["people"] < FEW_PEOPLE,
        )
        for name, part in parts
    )  # fmt: skip
    few = any(row.few for row in rows)
    return Table(title, columns, rows, say(mark("* Fewer than 50 people: too few to read as a rate.")) if few else "")


def _distances(result: dict[str, Any], say: Say) -> Table:
    quantiles = sorted((int(share), far) for share, far in (result.get("quantiles_m") or {}).items())
    columns = (Column(say(mark("Share of people"))), Column(say(mark("live within")), "metres"))
    rows = tuple(Row((f"{share}%", far)) for share, far in quantiles if far is not None)
    return Table(say(mark("How far people live from the nearest site")), columns, rows)


def _edge_words(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    """Return what the share would be with a reach a tenth shorter or longer: how many live near its edge."""
    steps, reach_m = result.get("distances") or [], result["reach_m"]
    tests = (result.get("standard") or {}).get("tests", ())
    if len(steps) < 2 or not reach_m or not result["people"] or len(tests) > 1 or result.get("weighting") == "area":
        return ()
    far_m, people = zip(*steps, strict=True)
    shorter, longer = (float(np.interp(times * reach_m, far_m, people)) / result["people"] for times in (0.9, 1.1))
    told = mark("If the reach were a tenth shorter or longer, the share would be about {shorter} or {longer}.")
    return (say(told, shorter=percent(shorter, say.language), longer=percent(longer, say.language)),)


def _cautions(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    found = [assessed_words(result["not_assessed"], say.language), *_edge_words(result, say)]
    found += unreachable_words(result["unreachable"], result["sites"], say.language)
    if result["unentered"]:
        count = len(result["unentered"])
        told = translate_plural(
            mark("{count} site lies too far from any street to be reached."),
            mark("{count} sites lie too far from any street to be reached."),
            count,
            say.language,
        )
        found.append(told.format(count=number(count, say.language)))
    return tuple(found)
