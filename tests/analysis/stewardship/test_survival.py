"""Survival is what the published tables say, and what counting says where nothing is censored."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.stewardship.survival import (
    count_at_risk,
    estimate_survival,
    log_rank,
    survival_by,
)
from geocommons.errors import InvalidInput

# Freireich et al. 1963: weeks of remission under 6-mercaptopurine (12 of 21 censored) and under placebo.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_the_published_table_of_6_mercaptopurine_comes_out() -> None:
    found = estimate_survival(WEEKS, ENDED)
    table = found.table.round(3)
    assert table["days"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert table["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert table["ended"].tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert table["censored"].tolist() == [1, 1, 2, 0, 3, 0, 5]
    assert table["survival"].tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    errors = np.sqrt(found.table["variance"]).round(4).tolist()
    assert errors == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert table["low"].tolist() == [0.620, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188]
    assert table["high"].tolist() == [0.952, 0.923, 0.889, 0.849, 0.805, 0.747, 0.680]
    assert (found.subjects, found.ended, found.median_days) == (21, 9, 23)
    assert (found.median_low_days, found.median_high_days) == (13, None)


def test_survival_between_two_ends_is_that_of_the_first() -> None:
    assert estimate_survival(WEEKS, ENDED).at([0, 5.9, 6, 9, 100]).round(3).tolist() == [1, 1, 0.857, 0.807, 0.448]


def test_numbers_at_risk_are_told_for_any_day() -> None:
    assert count_at_risk([0, 6, 6.5, 20, 36], WEEKS).tolist() == [21, 21, 17, 8, 0]
    assert count_at_risk([0, 2, 3], [3, 5], entered_days=[0, 2]).tolist() == [0, 1, 2]


def test_the_published_log_rank_test_comes_out() -> None:
    group = np.repeat(["6-MP", "placebo"], 21)
    found = log_rank(WEEKS + PLACEBO, ENDED + [1] * 21, group)
    assert found.groups["ended"].tolist() == [9, 21]
    assert found.groups["expected"].round(2).tolist() == [19.25, 10.75]
    assert (round(found.statistic, 2), found.degrees) == (16.79, 1)
    assert found.p_value == pytest.approx(4.17e-5, abs=1e-7)


def test_a_log_rank_test_of_three_groups_by_hand() -> None:
    # Day 1: one of 3 ends (a), day 2: one of 2 (b); c goes on.
    found = log_rank([1, 2, 2], [1, 1, 0], ["a", "b", "c"])
    assert found.groups["expected"].tolist() == pytest.approx([1 / 3, 5 / 6, 5 / 6])
    variance = np.array([[2 / 9, -1 / 9], [-1 / 9, 2 / 9 + 1 / 4]])
    off = np.array([2 / 3, 1 / 6])
    assert found.statistic == pytest.approx(off @ np.linalg.inv(variance) @ off)
    assert found.degrees == 2


def test_the_placebo_group_has_its_published_median_and_ends_at_none() -> None:
    found = estimate_survival(PLACEBO, [1] * 21)
    assert found.median_days == 8
    assert found.table["survival"].iloc[-1] == 0
    assert found.table[["variance", "low", "high"]].iloc[-1].isna().all()


def test_a_stewardship_counts_only_from_the_day_it_was_entered() -> None:
    # At 3: those entered at 0 and 2; at 5: those entered at 0, 4 (the one that left at 3 is gone).
    found = estimate_survival([3, 5, 6], [1, 1, 0], entered_days=[0, 4, 2])
    assert found.table["at_risk"].tolist() == [2, 2]
    assert found.table["survival"].tolist() == [0.5, 0.25]


def test_half_is_half_whatever_the_last_digit() -> None:
    assert estimate_survival([1, 2, 3, 4, 5, 6], [1] * 6).median_days == 3
    assert estimate_survival(range(1, 11), [1] * 10).median_days == 5


def test_where_nothing_ended_all_last() -> None:
    found = estimate_survival([3, 4], [0, 0])
    assert (len(found.table), found.median_days, found.at([10]).tolist()) == (0, None, [1])
    assert estimate_survival([], []).subjects == 0


def test_each_layer_has_its_own_curve_and_those_without_a_district_theirs() -> None:
    spells = pd.DataFrame({"district": ["W", "E", None, "W"], "days": [5, 7, 9, 6], "ended": [True, True, False, True]})
    found = survival_by(spells, "district")
    assert [(one.name, one.subjects, one.median_days) for one in found] == [("E", 1, 7), ("W", 2, 5), (None, 1, None)]


@pytest.mark.parametrize(
    ("days", "ended", "words"), [([-1], [1], "less than 0 days"), ([np.nan], [1], "less than"), ([1, 2], [1], "differ")]
)
def test_what_is_no_duration_is_refused(days: list[float], ended: list[int], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        estimate_survival(days, ended)


def test_a_test_of_one_group_and_a_confidence_of_one_are_refused() -> None:
    with pytest.raises(InvalidInput, match="two groups"):
        log_rank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        estimate_survival([1], [1], confidence=1)


durations = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=30)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_without_censoring_survival_is_the_part_that_lasted_longer(days: list[int]) -> None:
    found = estimate_survival(days, [True] * len(days))
    asked = np.arange(32)
    assert found.at(asked) == pytest.approx([np.mean(np.array(days) > day) for day in asked], abs=1e-12)
    # Greenwood's variance is then the binomial one.
    share = found.table["survival"]
    expected = (share * (1 - share) / len(days)).where(share > 0)
    assert found.table["variance"].to_numpy() == pytest.approx(expected.to_numpy(), nan_ok=True)


@given(durations, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_the_interval_holds_the_estimate(
    rows: list[tuple[int, bool]], chance: object
) -> None:
    table = estimate_survival(*zip(*rows, strict=True)).table
    chance.shuffle(rows)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(estimate_survival(*zip(*rows, strict=True)).table, table)
    known = table.dropna()
    assert ((known["low"] <= known["survival"] + 1e-12) & (known["survival"] <= known["high"] + 1e-12)).all()
    assert (np.diff(table["survival"]) < 0).all()
