"""What the door turns away, what it says in headers, and what it never hands to others."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import Request
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.app import create_app
from api.forms import safe_goal
from api.gate import host_name, known_hosts
from geocommons.errors import NotReady, NotSignedIn, TooMany
from geocommons.settings import DEMO_SECRET, Settings, refuse_unsafe
from tests.api.sign_in_as import sign_in_as
from tests.conftest import make_register

PAGE = {"accept": "text/html"}
OWN_SECRET = "a-secret-of-this-city-alone-0123456789"
REACHED: dict[str, object] = {"public_url": "https://testserver", "secret_key": SecretStr(OWN_SECRET)}
NewClient = Callable[..., TestClient]


@pytest.fixture
def new_client(tmp_path: Path) -> Iterator[NewClient]:
    """Open an empty register under other settings, with routes of the test's own, as somebody at an address."""
    clients = []

    def open_client(peer: str = "127.0.0.1", **said: object) -> TestClient:
        settings = Settings(data_dir=tmp_path, **said)  # type: ignore[arg-type]
        make_register(settings.database)
        app = create_app(settings)
        app.add_api_route("/break", _break)
        app.add_api_route("/too-often", _too_often)
        app.add_api_route("/for-members", _for_members, methods=["GET", "POST"])
        app.add_api_route("/who", _who)
        app.add_api_route("/raw", _raw, methods=["POST"])
        app.add_api_route("/typed", _typed, methods=["POST"])
        client = TestClient(app, raise_server_exceptions=False, follow_redirects=False, client=(peer, 50_000))
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        client.app.state.store.close()  # type: ignore[attr-defined]


def _break() -> None:
    raise RuntimeError("the password of the database")


def _too_often() -> None:
    raise TooMany("Sign in to do this.", retry_after_s=90)


def _for_members() -> None:
    raise NotSignedIn("Sign in to do this.")


async def _raw(request: Request) -> int:
    return len(await request.body())


def _typed(body: list[int]) -> int:
    return len(body)


def _who(request: Request) -> str:
    return request.client.host if request.client else ""


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "a b", "testserver:80:90", "[::1"])
def test_a_request_for_another_host_is_refused_in_one_sentence(new_client: NewClient, host: str) -> None:
    answer = new_client().get("/ogc", headers={"host": host})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("This register does not answer under that name")
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("host", ["testserver", "TestServer:8443", "testserver.", "localhost:8000", "[::1]:8000"])
def test_a_request_for_this_host_is_answered_whatever_its_port(new_client: NewClient, host: str) -> None:
    assert new_client().get("/ogc", headers={"host": host}).status_code == 200


def test_whoever_watches_the_server_may_ask_by_its_number(new_client: NewClient) -> None:
    assert new_client().get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200


def test_the_public_address_and_further_names_are_this_host() -> None:
    settings = Settings(public_url="https://Commons.Example.org:8443/", allowed_hosts="www.example.org", host="0.0.0.0")  # type: ignore[arg-type]
    hosts = known_hosts(settings)
    assert hosts is not None
    assert {"commons.example.org", "www.example.org"} <= hosts
    assert "example.org" not in hosts


def test_a_register_that_listens_everywhere_and_names_no_host_answers_to_any() -> None:
    assert known_hosts(Settings(host="0.0.0.0", allowed_hosts=())) is None


def test_a_host_is_read_without_its_port() -> None:
    assert [host_name(text) for text in (b"A.example:80", b"[2001:db8::1]:80", b"user@a.example", b"a.example/x")] == [
        "a.example", "2001:db8::1", "", "",
    ]  # fmt: skip


def test_a_body_that_states_that_it_is_too_large_is_refused_before_it_is_read(new_client: NewClient) -> None:
    answer = new_client(max_body_kb=1).post("/raw", content=b"x" * 1001)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "What was sent is larger than this register takes. Send less at once."


@pytest.mark.parametrize("path", ["/raw", "/typed"])
def test_a_body_in_chunks_is_refused_where_it_grows_too_large(new_client: NewClient, path: str) -> None:
    answer = new_client(max_body_kb=1).post(path, content=(b"1" * 100 for _ in range(11)))
    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413
    assert answer.json()["detail"] == "What was sent is larger than this register takes. Send less at once."


