"""The p-median: the least walking in all."""

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spopt.locate import PMedian

from geocommons.analysis.siting.limits import Limits
from geocommons.analysis.siting.p_median import solve_p_median
from geocommons.analysis.siting.reach import Reach, build_reach
from geocommons.analysis.siting.solve import Effort
from geocommons.errors import InvalidInput
from tests.analysis.siting.towns import Town, towns

EXACT = Effort(exact_s=20)


def reach_of(walks: np.ndarray) -> Reach:
    demand, candidate = np.nonzero(np.isfinite(walks))
    return build_reach(demand, candidate, walks[demand, candidate], n_demand=len(walks), n_candidates=walks.shape[1])


def test_the_sites_say_how_many_metres_they_save_and_for_whom() -> None:
    walks = np.array([[0.0, 90], [30, 10], [100, 0], [np.inf, np.inf]])
    answer = solve_p_median(reach_of(walks), [2, 1, 1, 9], Limits(p=2), existing_m=[100, 100, 100, np.inf])
    assert (answer.before, answer.objective) == (400, 10)
    assert answer.chosen.tolist() == [0, 1] and answer.adds.tolist() == [270, 120]
    assert answer.adds_people.tolist() == [3, 2] and answer.only_people.tolist() == [2, 2]
    assert answer.infeasible.tolist() == [3] and answer.infeasible_people == 9


def test_whoever_is_in_reach_of_no_chosen_site_counts_as_far_as_is_said() -> None:
    walks = np.array([[0.0, np.inf], [np.inf, 50.0]])
    assert solve_p_median(reach_of(walks), [1, 1], Limits(p=1)).objective == 50
    assert solve_p_median(reach_of(walks), [3, 1], Limits(p=1), beyond_m=400).objective == 400


@given(town=towns(), effort=st.sampled_from([Effort(), EXACT]))
@settings(max_examples=60, deadline=None)
def test_no_choice_is_better_than_the_bound_and_a_proven_one_is_the_best(town: Town, effort: Effort) -> None:
    choices = list(town.choices())
    try:
        answer = solve_p_median(town.reach, town.people, town.limits, existing_m=town.existing_m, effort=effort)
    except InvalidInput:
        assert not choices
        return
    best = min(town.people_metres(one) for one in choices)
    chosen = answer.chosen.tolist()
    assert town.keeps_to(chosen)
    assert answer.objective == pytest.approx(town.people_metres(chosen), abs=1e-6)
    assert answer.before - answer.adds.sum() == pytest.approx(answer.objective)
    assert answer.bound <= best + 1e-6
    assert not answer.optimal or answer.objective == pytest.approx(best, abs=1e-6)
    assert answer.optimal or not effort.exact_s


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # spopt speaks to pulp as before pulp 4
@pytest.mark.parametrize("seed", range(3))
def test_the_exact_answer_is_that_of_spopt(seed: int) -> None:
    chance = np.random.default_rng(seed)
    walks, people = chance.uniform(0, 1_000, (60, 15)), chance.integers(1, 50, 60).astype(float)
    peer = PMedian.from_cost_matrix(walks, people, 4).solve(pulp.PULP_CBC_CMD(msg=False), results=False)
    answer = solve_p_median(reach_of(walks), people, Limits(p=4), effort=EXACT)
    assert answer.optimal and answer.objective == pytest.approx(pulp.value(peer.problem.objective), rel=1e-6)


def test_the_order_of_demand_changes_nothing() -> None:
    chance = np.random.default_rng(3)
    walks, people = np.round(chance.uniform(0, 1_000, (70, 12)), 1), chance.integers(1, 4, 70) * 0.1
    moved = chance.permutation(70)
    one = solve_p_median(reach_of(walks), people, Limits(p=4))
    other = solve_p_median(reach_of(walks[moved]), people[moved], Limits(p=4))
    assert one.chosen.tolist() == other.chosen.tolist()
    assert (one.objective, one.bound) == (other.objective, other.bound)
