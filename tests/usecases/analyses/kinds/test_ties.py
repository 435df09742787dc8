"""Who works with whom in a town of five gardens, with figures that anybody can count."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from geocommons.errors import InvalidInput
from geocommons.model.party import Membership, Party
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.runs.keep import read_output
from tests.make import NOW, ask, hold, hold_too, names_told, suppose
from tests.town import make_town, plant

CARE = "responsibility,stewardship,,"


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    """The bond works with the club, the city and Zephyrine, each on a garden of its own; Solo works alone."""
    settings = make_town(store, tmp_path)
    plant(store, tmp_path, 1, 2, 3)
    hold(
        store, tmp_path,
        f"gardens,G0,Club,group,{CARE},2025-01-01,,A-1,,",
        f"gardens,G1,Stad,municipality,{CARE},2025-01-01,,A-2,,",
        f"gardens,G2,Zephyrine,person,{CARE},2025-01-01,,A-3,,",
        f"gardens,G3,Solo,group,{CARE},2025-01-01,,A-4,,",
    )  # fmt: skip
    for ref in ("G0", "G1", "G2"):
        hold_too(store, "gardens", ref, "Bond", "organisation", "2026-01-01")
    return settings


def test_those_who_look_after_one_site_at_once_are_tied(store: Store, settings: Settings) -> None:
    result = ask(store, settings, "ties").result
    # From 1 January up to and including 1 May.
    assert [(tie["sites"], tie["days"], tie["bodies"], tie["weight"]) for tie in result["ties"]] == [(1, 121, 0, 1)] * 3
    assert result["totals"] == {"parties": 5, "ties": 3, "isolates": 1}
    assert result["components"] == [{"parties": 4, "ties": 3}]


def test_who_stands_between_all_others_is_the_broker(store: Store, settings: Settings) -> None:
    result = ask(store, settings, "ties").result
    bond = result["parties"][0]
    assert (bond["kind"], bond["degree"], bond["cut_point"]) == ("organisation", 3, True)
    # All 3 ways between the 3 others, of 6 pairs of the 4 parties beside it.
    assert bond["betweenness"] == pytest.approx(3 / 6)
    assert result["brokers"] == [bond["party"]]
    assert [one["degree"] for one in result["parties"][1:]] == [1, 1, 1, 0]


def test_a_resident_reads_of_links_without_statistics(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "ties")
    said = say_findings(run, "en")
    assert "links others most often" in said.sentence
    assert [column.title for column in said.tables[0].columns][2:] == [
        "Shared sites and groups", "How often it links two others", "Without it",
    ]  # fmt: skip
    assert "some lose each other" in str(said.tables) and "betweenness" in " ".join(said.method)


def test_ties_are_of_a_day_and_since_another(store: Store, settings: Settings) -> None:
    assert ask(store, settings, "ties", day=date(2025, 12, 31)).result["ties"] == []
    later = ask(store, settings, "ties", since="2026-04-01").result["ties"]
    assert [tie["days"] for tie in later] == [31] * 3
    with pytest.raises(InvalidInput, match="Swap the days"):
        ask(store, settings, "ties", since="2027-01-01")


def test_members_of_one_group_are_tied_where_that_is_asked(store: Store, settings: Settings) -> None:
    with store.writing() as session:
        ids = {
            name: session.scalars(select(Party.id).where(Party.name == name)).one() for name in ("Club", "Zephyrine")
        }
        session.add(
            Membership(
                group_id=ids["Club"], member_id=ids["Zephyrine"], role="member",
                valid_from=date(2025, 1, 1), valid_to=None,
            )
        )  # fmt: skip
    assert ask(store, settings, "ties").result["totals"]["ties"] == 3
    ties = ask(store, settings, "ties", members=True).result["ties"]
    assert [(tie["sites"], tie["bodies"]) for tie in ties if tie["bodies"]] == [(0, 1)]
    assert len(ties) == 4


def test_types_of_tenure_can_be_chosen(store: Store, settings: Settings, tmp_path: Path) -> None:
    hold(store, tmp_path, "gardens,G3,Fonds,organisation,responsibility,sponsorship,,,2026-01-01,,A-5,,")
    assert ask(store, settings, "ties").result["totals"]["ties"] == 4
    alone = ask(store, settings, "ties", tenure=["sponsorship"]).result
    assert alone["totals"] == {"parties": 1, "ties": 0, "isolates": 1}
    with pytest.raises(InvalidInput, match="is no type of tenure"):
        ask(store, settings, "ties", tenure=["kingship"])


def test_sites_that_several_look_after_are_drawn(store: Store, settings: Settings) -> None:
    shared = read_output(settings, ask(store, settings, "ties"), "shared")
    assert shared[["ref", "parties"]].to_numpy().tolist() == [["G0", 2], ["G1", 2], ["G2", 2]]


def test_a_scenario_supposes_no_ties(store: Store, settings: Settings) -> None:
    scenario = suppose(store, {"do": "adopt", "layer": "gardens", "ref": "G3"})
    assert ask(store, settings, "ties", scenario=scenario).result["totals"]["ties"] == 3
    closed = suppose(store, {"do": "close", "layer": "gardens", "ref": "G0"})
    assert ask(store, settings, "ties", scenario=closed).result["totals"]["ties"] == 2


def test_parties_are_named_only_while_they_agree(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "ties")
    told = names_told(store, run)
    assert all(name in told for name in ("Bond", "Club", "A resident"))
    assert "Zephyrine" not in told and "Bond" not in str(run.result)
    for name, agrees in (("Zephyrine", True), ("Club", False)):
        with store.writing() as session:
            party = session.scalars(select(Party).where(Party.name == name)).one()
            (party.agree if agrees else party.withdraw)("reports", NOW, "spoken")
    told = names_told(store, run)
    assert "Zephyrine" in told and "Club" not in told and "A group" in told, "an old run says what may be said now"


def test_a_register_without_ties_says_so(store: Store, tmp_path: Path) -> None:
    run = ask(store, Settings(data_dir=tmp_path), "ties")
    assert run.result["totals"] == {"parties": 0, "ties": 0, "isolates": 0}
    assert "Nobody shares a site" in names_told(store, run)
