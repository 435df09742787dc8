"""What of each river is looked after, as a person asks it of the register."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from geocommons.crs import geodesic_length_m
from geocommons.errors import InvalidInput
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.runs.keep import read_output
from tests.make import TODAY, hold, hold_too, load, names_told, suppose, write_layer
from tests.make import ask as ask_kind
from tests.town import add, make_town

RIVER = shapely.LineString([(5.0, 52.0), (5.03, 52.0), (5.05, 52.01)])
LENGTH_M = geodesic_length_m(RIVER)


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    brook = shapely.LineString([(5.0, 52.02), (5.01, 52.02)])
    rows = [{"ref": "R1", "name": "Vecht", "geometry": RIVER}, {"ref": "R2", "name": "", "geometry": brook}]
    load(store, write_layer(tmp_path / "rivers.gpkg", rows), "rivers")
    hold(
        store, tmp_path,
        "rivers,R1,Wandelclub,group,responsibility,stewardship,0,1000,2026-01-01,2027-01-01,A-1,,",
        "rivers,R1,Roeiclub,group,responsibility,stewardship,2000,2500,2026-03-01,,A-2,,",
        "rivers,R1,School,group,responsibility,stewardship,500,1500,2026-02-01,,A-3,requested,",
    )  # fmt: skip
    return Settings(data_dir=tmp_path / "var")


def ask(store: Store, settings: Settings, day: date = TODAY) -> dict[str, Any]:
    return ask_kind(store, settings, "rivers", day=day).result


def metres(part: dict[str, Any]) -> list[float]:
    return [part[name] for name in ("length_m", "adopted_m", "conflict_m", "free_m")]


def test_a_river_is_adopted_in_conflict_and_free_by_the_metre(store: Store, settings: Settings) -> None:
    vecht, brook = ask(store, settings)["rivers"]
    assert (vecht["ref"], vecht["name"]) == ("R1", "Vecht")
    assert metres(vecht) == pytest.approx([LENGTH_M, 1_500, 500, LENGTH_M - 1_500], abs=0.002)
    assert vecht["free"] == [[1_000, 2_000], [2_500, round(LENGTH_M, 3)]]
    assert (brook["adopted_m"], brook["free"]) == (0, [[0, brook["length_m"]]])


def test_the_question_can_be_asked_of_any_day(store: Store, settings: Settings) -> None:
    days = {"2025-12-31": 0, "2026-01-01": 1_000, "2026-03-01": 1_500, "2026-12-31": 1_500, "2027-01-01": 500}
    assert {
        day: ask(store, settings, date.fromisoformat(day))["totals"]["adopted_m"] for day in days
    } == days  # fmt: skip


def test_districts_divide_the_metres_and_lose_none(store: Store, settings: Settings) -> None:
    half = {"name": "West", "geometry": shapely.box(4.9, 51.9, 5.01, 52.1)}
    add(store, settings, "districts", [half])
    result = ask(store, settings)
    assert set(result["districts"]) == {"West", ""}
    for name in ("length_m", "adopted_m", "conflict_m", "free_m"):
        assert sum(part[name] for part in result["districts"].values()) == pytest.approx(
            result["totals"][name], abs=0.01
        )
    assert result["districts"]["West"]["adopted_m"] == pytest.approx(0.01 * 68_677, abs=5)


def test_free_stretches_are_drawn_and_as_long_as_they_say(store: Store, settings: Settings) -> None:
    run = ask_kind(store, settings, "rivers")
    free, adopted = read_output(settings, run, "free"), read_output(settings, run, "adopted")
    assert free["river"].tolist() == ["R1", "R1", "R2"]
    for row in free.itertuples():
        assert geodesic_length_m(row.geometry) == pytest.approx(row.length_m, abs=0.1)
    assert free["length_m"].sum() == pytest.approx(run.result["totals"]["free_m"], abs=0.01)
    assert adopted[["from_m", "to_m", "claims"]].to_numpy().tolist() == [[0, 500, 1], [500, 1000, 2], [2000, 2500, 1]]


def test_a_new_claim_makes_a_new_answer(store: Store, settings: Settings, tmp_path: Path) -> None:
    first = ask_kind(store, settings, "rivers")
    assert ask_kind(store, settings, "rivers").id == first.id
    hold(store, tmp_path, "rivers,R2,Kano,group,responsibility,stewardship,,,2026-01-01,,A-4,,")
    second = ask_kind(store, settings, "rivers")
    assert second.id != first.id and second.result["rivers"][1]["free"] == []


def test_a_claim_to_the_end_leaves_no_sliver_where_an_agreement_rounded_it(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    hold(store, tmp_path, "rivers,R2,Kano,group,responsibility,stewardship,0.4,686.0,2026-01-01,,A-4,,")
    brook = ask(store, settings)["rivers"][1]
    assert brook["length_m"] == pytest.approx(686.3, abs=0.2)
    assert (brook["free"], brook["adopted_m"]) == ([], brook["length_m"])


def test_a_layer_of_areas_is_not_measured(store: Store, settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="by the stretch"):
        ask_kind(store, settings, "rivers", layer="gardens")


def test_a_register_without_rivers_has_none(store: Store, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    add(store, settings, "districts", [{"name": "West", "geometry": shapely.box(4.9, 51.9, 5.01, 52.1)}])
    result = ask(store, settings)
    assert (result["rivers"], result["districts"], result["totals"]["length_m"]) == ([], {}, 0)


@pytest.fixture
def beside(store: Store, tmp_path: Path) -> Settings:
    """A river of 1,373 m, 56 m beside the street of a town: 500 m of a club, of which 200 m are another's too."""
    settings = make_town(store, tmp_path)
    river = {"ref": "R", "name": "Vliet", "geometry": shapely.LineString([(5.0, 52.0005), (5.02, 52.0005)])}
    load(store, write_layer(tmp_path / "rivers.gpkg", [river]), "rivers")
    hold(store, tmp_path, "rivers,R,Wandelclub,group,responsibility,stewardship,0,500,2026-01-01,,A-1,,")
    hold_too(store, "rivers", "R", "Zephyrine", "person", "2026-02-01", 300, 700)
    return settings


