"""The maximal covering problem: who is served by a few sites, in which order, and how good that is at least."""

from itertools import combinations

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spopt.locate import MCLP

from geocommons.analysis.siting.answer import Siting, weigh_groups
from geocommons.analysis.siting.gains import weigh_cover
from geocommons.analysis.siting.limits import Limits, check_limits
from geocommons.analysis.siting.mclp import solve_mclp
from geocommons.analysis.siting.reach import CoverMatrix, build_reach
from geocommons.analysis.siting.search import choose_greedily, swap
from geocommons.analysis.siting.solve import Effort
from geocommons.errors import InvalidInput
from tests.analysis.siting.towns import WITHIN_M, Town, towns

EXACT = Effort(exact_s=20)


def cover_of(sets: list[list[int]], places: int) -> CoverMatrix:
    demand = [place for one in sets for place in one]
    candidate = [site for site, one in enumerate(sets) for _ in one]
    return build_reach(demand, candidate, np.ones(len(demand)), n_demand=places, n_candidates=len(sets)).cover()


def random_city(places: int, sites: int, seed: int) -> tuple[np.ndarray, np.ndarray, CoverMatrix]:
    """Return people, walks and whom candidates cover within 800 m, in a square of 5 km."""
    chance = np.random.default_rng(seed)
    at, xy = chance.uniform(0, 5_000, (places, 2)), chance.uniform(0, 5_000, (sites, 2))
    walks = np.hypot(*(at[:, None] - xy[None]).transpose(2, 0, 1))
    demand, candidate = np.nonzero(walks <= 800)
    reach = build_reach(demand, candidate, walks[demand, candidate], n_demand=places, n_candidates=sites)
    return chance.integers(0, 100, places).astype(float), walks, reach.cover(800)


def test_an_exchange_finds_what_greedy_choice_misses() -> None:
    cover = cover_of([[0, 1, 2, 3], [0, 1, 4], [2, 3, 5]], 6)
    people = np.array([10.0, 10, 10, 10, 9, 9])
    gains, rules = weigh_cover(cover, cover.weigh(people)), check_limits(Limits(p=2), 3)
    greedy = choose_greedily(gains, rules)
    assert greedy == [0, 1] and gains.worth(greedy) == 49
    assert gains.worth(swap(gains, rules, greedy)) == 58
    answer = solve_mclp(cover, people, Limits(p=2))
    assert sorted(answer.chosen) == [1, 2] and (answer.objective, answer.optimal) == (58, True)


def test_each_site_says_what_it_adds_and_whom_only_it_serves() -> None:
    cover = cover_of([[0, 1, 2], [2, 3], [1]], 5)
    answer = solve_mclp(cover, [1, 2, 3, 4, 7], Limits(p=2))
    assert answer.chosen.tolist() == [1, 0]
    assert answer.adds.tolist() == answer.adds_people.tolist() == [7, 3]
    assert answer.only_people.tolist() == [4, 3]
    assert answer.infeasible.tolist() == [4] and answer.infeasible_people == 7


def test_a_site_that_adds_nobody_is_not_chosen() -> None:
    assert solve_mclp(cover_of([[0, 1], [1]], 2), [1, 1], Limits(p=2)).chosen.tolist() == [0]


def test_who_is_served_already_adds_nothing() -> None:
    cover = cover_of([[0, 1], [2]], 4)
    answer = solve_mclp(cover, [10, 10, 1, 5], Limits(p=1), served=[True, True, False, True])
    assert answer.chosen.tolist() == [1] and answer.objective == 1
    assert answer.infeasible.tolist() == []


def test_a_must_site_is_chosen_and_counts() -> None:
    cover = cover_of([[0], [1, 2], [3, 4, 5]], 6)
    answer = solve_mclp(cover, np.ones(6), Limits(p=2, must=[0], must_not=[2]))
    assert answer.chosen.tolist() == [1, 0] and answer.infeasible.tolist() == [3, 4, 5]


def test_a_weight_of_groups_moves_the_site_and_people_are_still_counted() -> None:
    counts = [[10, 0], [0, 6]]
    cover = cover_of([[0], [1]], 2)
    people = np.sum(counts, axis=1)
    assert solve_mclp(cover, people, Limits(p=1), weight=weigh_groups(counts, [1, 1])).chosen.tolist() == [0]
    fair = solve_mclp(cover, people, Limits(p=1), weight=weigh_groups(counts, [1, 2]))
    assert fair.chosen.tolist() == [1] and (fair.objective, fair.adds_people.tolist()) == (12, [6])


def test_a_budget_buys_two_cheap_sites_rather_than_a_dear_one() -> None:
    cover = cover_of([[0, 1, 2], [0, 1], [2, 3]], 4)
    answer = solve_mclp(cover, np.ones(4), Limits(budget=5, cost=[5, 2.5, 2.5]))
    assert sorted(answer.chosen) == [1, 2] and answer.optimal


def test_sites_keep_their_distance_from_each_other_and_from_those_there_are() -> None:
    cover = cover_of([[0, 1], [2, 3], [4], [5, 6, 7]], 8)
    xy = [[0.0, 0], [50, 0], [100, 0], [400, 0]]
    apart = Limits(p=2, spacing_m=100, xy=xy, existing_xy=[[410.0, 0]])
    answer = solve_mclp(cover, np.ones(8), apart)
    assert answer.chosen.tolist() == [0, 2]  # exactly 100 m apart is far enough; 3 is too near to the existing one
    assert answer.infeasible.tolist() == [5, 6, 7]


