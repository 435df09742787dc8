"""Whether it is fair, as a planner asks it of the register: figures that anybody can count along one street."""

import math
import shutil
from pathlib import Path

import pytest

from geocommons.errors import InvalidInput
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.service.ground import OUTSIDE
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.runs.keep import read_output
from tests import make
from tests.make import note_care, square
from tests.town import HOUSES, add, house, make_town

SERVED_TO = 12
"""The garden at house 0 is within 800 m of houses 0 to 12; 8 of 10 people are poor beyond, and 1 of 10 before."""


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Settings:
    settings = make_town(store, tmp_path)
    add(store, settings, "population", [*(one(number) for number in range(HOUSES)), one(10, north=0.01)])
    return settings


def one(number: int, *, north: float = 0.0) -> dict[str, object]:
    poor = 8 if number > SERVED_TO else 1
    return house(number, north=north) | {"group_low_income": poor}


def ask(store: Store, settings: Settings, **asked: object) -> Run:
    return make.ask(store, settings, "equity", **({"supply": ["gardens"]} | asked))


def group(run: Run, name: str) -> dict[str, float]:
    return next(row for row in run.result["groups"] if row["name"] == name)


def wilson(count: float, people: float) -> tuple[float, float]:
    z = 1.959964
    rate, scale = count / people, 1 + z * z / people
    middle = (rate + z * z / (2 * people)) / scale
    half = z / scale * math.sqrt(rate * (1 - rate) / people + z * z / (4 * people**2))
    return middle - half, middle + half


def test_a_group_is_compared_with_everybody_else(store: Store, town: Settings) -> None:
    run = ask(store, town)
    # 64 of 77 poor people live beyond 800 m, and 16 of the 133 others; the house far from any street is in no figure.
    poor = group(run, "low_income")
    assert (run.result["people"], run.result["not_assessed"], run.result["mean"]) == (220, 10, 0.381)
    assert poor["people"] == 77
    assert poor["value"] == pytest.approx(64 / 77, abs=1e-6)
    assert poor["ratio"] == pytest.approx((64 / 77) / (16 / 133), abs=1e-4)
    assert (poor["low"], poor["high"]) == pytest.approx(wilson(64, 77), abs=1e-5)
    sentence = say_findings(run, "en").sentence
    assert "People with a low income are 6.9 times as likely as others" in sentence
    assert "83% (95% range: 73% to 90%) against 12%" in sentence


def test_a_group_of_too_few_people_has_no_figures(store: Store, town: Settings) -> None:
    run = ask(store, town)
    older = group(run, "older")
    assert (older["people"], older["few"], older["value"], older["ratio"]) == (42, True, None, None)
    table = next(table for table in say_findings(run, "en").tables if table.title == "By group of people")
    assert "fewer than 50" in table.hint


def test_a_group_can_be_the_one_to_compare_with(store: Store, town: Settings) -> None:
    rows = [house(number, people=20, older=10) | {"group_low_income": 16 if number > SERVED_TO else 2}
            for number in range(HOUSES)]  # fmt: skip
    add(store, town, "population", rows)
    run = ask(store, town, reference="older")
    # 128 of 154 poor people lack a garden, and 80 of 210 older ones.
    assert group(run, "low_income")["ratio"] == pytest.approx((128 / 154) / (80 / 210), abs=1e-4)
    assert "as likely as older people" in say_findings(run, "en").sentence


def test_inequality_of_a_yes_or_no_can_be_counted_on_fingers(store: Store, town: Settings) -> None:
    spread = ask(store, town).result["inequality"]
    # 130 of 210 are served: the Gini is the part that is not, Theil's T the logarithm of 210 by 130.
    assert spread["gini"] == pytest.approx(80 / 210, abs=1e-6)
    assert spread["theil"] == pytest.approx(math.log(210 / 130), abs=1e-6)
    # All 110 in the west are served, and 20 of 100 in the east.
    west, east = 110 / 130, 20 / 130
    between = west * math.log(west / (110 / 210)) + east * math.log(east / (100 / 210))
    assert spread["between"] == pytest.approx(between, abs=1e-6)
    assert spread["between_share"] == pytest.approx(between / math.log(210 / 130), abs=1e-6)
    # The tenth with most are 21 served people; of the 84 with least, 4 are served.
    assert spread["palma"] == pytest.approx(21 / 4, abs=1e-6)
    assert (spread["lorenz"][0], spread["lorenz"][38], spread["lorenz"][-1]) == (0, 0, 1)


