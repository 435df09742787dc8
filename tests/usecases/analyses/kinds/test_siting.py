"""Where the next sites should go, as a planner asks it of the register."""

from pathlib import Path

import pytest
import shapely

from geocommons.errors import InvalidInput
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.runs.keep import read_output
from geocommons.usecases.scenarios import scenario_of_siting
from geocommons.usecases.standards import keep_standard
from tests.make import NOW, ask, hold, load, square, write_layer
from tests.town import add, house, make_town


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Settings:
    """A street of 21 houses with a garden at its western end, and vacant lots at houses 4, 14 and 19."""
    settings = make_town(store, tmp_path)
    lots = [{"ref": f"V{at}", "name": f"Braak {at}", "geometry": square(at)} for at in (4, 14, 19)]
    load(store, write_layer(tmp_path / "lots.gpkg", lots), "vacant-lots")
    return settings


def chosen(store: Store, town: Settings, **asked: object) -> list[str]:
    result = ask(store, town, "siting", supply=["gardens"], **asked).result
    return [place["ref"] for place in result["chosen"]]


def test_the_lot_that_brings_most_people_within_reach_comes_first_and_says_what_it_adds(
    store: Store, town: Settings
) -> None:
    result = ask(store, town, "siting", supply=["gardens"], sites=1).result
    (place,) = result["chosen"]
    # The garden reaches houses 0 to 12; the lot at 14 all others, the one at 4 houses up to 16, the one at 19 all too.
    assert (place["ref"], place["adds"], place["adds_people"]) == ("V14", 80, 80)
    assert (result["now"]["served"], result["served_then"], result["optimal"]) == (130, 210, True)
    assert (result["bound"], result["gap"], result["offered"]) == (80, 0, 3)


def test_by_a_standard_of_several_tests_places_are_chosen_and_people_counted_by_its_first_distance(
    store: Store, town: Settings
) -> None:
    near = {"method": "straight", "reach_m": 150}
    tests = [
        {"id": "room", "words": "Room", "capacity_m2_per_person": 30},
        {"id": "near", "words": "Near", **near},
        {"id": "large", "words": "Large", **near, "min_area_m2": 1e6},
    ]
    keep_standard(store, {"id": "ours", "title": "Ours", "tests": tests}, now=NOW)
    run = ask(store, town, "siting", supply=["gardens"], sites=1, standard="ours")
    (place,), result = run.result["chosen"], run.result
    # Of the first distance the garden reaches houses 0 to 3, lot 4 houses 2 to 7, lot 14 houses 12 to 17, 19 the rest.
    assert (result["reach_m"], result["method"], place["ref"], place["adds"]) == (150, "straight", "V14", 60)
    assert (result["now"]["served"], result["served_then"], result["infeasible"]) == (40, 100, 50)
    assert any("2 tests of a distance" in told for told in say_findings(run, "en").method)


def test_places_that_would_add_nobody_are_left_out_and_must_and_must_not_are_kept(store: Store, town: Settings) -> None:
    assert chosen(store, town, sites=3) == ["V14"]
    assert set(chosen(store, town, sites=2, must="V4")) == {"V4", "V14"}
    assert chosen(store, town, sites=1, must_not="V14") == ["V19"]
    with pytest.raises(InvalidInput, match="not among the candidates"):
        chosen(store, town, must="V5")


def test_a_budget_buys_what_helps_most_for_it_and_money_keeps_its_cents(store: Store, town: Settings) -> None:
    run = ask(store, town, "siting", supply=["gardens"], sites=None, budget="150.50", cost_each="100.10")
    assert [place["cost"] for place in run.result["chosen"]] == ["100.10"]
    assert run.result["total_cost"] == "100.10"
    with pytest.raises(InvalidInput, match="budget"):
        chosen(store, town, must="V4,V19", budget="150", cost_each="100")


def test_shortest_walks_longest_walk_and_everybody_are_other_goals(store: Store, town: Settings) -> None:
    medians = ask(store, town, "siting", supply=["gardens"], goal="p_median", sites=1)
    median = medians.result
    assert median["objective"] < median["start"] and len(median["chosen"]) == 1
    centers = ask(store, town, "siting", supply=["gardens"], goal="p_center", sites=1, proof_s=20)
    center = centers.result
    assert center["optimal"] and center["objective"] <= 7 * 68.7
    assert "The mean walk is then" in say_findings(medians, "en").sentence
    assert "The longest walk of anybody is then" in say_findings(centers, "en").sentence
    cover = ask(store, town, "siting", supply=["gardens"], goal="lscp", minutes=3, proof_s=20).result
    assert cover["infeasible"] > 0 and cover["chosen"]


