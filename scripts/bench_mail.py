"""Queue and send many mails to a local mail server, with two senders of which one after another is killed on the way.

    python -m scripts.bench_mail [SCALE]

Scale 1 is 10,000 mails and five kills; a mail counts once by its Message-ID.
"""

import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from sqlalchemy import func, select

from geocommons.model.mail import Mail
from geocommons.store.engine import Store, open_store
from geocommons.store.schema import migrate
from geocommons.usecases.mail.queue import queue_mail
from scripts.postgis import private_cluster

Row = tuple[str, float, str]
ROOT = Path(__file__).parents[1]
GEOCOMMONS = str(Path(sys.executable).with_name("geocommons"))
KILLS = 5
SENDERS = 2
AT_ONCE = 100
"""Mails that one transaction queues: an act of the register rarely causes more."""
MOST_S = 600.0


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement, on both databases."""
    count = round(10_000 * scale)
    with TemporaryDirectory() as name, private_cluster() as cluster:
        folder = Path(name)
        lite = _measure(f"sqlite:///{folder / 'mail.sqlite'}", folder, count)
        postgis = _measure(cluster.create("mail"), folder, count)
    return [
        (f"mail: {count} on {database}, {what}", figure, unit)
        for database, figures in (("SQLite", lite), ("PostGIS", postgis))
        for what, figure, unit in figures
    ]


def _measure(url: str, folder: Path, count: int) -> list[Row]:
    store = open_store(url)
    migrate(store)
    log = folder / f"{store.engine.dialect.name}.log"
    log.touch()
    used_before_s = _used_s()
    with _mail_server(log) as port:
        start = perf_counter()
        _queue(store, count)
        queued_s = perf_counter() - start
        kills = _send_killed(store, url, folder, log, port, count)
        wall_s = perf_counter() - start
    store.close()
    delivered = Counter(line.split()[0] for line in log.read_text().splitlines())
    return [
        ("queued in", queued_s, "s"),
        ("queued and sent, killed on the way (under 60)", wall_s, "s"),
        ("processor time of senders and server", _used_s() - used_before_s, "s"),
        ("times the sender was killed", kills, ""),
        ("different Message-IDs delivered", len(delivered), ""),
        ("lost", count - len(delivered), ""),
        ("arrived again under the same Message-ID", delivered.total() - len(delivered), ""),
    ]


def _used_s() -> float:
    """Return the processor time of processes that ended, which says more than the clock on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _queue(store: Store, count: int) -> None:
    params = {"link": "https://town.example/sign-in/secret", "code": "123 456", "minutes": 15}
    for first in range(0, count, AT_ONCE):
        with store.writing() as session:
            for number in range(first, min(first + AT_ONCE, count)):
                to = f"reader{number}@town.example"
                queue_mail(session, "sign_in", to=to, language="en", params=params, now=store.clock())


@contextmanager
def _mail_server(log: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "scripts.mail_server", str(log)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.kill()


def _send_killed(store: Store, url: str, folder: Path, log: Path, port: int, count: int) -> int:
    """Send everything; at a share of the way the oldest sender is killed and a new one started; return how often."""
    environment = os.environ | {
        "GEOCOMMONS_DATABASE_URL": url, "GEOCOMMONS_DATA_DIR": str(folder), "GEOCOMMONS_MAIL_TIMEOUT_S": "1",
        "GEOCOMMONS_MAIL_URL": f"smtp://127.0.0.1:{port}", "GEOCOMMONS_MAIL_FROM": "Town <town@town.example>",
    }  # fmt: skip
    until, kills = perf_counter() + MOST_S, 0
    senders = [_start(environment) for _ in range(SENDERS)]
    while perf_counter() < until and _left(store):
        if kills < KILLS and _lines(log) >= count * (kills + 1) / (KILLS + 1):
            oldest = senders.pop(0)
            os.kill(oldest.pid, signal.SIGKILL)
            oldest.wait()
            kills += 1
            senders.append(_start(environment))
        sleep(0.2)
    for sender in senders:
        sender.terminate()
        sender.wait()
    return kills


def _start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([GEOCOMMONS, "mail", "send"], env=environment, cwd=ROOT)


def _left(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Mail.state.in_(("waiting", "sending")))) or 0


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n")


if __name__ == "__main__":
    for name, figure, unit in run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(f"{name:80s}{figure:12,.3f} {unit}")
