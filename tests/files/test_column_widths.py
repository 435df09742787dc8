"""How wide the columns of a table are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.files.column_widths import column_widths

COLUMNS = st.lists(st.tuples(st.floats(1, 60), st.floats(0, 400)), min_size=1, max_size=12)


def test_columns_are_as_wide_as_they_would_be_where_that_fits() -> None:
    assert column_widths([5, 5], [20, 30], 50) == [20, 30]


def test_columns_of_much_give_way_in_proportion_and_none_below_its_least() -> None:
    assert column_widths([10, 10, 10], [10, 100, 200], 100) == pytest.approx([10, 30, 60])
    assert column_widths([10, 40, 10], [10, 50, 200], 100) == pytest.approx([10, 40, 50])


def test_where_not_even_single_words_fit_each_gives_way_alike() -> None:
    assert column_widths([30, 90], [300, 100], 60) == pytest.approx([15, 45])


@given(columns=COLUMNS, room=st.floats(10, 500))
def test_no_more_room_is_taken_than_there_is_and_all_of_it_where_it_is_short(
    columns: list[tuple[float, float]], room: float
) -> None:
    least, whole = [one for one, _ in columns], [one + more for one, more in columns]
    widths = column_widths(least, whole, room)
    assert sum(widths) == pytest.approx(min(room, sum(whole)), rel=1e-6)
    if sum(least) <= room:
        assert all(width >= one - 1e-6 for width, one in zip(widths, least, strict=True))
