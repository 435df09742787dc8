"""Sign a client in, straight in the store."""

from starlette.testclient import TestClient

from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.store.engine import Store
from geocommons.usecases.people.sessions import start_session


def sign_in_as(client: TestClient, role: Role, address: str = "") -> Account:
    """Make an account with a role, and let the client be signed in with it."""
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    with store.writing() as session:
        account = Account(address=address or f"{role}@example.org", role=role, language="en", created_at=store.clock())
        session.add(account)
        session.flush()
        _, secret = start_session(session, account, way="mail", browser="test", now=store.clock())
    name = "__Host-session" if client.app.state.settings.public_url.startswith("https://") else "session"  # type: ignore[attr-defined]
    client.cookies.set(name, secret)
    return account
