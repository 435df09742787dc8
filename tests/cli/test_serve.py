"""What `geocommons serve` and `geocommons demo` say of themselves, and what they refuse."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from geocommons.cli.serve import _listen, _server
from geocommons.errors import NotReady
from geocommons.settings import Settings
from geocommons.store.engine import migrate, open_store

ROOT = Path(__file__).parents[2]
LONGEST_S = 90
DEMO = "import sys; sys.argv = ['geocommons', 'demo']; from geocommons.cli.main import run; run()"


def test_pages_name_the_port_that_is_listened_on(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="")
    store = open_store(settings.database)
    migrate(store)
    store.close()
    with _listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert port != settings.port
        assert _server(settings, listener).config.app.state.settings.home == f"http://127.0.0.1:{port}"


def test_of_two_that_start_on_one_port_the_second_is_told_that_it_is_taken() -> None:
    with _listen("127.0.0.1", 0) as listener, pytest.raises(NotReady, match="is taken.*--port.*GEOCOMMONS_PORT"):
        _listen("127.0.0.1", listener.getsockname()[1])


def test_an_address_that_this_machine_has_not_is_no_taken_port() -> None:
    for host in ("192.0.2.1", "no such host.invalid"):
        with pytest.raises(NotReady, match=r"Nothing can listen at .*, port 8123 \(.+\)"):
            _listen(host, 8123)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_address_with_colons_is_listened_on_and_named_in_brackets() -> None:
    try:
        listener = _listen("::1", 0)
    except NotReady:
        pytest.skip("no IPv6 here")
    with listener:
        assert listener.family == socket.AF_INET6
    assert Settings(host="::1", port=8123).home == "http://[::1]:8123"


def test_two_demos_that_start_at_once_serve_the_same_city_and_neither_trips(tmp_path: Path) -> None:
    # Where the demo listens is in its own words, on standard error; the second waits for the city of the first.
    environment = os.environ | {"GEOCOMMONS_DATA_DIR": str(tmp_path), "GEOCOMMONS_PORT": "0", "PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen([sys.executable, "-c", DEMO], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    until = time.monotonic() + LONGEST_S
    counted = []
    for one in both:
        said = ""
        assert one.stderr is not None
        while "http" not in said and one.poll() is None and time.monotonic() < until:
            said = one.stderr.readline()
        assert "http://" in said, said + one.stderr.read()
        counted.append(urlopen(said.split("at ")[1].split()[0] + "/api/counts").read())
    for one in both:
        one.send_signal(signal.SIGINT)
        one.communicate()
    assert counted[0] == counted[1]
