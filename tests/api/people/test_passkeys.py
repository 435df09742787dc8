"""Passkeys through the HTTP door: forms, cookies, and acts that ask again who one is."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.settings import Settings
from tests.api.sign_in_as import sign_in_as
from tests.authenticator import Authenticator
from tests.conftest import PostgisDatabases, SqliteDatabases, make_register

HOME = "http://commons.test"
PAGE = {"accept": "text/html"}
NewClient = Callable[[], TestClient]


@pytest.fixture
def new_client(databases: SqliteDatabases | PostgisDatabases, tmp_path: Path) -> Iterator[NewClient]:
    """Open browsers at one register."""
    settings = Settings(
        database_url=databases.prepared("register", make_register), data_dir=tmp_path, allowed_hosts=("commons.test",)
    )
    app = create_app(settings)
    yield lambda: TestClient(app, base_url=HOME, follow_redirects=False, raise_server_exceptions=True, headers=PAGE)
    app.state.store.close()


def later(client: TestClient, passed: timedelta) -> None:
    """Let time pass at the register."""
    state = client.app.state  # type: ignore[attr-defined]
    clock = state.store.clock
    state.store = replace(state.store, clock=lambda: clock() + passed)


def token(client: TestClient, page: str) -> str:
    """Return the token of the forms of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(page).text)
    assert found, page
    return found[1]


def add(client: TestClient, key: Authenticator, name: str = "My phone") -> None:
    csrf = token(client, "/account/passkeys")
    options = client.post("/account/passkeys/challenge", data={"csrf": csrf})
    assert options.status_code == 200, options.text
    sent = {"csrf": csrf, "name": name, "credential": key.make(options.text)}
    assert client.post("/account/passkeys", data=sent).status_code == 303


def sign_in(client: TestClient, key: Authenticator, goal: str = "/list") -> str:
    csrf = token(client, "/sign-in/passkey")
    options = client.post("/sign-in/passkey/challenge", data={"csrf": csrf, "goal": goal})
    answer = client.post("/sign-in/passkey", data={"csrf": csrf, "credential": key.show(options.text), "goal": goal})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_passkey_is_added_named_shown_and_signed_in_with(new_client: NewClient) -> None:
    first, key = new_client(), Authenticator(HOME)
    sign_in_as(first, "staff")
    add(first, key, "<b>Phone</b>")
    page = first.get("/account/passkeys")
    assert "&lt;b&gt;Phone&lt;/b&gt;" in page.text
    assert "was added" in page.text
    assert page.headers["cache-control"] == "private, no-store"
    second = new_client()
    assert second.get("/account/passkeys", headers={"accept": "*/*"}).status_code == 401
    assert sign_in(second, key) == "/list"
    assert second.get("/account/passkeys").status_code == 200


def test_signing_in_anew_ends_the_session_that_the_browser_had(new_client: NewClient) -> None:
    browser, thief, key = new_client(), new_client(), Authenticator(HOME)
    sign_in_as(browser, "staff")
    add(browser, key)
    thief.cookies.set("session", browser.cookies["session"])
    assert thief.get("/account").status_code == 200
    sign_in(browser, key)
    assert browser.get("/account").status_code == 200
    assert thief.get("/account").status_code == 303


@pytest.mark.parametrize(
    "goal", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "", "/a\nb"]
)
def test_signing_in_leads_nowhere_else(new_client: NewClient, goal: str) -> None:
    client, key = new_client(), Authenticator(HOME)
    sign_in_as(client, "staff")
    add(client, key)
    assert sign_in(new_client(), key, goal) == "/"


def test_an_answer_of_another_browser_does_not_sign_in(new_client: NewClient) -> None:
    client, key = new_client(), Authenticator(HOME)
    sign_in_as(client, "staff")
    add(client, key)
    victim, thief = new_client(), new_client()
    asked = victim.post("/sign-in/passkey/challenge", data={"csrf": token(victim, "/sign-in/passkey")})
    csrf = token(thief, "/sign-in/passkey")
    answer = thief.post("/sign-in/passkey", data={"csrf": csrf, "credential": key.show(asked.text)})
    assert answer.status_code == 410
    assert "began in another browser" in answer.text
    assert "session" not in thief.cookies


