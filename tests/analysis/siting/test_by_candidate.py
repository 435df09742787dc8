"""Pairs are read by candidate, also of one that has none."""

import numpy as np

from geocommons.analysis.siting.by_candidate import ByCandidate, starts

PAIRS = ByCandidate(np.array([0, 2, 2, 5]))
"""Two pairs of candidate 0, none of candidate 1, three of candidate 2."""


def test_each_pair_has_its_candidate_and_each_candidate_its_pairs() -> None:
    assert PAIRS.n_candidates == 3
    assert PAIRS.candidate.tolist() == [0, 0, 2, 2, 2]
    assert [np.arange(5)[PAIRS.pairs_of(one)].tolist() for one in range(3)] == [[0, 1], [], [2, 3, 4]]
    assert PAIRS.spread(np.array([True, True, False])).tolist() == [True, True, False, False, False]


def test_pairs_that_are_left_out_move_where_the_others_stand() -> None:
    assert PAIRS.start_of(np.array([True, False, False, True, True])).tolist() == [0, 1, 1, 3]


def test_pairs_in_the_order_of_their_candidates_begin_where_those_before_end() -> None:
    assert starts(PAIRS.candidate, 4).tolist() == [0, 2, 2, 5, 5]
