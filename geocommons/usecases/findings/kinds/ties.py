"""What was found of who works with whom, in words and as a map of the network."""

from functools import partial
from typing import Any

from geocommons.files.charts.chart import Chart, ChartText
from geocommons.files.charts.network import MOST_NODES, Edge, Node, network_chart
from geocommons.language import Say, mark, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import number
from geocommons.usecases.findings.document import Column, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.names import Names, party_words

MOST_TIES = 200


def ties(run: Run, language: str, names: Names) -> Findings:
    """Return the findings of ties, parties called as `names` allows."""
    result = run.result
    totals = result["totals"]
    say = Say(language)
    called = party_words(result["parties"], names, language)
    tables = (_parties(result["parties"], called, say), _ties(result["ties"], called, say), _groups(result, say))
    return Findings(
        title=say(mark("Who works with whom")),
        sentence=_sentence(result, called, say),
        figures=(
            figure(totals["ties"], "count", say(mark("ties")), language),
            figure(totals["parties"], "count", say(mark("parties")), language),
            figure(len(result["components"]), "count", say(mark("groups that are tied")), language),
            figure(totals["isolates"], "count", say(mark("work alone")), language, alarm=True),
        ),
        tables=tuple(table for table in tables if table.rows),
        charts=_charts(result, called, say),
        cautions=(say(UNSEEN), *([] if result["members"] else [say(NO_MEMBERS)])),
        measure=totals["ties"],
        measure_kind="count",
        method=(say(TIED), say(BETWEEN)),
        layers=(
            MapLayer("shared", say(mark("Sites that several look after")), "points", value="parties", key="site_id",
                     kind="count"),
        ),
    )  # fmt: skip


UNSEEN = mark(
    "Only work that the register knows of makes a tie. Whoever did not agree to be named is called by what kind of "
    "party it is."
)
NO_MEMBERS = mark("Ties by membership of one group were left out.")
TIED = mark(
    "Two parties are tied if they had tenures on one site at the same time, on a river on some of the same metres. A "
    "tie weighs as many sites as they shared, and as many groups as they both belong to (STEW-MAP, USFS GTR-NRS-156)."
)
BETWEEN = mark(
    "How often a party links two others is its betweenness: the part of all shortest ways between two others that "
    "leads through it (Freeman 1977, exact by Brandes 2001). Without it some lose each other if those around it would "
    "fall apart."
)


def _sentence(result: dict[str, Any], called: dict[int, str], say: Say) -> str:
    totals = result["totals"]
    if not totals["ties"]:
        return say(mark("Nobody shares a site with another party, as far as the register knows."))
    told = translate_plural(
        mark("{parties} parties have {count} tie with each other; {alone} work alone."),
        mark("{parties} parties have {count} ties with each other; {alone} work alone."),
        totals["ties"],
        say.language,
    )
    tied = number(totals["parties"] - totals["isolates"], say.language)
    said = told.format(
        parties=tied, count=number(totals["ties"], say.language), alone=number(totals["isolates"], say.language)
    )
    if result["brokers"]:
        broker = mark("{party} links others most often.")
        said += " " + say(broker, party=called[result["brokers"][0]])
    return said


def _charts(result: dict[str, Any], called: dict[int, str], say: Say) -> tuple[Chart, ...]:
    """Return the map of those who have ties, of the most tied where they are more than can be read."""
    shown = [one for one in result["parties"] if one["degree"]][:MOST_NODES]
    if not shown:
        return ()
    at = {one["party"]: place for place, one in enumerate(shown)}
    text = ChartText(
        title=say(mark("Who works with whom")),
        description=say(mark("The larger, the more ties; rings link parts that would fall apart without them.")),
        columns=[say(mark("Name")), say(mark("Ties"))],
        language=say.language,
    )
    edges = [
        Edge(a=at[tie["one"]], b=at[tie["other"]], weight=tie["weight"])
        for tie in result["ties"]
        if tie["one"] in at and tie["other"] in at
    ]
    nodes = [Node(label=called[one["party"]], marked=one["cut_point"]) for one in shown]
    return (network_chart(nodes, edges, text, form=partial(number, language=say.language)),)


def _parties(parties: list[dict[str, Any]], called: dict[int, str], say: Say) -> Table:
    columns = (
        Column(say(mark("Party"))),
        Column(say(mark("Ties")), "count"),
        Column(say(mark("Shared sites and groups")), "count"),
        Column(say(mark("How often it links two others")), "share"),
        Column(say(mark("Without it"))),
    )
    rows = tuple(
        Row(
            (
                called[one["party"]], one["degree"], one["strength"], one["betweenness"],
                say(mark("some lose each other")) if one["cut_point"] else None,
            )
        )
        for one in parties
        if one["degree"]
    )  # fmt: skip
    return Table(say(mark("Who has most ties")), columns, rows)


def _ties(ties: list[dict[str, Any]], called: dict[int, str], say: Say) -> Table:
    columns = (
        Column(say(mark("Party"))),
        Column(say(mark("with"))),
        Column(say(mark("Sites")), "count"),
        Column(say(mark("Days together")), "count"),
        Column(say(mark("Shared groups")), "count"),
    )
    heaviest = sorted(ties, key=lambda tie: (-tie["weight"], -tie["days"], tie["one"], tie["other"]))
    rows = tuple(
        Row((called[tie["one"]], called[tie["other"]], tie["sites"], tie["days"], tie["bodies"] or None))
        for tie in heaviest[:MOST_TIES]
    )
    return Table(say(mark("Who works with whom")), columns, rows)


def _groups(result: dict[str, Any], say: Say) -> Table:
    columns = (
        Column(say(mark("Group")), "count"),
        Column(say(mark("Parties")), "count"),
        Column(say(mark("Ties")), "count"),
    )
    rows = tuple(
        Row((place, group["parties"], group["ties"])) for place, group in enumerate(result["components"], start=1)
    )
    return Table(say(mark("Groups that are tied, the largest first")), columns, rows)
