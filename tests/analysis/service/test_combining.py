"""Tests together say how many people meet none, some and all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.service.combining import combine_tests
from geocommons.errors import InvalidInput

TESTS = ("near", "large", "enough")


def test_people_are_counted_by_how_many_tests_they_meet_and_by_which() -> None:
    met = [[True, True, True], [True, False, True], [False, False, False], [True, False, True]]
    found = combine_tests(met, [10, 20, 5, 7], TESTS)
    assert found.by_count == (5, 0, 27, 10)
    assert found.by_set == ((("near", "enough"), 27), (TESTS, 10), ((), 5))
    assert found.by_test == (("near", 37), ("large", 10), ("enough", 37))
    assert found.all_between == (10, 10)


def test_where_parts_of_a_place_meet_a_test_the_same_people_meet_as_many_as_they_can() -> None:
    found = combine_tests([[0.5, 0.8]], [100], ("near", "large"))
    assert dict(found.by_set) == pytest.approx({(): 20, ("large",): 30, ("near", "large"): 50})
    assert found.all_between == pytest.approx((30, 50))


def test_places_that_were_not_assessed_stand_apart() -> None:
    found = combine_tests([[1, np.nan], [1, 1]], [30, 4], ("near", "large"))
    assert (found.people, found.not_assessed, found.by_count) == (4, 30, (0, 0, 4))


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 3, st.integers(0, 99)), min_size=1, max_size=20))
def test_all_tables_add_up_to_the_people(rows: list[tuple[float, float, float, int]]) -> None:
    table = np.array(rows, dtype=float)
    found = combine_tests(table[:, :3], table[:, 3], TESTS)
    assert sum(found.by_count) == pytest.approx(found.people)
    assert sum(people for _, people in found.by_set) == pytest.approx(found.people)
    for test, people in found.by_test:
        assert sum(share for met, share in found.by_set if test in met) == pytest.approx(people)
    assert found.all_between[0] - 1e-9 <= found.by_count[3] <= found.all_between[1] + 1e-9


def test_columns_that_are_no_tests_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one column each"):
        combine_tests([[1, 1]], [5], TESTS)
    with pytest.raises(InvalidInput, match="less than none"):
        combine_tests([[1.5, 0, 0]], [5], TESTS)
