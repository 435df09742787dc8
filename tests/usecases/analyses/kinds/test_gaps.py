"""Where nobody is served, as a person asks it of the register."""

from pathlib import Path

import pytest
import shapely

from geocommons.store.engine import Store
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.runs.keep import read_output
from geocommons.usecases.standards import keep_standard
from tests.make import NOW, ask, load, square, write_layer
from tests.town import add, house, make_town, plant, street


def test_gaps_are_ranked_by_people_and_say_where_they_are_and_what_is_near(store: Store, tmp_path: Path) -> None:
    town = make_town(store, tmp_path)
    add(store, town, "population", [house(0), house(13), house(14, people=30), house(19, people=15, older=5)])
    run = ask(store, town, "gaps", supply=["gardens"])
    first, second = run.result["gaps"]
    assert (first["rank"], first["people"], first["district"], first["places"]) == (1, 40, "Oost", 2)
    assert (second["rank"], second["people"], second["groups"]) == (2, 15, {"older": 5})
    assert first["nearest"] == {"layer": "gardens", "ref": "G0", "name": "Tuin 0"}
    # By people: 10 at 12 steps of 68.68 m from the garden, 30 at 13.
    assert first["distance_m"] == pytest.approx((10 * 12 + 30 * 13) * 68.68 / 40, abs=0.5)
    assert shapely.box(*first["bbox"]).contains(shapely.Point(5.0135, 52.0))
    assert run.result["totals"] == {
        "people": 65, "served": 10, "unserved": 55, "not_assessed": 0, "share": 0.1538, "gaps": 2,
    }  # fmt: skip
    frame = read_output(town, run, "gaps")
    assert (frame["rank"].tolist(), frame.crs.to_epsg(), len(read_output(town, run, "demand"))) == ([1, 2], 4326, 4)


def test_the_distance_of_a_standard_is_told_and_not_the_ten_minutes_of_a_question_without(
    store: Store, tmp_path: Path
) -> None:
    run = ask(store, make_town(store, tmp_path), "gaps", supply=["gardens"], standard="who-300m")
    assert [run.result[name] for name in ("reach_m", "method", "minutes")] == [300, "straight", None]
    assert "farther than 300 m in a straight line from gardens" in say_findings(run, "en").sentence


def test_people_have_the_reason_of_the_first_test_of_a_standard_that_they_do_not_meet(
    store: Store, tmp_path: Path
) -> None:
    town = make_town(store, tmp_path)
    straight = {"method": "straight"}
    tests = [
        {"id": "near", "words": "Near", "reach_m": 150, **straight},
        {"id": "large", "words": "Large", "reach_m": 500, "min_area_m2": 1e6, **straight},
    ]
    keep_standard(store, {"id": "ours", "title": "Ours", "tests": tests}, now=NOW)
    result = ask(store, town, "gaps", supply=["gardens"], standard="ours").result
    # Houses 0 to 3 are near the garden, which is too small for them; 4 is just too far from it, the rest far.
    assert result["totals"]["unserved"] == 220
    assert {code: people for code, people in result["reasons"].items() if people} == {
        "small": 40, "beyond": 10, "none": 170,
    }  # fmt: skip


def test_a_town_that_is_served_has_no_gaps(store: Store, tmp_path: Path) -> None:
    town = make_town(store, tmp_path)
    plant(store, tmp_path, 0, 10, 18)
    run = ask(store, town, "gaps", supply=["gardens"])
    assert run.result["gaps"] == []
    assert len(read_output(town, run, "gaps")) == 0


def test_people_whom_no_street_leads_anywhere_have_a_nearest_site_but_no_distance(store: Store, tmp_path: Path) -> None:
    town = make_town(store, tmp_path)
    add(store, town, "streets", [street(0, 9), street(10, 20)])
    add(store, town, "population", [house(0), house(15)])
    run = ask(store, town, "gaps", supply=["gardens"])
    (gap,) = run.result["gaps"]
    assert (gap["unreachable"], gap["distance_m"], gap["nearest"]["ref"]) == (10, None, "G0")


