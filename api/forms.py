"""Forms of pages: their token, what they send, and the cookies that tell one browser from another."""

import hmac
import secrets
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from geocommons.errors import InvalidInput, NotAllowed
from geocommons.model.sign_in import keyed_digest
from geocommons.settings import Settings

MOST_BYTES = 100_000
MOST_FIELDS = 200
TOKEN_BYTES = 32
A_DAY_S = 24 * 3600


def csrf_token(request: Request) -> str:
    """Return the token that a form of this reader carries: nothing but this browser and this register can make it."""
    return _token(request, browser_secret(request))


def browser_secret(request: Request) -> str:
    """Return what tells this browser from others; a new one is set by the answer (`keep_browser`)."""
    known = request.cookies.get(cookie_name(request, "browser")) or getattr(request.state, "new_browser", None)
    if known is None:
        known = request.state.new_browser = secrets.token_urlsafe(TOKEN_BYTES)
    return str(known)


def keep_browser(request: Request, answer: Response) -> None:
    """Set the cookie of a browser that was told from others for the first time."""
    if new := getattr(request.state, "new_browser", None):
        set_cookie(request, answer, "browser", new, max_age_s=30 * A_DAY_S)


def cookie_name(request: Request, name: str) -> str:
    """Return the name of a cookie: under https one that no other host can set."""
    return f"__Host-{name}" if is_https(request) else name


def set_cookie(request: Request, answer: Response, name: str, value: str, *, max_age_s: int) -> None:
    """Set a cookie that no script reads and that other sites' forms do not send."""
    answer.set_cookie(
        cookie_name(request, name), value, max_age=max_age_s, httponly=True, samesite="lax", secure=is_https(request)
    )


def is_https(request: Request) -> bool:
    """Whether people reach the register encrypted."""
    settings: Settings = request.app.state.settings
    return settings.public_url.startswith("https://")


def origin_of(request: Request) -> str:
    """Return the address of the register as people type it, without a path: the public one, or where it listens."""
    settings: Settings = request.app.state.settings
    return (settings.public_url or str(request.base_url)).rstrip("/")


def safe_goal(goal: str) -> str:
    """Return where to go after signing in: a page of this register, or the map where it is anything else."""
    own = goal.startswith("/") and not goal.startswith("//") and "\\" not in goal and goal.isprintable()
    return goal if own else "/"


def see_goal(goal: str) -> Response:
    """Return the answer that sends a browser to a page of this register."""
    return RedirectResponse(safe_goal(goal), 303, headers={"cache-control": "no-store"})


class Form(dict[str, str]):
    """The fields of a form that one of our own pages sent; one that is missing is empty."""

    def __missing__(self, name: str) -> str:
        """Return an empty text."""
        return ""


async def read_form(request: Request) -> Form:
    """Return the fields of a form, or refuse one that is too large, cannot be read, or another site sent."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise InvalidInput("This form is too large. Write less.")
    try:
        fields = Form(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise InvalidInput("This form cannot be read. Open its page again.") from error
    browser = request.cookies.get(cookie_name(request, "browser"))
    if browser is None or not hmac.compare_digest(_token(request, browser).encode(), fields["csrf"].encode()):
        raise NotAllowed("This form is too old, or came from another site. Open its page again.")
    return fields


def _token(request: Request, browser: str) -> str:
    settings: Settings = request.app.state.settings
    return keyed_digest(settings.secret_key.get_secret_value(), "form", browser)


FormDep = Annotated[Form, Depends(read_form)]
