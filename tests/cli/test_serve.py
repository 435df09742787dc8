"""What `geocommons serve` and `geocommons demo` say of themselves, and what they refuse."""

import fcntl
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geocommons.cli.serve import _bound, _demo_settings, _fingerprint, _listen
from geocommons.errors import NotReady
from geocommons.settings import Settings, make_data_dir
from geocommons.usecases.sample import sample_folder


def test_pages_name_the_port_that_is_listened_on() -> None:
    settings = Settings(database_url="")
    with _listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert port != settings.port
        assert _bound(settings, listener).home == f"http://127.0.0.1:{port}"


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


def test_a_second_demo_waits_for_the_city_that_the_first_one_makes_and_takes_it(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with (tmp_path / ".demo.lock").open("w") as lock, ThreadPoolExecutor() as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = pool.submit(_demo_settings, tmp_path)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.2)
        home.mkdir()
        (home / "sample.txt").write_text(_fingerprint(sample_folder()))
        (home / "made by the first").touch()
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert second.result().data_dir == home
    assert (home / "made by the first").exists()


def test_a_data_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NotReady, match=r"Nothing can be written to the data folder .*GEOCOMMONS_DATA_DIR"):
            make_data_dir(Settings(data_dir=folder))
    make_data_dir(Settings(data_dir=tmp_path / "a" / "b"))
    assert not list((tmp_path / "a" / "b").iterdir())
