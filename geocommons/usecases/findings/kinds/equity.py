"""Whether what sites give is spread fairly, in words."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from geocommons.analysis.equity.rates import UNCERTAINTY
from geocommons.files.charts.bars import Bar, bar_chart
from geocommons.files.charts.chart import Chart, ChartText, Reference
from geocommons.files.charts.curves import Curve, lorenz_chart
from geocommons.files.charts.points import scatter_chart
from geocommons.language import Say, mark, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import metres, number, percent
from geocommons.usecases.findings.document import CellKind, Column, Figure, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.fairness import clear, group_people, verdict, worst_first
from geocommons.usecases.findings.words.service import (
    assessed_words,
    distance_words,
    district_word,
    group_word,
    reach_words,
    supply_words,
)
from geocommons.usecases.findings.words.sharing import (
    FORMULAS,
    HEADS,
    amount_words,
    hours_words,
    standard_words,
    tidy,
    weight_words,
)

FEWEST_DISTINCT = 3
TITLES: Mapping[str, str] = {
    "served": mark("Who lives out of reach"),
    "distance": mark("Who lives far from a site"),
    "access": mark("Who has how much"),
}
GATHERS: Mapping[str, str] = {
    "served": mark("Living out of reach"),
    "distance": mark("Living far away"),
    "access": mark("What there is"),
}
SLIGHT = 0.02
"""An index nearer to 0 is said to be about the same."""
STATE_WORDS: Mapping[str, str] = {
    "island": mark("no neighbour to compare with"),
    "excluded": mark("nobody lives there, or it could not be assessed"),
}
OUTCOME_KINDS: Mapping[str, CellKind] = {"served": "share", "distance": "metres", "access": "number"}
"""How each outcome is written."""


def equity(run: Run, language: str) -> Findings:
    """Return the findings on fairness."""
    result = run.result
    say = Say(language)
    tables = (
        _groups(result, say),
        _spread(result, say),
        _districts(result, say),
        _untested(result, say),
    )
    charts = (_group_chart(result, say), _lorenz(result, say), _moran(result, say))
    return Findings(
        title=say(mark("Whether it is fair")),
        sentence=verdict(run, language),
        details=(*_gathers(result, say), *_hot(result, say)),
        figures=_figures(result, say),
        tables=tuple(table for table in tables if table.rows),
        charts=tuple(chart for chart in charts if chart is not None),
        cautions=_cautions(result, say),
        method=_method(run, say),
        layers=(
            MapLayer("demand", say(mark("Where the worse off live together (Gi*)")), "states", value="hot_spot"),
            MapLayer("demand", say(mark("Places beside their neighbours (local Moran)")), "states", value="cluster"),
            MapLayer("districts", say(mark("By district")), "classes", value="share", key="district", kind="share",
                     about=say(mark("Share in hot spots"))),
        ),
    )  # fmt: skip


def _form(result: Mapping[str, Any], language: str) -> Callable[[float], str]:
    """Return how the outcome of a run is written."""
    forms: dict[str, Callable[..., str]] = {"served": percent, "distance": metres, "access": amount_words}
    return partial(forms[result["outcome"]], language=language)


def _head(result: Mapping[str, Any], say: Say) -> str:
    heads = {"served": mark("Out of reach"), "distance": mark("Distance"), "access": HEADS.get(result["measure"], "")}
    return say(heads[result["outcome"]])


def _gathers(result: Mapping[str, Any], say: Say) -> list[str]:
    """Return at which end of the rank it gathers, in words and as an index."""
    found = result["concentration"]
    index = None if found is None else found["index" if found["erreygers"] is None else "erreygers"]
    if found is None or not index or not found["group"] or not result["mean"] or not result["sites"]:
        return []
    figures = {"group": group_people(found["by"], say.language, lower=True), "index": number(index, say.language, 2)}
    if abs(index) < SLIGHT:
        return [say(mark("It is about the same where many and where few {group} live."), **figures)]
    what = say(GATHERS[result["outcome"]])
    told = mark("{what} gathers where few {group} live (concentration index {index}).")
    if index < 0:
        told = mark("{what} gathers where many {group} live (concentration index {index}).")
    return [say(told, what=what, **figures)]


def _hot(result: Mapping[str, Any], say: Say) -> list[str]:
    hot = result["clusters"]["hot_spots"].get("hot")
    if not hot:
        return []
    told = mark("{people} people live where the worse off cluster more than chance would have it.")
    return [say(told, people=number(hot["people"], say.language))]


def _figures(result: Mapping[str, Any], say: Say) -> tuple[Figure, ...]:
    spread, mean, form = result["inequality"], result["mean"], _form(result, say.language)
    labels = {
        "served": mark("of people live out of reach"),
        "distance": mark("to the nearest site on average"),
        "access": HEADS.get(result["measure"], ""),
    }
    outcome, value = result["outcome"], "–" if mean is None else form(mean)
    figures = [
        figure(mean, OUTCOME_KINDS[outcome], say(labels[outcome]), say.language, alarm=outcome == "served", value=value)
    ]
    if spread["gini"] is not None:
        figures.append(
            figure(round(spread["gini"], 2), "number", say(mark("Gini: 0 is the same for all")), say.language)
        )
    hot = result["clusters"]["hot_spots"].get("hot", {"people": 0})
    figures.append(
        figure(hot["people"], "count", say(mark("people in hot spots")), say.language, alarm=hot["people"] > 0)
    )
    return tuple(figures)


def _groups(result: Mapping[str, Any], say: Say) -> Table:
    rates = result["outcome"] == "served"
    columns = [Column(say(mark("Group"))), Column(say(mark("People")), "count")]
    columns.append(Column(_head(result, say), OUTCOME_KINDS[result["outcome"]]))
    if rates:
        columns += [Column(say(mark("At least"))), Column(say(mark("At most")))]
    columns.append(Column(say(mark("Times as much as others")), "number"))
    rows = []
    for row in worst_first(result):
        value = tidy(row["value"]) if result["outcome"] == "access" else row["value"]
        ends = (
            [None if row[end] is None else percent(row[end], say.language) for end in ("low", "high")] if rates else []
        )
        ratio = None if row["ratio"] is None else round(row["ratio"], 2)
        cells = (group_word(row["name"], say.language), row["people"], value, *ends, ratio)
        rows.append(Row(cells, key=row["name"], few=row["few"]))
    hint = say(mark("Groups of fewer than 50 people have no figures.")) if any(row.few for row in rows) else ""
    return Table(say(mark("By group of people")), tuple(columns), tuple(rows), hint)


def _spread(result: Mapping[str, Any], say: Say) -> Table:
    spread, gathered = result["inequality"], result["concentration"]
    rows = [
        (mark("Gini coefficient"), spread["gini"], mark("0: all have the same; 1: one has everything")),
        (mark("Palma ratio"), spread["palma"], mark("what the tenth with most has, by what the 40% with least have")),
        (mark("Theil’s T"), spread["theil"], mark("0: all have the same")),
        (
            mark("of it between districts"),
            spread["between_share"],
            mark("1: only districts differ, not people in them"),
        ),
    ]
    if gathered:
        told = mark("below 0: it gathers at the low end of the rank")
        rows += [
            (mark("Concentration index"), gathered["index"], told),
            (mark("Concentration index (Erreygers)"), gathered["erreygers"], told),
        ]
    columns = (Column(say(mark("Measure"))), Column(say(mark("Figure")), "number"), Column(say(mark("How to read it"))))
    shown = tuple(Row((say(name), round(value, 3), say(told))) for name, value, told in rows if value is not None)
    return Table(say(mark("How unequal it is")), columns, shown)


def _districts(result: Mapping[str, Any], say: Say) -> Table:
    columns = (
        Column(say(mark("District"))),
        Column(say(mark("People")), "count"),
        Column(say(mark("In hot spots")), "count"),
        Column(say(mark("In cold spots")), "count"),
        Column(say(mark("Share in hot spots")), "share"),
    )
    parts = sorted(result["clusters"]["districts"].items(), key=lambda part: (-part[1]["hot"], part[0]))
    rows = tuple(
        Row((district_word(name, say.language), part["people"], part["hot"], part["cold"], part["share"]), key=name)
        for name, part in parts
    )
    return Table(say(mark("Where the worse off and the better off live together")), columns, rows)


def _untested(result: Mapping[str, Any], say: Say) -> Table:
    columns = (Column(say(mark("District"))), Column(say(mark("People")), "count"), Column(say(mark("Why not tested"))))
    rows = tuple(
        Row((district_word(row["district"], say.language), row["people"], say(STATE_WORDS[row["why"]])),
            box=tuple(row["box"]))
        for row in result["clusters"]["untested"]
    )  # fmt: skip
    return Table(say(mark("Places that could not be compared with their neighbours")), columns, rows)


def _group_chart(result: Mapping[str, Any], say: Say) -> Chart | None:
    rows = [row for row in worst_first(result) if row["value"] is not None]
    if not rows or result["mean"] is None:
        return None
    form, rates = _form(result, say.language), result["outcome"] == "served"
    heads = [say(mark("Group")), _head(result, say)]
    if any(row["low"] is not None for row in rows):
        heads += [say(mark("At least")), say(mark("At most"))]
    told = say(mark("The whiskers are 95% intervals; the line is the whole city.")) if rates else ""
    text = ChartText(title=say(TITLES[result["outcome"]]), description=told, columns=heads, language=say.language)
    bars = [
        Bar(label=group_word(row["name"], say.language), value=row["value"], low=row["low"], high=row["high"],
            marked=clear(row, result["outcome"]))
        for row in rows
    ]  # fmt: skip
    city = Reference(value=result["mean"], label=f"{say(mark('City'))}: {form(result['mean'])}")
    return bar_chart(bars, text, form=form, reference=city)


def _lorenz(result: Mapping[str, Any], say: Say) -> Chart | None:
    spread = result["inequality"]
    if not spread["lorenz"]:
        return None
    parts = len(spread["lorenz"]) - 1
    worst_last = result["outcome"] == "distance"
    across = say(mark("People, nearest first")) if worst_last else say(mark("People, least served first"))
    text = ChartText(
        title=say(mark("How evenly it is spread")),
        description=say(mark("The further the line hangs, the less even.")),
        columns=(across,),
        x_label=across,
        y_label=say(mark("Share of all metres")) if worst_last else say(mark("Share of all that serves")),
        language=say.language,
    )
    curve = Curve(label=_curve_word(result, say), xs=[n / parts for n in range(parts + 1)], ys=spread["lorenz"])
    gini = number(spread["gini"], say.language, 2)
    form = partial(percent, language=say.language)
    return lorenz_chart([curve], text, form=form, ginis=[gini], equality=say(mark("All the same")))


def _curve_word(result: Mapping[str, Any], say: Say) -> str:
    words = {"served": mark("Within reach"), "distance": mark("Distance"), "access": HEADS.get(result["measure"], "")}
    return say(words[result["outcome"]])


def _moran(result: Mapping[str, Any], say: Say) -> Chart | None:
    """Return the plot of places beside their neighbours; of a plain yes or no it would be two columns of points."""
    found = result["clusters"]
    if not found.get("points") or found["distinct"] < FEWEST_DISTINCT:
        return None
    own, others = say(mark("Burden here (standardised)")), say(mark("Burden of the neighbours"))
    text = ChartText(
        title=say(mark("Neighbours are alike")) if found["moran"] > 0 else say(mark("Neighbours differ")),
        description=say(
            mark("Moran’s I is {figure}. Rings are places that chance hardly makes."),
            figure=number(found["moran"], say.language, 2),
        ),
        columns=(say(mark("Place")), own, others),
        x_label=own,
        y_label=others,
        language=say.language,
    )
    labels = [district_word(name, say.language) for name, *_ in found["points"]]
    xs, ys, marked = zip(*(point[1:] for point in found["points"]), strict=True)
    form = partial(number, language=say.language, digits=1)
    return scatter_chart(labels, xs, ys, text, form=form, slope=found["moran"], marked=marked)


def _cautions(result: Mapping[str, Any], say: Say) -> tuple[str, ...]:
    clusters, found = result["clusters"], []
    if not result["groups"]:
        found.append(say(mark("The population counts no groups, so nobody can be compared. Add group_… columns.")))
    if result["not_assessed"]:
        told = mark("{people} people could not be assessed: no street is near. They are in no figure here.")
        found.append(say(told, people=number(result["not_assessed"], say.language)))
    else:
        found.append(assessed_words(0, say.language))
    if result["unreachable"] and result["sites"]:
        told = mark("{people} people live where no street leads to any site.")
        if result["outcome"] == "distance":
            told = mark("{people} people live where no street leads to any site; they are in no figure here.")
        found.append(say(told, people=number(result["unreachable"], say.language)))
    if result["outcome"] == "served" and result["groups"]:
        found.append(UNCERTAINTY.say(say.language))
        told = mark("Neighbours share their distance to a site, so that chance reaches further than the range says.")
        found.append(say(told))
    if clusters["refusal"]:
        found.append(say(clusters["refusal"]["sentence"], **clusters["refusal"]["params"]))
    if clusters.get("weak") and not set(clusters["quadrants"]) & {"HH", "LL", "HL", "LH"}:
        found.append(say(mark("So few permutations cannot tell so many places apart (local Moran). Ask for more.")))
    return (*found, *_left_out(clusters, say.language))


def _left_out(clusters: Mapping[str, Any], language: str) -> list[str]:
    """Return how many places have no neighbour, or no rate."""
    states, found = clusters["hot_spots"], []
    if "island" in states:
        count = states["island"]["places"]
        told = translate_plural(
            mark("{count} place has no neighbour, and was not tested."),
            mark("{count} places have no neighbour, and were not tested."),
            count,
            language,
        )
        found.append(told.format(count=number(count, language)))
    if "excluded" in states and not clusters["refusal"]:
        count = states["excluded"]["places"]
        told = translate_plural(
            mark("{count} place has no figure, and was not tested."),
            mark("{count} places have no figure, and were not tested."),
            count,
            language,
        )
        found.append(told.format(count=number(count, language)))
    return found


def _method(run: Run, say: Say) -> tuple[str, ...]:
    result, clusters = run.result, run.result["clusters"]
    compared = say(mark("everybody else"))
    if result["reference"]:
        compared = group_people(result["reference"], say.language, lower=True)
    gaps = {"supply": supply_words(run.params["supply"], say.language), "others": compared}
    nearest = mark("What counts is the nearest of {supply}; each group is compared with {others}.")
    within = mark("What counts are {supply} within {reach}; each group is compared with {others}.")
    first = nearest if result["outcome"] == "distance" else within
    told = [
        say(first, reach=reach_words(result, say.language), **gaps),
        say(distance_words(result)),
        *standard_words(result, say.language),
    ]
    if result["weights"]:
        told += [say(FORMULAS["e2sfca"]), weight_words(result["weights"], say.language), *hours_words(result, say)]
    told.append(
        say(
            mark(
                "Gini, Palma (2011) and Theil’s T (Shorrocks 1980) are weighted by people. The concentration index is "
                "that of Kakwani, Wagstaff & van Doorslaer (1997), for yes or no that of Erreygers (2009)."
            )
        )
    )
    neighbours = say(mark("the nearest {n}"), n=result["nearest"])
    if clusters["neighbours"] == "queen":
        neighbours = say(mark("areas that touch"))
    told.append(
        say(
            mark(
                "Hot spots are by Gi* (Ord & Getis 1995) and local Moran’s I (Anselin 1995; {n} permutations), at 5% "
                "after Benjamini & Hochberg (1995); neighbours are {neighbours}. Hot is where people are worse off."
            ),
            n=number(result["permutations"], say.language), neighbours=neighbours,
        )
    )  # fmt: skip
    return tuple(told)
