"""What was found of how deep stewardship of rivers is, in words, and which stretches to offer next."""

from functools import partial
from typing import Any

from geocommons.files.charts.bars import share_chart
from geocommons.files.charts.chart import Chart, ChartText
from geocommons.language import Say, mark
from geocommons.numerals import percent
from geocommons.usecases.findings.document import Column, Row, Table
from geocommons.usecases.findings.words.names import Names, party_words

MOST_BARS = 15
PARTS = ("more_m", "once_m", "none_m")
PART_WORDS = (mark("Two or more"), mark("One steward"), mark("Nobody"))
PART_TONES = ("2", "1", "free")
"""The map of the run draws adopted stretches first, overlaps second, and what is free in a tone of its own."""


def depth_charts(result: dict[str, Any], say: Say) -> tuple[Chart, ...]:
    """Return a bar for each river, cut into what nobody, one and several look after; reaches of one name are one."""
    amounts: dict[str, list[float]] = {}
    for river in result["depth"]["rivers"]:
        name = river["name"] or river["ref"]
        known = amounts.get(name, [0.0] * len(PARTS))
        amounts[name] = [sum(pair) for pair in zip(known, (river[part] for part in PARTS), strict=True)]
    longest = sorted(amounts.items(), key=lambda named: (-sum(named[1]), named[0]))[:MOST_BARS]
    if not longest:
        return ()
    text = ChartText(
        title=say(mark("How many look after each river")),
        description=say(mark("Parts of the length of each river, the longest first.")),
        columns=[say(mark("River"))],
        language=say.language,
    )
    parts, form = [say(words) for words in PART_WORDS], partial(percent, language=say.language)
    return (share_chart(longest, parts, text, form=form, tones=PART_TONES),)


def depth_tables(result: dict[str, Any], names: Names, say: Say) -> tuple[Table, ...]:
    """Return the tables of offers, stewards, depth by catchment and overlaps."""
    depth = result["depth"]
    by_catchment = [(part["name"] or part["ref"], part) for part in depth["catchments"] or ()]
    return (
        _offers(result["offers"] or (), say),
        _stewards(depth["stewards"], names, say),
        _catchments(by_catchment, say),
        _overlaps(result["overlaps"], say),
    )


def _catchments(parts: list[tuple[str, dict[str, Any]]], say: Say) -> Table:
    columns = (
        Column(say(mark("River with all that drains into it"))),
        Column(say(mark("Reaches")), "count"),
        Column(say(mark("Nobody")), "metres"),
        Column(say(mark("One steward")), "metres"),
        Column(say(mark("Two or more")), "metres"),
        Column(say(mark("Share adopted")), "share"),
    )
    rows = tuple(
        Row(
            (
                name, part["reaches"], part["none_m"], part["once_m"], part["more_m"],
                1 - part["none_m"] / part["length_m"] if part["length_m"] else None,
            ),
            key=name,
        )
        for name, part in parts
    )  # fmt: skip
    return Table(say(mark("By catchment")), columns, rows)


def _stewards(stewards: list[dict[str, Any]], names: Names, say: Say) -> Table:
    called = party_words(stewards, names, say.language)
    columns = (
        Column(say(mark("Steward"))),
        Column(say(mark("Stretches")), "count"),
        Column(say(mark("Length")), "metres"),
        Column(say(mark("Alone")), "metres"),
        Column(say(mark("With others")), "metres"),
    )
    figures = ("stretches", "length_m", "alone_m", "shared_m")
    rows = tuple(Row((called[one["party"]], *(one[name] for name in figures))) for one in stewards)
    return Table(say(mark("Who looks after how much")), columns, rows)


def _offers(offers: Any, say: Say) -> Table:
    columns = (
        Column(say(mark("Rank")), "count"),
        Column(say(mark("River"))),
        Column(say(mark("From")), "metres"),
        Column(say(mark("To")), "metres"),
        Column(say(mark("People near")), "count"),
        Column(say(mark("Nearest street")), "metres"),
        Column(say(mark("Reached from streets")), "share"),
    )
    figures = ("from_m", "to_m", "people", "street_m", "access")
    rows = tuple(
        Row(
            (offer["rank"], offer["name"] or offer["river"], *(offer[name] for name in figures)),
            key=str(offer["rank"]), href=f"/sites/{offer['site_id']}",
        )
        for offer in offers
    )  # fmt: skip
    return Table(say(mark("The next stretches to offer")), columns, rows)


def _overlaps(overlaps: list[dict[str, Any]], say: Say) -> Table:
    columns = (
        Column(say(mark("River"))),
        Column(say(mark("From")), "metres"),
        Column(say(mark("To")), "metres"),
        Column(say(mark("Stewards")), "count"),
    )
    rows = tuple(
        Row(
            (one["name"] or one["river"], one["from_m"], one["to_m"], one["depth_max"]),
            key=one["river"], href=f"/sites/{one['site_id']}",
        )
        for one in overlaps
    )  # fmt: skip
    return Table(say(mark("Stretches with more than one steward")), columns, rows)
