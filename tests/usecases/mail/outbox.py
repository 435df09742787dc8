"""An outbox, a clock that stands still, and a sender to a real mail server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from geocommons.files.mail.smtp import MailServer, read_mail_url
from geocommons.model.account import Account
from geocommons.model.mail import Mail
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.mail.deliver import Postman
from geocommons.usecases.mail.queue import queue_mail
from scripts.mail_server import Mailroom, serving_mail
from tests.make import NOW

LINK = {"link": "https://town.example/sign-in/abc", "code": "123 456", "minutes": 15}
PATIENT_S = 60.0
"""How long a test waits for a server that means to answer: longer than a busy machine ever stands still."""
GROUP = {"by": "Ada", "group": "Otters", "link": "https://town.example/groups/3"}


@dataclass
class Outbox:
    """What a test does with mail: queue some, let time pass, send, and look."""

    store: Store
    postman: Postman
    room: Mailroom
    passed: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the moment of the test."""
        return NOW + sum(self.passed, timedelta())

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.passed.append(timedelta(**time))

    def sign_in(self, address: str, key: str = "") -> None:
        """Queue a mail that is essential."""
        with self.store.writing() as session:
            queue_mail(session, "sign_in", to=address, language="en", params=LINK, now=self.now(), key=key)

    def news(self, account: Account, group: str = "Otters") -> None:
        """Queue a mail that is not essential."""
        with self.store.writing() as session:
            params = GROUP | {"group": group}
            queue_mail(session, "member_added", to=account, language="nl", params=params, now=self.now())

    def account(self, address: str = "ada@town.example", **wishes: object) -> Account:
        """Make somebody with wishes about mail."""
        with self.store.writing() as session:
            account = Account(address=address, role="resident", language="en", created_at=NOW)
            for name, value in wishes.items():
                setattr(account, name, value)
            session.add(account)
        return account

    def mails(self) -> list[Mail]:
        """Return every mail of the outbox, as it is now."""
        with self.store.reading() as session:
            return list(session.scalars(select(Mail).order_by(Mail.id)))

    def states(self) -> list[str]:
        """Return the state of every mail."""
        return [mail.state for mail in self.mails()]

    def readers(self) -> list[str]:
        """Return who got something, in order."""
        return [reader for reader, _ in self.room.taken]


def make_settings(folder: Path, port: int, **more: object) -> Settings:
    """Return settings that send to a port of this machine."""
    given = {"mail_url": f"smtp://127.0.0.1:{port}", "mail_timeout_s": 1, "public_url": "https://town.example"}
    return Settings(data_dir=folder, **(given | {"mail_from": "Town <town@town.example>", "title": "Town"} | more))  # type: ignore[arg-type]


def make_line(settings: Settings, timeout_s: float = PATIENT_S) -> MailServer:
    """Return a line of its own to the mail server of the settings."""
    return MailServer(read_mail_url(settings.mail_url.get_secret_value()), name="town.example", timeout_s=timeout_s)


@contextmanager
def serving_outbox(store: Store, folder: Path) -> Iterator[Outbox]:
    """Serve a mail server, and return an outbox that sends to it."""
    room = Mailroom()
    with serving_mail(room) as port:
        settings = make_settings(folder, port)
        passed: list[timedelta] = []
        clock = lambda: NOW + sum(passed, timedelta())  # noqa: E731
        postman = Postman(store, settings, make_line(settings), clock, lambda: 0.5)
        yield Outbox(store, postman, room, passed)
        postman.server.close()
