"""What an open database tells of its faults."""

import pytest
from sqlalchemy.exc import DBAPIError

from geocommons.model.account import Account
from geocommons.store.engine import Store
from tests.make import NOW


def test_a_fault_is_told_without_the_values_of_its_statement(store: Store) -> None:
    wrong = Account(address="ann@example.org", role="resident", language="en", created_at=NOW)
    wrong.language = None  # type: ignore[assignment]
    with pytest.raises(DBAPIError) as fault, store.writing() as session:
        session.add(wrong)
    told = str(fault.value).replace(str(fault.value.orig), "")
    assert "account" in told and "ann@example.org" not in told
