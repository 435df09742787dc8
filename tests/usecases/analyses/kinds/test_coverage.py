"""Who is served, as a person asks it of the register."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely

from geocommons.errors import Conflict, InvalidInput, NotFound, NotReady
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.runs import list_runs
from geocommons.usecases.contexts.add import remove_context
from geocommons.usecases.runs.keep import read_output
from geocommons.usecases.standards import keep_standard
from tests import make
from tests.make import NOW, TODAY, hold, load, square, write_layer
from tests.town import HOUSES, add, house, make_town, plant, street

YESTERDAY = TODAY - timedelta(days=1)
FIVE = ("people", "served", "unserved", "not_assessed", "share")


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Settings:
    return make_town(store, tmp_path)


def ask(store: Store, settings: Settings, *, day: date = TODAY, **asked: object) -> Run:
    return make.ask(store, settings, "coverage", day=day, **({"supply": ["gardens"]} | asked))


def figures(part: dict[str, object]) -> tuple[object, ...]:
    return tuple(part[name] for name in FIVE)


def test_people_within_ten_minutes_along_the_street_are_served(store: Store, town: Settings) -> None:
    result = ask(store, town).result
    # The garden runs from house 0 to house 1; house 12 is 11 steps of 68.7 m from it, house 13 is 824 m away.
    assert figures(result) == (220, 130, 80, 10, 0.5909)
    assert (result["sites"], result["method"], result["reach_m"], result["at"]) == (1, "walk", 800, "2026-05-01")


def test_districts_and_groups_add_up_to_the_town(store: Store, town: Settings) -> None:
    result = ask(store, town).result
    assert figures(result["districts"]["West"]) == (110, 110, 0, 0, 1)
    assert figures(result["districts"]["Oost"]) == (100, 20, 80, 0, 0.2)
    assert figures(result["districts"][""]) == (10, 0, 0, 10, 0)
    assert figures(result["groups"]["older"]) == (44, 26, 16, 2, 0.5909)
    for name in FIVE[:4]:
        assert sum(part[name] for part in result["districts"].values()) == result[name]


def test_a_straight_line_reaches_who_lives_far_from_any_street(store: Store, town: Settings) -> None:
    assert figures(ask(store, town, straight=True, metres=1_200.0).result)[:4] == (220, 200, 20, 0)
    run = ask(store, town, straight=True, minutes=5.0)
    assert (run.result["reach_m"], run.result["method"]) == (400, "straight")


def test_the_same_question_is_answered_once(store: Store, town: Settings) -> None:
    first, second = ask(store, town), ask(store, town)
    assert first.id == second.id
    with store.reading() as session:
        assert len(list_runs(session, "coverage")) == 1
    assert ask(store, town, minutes=5.0).id != first.id


def test_an_answer_is_made_anew_when_an_input_or_its_file_changed(store: Store, town: Settings, tmp_path: Path) -> None:
    first = ask(store, town)
    plant(store, tmp_path, 0, 18)
    second = ask(store, town)
    assert (second.id != first.id, second.result["unserved"]) == (True, 0)
    add(store, town, "population", [house(20)])
    third = ask(store, town)
    assert third.result["people"] == 10
    (town.runs_dir / third.outputs["demand"]).unlink()
    again = ask(store, town)
    assert again.id != third.id and again.inputs == third.inputs


def test_a_retired_garden_serves_until_the_day_it_is_retired(store: Store, town: Settings, tmp_path: Path) -> None:
    plant(store, tmp_path, 18, retire_missing=True, record="D-1")
    assert ask(store, town, day=YESTERDAY).result["sites"] == 2
    today = ask(store, town).result
    assert (today["sites"], today["districts"]["West"]["served"]) == (1, 40)


def test_only_gardens_with_a_steward_serve_if_that_is_asked(store: Store, town: Settings, tmp_path: Path) -> None:
    plant(store, tmp_path, 0, 18)
    line = "gardens,G18,Buurtgroep,group,responsibility,stewardship,,,2026-01-01,,A-1,,"
    hold(store, tmp_path, line)
    assert ask(store, town, cared_for=True).result["sites"] == 1
    assert ask(store, town, cared_for=True, day=date(2025, 12, 31)).result["served"] == 0
    assert ask(store, town).result["sites"] == 2


def test_a_town_without_a_site_has_nobody_served(store: Store, town: Settings) -> None:
    result = ask(store, town, supply=["vacant-lots"]).result
    assert (result["sites"], result["served"], result["unserved"], result["not_assessed"]) == (0, 0, 210, 10)
    assert set(result["quantiles_m"].values()) == {None}


def test_layers_serve_together(store: Store, town: Settings, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "lots.gpkg", [{"ref": "V1", "geometry": square(18)}]), "vacant-lots")
    run = ask(store, town, supply=["vacant-lots", "gardens", "gardens"])
    assert (run.result["supply"], run.result["sites"], run.result["unserved"]) == (["gardens", "vacant-lots"], 2, 0)


def test_the_demand_says_how_far_and_where_to(store: Store, town: Settings) -> None:
    demand = read_output(town, ask(store, town), "demand")
    assert len(demand) == HOUSES + 1
    assert demand["nearest_ref"].fillna("nowhere").tolist() == ["G0"] * HOUSES + ["nowhere"]
    assert demand["distance_m"].iloc[5] == pytest.approx(4 * 68.7, abs=0.5)
    assert np.isnan(demand["distance_m"].iloc[-1])
    assert demand["state"].iloc[-1] == "not_assessed"


def test_people_whom_no_street_leads_to_a_garden_are_unserved_and_counted(store: Store, town: Settings) -> None:
    add(store, town, "streets", [street(0, 9), street(10, 20)])
    result = ask(store, town, minutes=100.0).result
    assert (result["served"], result["unserved"], result["unreachable"]) == (100, 110, 110)


def test_the_way_to_a_garden_that_was_lent_a_parcel_ends_at_its_own_point(
    store: Store, town: Settings, tmp_path: Path
) -> None:
    wide = square(0, size=9.0)
    load(store, write_layer(tmp_path / "parcels.gpkg", [{"ref": "P", "geometry": wide}]))
    gate = square(8, 0).centroid
    file = write_layer(tmp_path / "points.gpkg", [{"ref": "G0", "geometry": gate}])
    load(store, file, "gardens", on="clt-parcels")
    result = ask(store, town, straight=True, metres=100.0).result
    assert result["served"] == 20


def test_what_is_missing_is_named_with_the_command_that_adds_it(store: Store, town: Settings) -> None:
    remove_context(store, town, "districts")
    assert ask(store, town).result["districts"] == {}
    remove_context(store, town, "streets")
    with pytest.raises(NotReady, match="geocommons context add streets FILE"):
        ask(store, town)
    assert ask(store, town, straight=True).result["people"] == 220
    remove_context(store, town, "population")
    with pytest.raises(NotReady, match="geocommons context add population FILE"):
        ask(store, town, straight=True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"supply": []}, "--supply"),
        ({"minutes": 0.0}, "more than 0"),
        ({"metres": -5.0}, "more than 0"),
        ({"minutes": float("nan")}, "not a number"),
        ({"supply": ["castles"]}, "no layer “castles”"),
    ],
)
def test_a_question_without_an_answer_is_refused(
    store: Store, town: Settings, asked: dict[str, object], said: str
) -> None:
    with pytest.raises((InvalidInput, NotFound), match=said):
        ask(store, town, **asked)


def test_a_run_that_fails_is_kept_with_its_reason(store: Store, town: Settings) -> None:
    town.runs_dir.write_text("not a folder")
    with pytest.raises(OSError, match="exists"):
        ask(store, town)
    with store.reading() as session:
        (run,) = list_runs(session)
    assert (run.state, run.result, run.finished_at is not None) == ("failed", {}, True)
    assert "FileExistsError" in str(run.error)


def test_a_published_standard_says_what_within_reach_means_and_who_meets_which_test(
    store: Store, town: Settings
) -> None:
    result = ask(store, town, standard="who-300m").result
    # The garden is a square of about 70 by 110 m: 0.76 ha; houses 0 to 5 lie within 300 m of it in a straight line.
    assert (result["standard"]["id"], result["method"], result["reach_m"]) == ("who-300m", "straight", 300)
    assert figures(result)[:3] == (220, 60, 160)
    near_home = ask(store, town, standard="accessible-greenspace").result["standard"]
    assert [(test["id"], test["served"]) for test in near_home["tests"]] == [
        ("doorstep", 40), ("local", 0), ("neighbourhood", 0),
    ]  # fmt: skip
    assert (near_home["by_count"], near_home["by_set"][0]) == ([180, 40, 0, 0], [[], 180])
    (capacity,) = near_home["capacity"]
    assert capacity["districts"]["West"]["m2_per_person"] == pytest.approx(7_640 / 110, rel=0.01)


def test_a_city_s_own_standard_is_kept_in_versions_and_asked_by_its_id(store: Store, town: Settings) -> None:
    body = {"id": "near-by", "title": "Near by", "tests": [{"id": "walk", "words": "A walk", "reach_m": 300}]}
    assert keep_standard(store, body, now=NOW).version == 1
    first = ask(store, town, standard="near-by")
    assert keep_standard(store, body, now=NOW).version == 1, "it says nothing new"
    longer = body | {"tests": [{"id": "walk", "words": "A walk", "reach_m": 600}]}
    assert keep_standard(store, longer, now=NOW).version == 2
    second = ask(store, town, standard="near-by")
    assert (first.result["served"], second.result["served"]) == (60, 100)
    with pytest.raises(NotFound, match="no standard “far”.*near-by"):
        ask(store, town, standard="far")
    with pytest.raises(Conflict, match="published"):
        keep_standard(store, body | {"id": "who-300m"}, now=NOW)


@pytest.mark.parametrize("kind", ["coverage", "gaps", "siting", "equity"])
def test_a_standard_without_a_distance_is_refused_where_people_are_within_reach_or_not(
    store: Store, town: Settings, kind: str
) -> None:
    room = {"id": "room", "words": "Room", "capacity_m2_per_person": 30}
    keep_standard(store, {"id": "ours", "title": "Ours", "tests": [room]}, now=NOW)
    with pytest.raises(InvalidInput, match="Standard ours has no test with a distance"):
        make.ask(store, town, kind, supply=["gardens"], standard="ours")


def test_only_sites_that_are_open_at_an_hour_or_have_room_serve(store: Store, town: Settings, tmp_path: Path) -> None:
    rows = [
        {"ref": "A", "opening_hours": "We,Sa 10:00-16:00", "waiting_list": 4, "geometry": square(0)},
        {"ref": "B", "opening_hours": "when it is dry", "waiting_list": 0, "geometry": square(10)},
        {"ref": "G0", "opening_hours": None, "waiting_list": None, "geometry": square(19)},
    ]
    load(store, write_layer(tmp_path / "open.gpkg", rows), "gardens")
    saturday = ask(store, town, open_on="Sa 14:00").result
    assert (saturday["sites"], saturday["unknown_hours"], saturday["served"]) == (1, 2, 130)
    assert ask(store, town, open_on="Mo 14:00").result["sites"] == 0
    assert ask(store, town, with_room=True).result["sites"] == 2
    with pytest.raises(InvalidInput, match="Sa 14:00"):
        ask(store, town, open_on="noon")


def test_hexagons_and_districts_hold_the_same_people_as_the_figures(store: Store, town: Settings) -> None:
    run = ask(store, town, hex_m=200.0)
    hexes, districts = (read_output(town, run, name) for name in ("hexes", "districts"))
    assert (hexes["people"].sum(), hexes["served"].sum(), hexes["not_assessed"].sum()) == (220, 130, 10)
    assert districts.set_index("district")["share"].to_dict() == {"West": 1.0, "Oost": 0.2}


def test_a_district_where_nobody_lives_has_no_people_and_no_rate(store: Store, town: Settings) -> None:
    add(store, town, "districts", [{"name": "Polder", "geometry": shapely.box(6.0, 52.0, 6.1, 52.1)}])
    drawn = read_output(town, ask(store, town), "districts").set_index("district")
    assert drawn.loc["Polder", ["people", "unserved"]].tolist() == [0, 0] and np.isnan(drawn.loc["Polder", "share"])
