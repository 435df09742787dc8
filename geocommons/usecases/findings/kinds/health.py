"""What was found of the health of stewardship, in words."""

from dataclasses import replace
from itertools import groupby, islice
from typing import Any

from geocommons.language import Say, mark, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import day, number
from geocommons.usecases.findings.document import Column, Figure, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.care import (
    days_table,
    hours_table,
    noted_cautions,
    noted_figures,
    noted_method,
    noted_words,
    overdue_words,
)
from geocommons.usecases.findings.words.lasting import lasting_chart, lasting_table, test_method, test_words
from geocommons.usecases.findings.words.service import district_word, layer_word

MOST_OF_A_STATE = 4
FROM_LAST = mark("From the last steward to the next")
STATE_WORDS = {
    "lapsed": mark("had a steward, has none"),
    "waiting": mark("somebody asked for it"),
    "overdue": mark("something is overdue"),
    "lapsing": mark("ends soon"),
    "one_person": mark("hangs on one person"),
}


def health(run: Run, language: str) -> Findings:
    """Return the findings of the health of stewardship."""
    result = run.result
    totals = result["totals"]
    say = Say(language)
    # Older runs tell only layers apart.
    lasting = {"layer": result["survival"], "district": result.get("survival_by_district", [])}
    tests = {"layer": result["log_rank"], "district": result.get("log_rank_by_district")}
    return Findings(
        title=say(mark("How stewardship fares")),
        sentence=" ".join((*_held(totals, say), *overdue_words(result, say))),
        details=(*_lapses(result, say), *noted_words(result, say)),
        figures=(*_figures(totals, say), *noted_figures(totals, say)),
        tables=_tables(result, lasting, say),
        charts=tuple(filter(None, (lasting_chart(one, by, say) for by, one in lasting.items()))),
        cautions=(
            *_cautions(totals, say),
            *(told for by, test in tests.items() for told in test_words(test, by, say)),
        ),
        method=(
            *_method(result, say),
            *(told for by, test in tests.items() for told in test_method(test, by, say)),
        ),
        measure=totals["lapse_rate"]["per_year"],
        layers=(MapLayer("sites", say(mark("Sites to look at")), "states", value="state", key="site_id"),),
    )


def _tables(result: dict[str, Any], lasting: dict[str, list[dict[str, Any]]], say: Say) -> tuple[Table, ...]:
    """Return the tables that have rows: what to look at first, then parts, and folded away what time shows."""
    by_layer = [(layer_word(name, say.language), part) for name, part in result["by_layer"].items()]
    by_district = [(district_word(name, say.language), part) for name, part in result["by_district"].items()]
    tables = (
        _sites(result["sites"], sum(result["states"].values()), say),
        _parts(say(mark("By layer")), say(mark("Layer")), by_layer, say),
        _parts(say(mark("By district")), say(mark("District")), by_district, say),
        *_folded(
            say(mark("How long stewardship lasts")), *(lasting_table(one, by, say) for by, one in lasting.items())
        ),
        *_folded(
            say(mark("Handing over, waiting, and hours of care")),
            days_table(say(FROM_LAST), say(mark("Handed over")), "handover", by_layer, say),
            days_table(say(mark("From asking to beginning")), say(mark("Begun")), "wait", by_layer, say),
            hours_table(result["totals"]["hours"], say),
        ),
    )
    return tuple(table for table in tables if table.rows)


def _folded(fold: str, *tables: Table) -> tuple[Table, ...]:
    return tuple(replace(table, fold=fold) for table in tables)


def _figures(totals: dict[str, Any], say: Say) -> tuple[Figure, ...]:
    rate = totals["lapse_rate"]["per_year"]
    per_hundred = None if rate is None else round(rate * 100, 1)
    return (
        figure(totals["cared_for"], "count", say(mark("sites looked after")), say.language),
        figure(totals["stewards"], "count", say(mark("stewards")), say.language),
        figure(totals["on_one_person"], "count", say(mark("hang on one person")), say.language, alarm=True),
        figure(totals["lapsed"], "count", say(mark("had a steward, have none")), say.language),
        figure(totals["waiting"], "count", say(mark("asked for, without a steward")), say.language),
        figure(per_hundred, "number", say(mark("of every 100 lapse in a year")), say.language),
    )


def _per_hundred(rate: float | None, language: str) -> str:
    return "–" if rate is None else number(rate * 100, language, 1)