def depths(part: dict[str, Any]) -> list[float]:
    return [part[name] for name in ("none_m", "once_m", "more_m")]


def test_depth_counts_the_metres_that_nobody_one_and_several_hold(store: Store, beside: Settings) -> None:
    depth = ask(store, beside)["depth"]
    (river,) = depth["rivers"]
    assert depths(river) == [pytest.approx(river["length_m"] - 700, abs=0.002), 500, 200]
    assert depths(depth["totals"]) == depths(river) and river["depth_max"] == 2
    west, east = depth["districts"]["West"], depth["districts"]["Oost"]
    assert (west["once_m"], west["more_m"], east["once_m"]) == (500, 200, 0)
    assert west["none_m"] + east["none_m"] == pytest.approx(river["none_m"], abs=0.002)
    assert depths(ask(store, beside, date(2026, 1, 15))["depth"]["totals"])[1:] == [500, 0]


def test_each_steward_holds_metres_alone_and_with_others(store: Store, beside: Settings) -> None:
    stewards = ask(store, beside)["depth"]["stewards"]
    assert [[one["kind"], one["length_m"], one["alone_m"], one["shared_m"]] for one in stewards] == [
        ["group", 500, 300, 200],
        ["person", 400, 200, 200],
    ]


def test_overlaps_are_listed_and_drawn(store: Store, beside: Settings) -> None:
    run = ask_kind(store, beside, "rivers")
    (overlap,) = run.result["overlaps"]
    assert [overlap[name] for name in ("river", "from_m", "to_m", "depth_max")] == ["R", 300, 500, 2]
    assert geodesic_length_m(read_output(beside, run, "overlaps").geometry[0]) == pytest.approx(200, abs=0.1)
    adopted = read_output(beside, run, "adopted")
    assert adopted[["from_m", "to_m", "depth"]].to_numpy().tolist() == [[0, 300, 1], [300, 500, 2], [500, 700, 1]]


