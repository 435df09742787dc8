"""Taking results away over HTTP: files of a run, an address that asks the same, and what has changed since."""

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.runs import get_run
from tests.api.sign_in_as import sign_in_as
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.make import ask
from tests.town import add, copy_town, street

PAGE = {"accept": "text/html", "accept-language": "en"}
FILES = {
    "report.pdf": (b"%PDF", "application/pdf"),
    "map.png": (b"\x89PNG", "image/png"),
    "map.html": (b"<!DOCTYPE html>", "text/html; charset=utf-8"),
    "figures.csv": (b"table,row,name", "text/csv; charset=utf-8"),
    "all.gpkg": (b"SQLite format 3", "application/geopackage+sqlite3"),
}


@pytest.fixture
def client(
    databases: SqliteDatabases | PostgisDatabases, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """A visitor's browser at a town with two published runs and a draft: 1 and 2 of 7 and 10 minutes, 3 of 12."""

    def fill(store: Store, town: Settings) -> None:
        for minutes in (7, 10, 12):
            ask(store, town, "coverage", supply=("gardens",), minutes=minutes)
        with store.writing() as session:
            get_run(session, 3).published_at = None

    with TestClient(create_app(copy_town(databases, tmp_path_factory, tmp_path, "town_to_take_away", fill))) as client:
        client.headers.update(PAGE)
        yield client


def planner(client: TestClient) -> TestClient:
    """Return a planner's browser at the same register."""
    other = TestClient(client.app)
    other.headers.update(PAGE)
    sign_in_as(other, "planner")
    return other


def test_every_file_of_a_published_run_can_be_taken_away_by_everybody(client: TestClient) -> None:
    told = client.get("/api/runs/1").json()["files"]
    assert [urlsplit(one).path for one in told] == [f"/api/runs/1/{name}" for name in FILES]
    for name, (start, media_type) in FILES.items():
        answer = client.get(f"/api/runs/1/{name}")
        assert answer.status_code == 200 and answer.content.startswith(start), name
        assert answer.headers["content-type"] == media_type
        assert f"coverage-1-{name}" in answer.headers["content-disposition"]
        known = client.get(f"/api/runs/1/{name}", headers={"if-none-match": answer.headers["etag"]})
        assert known.status_code == 304
    assert client.get("/api/runs/1/report.docx").status_code in (400, 404, 422)


def test_files_of_a_draft_are_for_planners(client: TestClient) -> None:
    assert [client.get(f"/api/runs/3/{name}").status_code for name in FILES] == [404] * len(FILES)
    report = planner(client).get("/api/runs/3/report.pdf")
    assert "Draft, not published" in PdfReader(io.BytesIO(report.content)).pages[0].extract_text()


def test_a_report_is_in_the_reader_s_language(client: TestClient) -> None:
    dutch = client.get("/api/runs/1/report.pdf", headers={"accept-language": "nl"}).content
    assert "Bereik" in PdfReader(io.BytesIO(dutch)).pages[0].extract_text()
    assert dutch != client.get("/api/runs/1/report.pdf").content


def test_many_readers_of_a_file_have_it_made_once(client: TestClient) -> None:
    state = client.app.state  # type: ignore[attr-defined]
    with state.store.reading() as session:
        run = get_run(session, 2)
    version = state.store.version()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: state.files.get(run, "map.png", "en", version), range(8)))
    # Drawn twice, it would be the same bytes in another place of the memory.
    assert len({id(answer) for answer in answers}) == 1
    assert client.get("/api/runs/2/map.png", headers={"accept-language": "en"}).content == answers[0]


def test_an_address_shows_the_published_run_that_asks_exactly_that(client: TestClient) -> None:
    shown = client.get("/analyses/coverage?supply=gardens&minutes=7&at=2026-05-01&colour=red").text
    assert "7 minutes" in shown and "/api/runs/1/report.pdf" in shown
    address = re.findall(r'href="(/analyses/coverage\?supply[^"]+)"', shown)[0].replace("&amp;", "&")
    assert "/api/runs/1/report.pdf" in client.get(address).text
    assert "/api/runs/2/" in client.get("/analyses/coverage?supply=gardens&at=2026-05-01").text
    for other in ("minutes=12", "minutes=8", "minutes=7&cared_for=yes", "standard=none-such"):
        page = client.get(f"/analyses/coverage?supply=gardens&{other}&at=2026-05-01")
        assert page.status_code == 200 and "report.pdf" not in page.text, other


def test_an_address_fills_in_a_planner_s_form(client: TestClient) -> None:
    desk = planner(client)
    page = desk.get("/analyses/coverage?supply=gardens&supply=rivers&minutes=7.5&cared_for=yes&lang=en").text
    assert re.search(r'name="minutes"[^>]*value="7.5"', page)
    assert re.search(r'name="cared_for"[^>]*checked', page)
    assert sorted(re.findall(r'name="supply" value="([a-z-]+)" checked', page)) == ["gardens", "rivers"]
    assert "who-300m" in desk.get("/analyses/coverage?standard=who-300m").text


def test_an_old_run_says_what_has_changed_since_to_planners(client: TestClient) -> None:
    state = client.app.state  # type: ignore[attr-defined]
    desk = planner(client)
    assert "What has changed since then?" in desk.get("/analyses/coverage?run=1").text
    assert "Nothing has changed since" in desk.get("/analyses/coverage?run=1&since=1").text
    add(state.store, state.settings, "streets", [street(0, 20)])
    said = desk.get("/analyses/coverage?run=1&since=1").text
    assert "Others now than then: Streets." in said
    assert "Others now than then" not in client.get("/analyses/coverage?run=1&since=1").text


def test_a_planner_has_a_run_asked_again_on_its_page(client: TestClient) -> None:
    desk = planner(client)
    assert 'action="/analyses/runs/1/schedule"' in desk.get("/analyses/coverage?run=1").text
    planned = desk.post("/analyses/runs/1/schedule", data={"every": "quarter"}).text
    assert re.search(r"asked again as planned, the next time on \d+ [A-Z][a-z]+ \d{4}\.", planned)
    assert "Every quarter" in desk.get("/analyses/schedules").text
    assert "What was found each time" in desk.get("/analyses/coverage?run=1").text
    assert "/runs/1/schedule" not in client.get("/analyses/coverage?run=1").text
