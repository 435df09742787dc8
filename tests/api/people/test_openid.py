"""Sign in with a city's own account: a real provider as a process of its own, which also breaks and lies."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.model.account import Account
from geocommons.settings import Settings
from geocommons.store.identities import find_account
from tests.api.people.provider import Town, town_provider
from tests.api.sign_in_as import sign_in_as
from tests.conftest import PostgisDatabases, SqliteDatabases, make_register

HOME = "http://commons.test"
MINA = {"email": "mina@example.org", "email_verified": True, "groups": ["land"]}
ROLES = {"openid_role_claim": "groups", "openid_roles": {"land": "staff", "it": "administrator"}}
NewClient = Callable[..., TestClient]


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """A town's provider of accounts."""
    with town_provider(f"{HOME}/openid/return") as running:
        yield running


@pytest.fixture
def new_client(databases: SqliteDatabases | PostgisDatabases, tmp_path: Path, town: Town) -> Iterator[NewClient]:
    """Open browsers at registers that trust the town, on one database."""
    url = databases.prepared("register", make_register)
    town.tell(people={"mina": MINA})
    apps = []

    def open_client(**said: Any) -> TestClient:
        named = town.settings(**ROLES) | said
        app = create_app(Settings(database_url=url, data_dir=tmp_path, allowed_hosts=("commons.test",), **named))
        apps.append(app)
        return TestClient(
            app, base_url=HOME, follow_redirects=False, raise_server_exceptions=False, headers={"accept": "text/html"}
        )

    yield open_client
    for app in apps:
        app.state.store.close()


def begin(client: TestClient, town: Town, name: str = "mina", path: str = "/openid/start?goal=/list") -> str:
    """Sign in at the town; return the address that it sends back to."""
    sent = client.get(path)
    assert sent.status_code == 303, sent.text
    return town.sign_in(sent.headers["location"], name)


def sentence(answer: Any) -> str:
    """Return what a page that refuses says, and check that it shows the way that still works."""
    assert 'href="/sign-in' in answer.text
    found = re.search(r'class="lead">([^<]+)<', answer.text)
    assert found, answer.text
    return found[1].replace("&#39;", "'")


def account_of(client: TestClient, address: str = "mina@example.org") -> Account | None:
    with client.app.state.store.reading() as session:  # type: ignore[attr-defined]
        return find_account(session, address)


def test_somebody_signs_in_with_an_account_of_the_city_and_the_role_that_it_says(
    new_client: NewClient, town: Town
) -> None:
    client = new_client()
    back = client.get(begin(client, town))
    assert (back.status_code, back.headers["location"]) == (303, "/list"), back.text
    assert client.get("/account/passkeys").status_code == 200
    account = account_of(client)
    assert account
    assert account.role == "staff"


def test_a_return_counts_once_and_in_the_browser_that_began(new_client: NewClient, town: Town) -> None:
    client, other = new_client(), new_client()
    link = begin(client, town)
    assert other.get(link).status_code == 410, "somebody else's return"
    assert client.get(link).status_code == 303
    again = client.get(link)
    assert again.status_code == 410
    assert "another browser" in sentence(again)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"token": {"iss": "https://evil.example"}}, "another service"),
        ({"token": {"aud": "another program"}}, "for another program"),
        ({"token": {"azp": "another program"}}, "for another program"),
        ({"token": {"nonce": "another"}}, "another sign-in"),
        ({"token": {}, "without": ["nonce"]}, "another sign-in"),
        ({"token": {"exp": 1_000_000_000}}, "out of date"),
        ({"token": {"iat": 9_999_999_999}}, "out of date"),
        ({"token": {}, "foreign_key": True}, "its own key"),
        ({"token": {}, "without": ["sub"]}, "cannot read"),
        ({"me": {"sub": "otto"}}, "two people"),
        ({"me": {"email_verified": False}}, "did not vouch"),
        ({"me": {"email": "no address"}}, "that is none"),
        ({"path": "/token", "status": 500}, "does not answer"),
        ({"path": "/token", "body": "<html>"}, "cannot read"),
        ({"path": "/token", "body": []}, "cannot read"),
        ({"path": "/token", "status": 400, "body": {"error": "invalid_grant"}}, "(invalid_grant)"),
        ({"path": "/me", "status": 503}, "does not answer"),
    ],
    ids=str,
)
def test_a_provider_that_lies_or_breaks_lets_nobody_in(
    new_client: NewClient, town: Town, fault: dict[str, Any], words: str
) -> None:
    client = new_client()
    link = begin(client, town)
    town.tell(fault=fault)
    answer = client.get(link)
    assert answer.status_code in (403, 503)
    assert words in sentence(answer)
    assert "session" not in client.cookies
    assert account_of(client) is None
    town.tell()
    assert client.get("/sign-in").status_code == 200


