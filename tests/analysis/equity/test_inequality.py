"""Inequality agrees with PySAL's `inequality`, with published figures and with tables worked out by hand."""

from math import log

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geocommons.analysis.equity.inequality import gini, lorenz_curve, palma_ratio, theil
from geocommons.errors import InvalidInput

amounts = st.lists(st.integers(0, 50).map(float), min_size=2, max_size=30).filter(any)


@pytest.fixture(scope="module")
def mexico() -> tuple[np.ndarray, np.ndarray]:
    """Return income a head of 32 states in 1940 to 2000, and their regions, as PySAL publishes them."""
    import pandas as pd
    from libpysal import examples

    table = pd.read_csv(examples.get_path("mexico.csv"))
    return table[[f"pcgdp{year}" for year in range(1940, 2010, 10)]].to_numpy(float), table["hanson98"].to_numpy()


def test_theil_of_the_mexican_states_is_as_published(mexico: tuple[np.ndarray, np.ndarray]) -> None:
    incomes, regions = mexico
    published = [0.20894344, 0.15222451, 0.10472941, 0.10194725, 0.09560113, 0.10511256, 0.10660832]
    between = [0.0345889, 0.02816853, 0.05260921, 0.05931219, 0.03205257, 0.02963731, 0.03635872]
    found = [theil(column, groups=regions) for column in incomes.T]
    np.testing.assert_allclose([parts.total for parts in found if parts], published, atol=5e-9)
    np.testing.assert_allclose([parts.between for parts in found if parts], between, atol=5e-9)


def test_gini_and_theil_agree_with_pysal(mexico: tuple[np.ndarray, np.ndarray]) -> None:
    from inequality.gini import Gini
    from inequality.theil import Theil

    incomes, _ = mexico
    for column in [*incomes.T, np.array([0.0, 0, 3, 5, 40])]:
        found = theil(column)
        assert found
        assert gini(column) == pytest.approx(float(Gini(column).g), rel=1e-12)
        assert found.total == pytest.approx(float(Theil(column).T), rel=1e-12)


def test_small_tables_are_as_worked_out_by_hand() -> None:
    # Differences of 1, 2, 3: (1 + 1 + 2) x 2 = 8, by 2 x mean 2 x 9.
    assert gini([1, 2, 3]) == pytest.approx(8 / 36)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert palma_ratio(range(1, 11)) == pytest.approx(10 / (1 + 2 + 3 + 4))
    assert palma_ratio([5] * 7) == pytest.approx(0.1 / 0.4)
    found = theil([10, 10, 10, 20, 50])
    assert found and found.total == pytest.approx((1.5 * log(0.5) + 2.5 * log(2.5)) / 5)


def test_a_place_at_the_cut_of_the_palma_ratio_is_split_by_its_people() -> None:
    # 100 people: 30 have 1, 65 have 2, 5 have 10. The top 10 are 5 x 10 + 5 x 2, the bottom 40 are 30 + 10 x 2.
    assert palma_ratio([2, 10, 1], [65, 5, 30]) == pytest.approx(60 / 50)


def test_theil_splits_into_the_difference_of_two_groups_and_what_is_inside_them() -> None:
    found = theil([1, 1, 2, 4], groups=["north", "north", "south", "south"])
    assert found
    assert found.between == pytest.approx(2 / 8 * log((2 / 8) / 0.5) + 6 / 8 * log((6 / 8) / 0.5))
    south = (2 / 3 * log(2 / 3) + 4 / 3 * log(4 / 3)) / 2
    assert found.within == pytest.approx(6 / 8 * south)
    assert [(part.name, part.people_share, part.value_share) for part in found.groups] == [
        ("north", 0.5, 0.25),
        ("south", 0.5, 0.75),
    ]


def test_a_place_where_nobody_lives_changes_no_group() -> None:
    found = theil([1, 1, 9, 2, 4], [1, 1, 0, 1, 1], ["north", "north", "south", "south", "south"])
    assert found == theil([1, 1, 2, 4], groups=["north", "north", "south", "south"])


def test_a_group_that_has_nothing_stands_in_the_table() -> None:
    found = theil([0, 0, 3, 3], groups=["a", "a", "b", "b"])
    assert found and found.total == pytest.approx(log(2)) == found.between
    assert (found.within, found.between_share) == (0, 1)
    assert found.groups[0].value_share == 0


def test_the_lorenz_curve_runs_from_corner_to_corner_below_the_diagonal() -> None:
    curve = lorenz_curve([3, 0, 1], [1, 2, 1])
    assert curve
    np.testing.assert_allclose(curve.people_share, [0, 0.5, 0.75, 1])
    np.testing.assert_allclose(curve.value_share, [0, 0, 0.25, 1])


def test_where_nobody_has_anything_there_is_no_inequality_to_speak_of() -> None:
    for values, people in (([0, 0], None), ([1, 2], [0, 0]), ([], None)):
        found = [measure(values, people) for measure in (gini, palma_ratio, theil, lorenz_curve)]
        assert found == [None] * 4
    assert palma_ratio([0] * 9 + [1]) is None


@given(values=amounts, scale=st.sampled_from([0.01, 3.0, 1e6]), data=st.data())
def test_neither_the_unit_nor_the_order_nor_a_second_copy_of_everybody_matters(
    values: list[float], scale: float, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(values))
    assume(palma_ratio(values) is not None)
    for measure in (gini, palma_ratio, lambda v, w=None: theil(v, w).total):  # type: ignore[union-attr]
        one = measure(values)
        assert measure([value * scale for value in shuffled]) == pytest.approx(one, rel=1e-9, abs=1e-12)
        assert measure(values * 2) == pytest.approx(one, rel=1e-9, abs=1e-12)
        assert measure(values, [2.0] * len(values)) == pytest.approx(one, rel=1e-9, abs=1e-12)


@given(values=amounts, data=st.data())
def test_giving_from_the_rich_to_the_poor_lowers_inequality(values: list[float], data: st.DataObject) -> None:
    poor, rich = np.argmin(values), np.argmax(values)
    assume(values[rich] - values[poor] > 1)
    after = list(values)
    given_away = data.draw(st.floats(0.01, (values[rich] - values[poor]) / 2))
    after[poor] += given_away
    after[rich] -= given_away
    before, now = theil(values), theil(after)
    assert before and now and now.total < before.total
    assert (gini(after) or 0) < (gini(values) or 0)


@given(values=amounts, data=st.data())
def test_between_and_within_add_up_to_all_inequality(values: list[float], data: st.DataObject) -> None:
    each = {"min_size": len(values), "max_size": len(values)}
    groups = data.draw(st.lists(st.sampled_from("abc"), **each))
    people = data.draw(st.lists(st.integers(1, 90), **each))
    found = theil(values, people, groups)
    assert found and found.between + found.within == pytest.approx(found.total, abs=1e-12)


@given(values=amounts, data=st.data())
def test_gini_is_the_mean_difference_of_all_pairs(values: list[float], data: st.DataObject) -> None:
    people = np.array(data.draw(st.lists(st.integers(1, 90), min_size=len(values), max_size=len(values))), float)
    held = np.array(values)
    pairs = (people[:, None] * people * np.abs(held[:, None] - held)).sum()
    mean = people @ held / people.sum()
    assert gini(values, people) == pytest.approx(pairs / (2 * mean * people.sum() ** 2), abs=1e-12)


def test_what_is_no_amount_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Figure 2 of values is -1"):
        gini([1, -1])
    with pytest.raises(InvalidInput, match="one group for every place"):
        theil([1, 2], groups=["a"])
