"""Pages of mail: only those who may see them, no secret of anybody else, and one click to be left alone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.model.account import Account
from geocommons.model.mail import Mail
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.mail.queue import queue_mail
from geocommons.usecases.mail.wishes import unsubscribe_secret
from tests.api.sign_in_as import sign_in_as
from tests.conftest import PostgisDatabases, SqliteDatabases, make_register

PAGE, PROGRAM = {"accept": "text/html"}, {"accept": "application/json"}
SECRET = "https://town.example/sign-in/the-very-secret"
PARAMS = {"link": SECRET, "code": "246 810", "minutes": 15}
NEWS = {"by": "Ada", "group": "Otters", "link": "https://town.example/groups/3"}


@pytest.fixture
def settings(databases: SqliteDatabases | PostgisDatabases, tmp_path: Path) -> Settings:
    """The settings of a demo with an empty register."""
    return Settings(database_url=databases.prepared("register", make_register), data_dir=tmp_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """Ask a demo that sends no mail."""
    with TestClient(create_app(settings), headers=PAGE) as client:
        yield client


@pytest.fixture
def serious(settings: Settings) -> Iterator[TestClient]:
    """Ask a register that has a mail server (which is away)."""
    chosen = settings.model_copy(update={"mail_url": SecretStr("smtp://127.0.0.1:9"), "mail_timeout_s": 1})
    with TestClient(create_app(chosen), headers=PAGE) as client:
        yield client


def store_of(client: TestClient) -> Store:
    """Return the database behind a client."""
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    return store


def queue(client: TestClient, to: Account | str, *, dead: bool = False) -> Mail:
    """Queue a mail, and let it have failed."""
    store = store_of(client)
    kind, params = ("member_added", NEWS) if isinstance(to, Account) else ("sign_in", PARAMS)
    with store.writing() as session:
        mail = queue_mail(session, kind, to=to, language="en", params=params, now=store.clock())
        if dead:
            mail.state, mail.error, mail.tries = "dead", "550 no such mailbox", 1
    return mail


def state(client: TestClient, mail: Mail) -> str:
    """Return the state of a mail now."""
    with store_of(client).reading() as session:
        return str(session.scalar(select(Mail.state).where(Mail.id == mail.id)))


def token(client: TestClient, path: str) -> str:
    """Return the token of the forms of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found, client.get(path).text
    return found.group(1)


@pytest.mark.parametrize("path", ["/mail", "/mail/dead", "/mail/1"])
def test_the_outbox_is_for_administrators(client: TestClient, path: str) -> None:
    queue(client, "ada@town.example")
    assert client.get(path, headers=PROGRAM).status_code == 401
    sign_in_as(client, "staff")
    assert client.get(path).status_code == 403
    sign_in_as(client, "administrator")
    assert client.get(path).status_code == 200


def test_not_even_an_administrator_sees_what_lets_somebody_in(serious: TestClient) -> None:
    mail = queue(serious, "ada@town.example", dead=True)
    sign_in_as(serious, "administrator")
    for path in ("/mail", "/mail/dead", f"/mail/{mail.id}", f"/mail/letters/{mail.message_id}"):
        answer = serious.get(path)
        assert answer.status_code == 200
        assert "the-very-secret" not in answer.text and "246 810" not in answer.text


def test_a_newcomer_signs_in_to_the_demo_by_its_outbox(client: TestClient) -> None:
    form = {"csrf": token(client, "/sign-in"), "address": "new@town.example", "goal": "/"}
    assert "/mail/mine" in client.post("/sign-in", data=form).text
    link = re.search(r'href="(http://[^"]+/sign-in/[^"]+)"', client.get("/mail/mine").text)
    assert link
    path = "/sign-in/" + link.group(1).rpartition("/")[2]
    client.post(path, data={"csrf": token(client, path)})
    assert client.get("/account").status_code == 200


def test_another_browser_sees_nothing_of_it(client: TestClient, settings: Settings) -> None:
    form = {"csrf": token(client, "/sign-in"), "address": "new@town.example", "goal": "/"}
    client.post("/sign-in", data=form)
    client.cookies.clear()
    answer = client.get("/mail/mine")
    assert answer.status_code == 200 and "/sign-in/" not in answer.text


