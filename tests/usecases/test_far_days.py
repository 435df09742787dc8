"""A day that years cannot be counted from is refused in a sentence, whatever is asked of it."""

from datetime import date

import pytest

from geocommons.errors import InvalidInput
from geocommons.language import say
from geocommons.usecases.analyses.catalogue import KINDS, get_question
from geocommons.usecases.questions.question import read_question

FAR = (date(1, 1, 1), date(5, 12, 31), date(999, 12, 31), date(3000, 1, 1), date(9999, 12, 31))
NEAR = (date(1000, 1, 1), date(2026, 5, 1), date(2999, 12, 31))
SUPPLY = {"supply": ["gardens"]}


def asked(kind: str) -> dict[str, object]:
    return SUPPLY if "supply" in get_question(kind).model_fields else {}


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_is_asked_of_a_far_day(kind: str) -> None:
    question = get_question(kind)
    for day in FAR:
        with pytest.raises(InvalidInput, match="too far away") as refused:
            read_question(question, asked(kind), today=day)
    assert say(refused.value, "nl").startswith("9999-12-31 ligt te ver weg")
    for day in NEAR:
        assert read_question(question, asked(kind), today=day).at == day


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "since" in get_question(kind).model_fields])
def test_no_kind_counts_since_a_far_day(kind: str) -> None:
    with pytest.raises(InvalidInput, match="too far away"):
        read_question(get_question(kind), asked(kind) | {"since": "0001-01-01"}, today=date(2026, 5, 1))
