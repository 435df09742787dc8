"""A sender that is killed at any moment loses nothing, and its mail keeps its Message-ID."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from geocommons.model.mail import Mail
from geocommons.store.engine import Store
from geocommons.usecases.mail.queue import queue_mail
from scripts.mail_server import Mailroom, serving_mail
from tests.usecases.mail.outbox import LINK, make_settings

KILLS = 5
EACH = 8
"""Mails that arrive between one kill and the next."""
MAILS = EACH * (KILLS + 2)
ROOT = Path(__file__).parents[3]
SEND = "from geocommons.cli.mail import mail_app; mail_app(['send'])"


def start(store: Store, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start a sender as a process of its own."""
    settings = make_settings(folder, port)
    url = store.engine.url.render_as_string(hide_password=False)
    given = {
        "DATABASE_URL": url, "DATA_DIR": str(folder), "MAIL_URL": settings.mail_url.get_secret_value(),
        "MAIL_FROM": settings.mail_from, "MAIL_TIMEOUT_S": "0.5",
    }  # fmt: skip
    environment = os.environ | {f"GEOCOMMONS_{name}": value for name, value in given.items()}
    with said(folder).open("a") as log:
        return subprocess.Popen([sys.executable, "-c", SEND], env=environment, cwd=ROOT, stderr=log)


def said(folder: Path) -> Path:
    """Return the file of what all senders said."""
    return folder / "senders.log"


def left(store: Store) -> int:
    """Return how many mails are not yet sent."""
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Mail.state != "sent")) or 0


def test_five_killed_senders_lose_no_mail_and_send_at_most_one_again_each(store: Store, tmp_path: Path) -> None:
    with store.writing() as session:
        for number in range(MAILS):
            queue_mail(session, "sign_in", to=f"r{number}@town.example", language="en", params=LINK, now=store.clock())
    room = Mailroom()
    with serving_mail(room) as port:
        for kill in range(1, KILLS + 1):
            sender = start(store, tmp_path, port)
            while len(room.taken) < kill * EACH and sender.poll() is None:
                time.sleep(0.001)
            os.kill(sender.pid, signal.SIGKILL)
            sender.wait()
        last = start(store, tmp_path, port)
        while left(store) and last.poll() is None:
            time.sleep(0.05)
        last.terminate()
        assert last.wait() == 0, "a sender that is asked to stop does so by itself"
    messages = {message["Message-ID"] for _, message in room.taken}
    assert len(messages) == len({reader for reader, _ in room.taken}) == MAILS
    # On a busy machine this server may take a mail and answer too late, which its sender cannot know.
    late = said(tmp_path).read_text().count("is put off")
    assert len(room.taken) <= MAILS + KILLS + late
