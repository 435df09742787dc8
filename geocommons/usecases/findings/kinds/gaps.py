"""What a search for gaps found, in words."""

from functools import partial
from typing import Any

from geocommons.analysis.service.gaps import JOIN_M
from geocommons.analysis.service.reasons import REASONS
from geocommons.files.charts.bars import Bar, bar_chart
from geocommons.files.charts.chart import Chart, ChartText
from geocommons.language import Say, mark, translate, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import number, percent
from geocommons.usecases.findings.document import Column, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.names import some_names
from geocommons.usecases.findings.words.service import (
    FEW_PEOPLE,
    assessed_words,
    demand_layer,
    district_word,
    group_word,
    nearest_words,
    reach_words,
    supply_words,
    unreachable_words,
)

MOST_BARS = 10

MOST_LAND = 3
IN_SHORT = {
    "lapsed": mark("a site without a steward"),
    "small": mark("a site that is too small"),
    "full": mark("a site that is full"),
    "barrier": mark("a site behind a barrier"),
    "beyond": mark("a site just too far"),
    "none": mark("no site"),
}
"""What each reason is called in a cell; the table of reasons has them in full."""
MAIN_DISTRICT = 0.1
"""A district that holds so large a part of a gap's people is named as one of its districts."""


def gaps(run: Run, language: str) -> Findings:
    """Return the findings of a search for gaps."""
    found, totals = run.result["gaps"], run.result["totals"]
    say = Say(language)
    tables = (
        _ranked(found, say), _reasons(run.result, say),
        _close(found, say), _lived_in(found, say),
    )  # fmt: skip
    return Findings(
        title=say(mark("Where people are left out")),
        sentence=_sentence(run, found, totals, say),
        figures=(
            figure(totals["unserved"], "count", say(mark("people out of reach")), language, alarm=True),
            figure(len(found), "count", say(mark("areas")), language),
            figure(totals["not_assessed"], "count", say(mark("people not assessed")), language),
        ),
        tables=tuple(table for table in tables if table.rows),
        charts=(_largest(found, say),) if len(found) > 1 else (),
        cautions=_cautions(found, run.result, say),
        measure=totals["unserved"],
        measure_kind="count",
        method=_method(run.result, say),
        layers=(
            MapLayer("gaps", say(mark("Gaps")), "ranks", value="rank", key="rank", kind="count"),
            demand_layer(language),
        ),
    )


def _cautions(found: list[dict[str, Any]], result: dict[str, Any], say: Say) -> tuple[str, ...]:
    """Return who was not assessed, and of whom no way leads to any site."""
    assessed = assessed_words(result["totals"]["not_assessed"], say.language)
    cut_off = sum(gap["unreachable"] or 0 for gap in found)
    return (assessed, *unreachable_words(cut_off, result["sites"], say.language))


def _districts(gap: dict[str, Any], language: str) -> str:
    """Return the districts in which a gap lies, that of most people first."""
    lived_in = gap.get("districts") or [[gap["district"], gap["people"]]]
    named = [name for name, people in lived_in if people >= MAIN_DISTRICT * gap["people"]]
    return ", ".join(district_word(name, language) for name in named or [gap["district"]])