def test_a_body_within_the_limit_is_read(new_client: NewClient) -> None:
    assert new_client(max_body_kb=1).post("/raw", content=(b"1" * 100 for _ in range(10))).json() == 1000


def test_our_own_mistakes_are_pages_with_every_defence_and_no_word_of_the_mistake(new_client: NewClient) -> None:
    answer = new_client(**REACHED).get("/break", headers=PAGE)
    assert answer.status_code == 500
    assert "password" not in answer.text
    assert "Something broke" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" in answer.headers


def test_browsers_stay_with_https_where_the_register_has_it(new_client: NewClient) -> None:
    assert "strict-transport-security" not in new_client().get("/ogc").headers
    secure = new_client(**REACHED).get("/ogc").headers
    assert secure["strict-transport-security"] == "max-age=31536000"
    assert secure["referrer-policy"] == "strict-origin-when-cross-origin"


def test_who_tries_too_often_hears_when_to_try_again(new_client: NewClient) -> None:
    for accept in ("text/html", "application/json"):
        answer = new_client().get("/too-often", headers={"accept": accept})
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "90"


def test_who_must_sign_in_comes_back_to_the_page_that_asked_for_it(new_client: NewClient) -> None:
    answer = new_client().get("/for-members?q=a&goal=//evil.example", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?goal=/for-members%3Fq%3Da%26goal%3D//evil.example"
    assert answer.headers["cache-control"] == "no-store"


def test_a_form_that_needs_signing_in_is_not_sent_on(new_client: NewClient) -> None:
    answer = new_client().post("/for-members", headers=PAGE)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Sign in to do this." in answer.text


def test_a_stranger_cannot_choose_their_address_and_a_proxy_can_tell_it(new_client: NewClient) -> None:
    told = {"x-forwarded-for": "198.51.100.4"}
    assert new_client(peer="203.0.113.9").get("/who", headers=told).json() == "203.0.113.9"
    assert new_client(peer="127.0.0.1").get("/who", headers=told).json() == "198.51.100.4"
    spoofed = {"x-forwarded-for": "192.0.2.1, 198.51.100.4"}
    assert new_client(peer="127.0.0.1").get("/who", headers=spoofed).json() == "198.51.100.4"


@pytest.mark.parametrize(
    "path", ["/ogc", "/ogc/collections?lang=nl", "/layers.css", "/api/counts", "/found?q=a&lang=nl"]
)
def test_open_data_never_sets_a_cookie(new_client: NewClient, path: str) -> None:
    answer = new_client().get(path, headers={"cookie": "session=x; notice=y"})
    assert answer.status_code < 500
    assert "set-cookie" not in answer.headers


def test_a_refusal_is_kept_by_nobody(new_client: NewClient) -> None:
    answer = new_client().get("/nowhere", headers=PAGE)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "private, no-store")


SAFE = {
    "environment": "production", "secret_key": SecretStr(OWN_SECRET), "public_url": "https://commons.example.org",
    "mail_url": SecretStr("smtp://mail.example.org"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"secret_key": SecretStr(DEMO_SECRET)}, "GEOCOMMONS_SECRET_KEY"),
        ({"secret_key": SecretStr("short")}, "GEOCOMMONS_SECRET_KEY"),
        ({"public_url": "http://commons.example.org"}, "GEOCOMMONS_PUBLIC_URL"),
        ({"public_url": ""}, "GEOCOMMONS_PUBLIC_URL"),
        ({"mail_url": SecretStr("")}, "GEOCOMMONS_MAIL_URL"),
    ],
)
def test_production_does_not_start_unsafe(tmp_path: Path, said: dict[str, object], named: str) -> None:
    with pytest.raises(NotReady, match=named):
        create_app(Settings(data_dir=tmp_path, **(SAFE | said)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"public_url": "https://commons.example.org"}, "GEOCOMMONS_SECRET_KEY"),
        ({"host": "0.0.0.0", "mail_url": SecretStr("smtp://mail.example.org")}, "GEOCOMMONS_PUBLIC_URL"),
    ],
)
def test_a_register_that_forgot_to_say_that_it_is_in_production_does_not_start_unsafe_either(
    tmp_path: Path, said: dict[str, object], named: str
) -> None:
    with pytest.raises(NotReady, match=named):
        create_app(Settings(data_dir=tmp_path, **said))  # type: ignore[arg-type]
    refuse_unsafe(Settings(public_url="http://localhost:8000", mail_url=SecretStr("smtp://mail.example.org")))


