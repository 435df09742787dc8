"""What if: changes on top of a day, as a planner makes them."""

from pathlib import Path

import pytest
import shapely
import shapely.affinity

from geocommons.errors import InvalidInput, NotFound
from geocommons.model.account import Account
from geocommons.model.actor import Actor
from geocommons.settings import Settings
from geocommons.store.desk import get_scenario
from geocommons.store.engine import Store
from geocommons.store.runs import get_run
from geocommons.usecases.findings.say import findings_of
from geocommons.usecases.people.erase import erase_account
from geocommons.usecases.runs.keep import read_output
from geocommons.usecases.scenarios import add_change, drop_change, make_scenario
from tests.make import NOW, ask, hold, load, write_layer
from tests.town import make_town, plant

POINT = {"type": "Point", "coordinates": [5.0185, 52.0]}
ADD = {"do": "add", "layer": "gardens", "ref": "N-1", "name": "Nieuwe tuin", "geometry": POINT}
CLOSE = {"do": "close", "layer": "gardens", "ref": "G0"}


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Settings:
    return make_town(store, tmp_path)


def served(store: Store, town: Settings, scenario: int | None = None, **asked: object) -> object:
    return ask(store, town, "coverage", supply=["gardens"], scenario=scenario, **asked).result["served"]


def test_a_site_that_comes_and_one_that_closes_change_the_answer_and_not_the_register(
    store: Store, town: Settings
) -> None:
    assert served(store, town) == 130
    added = make_scenario(store, "Another garden", [ADD], now=NOW)
    assert served(store, town, added.id) == 210
    closed = make_scenario(store, "Without the old one", [CLOSE], now=NOW)
    assert served(store, town, closed.id) == 0
    assert served(store, town) == 130, "the register is as it was"


def test_a_sign_that_no_text_can_have_names_no_site_and_no_standard(store: Store, town: Settings) -> None:
    with pytest.raises(NotFound, match="There is no site"):
        make_scenario(store, "Another garden", [CLOSE | {"ref": "G\0"}], now=NOW)
    with pytest.raises(NotFound, match="There is no standard"):
        served(store, town, standard="own\0")


def test_a_scenario_is_answered_anew_when_it_changes_and_once_while_it_does_not(store: Store, town: Settings) -> None:
    scenario = make_scenario(store, "Two steps", [ADD], now=NOW)
    first = ask(store, town, "coverage", supply=["gardens"], scenario=scenario.id)
    assert ask(store, town, "coverage", supply=["gardens"], scenario=scenario.id).id == first.id
    add_change(store, scenario.id, CLOSE, now=NOW)
    assert served(store, town, scenario.id) == 140, "houses 7 to 20 lie within 800 m of the new one"
    drop_change(store, scenario.id, 0, now=NOW)
    assert served(store, town, scenario.id) == 0


def test_another_standard_or_a_longer_walk_is_a_change_too(store: Store, town: Settings) -> None:
    longer = make_scenario(store, "Twenty minutes", [{"do": "ask", "values": {"minutes": "20"}}], now=NOW)
    assert served(store, town, longer.id) == 210
    standard = make_scenario(store, "WHO", [{"do": "ask", "values": {"standard": "who-300m"}}], now=NOW)
    assert served(store, town, standard.id) == 60