def test_whom_no_candidate_reaches_is_told_by_district_and_drawn(store: Store, town: Settings) -> None:
    run = ask(store, town, "siting", supply=["gardens"], minutes=3, sites=1)
    left = {row["district"]: row["people"] for row in run.result["unreached"]}
    assert sum(left.values()) == run.result["infeasible"] == 20 and set(left) == {"West"}
    assert run.result["now"]["not_assessed"] == 10, "who lives far from any street is not told twice"
    drawn = read_output(town, run, "demand").groupby("state")["people"].sum()
    assert drawn["unreached"] == run.result["infeasible"]
    (table,) = (table for table in say_findings(run, "en").tables if "no candidate" in table.title)
    assert {row.cells[0]: row.cells[1] for row in table.rows} == left


def test_a_group_that_counts_more_draws_the_site_to_it(store: Store, town: Settings) -> None:
    crowd = [house(5, people=60, older=0), house(18, people=40, older=40)]
    add(store, town, "population", crowd)
    assert chosen(store, town, sites=1, minutes=1) == ["V4"]
    assert chosen(store, town, sites=1, minutes=1, group="older", group_weight=2) == ["V19"]
    with pytest.raises(InvalidInput, match="no group “tall”.*older"):
        chosen(store, town, group="tall")


def test_points_that_a_planner_names_are_candidates_too(store: Store, town: Settings) -> None:
    assert chosen(store, town, candidates=["rivers"], points="5.016,52.0", sites=1) == ["P1"]
    with pytest.raises(InvalidInput, match="no longitude and latitude"):
        chosen(store, town, points="here")
    with pytest.raises(InvalidInput, match="no candidate"):
        chosen(store, town, candidates=["rivers"])


def test_free_reaches_of_a_river_are_candidates_and_what_is_adopted_of_it_serves(
    store: Store, town: Settings, tmp_path: Path
) -> None:
    """A river along the street of 21 houses, of which 400 m at its western end have a steward, and 200 m are wanted."""
    river = shapely.LineString([(5.0, 52.0003), (5.02, 52.0003)])
    load(store, write_layer(tmp_path / "rivers.gpkg", [{"ref": "R1", "name": "Vecht", "geometry": river}]), "rivers")
    care = "responsibility,stewardship"
    hold(store, tmp_path, f"rivers,R1,Club,group,{care},0,400,2026-01-01,,A-1,,",
         f"rivers,R1,School,group,{care},1000,1200,2026-01-01,,A-2,requested,")  # fmt: skip
    asked = {"supply": ["rivers"], "cared_for": True, "metres": 300, "straight": True, "candidates": ["rivers"]}
    run = ask(store, town, "siting", sites=1, **asked)
    # The steward's metres end near house 6, so that houses 0 to 10 are served: not all, as the whole river would.
    # Free are 400 to 1,000 m, and the last 173 m: too short to offer.
    assert (run.result["now"]["served"], run.result["offered"]) == (110, 1)
    (best,) = run.result["chosen"]
    assert best["ref"] == "R1:400-1000" and best["name"] == "Vecht 400–1000 m"
    scenario = scenario_of_siting(store, town, run.id, name="Adopt it", now=NOW)
    assert [(change["do"], change["ref"], change["to_m"]) for change in scenario.changes] == [("adopt", "R1", 1000)]
    then = ask(store, town, "coverage", scenario=scenario.id, **{k: asked[k] for k in ("supply", "cared_for", "metres",
               "straight")}).result  # fmt: skip
    assert then["served"] == run.result["served_then"] > 110


def test_a_choice_becomes_a_scenario_that_any_analysis_takes(store: Store, town: Settings) -> None:
    run = ask(store, town, "siting", supply=["gardens"], sites=1)
    scenario = scenario_of_siting(store, town, run.id, name="One more", now=NOW)
    result = ask(store, town, "coverage", supply=["gardens"], scenario=scenario.id).result
    assert result["served"] == run.result["served_then"]


def test_the_findings_say_how_good_the_choice_is_in_both_languages(store: Store, town: Settings) -> None:
    run = ask(store, town, "siting", supply=["gardens"], sites=1)
    assert "80 people more" in say_findings(run, "en").sentence and "proven" in say_findings(run, "en").sentence
    assert "bewezen" in say_findings(run, "nl").sentence
    assert read_output(town, run, "demand")["state"].value_counts()["gained"] == 8
    assert read_output(town, run, "chosen")["ref"].tolist() == ["V14"]
