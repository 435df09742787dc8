"""JSON that is written whole-column is what is written value by value."""

import json

import orjson
from hypothesis import given
from hypothesis import strategies as st

from geocommons.model.json_text import json_texts, member_texts, object_texts

ODD = st.text(st.sampled_from('",\\a'), max_size=5)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9) | ODD
PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | WORDS
VALUES = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(WORDS, PLAIN, max_size=2)


@given(st.lists(WORDS) | st.lists(st.integers(-9, 9) | st.floats()) | st.lists(VALUES))
def test_each_text_is_what_its_value_alone_would_be(values: list[object]) -> None:
    assert json_texts(values) == [orjson.dumps(value).decode() for value in values]


@given(st.lists(st.fixed_dictionaries({"a": PLAIN, 'b"': PLAIN, "c": st.none()})))
def test_an_object_has_the_members_that_are_not_none(rows: list[dict[str, object]]) -> None:
    members = [member_texts(name, [row[name] for row in rows]) for name in ("a", 'b"', "c")]
    expected = [orjson.dumps({name: value for name, value in row.items() if value is not None}) for row in rows]
    assert list(map(json.loads, object_texts(members, len(rows)))) == list(map(orjson.loads, expected))
