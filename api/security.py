"""Say in headers what a page may do: load from here alone, and be framed by nobody."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geocommons.settings import Settings

A_YEAR_S = 365 * 24 * 3600


def content_security_policy(tile_url: str = "") -> str:
    """Return the policy of every page; images may also come from the host of the base map, if one is set."""
    hosts = " ".join(["'self'", "data:", *_image_hosts(tile_url)])
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src {hosts}",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _image_hosts(tile_url: str) -> list[str]:
    """Return the sources of a tile URL template; `{s}` in its host stands for any one label."""
    parts = urlsplit(tile_url)
    host = parts.netloc.rpartition("@")[2].replace("{s}", "*")
    return [f"{parts.scheme}://{host}"] if parts.scheme in ("http", "https") and host else []


def security_headers(settings: Settings) -> dict[str, str]:
    """Return what every answer says, unless it says it in its own way."""
    headers = {
        "content-security-policy": content_security_policy(settings.tile_url),
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "permissions-policy": "camera=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
    }
    if settings.public_url.startswith("https://"):
        headers["strict-transport-security"] = f"max-age={A_YEAR_S}"
    return headers


class SecurityHeaders:
    """ASGI middleware that adds the headers to every answer that does not set its own."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add what is missing to its answer's headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