def test_without_sites_and_districts_every_place_is_a_gap_without_a_nearest(store: Store, tmp_path: Path) -> None:
    town = make_town(store, tmp_path)
    run = ask(store, town, "gaps", supply=["storm-drains"])
    assert [gap["nearest"] for gap in run.result["gaps"]] == [None]


def test_a_gap_says_why_it_is_one_and_which_land_might_close_it(store: Store, tmp_path: Path) -> None:
    town = make_town(store, tmp_path)
    lot = {"ref": "V1", "name": "Braak", "geometry": square(16)}
    load(store, write_layer(tmp_path / "lots.gpkg", [lot]), "vacant-lots")
    (gap,) = ask(store, town, "gaps", supply=["gardens"]).result["gaps"]
    # Houses 13 to 18 live within 1.5 times the reach of the garden, 19 and 20 do not.
    assert gap["reasons"] == [["beyond", 60], ["none", 20]]
    assert [(place["layer"], place["ref"]) for place in gap["land"]] == [("vacant-lots", "V1")]


def test_a_gap_names_its_districts_every_reason_and_the_land_inside_it(store: Store, tmp_path: Path) -> None:
    town = make_town(store, tmp_path)
    lots = [{"ref": "V1", "name": "Braak", "geometry": square(16)},
            {"ref": "V2", "name": "Ver", "geometry": square(16, 1, size=0.3)}]  # fmt: skip
    load(store, write_layer(tmp_path / "lots.gpkg", lots), "vacant-lots")
    # The same lot stands in the candidates too, and is named once.
    add(store, town, "candidates", [{"ref": "C1", "name": "Braak", "geometry": shapely.Point(5.0165, 52.0002)}])
    run = ask(store, town, "gaps", supply=["gardens"], minutes=7)
    (gap,) = run.result["gaps"]
    # A walk of 560 m ends at house 9, so that house 10 of West is left out with ten of Oost.
    assert gap["districts"] == [["Oost", 100], ["West", 10]]
    ranked, _, close, lived_in = say_findings(run, "en").tables
    assert ranked.rows[0].cells[1] == "Oost" and close.rows[0].cells[1] == "Oost"
    assert close.rows[0].cells[2] == "no site (64%), a site just too far (36%)"
    assert close.rows[0].cells[3:5] == ("Braak", "Ver")
    assert lived_in.title == "Who lives there" and lived_in.rows[0].cells[:2] == (1, "Oost")
    assert say_findings(run, "en").cautions[0].startswith("10 people live more than 200 m from any street")


def test_a_site_that_nobody_looks_after_is_why_a_gap_is_one_if_stewards_are_asked_for(
    store: Store, tmp_path: Path
) -> None:
    town = make_town(store, tmp_path)
    run = ask(store, town, "gaps", supply=["gardens"], cared_for=True)
    assert run.result["reasons"]["lapsed"] == 130
    assert "nobody looks after it" in str(say_findings(run, "en").tables)


def test_a_gap_that_reaches_into_two_districts_is_cut_at_their_border_if_that_is_asked(
    store: Store, tmp_path: Path
) -> None:
    town = make_town(store, tmp_path)
    whole = ask(store, town, "gaps", supply=["gardens"], minutes=5)
    # Houses 7 to 20 are out of reach; the border of the districts runs between 10 and 11.
    assert [(gap["people"], gap["district"]) for gap in whole.result["gaps"]] == [(140, "Oost")]
    cut = ask(store, town, "gaps", supply=["gardens"], minutes=5, by_district=True)
    assert [(gap["people"], gap["district"]) for gap in cut.result["gaps"]] == [(100, "Oost"), (40, "West")]
    assert "borders of districts" in " ".join(say_findings(cut, "en").method)
    assert len(ask(store, town, "gaps", supply=["gardens"], minutes=5, join_m=10).result["gaps"]) == 14
