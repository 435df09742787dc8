"""The stored public texts: one after the other, they are a feature."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from geocommons.layer import get_layer
from geocommons.model.public import first_state, fragment_texts, read_fragment, read_state, state_text

POINT = '{"type":"Point","coordinates":[4.9,52.4]}'
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(['"', "}}", '{"', ",", "\\"])
VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS


@settings(max_examples=80, deadline=None)
@given(WORDS, WORDS, st.dictionaries(WORDS.map("own {}".format), VALUES, min_size=1, max_size=4))
def test_a_fragment_and_a_state_are_one_feature(ref: str, name: str, state: dict[str, object]) -> None:
    fragment = _fragment(7, ref=ref, name=name)
    feature = json.loads(fragment + state_text(state))
    own = {"layer": "gardens", "ref": ref, "name": name, "certainty": 8, "facts": {}}
    assert (feature["type"], feature["id"], feature["geometry"]) == ("Feature", 7, json.loads(POINT))
    assert feature["properties"] == own | state
    assert read_fragment(fragment)["properties"] == own and read_state(state_text(state)) == state


def test_a_place_that_nobody_holds_yet_has_a_state_that_ends_its_feature() -> None:
    layer = get_layer("gardens")
    status, state = first_state(layer, layer.facts.model_construct())
    feature = json.loads(_fragment(1, ref="G", name="") + state)
    assert feature["properties"]["status"] == status == "available"
    assert read_state(state) == {"status": "available"} and state == state_text({"status": "available"})


def _fragment(site_id: int, *, ref: str, name: str) -> str:
    (fragment,) = fragment_texts(
        get_layer("gardens"), id=[site_id], ref=[ref], name=[name], facts={}, geometry=[POINT],
        area_m2=[None], length_m=[None], certainty=[8], parent_id=[None],
    )  # fmt: skip
    return fragment
