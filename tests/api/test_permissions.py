"""Every route, asked by every role, answers as the table of permissions says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.testclient import TestClient

from api.app import create_app
from api.auth import May
from geocommons.model.actor import Role
from geocommons.model.permission import BY_ACTION, ROLE_WORDS, TABLE
from geocommons.settings import Settings
from geocommons.store.engine import open_store
from geocommons.store.schema import migrate
from tests.api.sign_in_as import sign_in_as

ROLES: tuple[Role, ...] = get_args(Role)
OUTSIDE = frozenset({"/static", "/ogc/api"})
"""Built files, and the description of the open data, which FastAPI itself serves to everybody."""
READ_BY_ANYBODY = frozenset({"GET", "HEAD"})


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, list[str]]]:
    """Yield method, path and actions of every route."""
    for context in iter_route_contexts(app.routes):
        path = context.path or ""
        if path in OUTSIDE:
            continue
        assert isinstance(context.original_route, APIRoute), f"{path} is no route that names its action"
        actions = [call.action for call in _calls(context.dependant) if isinstance(call, May)]
        for method in sorted(context.methods or ()):
            yield method, path, actions


def _calls(dependant: Any) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def blank_app(folder: Path) -> FastAPI:
    """Return an application on an empty register."""
    settings = Settings(data_dir=folder)
    store = open_store(settings.database)
    migrate(store)
    store.close()
    return create_app(settings)


def test_every_route_names_its_action(tmp_path: Path) -> None:
    found = list(routes_of(blank_app(tmp_path)))
    assert len(found) > 80
    assert [(method, path) for method, path, actions in found if not actions] == []
    assert {action for _, _, actions in found for action in actions} <= set(BY_ACTION)


@pytest.mark.parametrize("role", ROLES)
def test_a_route_answers_a_role_as_the_table_says(tmp_path: Path, role: Role) -> None:
    app = blank_app(tmp_path)
    wrong = []
    for number, (method, path, actions) in enumerate(routes_of(app)):
        client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
        if role != "visitor":
            sign_in_as(client, role, address=f"person{number}@example.org")
        reply = client.request(method, re.sub(r"\{\w+(:\w+)?\}", "1", path))
        allowed = all(role in BY_ACTION[action].roles for action in actions)
        says_no = [f"Your role may not do this: {BY_ACTION[action].words}" for action in actions]
        refused = any(words in reply.text for words in [*says_no, "Sign in to do this"])
        if reply.status_code >= 500 or refused == allowed:
            wrong.append((method, path, actions, reply.status_code, reply.text[:200]))
    assert wrong == []


def test_the_table_has_a_page_in_both_languages(tmp_path: Path) -> None:
    with TestClient(blank_app(tmp_path)) as client:
        for language in ("en", "nl"):
            text = client.get(f"/permissions?lang={language}", headers={"accept": "text/html"}).text
            for permission in TABLE:
                assert permission.words.say(language).replace("'", "&#39;") in text
            assert all(words.say(language) in text for words in ROLE_WORDS.values())


def test_a_visitor_of_scenarios_reads_who_may_use_them(client: TestClient) -> None:
    answer = client.get("/analyses/scenarios", headers={"accept": "text/html"})
    assert answer.url.path == "/sign-in" and "residents may not" in answer.text
    assert 'href="/analyses/scenarios"' not in client.get("/analyses/standards", headers={"accept": "text/html"}).text
    assert "residents may not" not in client.get("/account", headers={"accept": "text/html"}).text
