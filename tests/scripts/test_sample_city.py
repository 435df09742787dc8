"""The sample city is whole, plausible, the same each time it is made, and says that it is fictional."""

import csv
import json
from collections import defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geocommons.crs import geodesic_length_m, local_metric_crs, total_bbox
from geocommons.layer import Layer, all_layers
from geocommons.model.activity import check_care
from geocommons.model.obligation import Obligation, check_duty
from scripts.make_sample_city import main, make_city

DATA = Path(__file__).parents[2] / "data"
SAMPLE = DATA / "sample"
LAYERS = ["clt-parcels", "rivers", "gardens", "garden-plots", "vacant-lots", "storm-drains"]
CONTEXT = ["streets", "population", "districts", "water", "green", "candidates"]
TENURE_HEADER = (
    "layer,ref,party,party_kind,class,type,from_m,to_m,valid_from,valid_to,record,status,show_name,requested_on"
)
MOST_BYTES = 6_000_000
MOST_CARE_BYTES = 400_000
TAKEN_ON = ("stewardship", "licence", "plot_rental", "ground_lease")


def sites(layer: str, folder: Path = SAMPLE) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(folder / f"{layer}.fgb")


def context(kind: str, folder: Path = SAMPLE) -> gpd.GeoDataFrame:
    return gpd.read_parquet(folder / f"{kind}.parquet")


def in_metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.to_crs(local_metric_crs(total_bbox(frame.geometry.to_numpy())))


