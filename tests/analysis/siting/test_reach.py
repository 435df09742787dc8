"""Pairs of candidate and demand, once in order, and demand merged where the same candidates reach it."""

import numpy as np
import pytest

from geocommons.analysis.siting.reach import build_reach
from geocommons.errors import InvalidInput


def test_of_equal_pairs_the_nearest_counts_and_unreachable_ones_do_not() -> None:
    reach = build_reach([0, 0, 1, 2], [1, 1, 0, 0], [9.0, 4.0, 5.0, np.inf], n_demand=3, n_candidates=2)
    assert (reach.demand.tolist(), reach.candidate.tolist()) == ([1, 0], [0, 1])
    assert reach.cost_m.tolist() == [5.0, 4.0]


def test_a_walk_of_exactly_the_reach_is_covered() -> None:
    reach = build_reach([0, 1], [0, 0], [800.0, 800.001], n_demand=2, n_candidates=1)
    assert reach.cover(800).row_of.tolist() == [0, -1]


def test_demand_with_the_same_candidates_is_one_row() -> None:
    reach = build_reach([0, 0, 1, 1, 2], [0, 1, 1, 0, 1], np.ones(5), n_demand=4, n_candidates=2)
    cover = reach.cover()
    assert cover.n_rows == 2 and cover.row_of[0] == cover.row_of[1] != cover.row_of[2]
    assert cover.row_of[3] == -1
    assert sorted(cover.weigh(np.array([1.0, 2, 4, 8])).tolist()) == [3, 4]


def test_the_cover_holds_every_pair() -> None:
    chance = np.random.default_rng(4)
    covers = chance.random((300, 20)) < 0.15
    demand, candidate = np.nonzero(covers)
    cover = build_reach(demand, candidate, np.ones(len(demand)), n_demand=300, n_candidates=20).cover()
    found = np.zeros((cover.n_rows + 1, 20), dtype=bool)
    found[cover.row, np.repeat(np.arange(20), np.diff(cover.start))] = True
    assert (found[cover.row_of] == covers).all()


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (([0], [0, 1], [1.0]), "differ in number"),
        (([2], [0], [1.0]), "outside 0 to 1"),
        (([0], [-1], [1.0]), "outside 0 to 2"),
        (([0], [0], [-1.0]), "negative or no number"),
        (([0], [0], [np.nan]), "negative or no number"),
    ],
)
def test_a_list_of_pairs_that_makes_no_sense_is_refused(
    pairs: tuple[list[int], list[int], list[float]], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        build_reach(*pairs, n_demand=2, n_candidates=3)
