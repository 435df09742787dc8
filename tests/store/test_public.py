"""How parties are named where findings show them."""

import pytest
from sqlalchemy import select

from geocommons.model.party import Party
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.public import names_of
from geocommons.usecases.people.consent import change_consents
from geocommons.usecases.people.erase import erase_party
from geocommons.usecases.people.merge import merge_parties
from tests.make import NOW


@pytest.fixture
def town(store: Store) -> Store:
    """A group, a person who agreed to be named in reports, and one who never said anything."""
    with store.writing() as session:
        people = [Party(kind="person", name=name) for name in ("Ann", "Bob")]
        session.add_all([Party(kind="group", name="Otters"), *people])
        session.flush()
        people[0].agree("reports", NOW, "page")
    return store


def named(store: Store, use: str = "reports") -> list[str | None]:
    with store.reading() as session:
        numbers = session.scalars(select(Party.id).order_by(Party.id)).all()
        return [*names_of(session, [*numbers, 99], use).values()]  # type: ignore[arg-type]


def test_a_party_is_named_for_the_use_that_it_agreed_to_and_no_other(town: Store) -> None:
    assert named(town) == ["Otters", "Ann", None, None]
    assert named(town, "map") == ["Otters", None, None, None]


def test_who_withdrew_or_was_erased_is_not_named_and_a_merged_party_is_the_one_it_became(town: Store) -> None:
    settings = Settings(data_dir="/nowhere")
    with town.writing() as session:
        merge_parties(session, session.get_one(Party, 2), session.get_one(Party, 3), why="one", now=NOW)
    assert named(town) == ["Otters", "Ann", "Ann", None]
    with town.trying() as (session, take_back):
        change_consents(session, settings, session.get_one(Party, 2), [], now=NOW, how="page")
        assert [*names_of(session, [2, 3], "reports").values()] == [None, None]
        take_back()
    with town.trying() as (session, take_back):
        erase_party(session, settings, session.get_one(Party, 2), now=NOW)
        assert [*names_of(session, [2, 3], "reports").values()] == [None, None]
        take_back()
