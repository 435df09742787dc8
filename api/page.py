"""Answer with a page: one template in the reader's language, with what every page needs."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.auth import find_actor, keep_login
from api.forms import csrf_token, is_https, keep_browser
from api.i18n import render
from api.notice import COOKIE as NOTICE_COOKIE
from api.notice import Notice, read_notice
from geocommons.language import languages
from geocommons.model.actor import VISITOR, Actor
from geocommons.model.permission import ROLE_WORDS, extent_of
from geocommons.settings import Settings

STATIC = Path(__file__).parent / "static"
LANGUAGE_COOKIE = "lang"
A_YEAR_S = 365 * 24 * 3600
ANYBODY = "no-cache"
NOBODY_ELSE = "private, no-store"
"""What is one reader's own is kept nowhere: not by a proxy, nor by the browser of a shared computer."""


SECRET_PATHS = ("/sign-in/", "/unsubscribe/", "/groups/join/")
"""Their addresses let somebody in, so no other site hears of them; our own forms still need their origin."""


class Once:
    """A text that a template may take; `taken` says whether it did."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make, self.taken = make, False

    def __str__(self) -> str:
        """Return the text."""
        self.taken = True
        return self._make()


def page(
    request: Request, template: str, language: str, settings: Settings, *,
    status: int = 200, reader: Actor | None = None, **context: Any,
) -> HTMLResponse:  # fmt: skip
    """Return a page in the reader's language; a language chosen by `?lang=` is remembered for a year.

    Every template has `reader` (the Actor who asks), `may(action)` (whether it may ever do that), `csrf` (the
    token of a form), `path`, `goal` (where to come back to), and `notice()`, which gives what waits to be said, once.
    """
    reader = find_actor(request) if reader is None else reader
    csrf = Once(lambda: csrf_token(request))
    said: list[Notice] = []

    def notice() -> Notice | None:
        waiting = read_notice(request, settings, language)
        said.extend([waiting] if waiting else [])
        return waiting

    shared = {
        "settings": settings,
        "version": static_version(),
        "current": "",
        "path": request.url.path,
        "goal": goal_of(request),
        "reader": reader,
        "role_words": ROLE_WORDS,
        "may": lambda action: extent_of(reader, action) is not None,
        "csrf": csrf,
        "notice": notice,
        "language_links": {code: language_link(request, code) for code in languages()},
    }
    answer = HTMLResponse(render(template, language, shared | context), status_code=status)
    answer.headers["cache-control"] = NOBODY_ELSE if reader != VISITOR or csrf.taken or said else ANYBODY
    if said:
        answer.delete_cookie(NOTICE_COOKIE, samesite="lax")
    if request.query_params.get("lang") == language:
        _keep_language(request, answer, language)
    _keep_apart(request, answer)
    return answer


def _keep_language(request: Request, answer: Response, language: str) -> None:
    answer.set_cookie(
        LANGUAGE_COOKIE, language, max_age=A_YEAR_S, httponly=True, samesite="lax", secure=is_https(request)
    )


def _keep_apart(request: Request, answer: Response) -> None:
    """Say what an answer depends on, whom its address is not told to, and which browser and session it is for."""
    # Browsers store pages, and the same address answers in several languages.
    answer.headers["vary"] = "accept-language, cookie"
    if request.url.path.startswith(SECRET_PATHS):
        answer.headers["referrer-policy"] = "same-origin"
    keep_browser(request, answer)
    keep_login(request, answer)


def goal_of(request: Request) -> str:
    """Return where signing in leads back to, as a query value: this page, or the map where it has no address."""
    if request.method != "GET" or request.url.path.startswith("/sign-in"):
        return ""
    return query_value(request.url.path + (f"?{request.url.query}" if request.url.query else ""))


def query_value(path: str) -> str:
    """Return a path as the value of a query."""
    return quote(path, safe="/")


def page_of_form(request: Request) -> str:
    """Return the page that a form was sent from, as a query value, or the map where that is not known."""
    sent_from = urlsplit(request.headers.get("referer", ""))
    own = sent_from.netloc == request.url.netloc
    return query_value(sent_from.path + (f"?{sent_from.query}" if sent_from.query else "")) if own else "/"


def language_link(request: Request, code: str) -> str:
    """Return the address of this page in another language."""
    url = request.url.include_query_params(lang=code)
    return f"{url.path}?{url.query}"


def script_json(value: Any) -> Markup:
    """Return JSON that is safe inside a script element: no text in it can close the element."""
    text = orjson.dumps(value).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


@cache
def static_version() -> str:
    """Return a short hash of the built browser code, so that a new one is never served from a cache."""
    found = hashlib.sha256()
    for name in ("main.js", "main.css"):
        path = STATIC / name
        found.update(path.read_bytes() if path.exists() else b"")
    return found.hexdigest()[:10]
