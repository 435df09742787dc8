"""What changed between two days, as a person asks it of the register."""

from datetime import date
from pathlib import Path

import pytest

from geocommons.errors import InvalidInput
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.runs.keep import read_output
from tests.make import TODAY, ask, hold
from tests.town import make_town, plant

CARED = "gardens,{ref},Buurtgroep,group,responsibility,stewardship,,,{since},{until},A-{ref},,"


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Settings:
    """A street with a garden at either end: one lost its steward in March, the other found one in April."""
    settings = make_town(store, tmp_path)
    plant(store, tmp_path, 0, 18)
    hold(
        store, tmp_path,
        CARED.format(ref="G0", since="2025-01-01", until="2026-03-01"),
        CARED.format(ref="G18", since="2026-04-01", until=""),
    )  # fmt: skip
    return settings


def test_who_came_within_reach_and_who_fell_out_add_up_to_the_figures_of_both_days(
    store: Store, town: Settings
) -> None:
    result = ask(store, town, "change", supply=["gardens"], cared_for=True, since=date(2026, 1, 1)).result
    # G0 reaches houses 0 to 12, G18 houses 7 to 20: 0 to 6 fell out, 13 to 20 came in, 7 to 12 stayed.
    assert result["change"] == {"gained": 80, "lost": 70, "kept": 60, "unserved": 0, "not_assessed": 10}
    assert (result["before"]["served"], result["after"]["served"]) == (130, 140)
    assert [(row["ref"], row["fate"], row["people_gained"], row["people_lost"]) for row in result["moved_by"]] == [
        ("G18", "gained", 80, 0), ("G0", "lost", 0, 70),
    ]  # fmt: skip
    assert result["districts"]["West"]["lost"] == 70 and result["groups"]["older"]["gained"] == 16


def test_without_an_earlier_day_it_is_a_year_before(store: Store, town: Settings) -> None:
    result = ask(store, town, "change", supply=["gardens"], cared_for=True).result
    assert (result["since"], result["at"]) == ("2025-05-01", TODAY.isoformat())


def test_the_map_shows_people_by_what_changed_and_the_sites_that_moved_it(store: Store, town: Settings) -> None:
    run = ask(store, town, "change", supply=["gardens"], cared_for=True, since=date(2026, 1, 1))
    assert read_output(town, run, "change")["change"].value_counts().to_dict()["gained"] == 8
    assert set(read_output(town, run, "sites")["fate"]) == {"gained", "lost"}
    assert "71%" not in say_findings(run, "en").sentence and "64%" in say_findings(run, "en").sentence
    assert "van de mensen" in say_findings(run, "nl").sentence


def test_the_same_days_are_answered_once_and_a_day_that_is_not_earlier_is_refused(store: Store, town: Settings) -> None:
    first = ask(store, town, "change", supply=["gardens"], since=date(2026, 1, 1))
    assert ask(store, town, "change", supply=["gardens"], since=date(2026, 1, 1)).id == first.id
    with pytest.raises(InvalidInput, match="before 2026-05-01"):
        ask(store, town, "change", supply=["gardens"], since=TODAY)