def test_a_register_that_sends_mail_shows_nobody_their_own(serious: TestClient) -> None:
    form = {"csrf": token(serious, "/sign-in"), "address": "new@town.example", "goal": "/"}
    assert "/mail/mine" not in serious.post("/sign-in", data=form).text
    assert serious.get("/mail/mine").status_code == 404
    with store_of(serious).reading() as session:
        mail = session.scalars(select(Mail)).one()
    assert serious.get(f"/mail/letters/{mail.message_id}", headers=PROGRAM).status_code == 401


def test_a_demo_that_the_world_can_reach_shows_nobody_their_own(settings: Settings) -> None:
    chosen = settings.model_copy(update={"public_url": "https://town.example", "secret_key": SecretStr("a" * 32)})
    with TestClient(create_app(chosen), base_url="https://town.example", headers=PAGE) as client:
        assert client.get("/mail/mine").status_code == 404


def test_a_mail_that_failed_is_tried_again_or_dropped(client: TestClient) -> None:
    sign_in_as(client, "administrator")
    first, second = (queue(client, f"{name}@town.example", dead=True) for name in "ab")
    assert "550 no such mailbox" in client.get("/mail/dead").text
    csrf = token(client, "/mail/dead")
    client.post(f"/mail/{first.id}/again", data={"csrf": "forged"}, headers={"x-csrf-token": "forged"})
    assert state(client, first) == "dead"
    client.post(f"/mail/{first.id}/again", data={"csrf": csrf})
    client.post(f"/mail/{second.id}/drop", data={"csrf": csrf})
    assert (state(client, first), state(client, second)) == ("waiting", "dropped")
    assert client.post(f"/mail/{second.id}/again", data={"csrf": csrf}).status_code == 409


def test_a_mail_whose_link_is_over_is_not_sent_again(client: TestClient) -> None:
    sign_in_as(client, "administrator")
    over, fresh = (queue(client, f"{name}@town.example", dead=True) for name in "ab")
    with store_of(client).writing() as session:
        past = store_of(client).clock() - timedelta(minutes=1)
        session.execute(update(Mail).where(Mail.id == over.id).values(useful_until=past))
    csrf = token(client, "/mail/dead")
    assert client.post(f"/mail/{over.id}/again", data={"csrf": csrf}).status_code == 409
    client.post("/mail/dead/again", data={"csrf": csrf})
    assert (state(client, over), state(client, fresh)) == ("dead", "waiting")


def unsubscribed(client: TestClient, account: Account) -> list[str]:
    """Return what an account has unsubscribed from."""
    with store_of(client).reading() as session:
        found = session.get(Account, account.id)
        assert found is not None
        return found.unsubscribed


def test_one_click_of_a_mail_program_unsubscribes_and_looking_does_not(client: TestClient) -> None:
    account = sign_in_as(client, "resident")
    client.cookies.clear()
    del client.headers["x-csrf-token"]
    path = "/unsubscribe/" + unsubscribe_secret(client.app.state.settings, account.id, "member_added")  # type: ignore[attr-defined]
    assert client.get(path).status_code == 200 and unsubscribed(client, account) == []
    assert client.post(path, content="List-Unsubscribe=One-Click").status_code == 200
    assert client.post(path).status_code == 200
    assert unsubscribed(client, account) == ["member_added"]
    assert client.post(path[:-1] + "x").status_code == 404


def test_who_is_signed_in_unsubscribes_by_the_button_of_the_page(client: TestClient) -> None:
    account = sign_in_as(client, "resident")
    del client.headers["x-csrf-token"]
    path = "/unsubscribe/" + unsubscribe_secret(client.app.state.settings, account.id, "digest")  # type: ignore[attr-defined]
    assert client.post(path, data={"csrf": token(client, path)}).status_code == 200
    assert "member_added" in unsubscribed(client, account)


def test_wishes_are_kept_and_bad_ones_come_back_as_they_were_typed(client: TestClient) -> None:
    account = sign_in_as(client, "resident")
    form = {"csrf": token(client, "/account/mail"), "digest": "weekly", "quiet_from": "22", "quiet_to": "7"}
    assert client.post("/account/mail", data=form, follow_redirects=False).status_code == 303
    assert "member_added" in unsubscribed(client, account)
    page = client.get("/account/mail").text
    assert '<option value="weekly" selected>' in page and '<option value="22" selected>' in page
    bad = client.post("/account/mail", data=form | {"quiet_to": "", "kind-member_added": "yes"})
    assert bad.status_code == 422 and "Quiet hours need" in bad.text
    assert '<option value="22" selected>' in bad.text and re.search(r'name="kind-member_added"[^>]*checked', bad.text)
