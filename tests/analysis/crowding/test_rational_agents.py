"""At the equilibrium of RAAM nobody gains by going elsewhere."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from geocommons.analysis.compiled import kernel
from geocommons.analysis.crowding.catchments import build_catchments
from geocommons.analysis.crowding.rational_agents import RationalAccess, equilibrate_once, rational_access
from geocommons.analysis.crowding.weights import Binary
from geocommons.errors import InvalidInput


def town(seed: int, demands: int, sites: int, reach: float = 9e9) -> tuple[np.ndarray, np.ndarray, np.ndarray, object]:
    chance = np.random.default_rng(seed)
    metres = chance.random((demands, sites)) * 2000
    people, supply = chance.integers(1, 90, demands) * 100.0, chance.integers(1, 30, sites).astype(float)
    demand, site = np.divmod(np.arange(demands * sites), sites)
    ready = build_catchments(demand, site, metres.ravel(), demands=demands, sites=sites, weight=Binary(reach))
    return metres, people, supply, ready


def test_two_gardens_share_forty_people_as_worked_out_by_hand() -> None:
    # Queues of x / 10 and (40 - x) / 10 (rho 1), ways of 0 and 2: equal at x = 30, where both cost 3.
    ready = build_catchments([0, 0], [0, 1], [0, 200], demands=1, sites=2, weight=Binary(500))
    found = rational_access(ready, [40], [10, 10], tau=100, rho=1)
    np.testing.assert_allclose(found.users, [30, 10])
    np.testing.assert_allclose(found.cost, [3])
    assert found.converged


def test_nobody_goes_where_it_costs_more_however_short_the_queue() -> None:
    ready = build_catchments([0, 0], [0, 1], [0, 500], demands=1, sites=2, weight=Binary(500))
    found = rational_access(ready, [40], [10, 10], tau=100, rho=1)
    assert found.users.tolist() == [40, 0]
    assert found.cost.tolist() == [4]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_it_is_the_least_of_the_potential_that_a_general_solver_finds(seed: int) -> None:
    metres, people, supply, ready = town(seed, 4, 3)
    everybody = people.sum()
    rho = everybody / supply.sum()

    def potential(flat: np.ndarray) -> float:
        part = flat.reshape(4, 3)
        return float((part.sum(0) ** 2 * everybody / (2 * rho * supply)).sum() + (part * metres / 700).sum())

    whole = {"type": "eq", "fun": lambda flat: flat.reshape(4, 3).sum(1) - people / everybody}
    start = np.repeat(people / everybody / 3, 3)
    limits = {"ftol": 1e-14, "maxiter": 1000}
    solved = minimize(potential, start, bounds=[(0, None)] * 12, constraints=[whole], method="SLSQP", options=limits)
    found = rational_access(ready, people, supply, tau=700, equal_within=1e-10)
    np.testing.assert_allclose(found.users / everybody, solved.x.reshape(4, 3).sum(0), atol=1e-4)


@pytest.mark.filterwarnings("ignore")
def test_it_agrees_with_pysal_up_to_the_whole_people_that_one_moves() -> None:
    from access import Access

    metres, people, supply, ready = town(2, 40, 6)
    demand, site = np.divmod(np.arange(240), 6)
    peer = Access(
        demand_df=pd.DataFrame({"geoid": np.arange(40), "people": people.astype(int)}),
        demand_index="geoid",
        demand_value="people",
        supply_df=pd.DataFrame({"geoid": np.arange(6), "plots": supply}),
        supply_index="geoid",
        supply_value="plots",
        cost_df=pd.DataFrame({"origin": demand, "dest": site, "cost": metres.ravel()}),
        cost_origin="origin",
        cost_dest="dest",
        cost_name="cost",
    )
    peer.raam(name="r", tau=1000, max_cycles=2000)
    found = rational_access(ready, people, supply, tau=1000)
    assert found.converged
    np.testing.assert_allclose(found.cost, peer.access_df["r_plots"].to_numpy(), rtol=0.01)


@given(seed=st.integers(0, 10_000), reach=st.sampled_from([300.0, 800.0, 9e9]))
@settings(max_examples=25, deadline=None)
def test_everybody_who_reaches_a_site_goes_to_one(seed: int, reach: float) -> None:
    _, people, supply, ready = town(seed, 20, 5, reach)
    found = rational_access(ready, people, supply, tau=500)
    stranded = people[found.stranded_demand].sum()
    assert found.users.sum() + stranded == pytest.approx(people.sum())
    assert np.isinf(found.cost[found.stranded_demand]).all()
    assert -1e-12 <= found.gap <= 1e-5


def test_closed_sites_and_those_without_supply_receive_nobody() -> None:
    _, people, supply, ready = town(4, 20, 5)
    supply[0] = 0
    found = rational_access(ready, people, supply, tau=500, open_sites=np.array([True, False, True, True, True]))
    assert found.users[:2].tolist() == [0, 0]
    assert np.isnan(found.congestion[:2]).all()
    assert found.users.sum() == pytest.approx(people.sum())


def test_where_nothing_is_within_reach_everybody_is_stranded() -> None:
    ready = build_catchments([], [], [], demands=2, sites=1, weight=Binary(100))
    found = rational_access(ready, [4, 0], [6], tau=5)
    assert (found.cost.tolist(), found.stranded_demand.tolist(), found.gap) == ([np.inf, np.inf], [0], 0)


def test_it_says_so_when_it_did_not_settle() -> None:
    _, people, supply, ready = town(4, 20, 5)
    found: RationalAccess = rational_access(ready, people, supply, tau=500, max_sweeps=1, equal_within=1e-12)
    assert not found.converged
    assert found.gap > 1e-12


def test_the_compiled_pass_does_what_the_plain_one_says() -> None:
    _, people, supply, ready = town(9, 15, 4)
    one = rational_access(ready, people, supply, tau=500, rho=10, max_sweeps=3, equal_within=0)
    compiled = kernel(equilibrate_once)
    travel = ready.weights.T.tocsr()
    travel.data = (ready.cost / 500).reshape(4, 15).T.ravel()
    slope = 1 / (10 * supply)
    share = (people[:, None] * supply / supply.sum()).ravel()
    users = share.reshape(15, 4).sum(0)
    again = share.copy(), users.copy()
    for _ in range(3):
        gap = equilibrate_once(travel.indptr, travel.indices, travel.data, people, slope, share, users)
        assert compiled(travel.indptr, travel.indices, travel.data, people, slope, *again) == gap
    assert (again[0].tolist(), again[1].tolist()) == (share.tolist(), users.tolist())
    np.testing.assert_allclose(one.users, users, rtol=1e-12)


def test_a_tau_of_nothing_is_refused() -> None:
    _, people, supply, ready = town(1, 3, 2)
    with pytest.raises(InvalidInput, match="tau"):
        rational_access(ready, people, supply, tau=0)
    with pytest.raises(InvalidInput, match="tau"):
        rational_access(ready, people, supply * 0, tau=1)
