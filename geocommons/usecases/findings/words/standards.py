"""What a standard asks, who meets which of its tests, and where it comes from, as tables and sentences."""

from typing import Any

from geocommons.language import Words, mark, translate, translate_plural
from geocommons.numerals import area, metres, number
from geocommons.usecases.findings.document import Column, Row, Table
from geocommons.usecases.findings.words.service import FEW_PEOPLE, district_word


def standard_tables(result: dict[str, Any], language: str) -> list[Table]:
    """Return who meets the tests of the standard of a run; none where it was asked without one."""
    standard = _standard(result)
    if standard is None:
        return []
    tests = _tests(standard, language)
    return [tests, _by_count(standard, language), *_capacity(standard, language)]


def standard_title(result: dict[str, Any], language: str) -> str:
    """Return what the standard of a run is called, "" where it was asked without one."""
    standard = _standard(result)
    return _say(standard["title"], language) if standard else ""


def standard_method(result: dict[str, Any], language: str) -> tuple[str, ...]:
    """Return what the standard of a run is, who published it, and how it is cited."""
    standard = _standard(result)
    if standard is None:
        return ()
    told = translate(mark("The standard is {title} ({source})."), language)
    said = [told.format(title=_say(standard["title"], language), source=standard["source"])]
    said += [_say(standard["note"], language)] if standard["note"] else []
    return (*said, standard["citation"]) if standard["citation"] else tuple(said)


def _standard(result: dict[str, Any]) -> dict[str, Any] | None:
    found = result.get("standard")
    return found if isinstance(found, dict) else None


def _say(words: dict[str, str], language: str) -> str:
    return Words(**words).say(language)


def _tests(standard: dict[str, Any], language: str) -> Table:
    columns = (
        Column(translate(mark("Test"), language)),
        Column(translate(mark("What it asks"), language)),
        Column(translate(mark("Out of reach"), language), "count"),
        Column(translate(mark("Within reach"), language), "share"),
    )
    rows = tuple(
        Row(
            (_say(test["words"], language), _asked(test, language), test["unserved"], test["share"]),
            few=test["people"] < FEW_PEOPLE,
        )
        for test in standard["tests"]
    )
    return Table(translate(mark("Each test of the standard"), language), columns, rows)


def _asked(test: dict[str, Any], language: str) -> str:
    straight = test["method"] == "straight"
    sentence = mark("{metres} in a straight line") if straight else mark("{metres} on foot")
    said = translate(sentence, language).format(metres=metres(test["reach_m"], language))
    if not test["min_area_m2"]:
        return said
    size = translate(mark("{reach}, from {area} up"), language)
    return size.format(reach=said, area=area(test["min_area_m2"], language))


def _by_count(standard: dict[str, Any], language: str) -> Table:
    columns = (Column(translate(mark("Tests met"), language)), Column(translate(mark("People"), language), "count"))
    most = len(standard["by_count"]) - 1
    rows = tuple(Row((_count(met, most, language), people)) for met, people in enumerate(standard["by_count"]))
    return Table(translate(mark("How many tests people meet"), language), columns, rows)


def _count(met: int, most: int, language: str) -> str:
    if met == 0:
        return translate(mark("none"), language)
    if met == most:
        return translate_plural(mark("the only one"), mark("all {count}"), most, language).format(count=most)
    return number(met, language)


def _capacity(standard: dict[str, Any], language: str) -> list[Table]:
    return [_area_each(test, language) for test in standard["capacity"]]


def _area_each(test: dict[str, Any], language: str) -> Table:
    columns = (
        Column(translate(mark("District"), language)),
        Column(translate(mark("People"), language), "count"),
        Column(translate(mark("m² for each person"), language), "number"),
    )
    rows = tuple(
        Row((district_word(name, language), part["people"], part["m2_per_person"]), key=name)
        for name, part in sorted(test["districts"].items(), key=lambda named: named[1]["m2_per_person"] or 0)
    )
    hint = translate(mark("The standard asks for {area} for each person; {people} people have it."), language)
    told = hint.format(area=area(test["wanted_m2"], language), people=number(test["people"] or 0, language))
    return Table(_say(test["words"], language), columns, rows, told)
