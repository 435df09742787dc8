"""What was found of rivers, in words."""

from typing import Any

from geocommons.language import Say, mark
from geocommons.model.run import Run
from geocommons.numerals import metres
from geocommons.usecases.findings.document import Column, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.names import Names
from geocommons.usecases.findings.words.river_depth import depth_charts, depth_tables
from geocommons.usecases.findings.words.service import district_word

MOST_STRETCHES = 50
NO_DEPTH: dict[str, Any] = {"rivers": [], "districts": {}, "catchments": [], "stewards": []}


def rivers(run: Run, language: str, names: Names) -> Findings:
    """Return the findings of river coverage, stewards called as `names` allows."""
    # A run of before depth was measured has none.
    result = {"depth": NO_DEPTH, "overlaps": [], "offers": None} | run.result
    total = result["totals"]
    say = Say(language)
    tables = (
        _metres(say(mark("By river")), say(mark("River")), _by_river(result), say),
        _metres(say(mark("By district")), say(mark("District")), _by_district(result, language), say),
        *depth_tables(result, names, say),
        _free(result, say),
    )
    return Findings(
        title=say(mark("How much of the rivers is adopted")),
        sentence=_sentence(total, say),
        figures=(
            figure(_share(total), "share", say(mark("adopted")), language),
            figure(total["adopted_m"], "metres", say(mark("looked after")), language),
            figure(total["free_m"], "metres", say(mark("free to adopt")), language, alarm=True),
            figure(total["conflict_m"], "metres", say(mark("claimed twice")), language),
        ),
        tables=tuple(table for table in tables if table.rows),
        measure=_share(total),
        charts=depth_charts(result, say),
        cautions=_cautions(result, say),
        method=_method(result, say),
        layers=tuple(layer for layer in _layers(say) if layer.output in run.outputs),
    )


def _by_river(result: dict[str, Any]) -> list[tuple[str, dict[str, Any], str]]:
    """Return each river with its metres, those of two stewards or more among them, and where its name leads."""
    deep = {river["id"]: river["more_m"] for river in result["depth"]["rivers"]}
    return [
        (river["name"] or river["ref"], river | {"more_m": deep.get(river["id"])}, f"/sites/{river['id']}")
        for river in result["rivers"]
    ]


def _by_district(result: dict[str, Any], language: str) -> list[tuple[str, dict[str, Any], str]]:
    deep = {name: part["more_m"] for name, part in result["depth"]["districts"].items()}
    return [
        (district_word(name, language), part | {"more_m": deep.get(name)}, "")
        for name, part in (result.get("districts") or {}).items()
    ]


def _layers(say: Say) -> tuple[MapLayer, ...]:
    return (
        MapLayer("free", say(mark("Free stretches")), "lines", key="river"),
        MapLayer("adopted", say(mark("Adopted stretches")), "lines", value="depth", key="river", kind="count"),
        MapLayer("overlaps", say(mark("Stretches with more than one steward")), "lines", value="depth", key="river",
                 kind="count"),
        MapLayer("offers", say(mark("The next stretches to offer")), "ranks", value="rank", key="rank",
                 kind="count", proposed=True),
    )  # fmt: skip


def _cautions(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    found = [say(mark("Metres are what agreements say; whether anybody is seen on the bank is not in them."))]
    if result["offers"] is None:
        unknown = mark(
            "No stretches to offer were ranked: that needs streets and people. Add them with geocommons context add."
        )
        found.append(say(unknown))
    if result["depth"]["catchments"] is None:
        circle = mark("Catchments were left out: some of the lines drain in a circle, as canals may be drawn.")
        found.append(say(circle))
    return tuple(found)


def _method(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    counted = mark(
        "Metres are counted along each river from its start. Adopted metres have a current steward; free "
        "metres have none, so both add up to the length. Metres claimed twice are part of the others."
    )
    depth = mark(
        "The depth of stewardship is the number of agreements in force over each metre, found by one sort of all "
        "ends (dynamic segmentation, GIS&T BoK DM-16) and counted in whole millimetres."
    )
    offered = mark(
        "Free stretches that nobody asked for are cut into parts of 200 to 1,000 m and ranked by the people who live "
        "within 800 m, times the part of the stretch that lies within 100 m of a street."
    )
    return (say(counted), say(depth), *([say(offered)] if result["offers"] else []))


def _share(part: dict[str, Any]) -> float | None:
    return part["adopted_m"] / part["length_m"] if part["length_m"] else None


def _sentence(total: dict[str, Any], say: Say) -> str:
    adopted, length, free, conflict = (
        metres(total[name], say.language) for name in ("adopted_m", "length_m", "free_m", "conflict_m")
    )
    said = say(
        mark("{adopted} of {all} of river is looked after; {free} is free."), adopted=adopted, all=length, free=free
    )
    if total["conflict_m"]:
        said += " " + say(mark("{conflict} is claimed by more than one party: talk to them."), conflict=conflict)
    return said


def _metres(title: str, first: str, parts: list[tuple[str, dict[str, Any], str]], say: Say) -> Table:
    columns = (
        Column(first),
        Column(say(mark("Length")), "metres"),
        Column(say(mark("Adopted")), "metres"),
        Column(say(mark("Free")), "metres"),
        Column(say(mark("Two or more stewards")), "metres"),
        Column(say(mark("Claimed twice")), "metres"),
        Column(say(mark("Share adopted")), "share"),
    )
    names = ("length_m", "adopted_m", "free_m", "more_m", "conflict_m")
    rows = tuple(
        Row((name, *(part[key] for key in names), _share(part)), key=str(part.get("ref", name)), href=href)
        for name, part, href in parts
    )
    return Table(title, columns, rows)


def _free(result: dict[str, Any], say: Say) -> Table:
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
