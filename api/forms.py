"""Forms of pages: their token, what they send, and the cookies that tell one browser from another."""

import hmac
import secrets
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from geocommons.errors import InvalidInput, NotAllowed
from geocommons.model.sign_in import keyed_digest
from geocommons.settings import Settings

FORM = "application/x-www-form-urlencoded"
TOKEN_HEADER = "x-csrf-token"
MOST_BYTES = 200_000
"""Ten thousand signs of any script, each of which a browser may send as twelve bytes, and room for the rest."""
MOST_FIELDS = 200
MOST_GOAL = 2_000
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


def drop_cookie(request: Request, answer: Response, name: str) -> None:
    """Take a cookie away."""
    answer.delete_cookie(cookie_name(request, name), httponly=True, samesite="lax", secure=is_https(request))


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
    # No "//" anywhere: whoever tidies "/..//elsewhere" up would make another address of it.
    own = goal.startswith("/") and "//" not in goal.partition("?")[0] and "\\" not in goal and goal.isprintable()
    return goal if own and len(goal) <= MOST_GOAL else "/"


def see_goal(goal: str) -> Response:
    """Return the answer that sends a browser to a page of this register."""
    return RedirectResponse(safe_goal(goal), 303, headers={"cache-control": "no-store"})


class Form(dict[str, str]):
    """The fields of a form that one of our own pages sent; one that is missing is empty."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(pairs)
        self._pairs = tuple(pairs)

    def __missing__(self, name: str) -> str:
        """Return an empty text."""
        return ""

    def every(self, name: str) -> list[str]:
        """Return every value of a name, as ticks that share one send them."""
        return [value for key, value in self._pairs if key == name]


async def read_form(request: Request) -> Form:
    """Return the fields of a form, or refuse one that is too large, cannot be read, or another site sent."""
    await check_sender(request)
    form: Form = request.state.form
    return form


async def check_sender(request: Request) -> None:
    """Refuse what no page of ours sent: from another site, or without the token, in its header or in the form."""
    if hasattr(request.state, "form"):
        return
    if not is_own(request):
        raise NotAllowed("A form can only be sent from a page of this register.")
    written = request.headers.get("content-type", FORM).partition(";")[0].strip().lower() == FORM
    fields = await _read_fields(request) if written else Form()
    browser = request.cookies.get(cookie_name(request, "browser"))
    token = request.headers.get(TOKEN_HEADER) or fields["csrf"]
    if browser is None or not hmac.compare_digest(_token(request, browser).encode(), token.encode()):
        raise NotAllowed("This form is too old, or came from another site. Open its page again.")
    request.state.form = fields


def is_own(request: Request) -> bool:
    """Whether a page of this register sent a request, as its browser says; one that says nothing has its token."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None or origin is None:
        return site in (None, "same-origin", "none")
    settings: Settings = request.app.state.settings
    return urlsplit(origin).netloc in {request.url.netloc, urlsplit(settings.public_url).netloc} - {""}


async def _read_fields(request: Request) -> Form:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise InvalidInput("This form is too large. Write less.")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise InvalidInput("This form cannot be read. Open its page again.") from error
    # PostgreSQL keeps no NUL in a text, and no person types one.
    return Form([(name, value.replace("\0", "")) for name, value in pairs])


def _token(request: Request, browser: str) -> str:
    settings: Settings = request.app.state.settings
    return keyed_digest(settings.secret_key.get_secret_value(), "form", browser)


FormDep = Annotated[Form, Depends(read_form)]
