"""Sign a client in, straight in the store."""

from starlette.testclient import TestClient

from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.model.sign_in import keyed_digest
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.people.sessions import start_session

BROWSER = "a browser of the tests"


def sign_in_as(client: TestClient, role: Role, address: str = "") -> Account:
    """Make an account with a role, and let the client act as it: signed in, with the token of forms in its header."""
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    with store.writing() as session:
        account = Account(address=address or f"{role}@example.org", role=role, language="en", created_at=store.clock())
        session.add(account)
        session.flush()
        _, secret = start_session(session, account, way="mail", browser="test", now=store.clock())
    settings: Settings = client.app.state.settings  # type: ignore[attr-defined]
    own = "__Host-" if settings.public_url.startswith("https://") else ""
    client.cookies.set(f"{own}session", secret)
    client.cookies.set(f"{own}browser", BROWSER)
    client.headers["x-csrf-token"] = keyed_digest(settings.secret_key.get_secret_value(), "form", BROWSER)
    return account
