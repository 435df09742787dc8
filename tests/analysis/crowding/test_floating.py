"""Floating catchments agree with PySAL's and with tables worked out by hand, and account for all supply."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geocommons.analysis.crowding.catchments import Catchments, build_catchments
from geocommons.analysis.crowding.floating import (
    METHODS,
    Access,
    catchment_ratio,
    inverted_two_step_crowdedness,
    modified_two_step_access,
    three_step_access,
    two_step_access,
)
from geocommons.analysis.crowding.weights import WALK_METRES, Binary, Exponential, Gaussian, InversePower, Steps, Weight
from geocommons.errors import InvalidInput

Floats = NDArray[np.float64]
WEIGHTS = [Binary(900), WALK_METRES, Gaussian(400, 1200), InversePower(1.5, 1200), Exponential(0.002, 1200)]
SHARING = [(two_step_access, weight) for weight in WEIGHTS] + [(three_step_access, weight) for weight in WEIGHTS]


def town(seed: int, demands: int = 60, sites: int = 12) -> tuple[NDArray[Any], NDArray[Any], Floats, Floats, Floats]:
    """Return pairs (demand, site, metres) in no order, people and supply."""
    chance = np.random.default_rng(seed)
    homes, gardens = chance.random((demands, 2)) * 3000, chance.random((sites, 2)) * 3000
    metres = np.hypot(*(homes[:, None] - gardens[None]).T).T.ravel()
    demand, site = np.divmod(chance.permutation(demands * sites), sites)
    people = chance.integers(0, 40, demands).astype(float)
    return demand, site, metres[demand * sites + site], people, chance.integers(1, 30, sites).astype(float)


def catchments(seed: int, weight: Weight) -> tuple[Catchments, Floats, Floats]:
    demand, site, metres, people, supply = town(seed)
    return build_catchments(demand, site, metres, demands=60, sites=12, weight=weight), people, supply


def pysal(method: str, seed: int, weight: Weight) -> Floats:
    """Return what PySAL `access` says, from pairs within reach (its 3SFCA weighs all rows that it is given)."""
    from access import Access as Peer

    demand, site, metres, people, supply = town(seed)
    within = metres <= weight.reach
    cost = pd.DataFrame({"origin": demand[within], "dest": site[within], "cost": metres[within]})
    peer = Peer(
        demand_df=pd.DataFrame({"geoid": np.arange(60), "people": people}),
        demand_index="geoid",
        demand_value="people",
        supply_df=pd.DataFrame({"geoid": np.arange(12), "plots": supply}),
        supply_index="geoid",
        supply_value="plots",
        cost_df=cost,
        cost_origin="origin",
        cost_dest="dest",
        cost_name="cost",
    )
    getattr(peer, method)(name="x", max_cost=weight.reach, weight_fn=lambda at: float(weight(np.array([at]))[0]))
    return peer.access_df["x_plots"].reindex(range(60)).fillna(0).to_numpy()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("weight", WEIGHTS, ids=lambda weight: weight.kind)
@pytest.mark.parametrize(
    ("ours", "theirs"), [(two_step_access, "enhanced_two_stage_fca"), (three_step_access, "three_stage_fca")]
)
def test_it_agrees_with_pysal(ours: Callable[..., Access], theirs: str, weight: Weight) -> None:
    ready, people, supply = catchments(3, weight)
    np.testing.assert_allclose(ours(ready, people, supply).access, pysal(theirs, 3, weight), rtol=1e-12)


def test_two_homes_share_two_gardens_as_worked_out_by_hand() -> None:
    # Home 0 (10 people) reaches both gardens, home 1 (30) only the second. 4 and 8 plots.
    ready = build_catchments([0, 0, 1], [0, 1, 1], [100, 500, 300], demands=2, sites=2, weight=Binary(500))
    found = two_step_access(ready, [10, 30], [4, 8])
    np.testing.assert_allclose(found.ratio, [4 / 10, 8 / 40])
    np.testing.assert_allclose(found.access, [0.6, 0.2])
    assert found.delivered == pytest.approx(10 * 0.6 + 30 * 0.2) == 12


def test_steps_modified_and_three_step_are_as_worked_out_by_hand() -> None:
    steps = Steps(((200, 1.0), (500, 0.5)))
    ready = build_catchments([0, 0, 1], [0, 1, 1], [100, 500, 200], demands=2, sites=2, weight=steps)
    # E2SFCA: users 10 and 10 x 0.5 + 30 = 35.
    np.testing.assert_allclose(two_step_access(ready, [10, 30], [4, 7]).access, [0.4 + 0.2 * 0.5, 0.2])
    modified = modified_two_step_access(ready, [10, 30], [4, 7])
    np.testing.assert_allclose(modified.access, [0.4 + 0.2 * 0.25, 0.2])
    assert modified.layout_loss == pytest.approx(11 - (4.5 + 6))
    # 3SFCA: home 0 chooses 2/3 and 1/3; users 10 x 2/3 and 10 x 1/3 x 0.5 + 30.
    r0, r1 = 4 / (20 / 3), 7 / (5 / 3 + 30)
    np.testing.assert_allclose(three_step_access(ready, [10, 30], [4, 7]).access, [r0 * 2 / 3 + r1 / 6, r1])


def test_the_ratio_in_one_catchment_has_no_competition_from_outside() -> None:
    ready = build_catchments([0, 1], [0, 0], [100, 400], demands=2, sites=1, weight=Binary(500))
    around = build_catchments([0, 1], [0, 1], [0, 0], demands=2, sites=2, weight=Binary(500))
    np.testing.assert_allclose(catchment_ratio(ready, around, [10, 40], [5]).access, [0.5, 0.125])


def test_a_site_is_crowded_by_the_people_who_find_no_other() -> None:
    ready = build_catchments([0, 0, 1], [0, 1, 1], [1, 1, 1], demands=3, sites=2, weight=Binary(5))
    found = inverted_two_step_crowdedness(ready, [12, 6, 5], [4, 2])
    np.testing.assert_allclose(found.crowdedness, [2, 2 + 3])
    assert (found.received, found.lost_people, found.stranded_demand.tolist()) == (18, 5, [2])


@pytest.mark.parametrize(("method", "weight"), SHARING)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_all_supply_is_delivered_or_named_as_lost(method: Callable[..., Access], weight: Weight, seed: int) -> None:
    ready, people, supply = catchments(seed, weight)
    found = method(ready, people, supply)
    assert found.delivered + found.lost_supply == pytest.approx(supply.sum(), rel=1e-12)
    assert found.lost_supply == supply[found.unreached_sites].sum()
    assert np.isnan(found.ratio[found.unreached_sites]).all()


@given(seed=st.integers(0, 10_000), weight=st.sampled_from(WEIGHTS))
@settings(max_examples=40, deadline=None)
def test_distance_loses_supply_in_the_modified_method_alone(seed: int, weight: Weight) -> None:
    ready, people, supply = catchments(seed, weight)
    assert modified_two_step_access(ready, people, supply).layout_loss >= -1e-9
    binary, *_ = catchments(seed, Binary(900))
    assert modified_two_step_access(binary, people, supply).layout_loss == pytest.approx(0, abs=1e-9)


@given(seed=st.integers(0, 10_000), weight=st.sampled_from(WEIGHTS))
@settings(max_examples=40, deadline=None)
def test_all_people_are_received_or_named_as_stranded(seed: int, weight: Weight) -> None:
    ready, people, supply = catchments(seed, weight)
    found = inverted_two_step_crowdedness(ready, people, supply)
    assert found.received + found.lost_people == pytest.approx(people.sum(), rel=1e-12)


@given(seed=st.integers(0, 10_000), method=st.sampled_from(sorted(METHODS)))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_pairs_changes_nothing_at_all(seed: int, method: str) -> None:
    demand, site, metres, people, supply = town(seed)
    again = np.random.default_rng(seed + 1).permutation(len(demand))
    one = build_catchments(demand, site, metres, demands=60, sites=12, weight=WALK_METRES)
    two = build_catchments(demand[again], site[again], metres[again], demands=60, sites=12, weight=WALK_METRES)
    assert METHODS[method](one, people, supply).access.tolist() == METHODS[method](two, people, supply).access.tolist()


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_closed_site_is_as_if_it_were_not_there(method: str) -> None:
    demand, site, metres, people, supply = town(5)
    ready, *_ = catchments(5, WALK_METRES)
    is_open = np.arange(12) != 4
    without = build_catchments(
        demand[site != 4], site[site != 4], metres[site != 4], demands=60, sites=12, weight=WALK_METRES
    )
    closed = METHODS[method](ready, people, supply, open_sites=is_open)
    np.testing.assert_allclose(closed.access, METHODS[method](without, people, supply * is_open).access, rtol=1e-12)
    assert np.isnan(closed.ratio[4])
    assert 4 not in closed.unreached_sites


@pytest.mark.parametrize("method", sorted(METHODS))
def test_an_added_site_is_as_if_it_had_been_there(method: str) -> None:
    demand, site, metres, people, supply = town(6)
    old, new = site < 10, site >= 10
    ready = build_catchments(demand[old], site[old], metres[old], demands=60, sites=10, weight=WALK_METRES)
    grown = ready.with_sites(demand[new], site[new] - 10, metres[new], sites=2)
    whole, *_ = catchments(6, WALK_METRES)
    assert (
        METHODS[method](grown, people, supply).access.tolist() == METHODS[method](whole, people, supply).access.tolist()
    )
    assert (ready.sites, grown.sites) == (10, 12)


def test_of_two_gates_the_nearer_counts_and_they_are_not_added_up() -> None:
    ready = build_catchments([0, 0, 1], [0, 0, 0], [300, 100, 50], demands=2, sites=2, weight=WALK_METRES)
    assert ready.cost.tolist() == [100, 50]
    assert two_step_access(ready, [1, 1], [2, 0]).access.tolist() == [1, 1]


def test_exactly_at_a_threshold_is_within_it() -> None:
    assert WALK_METRES(np.array([400.0, 400.01, 800.0, 1600.0, 1600.01])).tolist() == [1.0, 0.68, 0.68, 0.22, 0.0]
    assert Binary(0.3)(np.array([0.1 + 0.2])).tolist() == [1.0]


def test_who_reaches_nothing_has_nothing_and_places_without_people_ask_for_nothing() -> None:
    ready = build_catchments([0, 1], [0, 0], [10, 10], demands=3, sites=3, weight=Binary(100))
    found = two_step_access(ready, [0, 4, 9], [8, 5, 0])
    assert found.access.tolist() == [2, 2, 0]
    assert (found.lost_supply, found.unreached_sites.tolist()) == (5, [1, 2])


def test_where_nothing_is_within_reach_all_supply_is_lost() -> None:
    ready = build_catchments([], [], [], demands=2, sites=1, weight=Binary(100))
    for find in METHODS.values():
        found = find(ready, [1, 1], [6])
        assert (found.access.tolist(), found.lost_supply) == ([0, 0], 6)
    assert inverted_two_step_crowdedness(ready, [1, 1], [6]).lost_people == 2


def test_weights_are_as_stated() -> None:
    cost = np.array([0.0, 2.0, 4.0])
    np.testing.assert_allclose(Gaussian(2, 10)(cost), np.exp([0, -0.5, -2]))
    np.testing.assert_allclose(InversePower(2, 10)(cost), [1, 0.25, 0.0625])
    np.testing.assert_allclose(Exponential(0.5, 3)(cost), [1, np.exp(-1), 0])


def test_what_cannot_be_measured_is_refused() -> None:
    def build(demand: int = 0, cost: float = 1.0) -> Catchments:
        return build_catchments([demand], [0], [cost], demands=1, sites=1, weight=Binary(5))

    with pytest.raises(InvalidInput, match="not among the 1"):
        build(demand=1)
    with pytest.raises(InvalidInput, match="below 0"):
        build(cost=-1)
    with pytest.raises(InvalidInput, match="Figure 1 of people is -2"):
        two_step_access(build(), [-2], [1])
    with pytest.raises(InvalidInput, match="2 figures of supply for 1 places"):
        two_step_access(build(), [2], [1, 1])
    with pytest.raises(InvalidInput, match="no rising thresholds"):
        Steps(((800, 1.0), (400, 0.5)))
    with pytest.raises(InvalidInput, match="sigma"):
        Gaussian(0, 5)
    assert build(cost=float("nan")).weights.nnz == 0
