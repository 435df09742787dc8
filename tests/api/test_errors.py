"""Refusals, as programs and as people read them."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from api.errors import STATUS
from geocommons.errors import GeoCommonsError
from geocommons.store.engine import open_store
from tests.api.sign_in_as import sign_in_as


def every_refusal(kind: type[GeoCommonsError] = GeoCommonsError) -> Iterator[type[GeoCommonsError]]:
    for below in kind.__subclasses__():
        yield below
        yield from every_refusal(below)


def test_every_refusal_has_a_status() -> None:
    assert set(every_refusal()) == set(STATUS)


@pytest.mark.parametrize(
    "path", ["/ogc/collections/unicorns/items", "/ogc/nothing", "/api/runs/99", "/ogc/collections/rivers/items/x"]
)
def test_what_is_not_there_is_a_problem_for_a_program(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == path


def test_what_is_not_there_is_a_page_for_a_person(client: TestClient) -> None:
    answer = client.get("/sites/999", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no site 999" in answer.text


@pytest.mark.parametrize(
    "path", ["/sites/{}", "/ogc/collections/rivers/items/{}", "/api/runs/{}", "/analyses/health?run={}"]
)
@pytest.mark.parametrize("number", [2**31, 2**63 - 1, 2**63])
def test_a_number_larger_than_that_of_any_row_is_nowhere_whatever_the_database_says_of_it(
    client: TestClient, path: str, number: int
) -> None:
    answer = client.get(path.format(number))
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is nothing at this address.")


def test_a_page_that_asks_for_a_part_of_itself_gets_a_problem(client: TestClient) -> None:
    answer = client.get("/sites/999?panel=1", headers={"accept": "text/html", "sec-fetch-dest": "empty"})
    assert answer.json()["detail"].startswith("There is no site 999")


def test_a_refusal_speaks_the_language_of_who_asks(client: TestClient) -> None:
    path = "/ogc/collections/clt-parcels/items?limit=abc"
    english, dutch = (client.get(path, headers={"accept-language": code}).json()["detail"] for code in ("en", "nl"))
    assert english.startswith("“abc” is not a number")
    assert "abc" in dutch
    assert dutch != english


def test_no_mistake_of_ours_shows_more_than_that_it_is_ours(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client.app.state, "tiles", None)  # type: ignore[attr-defined]
    answer = client.get("/ogc/collections/rivers/tiles")
    assert answer.status_code == 500
    assert answer.json()["detail"].startswith("Something broke here")
    assert "NoneType" not in answer.text


def test_the_register_says_that_it_is_well(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/analyses/health?run=9999999999", 404), (f"/analyses/health?run={10**30}", 404), ("/found?q=%00", 404),
        ("/list?q=a%00b", 404), ("/api/runs?kind=%00", 404), ("/sites/%00", 404), ("/list?at=%2500", 400),
    ],
)  # fmt: skip
def test_no_address_breaks_the_register(client: TestClient, path: str, status: int) -> None:
    assert client.get(path, headers={"accept": "text/html"}).status_code == status


def tell_connections(client: TestClient, statement: str) -> None:
    """Let whoever takes a connection of a register begin with a statement; new ones would leave old ones open."""

    def tell(connection: Any, *_: object) -> None:
        connection.execute(statement)
        connection.commit()

    event.listen(client.app.state.store.engine, "checkout", tell)  # type: ignore[attr-defined]


def test_a_database_that_takes_nothing_new_goes_on_answering_and_says_so_to_who_writes(client: TestClient) -> None:
    sign_in_as(client, "planner")
    engine = client.app.state.store.engine  # type: ignore[attr-defined]
    lite = engine.dialect.name == "sqlite"
    tell_connections(client, "PRAGMA query_only = ON" if lite else "SET default_transaction_read_only = on")
    assert client.get("/api/counts").status_code == 200
    answer = client.post("/analyses/scenarios", data={"name": "What if"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["detail"].startswith("The database takes nothing new for now.")


# SQLite stops no statement, and there who reads waits for nobody.
@pytest.mark.parametrize("databases", ["postgis"], indirect=True)
def test_who_waits_too_long_for_the_database_may_try_again(client: TestClient) -> None:
    engine = client.app.state.store.engine  # type: ignore[attr-defined]
    locking = open_store(engine.url.render_as_string(hide_password=False))
    with locking.engine.connect() as other:
        other.exec_driver_sql("LOCK TABLE site IN ACCESS EXCLUSIVE MODE")
        tell_connections(client, "SET statement_timeout = 100")
        for path in ("/api/counts", "/ogc/collections/rivers/items", "/list"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["detail"][:32]) == (503, "The database does not answer. Tr"), path
    locking.close()
    assert client.get("/api/counts").status_code == 200
