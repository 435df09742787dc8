"""Where the next sites should go, in words."""

from decimal import Decimal
from typing import Any

from geocommons.files.charts.bars import Bar, bar_chart
from geocommons.files.charts.chart import Chart, ChartText
from geocommons.language import Say, Words, mark, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import metres, number, percent
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

OTHER_LAND = {"candidates": Words(en="Candidate", nl="Kandidaat"), "points": Words(en="Point", nl="Punt")}
GOAL_WORDS = {
    "mclp": mark("Maximal covering (Church & ReVelle 1974)."),
    "p_median": mark("p-median (Hakimi 1965): the walks of all people added up."),
    "p_center": mark("p-center (Hakimi 1965): the longest walk of anybody."),
    "lscp": mark("Location set covering (Toregas 1971)."),
}


def siting(run: Run, language: str) -> Findings:
    """Return the findings of a choice of sites."""
    result = run.result
    say = Say(language)
    layers = (
        MapLayer("chosen", say(mark("Chosen places")), "ranks", value="rank", key="ref", kind="count", proposed=True),
        MapLayer("demand", say(mark("People, now and then")), "states", value="state"),
    )
    return Findings(
        title=say(mark("Where the next sites should go")),
        sentence=_sentence(result, say),
        figures=_figures(result, say),
        tables=tuple(table for table in (_chosen(result, say), _unreached(result, say)) if table.rows),
        charts=tuple(filter(None, (_chart(result, say),))),
        cautions=_cautions(result, say),
        method=_method(result, say),
        layers=layers,
    )


def _sentence(result: dict[str, Any], say: Say) -> str:
    count = len(result["chosen"])
    if not count:
        return say(mark("No candidate would help: nobody more comes within reach."))
    gained = result["served_then"] - result["now"]["served"]
    places = translate_plural(
        mark("{count} new site brings {people} people more within {reach} of {supply}: from {before} to {after}."),
        mark("{count} new sites bring {people} people more within {reach} of {supply}: from {before} to {after}."),
        count,
        say.language,
    )
    total = result["now"]["people"]
    told = places.format(
        count=number(count, say.language), people=number(gained, say.language), reach=reach_words(result, say.language),
        supply=supply_words(result["supply"], say.language), before=percent(result["now"]["share"], say.language),
        after=percent(result["served_then"] / total if total else None, say.language),
    )  # fmt: skip
    return " ".join((told, *_walk_words(result, say), _proof(result, say)))