def test_a_form_without_its_token_is_refused(new_client: NewClient) -> None:
    client = new_client()
    sign_in_as(client, "staff")
    del client.headers["x-csrf-token"]
    for path in ("/account/passkeys", "/account/passkeys/challenge", "/account/passkeys/1/remove", "/sign-in/passkey"):
        client.get("/sign-in/passkey")
        for csrf in ("", "0" * 64, token(new_client(), "/sign-in/passkey")):
            assert client.post(path, data={"csrf": csrf}).status_code == 403, path


def test_what_was_typed_stays_where_a_passkey_is_refused(new_client: NewClient) -> None:
    client = new_client()
    sign_in_as(client, "staff")
    sent = {"csrf": token(client, "/account/passkeys"), "name": "Blue key", "credential": "nonsense"}
    answer = client.post("/account/passkeys", data=sent)
    assert answer.status_code == 422
    assert 'value="Blue key"' in answer.text
    assert "cannot be read" in answer.text


def test_removing_a_passkey_asks_for_one(new_client: NewClient) -> None:
    client, key = new_client(), Authenticator(HOME)
    sign_in_as(client, "staff")
    add(client, key)
    later(client, timedelta(minutes=16))
    csrf = token(client, "/account/passkeys")
    came_from = {"referer": f"{HOME}/account/passkeys"}
    answer = client.post("/account/passkeys/1/remove", data={"csrf": csrf}, headers=came_from)
    assert (answer.status_code, answer.headers["location"]) == (303, "/confirm?goal=/account/passkeys")
    confirm(client, key, "/account/passkeys")
    assert client.post("/account/passkeys/1/remove", data={"csrf": csrf}).status_code == 303
    assert (
        "My phone"
        not in client.get("/account/passkeys")
        .text.replace("was removed", "")
        .split("<h2>Passkeys")[1]
        .split("<form")[0]
    )


def test_somebody_elses_passkey_is_not_there(new_client: NewClient) -> None:
    client, key = new_client(), Authenticator(HOME)
    sign_in_as(client, "staff")
    add(client, key)
    other = new_client()
    sign_in_as(other, "planner")
    csrf = token(other, "/account/passkeys")
    assert other.post("/account/passkeys/1/remove", data={"csrf": csrf}).status_code == 404


def test_a_mail_is_not_enough_for_a_dangerous_act_of_somebody_with_a_passkey(new_client: NewClient) -> None:
    client, key = new_client(), Authenticator(HOME)
    account = sign_in_as(client, "administrator")
    add(client, key)
    thief = new_client()
    sign_in_again(thief, account.id)
    answer = thief.post("/account/passkeys/1/remove", data={"csrf": token(thief, "/account/passkeys")})
    assert answer.headers["location"].startswith("/confirm")
    page = thief.get("/confirm?goal=/people").text
    assert "a mail is not enough" in page
    sent = thief.post("/confirm/mail", data={"csrf": token(thief, "/confirm"), "goal": "/people"})
    assert sent.status_code == 403


def sign_in_again(client: TestClient, account_id: int) -> None:
    from geocommons.model.account import Account
    from geocommons.usecases.people.sessions import start_session

    store = client.app.state.store  # type: ignore[attr-defined]
    with store.writing() as session:
        account = session.get(Account, account_id)
        _, secret = start_session(session, account, way="mail", browser="thief", now=store.clock())
    client.cookies.set("session", secret)


def confirm(client: TestClient, key: Authenticator, goal: str) -> None:
    csrf = token(client, "/confirm")
    options = client.post("/confirm/challenge", data={"csrf": csrf, "goal": goal})
    answer = client.post("/confirm", data={"csrf": csrf, "credential": key.show(options.text), "goal": goal})
    assert (answer.status_code, answer.headers["location"]) == (303, goal), answer.text