def test_a_provider_that_says_nothing_of_verification_opens_no_account(new_client: NewClient, town: Town) -> None:
    town.tell(people={"mina": {"email": "mina@example.org"}})
    client = new_client()
    assert "did not vouch" in sentence(client.get(begin(client, town)))


def test_a_provider_that_stalls_is_waited_for_a_few_seconds(new_client: NewClient, town: Town) -> None:
    client = new_client()
    link = begin(client, town)
    town.tell(fault={"path": "/token", "stall_s": 30})
    assert "does not answer" in sentence(client.get(link))


def test_a_provider_that_is_down_or_calls_itself_another_name_is_said_so(new_client: NewClient, town: Town) -> None:
    down = new_client(openid_issuer="http://localhost:9")
    answer = down.get("/openid/start")
    assert (answer.status_code, "does not answer" in sentence(answer)) == (503, True)
    renamed = new_client(openid_issuer=f"http://127.0.0.1:{town.port}")
    assert "another service" in sentence(renamed.get("/openid/start"))


@pytest.mark.parametrize("how", ["new kid", "same kid"])
def test_new_keys_of_a_provider_are_fetched_when_they_are_needed(new_client: NewClient, town: Town, how: str) -> None:
    client = new_client()
    assert client.get(begin(client, town)).status_code == 303
    town.tell(new_key=how)
    assert client.get(begin(client, town)).status_code == 303


def test_somebody_who_is_refused_there_is_told_so_and_nothing_of_the_address_is_shown(
    new_client: NewClient, town: Town
) -> None:
    client = new_client()
    state = re.search(r"state=([^&]+)", client.get("/openid/start").headers["location"])
    assert state
    answer = client.get("/openid/return", params={"error": "access_denied", "state": state[1]})
    assert "(access_denied)" in sentence(answer)
    state = re.search(r"state=([^&]+)", client.get("/openid/start").headers["location"])
    assert state
    answer = client.get("/openid/return", params={"error": "<b>call 0900-1234</b>", "state": state[1]})
    assert "0900" not in sentence(answer)


def test_an_answer_that_names_another_issuer_is_refused(new_client: NewClient, town: Town) -> None:
    client = new_client()
    link = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", begin(client, town))
    assert "another service" in sentence(client.get(link))


def test_a_role_is_gone_at_the_next_sign_in(new_client: NewClient, town: Town) -> None:
    client = new_client()
    client.get(begin(client, town))
    town.tell(people={"mina": MINA | {"groups": []}})
    new = new_client()
    new.get(begin(new, town))
    account = account_of(new)
    assert account
    assert account.role == "resident"


def test_somebody_connects_an_account_whose_address_the_city_does_not_verify(new_client: NewClient, town: Town) -> None:
    town.tell(people={"mina": MINA | {"email_verified": False}})
    client = new_client()
    sign_in_as(client, "staff", "mina@home.example")
    back = client.get(begin(client, town, path="/openid/connect"))
    assert (back.status_code, back.headers["location"]) == (303, "/account/passkeys"), back.text
    assert "is connected" in client.get("/account/passkeys").text
    other = new_client()
    assert other.get(begin(other, town)).status_code == 303
    assert other.get("/account/passkeys").status_code == 200
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/account/passkeys").text)
    assert csrf
    assert client.post("/account/openid/1/remove", data={"csrf": csrf[1]}).status_code == 303
    another = new_client()
    assert "did not vouch" in sentence(another.get(begin(another, town)))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_begins_to_connect_somebodys_account(new_client: NewClient, site: str) -> None:
    client = new_client()
    sign_in_as(client, "staff", "mina@home.example")
    assert client.get("/openid/connect", headers={"sec-fetch-site": site}).status_code == 403
    assert client.get("/openid/connect", headers={"sec-fetch-site": "same-origin"}).status_code == 303


def test_a_register_without_accounts_of_a_city_says_so(new_client: NewClient, town: Town) -> None:
    client = new_client(openid_issuer="")
    assert client.get("/openid/start").status_code == 404
    assert client.get("/openid/return?state=x&code=y").status_code == 404