def _walk_words(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    """Return how far people walk then, where that is what the choice was asked for."""
    if result["model"] == "p_center":
        told = mark("The longest walk of anybody is then {then}, where it was {now}.")
        ends = {"then": result["objective"], "now": result["start"]}
    elif result["model"] == "p_median" and (then := _walk(result)) is not None:
        told = mark("The mean walk is then {then}, where it was {now}.")
        ends = {"then": then, "now": then * result["start"] / result["objective"]}
    else:
        return ()
    return (str(say(told, **{name: metres(far, say.language) for name, far in ends.items()})),)


def _proof(result: dict[str, Any], say: Say) -> str:
    if result["optimal"]:
        return say(mark("No other choice is better: that is proven."))
    told = mark("It is at most {gap} from the best possible.")
    return say(told, gap=percent(result["gap"], say.language))


def _figures(result: dict[str, Any], say: Say) -> tuple[Figure, ...]:
    gained = result["served_then"] - result["now"]["served"]
    figures = [figure(gained, "count", say(mark("people more within reach")), say.language)]
    if result["model"] in ("p_median", "p_center"):
        walk = _walk(result)
        words = mark("mean walk then") if result["model"] == "p_median" else mark("longest walk then")
        figures = [figure(walk, "metres", say(words), say.language), *figures]
    figures.append(figure(len(result["chosen"]), "count", say(mark("new sites")), say.language))
    if Decimal(result["total_cost"]):
        figures.append(figure(float(result["total_cost"]), "number", say(mark("total cost")), say.language))
    out = say(mark("people whom no candidate reaches"))
    return (*figures, figure(result["infeasible"], "count", out, say.language, alarm=True))


def _walk(result: dict[str, Any]) -> float | None:
    if result["model"] == "p_center":
        return float(result["objective"])
    people = result["now"]["people"] - result["infeasible"] - result["now"]["not_assessed"]
    return result["objective"] / people if people > 0 and result["group"] == "" else None


def _chosen(result: dict[str, Any], say: Say) -> Table:
    paid = bool(Decimal(result["total_cost"]))
    columns = (
        Column(say(mark("Rank")), "count"),
        Column(say(mark("Place"))),
        Column(say(mark("Number"))),
        Column(say(mark("Kind"))),
        Column(say(mark("Area")), "area"),
        Column(say(mark("People it adds")), "count"),
        Column(say(mark("Only it reaches")), "count"),
        *([Column(say(mark("Cost")))] if paid else []),
    )
    rows = tuple(
        Row(
            (
                place["rank"], place["name"] or place["ref"], place["ref"], _kind(place["layer"], say.language),
                place["area_m2"], place["adds_people"], place["only_people"], *([place["cost"]] if paid else []),
            ),
            key=str(place["ref"]),
        )
        for place in result["chosen"]
    )  # fmt: skip
    return Table(say(mark("The chosen places, in the order in which they help most")), columns, rows)


def _unreached(result: dict[str, Any], say: Say) -> Table:
    """Return where people live whom no site and no candidate reaches."""
    columns = (
        Column(say(mark("District"))),
        Column(say(mark("People")), "count"),
        Column(say(mark("Homes or blocks")), "count"),
    )
    rows = tuple(
        Row(
            (district_word(row["district"], say.language), row["people"], row["places"]), few=row["people"] < FEW_PEOPLE
        )
        for row in result.get("unreached", [])
    )
    return Table(say(mark("Whom no site and no candidate reaches")), columns, rows)


def _kind(layer: str, language: str) -> str:
    return OTHER_LAND[layer].say(language) if layer in OTHER_LAND else site_word(layer, language)


def _chart(result: dict[str, Any], say: Say) -> Chart | None:
    if not result["chosen"]:
        return None
    bars = [
        Bar(label=f"{place['rank']}. {place['name'] or place['ref']}", value=place["adds_people"], tone=3)
        for place in result["chosen"][:20]
    ]
    text = ChartText(
        title=say(mark("What each place adds")), description=say(mark("People whom it reaches and none before it.")),
        columns=(say(mark("Place")), say(mark("People"))), language=say.language,
    )  # fmt: skip
    return bar_chart(bars, text, form=lambda value: number(value, say.language))


def _cautions(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    found = [assessed_words(result["now"]["not_assessed"], say.language)]
    if result["infeasible"]:
        told = mark(
            "No site, and no candidate within the limits, reaches {people} people in {places} places: look for other "
            "land, or allow more."
        )
        people, places = (number(result[name], say.language) for name in ("infeasible", "infeasible_places"))
        found.append(say(told, people=people, places=places))
    asked = result.get("sites")
    if result["model"] != "lscp" and asked and len(result["chosen"]) < asked:
        found.append(say(mark("Fewer places than asked for: no other would add anybody, or fit.")))
    return tuple(found)


def _method(result: dict[str, Any], say: Say) -> tuple[str, ...]:
    told = [say(GOAL_WORDS[result["model"]])]
    told.append(say(mark("{count} candidates were weighed."), count=number(result["offered"], say.language)))
    if result["group"]:
        words = mark("Each person of the group “{group}” counts as {weight}.")
        told.append(
            say(
                words,
                group=group_word(result["group"], say.language),
                weight=number(result["group_weight"], say.language, 2),
            )
        )
    told += [say(note["sentence"], **note["params"]) for note in result["notes"]]
    return tuple(told)
