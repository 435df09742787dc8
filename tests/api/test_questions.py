"""Forms of questions: what is seldom chosen is folded away until somebody chose it."""

import pytest

from api.questions import form_fields
from geocommons.store.engine import Store
from geocommons.usecases.analyses.catalogue import get_question


@pytest.mark.parametrize(("cost", "opens"), [("0", False), ("0.0", False), ("5", True)])
def test_what_is_seldom_chosen_opens_only_where_it_was_chosen(store: Store, cost: str, opens: bool) -> None:
    kept = {"supply": ["gardens"], "cost_each": cost, "spacing_m": 0.0, "must": ""}
    with store.reading() as session:
        fields = form_fields(session, get_question("siting"), kept, "en")
    folded = {field.name: field.differs for field in fields if field.rare}
    assert {"cost_each", "cost_m2", "must", "must_not", "spacing_m", "proof_s"} <= set(folded)
    assert any(folded.values()) is opens


def test_what_a_planner_asks_first_is_in_sight(store: Store) -> None:
    with store.reading() as session:
        fields = form_fields(session, get_question("siting"), {}, "en")
    assert {"supply", "goal", "sites", "candidates", "budget", "minutes"} <= {
        one.name for one in fields if not one.rare
    }
