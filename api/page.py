"""Answer with a page: one template in the reader's language, with what every page needs."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.i18n import render
from geocommons.language import languages
from geocommons.settings import Settings

STATIC = Path(__file__).parent / "static"
LANGUAGE_COOKIE = "lang"
A_YEAR_S = 365 * 24 * 3600


def page(
    request: Request, template: str, language: str, settings: Settings, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """Return a page in the reader's language; a language chosen by `?lang=` is remembered for a year."""
    shared = {
        "settings": settings,
        "version": static_version(),
        "current": "",
        "language_links": {code: language_link(request, code) for code in languages()},
    }
    answer = HTMLResponse(render(template, language, shared | context), status_code=status)
    # Browsers store pages, and the same address answers in several languages.
    answer.headers["vary"] = "accept-language, cookie"
    answer.headers["cache-control"] = "no-cache"
    if request.query_params.get("lang") == language:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR_S, samesite="lax")
    return answer


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
