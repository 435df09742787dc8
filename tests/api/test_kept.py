"""What is kept in memory is made once and stays within its limit."""

import threading
import time

import pytest

from api.kept import Kept


def test_a_value_is_made_once_however_many_ask_at_the_same_time() -> None:
    kept, made = Kept[bytes](100, len), list[int]()

    def make() -> bytes:
        made.append(1)
        time.sleep(0.05)
        return b"tile"

    threads = [threading.Thread(target=kept.get, args=("key", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.get("key", make) == b"tile" and len(made) == 1


def test_the_value_that_was_asked_for_longest_ago_goes_first() -> None:
    kept, made = Kept[bytes](10, len), list[str]()

    def ask(key: str) -> None:
        kept.get(key, lambda: made.append(key) or b"12345")  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "b"]


def test_what_is_larger_than_the_limit_is_given_but_not_kept() -> None:
    kept, made = Kept[bytes](3, len), list[int]()
    for _ in range(2):
        assert kept.get("key", lambda: made.append(1) or b"12345") == b"12345"  # type: ignore[func-returns-value]
    assert len(made) == 2


def test_a_failure_is_told_to_all_and_tried_again() -> None:
    kept = Kept[bytes](10, len)
    with pytest.raises(OSError, match="gone"):
        kept.get("key", fail)
    assert kept.get("key", lambda: b"back") == b"back"


def fail() -> bytes:
    raise OSError("gone")
