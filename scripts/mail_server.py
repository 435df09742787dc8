"""A real SMTP server for tests and measurements: it keeps what it takes, and refuses, stalls or hangs up when told to.

    python -m scripts.mail_server FILE

Prints its port, then adds the Message-ID and the reader of each message that it takes to a file, one a line.
"""

import asyncio
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

STALL_S = 3600.0
MOST_BYTES = 10_000_000


@dataclass
class Mailroom:
    """What a server does with mail: `acts` says for a reader what happens at the next tries, after which all is taken.

    An act is a reply that refuses ("550 no such mailbox"), `stall` (say nothing more), `drop` (hang up between the
    message and the answer), or `take and drop` (the same, but the message was taken). `connections` counts lines.
    """

    acts: dict[str, list[str]] = field(default_factory=dict)
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    connections: int = 0
    log: Path | None = None

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count a line; TLS begins it anew."""
        self.connections += 0 if session.ssl else 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse a reader where an act says so."""
        acts = self.acts.get(address, [])
        if acts and acts[0][0].isdigit():
            return acts.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message, or do what an act says."""
        acts = self.acts.get(envelope.rcpt_tos[0], [])
        act = acts.pop(0) if acts else ""
        if act == "stall":
            await asyncio.sleep(STALL_S)
        if act != "drop":
            self._take(envelope)
        if "drop" in act:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 taken"

    def _take(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        if self.log is None:
            self.taken.append((envelope.rcpt_tos[0], message))
            return
        with self.log.open("a") as file:
            file.write(f"{message['Message-ID']} {envelope.rcpt_tos[0]}\n")


@contextmanager
def serving_mail(
    room: Mailroom, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, **options: Any
) -> Iterator[int]:
    """Serve SMTP on a free port in a thread of its own, and return the port."""
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(
            room, hostname="mail.test", loop=loop, tls_context=starttls, data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True, **options,
        )  # fmt: skip

    thread = Thread(target=loop.run_forever, name="mail server", daemon=True)
    thread.start()
    serving = loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    server = asyncio.run_coroutine_threadsafe(serving, loop).result()
    yield server.sockets[0].getsockname()[1]
    asyncio.run_coroutine_threadsafe(_close(server), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _close(server: asyncio.Server) -> None:
    """Take no more connections, and end what is still said on those that are open."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def main() -> None:
    """Serve until killed."""
    with serving_mail(Mailroom(log=Path(sys.argv[1]))) as port:
        print(port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
