"""What was found of rivers, in words."""

from typing import Any

from geocommons.language import mark, translate
from geocommons.model.run import Run
from geocommons.numerals import metres, percent
from geocommons.usecases.findings.document import Column, Figure, Findings, MapLayer, Row, Table
from geocommons.usecases.findings.words import district_word

MOST_STRETCHES = 50


def rivers(run: Run, language: str) -> Findings:
    """Return the findings of river coverage."""
    result = run.result
    total = result["totals"]

    def say(sentence: str, **gaps: object) -> str:
        return translate(sentence, language).format(**gaps)

    by_river = [(river["name"] or river["ref"], river, f"/sites/{river['id']}") for river in result["rivers"]]
    by_district = [(district_word(name, language), part, "") for name, part in (result.get("districts") or {}).items()]
    tables = (
        _metres(say(mark("By river")), say(mark("River")), by_river, say),
        _metres(say(mark("By district")), say(mark("District")), by_district, say),
        _free(result, say),
    )
    return Findings(
        title=say(mark("How much of the rivers is adopted")),
        sentence=_sentence(total, language, say),
        figures=(
            Figure(percent(_share(total), language), say(mark("adopted"))),
            Figure(metres(total["adopted_m"], language), say(mark("looked after"))),
            Figure(metres(total["free_m"], language), say(mark("free to adopt")), alarm=True),
            Figure(metres(total["conflict_m"], language), say(mark("claimed twice"))),
        ),
        tables=tuple(table for table in tables if table.rows),
        measure=_share(total),
        method=(
            say(
                mark(
                    "Metres are counted along each river from its start. Adopted metres have a current steward; free "
                    "metres have none, so both add up to the length. Metres claimed twice are part of the others."
                )
            ),
        ),
        layers=(
            MapLayer("free", say(mark("Free stretches")), "lines", key="river"),
            MapLayer("adopted", say(mark("Adopted stretches")), "lines", key="river"),
        ),
    )


def _share(part: dict[str, Any]) -> float | None:
    return part["adopted_m"] / part["length_m"] if part["length_m"] else None


def _sentence(total: dict[str, Any], language: str, say: Any) -> str:
    adopted, length, free, conflict = (
        metres(total[name], language) for name in ("adopted_m", "length_m", "free_m", "conflict_m")
    )
    said: str = say(
        mark("{adopted} of {all} of river is looked after; {free} is free."), adopted=adopted, all=length, free=free
    )
    if total["conflict_m"]:
        said += " " + say(mark("{conflict} is claimed by more than one party: talk to them."), conflict=conflict)
    return said


def _metres(title: str, first: str, parts: list[tuple[str, dict[str, Any], str]], say: Any) -> Table:
    columns = (
        Column(first),
        Column(say(mark("Length")), "metres"),
        Column(say(mark("Adopted")), "metres"),
        Column(say(mark("Free")), "metres"),
        Column(say(mark("Claimed twice")), "metres"),
        Column(say(mark("Share adopted")), "share"),
    )
    names = ("length_m", "adopted_m", "free_m", "conflict_m")
    rows = tuple(
        Row((name, *(part[key] for key in names), _share(part)), key=str(part.get("ref", name)), href=href)
        for name, part, href in parts
    )
    return Table(title, columns, rows)


def _free(result: dict[str, Any], say: Any) -> Table:
    every = [(river, start, stop) for river in result["rivers"] for start, stop in river["free"]]
    every.sort(key=lambda stretch: stretch[1] - stretch[2])
    columns = (
        Column(say(mark("River"))),
        Column(say(mark("From")), "metres"),
        Column(say(mark("To")), "metres"),
        Column(say(mark("Length")), "metres"),
    )
    rows = tuple(
        Row((river["name"] or river["ref"], start, stop, stop - start), key=river["ref"], href=f"/sites/{river['id']}")
        for river, start, stop in every[:MOST_STRETCHES]
    )
    return Table(say(mark("Free stretches, longest first")), columns, rows)