def rows(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def overlapping_m2(frame: gpd.GeoDataFrame) -> float:
    """Return the largest area that two shapes of a frame share."""
    shapes = in_metres(frame).geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    shared = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]]))
    return float(shared.max(initial=0))


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city with every parcel in it."""
    folder = tmp_path_factory.mktemp("hamlet")
    make_city(folder, scale=0.3, seed=3, all_parcels=True)
    return folder


def test_the_same_seed_makes_the_same_files(hamlet: Path, tmp_path: Path) -> None:
    make_city(tmp_path, scale=0.3, seed=3, all_parcels=True)
    for file in sorted(hamlet.iterdir()):
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_another_seed_makes_another_city(hamlet: Path, tmp_path: Path) -> None:
    make_city(tmp_path, scale=0.3, seed=4)
    assert (tmp_path / "streets.parquet").read_bytes() != (hamlet / "streets.parquet").read_bytes()


def test_a_smaller_scale_has_fewer_parcels_and_none_overlap(hamlet: Path) -> None:
    parcels = sites("clt-parcels", hamlet)
    assert 1000 < len(parcels) < 6000
    assert parcels.ref.is_unique
    assert overlapping_m2(parcels) < 1


def test_the_data_folder_stays_small() -> None:
    assert sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) <= MOST_BYTES


def test_the_city_says_that_it_is_fictional() -> None:
    about = json.loads((SAMPLE / "city.json").read_text(encoding="utf-8"))
    assert about["fictional"] is True
    assert "fictional" in about["note"]
    assert about["licence"] == "CC0-1.0"
    assert "does not exist" in (DATA / "README.md").read_text(encoding="utf-8")
    west, south, east, north = about["bbox"]
    assert west < 2.6 < east and south < 54.6 < north


@pytest.mark.parametrize("name", LAYERS)
def test_sites_are_valid_and_pass_their_layers_facts(name: str) -> None:
    frame = sites(name)
    layer: Layer[Any] = all_layers()[name]
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.is_valid.all()
    assert set(frame.geom_type) == {layer.geometry_type}
    assert frame.ref.is_unique and frame.ref.notna().all()
    assert {"ref", "name"} <= set(frame.columns) <= {"ref", "name", "geometry", *layer.facts.model_fields}
    for row in frame.drop(columns="geometry").astype(object).to_dict("records"):
        known = {key: value for key, value in row.items() if key in layer.facts.model_fields}
        layer.facts.model_validate({key: value for key, value in known.items() if not pd.isna(value)})


@pytest.mark.parametrize("name", CONTEXT)
def test_context_is_valid_and_not_empty(name: str) -> None:
    frame = context(name)
    assert len(frame) > 5
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.is_valid.all()


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in ("rivers", "storm-drains")])
def test_sites_of_a_layer_do_not_overlap(name: str) -> None:
    assert overlapping_m2(sites(name)) < 1


def test_every_plot_lies_inside_its_garden() -> None:
    gardens = sites("gardens").set_index("ref").geometry
    for plot in sites("garden-plots").itertuples():
        assert gardens[plot.ref.rsplit("-", 1)[0]].contains_properly(plot.geometry), plot.ref


def test_a_polluted_lot_and_an_arterial_drain_are_there_to_be_refused() -> None:
    assert sites("vacant-lots").contaminated.eq(True).any()
    assert sites("storm-drains").on_arterial.any()


def test_enough_people_live_there_and_groups_are_parts_of_them() -> None:
    population = context("population")
    assert 30_000 < population.people.sum() < 80_000
    groups = [name for name in population.columns if name.startswith("group_")]
    assert set(groups) == {"group_children", "group_older", "group_low_income", "group_no_car"}
    for group in groups:
        assert (population[group] <= population.people).all() and (population[group] >= 0).all()


def test_districts_differ_in_income() -> None:
    population = in_metres(context("population"))
    population["geometry"] = population.representative_point()
    districts = context("districts").to_crs(population.crs)
    joined = gpd.sjoin(population, districts, predicate="within").groupby("name")[["people", "group_low_income"]].sum()
    share = joined.group_low_income / joined.people
    assert share.max() > 2.5 * share.min()


def test_the_street_network_is_one_and_has_dead_ends() -> None:
    streets = context("streets")
    count = int(max(streets.from_node.max(), streets.to_node.max())) + 1
    ends = (streets.from_node.to_numpy(), streets.to_node.to_numpy())
    graph = coo_array((np.ones(len(streets)), ends), shape=(count, count))
    assert connected_components(graph, directed=False)[0] == 1
    degree = np.bincount(np.concatenate(ends))
    assert (degree == 1).sum() > 20
    assert set(streets["class"]) >= {"primary", "secondary", "residential", "footway"}


def test_edges_that_share_a_node_meet_there() -> None:
    streets = context("streets")
    lines = streets.geometry.to_numpy()
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    nodes = np.concatenate([streets.from_node, streets.to_node])
    xy = shapely.get_coordinates(ends)
    first = np.zeros((nodes.max() + 1, 2))
    first[nodes] = xy
    assert np.abs(first[nodes] - xy).max() < 2e-6  # degrees: some 10 cm


def test_tenures_name_sites_and_records_that_exist() -> None:
    assert (SAMPLE / "tenures.csv").read_text(encoding="utf-8").splitlines()[0] == TENURE_HEADER
    refs = {layer: set(sites(layer).ref) for layer in LAYERS}
    records = {row["ref"] for row in rows("records.csv")}
    for tenure in rows("tenures.csv"):
        assert tenure["ref"] in refs[tenure["layer"]]
        assert tenure["record"] in records
        assert tenure["status"] in ("", "requested", "refused", "ended")
        assert tenure["class"] in ("right", "restriction", "responsibility")


def test_tenures_cover_five_years_and_every_status() -> None:
    tenures = rows("tenures.csv")
    years = {int(tenure["valid_from"][:4]) for tenure in tenures}
    assert years >= set(range(2021, 2027))
    assert {tenure["status"] for tenure in tenures} == {"", "requested", "refused", "ended"}
    assert {tenure["layer"] for tenure in tenures} == set(LAYERS)


def days(tenure: dict[str, str]) -> tuple[date, date]:
    """Return the first day in force and the first day no longer."""
    end = tenure["valid_to"]
    return date.fromisoformat(tenure["valid_from"]), date.fromisoformat(end) if end else date.max


def test_nothing_is_held_twice_at_one_time() -> None:
    """Two tenures of one type on a site share no day, or on a river no metre on the same day."""
    held = defaultdict(list)
    for tenure in rows("tenures.csv"):
        assert days(tenure)[0] < days(tenure)[1]
        if tenure["status"] in ("", "ended"):
            held[tenure["layer"], tenure["ref"], tenure["type"]].append(tenure)
    for tenures in held.values():
        for one, other in combinations(tenures, 2):
            same_days = max(days(one)[0], days(other)[0]) < min(days(one)[1], days(other)[1])
            if one["layer"] == "rivers":
                starts, ends = (
                    (float(one["from_m"]), float(other["from_m"])),
                    (float(one["to_m"]), float(other["to_m"])),
                )
                same_days = same_days and max(starts) < min(ends)
            assert not same_days, (one, other)


def test_stretches_lie_on_their_river_and_some_are_free() -> None:
    rivers = sites("rivers").set_index("ref").geometry
    adopted_m = 0.0
    for tenure in rows("tenures.csv"):
        if tenure["layer"] == "rivers":
            from_m, to_m = float(tenure["from_m"]), float(tenure["to_m"])
            assert 0 <= from_m < to_m <= geodesic_length_m(rivers[tenure["ref"]])
            adopted_m += (to_m - from_m) * (tenure["status"] == "")
        else:
            assert tenure["from_m"] == tenure["to_m"] == ""
    total_m = sum(geodesic_length_m(line) for line in rivers)
    assert 0.2 * total_m < adopted_m < 0.8 * total_m


def test_no_one_asks_for_what_the_city_refuses() -> None:
    polluted = set(sites("vacant-lots").query("contaminated == True").ref)
    arterial = set(sites("storm-drains").query("on_arterial == True").ref)
    for tenure in rows("tenures.csv"):
        assert tenure["class"] != "responsibility" or tenure["ref"] not in polluted | arterial


def test_only_people_are_asked_whether_they_may_be_shown() -> None:
    for tenure in rows("tenures.csv"):
        assert tenure["show_name"] in ("", "yes")
        assert not tenure["show_name"] or tenure["party_kind"] in ("person", "household")


def last_day() -> str:
    """Return the day that is today in the sample city."""
    return str(json.loads((SAMPLE / "city.json").read_text(encoding="utf-8"))["today"])


def held_by() -> dict[tuple[str, str], list[dict[str, str]]]:
    """Return the tenures of those who take care of each place, of those that are or were in force."""
    held = defaultdict(list)
    for tenure in rows("tenures.csv"):
        if tenure["type"] in TAKEN_ON and tenure["status"] in ("", "ended"):
            held[tenure["layer"], tenure["ref"]].append(tenure)
    return held


def holds(tenure: dict[str, str], day: str) -> bool:
    return tenure["valid_from"] <= day < (tenure["valid_to"] or "9999")


def split_care() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the care of those who held the place on the day, and the care of others."""
    held = held_by()
    own, helping = [], []
    for care in rows("care.csv"):
        mine = [t for t in held[care["layer"], care["ref"]] if t["party"] == care["party"] and holds(t, care["day"])]
        (own if mine else helping).append(care)
    return own, helping


