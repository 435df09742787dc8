"""How stewardship fares in a town of five gardens, with figures that anybody can count."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from geocommons.errors import InvalidInput
from geocommons.model.party import Party
from geocommons.model.record import Record
from geocommons.model.tenure import Tenure
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.stewardship import tenure_frame
from geocommons.usecases.findings.compare import compare_findings
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.people.merge import merge_parties
from geocommons.usecases.runs.changed import changed_since, changed_words
from geocommons.usecases.runs.keep import read_output
from geocommons.usecases.runs.provenance import input_words
from tests.make import (
    NOW,
    TODAY,
    ask,
    day,
    hold,
    load,
    names_told,
    note_care,
    note_duties,
    square,
    suppose,
    write_layer,
)
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


def test_districts_are_told_apart_in_how_long_stewardship_lasts(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "health")
    east, west = run.result["survival_by_district"]
    # Dee in the east 335 days of one that is watched; Cor 365 of 4 and Bob 730 of 2 in the west.
    assert (east["district"], east["days"], east["survival"]) == ("Oost", [335], [0])
    assert (west["district"], west["days"], west["at_risk"]) == ("West", [365, 730], [4, 2])
    assert west["survival"] == pytest.approx([0.75, 0.375])
    assert run.result["log_rank_by_district"]["degrees"] == 1
    findings = say_findings(run, "en")
    (table,) = (table for table in findings.tables if table.title == "How long stewardship lasts, by district")
    assert [row.cells[:3] for row in table.rows] == [("Oost", 1, 1), ("West", 4, 2)]
    assert any("Districts differ" in told for told in findings.cautions)
    assert [chart.title for chart in findings.charts][-1] == table.title


def test_sites_to_look_at_are_drawn_with_their_state(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "health")
    drawn = read_output(settings, run, "sites")
    expected = [["G12", "lapsed"], ["G2", "lapsed"], ["G13", "waiting"], ["G0", "one_person"]]
    assert drawn[["ref", "state"]].to_numpy().tolist() == expected
    assert [[site["ref"], site["state"]] for site in run.result["sites"]] == expected
    assert run.result["states"] == {"lapsed": 2, "waiting": 1, "overdue": 0, "lapsing": 0, "one_person": 1}


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


def give(store: Store, **minutes: int) -> None:
    """Let people give so many minutes of care at garden 0 in April 2026; capitals are groups."""
    kinds = {name: "group" if name.isupper() else "person" for name in minutes}
    note_care(store, *(("gardens", "G0", who, kinds[who], "2026-04-01", m, 1) for who, m in minutes.items()))


def test_hours_since_the_first_day_are_spread_over_all_stewards(store: Store, settings: Settings) -> None:
    note_care(
        store,
        ("gardens", "G0", "Ann", "person", "2026-05-01", 60, 2),
        ("gardens", "G1", "Club", "group", "2021-05-01", 90, 4),
        ("gardens", "G1", "Club", "group", "2021-04-30", 600, 4),  # before the first day
        ("gardens", "G2", "Cor", "person", "2023-01-01", 60, 1),
        ("gardens", "G12", "Dee", "group", "2025-06-01", 120, 1),
        ("gardens", "G0", "Fay", "person", "2026-05-02", 600, 1),  # the day after
        *(("gardens", "G0", f"Volunteer {n}", "person", "2026-04-01", 60, 1) for n in range(6)),
    )
    run = ask(store, settings, "health")
    # Ann 2, Bob 0, the club 6, Cor 1, Dee 2 and six who gave 1 each and hold nothing.
    hours = run.result["totals"]["hours"]
    assert (hours["stewards"], hours["givers"], hours["hours"]) == (11, 10, 17)
    assert (hours["mean_hours"], hours["median_hours"]) == (round(17 / 11, 3), 1)
    assert hours["top_tenth"] == round(8 / 17, 3), "two of eleven are the busiest tenth"
    # By ranks 1 to 11 of the hours in their order.
    ranked = [0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 6]
    gini = sum((2 * rank - 12) * given for rank, given in enumerate(ranked, start=1)) / (11 * 17)
    assert hours["gini"] == pytest.approx(gini, abs=0.001)
    assert {"care", "duties"} <= set(run.inputs)
    told = names_told(store, run)
    assert "Since 1 May 2021, 10 of 11 stewards gave care: 17 hours." in told and "Ann" not in told
    assert "Hours of care are not recorded" not in told and "Duties with a day are not recorded" in told
    assert "gaven 10 van 11 beheerders zorg: 17 uur" in names_told(store, run, "nl")


def test_hours_that_would_tell_what_one_home_did_are_not_told(store: Store, settings: Settings) -> None:
    give(store, Ann=77, Xerxes=77, Yvo=77, CLUB=77)
    run = ask(store, settings, "health")
    hours = run.result["totals"]["hours"]
    assert {name: value for name, value in hours.items() if value is not None} == {"stewards": 8, "givers": 4}
    told = names_told(store, run)
    assert "their own affair" in told and "1.28" not in told and "5.13" not in told


@pytest.mark.parametrize("language", ["en", "nl"])
def test_first_paragraphs_are_plain_and_statistics_are_in_the_method(
    store: Store, settings: Settings, language: str
) -> None:
    hold(store, settings.data_dir, f"clt-parcels,P0,Zoë,person,{CARE},2020-01-01,2021-01-01,A-9,ended,")
    said = say_findings(ask(store, settings, "health"), language)
    plain = " ".join((said.sentence, *said.details, *said.cautions))
    assert not any(word in plain for word in ("interval", "log", "p =", "p <"))
    assert "95" in " ".join(said.method)


def test_no_two_answers_differ_by_hours_that_few_gave_in_a_layer(store: Store, settings: Settings) -> None:
    give(store, Ann=60, Bob=60, Xerxes=60, Yvo=60, CLUB=60)
    rows = [("clt-parcels", "P0", "Zoë", "person", "2026-04-01", 77, 1)]
    load(store, write_layer(settings.data_dir / "p.gpkg", [{"ref": "P0", "geometry": square(3, 3)}]))
    note_care(store, *rows)
    gardens, both, alone = (
        ask(store, settings, "health", layers=layers)
        for layers in (["gardens"], ["gardens", "clt-parcels"], ["clt-parcels"])
    )
    hours = [run.result["totals"]["hours"]["hours"] for run in (gardens, both, alone)]
    assert hours == [5, 5, None]
    assert both.result["totals"]["hours"]["givers"] == 5
    told = names_told(store, both)
    assert "Hours in 1 of the layers are left out" in told and "can subtract the hours" in told
    assert "Hours in 1" not in names_told(store, gardens)


def test_the_spread_of_hours_that_few_organisations_gave_is_not_told(store: Store, settings: Settings) -> None:
    give(store, CLUB=60, BOND=120)
    hours = ask(store, settings, "health").result["totals"]["hours"]
    assert (hours["hours"], hours["givers"], hours["median_hours"], hours["gini"]) == (3, 2, None, None)
    give(store, BUURT=60, RAAD=60, DORP=60)
    run = ask(store, settings, "health")
    hours = run.result["totals"]["hours"]
    assert (hours["hours"], hours["givers"], hours["top_tenth"]) == (6, 5, None), "a tenth of ten is one of them"
    assert hours["gini"] is not None and "the busiest tenth is a single one" in names_told(store, run)


def test_what_is_overdue_is_counted_by_day_place_and_district(store: Store, settings: Settings) -> None:
    note_duties(
        store,
        ("gardens", "G0", "2026-04-21", None),
        ("gardens", "G0", "2026-05-01", None),  # due on the day itself
        ("gardens", "G1", "2026-04-01", "2026-04-20"),
        ("gardens", "G1", "2026-04-30", "2026-05-01"),
        ("gardens", "G12", "2026-01-21", None),
        ("gardens", "G12", "2026-04-30", None),
    )
    run = ask(store, settings, "health")
    result = run.result
    assert result["totals"]["overdue"] == {"obligations": 3, "sites": 2, "oldest_days": 100}
    assert result["by_layer"]["gardens"]["overdue"]["obligations"] == 3
    late = {name: part["overdue"]["obligations"] for name, part in result["by_district"].items()}
    assert late == {"West": 1, "Oost": 2}
    # Garden 12 lapsed, which presses more; garden 0 hangs on one person, which presses less.
    assert result["states"] == {"lapsed": 2, "waiting": 1, "overdue": 1, "lapsing": 0, "one_person": 0}
    assert [row["state"] for row in result["sites"]] == ["lapsed", "lapsed", "waiting", "overdue"]
    told = names_told(store, run)
    assert "3 duties are overdue (places: 2); the oldest was due by 21 January 2026." in told
    assert "something is overdue" in told and "Duties with a day are not recorded" not in told
    assert "3 verplichtingen zijn te laat" in names_told(store, run, "nl")


def test_what_is_due_again_is_overdue_when_its_days_are_over(store: Store, settings: Settings) -> None:
    note_duties(store, ("gardens", "G0", "2025-01-01", "2026-04-01"), every_days=29)
    totals = ask(store, settings, "health").result["totals"]
    assert totals["overdue"] == {"obligations": 1, "sites": 1, "oldest_days": 1}, "due again on 30 April"
    closed = suppose(store, {"do": "close", "layer": "gardens", "ref": "G0"})
    without = ask(store, settings, "health", scenario=closed).result["totals"]
    assert without["overdue"]["obligations"] == 0, "nothing is due where no garden is"


def test_the_wait_is_from_the_day_somebody_asked(store: Store, settings: Settings) -> None:
    asked = {"A-1": "2024-12-22", "A-3": "2024-01-02", "A-5": "2025-04-01", "A-6": "2026-02-01"}
    with store.writing() as session:
        for tenure in session.scalars(select(Tenure)):
            ref = session.get_one(Record, tenure.record_id).ref
            tenure.requested_on = day(asked[ref]) if ref in asked else None
    run = ask(store, settings, "health")
    # Ann 10 days, the club 30, Dee 30; Eva still waits.
    wait = run.result["totals"]["wait"]
    assert (wait["count"], wait["quantiles_days"]["50"]) == (3, 30)
    assert run.result["by_district"]["Oost"]["wait"]["count"] == 1
    told = names_told(store, run)
    assert "half waited at most 30 days from the day they asked" in told and "From asking to beginning" in told
    assert "the wait from asking to beginning is not told" not in told
    adopted = suppose(store, {"do": "adopt", "layer": "gardens", "ref": "G2"})
    assert ask(store, settings, "health", scenario=adopted).result["totals"]["wait"]["count"] == 3


def test_care_and_duties_are_inputs_of_a_run_that_stands_on_them_only(store: Store, settings: Settings) -> None:
    first, other = (ask(store, settings, kind, **asked) for kind, asked in (("health", {}), ("ties", {})))
    give(store, CLUB=60)
    assert ask(store, settings, "ties").id == other.id
    again = ask(store, settings, "health")
    assert again.id != first.id and again.inputs["care"] != first.inputs["care"]
    assert again.inputs["duties"] == first.inputs["duties"]
    assert ask(store, settings, "health").id == again.id
    assert (input_words("care", "en"), input_words("duties", "nl")) == ("Care that was given", "Wat wanneer moet")
    changed = changed_words(changed_since(store, settings, first), "en")
    assert changed == ["Others now than then: Care that was given."]


def test_two_runs_are_compared_by_hours_and_duties_where_both_have_them(store: Store, settings: Settings) -> None:
    before = ask(store, settings, "health")
    give(store, CLUB=60)
    note_duties(store, ("gardens", "G0", "2026-04-21", None))
    after = ask(store, settings, "health", successor_days=91)
    note_duties(store, ("gardens", "G1", "2026-04-21", None))
    last = ask(store, settings, "health", successor_days=92)
    said = [say_findings(run, "en") for run in (before, after, last)]

    def compared(one: int, other: int) -> dict[object, object]:
        return {
            row.cells[0]: row.cells[3] for row in compare_findings(said[one], said[other], ("1", "2"), "en")[0].rows
        }

    assert compared(1, 2)["duties are overdue"] == "+1" and compared(1, 2)["hours of care"] == "the same"
    assert "hours of care" not in compared(0, 1) and compared(0, 1)["stewards"] == "the same"
    assert "hours of care" not in compared(1, 0)


def test_what_to_look_at_comes_first_and_what_lasts_is_folded_away(store: Store, settings: Settings) -> None:
    tables = say_findings(ask(store, settings, "health"), "en").tables
    assert [table.title for table in tables if not table.fold] == ["Sites to look at", "By layer", "By district"]
    lasting = [table.title for table in tables if table.fold == "How long stewardship lasts"]
    assert lasting == ["How long stewardship lasts, by layer", "How long stewardship lasts, by district"]


def test_sites_of_every_state_are_named_however_many_are_of_the_first(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "health")
    lapsed, other = run.result["sites"][0], run.result["sites"][-1]
    run.result = run.result | {"sites": [*([lapsed] * 9), other], "states": {"lapsed": 9, "one_person": 1}}
    table = say_findings(run, "en").tables[0]
    assert [row.cells[1] for row in table.rows] == ["had a steward, has none"] * 4 + ["hangs on one person"]
    assert table.hint == "The first 4 of each state; the map shows all 10, and the download has them."


def test_findings_say_it_in_both_languages_and_name_nobody(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "health")
    said, gezegd = names_told(store, run), names_told(store, run, "nl")
    assert "2 sites are looked after. 1 of them hangs on a single person" in said
    assert "2 plekken worden beheerd." in gezegd
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


def test_somebody_who_asked_for_a_day_to_come_waits_from_the_day_they_asked(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    before = ask(store, settings, "health").result["totals"]["requests"]
    assert hold(store, tmp_path, f"gardens,G2,Fay,person,{CARE},2027-01-01,,A-8,requested,").rejected == 0
    assert ask(store, settings, "health").result["totals"]["requests"] == before, "nobody noted when she asked"
    with store.writing() as session:
        asked = session.scalars(select(Tenure).where(Tenure.valid_from == day("2027-01-01"))).one()
        asked.requested_on = day("2026-04-01")
    assert ask(store, settings, "health").result["totals"]["requests"] == before + 1
