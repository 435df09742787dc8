"""Two runs beside each other, behind the HTTP door: what is refused, and what a visitor may see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.runs.keep import publish_run
from geocommons.usecases.scenarios import make_scenario
from tests.api.sign_in_as import sign_in_as
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.make import NOW, ask
from tests.town import copy_town

POINT = {"type": "Point", "coordinates": [5.02, 52.002]}
PAGE = {"accept": "text/html", "accept-language": "en"}


@pytest.fixture
def desk(
    databases: SqliteDatabases | PostgisDatabases, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """A visitor's browser at a town with two coverages (the second a draft) and its gaps."""

    def fill(store: Store, town: Settings) -> None:
        for kind, minutes in (("coverage", 10), ("coverage", 5), ("gaps", 10)):
            ask(store, town, kind, supply=["gardens"], minutes=minutes)
        publish_run(store, 2, now=None)

    with TestClient(create_app(copy_town(databases, tmp_path_factory, tmp_path, "town_to_compare", fill))) as client:
        client.headers.update(PAGE)
        yield client


def test_a_draft_is_compared_by_planners_only(desk: TestClient) -> None:
    assert desk.get("/analyses/compare?a=1&b=2").status_code == 404
    assert "Run 2" not in desk.get("/analyses/coverage?run=1").text
    sign_in_as(desk, "planner")
    page = desk.get("/analyses/compare?a=1&b=2")
    assert page.status_code == 200
    assert "Run 2" in desk.get("/analyses/coverage?run=1").text


def test_runs_of_two_kinds_are_not_compared(desk: TestClient) -> None:
    refused = desk.get("/analyses/compare?a=1&b=3")
    assert refused.status_code == 400
    assert "Runs 1 and 3 are not of one kind of analysis." in refused.text


@pytest.mark.parametrize("asked", ["scheme=random", "k=0", "k=many", "k=99"])
def test_classes_that_cannot_be_made_are_refused_in_a_sentence(desk: TestClient, asked: str) -> None:
    assert desk.get(f"/analyses/coverage?run=1&{asked}").status_code == 400


def test_a_scenario_is_beside_what_is_by_its_name_with_how_much_it_changes(desk: TestClient) -> None:
    sign_in_as(desk, "planner")
    store: Store = desk.app.state.store  # type: ignore[attr-defined]
    settings: Settings = desk.app.state.settings  # type: ignore[attr-defined]
    added = {"do": "add", "layer": "gardens", "ref": "N-1", "name": "New", "geometry": POINT}
    scenario = make_scenario(store, "One garden more", [added], now=NOW)
    run = ask(store, settings, "coverage", supply=["gardens"], minutes=10, scenario=scenario.id)
    page = desk.get(f"/analyses/compare?a=1&b={run.id}").text
    assert "As it is, " in page and "One garden more, " in page
    assert "→" in page
    assert "<b>site that would come</b>" in page and "<b>site that would close</b>" not in page
