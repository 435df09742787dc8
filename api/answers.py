"""Answer with bytes: compressed where the reader takes that, and not at all where they have them already."""

import gzip
from hashlib import blake2b
from typing import Any

import orjson
from fastapi import Request, Response

from geocommons import __version__

WORTH_COMPRESSING = 1_400
"""Bytes that fit in one packet are not sent any faster when there are fewer of them."""
FAST = 1
JSON = "application/json"


def etag(request: Request, version: int, *parts: object) -> str:
    """Return the tag of an answer that depends on the address, the register's version and some more."""
    asked: bytes = request.scope["query_string"]
    told = f"{__version__} {version} {request.scope['path']} {parts} ".encode()
    return f'W/"{blake2b(told + asked, digest_size=9).hexdigest()}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether who asks has the answer with a tag already."""
    return tag in request.headers.get("if-none-match", "")


def not_modified(tag: str) -> Response:
    """Return the answer to who has it already."""
    return Response(status_code=304, headers=_headers(tag))


def body(request: Request, content: bytes, media_type: str, tag: str | None = None, **headers: str) -> Response:
    """Return bytes, compressed if the reader takes that and if it pays."""
    if len(content) > WORTH_COMPRESSING and takes_gzip(request):
        content = gzip.compress(content, FAST, mtime=0)
        headers["content_encoding"] = "gzip"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(content, headers=_headers(tag) | named, media_type=media_type)


def empty(tag: str) -> Response:
    """Return the answer that there is nothing, which is known for sure."""
    return Response(status_code=204, headers=_headers(tag))


def takes_gzip(request: Request) -> bool:
    """Whether who asks reads gzip."""
    return "gzip" in request.headers.get("accept-encoding", "")


def json(request: Request, value: Any, tag: str | None = None, media_type: str = JSON) -> Response:
    """Return a value as JSON."""
    return body(request, orjson.dumps(value), media_type, tag)


def _headers(tag: str | None) -> dict[str, str]:
    # Asking again costs a millisecond, and an old state is never shown.
    shared = {"vary": "accept-encoding, accept-language, cookie", "cache-control": "no-cache"}
    return shared | ({"etag": tag} if tag else {})