def _method(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    told = [
        mark("People out of reach are put together in one area where they live within {metres} m of each other."),
        mark(
            "Areas are ranked by the people in them. The distance is the mean to the nearest site, weighted by people."
        ),
    ]
    if result.get("by_district"):
        told.append(mark("Areas are cut at the borders of districts."))
    metres = number(result.get("join_m", JOIN_M), say.language)
    return tuple(say(sentence, metres=metres) for sentence in told)


def _largest(found: list[dict[str, Any]], say: Say) -> Chart:
    """Return a bar for each of the gaps with the most people, with their rank as the map has it."""
    text = ChartText(
        title=say(mark("The largest gaps")),
        description=say(mark("People who live in each, by its rank and district.")),
        columns=[say(mark("Gap")), say(mark("People"))],
        language=say.language,
    )
    bars = [
        Bar(label=f"{gap['rank']}. {district_word(gap['district'], say.language)}", value=gap["people"], marked=True)
        for gap in found[:MOST_BARS]
    ]
    return bar_chart(bars, text, form=partial(number, language=say.language))


def _sentence(run: Run, found: list[dict[str, Any]], totals: dict[str, Any], say: Say) -> str:
    reach, supply = reach_words(run.result, say.language), supply_words(run.result["supply"], say.language)
    if not found:
        return say(mark("Nobody lives farther than {reach} from {supply}."), reach=reach, supply=supply)
    largest = mark("The largest holds {people} people, in {district}.")
    told = translate_plural(
        mark("{areas} area with {people} people lies farther than {reach} from {supply}."),
        mark("{areas} areas with {people} people lie farther than {reach} from {supply}."),
        len(found),
        say.language,
    )
    first = told.format(
        areas=number(len(found), say.language),
        people=number(totals["unserved"], say.language),
        reach=reach,
        supply=supply,
    )
    people, district = number(found[0]["people"], say.language), _districts(found[0], say.language)
    return f"{first} {say(largest, people=people, district=district)}"


def _ranked(found: list[dict[str, Any]], say: Say) -> Table:
    columns = (
        Column(say(mark("Rank")), "count"),
        Column(say(mark("Districts"))),
        Column(say(mark("People")), "count"),
        Column(say(mark("Nearest site"))),
        Column(say(mark("Distance")), "metres"),
    )
    return Table(say(mark("Gaps, most people first")), columns, tuple(_row(gap, say.language) for gap in found))


def _close(found: list[dict[str, Any]], say: Say) -> Table:
    """Return why each gap is one, and the land inside it and near it."""
    columns = (
        Column(say(mark("Rank")), "count"),
        Column(say(mark("Districts"))),
        Column(say(mark("Why"))),
        Column(say(mark("Land inside it"))),
        Column(say(mark("Land near"))),
    )
    rows = tuple(
        Row(
            (
                gap["rank"], _districts(gap, say.language), _why(gap, say.language),
                _land(gap, say.language, inside=True), _land(gap, say.language, inside=False),
            ),
            key=str(gap["rank"]),
        )
        for gap in found
    )  # fmt: skip
    return Table(say(mark("Why, and which land is near")), columns, rows)


def _lived_in(found: list[dict[str, Any]], say: Say) -> Table:
    """Return who lives in each gap, by group; a person may be in several."""
    names = list(found[0]["groups"]) if found else []
    columns = (
        Column(say(mark("Rank")), "count"),
        Column(say(mark("Districts"))),
        *(Column(group_word(name, say.language), "count") for name in names),
    )
    rows = tuple(
        Row(
            (gap["rank"], _districts(gap, say.language), *gap["groups"].values()),
            key=str(gap["rank"]), few=gap["people"] < FEW_PEOPLE,
        )
        for gap in found if names
    )  # fmt: skip
    return Table(say(mark("Who lives there")), columns, rows)


def _why(gap: dict[str, Any], language: str) -> str | None:
    """Return the reasons of a gap in a few words, each with the part of its people who have it if they are several."""
    reasons = gap.get("reasons") or []
    told = [translate(IN_SHORT[code], language) for code, _ in reasons]
    if len(told) < 2:
        return told[0] if told else None
    shares = [percent(people / gap["people"], language) for _, people in reasons]
    return ", ".join(f"{words} ({share})" for words, share in zip(told, shares, strict=True))


def _land(gap: dict[str, Any], language: str, *, inside: bool) -> str:
    """Return the land inside a gap, or near it: each name once (a lot may be a candidate too), and how many more."""
    found = [place for place in gap.get("land", []) if place.get("inside", False) == inside]
    names = list(dict.fromkeys(str(place["name"] or place["ref"]) for place in found))
    return some_names(names, MOST_LAND, Say(language))


def _reasons(result: dict[str, Any], say: Say) -> Table:
    columns = (
        Column(say(mark("Why people are out of reach"))),
        Column(say(mark("People")), "count"),
        Column(say(mark("Share")), "share"),
    )
    told = [(REASONS[code].say(say.language), people) for code, people in result.get("reasons", {}).items() if people]
    total = sum(people for _, people in told)
    rows = tuple(Row((words, people, people / total)) for words, people in sorted(told, key=lambda one: -one[1]))
    return Table(say(mark("Why they are gaps")), columns, rows)


def _row(gap: dict[str, Any], language: str) -> Row:
    nearest = nearest_words(gap.get("nearest"))
    district = _districts(gap, language)
    cells = (gap["rank"], district, gap["people"], nearest, gap["distance_m"])
    return Row(cells, key=str(gap["rank"]), box=tuple(gap["bbox"]))
