"""Whatever is sent to the open data, the workflow API or a form ends in an answer, never in a fault of the server."""

import re
import warnings
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.model.party import Membership, Party
from geocommons.model.sign_in import Identity, Passkey
from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from geocommons.usecases.mail.queue import queue_mail
from geocommons.usecases.people.members import found_group, invite_member
from geocommons.usecases.people.merge import merge_parties
from geocommons.usecases.people.sessions import start_session
from geocommons.usecases.people.tokens import make_token
from tests.api.sign_in_as import sign_in_as
from tests.conftest import make_register
from tests.make import TODAY, hold, load, square, write_layer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

EXAMPLES = 8
FUZZED_ROLES: tuple[Role, ...] = ("visitor", "resident", "administrator")
PAGES_MOST = 120
CREDENTIAL = "credential"
PAGE = {"accept": "text/html", "host": "testserver"}
NASTY = (
    "", "\x00%00", "'; DROP TABLE account; --<script>alert(1)</script>", "\u202eevil\u2066", "x" * 20_000,
    "-99999999999999999999", "NaN", "a@b\r\nBcc: c@example.org",
)  # fmt: skip
BEGINNINGS = (
    "/", "/list", "/account", "/sign-in", "/sign-in/passkey", "/confirm", "/mail/dead",
)  # fmt: skip
DESK_FIELDS = (
    "do",
    "every",
    "field",
    "id",
    "layer",
    "measured_from",
    "method",
    "name",
    "note",
    "place",
    "ref",
    "source",
    "value",
)
BY_SCRIPT = (
    ("/account/passkeys/challenge", ()), ("/account/passkeys", ("name", CREDENTIAL)),
    ("/account/passkeys/1/remove", ()), ("/parties/merge", ("kept", "gone", "why", "both_logins")),
    ("/parties/merges/1/undo", ()), ("/parties/2/erase", ()),
    ("/sign-in/passkey/challenge", ("goal",)), ("/sign-in/passkey", (CREDENTIAL, "goal")),
    ("/confirm/challenge", ("goal",)), ("/confirm", (CREDENTIAL, "goal")), ("/confirm/mail", ("goal",)),
    ("/confirm/code", ("code", "goal")), ("/sign-in/code", ("code",)), ("/sign-in/a-secret", ()),
    ("/analyses/runs/1/cancel", ()), ("/analyses/runs/1/publish", ()),
    *((f"/analyses/{path}", DESK_FIELDS) for path in (
        "standards", "scenarios", "scenarios/1/changes", "scenarios/1/changes/0/drop", "runs/1/schedule",
        "runs/1/scenario", "schedules/1/stop",
    )),
    ("/groups/join/joined1", ("name",)), ("/unsubscribe/a-secret", ()), ("/account/openid/1/remove", ()),
)  # fmt: skip
"""Where a form goes that only a script sends, or that stands behind a code, a secret or another page."""
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
        furnish(client, said, enter(client, role))
    return client


def furnish(client: TestClient, said: Settings, account_id: int) -> None:
    """Give somebody one of everything that has a form: a group to lead, what lets in, mail that failed, a merge."""
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    now = store.clock()
    with store.writing() as session:
        me = session.get_one(Account, account_id)
        me.party = Party(kind="person", name=f"Somebody {account_id}")
        other, twin = (Party(kind="person", name=f"{name} {account_id}") for name in ("Other", "Twin"))
        group = found_group(session, "group", f"Herons {account_id}")
        session.add_all([other, twin])
        session.flush()
        for member, part in ((me.party, "lead"), (other, "member")):
            session.add(Membership(group_id=group.id, member_id=member.id, role=part, valid_from=TODAY, valid_to=None))
        invite_member(
            session, said, group, me.address or "", "member", by=me, language="en", now=now,
            token=lambda _: f"joined{account_id}",
        )  # fmt: skip
        merge_parties(session, other, twin, why="one", now=now)
        start_session(session, me, way="mail", browser="another", now=now)
        make_token(session, me, name="script", scopes=["keep own account"], days=7, now=now)
        named = {"account_id": me.id, "account": me, "created_at": now}
        session.add(Identity(issuer="https://city.example", subject=str(me.id), role=None, used_at=now, **named))
        key = f"key {account_id}".encode()
        session.add(Passkey(credential_id=key, public_key=key, uses=0, name="Phone", used_at=None, **named))
        letter = queue_mail(session, "confirm", to=me, language="en", params={"code": "1", "minutes": 15}, now=now)
        letter.state, letter.error = "dead", "550 no such mailbox"


def enter(client: TestClient, role: Role) -> int:
    """Sign in as somebody new: what was fuzzed before may have signed the last one out."""
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    with store.reading() as session:
        number = session.connection().exec_driver_sql("SELECT count(*) FROM account").scalar_one()
    client.cookies.delete("session")
    return sign_in_as(client, role, f"somebody{number}@example.org").id


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
        body = {name: sent[name] for name in ("json",) if name in sent}
        answer = client.request(
            sent["method"], sent["url"], params=sent.get("params"), headers=_plain(sent["headers"]), **body
        )
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
    waiting, seen = [*BEGINNINGS], set[str]()
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
    for path, names in BY_SCRIPT:
        found.setdefault(("post", path, names), Form("post", path, dict.fromkeys(("csrf", *names), "")))
    return [*found.values()]


def test_every_route_that_writes_has_a_form_that_is_fuzzed(served: Settings) -> None:
    reached = set[str]()
    for role in FUZZED_ROLES:
        with open_client(served, role) as client:
            reached |= {urlsplit(form.target).path for form in find_forms(client) if form.method == "post"}
    routes = iter_route_contexts(create_app(served).routes)
    posting = {route.path or "" for route in routes if "POST" in (route.methods or ())}
    writing = {path for path in posting if not path.startswith("/api/")}  # those are documented, and fuzzed above
    assert len(writing) > 35
    patterns = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in writing}
    assert [path for path in sorted(writing) if not any(map(patterns[path].fullmatch, reached))] == []


@pytest.mark.parametrize("role", FUZZED_ROLES)
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
