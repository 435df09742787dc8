"""What was found of crowding, in words."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from geocommons.files.charts.bars import Bar, bar_chart
from geocommons.files.charts.chart import Chart, ChartText, Reference
from geocommons.language import Say, mark, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import number, percent
from geocommons.usecases.findings.document import CellKind, Column, Figure, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.names import some_names
from geocommons.usecases.findings.words.service import (
    FEW_PEOPLE,
    assessed_words,
    distance_words,
    district_word,
    group_word,
    reach_words,
)
from geocommons.usecases.findings.words.sharing import (
    EACH,
    FORMULAS,
    HEADS,
    amount_words,
    hours_words,
    share_out_words,
    standard_words,
    tidy,
    weight_words,
)

MOST_BARS = 12
MOST_NAMES = 8
SHARERS: Mapping[str, str] = {
    "plots": mark("{amount} people for each plot"),
    "area": mark("{amount} people for 100 m²"),
    "hours": mark("{amount} people for each hour of care"),
    "sites": mark("{amount} people for each site"),
}
SHARER_HEADS: Mapping[str, str] = {
    "plots": mark("People for each plot"),
    "area": mark("People for 100 m²"),
    "hours": mark("People for each hour of care"),
    "sites": mark("People for each site"),
}
SUPPLIES: Mapping[str, str] = {
    "plots": mark("Plots"),
    "area": mark("Area"),
    "hours": mark("Hours of care"),
    "sites": mark("Sites"),
}
SUPPLY_KINDS: Mapping[str, CellKind] = {"area": "area", "hours": "number"}
SUPPLY_AMOUNTS: Mapping[str, str] = {
    "plots": mark("{amount} plots"),
    "area": mark("{amount} m²"),
    "hours": mark("{amount} hours of care"),
    "sites": mark("{amount} sites"),
}
COST = mark("Walk and queue, in average queues")


def crowding(run: Run, language: str) -> Findings:
    """Return the findings of crowding."""
    result = run.result
    say = Say(language)
    parts = {
        title: [(word(name, language), part) for name, part in result[key].items()]
        for title, key, word in ((mark("District"), "districts", district_word), (mark("Group"), "groups", group_word))
    }
    tables = (
        _parts(say(mark("By district")), say(mark("District")), parts["District"], result, say),
        _parts(say(mark("By group of people")), say(mark("Group")), parts["Group"], result, say),
        _sites(result, say),
    )
    charts = (_district_chart(result, parts["District"], say), _site_chart(result, say))
    return Findings(
        title=say(mark("How crowded it is")),
        sentence=_sentence(run, say),
        figures=_figures(result, say),
        tables=tuple(table for table in tables if table.rows),
        charts=tuple(chart for chart in charts if chart is not None),
        cautions=_cautions(result, say),
        method=(
            say(FORMULAS[result["formula"]]),
            weight_words(result["weights"], language),
            say(distance_words(result)),
            *standard_words(result, language),
            *hours_words(result, say),
        ),
        layers=(
            MapLayer("demand", say(_head(result)), "classes", value="access"),
            MapLayer("districts", say(mark("By district")), "classes", value="mean", key="district",
                     about=say(_head(result))),
            MapLayer("sites", say(SHARER_HEADS[result["measure"]]), "classes", value="crowdedness", key="site"),
        ),
    )  # fmt: skip


def _is_cost(result: Mapping[str, Any]) -> bool:
    return bool(result["formula"] == "raam")


def _head(result: Mapping[str, Any]) -> str:
    return COST if _is_cost(result) else HEADS[result["measure"]]


def _sentence(run: Run, say: Say) -> str:
    result = run.result
    if not result["mean"]:
        return say(mark("No site has anything to share on that day."))
    reach, share = reach_words(result, say.language), percent(result["share"], say.language)
    mean = amount_words(result["mean"], say.language)
    if _is_cost(result):
        told = mark("Walk and queue cost {mean} average queues; {share} of people pay over twice that, or reach none.")
        sentences = [say(told, mean=mean, share=share)]
    else:
        told = mark("On average there are {amount}; {share} of people have less than half of that.")
        sentences = [say(told, amount=say(EACH[result["measure"]], amount=mean), share=share)]
    if result["without"]:
        told = mark("{people} people have none at all within {reach}.")
        sentences.append(say(told, people=number(result["without"], say.language), reach=reach))
    sentences += _most_crowded(result, say)
    return " ".join(sentences)


def _most_crowded(result: Mapping[str, Any], say: Say) -> list[str]:
    rows = [row for row in result["site_rows"] if row["crowdedness"] is not None]
    if not rows:
        return []
    amount = say(SHARERS[result["measure"]], amount=amount_words(rows[0]["crowdedness"], say.language))
    told = [say(mark("{site} is the most crowded, with {amount}."), site=_name(rows[0]), amount=amount)]
    if result["waiting"]:
        waiting = translate_plural(
            mark("{count} household waits for a plot."),
            mark("{count} households wait for a plot."),
            result["waiting"],
            say.language,
        )
        told.append(waiting.format(count=number(result["waiting"], say.language)))
    return told


def _name(row: Mapping[str, Any]) -> str:
    return str(row["name"] or row["ref"])


def _figures(result: Mapping[str, Any], say: Say) -> tuple[Figure, ...]:
    share = say(mark("of people pay over twice the mean")) if _is_cost(result) else say(mark("of people have little"))
    figures = [
        figure(
            result["mean"], "number", say(_head(result)), say.language, value=amount_words(result["mean"], say.language)
        ),
        figure(result["share"], "share", share, say.language, alarm=True),
        figure(result["without"], "count", say(mark("people have none at all")), say.language),
    ]
    if result["waiting"] is not None:
        figures.append(figure(result["waiting"], "count", say(mark("households wait")), say.language))
    return tuple(figures)


def _parts(
    title: str, first: str, parts: list[tuple[str, dict[str, Any]]], result: Mapping[str, Any], say: Say
) -> Table:
    columns = (
        Column(first),
        Column(say(mark("People")), "count"),
        Column(say(_head(result)), "number"),
        Column(say(mark("None at all")), "count"),
        Column(say(mark("With little")), "share"),
    )
    rows = tuple(
        Row((name, part["people"], tidy(part["mean"]), part["without"], part["share"]), key=name,
            few=part["people"] < FEW_PEOPLE)
        for name, part in sorted(parts, key=lambda named: -(named[1]["share"] or 0.0))
    )  # fmt: skip
    few = any(row.few for row in rows)
    return Table(title, columns, rows, say(mark("* Fewer than 50 people: too few to read as a rate.")) if few else "")


def _sites(result: Mapping[str, Any], say: Say) -> Table:
    columns = (
        Column(say(mark("Site"))),
        Column(say(SUPPLIES[result["measure"]]), SUPPLY_KINDS.get(result["measure"], "count")),
        Column(say(mark("People within reach")), "count"),
        Column(say(SHARER_HEADS[result["measure"]]), "number"),
        Column(say(mark("Waiting list")), "count"),
    )
    rows = tuple(
        Row((_name(row), row["supply"], row["people"], tidy(row["crowdedness"]), row["waiting"]), key=row["site"],
            href=f"/sites/{row['id']}" if row["id"] > 0 else "")
        for row in result["site_rows"]
    )  # fmt: skip
    return Table(say(mark("Sites, the most crowded first")), columns, rows)


def _district_chart(result: Mapping[str, Any], parts: list[tuple[str, dict[str, Any]]], say: Say) -> Chart | None:
    shown = [(name, part) for name, part in parts if part["people"] >= FEW_PEOPLE and part["mean"] is not None]
    if not shown or not result["mean"]:
        return None
    worst_first = sorted(shown, key=lambda named: named[1]["mean"], reverse=_is_cost(result))
    text = ChartText(
        title=say(mark("What people have, by district")),
        description=say(mark("The line is the mean of the whole city.")),
        columns=(say(mark("District")), say(_head(result))),
        language=say.language,
    )
    mean = Reference(value=result["mean"], label=f"{say(mark('City'))}: {amount_words(result['mean'], say.language)}")
    bars = [Bar(label=name, value=part["mean"]) for name, part in worst_first]
    return bar_chart(bars, text, form=partial(amount_words, language=say.language), reference=mean)


def _site_chart(result: Mapping[str, Any], say: Say) -> Chart | None:
    rows = [row for row in result["site_rows"] if row["crowdedness"] is not None][:MOST_BARS]
    if not rows:
        return None
    waiting = any(row["waiting"] for row in rows)
    text = ChartText(
        title=say(mark("The most crowded sites")),
        description=say(mark("Striped bars have a waiting list.")) if waiting else "",
        columns=(say(mark("Site")), say(SHARER_HEADS[result["measure"]])),
        language=say.language,
    )
    bars = [Bar(label=_name(row), value=row["crowdedness"], marked=bool(row["waiting"])) for row in rows]
    return bar_chart(bars, text, form=partial(amount_words, language=say.language))


def _cautions(result: Mapping[str, Any], say: Say) -> tuple[str, ...]:
    found = []
    if result["not_assessed"]:
        told = mark("{people} people could not be assessed: no street is near, so they share nothing here.")
        found.append(say(told, people=number(result["not_assessed"], say.language)))
    else:
        found.append(assessed_words(0, say.language))
    if idle := [row for row in result["site_rows"] if row["supply"] == 0 and row["people"]]:
        told = mark("These sites have nothing to share on that day, though people live within reach of them: {sites}.")
        found.append(say(told, sites=some_names([_name(row) for row in idle], MOST_NAMES, say)))
    if result["unknown"]:
        count = len(result["unknown"])
        told = translate_plural(
            mark("For {count} site it is not recorded how much it has; it counts as none."),
            mark("For {count} sites it is not recorded how much they have; they count as none."),
            count,
            say.language,
        )
        found.append(told.format(count=number(count, say.language)))
    if result.get("untold"):
        told = mark(
            "The hours of {count} sites count at their mean and are not told: at some, fewer than five gave care, "
            "people among them."
        )
        found.append(say(told, count=number(result["untold"], say.language)))
    found += share_out_words(result, partial(_supply_words, result, say), MOST_NAMES, say)
    if not result["settled"]:
        found.append(say(mark("People had not settled down when the search for shorter queues was stopped.")))
    return tuple(found)


def _supply_words(result: Mapping[str, Any], say: Say, amount: float) -> str:
    return say(SUPPLY_AMOUNTS[result["measure"]], amount=amount_words(amount, say.language))
