"""The door tells the register's number of a party only while the party may be named."""

from pathlib import Path

from starlette.testclient import TestClient

from tests.make import ask, hold


def test_a_run_tells_no_number_of_who_may_not_be_named(client: TestClient, tmp_path: Path) -> None:
    state = client.app.state  # type: ignore[attr-defined]
    hold(state.store, tmp_path, "rivers,R,Jan,person,responsibility,stewardship,4000,5000,2024-01-01,,A-2,,")
    ask(state.store, state.settings, "rivers")
    (listed,) = client.get("/api/runs?kind=rivers").json()["runs"]
    for run in (listed, client.get(f"/api/runs/{listed['id']}").json()):
        stewards = run["result"]["depth"]["stewards"]
        assert [(one["kind"], one["party"] > 0) for one in stewards] == [("group", True), ("person", False)]