def test_being_out_of_reach_gathers_where_poor_people_live(store: Store, town: Settings) -> None:
    found = ask(store, town).result["concentration"]
    # Two kinds of places: 80 people rank at 40/210, 130 at 145/210, and only the first lack a garden.
    mean = 80 / 210
    covariance = mean * (1 - mean) * (40 / 210 - 145 / 210)
    assert found["erreygers"] == pytest.approx(8 * covariance, abs=1e-6)
    assert found["index"] == pytest.approx(2 * covariance / mean, abs=1e-6)
    assert (found["by"], found["group"]) == ("low_income", True)
    assert ask(store, town, rank_by="older").result["concentration"]["erreygers"] == 0


def test_distances_are_compared_by_their_means(store: Store, town: Settings) -> None:
    run = ask(store, town, outcome="distance")
    metres = read_output(town, run, "demand")["value"].tolist()[:HOUSES]
    assert metres[5] == pytest.approx(4 * 68.7, abs=0.5)
    poor = [8 if number > SERVED_TO else 1 for number in range(HOUSES)]
    mean = sum(far * count for far, count in zip(metres, poor, strict=True)) / 77
    rest = sum(far * (10 - count) for far, count in zip(metres, poor, strict=True)) / 133
    assert group(run, "low_income")["value"] == pytest.approx(mean, abs=0.01)
    assert group(run, "low_income")["ratio"] == pytest.approx(mean / rest, abs=1e-4)
    assert "times as far from the nearest site as others" in say_findings(run, "en").sentence
    assert run.result["concentration"]["erreygers"] is None


def test_what_each_has_is_compared_once_everybody_near_shares_it(store: Store, town: Settings) -> None:
    run = ask(store, town, outcome="access", measure="sites")
    access = read_output(town, run, "demand")["value"].tolist()[:HOUSES]
    # Of a reach of 800 m the steps are 200, 400 and 800 m: houses 0-3, 4-6 and 7-12.
    users = 10 * (4 + 3 * 0.68 + 6 * 0.22)
    assert (access[0], access[6], access[12], access[13]) == pytest.approx(
        (10_000 / users, 6_800 / users, 2_200 / users, 0)
    )
    assert group(run, "low_income")["value"] == pytest.approx(sum(access[:13]) / 77, abs=0.01)
    findings = say_findings(run, "en")
    assert "of what others have" in findings.sentence and "E2SFCA" in " ".join(findings.method)


def test_hours_of_care_can_be_what_each_has(store: Store, town: Settings) -> None:
    note_care(store, ("gardens", "G0", "Club", "group", "2026-05-01", 120, 5))
    run = ask(store, town, outcome="access", measure="hours")
    access = read_output(town, run, "demand")["value"].tolist()[:HOUSES]
    users = 10 * (4 + 3 * 0.68 + 6 * 0.22)
    assert (access[0], access[13]) == pytest.approx((1000 * 10 / users, 0))
    assert "care" in run.inputs and "care" not in ask(store, town).inputs
    for language, words in (("en", "hours of care for 1,000 people"), ("nl", "uur zorg voor 1.000 mensen")):
        assert words in say_findings(run, language).sentence