def _held(totals: dict[str, Any], say: Say) -> tuple[str, str]:
    count, alone = (number(totals[name], say.language) for name in ("cared_for", "on_one_person"))
    held = translate_plural(
        mark("{count} site is looked after."),
        mark("{count} sites are looked after."),
        totals["cared_for"],
        say.language,
    )
    hanging = translate_plural(
        mark("{count} of them hangs on a single person or household."),
        mark("{count} of them hang on a single person or household."),
        totals["on_one_person"],
        say.language,
    )
    return held.format(count=count), hanging.format(count=alone)


def _lapses(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    rate = result["totals"]["lapse_rate"]
    if rate["per_year"] is None:
        return ()
    told = mark("Since {since}, {rate} of every 100 stewardships lapsed in a year.")
    since, per_year = day(result["since"], say.language), _per_hundred(rate["per_year"], say.language)
    return (say(told, since=since, rate=per_year),)


def _parts(title: str, first: str, parts: list[tuple[str, dict[str, Any]]], say: Say) -> Table:
    """Return the figures of parts; what is overdue has a column where the register notes what is due."""
    due = any(part["overdue"] is not None for _, part in parts)
    columns = (
        Column(first),
        Column(say(mark("Looked after")), "count"),
        Column(say(mark("Stewards")), "count"),
        Column(say(mark("Hang on one person")), "count"),
        Column(say(mark("Lapsed")), "count"),
        Column(say(mark("Waiting")), "count"),
        Column(say(mark("Lapse in a year")), "share"),
        *([Column(say(mark("Overdue")), "count")] if due else []),
    )
    rows = tuple(
        Row(
            (
                name, part["cared_for"], part["stewards"], part["on_one_person"], part["lapsed"], part["waiting"],
                part["lapse_rate"]["per_year"], *([(part["overdue"] or {}).get("obligations")] if due else []),
            ),
            key=name, few=part["lapse_rate"]["years"] < FEW_YEARS,
        )
        for name, part in parts
    )  # fmt: skip
    few = any(row.few for row in rows)
    hint = say(mark("* Watched for fewer than 20 years in all: too few to read as a rate.")) if few else ""
    return Table(title, columns, rows, hint)


FEW_YEARS = 20.0


def _sites(sites: list[dict[str, Any]], count: int, say: Say) -> Table:
    """Return some sites of each state, the most pressing state first."""
    shown = [site for _, some in groupby(sites, lambda one: one["state"]) for site in islice(some, MOST_OF_A_STATE)]
    columns = (
        Column(say(mark("Site"))),
        Column(say(mark("State"))),
        Column(say(mark("District"))),
        Column(say(mark("Layer"))),
    )
    rows = tuple(
        Row(
            (
                site["name"] or site["ref"], say(STATE_WORDS[site["state"]]),
                district_word(site["district"], say.language), layer_word(site["layer"], say.language),
            ),
            key=str(site["id"]), href=f"/sites/{site['id']}" if site["id"] > 0 else "",
        )
        for site in shown
    )  # fmt: skip
    more = mark("The first {each} of each state; the map shows all {all}, and the download has them.")
    hint = say(more, each=MOST_OF_A_STATE, all=number(count, say.language)) if count > len(rows) else ""
    return Table(say(mark("Sites to look at")), columns, rows, hint)


def _cautions(totals: dict[str, Any], say: Say) -> tuple[str, ...]:
    found = noted_cautions(totals, say)
    undecided = totals["lapse_rate"]["undecided"]
    if undecided:
        told = translate_plural(
            mark("{count} stewardship ended too lately to say whether it lapsed, and is not counted as a lapse."),
            mark("{count} stewardships ended too lately to say whether they lapsed, and are not counted as lapses."),
            undecided,
            say.language,
        )
        found.append(told.format(count=number(undecided, say.language)))
    return tuple(found)


def _method(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    lapsed = mark(
        "A stewardship lapsed if nobody looked after its place within {days} days of its end. Lapses are divided by "
        "the years that all stewardships were watched; the interval is exact for counts (Garwood 1936)."
    )
    joined = mark(
        "Agreements of one party on one place that follow each other within 30 days are one stewardship. A site hangs "
        "on one person if a single party looks after it, a person or a household."
    )
    lasting = mark(
        "How long stewardship lasts is estimated by Kaplan and Meier (1958), with the interval of Greenwood (1926) on "
        "the log-log scale: those that still go on count for as long as they have lasted."
    )
    rate = result["totals"]["lapse_rate"]
    between = mark("The rate of lapses lies between {low} and {high} of every 100 in a year (95% interval).")
    low, high = (_per_hundred(rate[end], say.language) for end in ("low", "high"))
    sure = (say(between, low=low, high=high),) if rate["per_year"] is not None else ()
    method = (say(lapsed, days=number(result["successor_days"], say.language)), *sure, say(joined), say(lasting))
    return (*method, *noted_method(result["totals"], say))
