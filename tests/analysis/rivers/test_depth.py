"""Depth of stewardship is exact to the millimetre, by river, district, catchment and steward."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.rivers.catchments import depth_by_catchment, join_downstream, sum_upstream
from geocommons.analysis.rivers.depth import (
    DepthProfile,
    depth_by_district,
    depth_by_river,
    find_depth,
    find_river_gaps,
    find_river_overlaps,
)
from geocommons.analysis.rivers.stewards import metres_by_steward
from geocommons.errors import InvalidInput
from scripts.bench_city import make_bench_city

C6 = [(0, 3000), (2500, 4000), (4000, 4500), (9500, 8000), (9900, 12000), (2500, 4000), (7000, 7000)]
Claim = tuple[int, float, float]


def depth_of(lengths: list[float], claims: list[Claim], **options: np.ndarray) -> DepthProfile:
    river, start, stop = (np.array([claim[at] for claim in claims], dtype=float) for at in range(3))
    return find_depth(lengths, river.astype(np.intp), start, stop, **options)


def rows(table: pd.DataFrame) -> list[list[object]]:
    return [list(row) for row in table.itertuples(index=False)]


def test_the_worked_example_comes_out() -> None:
    profile = depth_of([10_000], [(0, start, stop) for start, stop in C6])
    assert profile.metres_by_depth().tolist() == [3900, 4600, 1000, 500]
    assert rows(depth_by_river(profile)) == [[0, 10_000, 3900, 4600, 1500, 3]]
    assert rows(find_river_gaps(profile)) == [[0, 4500, 8000, 3500], [0, 9500, 9900, 400]]
    assert rows(find_river_overlaps(profile)) == [[0, 2500, 4000, 1500, 3]]


def test_the_city_that_others_are_measured_on_comes_out_to_the_tenth_of_a_metre() -> None:
    city = make_bench_city(1 / 8)
    rivers, claims = city.rivers, city.adoptions
    lengths = rivers["m"][rivers["off"][1:] - 1]
    profile = find_depth(lengths, claims["reach"], claims["m0"], claims["m1"])
    counts = [np.zeros(round(length * 10), dtype=int) for length in lengths]
    for reach, start, stop in zip(claims["reach"], claims["m0"], claims["m1"], strict=True):
        low, high = np.clip(sorted((round(start * 10), round(stop * 10))), 0, len(counts[reach]))
        counts[reach][low:high] += 1
    assert profile.metres_by_depth().tolist() == (np.bincount(np.concatenate(counts)) / 10).tolist()


def test_backward_past_the_end_of_no_length_touching_and_repeated_claims_are_taken_as_they_are_meant() -> None:
    claims = [(0, 300, 100), (0, 900, 5000), (0, -50, 20), (0, 700, 700), (0, 300, 400), (0, 300, 400), (0, 2000, 3000)]
    profile = depth_of([1000], claims)
    assert rows(find_river_gaps(profile)) == [[0, 20, 100, 80], [0, 400, 900, 500]]
    assert rows(find_river_overlaps(profile)) == [[0, 300, 400, 100, 2]]


def test_a_claim_of_no_length_leaves_no_stretch_of_no_length() -> None:
    profile = depth_of([10_000], [(0, 7000, 7000)])
    assert (profile.size_mm.tolist(), profile.current.tolist()) == ([10_000_000], [0])


def test_both_arms_of_a_braid_count_under_their_one_name() -> None:
    profile = depth_of([100, 40, 60, 5], [(0, 0, 50), (2, 0, 60), (2, 30, 60)])
    table = depth_by_river(profile, ["Rhine", "Maas", "Rhine", None])
    assert rows(table) == [
        ["Maas", 40, 40, 0, 0, 0],
        ["Rhine", 160, 50, 80, 30, 2],
        [None, 5, 5, 0, 0, 0],
    ]


def test_requests_are_claims_but_hold_no_metre() -> None:
    profile = depth_of([100], [(0, 0, 50), (0, 40, 80)], current=np.array([True, False]))
    assert rows(find_river_gaps(profile)) == [[0, 50, 100, 50]]
    assert (profile.current.tolist(), profile.claims.tolist()) == ([1, 1, 0, 0], [1, 2, 1, 0])


def pieces(*given: tuple[int, float, float, str | None]) -> pd.DataFrame:
    return pd.DataFrame(given, columns=["river", "from_m", "to_m", "district"])


def test_depth_is_told_by_district() -> None:
    profile = depth_of([1000, 100], [(0, 0, 400), (0, 300, 500), (1, 0, 50)])
    cut = pieces((0, 350, 900, "East"), (0, 0, 350, "West"), (0, 900, 1000, None), (1, 0, 100, "West"))
    assert rows(depth_by_district(profile, cut)) == [
        ["East", 550, 400, 100, 50, 2],
        ["West", 450, 50, 350, 50, 2],
        [None, 100, 100, 0, 0, 0],
    ]


@pytest.mark.parametrize("cut", [pieces((0, 0, 99, "A")), pieces((0, 0, 60, "A"), (0, 50, 100, "B")), pieces()])
def test_pieces_that_leave_metres_out_or_give_them_twice_are_refused(cut: pd.DataFrame) -> None:
    with pytest.raises(InvalidInput, match="every metre"):
        depth_by_district(depth_of([100], [(0, 0, 10)]), cut)


def test_a_catchment_is_all_that_drains_through_a_reach() -> None:
    # 3 -> 1 -> 0 <- 2, and 4 by itself.
    profile = depth_of([100, 50, 30, 20, 7], [(3, 0, 20), (3, 5, 20), (2, 0, 10)])
    assert rows(depth_by_catchment(profile, [-1, 0, 0, 1, -1])) == [
        [0, 4, 200, 170, 15, 15],
        [1, 2, 70, 50, 5, 15],
        [2, 1, 30, 20, 10, 0],
        [3, 1, 20, 0, 5, 15],
        [4, 1, 7, 7, 0, 0],
    ]


def test_rivers_are_joined_where_one_ends_and_another_begins() -> None:
    spring, brook, river, arm, away = (
        shapely.LineString(xy)
        for xy in (
            [(0, 100), (0, 50)],
            [(50, 50), (0.4, 50.3)],
            [(0, 50), (0, 0)],
            [(0, 50), (20, 40), (20, 30)],
            [(500, 0), (600, 0)],
        )
    )
    assert join_downstream([spring, brook, river, arm, away]).tolist() == [2, 2, -1, -1, -1]
    assert join_downstream([spring, brook, river], join_m=0.1).tolist() == [2, -1, -1]
    assert join_downstream([]).tolist() == []


def test_a_brook_that_ends_on_the_way_of_a_river_drains_into_it_and_two_that_meet_at_their_ends_do_not() -> None:
    river, brook, rivulet, other = (
        shapely.LineString(xy)
        for xy in ([(0, 0), (100, 0)], [(50, 80), (50, 0.5)], [(20, 60), (49.5, 60)], [(150, 0), (100, 0)])
    )
    assert join_downstream([river, brook, rivulet, other]).tolist() == [-1, 0, 1, -1]


def test_joined_ends_give_the_pointers_that_a_city_was_made_with() -> None:
    rivers = make_bench_city(1 / 64).rivers
    count = len(rivers["down"])
    lines = shapely.linestrings(rivers["xy"], indices=np.repeat(np.arange(count), np.diff(rivers["off"])))
    # Brooks leave the river they were drawn from at its upper end, where their lower end is.
    assert join_downstream(lines).tolist() == rivers["down"].tolist()


@pytest.mark.parametrize(
    ("down", "words"), [([1, 2, 0], "in a circle"), ([0], "in a circle"), ([3], "not in the list")]
)
def test_rivers_that_drain_nowhere_are_refused(down: list[int], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        sum_upstream(down, np.ones(len(down)))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_what_drains_through_a_reach_is_found_by_walking_down_from_every_other(chance: list[int]) -> None:
    down = [-1 if number == 0 else any_ % (number + 1) - 1 for number, any_ in enumerate(chance)]
    expected = np.zeros(len(down), dtype=int)
    for reach in range(len(down)):
        at = reach
        while at >= 0:
            expected[at] += chance[reach]
            at = down[at]
    assert sum_upstream(down, chance).tolist() == expected.tolist()


def test_a_steward_holds_metres_alone_and_shares_others() -> None:
    claims = [(0, 0, 400), (0, 300, 350), (0, 300, 500), (1, 0, 100), (0, 900, 1000)]
    river, start, stop = (np.array(column) for column in zip(*claims, strict=True))
    table = metres_by_steward([1000, 100], river, start, stop, np.array([7, 7, 9, 7, 7]))
    assert rows(table) == [[7, 3, 600, 500, 100], [9, 1, 200, 100, 100]]


lengths_mm = st.lists(st.integers(0, 5_000), min_size=1, max_size=4)
claims_mm = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-500, 6_000), st.integers(-500, 6_000), st.integers(0, 3)), max_size=14
)


@given(lengths_mm, claims_mm, st.randoms(use_true_random=False))
def test_depths_add_up_to_the_length_and_order_changes_nothing(
    lengths: list[int], wanted: list[tuple[int, int, int, int]], chance: object
) -> None:
    wanted = [claim for claim in wanted if claim[0] < len(lengths)]
    metres = [length / 1000 for length in lengths]
    profile = depth_of(metres, [(river, a / 1000, b / 1000) for river, a, b, _ in wanted])
    assert np.rint(profile.metres_by_depth() * 1000).sum() == sum(lengths)
    assert (profile.size_mm > 0).all()
    chance.shuffle(wanted)  # type: ignore[attr-defined]
    again = depth_of(metres, [(river, b / 1000, a / 1000) for river, a, b, _ in wanted])
    pd.testing.assert_frame_equal(depth_by_river(again), depth_by_river(profile))
    count = [np.zeros(length, dtype=int) for length in lengths]
    for river, a, b, _ in wanted:
        low, high = np.clip(sorted((a, b)), 0, lengths[river])
        count[river][low:high] += 1
    assert depth_by_river(profile)["more_m"].tolist() == [int((held > 1).sum()) / 1000 for held in count]


@given(lengths_mm, claims_mm)
def test_metres_that_stewards_hold_alone_are_those_that_exactly_one_of_them_holds(
    lengths: list[int], wanted: list[tuple[int, int, int, int]]
) -> None:
    wanted = [claim for claim in wanted if claim[0] < len(lengths)]
    held = [np.zeros((4, length), dtype=bool) for length in lengths]
    for river, a, b, steward in wanted:
        low, high = np.clip(sorted((a, b)), 0, lengths[river])
        held[river][steward, low:high] = True
    every = np.concatenate(held, axis=1)
    river, start, stop, steward = (np.array([claim[at] for claim in wanted], dtype=np.intp) for at in range(4))
    table = metres_by_steward(np.array(lengths) / 1000, river, start / 1000, stop / 1000, steward)
    for row in table.itertuples():
        assert round(row.length_m * 1000) == every[row.steward].sum()
        assert round(row.alone_m * 1000) == (every[row.steward] & (every.sum(axis=0) == 1)).sum()
        runs = [np.flatnonzero(np.diff(on[row.steward].astype(int), prepend=0, append=0) == 1) for on in held]
        assert row.stretches == sum(map(len, runs))
    assert sorted(table["steward"]) == np.flatnonzero(every.any(axis=1)).tolist()
