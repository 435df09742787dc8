"""Standards are values with their sources; a city can change them and bring its own."""

import json
from dataclasses import replace

import pytest

from geocommons.analysis.service.standards import STANDARDS, Standard, Test
from geocommons.errors import InvalidInput
from geocommons.language import Words, languages


def test_the_published_figures_are_those_of_their_sources() -> None:
    figures = {
        (name, test.id): (test.method, test.reach_m, test.min_area_m2, test.capacity_m2_per_person)
        for name, standard in STANDARDS.items()
        for test in standard.tests
    }
    assert figures == {
        ("ten-minute-walk", "walk"): ("walk", 800, None, None),
        ("parkserve-10-minute-walk", "walk"): ("walk", 805, None, None),
        ("who-300m", "green"): ("straight", 300, 5_000, None),
        ("accessible-greenspace", "doorstep"): ("straight", 200, 5_000, None),
        ("accessible-greenspace", "local"): ("straight", 300, 20_000, None),
        ("accessible-greenspace", "neighbourhood"): ("straight", 1_000, 100_000, None),
        ("accessible-greenspace", "capacity"): ("straight", None, None, 30),
        ("300-of-3-30-300", "green"): ("walk", 300, None, None),
    }


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
def test_every_standard_names_its_source_and_speaks_every_language(standard: Standard) -> None:
    assert standard.source and standard.citation
    words = [standard.title, *(test.words for test in standard.tests), *([standard.note] if standard.note else [])]
    assert all(set(text) == set(languages()) for text in words)


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
def test_a_standard_comes_back_from_a_file_as_it_was(standard: Standard) -> None:
    assert Standard.from_json(json.loads(json.dumps(standard.to_json()))) == standard


def test_a_city_brings_its_own_in_minutes() -> None:
    own = Standard.from_json(
        {
            "id": "ours",
            "title": "A garden near home",
            "tests": [{"id": "garden", "words": {"en": "A garden", "nl": "Een tuin"}, "minutes": 5}],
        }
    )
    assert own.tests[0].reach_m == 400
    assert own.tests[0].words.say("nl") == "Een tuin"


def test_a_changed_figure_changes_that_test_alone() -> None:
    old = STANDARDS["accessible-greenspace"]
    new = old.change("local", reach_m=400.0, min_area_m2=None)
    assert (new.test("local").reach_m, new.test("local").min_area_m2) == (400, None)
    assert new.test("doorstep") == old.test("doorstep")
    assert old.test("local").reach_m == 300


def test_new_minutes_give_a_new_reach_and_a_new_reach_speaks_of_no_minutes() -> None:
    park = STANDARDS["parkserve-10-minute-walk"]
    assert park.change("walk", minutes=15).test("walk").reach_m == 1200
    assert park.change("walk", reach_m=500.0).test("walk").minutes is None


def own_test(**figures: object) -> dict[str, object]:
    return {"id": "ours", "title": "Ours", "tests": [{"id": "near", "words": "Near", "reach_m": 300} | figures]}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (own_test(reach_m=-5), "The reach_m of test near is -5. Give a number over 0."),
        (own_test(reach_m="300"), "The reach_m of test near is 300. Give a number over 0."),
        (own_test(reach_m=300_000), "over 100 km"),
        (own_test(reach_m=None), "asks for nothing"),
        (own_test(min_area_m2=float("nan")), "min_area_m2"),
        (own_test(method="fly"), "fly is no method. Choose one of: walk, straight."),
        (own_test(measured_from="roof"), "roof is no measured_from"),
        (own_test(colour="red"), "A standard has no colour. Leave it out."),
        (own_test(words=None), "says no words"),
        (own_test(words={"nl": "Dichtbij"}), "none in English"),
        ({"id": "ours", "title": "Ours"}, "says no tests"),
        ({"id": "ours", "title": "Ours", "tests": ["near"]}, "are a list"),
        ({"id": "ours", "title": "Ours", "tests": own_test()["tests"] * 2}, "not named differently"),  # type: ignore[operator]
        (own_test() | {"id": 7}, "id of a standard is no text"),
    ],
)
def test_a_standard_that_says_nothing_clear_is_refused_in_one_sentence(data: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        Standard.from_json(data)


def test_a_change_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has no test garden"):
        STANDARDS["who-300m"].change("garden", reach_m=5)
    with pytest.raises(InvalidInput, match="no figure colour"):
        STANDARDS["who-300m"].change("green", colour="red")
    with pytest.raises(InvalidInput, match="at least one test"):
        Standard(id="x", title=Words(en="X"), source="", citation="", tests=())
    assert Test(id="a", words=Words(en="A"), capacity_m2_per_person=8).reach_m is None


def test_an_id_that_is_a_story_is_refused() -> None:
    green = STANDARDS["who-300m"]
    assert replace(green, id="x" * 60).id
    with pytest.raises(InvalidInput, match="may have 60 signs"):
        replace(green, id="x" * 61)
    with pytest.raises(InvalidInput, match="may have 60 signs"):
        replace(green, tests=(replace(green.tests[0], id="x" * 61),))
