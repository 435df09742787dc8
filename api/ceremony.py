"""What the ceremonies of passkeys and of a city's accounts have in common: who began one, and at which address."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response

from api.auth import find_actor
from api.forms import browser_secret, origin_of
from geocommons.errors import NotSignedIn
from geocommons.model.sign_in import digest_of


def login_of(request: Request) -> int:
    """Return the number of the session that a request came in, or refuse a program, which has none."""
    find_actor(request)
    found: int | None = request.state.login_id
    if found is None:
        raise NotSignedIn("Sign in to do this.")
    return found


def client_of(request: Request) -> str:
    """Return the network address that a request came from, as the trusted proxy says it."""
    return request.client.host if request.client else ""


def login_holder(request: Request) -> str:
    """Return to whom a challenge is bound where somebody is signed in: to their session."""
    return f"session {login_of(request)}"


def browser_holder(request: Request) -> str:
    """Return to whom a challenge is bound where nobody is signed in: to the browser."""
    return f"browser {digest_of(browser_secret(request))}"


def as_options(text: str) -> Response:
    """Return the JSON that the browser's own functions for passkeys read."""
    return Response(text, media_type="application/json", headers={"cache-control": "no-store"})


def place(request: Request) -> dict[str, Any]:
    """Return whether this address has a name, as passkeys need, and on the machine itself the one that has."""
    parts = urlsplit(origin_of(request))
    try:
        number = ip_address(parts.hostname or "")
    except ValueError:
        return {"at_a_name": True, "named_address": ""}
    port = f":{parts.port}" if parts.port else ""
    path = f"{request.url.path}?{request.url.query}".rstrip("?")
    return {"at_a_name": False, "named_address": f"http://localhost{port}{path}" if number.is_loopback else ""}
