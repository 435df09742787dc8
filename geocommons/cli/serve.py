"""Verbs that serve: serve, and demo with the sample city."""

import errno
import fcntl
import hashlib
import shutil
import socket
import threading
import time
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.request import urlopen

import numpy as np
import typer
import uvicorn
from pydantic import SecretStr

from geocommons import __version__
from geocommons.cli.console import err, now, progress_bar, refuse_token, words
from geocommons.errors import NotReady
from geocommons.files.tiles import lonlat_to_fraction
from geocommons.settings import Settings, get_settings, make_data_dir
from geocommons.store.engine import open_store
from geocommons.store.schema import check_ready, migrate
from geocommons.usecases.sample import read_city, sample_area, sample_folder, sample_steps

Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")]
START_UP_S = 30.0
WAITING = 2048
"""How many requests may wait to be taken up."""


def serve(port: Port = None, host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None) -> None:
    """Serve the register."""
    refuse_token()
    settings = get_settings()
    store = open_store(settings.database)
    check_ready(store)
    store.close()
    settings = settings.model_copy(update={"host": host or settings.host})
    _run(settings, _listen(settings.host, settings.port if port is None else port))


def demo(
    port: Port = None,
    check: Annotated[bool, typer.Option("--check", help="Serve a page and a tile to itself, then stop.")] = False,
) -> None:
    """Load the fictional sample city, analyse it and serve it; a city's own register is not touched."""
    refuse_token()
    if check:
        with TemporaryDirectory() as folder:
            _check(_demo_settings(Path(folder)))
        return
    settings = get_settings()
    make_data_dir(settings)
    # Before anything is made: whoever finds the port taken need not wait for a city first.
    listener = _listen(settings.host, settings.port if port is None else port)
    _run(_demo_settings(settings.data_dir), listener)


def _demo_settings(data_dir: Path) -> Settings:
    """Return the settings of the demo, its register made or found as the same sample made it before."""
    sample, home = sample_folder(), data_dir / "demo"
    settings = Settings(
        data_dir=home, database_url="", area=sample_area(sample), title=read_city(sample)["name"],
        environment="demo", public_url="", mail_url=SecretStr(""),
    )  # fmt: skip
    stamp, wanted = home / "sample.txt", _fingerprint(sample)
    with (data_dir / ".demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second demo waits for the city that the first one makes
        if stamp.exists() and stamp.read_text() == wanted:
            store = open_store(settings.database)
            migrate(store)
            store.close()
        else:
            shutil.rmtree(home, ignore_errors=True)
            _make_city(settings, sample)
            stamp.write_text(wanted)
    return settings


def _make_city(settings: Settings, sample: Path) -> None:
    store = open_store(settings.database)
    moment = now()
    steps = list(sample_steps(store, settings, sample, moment))
    with progress_bar(words("Sample city")) as advance:
        for done, (_, step) in enumerate(steps):
            advance(done, len(steps))
            step()
    store.close()


def _fingerprint(sample: Path) -> str:
    digest = hashlib.blake2b(__version__.encode())
    for file in sorted(sample.iterdir()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens already, so that a free port is known and nobody else takes it."""
    try:
        # Of the ways to say an address, the first is the one that a browser would take.
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(WAITING)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise NotReady(
                "Port {port} is taken. Choose another with --port, or with GEOCOMMONS_PORT.", port=port
            ) from error
        raise NotReady(
            "Nothing can listen at {host}, port {port} ({why}). Choose another address or port.",
            host=host, port=port, why=error.strerror,
        ) from error  # fmt: skip
    return listener


def _bound(settings: Settings, listener: socket.socket) -> Settings:
    """Return settings with the port that is listened on, so that pages name it in the register's own address."""
    return settings.model_copy(update={"port": listener.getsockname()[1]})


def _server(settings: Settings) -> uvicorn.Server:
    app: Any = import_module("api.app").create_app(settings)
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", proxy_headers=False, server_header=False))


def _run(settings: Settings, listener: socket.socket) -> None:
    bound = _bound(settings, listener)
    server = _server(bound)
    said = words("{title} is served at {url} (stop with Ctrl+C)").format(title=bound.title, url=bound.listening)
    err.print(said, soft_wrap=True)
    server.run(sockets=[listener])


def _check(settings: Settings) -> None:
    listener = _listen("127.0.0.1", 0)
    server = _server(_bound(settings, listener))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + START_UP_S
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    west, south, east, north = settings.area
    try:
        page = _get(f"{url}/")
        middle = _tile((west + east) / 2, (south + north) / 2)
        tile = _get(f"{url}/ogc/collections/gardens/tiles/WebMercatorQuad/{middle}")
    finally:
        server.should_exit = True
        thread.join(START_UP_S)
    typer.echo(words("Served one page ({page} bytes) and one map tile ({tile} bytes).").format(page=page, tile=tile))


def _get(url: str) -> int:
    with urlopen(url, timeout=START_UP_S) as response:
        return len(response.read())


def _tile(lon: float, lat: float, zoom: int = 11) -> str:
    """Return the address of the tile that holds a point: zoom, row, column."""
    across, down = lonlat_to_fraction(np.array([lon]), np.array([lat]))
    return f"{zoom}/{int(down[0] * 2**zoom)}/{int(across[0] * 2**zoom)}"