def test_tables_are_what_the_script_makes(tmp_path: Path) -> None:
    make_city(tmp_path, scale=1, seed=7)
    for file in sorted(tmp_path.glob("*.csv")):
        assert (SAMPLE / file.name).read_bytes() == file.read_bytes(), file.name


@pytest.mark.parametrize("name", ["care.csv", "duties.csv"])
def test_each_row_of_care_and_duties_has_a_key_of_its_own_and_a_place_that_exists(name: str) -> None:
    refs = {layer: set(sites(layer).ref) for layer in LAYERS}
    listed = rows(name)
    assert len({row["id"] for row in listed}) == len(listed)
    assert all(row["ref"] in refs[row["layer"]] for row in listed)


def test_care_is_such_as_the_register_takes() -> None:
    listed = rows("care.csv")
    assert 3_000 < len(listed) < 6_000
    assert (SAMPLE / "care.csv").stat().st_size < MOST_CARE_BYTES
    today = date.fromisoformat(last_day())
    for care in listed:
        check_care(
            day=date.fromisoformat(care["day"]), today=today, minutes=int(care["minutes"]), people=int(care["people"])
        )
        assert (care["amount"] == "") == (care["unit"] == "")
        assert care["party_kind"] != "person" or care["people"] == "1"


def test_care_is_given_by_who_holds_the_place_and_here_and_there_by_a_helping_organisation() -> None:
    own, helping = split_care()
    held = {t["party"]: t["layer"] for t in rows("tenures.csv") if t["type"] in ("stewardship", "sponsorship")}
    assert 0 < len(helping) < 0.1 * len(own)
    assert {care["party_kind"] for care in helping} <= {"group", "organisation"}
    assert ("rivers", "gardens") in {(held[care["party"]], care["layer"]) for care in helping}


def test_nobody_helps_on_a_polluted_lot_or_at_a_garden_that_is_not_open() -> None:
    polluted = set(sites("vacant-lots").query("contaminated == True").ref)
    opened = sites("gardens").set_index("ref").opened.astype(str).str[:10].to_dict()
    for care in rows("care.csv"):
        assert care["ref"] not in polluted
        assert care["layer"] != "gardens" or care["day"] >= opened[care["ref"]]