def test_the_worse_off_at_the_end_of_the_street_are_a_hot_spot(store: Store, town: Settings) -> None:
    run = ask(store, town, nearest=4)
    demand = read_output(town, run, "demand")
    hot = demand.index[demand["hot_spot"] == "hot"].tolist()
    assert hot and set(hot) <= set(range(SERVED_TO + 1, HOUSES))
    assert demand["hot_spot"].iloc[-1] == demand["cluster"].iloc[-1] == "excluded"
    assert demand.loc[hot, "gi_z"].min() > 0
    found = run.result["clusters"]
    assert found["hot_spots"]["hot"] == {"places": len(hot), "people": 10 * len(hot)}
    assert {name: part["hot"] for name, part in found["districts"].items()} == {
        OUTSIDE: 0,
        "Oost": 10 * len(hot),
        "West": 0,
    }
    assert read_output(town, run, "districts").set_index("district")["share"]["West"] == 0
    assert [row["why"] for row in found["untested"]] == ["excluded"]


def test_areas_that_touch_are_neighbours_and_one_that_does_not_is_an_island(store: Store, town: Settings) -> None:
    rows = [one(number) | {"geometry": square(number)} for number in range(HOUSES)]
    add(store, town, "population", [*rows, one(10) | {"geometry": square(10, -2)}])
    run = ask(store, town)
    assert run.result["clusters"]["neighbours"] == "queen"
    assert read_output(town, run, "demand")["hot_spot"].iloc[-1] == "island"
    findings = say_findings(run, "en")
    assert any("1 place has no neighbour" in caution for caution in findings.cautions)
    assert findings.tables[-1].rows[0].box
    assert ask(store, town, neighbours="nearest").result["clusters"]["hot_spots"].get("island") is None


def test_areas_that_lie_apart_are_compared_with_the_nearest(store: Store, town: Settings) -> None:
    rows = [one(number) | {"geometry": square(number, size=0.8)} for number in range(HOUSES)]
    add(store, town, "population", rows)
    assert ask(store, town).result["clusters"]["neighbours"] == "nearest"
    alone = ask(store, town, neighbours="queen").result["clusters"]
    assert (alone["neighbours"], alone["hot_spots"]["island"]["places"]) == ("queen", HOUSES)


def test_where_all_are_served_nothing_stands_out_and_that_is_no_failure(store: Store, town: Settings) -> None:
    run = ask(store, town, minutes=100.0)
    assert run.state == "finished" and set(run.result["clusters"]["hot_spots"]) == {"excluded"}
    for language, said in (("en", "Nothing stands out"), ("nl", "")):
        assert any(said in caution for caution in say_findings(run, language).cautions)
    assert say_findings(run, "en").sentence == "Nobody lives farther than 100 minutes’ walk from gardens."


def test_a_town_without_a_garden_has_everybody_out_of_reach(store: Store, town: Settings) -> None:
    run = ask(store, town, supply=["vacant-lots"])
    assert (run.result["mean"], run.result["inequality"]["gini"]) == (1, None)
    assert say_findings(run, "en").charts[0].rows
    far = ask(store, town, supply=["vacant-lots"], outcome="distance")
    assert (far.result["mean"], far.result["unreachable"], far.result["not_assessed"]) == (None, 210, 10)
    assert say_findings(far, "en").sentence == "No site serves on that day."


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"reference": "martians"}, "no group “martians”. It counts: low_income, older|It counts: older, low_income"),
        ({"rank_by": "income"}, "no group “income”"),
        ({"neighbours": "queen"}, "Choose the nearest"),
        ({"permutations": 9}, "99 or more"),
        ({"outcome": "access", "measure": "hours"}, "No care is noted for these places yet"),
    ],
)
def test_a_question_without_an_answer_is_refused(
    store: Store, town: Settings, asked: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        ask(store, town, **asked)


@pytest.mark.parametrize("outcome", ["served", "distance", "access"])
def test_the_same_question_gives_the_same_bytes(store: Store, town: Settings, outcome: str) -> None:
    first = ask(store, town, outcome=outcome)
    written = (town.runs_dir / first.outputs["demand"]).read_bytes()
    shutil.rmtree(town.runs_dir)
    again = ask(store, town, outcome=outcome)
    assert again.id != first.id and again.result == first.result
    assert (town.runs_dir / again.outputs["demand"]).read_bytes() == written
    assert {len(say_findings(again, language).charts) for language in ("en", "nl")} == {2 if outcome == "served" else 3}