def test_a_stretch_that_gets_a_steward_is_no_longer_free(store: Store, town: Settings, tmp_path: Path) -> None:
    river = shapely.LineString([(5.0, 52.0), (5.03, 52.0)])
    load(store, write_layer(tmp_path / "r.gpkg", [{"ref": "R", "geometry": river}]), "rivers")
    hold(store, tmp_path, "rivers,R,Otters,group,responsibility,stewardship,0,500,2026-01-01,,A-1,,")
    adopt = {"do": "adopt", "layer": "rivers", "ref": "R", "from_m": 500, "to_m": 1500}
    scenario = make_scenario(store, "Further on", [adopt], now=NOW)
    now, then = (ask(store, town, "rivers", scenario=one).result["totals"] for one in (None, scenario.id))
    assert then["adopted_m"] - now["adopted_m"] == pytest.approx(1_000)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (CLOSE | {"ref": "Nowhere"}, "no site “Nowhere”"),
        (ADD | {"ref": "G0"}, "already"),
        (ADD | {"geometry": {"type": "Point", "coordinates": [500, 52]}}, "no valid shape"),
        (ADD | {"geometry": {"type": "Star"}}, "no GeoJSON"),
        (ADD | {"layer": "castles"}, "no layer “castles”"),
        ({"do": "burn"}, "Change 1"),
        ({"do": "adopt", "layer": "gardens", "ref": "G0", "from_m": -1}, "Change 1"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_and_nothing_is_kept(
    store: Store, town: Settings, change: dict[str, object], said: str
) -> None:
    with pytest.raises((InvalidInput, NotFound), match=said):
        make_scenario(store, "Wrong", [change], now=NOW)
    with pytest.raises(NotFound, match="no scenario 1"):
        served(store, town, 1)


def test_a_garden_beside_the_first_changes_nothing_for_who_was_served(
    store: Store, town: Settings, tmp_path: Path
) -> None:
    plant(store, tmp_path, 0, 18)
    scenario = make_scenario(store, "A third", [ADD], now=NOW)
    assert served(store, town, scenario.id) == served(store, town) == 210


def test_what_a_planner_made_stays_when_the_planner_is_erased(store: Store, town: Settings) -> None:
    with store.writing() as session:
        account = Account(address="p@example.org", role="planner", language="en", created_at=NOW)
        session.add(account)
        session.flush()
        number = account.id
    planner = store.acting_as(Actor(role="planner", account_id=number, name="p"))
    scenario = make_scenario(planner, "Another garden", [ADD], now=NOW)
    run = ask(planner, town, "coverage", supply=["gardens"], scenario=scenario.id)
    assert (scenario.made_by, run.asked_by) == (number, number)
    with store.writing() as session:
        erase_account(session, town, session.get_one(Account, number), now=NOW)
    with store.reading() as session:
        assert get_scenario(session, scenario.id).made_by is None
        assert (get_run(session, run.id).asked_by, get_run(session, run.id).result["served"]) == (None, 210)


def test_what_was_found_in_a_scenario_says_so_first_by_every_door(store: Store, town: Settings) -> None:
    scenario = make_scenario(store, "De tuin sluit", [CLOSE], now=NOW)
    run = ask(store, town, "coverage", supply=["gardens"], scenario=scenario.id)
    found = findings_of(store, run, "en")
    assert found.sentence.startswith("What if (scenario “De tuin sluit”): ")
    alone = findings_of(store, ask(store, town, "coverage", supply=["gardens"]), "en")
    assert "What if" not in alone.sentence and "scenario" not in {layer.output for layer in alone.layers}


def test_a_map_draws_where_sites_come_close_and_get_a_steward(store: Store, town: Settings, tmp_path: Path) -> None:
    river = shapely.LineString([(5.0, 52.0), (5.03, 52.0)])
    load(store, write_layer(tmp_path / "r.gpkg", [{"ref": "R", "geometry": river}]), "rivers")
    adopt = {"do": "adopt", "layer": "rivers", "ref": "R", "from_m": 0, "to_m": 100}
    gone = {"do": "close", "layer": "rivers", "ref": "Q"}
    load(
        store,
        write_layer(tmp_path / "q.gpkg", [{"ref": "Q", "geometry": shapely.affinity.translate(river, 0, 0.001)}]),
        "rivers",
    )
    scenario = make_scenario(store, "All three", [ADD, CLOSE, adopt, gone], now=NOW)
    run = ask(store, town, "coverage", supply=["gardens"], scenario=scenario.id)
    drawn = read_output(town, run, "scenario").set_index("ref")
    assert drawn["do"].to_dict() == {ADD["ref"]: "added", "G0": "closed", "R": "adopted", "Q": "closed"}
    assert set(drawn.geometry.geom_type) == {"Point"}
    assert drawn.geometry["R"].x < 5.0015, "the stretch is the first 100 m of two kilometres"
    layer = findings_of(store, run, "en").layers[-1]
    assert (layer.output, dict(layer.words)["closed"]) == ("scenario", "site that would close")


def test_another_question_is_no_change_on_the_map(store: Store, town: Settings) -> None:
    longer = make_scenario(store, "Longer", [{"do": "ask", "values": {"minutes": 20}}], now=NOW)
    assert "scenario" not in ask(store, town, "coverage", supply=["gardens"], scenario=longer.id).outputs
