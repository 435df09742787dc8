"""Where organisations work in a town of one street, with figures that anybody can count."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geocommons.crs import geodesic_areas_m2
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.runs.keep import read_output
from tests.make import ask, hold, hold_too, load, names_told, note_care, square, suppose, write_layer
from tests.town import add, make_town, plant

CARE = "responsibility,stewardship"


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    """The club has gardens 0 and 4, the bond garden 0 too and 300 m of a river, Zephyrine garden 2: all in West."""
    settings = make_town(store, tmp_path)
    plant(store, tmp_path, 2, 4)
    river = {"ref": "R", "name": "Vliet", "geometry": shapely.LineString([(5.0, 52.003), (5.02, 52.003)])}
    load(store, write_layer(tmp_path / "rivers.gpkg", [river]), "rivers")
    hold(
        store, tmp_path,
        f"gardens,G0,Club,group,{CARE},,,2025-01-01,,A-1,,",
        f"gardens,G4,Club,group,{CARE},,,2025-01-01,,A-2,,",
        f"gardens,G2,Zephyrine,person,{CARE},,,2025-01-01,,A-3,,",
        f"rivers,R,Bond,organisation,{CARE},100,400,2025-01-01,,A-4,,",
    )  # fmt: skip
    hold_too(store, "gardens", "G0", "Bond", "organisation", "2026-01-01")
    return settings


def area_m2(*shapes: Any) -> float:
    return float(geodesic_areas_m2(np.array(shapes, dtype=object)).sum())


def test_turf_is_the_ground_of_each_organisation(store: Store, settings: Settings) -> None:
    club, bond = sorted(ask(store, settings, "turf").result["turfs"], key=lambda one: one["kind"])
    assert (club["kind"], club["sites"], club["length_m"]) == ("group", 2, 0)
    assert club["area_m2"] == pytest.approx(area_m2(square(0), square(4)), rel=1e-3)
    assert (bond["kind"], bond["sites"]) == ("organisation", 2)
    assert bond["length_m"] == pytest.approx(300, rel=1e-3)
    assert bond["area_m2"] == pytest.approx(area_m2(square(0)), rel=1e-3)


def test_turf_may_be_the_ground_around_all_sites(store: Store, settings: Settings) -> None:
    club = next(one for one in ask(store, settings, "turf", shape="hull").result["turfs"] if one["kind"] == "group")
    around = shapely.union_all([square(0), square(4)]).convex_hull
    assert club["area_m2"] == pytest.approx(area_m2(around), rel=1e-3)


def test_ground_that_two_share_is_theirs_both(store: Store, settings: Settings) -> None:
    (shared,) = ask(store, settings, "turf").result["overlaps"]
    assert shared["area_m2"] == pytest.approx(area_m2(square(0)), rel=1e-3)
    assert (shared["points"], shared["length_m"]) == (0, 0)


def test_districts_count_who_works_there_and_tell_who_lives_where_none_does(store: Store, settings: Settings) -> None:
    result = ask(store, settings, "turf").result
    assert [(one["name"], one["turfs"], one["people"]) for one in result["places"]] == [
        ("Oost", 0, 100),
        ("West", 2, 110),
    ]
    assert result["totals"] == {
        "organisations": 2, "places": 2, "shared_places": 1, "empty_places": 1, "empty_people": 100,
    }  # fmt: skip


def test_a_home_in_two_districts_is_where_coverage_has_it(store: Store, settings: Settings) -> None:
    both = shapely.box(4.99, 51.99, 5.03, 52.005)
    add(store, settings, "districts", [{"name": "West", "geometry": both}, {"name": "Oost", "geometry": both}])
    where = {one["name"]: one["people"] for one in ask(store, settings, "turf").result["places"]}
    covered = ask(store, settings, "coverage", supply=["gardens"]).result["districts"]
    assert where == {"Oost": 210, "West": 0}
    assert where["Oost"] == covered["Oost"]["people"]


def test_cells_count_everybody_once(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "turf", cell_m=300)
    drawn = read_output(settings, run, "places")
    assert drawn["people"].sum() == 220
    assert drawn.loc[drawn["turfs"] == 0, "people"].sum() == run.result["totals"]["empty_people"] > 0
    assert set(drawn["turfs"]) == {0, 1, 2}


def test_layers_can_be_chosen(store: Store, settings: Settings) -> None:
    result = ask(store, settings, "turf", layers=["rivers"]).result
    assert [(one["kind"], one["sites"], one["area_m2"]) for one in result["turfs"]] == [("organisation", 1, 0)]


def test_people_by_themselves_have_no_turf_and_organisations_are_named(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "turf")
    told = names_told(store, run)
    assert "Club" in told and "Bond" in told and "Zephyrine" not in told and "A resident" not in told
    assert "Club" not in str(run.result)
    assert "100 mensen wonen in gebieden waar er geen werkt" in names_told(store, run, "nl")


def test_care_of_a_year_is_laid_against_turf(store: Store, settings: Settings) -> None:
    note_care(
        store,
        ("gardens", "G0", "Club", "group", "2026-05-01", 60, 3),
        ("gardens", "G2", "Club", "group", "2026-04-01", 60, 1),  # Zephyrine's garden
        ("gardens", "G0", "Club", "group", "2025-05-01", 600, 1),  # over a year ago
        ("rivers", "R", "Bond", "organisation", "2025-05-02", 90, 1),
        ("gardens", "G4", "Bond", "organisation", "2026-01-01", 30, 1),
        ("gardens", "G4", "Schipper", "municipality", "2026-01-01", 30, 1),  # has no turf
        ("gardens", "G0", "Zephyrine", "person", "2026-01-01", 777, 1),
    )
    run = ask(store, settings, "turf")
    table = {one["kind"]: [one[name] for name in ("sites", "hours", "own_hours", "untended")]
             for one in run.result["turfs"]}  # fmt: skip
    assert table == {"group": [2, 4, 3, 0], "organisation": [2, 2, 1.5, 0], "municipality": [0, 0.5, 0, 0]}
    assert run.result["care"] == {"hours": 6.5, "own_hours": 4.5, "untended": 0}
    assert run.result["totals"]["organisations"] == 2, "who has no turf looks after no site"
    assert read_output(settings, run, "turf")["own_hours"].sum() == 4.5
    told = names_told(store, run)
    assert "Schipper" in told and "Zephyrine" not in told and "12.95" not in told
    assert "Of 6.5 hours of care that organisations gave in a year, 69% happened on their own ground." in told
    assert "Where care happens is not recorded yet" not in told and "Hours on own ground" in told
    assert "gebeurde 69% op hun eigen grond" in names_told(store, run, "nl")
    assert "care" in run.inputs


def test_sites_that_nobody_tended_are_told_by_organisation(store: Store, settings: Settings) -> None:
    note_care(store, ("gardens", "G4", "Zephyrine", "person", "2026-04-01", 60, 1))
    run = ask(store, settings, "turf")
    # Zephyrine tended the club's garden 4; nobody came to garden 0, which is the club's and the bond's, nor the river.
    assert {one["kind"]: one["untended"] for one in run.result["turfs"]} == {"group": 1, "organisation": 2}
    assert "No organisation gave care in a year." in names_told(store, run)
    closed = suppose(store, {"do": "close", "layer": "gardens", "ref": "G0"})
    supposed = ask(store, settings, "turf", scenario=closed).result["turfs"]
    assert {one["kind"]: one["untended"] for one in supposed} == {"group": 0, "organisation": 1}


def test_without_care_noted_the_table_has_no_hours_and_the_caution_stays(store: Store, settings: Settings) -> None:
    run = ask(store, settings, "turf")
    told = names_told(store, run)
    assert run.result["care"] is None and "hours" not in run.result["turfs"][0]
    assert "Where care happens is not recorded yet" in told and "Hours on own ground" not in told


def test_a_register_without_anything_has_no_turf(store: Store, tmp_path: Path) -> None:
    run = ask(store, Settings(data_dir=tmp_path), "turf")
    assert (run.result["turfs"], run.result["places"], run.result["overlaps"]) == ([], [], [])
    assert "not known" in names_told(store, run)
