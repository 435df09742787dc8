"""The p-center: the longest walk, as short as can be."""

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spopt.locate import PCenter

from geocommons.analysis.siting.limits import Limits
from geocommons.analysis.siting.p_center import solve_p_center
from geocommons.analysis.siting.solve import Effort
from geocommons.errors import InvalidInput
from tests.analysis.siting.test_p_median import reach_of
from tests.analysis.siting.towns import Town, towns

EXACT = Effort(exact_s=20)


def test_the_longest_walk_is_named_with_who_is_served_within_it() -> None:
    walks = np.array([[10.0, 90], [20, 80], [90, 15], [np.inf, np.inf]])
    answer = solve_p_center(reach_of(walks), [5, 1, 2, 3], Limits(p=2))
    assert (answer.objective, answer.bound, answer.optimal) == (20, 20, True)
    assert answer.chosen.tolist() == [0, 1] and answer.adds.tolist() == [6, 2]
    assert answer.infeasible.tolist() == [3]


def test_sites_that_are_there_may_be_enough() -> None:
    answer = solve_p_center(reach_of(np.array([[50.0], [60.0]])), [1, 1], Limits(p=1), existing_m=[5, 0])
    assert answer.objective == 5 and answer.chosen.tolist() == []


def test_limits_that_leave_somebody_unserved_are_refused() -> None:
    walks = np.array([[1.0, np.inf], [np.inf, 1.0]])
    with pytest.raises(InvalidInput, match="No sites within the limits reach everyone"):
        solve_p_center(reach_of(walks), [1, 1], Limits(p=1))


def test_where_must_sites_use_up_the_number_whom_they_do_not_reach_is_named() -> None:
    walks = np.array([[1.0, np.inf], [np.inf, 1.0]])
    found = solve_p_center(reach_of(walks), [1, 1], Limits(p=1, must=[0]))
    assert (found.chosen.tolist(), found.objective, found.infeasible.tolist()) == ([0], 1.0, [1])


@given(town=towns(), effort=st.sampled_from([Effort(), EXACT]))
@settings(max_examples=60, deadline=None)
def test_no_choice_is_better_than_the_bound_and_a_proven_one_is_the_best(town: Town, effort: Effort) -> None:
    choices = list(town.choices())
    try:
        answer = solve_p_center(town.reach, town.people, town.limits, existing_m=town.existing_m, effort=effort)
    except InvalidInput:
        assert not any(np.isfinite(town.longest(one)) for one in choices)
        return
    best = min(town.longest(one) for one in choices)
    chosen = answer.chosen.tolist()
    assert town.keeps_to(chosen) and town.longest(chosen) <= answer.objective + 1e-6
    assert answer.bound <= best + 1e-6
    assert not answer.optimal or answer.objective == pytest.approx(best)
    assert answer.optimal or not effort.exact_s


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # spopt speaks to pulp as before pulp 4
@pytest.mark.parametrize("seed", range(3))
def test_the_exact_answer_is_that_of_spopt(seed: int) -> None:
    walks = np.random.default_rng(seed).uniform(0, 1_000, (40, 12))
    peer = PCenter.from_cost_matrix(walks, 4).solve(pulp.PULP_CBC_CMD(msg=False), results=False)
    answer = solve_p_center(reach_of(walks), np.ones(40), Limits(p=4), effort=EXACT)
    assert answer.optimal and answer.objective == pytest.approx(pulp.value(peer.problem.objective))
