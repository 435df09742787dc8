"""How crowded gardens are, as a planner asks it of the register: figures that anybody can count along one street."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from geocommons.errors import InvalidInput
from geocommons.model.desk import Scenario
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.catalogue import get_question
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.questions.prepared import Prepared
from geocommons.usecases.questions.question import read_question
from geocommons.usecases.runs.keep import answer, read_output
from tests import make
from tests.make import NOW, TODAY, load, note_care, square, write_layer
from tests.town import add, house, make_town, street

FAR = 30  # rows of the grid north of the street, over 3 km
NEAR_7 = {"formula": "2sfca", "minutes": 10.0, "measure": "plots"}


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Settings:
    return make_town(store, tmp_path)


def plant(store: Store, folder: Path, **plots: int | None) -> None:
    """Import gardens by ref ("G18" stands at house 18, "F" far from any street) with so many plots."""
    rows = [
        {"ref": ref, "name": f"Tuin {ref}", "plots_total": count, "waiting_list": 3 if ref == "G18" else None,
         "geometry": square(0, FAR) if ref == "F" else square(int(ref[1:]))}
        for ref, count in plots.items()
    ]  # fmt: skip
    load(store, write_layer(folder / "gardens.gpkg", rows), "gardens")


def ask(store: Store, settings: Settings, **asked: object) -> Run:
    return make.ask(store, settings, "crowding", **({"supply": ["gardens"]} | asked))


def test_everybody_within_reach_of_a_garden_shares_its_plots(store: Store, town: Settings, tmp_path: Path) -> None:
    plant(store, tmp_path, G0=13)
    result = ask(store, town, **NEAR_7).result
    # Houses 0 to 12 are within 800 m: 130 people share 13 plots; 80 have none; 10 are far from any street.
    assert (result["people"], result["not_assessed"], result["without"], result["little"]) == (220, 10, 80, 80)
    assert result["mean"] == pytest.approx(1000 * 13 / 210, abs=0.001)
    assert (result["share"], result["supply_total"], result["delivered"], result["lost"]) == (0.381, 13, 13, 0)
    (row,) = result["site_rows"]
    assert (row["supply"], row["people"], row["crowdedness"], row["waiting"]) == (13, 130, 10, None)


def test_people_near_two_gardens_have_a_part_of_both(store: Store, town: Settings, tmp_path: Path) -> None:
    plant(store, tmp_path, G0=13, G18=14)
    run = ask(store, town, **NEAR_7)
    access = read_output(town, run, "demand")["access"].tolist()
    # Houses 7 to 20 share the 14 plots of house 18, so houses 7 to 12 have a tenth of a plot twice.
    assert access[:21] == pytest.approx([100] * 7 + [200] * 6 + [100] * 8)
    assert access[21] != access[21]
    assert sum(each * 10 / 1000 for each in access[:21]) == pytest.approx(27)
    assert (run.result["waiting"], run.result["districts"]["West"]["mean"]) == (3, pytest.approx(400 / 11 + 100, abs=1))
    # Of sites as crowded, that with a waiting list comes first.
    assert [row["waiting"] for row in run.result["site_rows"]] == [3, None]


def test_who_lives_nearer_counts_more_by_the_steps_of_the_reach(store: Store, town: Settings, tmp_path: Path) -> None:
    plant(store, tmp_path, G0=10)
    run = ask(store, town, measure="plots")
    # Up to 400 m live 7 houses, up to 800 m 6 more, up to 1,600 m the other 8.
    users = 10 * (7 + 6 * 0.68 + 8 * 0.22)
    assert run.result["weights"]["steps"] == [[400, 1], [800, 0.68], [1600, 0.22]]
    assert run.result["site_rows"][0]["crowdedness"] == pytest.approx(users / 10, abs=0.001)
    access = read_output(town, run, "demand")["access"].tolist()
    assert (access[0], access[20]) == pytest.approx((1000 * 10 / users, 220 * 10 / users))
    stated = ask(store, town, measure="plots", steps="400:1, 800:0,68, 1600:0.22", minutes=1.0)
    assert read_output(town, stated, "demand")["access"].tolist()[:21] == pytest.approx(access[:21])
    assert stated.result["reach_m"] == 1600


def test_distance_takes_part_of_the_supply_where_what_is_far_is_less_use(
    store: Store, town: Settings, tmp_path: Path
) -> None:
    plant(store, tmp_path, G0=10)
    run = ask(store, town, measure="plots", formula="m2sfca")
    used = (7 + 6 * 0.68**2 + 8 * 0.22**2) / (7 + 6 * 0.68 + 8 * 0.22)
    assert run.result["delivered"] == pytest.approx(10 * used, abs=0.001)
    assert run.result["layout_loss"] == pytest.approx(10 - 10 * used, abs=0.001)
    assert "distance keeps 2.09 plots from people" in " ".join(say_findings(run, "en").cautions)


@pytest.mark.parametrize("formula", ["2sfca", "e2sfca", "3sfca", "i2sfca"])
def test_supply_that_reaches_nobody_is_lost_and_said(
    store: Store, town: Settings, tmp_path: Path, formula: str
) -> None:
    plant(store, tmp_path, G0=13, F=5)
    run = ask(store, town, measure="plots", formula=formula)
    result = run.result
    assert (result["supply_total"], result["delivered"], result["lost"]) == (18, 13, 5)
    assert (result["unreached"], result["unentered"]) == (["Tuin F"], ["F"])
    cautions = " ".join(say_findings(run, "en").cautions)
    assert "Tuin F" in cautions and "Of 18 plots, 13 plots come to people and 5 plots to nobody" in cautions


def test_crowdedness_of_sites_adds_up_to_all_people_who_reach_one(store: Store, town: Settings, tmp_path: Path) -> None:
    plant(store, tmp_path, G0=13, G18=14)
    rows = ask(store, town, **(NEAR_7 | {"formula": "i2sfca"})).result["site_rows"]
    assert sum(row["supply"] * row["crowdedness"] for row in rows) == pytest.approx(210, abs=0.1)
    # Houses 0 to 6 have only the first; of 60 people near both, 13 of 27 come to it.
    first = next(row for row in rows if row["ref"] == "G0")
    assert first["crowdedness"] == pytest.approx((70 + 60 * 13 / 27) / 13, abs=0.001)


def test_people_who_choose_the_shortest_queue_pay_the_same_at_both_gardens(
    store: Store, town: Settings, tmp_path: Path
) -> None:
    plant(store, tmp_path, G0=10, G18=10)
    run = ask(store, town, measure="plots", formula="raam")
    rows = {row["ref"]: row["crowdedness"] for row in run.result["site_rows"]}
    assert run.result["settled"] and sum(rows.values()) * 10 == pytest.approx(210, abs=0.01)
    assert "average queues" in say_findings(run, "en").sentence


def test_the_ratio_counts_who_lives_near_the_people_not_near_the_garden(
    store: Store, town: Settings, tmp_path: Path
) -> None:
    plant(store, tmp_path, G0=13)
    access = read_output(town, ask(store, town, **(NEAR_7 | {"formula": "fca"})), "demand")["access"].tolist()
    # 11 steps of 68.7 m are 755 m: around house 0 live 12 houses, around house 12 live 20 (houses 1 to 20).
    assert access[0] == pytest.approx(1000 * 13 / 120)
    assert access[12] == pytest.approx(1000 * 13 / 200)


def test_area_and_the_sites_themselves_can_be_shared_too(store: Store, town: Settings) -> None:
    area = ask(store, town, measure="area", formula="2sfca", minutes=10.0).result
    assert area["site_rows"][0]["supply"] == pytest.approx(68.7 * 111.2, rel=0.01)
    assert area["mean"] == pytest.approx(area["supply_total"] / 210, abs=0.001)
    assert ask(store, town, measure="sites", formula="2sfca").result["mean"] == pytest.approx(10_000 / 210, abs=0.001)


YEAR_OF_CARE = (
    ("gardens", "G0", "Club", "group", "2026-05-01", 90, 4),
    ("gardens", "G0", "Ann", "person", "2025-05-02", 60, 1),
    ("gardens", "G0", "Ann", "person", "2025-05-01", 600, 9),  # 366 days before the end of the day
    *(("gardens", "G0", f"Volunteer {n}", "person", "2026-01-01", 60, 1) for n in range(3)),
    ("gardens", "G18", "Club", "group", "2026-01-01", 195, 4),
)


@pytest.fixture
def tended(store: Store, town: Settings, tmp_path: Path) -> Settings:
    """Garden 0 had 10 hours of care in the year, of five parties; garden 18 had 13, of the club; garden 9 none."""
    plant(store, tmp_path, G0=None, G18=None, G9=None)
    note_care(store, *YEAR_OF_CARE)
    return town


def test_hours_of_care_of_a_year_can_be_shared(store: Store, tended: Settings) -> None:
    run = ask(store, tended, **(NEAR_7 | {"measure": "hours"}))
    rows = {row["ref"]: (row["supply"], row["people"], row["crowdedness"]) for row in run.result["site_rows"]}
    # Houses 0 to 12 share 10 hours, houses 7 to 20 share 13; garden 9 has nothing to share.
    assert (rows["G0"], rows["G18"]) == ((10, 130, 13), (13, 140, round(140 / 13, 3)))
    assert rows["G9"] == (0, 210, None)
    access = read_output(tended, run, "demand")["access"].tolist()
    assert access[:21] == pytest.approx(
        [1000 * 10 / 130] * 7 + [1000 * (10 / 130 + 13 / 140)] * 6 + [1000 * 13 / 140] * 8, abs=1e-5
    )
    assert (run.result["supply_total"], run.result["mean"]) == (23, pytest.approx(1000 * 23 / 210, abs=0.001))
    assert "care" in run.inputs and "care" not in ask(store, tended, measure="area").inputs
    found, gezegd = (say_findings(run, language) for language in ("en", "nl"))
    assert "On average there are 110 hours of care for 1,000 people" in found.sentence
    assert "Tuin G0 is the most crowded, with 13 people for each hour of care" in found.sentence
    assert "110 uur zorg voor 1.000 mensen" in gezegd.sentence
    assert [column.title for column in found.tables[-1].columns][1] == "Hours of care"
    assert "0 where no care is noted" in " ".join(found.method)
    earlier = ask(store, tended, day=date(2026, 4, 30), **(NEAR_7 | {"measure": "hours"}))
    assert earlier.result["supply_total"] == 1 + 9 * 10 + 3 + 13


def test_hours_of_a_site_that_few_people_gave_count_and_are_not_told(store: Store, tended: Settings) -> None:
    note_care(store, ("gardens", "G9", "Ann", "person", "2026-02-02", 77, 1))
    run = ask(store, tended, **(NEAR_7 | {"measure": "hours"}))
    total = 23 + 77 / 60
    assert run.result["supply_total"] == pytest.approx(total, abs=0.001)
    # The total less what the club gave would be Ann's and five others', less theirs would be hers: none is told.
    rows = {row["ref"]: (row["supply"], row["crowdedness"], row["people"]) for row in run.result["site_rows"]}
    assert rows["G9"] == (None, None, 210) and {supply for supply, _, _ in rows.values()} == {None}
    access = read_output(tended, run, "demand")["access"].tolist()
    assert access[0] == pytest.approx(1000 * (total / 3) * (1 / 130 + 1 / 210), abs=1e-5), "nor by who is near one only"
    drawn = read_output(tended, run, "sites").set_index("ref")
    assert drawn.loc["G9", ["supply", "crowdedness"]].isna().all()
    assert any("count at their mean and are not told" in caution for caution in say_findings(run, "en").cautions)


def test_hours_that_few_people_gave_in_all_are_refused(store: Store, town: Settings) -> None:
    note_care(store, *(("gardens", "G0", who, "person", "2026-04-01", 60, 1) for who in "ABCD"))
    with pytest.raises(InvalidInput, match="Fewer than five gave care"):
        ask(store, town, measure="hours")
    assert ask(store, town, measure="hours", day=date(2027, 5, 1)).result["supply_total"] == 0


def test_sites_without_a_record_of_what_they_have_count_as_none_and_are_named(
    store: Store, town: Settings, tmp_path: Path
) -> None:
    plant(store, tmp_path, G0=13, G18=None)
    run = ask(store, town, **NEAR_7)
    assert (run.result["unknown"], run.result["supply_total"]) == (["G18"], 13)
    assert any("not recorded" in caution for caution in say_findings(run, "en").cautions)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"measure": "hours"}, "No care is noted for these places yet"),
        ({"measure": "plots"}, "number of plots"),
        ({"steps": "400"}, "are no steps"),
        ({"steps": "800:1 400:0.5"}, "rising thresholds"),
        ({"steps": "400:1 800:0.5", "metres": 900.0}, "Leave one of them out"),
        ({"formula": "4sfca"}, "not a choice"),
    ],
)
def test_a_question_without_an_answer_is_refused(
    store: Store, town: Settings, asked: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        ask(store, town, **asked)


def test_the_same_question_gives_the_same_bytes(store: Store, town: Settings, tmp_path: Path) -> None:
    plant(store, tmp_path, G0=13, G18=14)
    first = ask(store, town, measure="plots", weight="gaussian")
    written = {name: (town.runs_dir / path).read_bytes() for name, path in first.outputs.items()}
    shutil.rmtree(town.runs_dir)
    again = ask(store, town, measure="plots", weight="gaussian")
    assert again.id != first.id and again.result == first.result
    assert {name: (town.runs_dir / path).read_bytes() for name, path in again.outputs.items()} == written


def test_the_same_care_gives_the_same_bytes(store: Store, tended: Settings) -> None:
    asked = [("crowding", {"supply": ["gardens"], "measure": "hours"}), ("health", {}), ("turf", {})]
    written = []
    for _ in range(2):
        runs = [make.ask(store, tended, kind, **values) for kind, values in asked]
        files = [(tended.runs_dir / path).read_bytes() for run in runs for path in run.outputs.values()]
        written.append(([run.result for run in runs], files))
        shutil.rmtree(tended.runs_dir)
    assert written[0] == written[1]


def test_a_changed_fact_is_a_changed_question(store: Store, town: Settings, tmp_path: Path) -> None:
    plant(store, tmp_path, G0=13)
    first = ask(store, town, **NEAR_7)
    plant(store, tmp_path, G0=26)
    assert ask(store, town, **NEAR_7).result["mean"] == pytest.approx(2 * first.result["mean"], abs=0.01)


def test_a_scenario_walks_from_what_is_new_and_finds_what_a_fresh_start_finds(
    store: Store, town: Settings, tmp_path: Path
) -> None:
    plant(store, tmp_path, G0=13, G18=14)
    shape = {"type": "Polygon", "coordinates": [list(map(list, square(9).exterior.coords))]}
    changes = [{"do": "add", "layer": "gardens", "ref": "N", "geometry": shape},
               {"do": "close", "layer": "gardens", "ref": "G18"}]  # fmt: skip
    with store.writing() as session:
        scenario = Scenario(name="Ruil", note="", changes=changes, made_by=None, made_at=NOW, changed_at=NOW)
        session.add(scenario)
        session.flush()
        number = scenario.id
    kept = Prepared()

    def found(prepared: Prepared, **asked: object) -> dict[str, object]:
        values = {"supply": ["gardens"], "measure": "sites"} | asked
        question = read_question(get_question("crowding"), values, today=TODAY)
        run = answer(store, town, question, now=NOW, prepared=prepared)
        shutil.rmtree(town.runs_dir)
        return run.result

    before = found(kept)
    changed = found(kept, scenario=number)
    assert found(Prepared(), scenario=number) == changed
    assert [row["ref"] for row in changed["site_rows"]] != [row["ref"] for row in before["site_rows"]]  # type: ignore[union-attr, index]
    assert found(kept) == before


def test_people_whom_no_street_leads_to_a_garden_have_none(store: Store, town: Settings, tmp_path: Path) -> None:
    add(store, town, "streets", [street(0, 9), street(10, 20)])
    add(store, town, "population", [*map(house, range(21))])
    plant(store, tmp_path, G0=10)
    result = ask(store, town, measure="plots").result
    assert (result["without"], result["not_assessed"]) == (110, 0)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_findings_say_who_has_little_and_which_garden_is_crowded(
    store: Store, town: Settings, tmp_path: Path, language: str
) -> None:
    plant(store, tmp_path, G0=13, G18=14)
    found = say_findings(ask(store, town, **NEAR_7), language)
    assert "Tuin G18" in found.sentence and len(found.charts) == 2
    assert [layer.output for layer in found.layers] == ["demand", "districts", "sites"]
    assert found.tables[-1].rows[0].key.startswith("gardens/")
