"""A city's own standards of service, kept in versions."""

import pytest

from geocommons.analysis.service.standards import STANDARDS
from geocommons.errors import InvalidInput
from geocommons.store.engine import Store
from geocommons.usecases.standards import keep_standard, list_standards
from tests.make import NOW

BODY = STANDARDS["who-300m"].to_json()


def test_own_standards_have_one_order_whatever_the_database_thinks_of_letters(store: Store) -> None:
    for key in ("École", "Zz", "a_b", "ab", "a-b", "10", "9", "B"):
        keep_standard(store, BODY | {"id": key}, now=NOW)
    with store.reading() as session:
        own = [standard.id for standard in list_standards(session) if standard.id not in STANDARDS]
    assert own == ["10", "9", "B", "Zz", "a-b", "a_b", "ab", "École"]


@pytest.mark.parametrize("key", ["a\0b", "a\nb", "\u202ea"])
def test_the_id_of_a_standard_can_be_seen_whole(store: Store, key: str) -> None:
    with pytest.raises(InvalidInput, match="signs that nobody sees"):
        keep_standard(store, BODY | {"id": key}, now=NOW)
