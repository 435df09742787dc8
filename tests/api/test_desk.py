"""The planner's desk behind the HTTP door: runs that wait, drafts, standards, scenarios, schedules."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.usecases.contexts.add import remove_context
from tests.api.sign_in_as import sign_in_as
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.town import copy_town

PAGE = {"accept": "text/html", "accept-language": "en"}
FOUND_WITHIN_S = 60.0


@pytest.fixture
def desk(
    databases: SqliteDatabases | PostgisDatabases, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """A planner's browser at the register of a town of one street."""
    town = copy_town(databases, tmp_path_factory, tmp_path, "town", lambda store, town: None)
    with TestClient(create_app(town)) as client:
        client.headers.update(PAGE)
        sign_in_as(client, "planner")
        yield client


def visitor(client: TestClient) -> TestClient:
    """Return somebody else's browser at the same register."""
    other = TestClient(client.app)
    other.headers.update(PAGE)
    return other


def ask(client: TestClient, kind: str = "coverage", **values: object) -> str:
    """Send the form of a question, wait for its answer, and return the address of its page."""
    asked = {"supply": "gardens", "at": "2026-05-01"} | values
    answer = client.post(f"/analyses/{kind}", data=asked, follow_redirects=False)
    assert answer.status_code == 303, answer.text[-300:]
    address = str(answer.headers["location"])
    until = time.monotonic() + FOUND_WITHIN_S
    while "data-follow" in client.get(address).text and time.monotonic() < until:
        time.sleep(0.2)
    return address


def test_a_question_waits_is_answered_in_another_process_and_is_a_draft_until_it_is_published(
    desk: TestClient,
) -> None:
    address = ask(desk)
    page = desk.get(address).text
    assert "59% of 220 people" in page and "draft" in page
    other = visitor(desk)
    run_id = int(re.findall(r"run=(\d+)", address)[0])
    assert other.get(address).status_code == 404
    assert other.get(f"/api/runs/{run_id}").status_code == 404
    assert run_id not in [run["id"] for run in other.get("/api/runs").json()["runs"]]
    assert other.get(f"/api/runs/{run_id}/export/demand.csv").status_code == 404
    assert other.get(f"/api/runs/{run_id}/tiles/demand/10/340/526").status_code == 404
    desk.post(f"/analyses/runs/{run_id}/publish")
    assert "59% of 220 people" in other.get(address).text
    desk.post(f"/analyses/runs/{run_id}/publish", data={"publish": "no"})
    assert other.get(address).status_code == 404


def test_a_run_that_fails_says_why_in_the_reader_s_language(desk: TestClient) -> None:
    state = desk.app.state  # type: ignore[attr-defined]
    remove_context(state.store, state.settings, "population")
    page = desk.get(ask(desk), headers={"accept-language": "nl"}).text
    assert "geocommons context add population" in page and "mislukt" in page


def test_a_question_that_cannot_be_asked_is_refused_in_one_sentence(desk: TestClient) -> None:
    for values, said in (
        ({"supply": ""}, "at least one layer"),
        ({"minutes": "ten"}, "not a number for Minutes of walking"),
        ({"minutes": "-1"}, "more than 0"),
        ({"scenario": "7"}, "no scenario 7"),
        ({"standard": "none-such"}, "no standard"),
    ):
        answer = desk.post("/analyses/coverage", data={"supply": "gardens"} | values)
        assert said in answer.text, (values, answer.text[-500:])


def test_a_run_that_waits_can_be_called_off_and_its_progress_is_told_as_events(desk: TestClient) -> None:
    first = desk.post("/api/runs", json={"kind": "coverage", "params": {"supply": ["gardens"]}}).json()
    second = desk.post("/api/runs", json={"kind": "gaps", "params": {"supply": ["gardens"]}}).json()
    called_off = desk.post(f"/api/runs/{second['id']}/cancel").json()
    assert called_off["state"] in ("cancelled", "running", "finished")
    told = desk.get(f"/analyses/runs/{first['id']}/progress").text
    assert told.startswith("data: {") and '"state":"finished"' in told.splitlines()[-2]


def test_a_city_keeps_a_standard_of_its_own_and_asks_it(desk: TestClient) -> None:
    form = {"id": "near-by", "title_en": "Near by", "words_en": "A short walk", "method": "walk", "reach_m": "300"}
    assert "version 1" in desk.post("/analyses/standards", data=form).text
    assert "version 2" in desk.post("/analyses/standards", data=form | {"reach_m": "400"}).text
    assert "Near by" in visitor(desk).get("/analyses/standards").text
    assert "32% of 220 people" in desk.get(ask(desk, standard="near-by")).text
    assert "published standard" in desk.post("/analyses/standards", data=form | {"id": "who-300m"}).text


def test_a_planner_asks_what_if_on_a_page(desk: TestClient) -> None:
    made = desk.post("/analyses/scenarios", data={"name": "Another garden", "note": "For the council"})
    place = {"do": "add", "layer": "gardens", "ref": "N1", "name": "Nieuw", "place": "5.0185, 52.0"}
    page = desk.post(f"{made.url.path}/changes", data=place)
    assert "Nieuw comes (Gardens)." in page.text
    number = made.url.path.rsplit("/", 1)[1]
    assert "95% of 220 people" in desk.get(ask(desk, scenario=number)).text
    longer = {"do": "ask", "field": "minutes", "value": "12,5"}
    assert "Minutes of walking becomes 12.5." in desk.post(f"{made.url.path}/changes", data=longer).text
    assert "Minutes of walking becomes 12.5." not in desk.post(f"{made.url.path}/changes/2/drop").text
    assert "Nothing yet." in desk.post(f"{made.url.path}/changes/1/drop").text
    assert "no candidate" in desk.post(f"{made.url.path}/changes", data=place | {"place": "the corner"}).text
    assert "Another garden" not in visitor(desk).get("/analyses/scenarios").text


def test_a_question_is_asked_again_every_month_until_it_is_stopped(desk: TestClient) -> None:
    run_id = re.findall(r"run=(\d+)", ask(desk))[0]
    page = desk.post(f"/analyses/runs/{run_id}/schedule", data={"every": "month"})
    assert page.status_code == 200
    assert "Every month" in visitor(desk).get("/analyses/schedules").text
    assert "asked no more" in desk.post(f"{page.url.path}/stop").text
