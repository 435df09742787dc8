"""Rates by group say who is served less, and say nothing of too few people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.equity.rates import rates_by_group, wilson_interval
from geocommons.errors import InvalidInput


def test_each_group_is_compared_with_the_rest() -> None:
    owners, renters = rates_by_group(["owners", "renters"], [80, 60], [100, 100])
    assert (owners.rate, owners.difference, owners.ratio) == pytest.approx((0.8, 0.2, 0.8 / 0.6))
    assert (renters.rate, renters.difference, renters.ratio) == pytest.approx((0.6, -0.2, 0.75))


def test_groups_that_overlap_are_compared_with_everybody_else() -> None:
    children, women = rates_by_group(["children", "women"], [30, 90], [100, 200], total=(200, 400))
    assert children.difference == pytest.approx(0.3 - 170 / 300)
    assert women.ratio == pytest.approx(0.45 / (110 / 200))


def test_a_group_can_be_the_one_that_all_are_compared_with() -> None:
    rows = rates_by_group(["a", "b", "c"], [50, 40, 30], [100, 100, 100], reference="a")
    assert [row.difference for row in rows] == pytest.approx([0, -0.1, -0.2])
    assert [row.ratio for row in rows] == pytest.approx([1, 0.8, 0.6])


def test_few_people_are_flagged_and_their_figures_left_out() -> None:
    many, few, enough = rates_by_group(["many", "few", "enough"], [300, 3, 20], [400, 49, 50])
    assert (few.few, few.people) == (True, 49)
    assert [few.served, few.rate, few.low, few.high, few.difference, few.ratio] == [None] * 6
    assert not many.few and not enough.few
    assert enough.rate == 0.4


def test_nothing_is_compared_with_few_people_or_with_nobody_served() -> None:
    rows = rates_by_group(["a", "b"], [5, 50], [20, 100], reference="a")
    assert (rows[1].rate, rows[1].difference, rows[1].ratio) == (0.5, None, None)
    rows = rates_by_group(["a", "b"], [0, 50], [100, 100], reference="a")
    assert (rows[1].difference, rows[1].ratio) == (0.5, None)
    assert rates_by_group(["all"], [50], [100])[0].difference is None


def test_the_interval_is_wilsons() -> None:
    # Newcombe (1998), table I, method 3: 81 of 263 and 15 of 148, 0 of 20.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_only_counts_have_an_interval() -> None:
    counted, spread = rates_by_group(["counted", "spread"], [60, 60.5], [100, 100])
    assert counted.low is not None and counted.high is not None
    assert counted.low < 0.6 < counted.high
    assert (spread.low, spread.high, spread.rate) == (None, None, 0.605)


@given(people=st.integers(1, 500), data=st.data())
def test_the_interval_holds_the_rate_and_stays_between_none_and_all(people: int, data: st.DataObject) -> None:
    served = data.draw(st.integers(0, people))
    low, high = wilson_interval(served, people)
    assert 0 <= low <= served / people + 1e-12
    assert served / people - 1e-12 <= high <= 1


def test_figures_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidInput, match="More people of a"):
        rates_by_group(["a"], [101], [100])
    with pytest.raises(InvalidInput, match="no group z"):
        rates_by_group(["a"], [1], [100], reference="z")
    with pytest.raises(InvalidInput, match="one name"):
        rates_by_group(["a", "a"], [1, 1], [100, 100])
    with pytest.raises(InvalidInput, match="confidence of 95"):
        rates_by_group(["a"], [1], [100], confidence=95)
