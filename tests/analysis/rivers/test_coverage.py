"""River metres are counted to the millimetre, whatever the claims look like."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.rivers.coverage import RiverCoverage, find_river_coverage, split_by_district
from geocommons.errors import InvalidInput

C6 = [(0, 3000), (2500, 4000), (4000, 4500), (9500, 8000), (9900, 12000), (2500, 4000), (7000, 7000)]


def claims(*rows: tuple[int, float, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["river", "from_m", "to_m", "kind"])


def current(pairs: list[tuple[float, float]], river: int = 0) -> pd.DataFrame:
    return claims(*((river, start, stop, "current") for start, stop in pairs))


def test_the_worked_example_comes_out() -> None:
    coverage = find_river_coverage([10_000], current(C6))
    assert coverage.rivers.to_dict("list") == {
        "length_m": [10_000],
        "adopted_m": [6_100],
        "conflict_m": [1_500],
        "free_m": [3_900],
    }
    assert coverage.free_intervals(0) == [[4500, 8000], [9500, 9900]]
    assert dict(zip(coverage.depth["claims"], coverage.depth["length_m"], strict=True)) == {
        0: 3900,
        1: 4600,
        2: 1000,
        3: 500,
    }


def test_a_request_takes_no_metre_away_but_may_be_in_conflict() -> None:
    rows = claims((0, 0, 400, "current"), (0, 300, 600, "requested"), (0, 550, 700, "requested"))
    coverage = find_river_coverage([1000], rows)
    assert coverage.rivers.loc[0].tolist() == [1000, 400, 150, 600]
    assert coverage.free_intervals(0) == [[400, 1000]]


def test_a_claim_without_ends_is_the_whole_river() -> None:
    coverage = find_river_coverage([250, 400], claims((0, np.nan, np.nan, "current"), (1, 100, np.nan, "current")))
    assert coverage.rivers["free_m"].tolist() == [0, 100]


def test_rivers_do_not_run_into_each_other() -> None:
    coverage = find_river_coverage([100, 0, 200], claims((0, 50, 500, "current"), (2, -50, 20, "current")))
    assert coverage.rivers["adopted_m"].tolist() == [50, 0, 20]
    assert [coverage.free_intervals(river) for river in range(3)] == [[[0, 50]], [], [[20, 200]]]


def test_stretches_that_touch_leave_no_sliver_between() -> None:
    third = 1000 / 3
    coverage = find_river_coverage([1000], current([(0, third), (third + 1e-7, 2 * third), (2 * third, 1000)]))
    assert coverage.free_intervals(0) == []


def test_measures_are_rounded_to_the_nearest_millimetre() -> None:
    assert find_river_coverage([10], current([(1.0006, 2.0004)])).free_intervals(0) == [[0, 1.001], [2, 10]]


def test_a_river_without_claims_is_free() -> None:
    coverage = find_river_coverage([12.3456], claims())
    assert coverage.free_intervals(0) == [[0, 12.346]]
    assert find_river_coverage([], claims()).rivers.empty


@pytest.mark.parametrize(
    ("lengths", "rows", "sentence"),
    [
        ([np.nan], claims(), "no number of metres"),
        ([-1.0], claims(), "no number of metres"),
        ([10.0], claims((1, 0, 5, "current")), "not in the list"),
        ([10.0], claims((0, 0, 5, "wished")), "either current or requested"),
    ],
)
def test_what_cannot_be_counted_is_refused(lengths: list[float], rows: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        find_river_coverage(lengths, rows)


rivers = st.lists(st.integers(0, 60), min_size=1, max_size=3)
rows = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-10, 70), st.integers(-10, 70), st.sampled_from(["current", "requested"])),
    max_size=12,
)


def metre_by_metre(lengths: list[int], wanted: list[tuple[int, float, float, str]]) -> list[tuple[int, int, int]]:
    sums = []
    for river, length in enumerate(lengths):
        held, asked = np.zeros(length, int), np.zeros(length, int)
        for on, start, stop, kind in wanted:
            if on == river:
                low, high = np.clip(sorted((start, stop)), 0, length)
                (held if kind == "current" else asked)[int(low) : int(high)] += 1
        sums.append((int((held > 0).sum()), int((held + asked > 1).sum()), int((held == 0).sum())))
    return sums


@given(rivers, rows)
def test_metres_equal_those_counted_one_by_one(lengths: list[int], wanted: list[tuple[int, float, float, str]]) -> None:
    wanted = [row for row in wanted if row[0] < len(lengths)]
    coverage = find_river_coverage(lengths, claims(*wanted))
    columns = ["adopted_m", "conflict_m", "free_m"]
    assert [tuple(row) for row in coverage.rivers[columns].to_numpy().tolist()] == metre_by_metre(lengths, wanted)
    shuffled = find_river_coverage(lengths, claims(*wanted[::-1]))
    assert shuffled.rivers.equals(coverage.rivers) and shuffled.free.equals(coverage.free)


@given(st.floats(0.001, 1e6), st.lists(st.tuples(st.floats(-1e3, 2e6), st.floats(-1e3, 2e6)), max_size=8))
def test_adopted_and_free_add_up_to_the_length(length: float, pairs: list[tuple[float, float]]) -> None:
    coverage = find_river_coverage([length], current(pairs))
    row = coverage.rivers.loc[0]
    assert round(row["adopted_m"] * 1000) + round(row["free_m"] * 1000) == round(row["length_m"] * 1000)
    assert row["free_m"] == pytest.approx(coverage.free["length_m"].sum(), abs=1e-6)
    assert row["length_m"] == pytest.approx(coverage.depth["length_m"].sum(), abs=1e-6)


def pieces(*rows: tuple[int, float, float, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["river", "from_m", "to_m", "district"])


def by_district(coverage: RiverCoverage, *rows: tuple[int, float, float, str | None]) -> list[list[object]]:
    return [list(row) for row in split_by_district(coverage, pieces(*rows)).to_numpy().tolist()]


def test_metres_are_told_by_district() -> None:
    both = claims((0, 0, 400, "current"), (0, 300, 500, "requested"), (1, 0, 50, "current"))
    coverage = find_river_coverage([1000, 100], both)
    table = by_district(coverage, (0, 0, 350, "West"), (0, 350, 900, "East"), (0, 900, 1000, None), (1, 0, 100, "West"))
    assert table == [
        ["East", 550, 50, 50, 500],
        ["West", 450, 400, 50, 50],
        [None, 100, 0, 0, 100],
    ]


def test_without_metres_outside_there_is_no_row_for_them() -> None:
    coverage = find_river_coverage([100], claims())
    assert by_district(coverage, (0, 0, 100, "West")) == [["West", 100, 0, 0, 100]]


def test_a_river_of_no_length_has_nothing_in_any_district() -> None:
    coverage = find_river_coverage([0], claims((0, 0, 5, "current")))
    assert by_district(coverage, (0, 0, 0, "West")) == [["West", 0, 0, 0, 0]]
