"""The pages of parties, groups and of what is held about a person, as people use them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.model.account import Account, Reach
from geocommons.model.mail import Mail
from geocommons.model.party import Party
from geocommons.settings import Settings
from geocommons.usecases.contexts.add import add_context
from geocommons.usecases.contexts.plan import ContextOptions
from tests.api.sign_in_as import sign_in_as
from tests.conftest import PostgisDatabases, SqliteDatabases, make_register
from tests.make import hold, load, square, tend, write_layer

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


BOUNDS = [[("layer", "gardens")], [("district", "West")], [("layer", "clt-parcels"), ("district", "East")]]


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
def test_staff_keep_the_parties_of_their_own_layers_and_districts_only(
    app: App, tmp_path: Path, bounds: list[tuple[str, str]]
) -> None:
    store, settings = app.state.store, app.state.settings
    parcels = [{"ref": f"P{at}", "geometry": square(at)} for at in (1, 8)]
    load(store, write_layer(tmp_path / "p.gpkg", parcels))
    load(store, write_layer(tmp_path / "g.gpkg", [{"ref": "G1", "geometry": square(1, 5)}]), "gardens")
    rows = (
        "clt-parcels,P1,Ann,person,right,ground_lease", "clt-parcels,P8,Bob,person,right,ground_lease",
        "gardens,G1,Cleo,person,responsibility,stewardship",
    )  # fmt: skip
    assert hold(store, tmp_path, *(f"{row},,,2024-01-01,,A-1,," for row in rows)).accepted == 3
    care = "c-{0},{0},{1},Dan,person,mowing,2026-04-01,60,,,,"
    assert tend(store, tmp_path, care.format("clt-parcels", "P1"), care.format("gardens", "G1")).accepted == 2
    halves = [{"name": "West", "geometry": square(0, size=4)}, {"name": "East", "geometry": square(5, size=5)}]
    districts = write_layer(tmp_path / "d.gpkg", halves)
    add_context(store, settings, "districts", districts, ContextOptions(), now=store.clock())
    staff = somebody(app, "staff", "s@x.nl")
    with store.writing() as session:
        account = session.scalars(select(Account).where(Account.address == "s@x.nl")).one()
        account.reaches = [Reach(kind=kind, name=name) for kind, name in bounds]
        numbers = {one.name: one.id for one in session.scalars(select(Party))}
        ann = session.get_one(Party, numbers["Ann"])
        session.add(Account(address="ann@x.nl", role="resident", language="en", created_at=store.clock()))
        session.flush()
        session.scalars(select(Account).where(Account.address == "ann@x.nl")).one().party = ann
    own = {"gardens": "Cleo", "West": "Ann", "East": "Bob"}[bounds[-1][1]]
    for name, number in numbers.items():
        seen = staff.get(f"/parties/{number}")
        assert (seen.status_code, "Save" in seen.text) == (200, name == own)
        assert ("ann@x.nl" in seen.text) == (name == own == "Ann")
        sent = staff.post(f"/parties/{number}", data={"name": name, "use_map": "yes"})
        assert sent.status_code == (303 if name == own else 403), name
    public = TestClient(app).get("/list").text
    assert [name for name in numbers if name in public] == [own]


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
