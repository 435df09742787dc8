"""An answer tells the register's number of a party only while the party may be named."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import select

from geocommons.model.party import Party
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.findings.say import result_in
from geocommons.usecases.findings.words.numbers import without_numbers
from geocommons.usecases.people.consent import change_consents
from tests.make import NOW, ask, hold, hold_too, load, write_layer
from tests.town import make_town, plant

NAME = "Zephyrine Quatrebarbes"
CARE = "responsibility,stewardship"
PARTY_FIELDS = ("party", "one", "other", "brokers")


def numbers_in(part: Any) -> set[int]:
    """Return every number of a party in an answer."""
    if isinstance(part, Mapping):
        own = {number for name in PARTY_FIELDS if name in part for number in numbers(part[name])}
        return own.union(*map(numbers_in, part.values())) if part else own
    return set().union(*map(numbers_in, part)) if isinstance(part, list) else set()


def numbers(value: Any) -> list[int]:
    return value if isinstance(value, list) else [value]


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    """One person looks after two gardens beside a group each, and a stretch of a river; Solo and Jan are alone."""
    settings = make_town(store, tmp_path)
    plant(store, tmp_path, 0, 5, 9)
    river = shapely.LineString([(5.0, 52.002), (5.02, 52.002)])
    load(store, write_layer(tmp_path / "r.gpkg", [{"ref": "R", "geometry": river}]), "rivers")
    hold(
        store, tmp_path,
        f"gardens,G9,Solo,group,{CARE},,,2021-01-01,,A-1,,",
        f"rivers,R,Jan,person,{CARE},600,900,2021-01-01,,A-2,,",
        *(f"gardens,{ref},{NAME},person,{CARE},,,2021-01-01,,A-{ref},," for ref in ("G0", "G5")),
        f"rivers,R,{NAME},person,{CARE},0,500,2021-01-01,,A-R,,",
    )  # fmt: skip
    for ref, other in (("G0", "Tuinclub"), ("G5", "Otters")):
        hold_too(store, "gardens", ref, other, "group", "2022-01-01")
    return settings


@pytest.mark.parametrize("kind", ["ties", "rivers"])
def test_who_may_not_be_named_has_no_number_of_the_register(store: Store, settings: Settings, kind: str) -> None:
    run = ask(store, settings, kind)

    def told() -> set[int]:
        with store.reading() as session:
            return numbers_in(result_in(session, run))

    with store.writing() as session:
        known = {party.name: party.id for party in session.scalars(select(Party))}
        change_consents(session, settings, session.get_one(Party, known[NAME]), ["reports"], now=NOW, how="page")
    assert known[NAME] in told(), "who agreed keeps the number"
    assert known["Jan"] not in told()
    with store.writing() as session:
        change_consents(session, settings, session.get_one(Party, known[NAME]), [], now=NOW, how="page")
    assert {known[NAME], known["Jan"]}.isdisjoint(told()), "in an answer of before, too"
    assert {known["Tuinclub"], known["Otters"]} <= told() or kind == "rivers"


def test_ties_still_join_parties_once_their_numbers_are_others(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "ties")
    with store.reading() as session:
        result = result_in(session, run)
    rows = {row["party"]: row for row in result["parties"]}
    person = next(row for row in result["parties"] if row["degree"] == 2)
    assert (person["kind"], person["party"] < 0, result["brokers"]) == ("person", True, [person["party"]])
    pairs = [{rows[tie["one"]]["kind"], rows[tie["other"]]["kind"]} for tie in result["ties"]]
    assert pairs == [{"person", "group"}] * 2
    alone = next(row for row in result["parties"] if row["degree"] == 0)
    assert (person["component"], alone["component"]) == (0, None)
    assert set(result) == set(run.result) and len(rows) == len(run.result["parties"])


@pytest.mark.parametrize("number", [11, 12, 99])
def test_no_order_tells_between_which_numbers_another_lies(number: int) -> None:
    """10 and 20 are named groups: whatever the number of the person among them, the answer is the same."""
    party = {"kind": "group", "degree": 1, "strength": 1, "betweenness": 0.0, "cut_point": False}
    parties = [party | {"party": one, "component": at // 2} for at, one in enumerate(sorted([5, 10, 20, number]))]
    for row in parties:
        row["kind"] = "person" if row["party"] == number else "group"
    groups = [{"parties": 2, "ties": 1}] * 2
    mates = {5: 20, 10: number}
    ties = [dict(zip(("one", "other"), sorted(pair), strict=True), weight=1) for pair in mates.items()]
    ties = sorted(ties, key=lambda tie: (tie["one"], tie["other"]))
    where = {one: place for place, pair in enumerate(sorted(sorted(pair) for pair in mates.items())) for one in pair}
    parties = [row | {"component": where[row["party"]]} for row in parties]
    result = {"parties": parties, "ties": ties, "components": groups, "brokers": sorted([10, 20, number])}
    told = without_numbers(result, lambda some: {one: "Named" for one in some if one != number})
    assert [row["party"] for row in told["parties"]] == [5, 10, 20, -1]
    assert [row["component"] for row in told["parties"]] == [0, 1, 0, 1]
    assert [(tie["one"], tie["other"]) for tie in told["ties"]] == [(10, -1), (20, 5)]
    assert told["brokers"] == [10, 20, -1]
