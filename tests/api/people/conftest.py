"""Browsers at an empty register, with a clock that a test sets, and the mail that it would send."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.model.mail import Mail
from geocommons.settings import Settings
from geocommons.store.engine import Store
from tests.conftest import PostgisDatabases, SqliteDatabases, make_register
from tests.make import NOW


class Desk:
    """A register behind its HTTP door."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.now = settings, NOW
        self.app = create_app(settings)
        self.app.state.store = replace(self.app.state.store, clock=lambda: self.now)

    @property
    def store(self) -> Store:
        """Its open database."""
        store: Store = self.app.state.store
        return store

    def browser(self, client: str = "192.0.2.7", **headers: str) -> TestClient:
        """Return a browser of its own, at a network address of its own; faults of ours are answered as to people."""
        told = {"accept": "text/html", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"} | headers
        return TestClient(
            self.app, base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False,
            headers=told, client=(client, 50000),
        )  # fmt: skip

    def later(self, **passed: float) -> None:
        """Let time pass, or go back."""
        self.now = self.now + timedelta(**passed)

    def mails(self) -> list[Mail]:
        """Return the mail of the outbox, the oldest first."""
        with self.store.reading() as session:
            return list(session.scalars(select(Mail).order_by(Mail.id)))

    def mailed(self) -> tuple[str, str]:
        """Return the path of the link and the code of the newest mail to sign in."""
        params: dict[str, Any] = self.mails()[-1].params
        return params["link"].removeprefix("http://localhost"), params["code"]


@pytest.fixture
def desk(databases: SqliteDatabases | PostgisDatabases, tmp_path: Path) -> Iterator[Desk]:
    """An empty register behind its HTTP door, on SQLite and then on PostGIS."""
    made = Desk(Settings(database_url=databases.prepared("register", make_register), data_dir=tmp_path))
    yield made
    made.store.close()


def token(client: TestClient, path: str = "/sign-in") -> str:
    """Return the token of the forms of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found, path
    return found[1]


def ask(client: TestClient, address: str, goal: str = "/") -> Any:
    """Ask for a mail to sign in."""
    return client.post("/sign-in", data={"csrf": token(client), "address": address, "goal": goal})


def follow(client: TestClient, link: str) -> Any:
    """Open a link and press its button."""
    return client.post(link, data={"csrf": token(client, link)})


def who(client: TestClient) -> str:
    """Return whom the account page names, or an empty text where it asks to sign in."""
    answer = client.get("/account")
    return answer.text if answer.status_code == 200 else ""
