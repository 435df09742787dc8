"""Whatever is sent to the open data, the workflow API or a form ends in an answer, never in a fault of the server."""

import re
import warnings
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.model.actor import Role
from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from tests.api.sign_in_as import sign_in_as
from tests.conftest import make_register
from tests.make import hold, load, square, write_layer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

EXAMPLES = 8
PAGES_MOST = 120
PAGE = {"accept": "text/html", "host": "testserver"}
NASTY = (
    "", "\x00%00", "'; DROP TABLE account; --<script>alert(1)</script>", "\u202eevil\u2066", "x" * 20_000,
    "-99999999999999999999", "NaN", "a@b\r\nBcc: c@example.org",
)  # fmt: skip
LEFT_ALONE = ("/static", "/ogc", "/api", "/openid")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small register on SQLite."""
    said = Settings(data_dir=tmp_path_factory.mktemp("fuzzed"), allowed_hosts=("testserver",))
    make_register(said.database)
    store = open_store(said.database)
    plots = [{"ref": f"P{at}", "name": f"Plot {at}", "geometry": square(at)} for at in range(4)]
    load(store, write_layer(said.data_dir / "p.gpkg", plots))
    hold(store, said.data_dir, "clt-parcels,P1,Otters,group,responsibility,stewardship,,,2020-01-01,,A-1,,")
    store.close()
    return said


def open_client(said: Settings, role: Role) -> TestClient:
    client = TestClient(create_app(said), raise_server_exceptions=False, follow_redirects=False)
    if role != "visitor":
        enter(client, role)
    return client


def enter(client: TestClient, role: Role) -> None:
    """Sign in as somebody new: what was fuzzed before may have signed the last one out."""
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    with store.reading() as session:
        number = session.connection().exec_driver_sql("SELECT count(*) FROM account").scalar_one()
    client.cookies.delete("session")
    sign_in_as(client, role, f"somebody{number}@example.org")


# --- programs ---


@pytest.mark.parametrize("role", ["visitor", "resident", "administrator"])
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_documented_route_breaks(served: Settings, role: Role, mode: schemathesis.GenerationMode) -> None:
    with open_client(served, role) as client:
        schema = schemathesis.openapi.from_dict(client.get("/ogc/api").json())
        operations = [found.ok() for found in schema.get_all_operations()]
        assert len(operations) > 15
        tried = [_try(client, operation, mode) for operation in operations]
        assert sum(tried) > 8


def _try(client: TestClient, operation: Any, mode: schemathesis.GenerationMode) -> bool:
    """Send what fits an operation, or what does not; return whether there is anything of that kind to send."""

    @settings(
        max_examples=EXAMPLES if mode is schemathesis.GenerationMode.POSITIVE else 3,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://testserver")
        answer = client.request(sent["method"], sent["url"], params=sent.get("params"), headers=_plain(sent["headers"]))
        assert answer.status_code < 500 or answer.status_code == 503, (sent, answer.text[:300])

    try:
        send()
    except Unsatisfiable:  # where any text fits, nothing is wrong
        return False
    return True


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}


# --- people ---


class Form(NamedTuple):
    """A form as a page shows it."""

    method: str
    target: str
    fields: dict[str, str]


class Forms(HTMLParser):
    """The forms and the links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, a form, or a field of the form that is open."""
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.links.add(said["href"])
        elif tag == "form":
            self.forms.append((said.get("method", "get").lower(), said.get("action", ""), {}))
        elif tag in ("input", "select", "textarea", "button") and self.forms and "name" in said:
            self.forms[-1][2][said["name"]] = said.get("value", "")


def find_forms(client: TestClient) -> list[Form]:
    """Return every form that somebody can reach by links, once for each kind of address."""
    waiting, seen = ["/", "/list", "/account", "/sign-in", "/sign-in/passkey", "/confirm"], set[str]()
    found: dict[tuple[object, ...], Form] = {}
    while waiting and len(seen) < PAGES_MOST:
        path = waiting.pop(0)
        kind = re.sub(r"\d+", "N", urlsplit(path).path)
        if kind in seen or kind.startswith(LEFT_ALONE):
            continue
        seen.add(kind)
        answer = client.get(path, headers=PAGE)
        assert answer.status_code < 500, (path, answer.text[:500])
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        parsed = Forms(answer.text)
        links = (urlsplit(urljoin(f"http://testserver{path}", link)) for link in sorted(parsed.links))
        waiting += [f"{link.path}?{link.query}".rstrip("?") for link in links if link.netloc == "testserver"]
        for method, action, fields in parsed.forms:
            target = urljoin(path, action or path)
            kind = re.sub(r"\d+", "N", urlsplit(target).path)
            found.setdefault((method, kind, tuple(sorted(fields))), Form(method, target, fields))
    return [*found.values()]


@pytest.mark.parametrize("role", ["visitor", "resident", "administrator"])
def test_every_field_of_every_form_ends_in_a_page(served: Settings, role: Role) -> None:
    with open_client(served, role) as client:
        forms = find_forms(client)
        assert forms
        for form in forms:
            for name in form.fields:
                for value in NASTY if name != "csrf" else NASTY[:2]:
                    send_form(client, role, form, form.fields | {name: value})


def send_form(client: TestClient, role: Role, form: Form, fields: dict[str, str]) -> None:
    """Send a form as somebody who is signed in, and expect an answer that a person can read."""
    target = form.target
    if form.method == "get":
        answer = client.get(target, params=fields, headers=PAGE)
    else:
        answer = client.post(target, data=fields, headers=PAGE)
    if role != "visitor" and (answer.status_code == 401 or "/sign-in" in answer.headers.get("location", "")):
        enter(client, role)
    assert answer.status_code < 500 or answer.status_code == 503, (target, fields, answer.text[:500])
    assert "Traceback" not in answer.text
    if answer.status_code >= 400 and "credential" not in fields and "challenge" not in target:
        assert "<main" in answer.text, (target, fields)
