"""Compiled searches give the bits of scipy's, on any network."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocommons.analysis.walk import plain
from geocommons.analysis.walk.entrances import Entries, Snapped
from geocommons.analysis.walk.network import WalkNetwork
from geocommons.analysis.walk.pairs import walk_pairs
from geocommons.analysis.walk.walking import walk_from_sites, walk_to_nearest, warm_kernels

lengths = st.one_of(
    st.sampled_from([1.0, 2.0, 100.0]),
    st.floats(0.5, 300),
    st.sampled_from([1e-9, 0.01, 50_000.0, 2e7, 1e12]),
)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_kernels()


@st.composite
def towns(draw: Any) -> tuple[WalkNetwork, Entries, Snapped]:
    """Random streets (parallel ones, rings, several parts), stretches where sites are entered, and people."""
    nodes = draw(st.integers(1, 12))
    node = st.integers(0, nodes - 1)
    edges = draw(st.lists(st.tuples(node, node, lengths), min_size=1, max_size=24))
    start, end, length = (np.array(row) for row in zip(*edges, strict=True))
    network = WalkNetwork(np.zeros((nodes, 2)), start, end, length.astype(float), np.empty(0, object))
    spot = st.tuples(
        st.integers(0, len(edges) - 1), st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.sampled_from([0.0, 7.0])
    )
    stretch = st.tuples(spot, st.sampled_from([0.0, 0.5]), st.integers(0, 5))
    entered = draw(st.lists(stretch, max_size=10))
    edge = np.array([at[0] for at, _, _ in entered], dtype=np.intp)
    low = np.array([at[1] for at, _, _ in entered]) * length[edge]
    high = np.minimum(low + np.array([more for _, more, _ in entered]) * length[edge], length[edge])
    leg = np.array([at[2] for at, _, _ in entered], dtype=float)
    site = np.array([own for _, _, own in entered], dtype=np.intp)
    homes = draw(st.lists(st.one_of(spot, st.none()), max_size=8))
    on = np.array([-1 if home is None else home[0] for home in homes], dtype=np.intp)
    along = np.array([np.nan if home is None else home[1] * length[home[0]] for home in homes], dtype=float)
    away = np.array([np.nan if home is None else home[2] for home in homes], dtype=float)
    return network, Entries(site, edge, low, high, leg, np.empty(0, np.intp)), Snapped(on, along, away)


limits = st.sampled_from([0.0, 2.0, 107.0, 1_600.0, np.inf])


@settings(max_examples=400, deadline=None)
@given(towns(), limits)
def test_the_nearest_site_and_its_walk_are_those_of_scipy(
    town: tuple[WalkNetwork, Entries, Snapped], limit_m: float
) -> None:
    network, entries, demand = town
    node_m, node_site = plain.nearest_by_node(network, entries, limit_m)
    metres, site = walk_from_sites(network, entries, limit_m=limit_m)
    assert metres.tolist() == node_m.tolist()
    assert site.tolist() == node_site.tolist()
    slow = plain.nearest_by_door(network, entries, demand, node_m, node_site, limit_m)
    fast = walk_to_nearest(network, entries, demand, limit_m=limit_m)
    assert fast[0].tolist() == slow[0].tolist()
    assert fast[1].tolist() == slow[1].tolist()


@settings(max_examples=400, deadline=None)
@given(towns(), limits)
def test_all_pairs_are_those_of_scipy(town: tuple[WalkNetwork, Entries, Snapped], limit_m: float) -> None:
    slow, fast = plain.all_pairs(*town, limit_m), walk_pairs(*town, limit_m=limit_m)
    assert fast.demand.tolist() == slow[0].tolist()
    assert fast.site.tolist() == slow[1].tolist()
    assert fast.walk_m.tolist() == slow[2].tolist()


@settings(max_examples=200, deadline=None)
@given(towns(), limits)
def test_the_best_pair_is_the_nearest_site_to_the_last_bit(
    town: tuple[WalkNetwork, Entries, Snapped], limit_m: float
) -> None:
    pairs = walk_pairs(*town, limit_m=limit_m)
    best = {}
    for who, site, walk in zip(pairs.demand.tolist(), pairs.site.tolist(), pairs.walk_m.tolist(), strict=True):
        best[who] = min(best.get(who, (np.inf, -1)), (walk, site))
    metres, nearest = walk_to_nearest(*town, limit_m=limit_m)
    assert [best.get(who, (np.inf, -1)) for who in range(len(metres))] == list(
        zip(metres.tolist(), nearest.tolist(), strict=True)
    )


def test_a_ferry_of_any_length_costs_no_memory() -> None:
    streets = np.append(np.full(500, 40.0), [50_000.0, 1e9])
    start = np.append(np.arange(500), [500, 501])
    network = WalkNetwork(np.zeros((503, 2)), start, start + 1, streets, np.empty(0, object))
    gate = np.zeros(1)
    entries = Entries(np.zeros(1, int), np.zeros(1, int), gate, gate, gate, np.empty(0, int))
    assert walk_from_sites(network, entries)[0][[500, 501, 502]].tolist() == [20_000, 70_000, 1_000_070_000]


def test_more_pairs_than_the_first_rows_hold_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geocommons.analysis.walk.pairs.ROOM", 1)
    network = WalkNetwork(np.zeros((2, 2)), np.array([0]), np.array([1]), np.array([500.0]), np.empty(0, object))
    sites, homes = np.arange(300), np.linspace(0, 500, 400)
    gates = sites.astype(float)
    entries = Entries(sites, np.zeros(300, int), gates, gates, np.zeros(300), np.empty(0, int))
    pairs = walk_pairs(network, entries, Snapped(np.zeros(400, int), homes, np.zeros(400)), limit_m=500)
    assert len(pairs) == 120_000
    assert np.array_equal(pairs.walk_m, np.abs(homes[pairs.demand] - gates[pairs.site]))
    assert np.array_equal(np.lexsort((pairs.site, pairs.demand)), np.arange(len(pairs)))
