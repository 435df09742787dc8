"""Time 200 sign-ins at once against a served register on PostGIS, and how long it takes to ask who may do what.

    python -m scripts.bench_people [SCALE]

Scale 1 is 200 people. Each has a network address and a connection of their own; all send the same step at once, in one
process that shares the machine with the server, so a p99 is that of the last to be served.
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from timeit import repeat
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from sqlalchemy import select

from geocommons.model.actor import Actor
from geocommons.model.mail import Mail
from geocommons.model.permission import Target, permit
from geocommons.model.sign_in import digest_of
from geocommons.store.engine import Store, open_store
from geocommons.store.logins import find_login
from geocommons.store.schema import migrate
from scripts.postgis import private_cluster

Row = tuple[str, float, str]
PEOPLE, PORT, START_UP_S, ROUNDS = 200, 18_433, 60.0, 3
CHECKS = 10_000
GEOCOMMONS = (sys.executable, "-c", "from geocommons.cli.main import run; run()")
"""The shell door of this folder's own code, whichever is installed."""


class Person:
    """A browser with one connection: enough HTTP to sign in, and little enough to leave the machine to the server."""

    def __init__(self, number: int) -> None:
        self.address = f"person{number}@example.org"
        self.client = f"198.18.{number // 250}.{number % 250 + 1}"
        self.cookies: dict[str, str] = {}
        self.csrf = self.code = ""
        self.errors = 0

    async def connect(self) -> None:
        """Open the connection."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", PORT)

    async def ask_page(self) -> None:
        """Open the page that asks for an address."""
        found = re.search(r'name="csrf" value="([^"]+)"', await self._send("GET", "/sign-in", expected=200))
        self.csrf = found[1] if found else ""

    async def ask(self) -> None:
        """Ask for the mail."""
        await self._send("POST", "/sign-in", address=self.address, goal="/account")

    async def enter(self) -> None:
        """Type the code of the mail."""
        await self._send("POST", "/sign-in/code", code=self.code)

    async def account(self) -> None:
        """Open a page of one's own."""
        if self.address not in await self._send("GET", "/account", expected=200):
            self.errors += 1

    async def _send(self, method: str, path: str, *, expected: int = 303, **fields: str) -> str:
        form = urlencode({"csrf": self.csrf} | fields) if fields else ""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = [
            f"{method} {path} HTTP/1.1", "host: localhost", f"x-forwarded-for: {self.client}", f"cookie: {cookies}",
            "accept: text/html", "content-type: application/x-www-form-urlencoded", f"content-length: {len(form)}",
        ]  # fmt: skip
        self.writer.write(("\r\n".join(head) + "\r\n\r\n" + form).encode())
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = 0
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0].strip('"')
            elif name == "content-length":
                length = int(value)
        body = (await self.reader.readexactly(length)).decode()
        self.errors += int(lines[0].split()[1]) != expected
        return body


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement."""
    with TemporaryDirectory() as folder, private_cluster() as cluster:
        rounds = [_sign_in_at_once(cluster.create(f"people{n}"), folder, round(PEOPLE * scale)) for n in range(ROUNDS)]
    usual = [(row[0][0], median(figure for _, figure, _ in row), row[0][2]) for row in zip(*rounds, strict=True)]
    return [("people: errors in every round", sum(rows[0][1] for rows in rounds), ""), *usual[1:], _permission()]


def _sign_in_at_once(url: str, folder: str, count: int) -> list[Row]:
    store = open_store(url)
    migrate(store)
    told = {"GEOCOMMONS_DATA_DIR": folder, "GEOCOMMONS_DATABASE_URL": url, "GEOCOMMONS_MAIL_URL": ""}
    server = subprocess.Popen([*GEOCOMMONS, "serve", "--port", str(PORT)], env=os.environ | told)
    try:
        _await_server()
        people = [Person(number) for number in range(count)]
        rows = asyncio.run(_steps(store, people))
        secret = people[0].cookies.get("session", "")
        rows.append(("people: find who asks, in one question", _find(store, secret), "ms"))
    finally:
        server.terminate()
        server.wait()
        store.close()
    return rows


async def _steps(store: Store, people: list[Person]) -> list[Row]:
    for person in people:
        await person.connect()
    pages = await _at_once([person.ask_page for person in people])
    asked = await _at_once([person.ask for person in people])
    with store.reading() as session:
        codes = {mail.address: mail.params["code"] for mail in session.scalars(select(Mail))}
    for person in people:
        person.code = codes.get(person.address, "")
    entered = await _at_once([person.enter for person in people])
    seen = await _at_once([person.account for person in people])
    for person in people:
        person.writer.close()
    at_once = f"{len(people)} at once, p99"
    return [
        ("people: errors", float(sum(person.errors for person in people)), ""),
        (f"people: open the page to sign in, {at_once}", pages, "s"),
        (f"people: ask for the mail, {at_once} (under 1)", asked, "s"),
        (f"people: type its code and be in, {at_once} (under 1)", entered, "s"),
        (f"people: open my account, {at_once}", seen, "s"),
    ]


async def _at_once(steps: list[Callable[[], Awaitable[None]]]) -> float:
    """Return the seconds within which 99 of 100 answers to a step that all take at once were there."""

    async def timed(step: Callable[[], Awaitable[None]]) -> float:
        start = perf_counter()
        await step()
        return perf_counter() - start

    times = sorted(await asyncio.gather(*map(timed, steps)))
    return times[min(len(times) - 1, int(len(times) * 0.99))]


def _find(store: Store, secret: str) -> float:
    def find() -> None:
        with store.asking() as session:
            assert find_login(session, digest_of(secret), store.clock())

    return min(repeat(find, number=100, repeat=5)) / 100 * 1000


def _permission() -> Row:
    """Return how long one question to the table takes, for somebody whom it bounds in every way."""
    actor = Actor(
        role="staff", door="page", account_id=1, layers=frozenset({"gardens", "rivers"}),
        districts=frozenset(f"District {n}" for n in range(30)), scopes=frozenset({"import places"}),
    )  # fmt: skip
    target = Target(layer="gardens", districts=frozenset({"District 1", "District 2"}))
    best = min(repeat(lambda: permit(actor, "import places", target), number=CHECKS, repeat=5))
    return "people: permission check (under 50)", best / CHECKS * 1e6, "µs"


def _await_server() -> None:
    until = perf_counter() + START_UP_S
    while perf_counter() < until:
        try:
            with urlopen(f"http://127.0.0.1:{PORT}/healthz"):
                return
        except URLError:
            sleep(0.1)
    raise SystemExit("The server did not start.")


if __name__ == "__main__":
    for name, figure, unit in run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(f"{name:80s}{figure:12,.3f} {unit}")
