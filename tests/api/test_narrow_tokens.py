"""A token opens what it was made for, and nothing else that its owner may see."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.model.party import MemberInvitation, Party
from geocommons.model.run import Run
from geocommons.store.engine import Store
from geocommons.usecases.people.tokens import make_token
from tests.make import ask

PAGE = {"accept": "text/html"}


def show(client: TestClient, role: Role, *scopes: str) -> dict[str, str]:
    """Return the header of a token of a new account."""
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    with store.writing() as session:
        account = Account(address="owner@example.org", role=role, language="en", created_at=store.clock())
        session.add(account)
        session.flush()
        _, secret = make_token(session, account, name="a script", scopes=scopes, days=7, now=store.clock())
    return PAGE | {"authorization": f"Bearer {secret}"}


@pytest.mark.parametrize(("scope", "status"), [("see the audit trail", 404), ("start an analysis", 200)])
def test_only_a_token_for_analyses_opens_drafts(client: TestClient, scope: str, status: int) -> None:
    state = client.app.state  # type: ignore[attr-defined]
    ask(state.store, state.settings, "health")
    with state.store.writing() as session:
        session.scalars(select(Run)).one().published_at = None
    token = show(client, "planner", scope)
    for path in (
        "/api/runs/1",
        "/api/runs/1/figures.csv",
        "/api/runs/1/export/sites.geojson",
        "/analyses/health?run=1",
    ):
        assert client.get(path, headers=token).status_code == status, path
    assert len(client.get("/api/runs", headers=token).json()["runs"]) == (status == 200)


@pytest.mark.parametrize(("scopes", "told"), [((), False), (("lead a group",), True)])
def test_only_a_token_for_groups_tells_who_is_invited(client: TestClient, scopes: tuple[str, ...], told: bool) -> None:
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    now = store.clock()
    with store.writing() as session:
        session.add(group := Party(kind="group", name="Herons"))
        session.flush()
        session.add(
            MemberInvitation(group_id=group.id, address="invited@example.org", role="member", secret_digest="x",
                             invited_by=None, created_at=now, expires_at=now.replace(year=now.year + 1), used_at=None)
        )  # fmt: skip
        number = group.id
    token = show(client, "administrator", "keep own account", *scopes)
    assert ("invited@example.org" in client.get(f"/groups/{number}", headers=token).text) is told
