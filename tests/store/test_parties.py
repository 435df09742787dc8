"""Lists of parties, alike on both databases."""

import pytest

from geocommons.model.party import Membership, Party
from geocommons.store.engine import Store
from geocommons.store.parties import find_listed, led_by, list_parties, members_of
from tests.make import TODAY

NAMES = ("Zoë", "École de Paris", "aXb", "IJsbaan", "a_b", "Straße 5%", "İstanbul", "ÅNGSTRÖM", "O'Brien \\ zoon", "ab")
IN_ORDER = [
    "a_b",
    "ab",
    "ÅNGSTRÖM",
    "aXb",
    "École de Paris",
    "IJsbaan",
    "İstanbul",
    "O'Brien \\ zoon",
    "Straße 5%",
    "Zoë",
]


@pytest.fixture
def named(store: Store) -> Store:
    """A register with parties of one name each; the last is called otherwise in public."""
    with store.writing() as session:
        session.add_all([Party(kind="group", name=name) for name in NAMES[:-1]])
        session.add(Party(kind="person", name=NAMES[-1], public_name="Æble"))
    return store


def listed(store: Store, **asked: str) -> list[str]:
    with store.reading() as session:
        return [party.name for party in list_parties(session, find_listed(session, **asked))]


def test_a_list_has_one_order_whatever_the_database_thinks_of_letters(named: Store) -> None:
    assert listed(named) == IN_ORDER
    assert listed(named, kind="person") == ["ab"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("école de paris", ["École de Paris"]), ("ECOLE", ["École de Paris"]), ("zoe", ["Zoë"]), ("ZOË", ["Zoë"]),
        ("ij", ["IJsbaan"]), ("istanbul", ["İstanbul"]), ("STRASSE", ["Straße 5%"]), ("%", ["Straße 5%"]),
        ("a_b", ["a_b"]), ("\\", ["O'Brien \\ zoon"]), ("'", ["O'Brien \\ zoon"]), ("æBLE", ["ab"]),
        ("angstrom", ["ÅNGSTRÖM"]), ("nobody", []),
    ],
)  # fmt: skip
def test_a_search_finds_names_whatever_their_case_and_accents(named: Store, text: str, names: list[str]) -> None:
    assert listed(named, search=text) == names


def test_members_and_who_they_lead_come_in_the_same_order(named: Store) -> None:
    with named.writing() as session:
        found = list_parties(session, find_listed(session))
        some, one = found[1:6], found[0]
        for other in reversed(some):
            session.add_all(
                Membership(group_id=group.id, member_id=member.id, role=role, valid_from=TODAY, valid_to=None)
                for group, member, role in ((one, other, "member"), (other, one, "lead"))
            )
    with named.reading() as session:
        assert [party.name for _, party in members_of(session, one.id, TODAY)] == IN_ORDER[1:6]
        assert [party.name for party in led_by(session, one.id, TODAY)] == IN_ORDER[1:6]
