"""Signing in while many try the same at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geocommons.errors import GeoCommonsError
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.identities import known_as
from geocommons.usecases.people.sign_in import MOST_TRIES, Asker, ask_to_sign_in, enter_code, enter_link
from tests.make import NOW

SECRET, CODE, WRONG = "s" * 43, "123456", "654321"
ADDRESS, BROWSER = "a@example.org", "b1"
AT_ONCE, TRIES = 8, 20


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    """Settings of a register where a mail was asked for."""
    settings = Settings(data_dir=tmp_path)
    asker = Asker(client="198.51.100.7", browser=BROWSER, language="en", goal="/")
    ask_to_sign_in(
        store, settings, ADDRESS, asker, origin="http://x", now=NOW, token=lambda _: SECRET, code=lambda: CODE
    )
    return settings


def at_once(act: Callable[[int], object]) -> Counter[str]:
    """Do something many times at once, and return how often it went well, and how often it was refused and how."""

    def tried(number: int) -> str:
        try:
            act(number)
        except GeoCommonsError as refusal:
            return type(refusal).__name__
        return "in"

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        return Counter(crowd.map(tried, range(TRIES)))


def test_of_many_who_follow_one_link_at_once_one_gets_in(store: Store, settings: Settings) -> None:
    def follow(_: int) -> None:
        with store.writing() as session:
            enter_link(session, SECRET, now=NOW)

    assert at_once(follow) == {"in": 1, "Spent": TRIES - 1}
    with store.reading() as session:
        assert known_as(session, ADDRESS)


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(store: Store, settings: Settings) -> None:
    guesses = at_once(lambda _: enter_code(store, settings, BROWSER, WRONG, now=NOW))
    assert guesses["InvalidInput"] == MOST_TRIES - 1 and guesses["in"] == 0
    with pytest.raises(GeoCommonsError):
        enter_code(store, settings, BROWSER, CODE, now=NOW)