def test_care_follows_the_season() -> None:
    care = pd.DataFrame(rows("care.csv"))
    month = care.day.str[5:7].astype(int)
    by_month = care.groupby(["layer", month]).size().unstack(fill_value=0)
    green = by_month.loc[["gardens", "vacant-lots", "garden-plots"]].sum()
    assert green[[4, 5, 6]].sum() > 3 * green[[12, 1, 2]].sum()
    assert by_month.loc["storm-drains", [10, 11, 12]].sum() > by_month.loc["storm-drains", [4, 5, 6]].sum()
    cleaned = care[(care.layer == "rivers") & (care.kind == "clean-up")]
    assert not set(cleaned.day.str[5:7]) & {"04", "05", "06"}  # birds breed on the banks
    assert cleaned.unit.eq("bags").all()
    assert cleaned.people.astype(int).median() > 2 * care[care.layer == "storm-drains"].people.astype(int).median()


def test_a_few_give_most_and_some_who_hold_a_place_never_noted_anything() -> None:
    care = pd.DataFrame(rows("care.csv"))
    given = (care.minutes.astype(int) * care.people.astype(int)).groupby(care.party).sum().sort_values()
    assert given.tail(len(given) // 5).sum() > 0.5 * given.sum()
    for layer in ("gardens", "rivers", "storm-drains", "vacant-lots"):
        stewards = {t["party"] for (of, _), held in held_by().items() if of == layer for t in held if t["status"] == ""}
        noted = stewards & set(care[care.layer == layer].party)
        assert 0.4 * len(stewards) < len(noted) < len(stewards), layer


def test_duties_are_mostly_done_in_time_some_late_and_some_overdue() -> None:
    today = date.fromisoformat(last_day())
    duties = []
    for row in rows("duties.csv"):
        done = date.fromisoformat(row["done_on"]) if row["done_on"] else None
        every = int(row["every_days"]) if row["every_days"] else None
        check_duty(every_days=every, done_on=done, today=today)
        assert done or not row["evidence"]
        duties.append(Obligation(every_days=every, due_on=date.fromisoformat(row["due_on"]), done_on=done))
    late = sum(duty.done_on is not None and duty.done_on > duty.due_on for duty in duties)
    overdue = sum(duty.next_due_on is not None and duty.next_due_on < today for duty in duties)
    coming = sum(duty.next_due_on is not None and duty.next_due_on >= today for duty in duties)
    assert 5 <= overdue < coming
    assert 5 <= late < 0.3 * len(duties)


def test_duties_are_due_where_somebody_has_the_place_in_care() -> None:
    held = held_by()
    for duty in rows("duties.csv"):
        assert any(holds(tenure, last_day()) for tenure in held[duty["layer"], duty["ref"]]), duty


def test_the_day_of_asking_comes_before_the_first_day() -> None:
    wait_days = defaultdict(list)
    for tenure in rows("tenures.csv"):
        asked = tenure["requested_on"]
        assert asked or tenure["status"] != "requested"
        assert not asked or (tenure["type"] in TAKEN_ON and asked <= min(tenure["valid_from"], last_day()))
        if asked and tenure["status"] in ("", "ended"):
            wait_days[tenure["layer"]].append((days(tenure)[0] - date.fromisoformat(asked)).days)
    usual = {layer: float(np.median(waits)) for layer, waits in wait_days.items()}
    assert set(usual) == set(LAYERS)
    assert 0 < usual["storm-drains"] < usual["rivers"] < usual["gardens"] < usual["clt-parcels"]


def test_who_stays_on_for_another_season_did_not_ask_again() -> None:
    rentals = [tenure for tenure in rows("tenures.csv") if tenure["type"] == "plot_rental"]
    ends = {(tenure["ref"], tenure["party"], tenure["valid_to"]) for tenure in rentals}
    stays = [tenure for tenure in rentals if (tenure["ref"], tenure["party"], tenure["valid_from"]) in ends]
    assert stays and not any(tenure["requested_on"] for tenure in stays)


@pytest.mark.parametrize("scale", ["0", "-1", "0.1", "nan"])
def test_a_town_too_small_for_districts_is_refused_in_a_sentence(
    scale: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["make_sample_city", f"--scale={scale}"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "--scale is 0.25 at least" in capsys.readouterr().err