def test_what_is_free_is_offered_by_the_people_and_streets_near(store: Store, beside: Settings, tmp_path: Path) -> None:
    (offer,) = ask(store, beside)["offers"]
    assert [offer[name] for name in ("rank", "from_m", "people", "access")] == [1, 700, 210, 1]
    assert offer["street_m"] == pytest.approx(55.6, abs=0.2)
    hold(store, tmp_path, "rivers,R,School,group,responsibility,stewardship,1000,1300,2026-04-01,,A-3,requested,")
    run = ask_kind(store, beside, "rivers")
    assert [(one["from_m"], one["to_m"]) for one in run.result["offers"]] == [(700, 1000)], "what is asked for is not"
    assert read_output(beside, run, "offers")["rank"].tolist() == [1]


def test_without_streets_and_people_nothing_is_offered_and_that_is_said(store: Store, settings: Settings) -> None:
    run = ask_kind(store, settings, "rivers")
    assert run.result["offers"] is None and "offers" not in run.outputs
    assert "needs streets and people" in names_told(store, run)


def test_a_brook_counts_for_the_river_that_it_ends_in(store: Store, beside: Settings, tmp_path: Path) -> None:
    brook = {"ref": "B", "name": "Beek", "geometry": shapely.LineString([(5.005, 52.004), (5.005, 52.0005)])}
    load(store, write_layer(tmp_path / "brook.gpkg", [brook]), "rivers")
    depth = ask(store, beside)["depth"]
    (catchment,) = depth["catchments"]
    assert (catchment["ref"], catchment["reaches"]) == ("R", 2)
    assert depths(catchment) == pytest.approx(depths(depth["totals"]), abs=0.001)


def test_canals_that_drain_in_a_circle_have_no_catchments_and_that_is_said(store: Store, tmp_path: Path) -> None:
    corners = [(5.0, 52.0), (5.01, 52.0), (5.005, 52.01), (5.0, 52.0)]
    ring = [
        {"ref": f"K{side}", "name": "Gracht", "geometry": shapely.LineString(corners[side : side + 2])}
        for side in range(3)
    ]
    load(store, write_layer(tmp_path / "ring.gpkg", ring), "rivers")
    run = ask_kind(store, Settings(data_dir=tmp_path / "var"), "rivers")
    assert run.result["depth"]["catchments"] is None and len(run.result["depth"]["rivers"]) == 3
    assert "drain in a circle" in names_told(store, run)


def test_a_scenario_makes_stewards_that_have_no_name(store: Store, beside: Settings) -> None:
    scenario = suppose(store, {"do": "adopt", "layer": "rivers", "ref": "R", "from_m": 600, "to_m": 1000})
    run = ask_kind(store, beside, "rivers", scenario=scenario)
    assert depths(run.result["depth"]["totals"])[1:] == [700, 300]
    supposed = [one for one in run.result["depth"]["stewards"] if one["party"] < 0]
    assert [[one["length_m"], one["alone_m"], one["shared_m"]] for one in supposed] == [[400, 300, 100]]
    assert "A new steward" in names_told(store, run)


def test_stewards_are_named_only_where_they_agreed(store: Store, beside: Settings) -> None:
    run = ask_kind(store, beside, "rivers")
    assert "Wandelclub" not in str(run.result) and "Zephyrine" not in str(run.result)
    told = names_told(store, run)
    assert "Wandelclub" in told and "A resident" in told and "Zephyrine" not in told
    assert "Een bewoner" in names_told(store, run, "nl")