@given(town=towns(), effort=st.sampled_from([Effort(), EXACT]))
@settings(max_examples=60, deadline=None)
def test_no_choice_is_better_than_the_bound_and_a_proven_one_is_the_best(town: Town, effort: Effort) -> None:
    choices = list(town.choices())
    try:
        answer = solve_mclp(town.reach.cover(WITHIN_M), town.people, town.limits, served=town.served, effort=effort)
    except InvalidInput:
        assert not choices
        return
    best = max(town.covers(one) for one in choices)
    chosen = answer.chosen.tolist()
    assert town.keeps_to(chosen)
    assert answer.objective == pytest.approx(town.covers(chosen))
    assert answer.adds.sum() == pytest.approx(answer.objective)
    assert answer.bound >= best - 1e-9 and 0 <= answer.gap <= 1
    assert not answer.optimal or answer.objective == pytest.approx(best)
    assert answer.optimal or not effort.exact_s


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # spopt speaks to pulp as before pulp 4
@pytest.mark.parametrize("seed", range(3))
def test_the_exact_answer_is_that_of_spopt(seed: int) -> None:
    people, walks, cover = random_city(150, 25, seed)
    peer = MCLP.from_cost_matrix(walks, people, 800, 4).solve(pulp.PULP_CBC_CMD(msg=False), results=False)
    answer = solve_mclp(cover, people, Limits(p=4), effort=EXACT)
    assert answer.optimal and answer.objective == pytest.approx(pulp.value(peer.problem.objective))
    quick = solve_mclp(cover, people, Limits(p=4))
    assert quick.objective <= answer.objective <= quick.bound


def test_an_exact_choice_of_spaced_sites_is_the_best_of_all() -> None:
    people, walks, cover = random_city(120, 12, 5)
    xy = np.random.default_rng(1).uniform(0, 2_000, (12, 2))
    answer = solve_mclp(cover, people, Limits(p=4, spacing_m=700, xy=xy), effort=EXACT)
    town = Town(people, walks, np.full(120, np.inf), Limits(p=4, spacing_m=700, xy=xy))
    best = max(float(people[(walks[:, one] <= 800).any(axis=1)].sum()) for one in town.choices() if one)
    assert answer.optimal and answer.objective == best


def same(one: Siting, other: Siting) -> bool:
    return one.chosen.tolist() == other.chosen.tolist() and (one.objective, one.bound) == (other.objective, other.bound)


@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_and_of_demand_changes_nothing(seed: int) -> None:
    chance = np.random.default_rng(seed)
    walks = chance.uniform(0, 2_000, (80, 15))
    people = chance.integers(1, 3, 80) * 0.1  # sums of tenths differ by the order in which they are taken
    demand, candidate = np.nonzero(walks <= 500)
    metres = walks[demand, candidate]
    first = build_reach(demand, candidate, metres, n_demand=80, n_candidates=15)
    mixed, moved = chance.permutation(len(demand)), chance.permutation(80)
    rows = build_reach(demand[mixed], candidate[mixed], metres[mixed], n_demand=80, n_candidates=15)
    other = build_reach(moved[demand], candidate, metres, n_demand=80, n_candidates=15)
    answer = solve_mclp(first.cover(500), people, Limits(p=4))
    assert same(answer, solve_mclp(rows.cover(500), people, Limits(p=4)))
    assert same(answer, solve_mclp(other.cover(500), people[np.argsort(moved)], Limits(p=4)))


def test_of_equal_sites_the_first_by_position_is_chosen() -> None:
    cover = cover_of([[0], [1], [2], [3]], 4)
    for taken in range(1, 5):
        assert solve_mclp(cover, np.ones(4), Limits(p=taken)).chosen.tolist() == list(range(taken))


def test_more_sites_never_serve_fewer() -> None:
    people, _, cover = random_city(200, 30, 9)
    worths = [solve_mclp(cover, people, Limits(p=p), effort=EXACT).objective for p in range(1, 8)]
    assert worths == sorted(worths)


def test_a_search_that_ran_out_of_time_does_not_claim_the_best() -> None:
    people, _, cover = random_city(400, 60, 2)
    answer = solve_mclp(cover, people, Limits(p=12), effort=Effort(rounds=1, steps=2, exact_s=1e-3))
    assert answer.bound >= answer.objective
    if not answer.optimal:
        assert answer.gap > 0 and any("without a proof" in str(note) for note in answer.notes)


def test_neither_number_nor_budget_is_no_question() -> None:
    with pytest.raises(InvalidInput, match="how many sites"):
        solve_mclp(cover_of([[0]], 1), [1], Limits())


def test_nobody_and_nothing_are_answered() -> None:
    nobody = solve_mclp(cover_of([[0], [1]], 2), [0, 0], Limits(p=1))
    assert nobody.chosen.tolist() == [] and (nobody.objective, nobody.gap, nobody.optimal) == (0, 0, True)
    nothing = build_reach([], [], [], n_demand=3, n_candidates=2).cover()
    assert solve_mclp(nothing, [1, 2, 3], Limits(p=2)).infeasible.tolist() == [0, 1, 2]


def test_small_sets_of_candidates_agree_with_looking_at_all() -> None:
    people, _, cover = random_city(60, 10, 11)
    gains = weigh_cover(cover, cover.weigh(people))
    best = max(gains.worth(one) for one in combinations(range(10), 3))
    assert solve_mclp(cover, people, Limits(p=3), effort=EXACT).objective == best
