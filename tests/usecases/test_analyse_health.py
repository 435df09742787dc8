"""How stewardship fares in a town of five gardens, with figures that anybody can count."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from geocommons.errors import InvalidInput
from geocommons.model.party import Party
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.stewardship import tenure_frame
from geocommons.usecases.people.merge import merge_parties
from geocommons.usecases.runs.keep import read_output
from tests.make import NOW, TODAY, ask, hold, names_told, suppose
from tests.town import make_town, plant

CARE = "responsibility,stewardship,,"
HELD = (
    f"gardens,G0,Ann,person,{CARE},2025-01-01,,A-1,,",
    f"gardens,G1,Bob,person,{CARE},2022-01-01,2024-01-01,A-2,ended,",
    f"gardens,G1,Club,group,{CARE},2024-02-01,,A-3,,",
    f"gardens,G2,Cor,person,{CARE},2022-05-01,2023-05-01,A-4,ended,",
    f"gardens,G12,Dee,group,{CARE},2025-05-01,2026-04-01,A-5,ended,",
    f"gardens,G13,Eva,person,{CARE},2026-03-01,,A-6,requested,",
)


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    settings = make_town(store, tmp_path)
    plant(store, tmp_path, 1, 2, 12, 13)
    report = hold(store, tmp_path, *HELD)
    assert report.accepted == len(HELD)
    return settings


def figures(part: dict[str, Any]) -> list[int]:
    return [part[name] for name in ("cared_for", "stewards", "on_one_person", "lapsed", "waiting", "requests")]


def test_sites_are_counted_by_what_hangs_on_one_person_lapsed_and_waits(store: Store, settings: Settings) -> None:
    result = ask(store, settings, "health").result
    assert figures(result["totals"]) == [2, 2, 1, 2, 1, 1]
    assert figures(result["by_layer"]["gardens"]) == [2, 2, 1, 2, 1, 1]
    assert figures(result["by_district"]["West"]) == [2, 2, 1, 1, 0, 0]
    assert figures(result["by_district"]["Oost"]) == [0, 0, 0, 1, 1, 1]
    assert result["since"] == "2021-05-01"


def test_lapses_are_divided_by_the_years_that_all_were_watched(store: Store, settings: Settings) -> None:
    rate = ask(store, settings, "health").result["totals"]["lapse_rate"]
    # Up to 90 days before the day asked for: 395 days of Ann, 730 of Bob, 730 of the club, 365 of Cor and 275 of Dee.
    assert (rate["lapses"], rate["undecided"]) == (1, 1)
    assert rate["years"] == pytest.approx(2495 / 365.25, abs=0.001)
    assert rate["per_year"] == pytest.approx(365.25 / 2495, abs=1e-6)
    # Garwood 1936: one event is 0.0253 to 5.5716 events.
    assert [rate["low"], rate["high"]] == pytest.approx([0.0253 / 6.8309, 5.5716 / 6.8309], abs=1e-4)
    sooner = ask(store, settings, "health", successor_days=20).result["totals"]["lapse_rate"]
    assert (sooner["lapses"], sooner["undecided"]) == (3, 0), "a month between Bob and the club is then a lapse"
    assert ask(store, settings, "health", since="2024-01-02").result["totals"]["lapse_rate"]["lapses"] == 0


def test_a_place_that_waited_a_month_for_the_next_steward_was_handed_over(store: Store, settings: Settings) -> None:
    totals = ask(store, settings, "health").result["totals"]
    assert (totals["handover"]["count"], totals["handover"]["quantiles_days"]["50"]) == (1, 31)
    assert (totals["wait"], totals["hours"], totals["overdue"]) == (None, None, None), "not recorded is not 0"


def test_how_long_stewardship_lasts_is_the_product_limit(store: Store, settings: Settings) -> None:
    result = ask(store, settings, "health").result
    (gardens,) = result["survival"]
    # Dee 335 days of 5 that are watched, Cor 365 of 4, Bob 730 of 2; Ann (485) and the club (820) go on.
    assert (gardens["subjects"], gardens["ended"], gardens["median_days"]) == (5, 3, 730)
    assert (gardens["days"], gardens["at_risk"]) == ([335, 365, 730], [5, 4, 2])
    assert gardens["survival"] == pytest.approx([0.8, 0.6, 0.3])
    assert gardens["going_on_days"] == [485, 820]
    assert result["log_rank"] is None, "one layer differs from none"


def test_sites_to_look_at_are_drawn_with_their_state(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "health")
    drawn = read_output(settings, run, "sites")
    expected = [["G12", "lapsed"], ["G2", "lapsed"], ["G13", "waiting"], ["G0", "one_person"]]
    assert drawn[["ref", "state"]].to_numpy().tolist() == expected
    assert [[site["ref"], site["state"]] for site in run.result["sites"]] == expected
    assert run.result["states"] == {"lapsed": 2, "waiting": 1, "lapsing": 0, "one_person": 1}


def test_the_question_can_be_asked_of_a_day_of_the_past(store: Store, settings: Settings) -> None:
    then = ask(store, settings, "health", day=date(2022, 6, 1)).result
    assert figures(then["totals"]) == [2, 2, 2, 0, 0, 0]
    assert figures(ask(store, settings, "health", day=date(2020, 1, 1)).result["totals"]) == [0] * 6


def test_two_parties_that_became_one_are_one_steward(store: Store, settings: Settings, tmp_path: Path) -> None:
    hold(store, tmp_path, f"gardens,G2,A. Ann,person,{CARE},2026-01-01,,A-7,,")
    assert ask(store, settings, "health").result["totals"]["stewards"] == 3
    with store.writing() as session:
        ann, also = (session.scalars(select(Party).where(Party.name == name)).one() for name in ("Ann", "A. Ann"))
        merge_parties(session, ann, also, why="One person", now=NOW)
    totals = ask(store, settings, "health").result["totals"]
    assert (totals["stewards"], totals["on_one_person"]) == (2, 2)


def test_a_scenario_adopts_and_closes(store: Store, settings: Settings) -> None:
    adopted = suppose(store, {"do": "adopt", "layer": "gardens", "ref": "G2"})
    totals = ask(store, settings, "health", scenario=adopted).result["totals"]
    assert figures(totals) == [3, 3, 1, 1, 1, 1]
    closed = suppose(store, {"do": "close", "layer": "gardens", "ref": "G0"})
    assert figures(ask(store, settings, "health", scenario=closed).result["totals"]) == [1, 1, 0, 2, 1, 1]


def test_findings_say_it_in_both_languages_and_name_nobody(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "health")
    said, gezegd = names_told(store, run), names_told(store, run, "nl")
    assert "2 sites are looked after (stewards: 2). 1 of them hangs on a single person" in said
    assert "2 plekken worden beheerd (beheerders: 2)" in gezegd
    assert "Hours of care are not recorded yet" in said
    for name in ("Ann", "Bob", "Cor"):
        assert f"'{name}'" not in said and name not in str(run.result)


def test_a_window_that_ends_before_it_begins_is_refused(store: Store, settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="Swap the days"):
        ask(store, settings, "health", since="2026-06-01")


def test_a_register_without_sites_has_no_figures_and_does_not_fail(store: Store, tmp_path: Path) -> None:
    run = ask(store, Settings(data_dir=tmp_path), "health")
    assert figures(run.result["totals"]) == [0] * 6 and run.result["survival"] == []
    assert names_told(store, run)


def test_tenures_are_read_in_one_order_by_party_up_to_the_day(store: Store, settings: Settings, tmp_path: Path) -> None:
    hold(store, tmp_path, f"gardens,G2,Fay,person,{CARE},2027-01-01,,A-8,requested,")
    with store.reading() as session:
        frame = tenure_frame(session, {"gardens": ["stewardship"], "rivers": ["stewardship"]}, TODAY)
        nothing = tenure_frame(session, {}, TODAY)
    assert frame[["ref", "kind", "status"]].to_numpy().tolist() == [
        ["G0", "person", "current"],
        ["G1", "person", "ended"],
        ["G1", "group", "current"],
        ["G12", "group", "ended"],
        ["G13", "person", "requested"],
        ["G2", "person", "ended"],
    ]
    assert nothing.empty and list(nothing.columns) == list(frame.columns)
