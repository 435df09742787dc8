"""What changed between two days, in words."""

from typing import Any

from geocommons.language import Say, mark
from geocommons.model.run import Run
from geocommons.numerals import day, number, percent
from geocommons.usecases.findings.document import Column, Figure, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.service import (
    FEW_PEOPLE,
    assessed_words,
    district_word,
    group_word,
    reach_words,
    site_word,
    supply_words,
)

COUNTED = ("people", "gained", "lost", "unserved")
FATES = {"gained": mark("new"), "lost": mark("gone"), "kept": mark("was there")}
SITE_FATES = {"gained": mark("new site"), "lost": mark("site that is gone"), "kept": mark("site that was there")}
"""What sites are called on a map, where people who came within reach are drawn, too."""


def change(run: Run, language: str) -> Findings:
    """Return the findings of a comparison of two days."""
    result = run.result
    people = result["change"]
    say = Say(language)
    districts = [(district_word(name, language), part) for name, part in result["districts"].items()]
    groups = [(group_word(name, language), part) for name, part in result["groups"].items()]
    tables = (
        _people(say(mark("By district")), say(mark("District")), districts, say),
        _people(say(mark("By group of people")), say(mark("Group")), groups, say),
        _sites(result["moved_by"], say),
    )
    return Findings(
        title=say(mark("What changed in whom sites reach")),
        sentence=_sentence(result, say),
        figures=_figures(people, say),
        tables=tuple(table for table in tables if table.rows),
        measure=people["gained"] - people["lost"],
        measure_kind="count",
        cautions=(_not_assessed(people, say),),
        method=(
            say(
                mark(
                    "The same people are asked for on both days, with the streets of today. Who came within reach "
                    "counts for the site that is nearest now, who fell out of it for the site that was."
                )
            ),
        ),
        layers=_layers(say),
    )


def _layers(say: Say) -> tuple[MapLayer, ...]:
    more = say(mark("People more within reach"))
    return (
        MapLayer("districts", say(mark("By district")), "classes", value="share_more", key="district", kind="share",
                 about=more),
        MapLayer("change", say(mark("People by what changed")), "states", value="change"),
        MapLayer("sites", say(mark("Sites that moved it")), "points", value="fate", key="ref",
                 words=tuple((fate, say(words)) for fate, words in SITE_FATES.items())),
    )  # fmt: skip


def _figures(people: dict[str, Any], say: Say) -> tuple[Figure, ...]:
    return (
        figure(people["gained"] - people["lost"], "count", say(mark("people more within reach")), say.language),
        figure(people["gained"], "count", say(mark("people came within reach")), say.language),
        figure(people["lost"], "count", say(mark("people fell out of reach")), say.language, alarm=people["lost"] > 0),
        figure(people["unserved"], "count", say(mark("people out of reach on both days")), say.language),
    )


def _sentence(result: dict[str, Any], say: Say) -> str:
    before, after = result["before"], result["after"]
    told = say(
        mark("{after} of people live within {reach} of {supply} on {day}; on {earlier} it was {before}."),
        after=percent(after["share"], say.language), before=percent(before["share"], say.language),
        reach=reach_words(result, say.language), supply=supply_words(result["supply"], say.language),
        day=day(result["at"], say.language), earlier=day(result["since"], say.language),
    )  # fmt: skip
    if after["sites"] != before["sites"]:
        counted = mark("The sites that serve went from {before} to {after}.")
        told += " " + say(
            counted, before=number(before["sites"], say.language), after=number(after["sites"], say.language)
        )
    return told


def _not_assessed(people: dict[str, Any], say: Say) -> str:
    if not people["not_assessed"]:
        return assessed_words(0, say.language)
    told = mark("{people} people could not be assessed on one of the days.")
    return say(told, people=number(people["not_assessed"], say.language))


def _people(title: str, first: str, parts: list[tuple[str, dict[str, Any]]], say: Say) -> Table:
    heads = (
        Column(first),
        Column(say(mark("People")), "count"),
        Column(say(mark("Came within reach")), "count"),
        Column(say(mark("Fell out of reach")), "count"),
        Column(say(mark("Out of reach on both days")), "count"),
    )
    rows = tuple(
        Row((name, *(part[key] for key in COUNTED)), key=name, few=part["people"] < FEW_PEOPLE) for name, part in parts
    )
    return Table(title, heads, rows)


def _sites(sites: list[dict[str, Any]], say: Say) -> Table:
    heads = (
        Column(say(mark("Site"))),
        Column(say(mark("Kind"))),
        Column(say(mark("Since then"))),
        Column(say(mark("Came within reach")), "count"),
        Column(say(mark("Fell out of reach")), "count"),
    )
    rows = tuple(
        Row(
            (
                site["name"] or site["ref"], site_word(site["layer"], say.language), say(FATES[site["fate"]]),
                site["people_gained"], site["people_lost"],
            ),
            key=site["ref"],
        )
        for site in sites
    )  # fmt: skip
    return Table(say(mark("Sites that moved it")), heads, rows)
