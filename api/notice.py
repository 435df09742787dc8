"""One sentence that waits for the next page: what an act did, kept in a signed cookie until it is read."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import orjson
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from geocommons.language import translate
from geocommons.settings import Settings

COOKIE = "notice"
A_MINUTE_S = 60
MOST_SIGNS = 200
"""A cookie holds 4 KB; a name longer than this is cut in a notice, never on its own page."""


@dataclass(frozen=True)
class Notice:
    """A sentence in the reader's language, and whether it tells of something that did not work."""

    sentence: str
    bad: bool


def see_other(path: str, settings: Settings, sentence: str = "", *, bad: bool = False, **params: object) -> Response:
    """Return the answer to a form that worked: go to `path`, where `sentence` (a `mark()`) is said once."""
    answer = RedirectResponse(path, 303, headers={"cache-control": "no-store"})
    if sentence:
        leave_notice(answer, settings, sentence, bad=bad, **params)
    return answer


def leave_notice(answer: Response, settings: Settings, sentence: str, *, bad: bool = False, **params: object) -> None:
    """Let the next page that this browser opens say a sentence, filled with params, once and within a minute."""
    filled = {name: str(value)[:MOST_SIGNS] for name, value in params.items()}
    content = urlsafe_b64encode(orjson.dumps([sentence, filled, bad])).decode()
    secure = settings.public_url.startswith("https://")
    answer.set_cookie(
        COOKIE,
        f"{content}.{_seal(settings, content)}",
        max_age=A_MINUTE_S,
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def read_notice(request: Request, settings: Settings, language: str) -> Notice | None:
    """Return the sentence that waits, or None; one that the register did not sign does not count."""
    content, _, seal = request.cookies.get(COOKIE, "").partition(".")
    if not content or not hmac.compare_digest(seal.encode(), _seal(settings, content).encode()):
        return None
    sentence, params, bad = orjson.loads(urlsafe_b64decode(content))
    return Notice(translate(sentence, language).format(**params), bad)


def _seal(settings: Settings, content: str) -> str:
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"notice {content}".encode(), hashlib.sha256).hexdigest()
