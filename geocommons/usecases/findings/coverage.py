"""What a coverage found, in words."""

from typing import Any

from geocommons.language import mark, translate, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import number, percent
from geocommons.usecases.findings.document import Column, Figure, Findings, MapLayer, Row, Table
from geocommons.usecases.findings.words import FEW_PEOPLE, district_word, group_word, reach_words, supply_words


def coverage(run: Run, language: str) -> Findings:
    """Return the findings of a coverage."""
    result = run.result

    def say(sentence: str, **gaps: object) -> str:
        return translate(sentence, language).format(**gaps)

    districts = [(district_word(name, language), part) for name, part in (result.get("districts") or {}).items()]
    districts.sort(key=lambda named: (named[1]["share"] is None, named[1]["share"] or 0.0))
    groups = [(group_word(name, language), part) for name, part in (result.get("groups") or {}).items()]
    tables = [
        _shares(say(mark("By district")), say(mark("District")), districts, say),
        _shares(say(mark("By group of people")), say(mark("Group")), groups, say),
        _distances(result, language, say),
    ]
    return Findings(
        title=say(mark("Who can reach a site")),
        sentence=_sentence(run, districts, language, say),
        figures=(
            Figure(percent(result["share"], language), say(mark("within reach"))),
            Figure(number(result["served"], language), say(mark("people within reach"))),
            Figure(number(result["unserved"], language), say(mark("people out of reach")), alarm=True),
            Figure(number(result["not_assessed"], language), say(mark("people not assessed"))),
        ),
        tables=tuple(table for table in tables if table.rows),
        cautions=_cautions(result, language, say),
        method=(_method(run, say),),
        measure=result["share"],
        layers=(MapLayer("demand", say(mark("People and their nearest site")), "states", value="state"),),
    )


def _sentence(run: Run, districts: list[tuple[str, dict[str, Any]]], language: str, say: Any) -> str:
    result = run.result
    sentence: str = say(
        mark("{share} of {people} people live within {reach} of {supply}."),
        share=percent(result["share"], language), people=number(result["people"], language),
        reach=reach_words(result, language), supply=supply_words(run.params["supply"], language),
    )  # fmt: skip
    lived_in = [named for named in districts if named[1]["people"] >= FEW_PEOPLE]
    if lived_in:
        name, part = lived_in[0]
        share = percent(part["share"], language)
        least = mark("The least served district is {district}, with {share}.")
        sentence += " " + say(least, district=name, share=share)
    return sentence


def _shares(title: str, first: str, parts: list[tuple[str, dict[str, Any]]], say: Any) -> Table:
    columns = (
        Column(first),
        Column(say(mark("People")), "count"),
        Column(say(mark("Out of reach")), "count"),
        Column(say(mark("Within reach")), "share"),
    )
    rows = tuple(
        Row((name, part["people"], part["unserved"], part["share"]), key=name, few=part["people"] < FEW_PEOPLE)
        for name, part in parts
    )
    few = any(row.few for row in rows)
    return Table(title, columns, rows, say(mark("* Fewer than 50 people: too few to read as a rate.")) if few else "")


def _distances(result: dict[str, Any], language: str, say: Any) -> Table:
    quantiles = sorted((int(share), far) for share, far in (result.get("quantiles_m") or {}).items())
    columns = (Column(say(mark("Share of people"))), Column(say(mark("live within")), "metres"))
    rows = tuple(Row((f"{share} %", far)) for share, far in quantiles)
    return Table(say(mark("How far people live from the nearest site")), columns, rows)


def _cautions(result: dict[str, Any], language: str, say: Any) -> tuple[str, ...]:
    found = []
    if result["not_assessed"]:
        people = number(result["not_assessed"], language)
        told = mark(
            "{people} people live more than 200 m from any street that is known; they are counted as not assessed, "
            "never as served."
        )
        found.append(say(told, people=people))
    else:
        found.append(say(mark("Everybody could be assessed.")))
    if result["unreachable"]:
        told = mark("{people} of the people out of reach live where no street leads to any site.")
        found.append(say(told, people=number(result["unreachable"], language)))
    if result["unentered"]:
        count = len(result["unentered"])
        told = translate_plural(
            mark("{count} site lies too far from any street to be reached."),
            mark("{count} sites lie too far from any street to be reached."),
            count,
            language,
        )
        found.append(told.format(count=number(count, language)))
    return tuple(found)


def _method(run: Run, say: Any) -> str:
    if run.result.get("method") == "straight":
        said = say(mark("Distances are straight lines from where people live to the edge of the nearest site."))
    else:
        said = say(
            mark(
                "Distances are walks along the street network, from where people live to where a street meets the "
                "nearest site."
            )
        )
    return str(said)