def test_production_starts_with_what_it_needs_and_a_demo_with_nothing() -> None:
    refuse_unsafe(Settings(**SAFE))  # type: ignore[arg-type]
    refuse_unsafe(Settings())


@pytest.mark.parametrize("path", ["/", "/list", "/about/privacy", "/account", "/nowhere"])
def test_a_page_of_somebody_signed_in_is_kept_by_nobody(new_client: NewClient, path: str) -> None:
    client = new_client()
    sign_in_as(client, "staff")
    headers = client.get(path, headers=PAGE).headers
    assert headers["cache-control"] == "private, no-store"
    assert "cookie" in headers["vary"]


def test_a_page_for_anybody_is_asked_for_again_and_told_apart_by_language(new_client: NewClient) -> None:
    headers = new_client().get("/list", headers=PAGE).headers
    assert headers["cache-control"] == "no-cache"
    assert "accept-language" in headers["vary"]
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", ["/ogc/collections", "/layers.css", "/ogc/collections/gardens/items", "/found?q=a"])
def test_open_data_is_the_same_for_who_is_signed_in(new_client: NewClient, path: str) -> None:
    client = new_client()
    before = client.get(path)
    sign_in_as(client, "administrator")
    after = client.get(path)
    assert "set-cookie" not in after.headers
    moment = re.compile(rb'"timeStamp":"[^"]*"')
    assert moment.sub(b"", after.content) == moment.sub(b"", before.content)
    assert after.headers.get("cache-control") == before.headers.get("cache-control")


def test_who_may_not_do_something_reads_who_they_are_here(new_client: NewClient) -> None:
    client = new_client()
    sign_in_as(client, "resident", "rosa@example.org")
    answer = client.get("/design", headers=PAGE)
    assert answer.status_code == 403
    assert "You are signed in as" in answer.text
    assert "rosa@example.org" in answer.text
    dutch = client.get("/design", headers=PAGE | {"accept-language": "nl"})
    assert "Dit mag u niet" in dutch.text


def test_a_page_with_a_secret_in_its_address_tells_no_other_page_of_it(new_client: NewClient) -> None:
    client = new_client()
    for path in ("/sign-in/some-secret", "/unsubscribe/some-secret"):
        assert client.get(path, headers=PAGE).headers["referrer-policy"] == "same-origin"
    assert client.get("/sign-in", headers=PAGE).headers["referrer-policy"] == "strict-origin-when-cross-origin"


def test_the_shell_does_not_serve_an_unsafe_production(tmp_path: Path) -> None:
    environment = os.environ | {"GEOCOMMONS_ENVIRONMENT": "production", "GEOCOMMONS_DATA_DIR": str(tmp_path)}
    shell = Path(sys.executable).with_name("geocommons")
    make_register(Settings(data_dir=tmp_path).database)
    done = subprocess.run([shell, "serve", "--port", "0"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "GEOCOMMONS_SECRET_KEY" in done.stderr


@pytest.mark.parametrize("goal", [
    "//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "evil", "",
    "/a\r\nset-cookie: x=y", "///evil.example", "\\\\evil.example", "/..//evil.example", "/.//evil.example",
])  # fmt: skip
def test_nobody_is_led_away_from_the_register(goal: str) -> None:
    assert safe_goal(goal) == "/"


@pytest.mark.parametrize("goal", ["/", "/list?q=a&at=2024-01-01", "/account/data", "/sites/3?goal=//evil.example"])
def test_everybody_is_led_back_to_a_page_of_the_register(goal: str) -> None:
    assert safe_goal(goal) == goal
