"""The concentration index agrees with the World Bank's table and its two formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.equity.concentration import concentration_index, fractional_rank
from geocommons.errors import InvalidInput


def test_deaths_under_five_in_india_gather_among_the_poor_as_the_world_bank_has_it() -> None:
    # Technical note 7: births and deaths a 1,000 births by fifths of wealth, 1982 to 1992; C = -0.1694.
    births, deaths = [29939, 28776, 26528, 24689, 19739], [154.7, 152.9, 119.5, 86.9, 54.3]
    found = concentration_index(deaths, [1, 2, 3, 4, 5], births)
    assert found.index == pytest.approx(-0.1694, abs=5e-5)
    p = np.append(0, np.cumsum(births)) / np.sum(births)
    held = np.append(0, np.cumsum(np.multiply(births, deaths))) / np.dot(births, deaths)
    assert found.index == pytest.approx(float((p[:-1] * held[1:] - p[1:] * held[:-1]).sum()), rel=1e-12)


def test_what_only_the_richest_of_four_has_is_as_worked_out_by_hand() -> None:
    # Ranks 1/8, 3/8, 5/8, 7/8: C = 2 x (1/4) x 1 x (7/8 - 1/2) / (1/4).
    found = concentration_index([0, 0, 0, 1], [10, 20, 30, 40], bounds=(0, 1))
    assert found.index == pytest.approx(0.75)
    assert found.erreygers == pytest.approx(4 * 0.25 * 0.75)


def test_equal_incomes_share_one_rank() -> None:
    np.testing.assert_allclose(fractional_rank([5, 1, 5, 9], [1, 2, 3, 4]), [0.4, 0.1, 0.4, 0.8])
    assert concentration_index([1, 0, 0, 1], [5, 5, 5, 5]).index == pytest.approx(0)


shares = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5), st.integers(1, 90)), min_size=2, max_size=20)


@given(shares)
def test_erreygers_says_the_same_of_the_served_and_the_unserved(rows: list[tuple[float, int, int]]) -> None:
    served, income, people = np.array(rows).T
    one = concentration_index(served, income, people, bounds=(0, 1)).erreygers
    other = concentration_index(1 - served, income, people, bounds=(0, 1)).erreygers
    assert one is not None and other is not None
    assert one == pytest.approx(-other, abs=1e-12)
    assert -1 - 1e-12 <= one <= 1 + 1e-12


@given(shares, st.randoms())
def test_the_order_of_places_matters_nothing(rows: list[tuple[float, int, int]], chance: object) -> None:
    mixed = rows.copy()
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (concentration_index(*np.array(table).T, bounds=(0, 1)).erreygers for table in (rows, mixed))
    assert one == pytest.approx(other, abs=1e-12)


def test_where_nobody_has_any_of_it_only_the_bounded_index_is_known() -> None:
    found = concentration_index([0, 0], [1, 2], bounds=(0, 1))
    assert (found.index, found.erreygers) == (None, 0)


def test_what_cannot_be_ranked_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not between 0 and 1"):
        concentration_index([0, 2], [1, 2], bounds=(0, 1))
    with pytest.raises(InvalidInput, match="not one number for each place"):
        concentration_index([0, 1], [1, np.nan])
    with pytest.raises(InvalidInput, match="Nobody lives"):
        concentration_index([0, 1], [1, 2], [0, 0])
