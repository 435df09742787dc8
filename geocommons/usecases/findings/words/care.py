"""Care that was given, what is overdue and how long people wait, in words: nobody's own hours are told."""

from datetime import date, timedelta
from typing import Any

from geocommons.language import Say, mark, translate_plural
from geocommons.numerals import day, number
from geocommons.usecases.findings.document import Column, Figure, Row, Table, figure

Parts = list[tuple[str, dict[str, Any]]]
MOST_DECIMALS = 1


def noted_figures(totals: dict[str, Any], say: Say) -> tuple[Figure, ...]:
    """Return the figures of what the register notes of hours, duties and requests; none of what it does not."""
    hours, overdue, wait = totals["hours"], totals["overdue"], totals["wait"]
    found = []
    if hours and hours["hours"] is not None:
        found.append(figure(round(hours["hours"]), "count", say(mark("hours of care")), say.language))
    if overdue:
        late = overdue["obligations"]
        found.append(figure(late, "count", say(mark("duties are overdue")), say.language, alarm=late > 0))
    if wait and wait["count"]:
        label = say(mark("days from asking to beginning, for half"))
        found.append(figure(wait["quantiles_days"]["50"], "count", label, say.language))
    return tuple(found)


def noted_words(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    """Return what hours and requests come to, a sentence each."""
    totals, since = result["totals"], day(result["since"], say.language)
    hours, wait = totals["hours"], totals["wait"]
    said = []
    if hours and hours["hours"] is not None:
        given = mark("Since {since}, {givers} of {stewards} stewards gave care: {hours} hours.")
        gaps = {name: number(round(hours[name]), say.language) for name in ("givers", "stewards", "hours")}
        said.append(say(given, since=since, **gaps))
    if wait and wait["count"]:
        begun = mark("Of those who began since {since}, half waited at most {days} days from the day they asked.")
        said.append(say(begun, since=since, days=number(wait["quantiles_days"]["50"], say.language, MOST_DECIMALS)))
    return tuple(said)


def overdue_words(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    """Return how much is overdue and since when; nothing where no duties are noted."""
    overdue, on = result["totals"]["overdue"], date.fromisoformat(result["at"])
    if not overdue:
        return ()
    if not overdue["obligations"]:
        return (say(mark("Nothing is overdue.")),)
    told = translate_plural(
        mark("{count} duty is overdue: it was due by {since}."),
        mark("{count} duties are overdue (places: {sites}); the oldest was due by {since}."),
        overdue["obligations"],
        say.language,
    )
    counts = {"count": overdue["obligations"], "sites": overdue["sites"]}
    since = day(on - timedelta(days=overdue["oldest_days"]), say.language)
    return (told.format(since=since, **{name: number(amount, say.language) for name, amount in counts.items()}),)


def hours_table(hours: dict[str, Any] | None, say: Say) -> Table:
    """Return how hours of care are spread over stewards, as far as they may be told."""
    columns = (Column(say(mark("Measure"))), Column(say(mark("Figure")), "number"), Column(say(mark("How to read it"))))
    tenth = None if hours is None or hours["top_tenth"] is None else round(100 * hours["top_tenth"], 1)
    known = (hours or {}) | {"top_tenth": tenth}
    rows = [
        Row((say(words), round(known[name], MOST_DECIMALS if name != "gini" else 2), say(about)))
        for name, words, about in HOURS
        if known.get(name) is not None
    ]
    return Table(say(mark("Hours of care")), columns, tuple(rows))


HOURS = (
    ("hours", mark("Hours in all"), mark("All that was noted, for each of the people who gave it.")),
    ("stewards", mark("Stewards"), mark("Who had a site in their care at some time, or gave care.")),
    ("givers", mark("Gave care"), mark("Stewards who gave any hours.")),
    ("mean_hours", mark("Hours of a steward, on average"), mark("Hours in all by stewards, with those who gave none.")),
    ("median_hours", mark("Hours of the middle steward"), mark("Half of the stewards gave more, half less.")),
    ("top_tenth", mark("Part of the busiest tenth (%)"), mark("10 if all give as much; 100 if the others give none.")),
    ("gini", mark("Gini of hours"), mark("0 if all give as much, near 1 if one gives all.")),
)


def days_table(title: str, head: str, of: str, parts: Parts, say: Say) -> Table:
    """Return how many days something took, by layer: a handover, or the wait from asking to beginning."""
    columns = (
        Column(say(mark("Layer"))),
        Column(head, "count"),
        Column(say(mark("Half within (days)")), "count"),
        Column(say(mark("Nine in ten within (days)")), "count"),
    )
    known = [(name, part[of]) for name, part in parts if part[of] and part[of]["count"]]
    rows = [
        Row((name, took["count"], took["quantiles_days"]["50"], took["quantiles_days"]["90"])) for name, took in known
    ]
    return Table(title, columns, tuple(rows))


LEFT_OUT = mark(
    "Hours in {count} of the layers are left out: fewer than five gave care there, people among them, and theirs are "
    "their own affair."
)
SUBTRACTED = mark(
    "Whoever has this answer for two days can subtract the hours: publish it for days that are far apart, so that what "
    "one person gave in a few days is not told."
)


def noted_cautions(totals: dict[str, Any], say: Say) -> list[str]:
    """Return what is not told of hours, duties and requests, and why."""
    found = _hours_cautions(totals, say)
    if totals["overdue"] is None:
        found.append(say(mark("Duties with a day are not recorded yet, so what is overdue is not told.")))
    if totals["wait"] is None:
        unknown = mark(
            "The day on which somebody asks is not recorded yet, so the wait from asking to beginning is not told."
        )
        found.append(say(unknown))
    return found


def _hours_cautions(totals: dict[str, Any], say: Say) -> list[str]:
    hours = totals["hours"]
    if hours is None:
        return [say(mark("Hours of care are not recorded yet, so who carries how much is not told."))]
    if hours["hours"] is None:
        few = mark("Fewer than five gave care, people among them. Their hours are not told: they are their own affair.")
        return [say(few)]
    found = []
    if hours["median_hours"] is None and hours["givers"]:
        found.append(say(mark("Fewer than five gave care, so how hours are spread over stewards is not told.")))
    elif hours["top_tenth"] is None and hours["givers"]:
        found.append(say(mark("Of so few stewards the busiest tenth is a single one, so its part is not told.")))
    # Runs of before layers were judged one by one left none out.
    if totals.get("hours_untold_layers"):
        found.append(say(LEFT_OUT, count=number(totals["hours_untold_layers"], say.language)))
    return [*found, say(SUBTRACTED)]


def noted_method(totals: dict[str, Any], say: Say) -> tuple[str, ...]:
    """Return how hours and what is overdue are counted, where they are."""
    hours = mark(
        "Hours are those of everybody who gave care, from the first day that counts to the day itself; stewards who "
        "gave none count as 0."
    )
    late = mark("A duty is overdue if its day is past and it was not done by the day asked for.")
    return (*([say(hours)] if totals["hours"] else []), *([say(late)] if totals["overdue"] else []))
