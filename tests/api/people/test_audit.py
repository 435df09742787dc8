"""Who may read which part of the audit trail, and how it reads."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from geocommons.model.account import Account, Reach
from geocommons.model.party import Party
from geocommons.model.site import Site
from geocommons.store.engine import Store
from geocommons.store.seals import destroy_key
from tests.api.conftest import SECRET
from tests.api.sign_in_as import sign_in_as


def store_of(client: TestClient) -> Store:
    """Return the register behind a client."""
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    return store


def party_of(client: TestClient, name: str) -> int:
    """Return the number of a party."""
    with store_of(client).reading() as session:
        return session.scalars(select(Party.id).where(Party.name == name)).one()


def site_of(client: TestClient, ref: str) -> int:
    """Return the number of a site."""
    with store_of(client).reading() as session:
        return session.scalars(select(Site.id).where(Site.ref == ref)).one()


def trail(client: TestClient, **asked: object) -> list[dict[str, object]]:
    """Return the entries that a client is given."""
    answer = client.get("/api/audit", params={"limit": 500, **asked})  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"], "it is for who asks alone"
    entries: list[dict[str, object]] = answer.json()["entries"]
    return entries


def test_a_visitor_is_asked_to_sign_in(client: TestClient) -> None:
    assert client.get("/api/audit").status_code == 401
    asked = client.get("/audit", headers={"accept": "text/html"})
    assert asked.url.path == "/sign-in" and "Who changed what" not in asked.text


def test_an_administrator_reads_who_changed_what_and_what_it_was_before(client: TestClient) -> None:
    administrator = sign_in_as(client, "administrator")
    site = site_of(client, "P7")
    with store_of(client).writing() as session:
        session.get_one(Site, site).name = "Plot <b>seven</b>"
    page = client.get("/audit", params={"site": site}).text
    assert "Plot 7" in page and "Plot &lt;b&gt;seven&lt;/b&gt;" in page
    assert "by the register itself" in page
    assert administrator.address is not None and administrator.address in client.get("/audit").text
    dutch = client.get("/audit", params={"site": site, "lang": "nl"}).text
    assert "Wie wat heeft gewijzigd" in dutch or "gewijzigd" in dutch
    changed = trail(client, site=site, action="changed")
    assert [one["changes"] for one in changed] == [{"name": ["Plot 7", "Plot <b>seven</b>"]}]


def test_the_trail_of_a_place_holds_its_import_and_who_was_given_it(client: TestClient) -> None:
    sign_in_as(client, "administrator")
    about = {str(one["subject"]) for one in trail(client, site=site_of(client, "P7"))}
    assert about == {"site", "tenure", "tenure_party"}
    other = {str(one["subject"]) for one in trail(client, site=site_of(client, "P8"))}
    assert other == {"site"}


def test_somebody_who_was_erased_is_no_more_in_the_trail_than_the_word(client: TestClient) -> None:
    sign_in_as(client, "administrator")
    party = party_of(client, SECRET)
    assert SECRET in client.get("/audit", params={"party": party}).text
    with store_of(client).writing() as session:
        session.get_one(Party, party).name = ""
        destroy_key(session, "party", party)
    answer = client.get("/audit", params={"party": party}).text
    assert SECRET not in answer and "erased" in answer
    assert SECRET not in client.get("/api/audit", params={"party": party}).text


@pytest.mark.parametrize("role", ["resident", "group_lead", "planner"])
def test_a_person_reads_of_itself_and_of_nobody_else(client: TestClient, role: str) -> None:
    with store_of(client).writing() as session:
        session.add(
            Account(address="other@example.org", role="resident", language="en", created_at=store_of(client).clock())
        )
    own = sign_in_as(client, role)  # type: ignore[arg-type]
    entries = trail(client)
    assert entries and {one["subject"] for one in entries} <= {"account", "login_session"}
    assert "other@example.org" not in client.get("/api/audit").text
    assert own.address is not None and own.address in client.get("/audit").text
    assert trail(client, party=party_of(client, SECRET)) == []
    assert SECRET not in client.get("/audit").text


def test_staff_read_of_the_layers_that_they_were_given(client: TestClient) -> None:
    account = sign_in_as(client, "staff")
    assert {one["subject"] for one in trail(client)} >= {"site", "tenure", "party", "account"}
    assert "other" not in {one["address"] for one in trail(client)}
    with store_of(client).writing() as session:
        session.add(Reach(account_id=account.id, kind="layer", name="rivers"))
    entries = trail(client)
    sites = {one["subject_id"] for one in entries if one["subject"] == "site"}
    assert sites == {site_of(client, "R")}
    assert SECRET not in client.get("/audit").text
    assert trail(client, site=site_of(client, "P7")) == []


def test_pages_follow_each_other_without_a_gap(client: TestClient) -> None:
    sign_in_as(client, "administrator")
    every = [one["id"] for one in trail(client)]
    assert every == sorted(every, reverse=True)
    found, below = [], None
    while True:
        answer = client.get("/api/audit", params={"limit": 3} | ({"below": below} if below else {})).json()
        found += [one["id"] for one in answer["entries"]]
        below = answer["below"]
        if below is None:
            break
    assert found == every


@pytest.mark.parametrize(
    "asked",
    [
        {"site": "x"}, {"party": "-1"}, {"account": "9" * 30}, {"from": "tomorrow"}, {"to": "2026-13-01"},
        {"from": "2026-02-02", "to": "2026-02-01"}, {"below": "0"}, {"site": "1' OR '1'='1"},
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_a_sentence_beside_the_form(client: TestClient, asked: dict[str, str]) -> None:
    sign_in_as(client, "administrator")
    answer = client.get("/audit", params=asked)
    assert answer.status_code == 422 and "notice-bad" in answer.text
    assert client.get("/api/audit", params=asked).status_code == 400


def test_days_are_those_of_the_register(client: TestClient) -> None:
    sign_in_as(client, "administrator")
    today = store_of(client).clock().date()
    assert trail(client, **{"from": today - timedelta(days=1), "to": today + timedelta(days=1)})
    assert trail(client, to=today - timedelta(days=400)) == []
