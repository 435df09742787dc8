"""Turn away before any route what is not for this register: another host's requests, and bodies that are too large."""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.deps import reader_language
from api.errors import NO_SUCH_PAGE, answer
from geocommons.language import mark, translate
from geocommons.model.actor import VISITOR
from geocommons.settings import Settings

FOREIGN_HOST = mark("This register does not answer under that name. Open it by its own address.")
TOO_LARGE = mark("What was sent is larger than this register takes. Send less at once.")
HOST = re.compile(rb"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+?)\.?)(?::[0-9]{1,5})?", re.IGNORECASE)
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
HEALTH = "/healthz"
"""Whoever watches the servers asks by their number, and is told nothing but that they are well."""
BODILESS = frozenset({"GET", "HEAD"})


def known_hosts(settings: Settings) -> frozenset[str] | None:
    """Return the host names that a register answers to; None: any, where it listens everywhere and names none."""
    named = {host.lower().strip("[]") for host in settings.allowed_hosts}
    named |= {host} if (host := urlsplit(settings.public_url).hostname) else set()
    if "*" in named or (settings.host in EVERYWHERE and not named):
        return None
    return frozenset(named | HERE | {settings.host.lower()})


@lru_cache(maxsize=256)
def host_name(value: bytes) -> str:
    """Return the name in a Host header, without its port and in small letters; empty if it is not one."""
    found = HOST.fullmatch(value)
    return (found[1] or found[2]).decode().lower() if found else ""


class Gate:
    """ASGI middleware that refuses foreign hosts, and bodies above the limit however they are sent."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.hosts = known_hosts(settings)
        self.most_bytes = settings.max_body_kb * 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with one sentence."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        host, length, chunked = _said(scope["headers"])
        if self.hosts is not None and host_name(host) not in self.hosts and scope["path"] != HEALTH:
            await _refuse(scope, receive, send, 400, FOREIGN_HOST)
        elif "\0" in scope["path"] or b"%00" in scope["query_string"]:
            # No text of the register has one, and PostgreSQL refuses to look for it.
            await _refuse(scope, receive, send, 404, NO_SUCH_PAGE)
        elif not length.isdigit() or int(length) > self.most_bytes:
            await _refuse(scope, receive, send, 413, TOO_LARGE)
        elif scope["method"] in BODILESS and not chunked:
            await self.app(scope, receive, send)
        else:
            await self.app(scope, _counted(receive, self.most_bytes), send)


def _said(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, bytes, bool]:
    """Return the host that is asked, the length that a body states, and whether it comes in chunks."""
    host, length, chunked = b"", b"0", False
    for name, value in headers:
        if name == b"host":
            host = value
        elif name == b"content-length":
            length = value
        elif name == b"transfer-encoding":
            chunked = True
    return host, length, chunked


def _counted(receive: Receive, most_bytes: int) -> Receive:
    """Return a source of a body that ends with a refusal where the body grows too large, whatever length it states."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most_bytes:
            raise HTTPException(413, TOO_LARGE, {"connection": "close"})
        return message

    return counted


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str) -> None:
    request = Request(scope)
    reply = answer(request, status, translate(sentence, reader_language(request)), reader=VISITOR)
    # What is still being sent is not read.
    reply.headers["connection"] = "close"
    await reply(scope, receive, send)
