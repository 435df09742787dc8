"""The pages of parties, groups and of what is held about a person, as people use them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.model.mail import Mail
from geocommons.model.party import Party
from geocommons.settings import Settings
from tests.api.sign_in_as import sign_in_as
from tests.conftest import PostgisDatabases, SqliteDatabases, make_register

PAGE = {"accept": "text/html"}
App = Any


@pytest.fixture
def app(databases: SqliteDatabases | PostgisDatabases, tmp_path: Path) -> Iterator[App]:
    made = create_app(Settings(database_url=databases.prepared("register", make_register), data_dir=tmp_path))
    yield made
    made.state.store.close()


def somebody(app: App, role: Any, address: str) -> TestClient:
    client = TestClient(app, raise_server_exceptions=False, headers=PAGE, follow_redirects=False)
    sign_in_as(client, role, address)
    return client


def link_in_mail(app: App) -> str:
    with app.state.store.reading() as session:
        mail = session.scalars(select(Mail).order_by(Mail.id.desc())).first()
        assert mail is not None
        return re.sub(r"^https?://[^/]+", "", mail.params["link"])


def found(app: App, staff: TestClient, lead: TestClient, address: str) -> int:
    """Let staff add a group, and somebody accept to lead it; return the group's number."""
    answer = staff.post("/parties", data={"kind": "group", "name": "Otters", "lead": address})
    assert answer.status_code == 303, answer.text
    number = int(answer.headers["location"].rpartition("/")[2])
    assert lead.post(link_in_mail(app), data={"name": "Ann"}).status_code == 303
    return number


def test_a_lead_invites_a_member_who_sees_the_group_and_is_removed_while_acting_for_it(app: App) -> None:
    staff, ann, bob = (
        somebody(app, *who) for who in (("staff", "s@x.nl"), ("resident", "a@x.nl"), ("resident", "b@x.nl"))
    )
    group = found(app, staff, ann, "a@x.nl")
    assert bob.get(f"/groups/{group}").status_code == 403
    assert bob.post(f"/groups/{group}/invite", data={"address": "b@x.nl"}).status_code == 403
    assert ann.post(f"/groups/{group}/invite", data={"address": "not an address"}).status_code == 422
    assert ann.post(f"/groups/{group}/invite", data={"address": "B@x.nl", "role": "lead"}).status_code == 303
    link = link_in_mail(app)
    assert "Otters invites you" in bob.get(link).text
    assert ann.post(link, data={}).status_code == 422, "it went to another address"
    assert bob.post(link, data={"name": " "}).status_code == 422
    assert bob.post(link, data={"name": "Bob"}).status_code == 303
    assert bob.get(link).status_code == 410
    assert bob.post("/account/acting", data={"party": str(group)}).status_code == 303
    with app.state.store.reading() as session:
        number = session.scalars(select(Party.id).where(Party.name == "Bob")).one()
    assert "leads it" in bob.get(f"/groups/{group}").text
    assert ann.post(f"/groups/{group}/members/{number}/remove", data={}).status_code == 303
    assert bob.get(f"/groups/{group}").status_code == 403
    assert bob.post("/account/acting", data={"party": str(group)}).status_code == 403
    assert bob.post(f"/groups/{group}/invite", data={"address": "c@x.nl"}).status_code == 403
    assert ann.get(f"/groups/{group}").status_code == 200


def test_a_group_never_loses_its_last_lead_by_a_form(app: App) -> None:
    staff, ann = somebody(app, "staff", "s@x.nl"), somebody(app, "resident", "a@x.nl")
    group = found(app, staff, ann, "a@x.nl")
    with app.state.store.reading() as session:
        number = session.scalars(select(Party.id).where(Party.name == "Ann")).one()
    answer = ann.post(f"/groups/{group}/members/{number}/remove", data={})
    assert (answer.status_code, "has no other lead" in answer.text) == (409, True)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\u202e \u200b", "x" * 10_000, ""])
def test_a_bad_name_is_said_beside_its_field_and_what_was_typed_stays(app: App, name: str) -> None:
    ann = somebody(app, "resident", "a@x.nl")
    answer = ann.post("/account/public", data={"name": name, "use_map": "yes"})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert "<script>alert" not in answer.text
    assert re.search(r'name="use_map"[^>]* checked', answer.text)


def test_two_parties_are_merged_after_seeing_what_moves_and_parted_again(app: App) -> None:
    chief = somebody(app, "administrator", "chief@x.nl")
    for name in ("Otters", "The Otters"):
        assert chief.post("/parties", data={"kind": "group", "name": name}).status_code == 303
    seen = chief.get("/parties/merge?kept=1&gone=2")
    assert ("What moves" in seen.text, seen.status_code) == (True, 200)
    assert chief.post("/parties/merge", data={"kept": "1", "gone": "2", "why": " "}).status_code == 422
    assert chief.post("/parties/merge", data={"kept": "1", "gone": "2", "why": "one"}).status_code == 303
    assert "merged into another" in chief.get("/parties/2").text
    assert "The Otters" not in chief.get("/parties").text
    assert chief.post("/parties/merges/1/undo", data={}).status_code == 303
    assert "The Otters" in chief.get("/parties").text
    for kept, gone in (("1", "1"), ("x", "2"), ("1", "99")):
        assert chief.get(f"/parties/merge?kept={kept}&gone={gone}").status_code == 422


def test_staff_see_parties_and_residents_do_not(app: App) -> None:
    staff, ann = somebody(app, "staff", "s@x.nl"), somebody(app, "resident", "a@x.nl")
    assert [who.get("/parties").status_code for who in (staff, ann)] == [200, 403]
    assert staff.get("/parties/merge").status_code == 403
    assert staff.post("/parties", data={"kind": "person", "name": "Jan"}).status_code == 422


def test_my_data_are_a_page_and_a_file_in_two_languages(app: App) -> None:
    ann = somebody(app, "resident", "a@x.nl")
    assert ann.post("/account/public", data={"name": "Ann", "use_map": "yes"}).status_code == 303
    for language in ("en", "nl"):
        assert "a@x.nl" in ann.get(f"/account/data?lang={language}").text
    file = ann.get("/account/data.json")
    assert (file.json()["party"]["named_as"]["map"], file.headers["cache-control"]) == ("Ann", "private, no-store")
    assert {entry["subject"] for entry in file.json()["audit"]} >= {"account", "consent", "party"}


def test_a_form_without_the_token_of_our_own_page_changes_nothing(app: App) -> None:
    ann = somebody(app, "resident", "a@x.nl")
    del ann.headers["x-csrf-token"]
    for path in ("/account/public", "/account/erase", "/account/acting"):
        assert ann.post(path, data={"name": "Ann", "understood": "yes"}).status_code == 403
