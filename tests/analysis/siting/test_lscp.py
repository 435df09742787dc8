"""The set covering problem: as few sites as serve everyone, and who cannot be served."""

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spopt.locate import LSCP

from geocommons.analysis.siting.limits import Limits
from geocommons.analysis.siting.lscp import solve_lscp
from geocommons.analysis.siting.solve import Effort
from geocommons.errors import InvalidInput
from tests.analysis.siting.test_mclp import cover_of, random_city
from tests.analysis.siting.towns import WITHIN_M, Town, towns

EXACT = Effort(exact_s=20)


def test_everyone_who_can_be_is_served_and_the_rest_is_named() -> None:
    answer = solve_lscp(cover_of([[0, 1], [1, 2], [2]], 4), [1, 1, 1, 5], Limits())
    assert sorted(answer.chosen) == [0, 1] and answer.optimal and answer.objective == 2
    assert answer.infeasible.tolist() == [3] and answer.infeasible_people == 5


def test_who_is_served_or_a_place_without_people_needs_no_site() -> None:
    answer = solve_lscp(cover_of([[0], [1], [2]], 3), [1, 0, 1], Limits(), served=[True, False, False])
    assert answer.chosen.tolist() == [2]


def test_two_cheap_sites_beat_a_dear_one() -> None:
    answer = solve_lscp(cover_of([[0, 1], [0], [1]], 2), [1, 1], Limits(cost=[5, 2, 2]))
    assert sorted(answer.chosen) == [1, 2] and answer.objective == 4


def test_a_number_or_a_budget_contradicts_the_question() -> None:
    for limits in (Limits(p=3), Limits(budget=3)):
        with pytest.raises(InvalidInput, match="Give no number and no budget"):
            solve_lscp(cover_of([[0]], 1), [1], limits)


def test_a_spacing_that_leaves_no_way_is_refused() -> None:
    apart = Limits(spacing_m=100, xy=[[0.0, 0], [50, 0]])
    with pytest.raises(InvalidInput, match="No sites at least 100 m apart serve everyone"):
        solve_lscp(cover_of([[0], [1]], 2), [1, 1], apart)


@given(town=towns(free=True), effort=st.sampled_from([Effort(), EXACT]))
@settings(max_examples=60, deadline=None)
def test_no_set_is_cheaper_than_the_bound_and_a_proven_one_is_the_cheapest(town: Town, effort: Effort) -> None:
    cost = np.asarray(town.limits.cost)
    most = np.asarray(town.people > 0) & ~town.served
    most &= (town.walks[:, _allowed(town)] <= WITHIN_M).any(axis=1)
    full = [one for one in town.choices() if (town.walks[most][:, one].min(axis=1, initial=np.inf) <= WITHIN_M).all()]
    try:
        answer = solve_lscp(town.reach.cover(WITHIN_M), town.people, town.limits, served=town.served, effort=effort)
    except InvalidInput:
        assert not full
        return
    best = min(float(cost[one].sum()) for one in full)
    assert sorted(answer.chosen.tolist()) in full
    assert answer.bound <= best + 1e-9 and answer.objective == cost[answer.chosen].sum()
    assert not answer.optimal or answer.objective == best
    assert answer.optimal or not effort.exact_s


def _allowed(town: Town) -> list[int]:
    return sorted({site for one in town.choices() for site in one})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # spopt speaks to pulp as before pulp 4
@pytest.mark.parametrize("seed", range(3))
def test_the_exact_answer_is_that_of_spopt(seed: int) -> None:
    people, walks, cover = random_city(150, 60, seed)
    reached = (walks <= 800).any(axis=1) & (people > 0)
    peer = LSCP.from_cost_matrix(walks[reached], 800).solve(pulp.PULP_CBC_CMD(msg=False), results=False)
    answer = solve_lscp(cover, people, Limits(), effort=EXACT)
    assert answer.optimal and answer.objective == pulp.value(peer.problem.objective)
