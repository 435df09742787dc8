"""Ties say who works with whom, and the network who stands between them."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocommons.analysis.stewardship.ties import find_network, find_ties
from geocommons.errors import InvalidInput

DAY = date(2024, 7, 1)


def tenures(*rows: tuple[object, ...]) -> pd.DataFrame:
    columns = ["site", "claimant", "valid_from", "valid_to", "from_m", "to_m"]
    table = pd.DataFrame([(*row, *(None,) * (6 - len(row))) for row in rows], columns=columns)
    for name in ("valid_from", "valid_to"):
        table[name] = pd.to_datetime(table[name])
    table = table.astype({"from_m": float, "to_m": float})
    return table.assign(layer="gardens", district=None, kind="group", status="current")


def ties(*pairs: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame([(*pair, 1) for pair in pairs], columns=["one", "other", "weight"])


def listed(table: pd.DataFrame) -> list[list[object]]:
    return [list(row) for row in table.itertuples(index=False)]


def test_who_stewards_one_site_at_one_time_is_tied() -> None:
    book = tenures(
        (1, 20, "2024-01-01", "2024-03-01"),
        (1, 10, "2024-02-01", "2024-02-11"),
        (1, 10, "2024-02-21", None),
        (1, 30, "2024-03-01", None),
        (2, 10, "2024-06-30", None),
        (2, 30, "2024-06-01", None),
        (3, 40, "2024-01-01", None),
    )
    # 10 and 20 share ten days and nine; 10 and 30 share 1 March to 1 July on site 1, and two days on site 2.
    assert listed(find_ties(book, DAY)) == [[10, 20, 1, 19, 0, False, 1], [10, 30, 2, 123 + 2, 0, False, 2]]
    assert listed(find_ties(book, DAY, since=date(2024, 6, 30))) == [[10, 30, 2, 2 + 2, 0, False, 2]]


def test_on_a_river_only_who_shares_metres_is_tied() -> None:
    book = tenures(
        (1, 1, "2024-01-01", None, 0, 500), (1, 2, "2024-01-01", None, 500, 900), (1, 3, "2024-01-01", None, 400, 600)
    )
    assert find_ties(book, DAY)[["one", "other"]].to_numpy().tolist() == [[1, 3], [2, 3]]


BEGIN = date(2024, 2, 25)
STRETCHES = [(None, None), (0, 100), (100, 300), (0, 300), (200, 300)]
claims = st.tuples(
    st.integers(1, 2), st.integers(1, 3), st.integers(0, 12), st.none() | st.integers(0, 8), st.sampled_from(STRETCHES)
)


@given(rows=st.lists(claims, min_size=1, max_size=7), first=st.integers(0, 15), last=st.integers(0, 15))
@settings(max_examples=25, deadline=None)
def test_shared_days_are_those_counted_day_by_day_and_metre_by_metre(
    rows: list[tuple[int, int, int, int | None, tuple[int | None, int | None]]], first: int, last: int
) -> None:
    since, day = BEGIN + timedelta(min(first, last)), BEGIN + timedelta(max(first, last))
    book, holders = [], defaultdict(set)
    for site, party, start, days, (low, high) in rows:
        begin, end = BEGIN + timedelta(start), None if days is None else BEGIN + timedelta(start + days)
        book.append((site, party, begin, end, low, high))
        for on in (since + timedelta(number) for number in range((day - since).days + 1)):
            if begin <= on and (end is None or on < end):
                for metre in range(50, 300, 100) if low is not None else range(50, 600, 100):
                    if low is None or low < metre < high:
                        holders[site, on, metre].add(party)
    shared = defaultdict(set)
    for (site, on, _), parties in holders.items():
        for pair in combinations(sorted(parties), 2):
            shared[pair].add((site, on))
    counted = [[*pair, len({site for site, _ in days}), len(days)] for pair, days in sorted(shared.items())]
    found = find_ties(tenures(*book), day, since=since)
    assert listed(found[["one", "other", "sites", "days"]]) == counted


def test_fellow_members_and_those_who_say_so_are_tied_too() -> None:
    members = pd.DataFrame({"party": [1, 2, 2, 3, 1, 2], "body": [100, 100, 100, 200, 300, 300]})
    stated = pd.DataFrame({"one": [9, 3, 5, 2], "other": [3, 9, 5, 1]})
    found = find_ties(tenures(), DAY, members=members, stated=stated)
    assert listed(found) == [[1, 2, 0, 0, 2, True, 3], [3, 9, 0, 0, 0, True, 1]]
    assert len(find_ties(tenures(), DAY)) == 0


def test_the_figures_of_a_small_network_are_those_counted_by_hand() -> None:
    # 1 - 2 - 3, 3 - 4, 3 - 5, 4 - 5; 6 - 7; 8 alone.
    network = find_network(ties((2, 1), (2, 3), (3, 4), (5, 3), (4, 5), (6, 7)), parties=[8, 1])
    parties = network.parties.set_index("party")
    assert parties["degree"].tolist() == [1, 2, 3, 2, 2, 1, 1, 0]
    # Through 2: 1-3, 1-4, 1-5; through 3: 1-4, 1-5, 2-4, 2-5; of the 21 pairs of seven others.
    assert parties["betweenness"].tolist() == pytest.approx([0, 3 / 21, 4 / 21, 0, 0, 0, 0, 0])
    assert parties["component"].tolist() == [0, 0, 0, 0, 0, 1, 1, 2]
    assert parties.index[parties["cut_point"]].tolist() == [2, 3]
    assert parties.index[parties["isolate"]].tolist() == [8]
    assert listed(network.components) == [[0, 5, 5], [1, 2, 1], [2, 1, 0]]
    assert network.brokers()["party"].tolist() == [3, 2]
    assert network.brokers(1)["party"].tolist() == [3]


def test_weights_add_up_to_the_strength() -> None:
    weighted = pd.DataFrame({"one": [1, 1], "other": [2, 3], "weight": [3, 2]})
    assert find_network(weighted).parties["strength"].tolist() == [5, 3, 2]


@pytest.mark.parametrize("layout", ["spring", "circle"])
def test_the_map_is_the_same_in_whatever_order_ties_come(layout: str) -> None:
    pairs = [(1, 2), (2, 3), (3, 1), (3, 4), (5, 6), (7, 8), (8, 9)]
    one = find_network(ties(*pairs), parties=[30, 20], layout=layout).parties  # type: ignore[arg-type]
    other = find_network(ties(*pairs[::-1]), parties=[20, 30, 20], layout=layout).parties  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(one, other)
    xy = one[["x", "y"]].to_numpy()
    assert np.isfinite(xy).all() and len(np.unique(xy.round(6), axis=0)) == len(xy)


def test_components_do_not_lie_over_each_other() -> None:
    network = find_network(ties(*combinations(range(5), 2), *combinations(range(10, 14), 2), (20, 21)), parties=[99])
    boxes = network.parties.groupby("component")[["x", "y"]].agg(["min", "max"])
    for (_, one), (_, other) in combinations(boxes.iterrows(), 2):
        apart = [one[axis, "max"] < other[axis, "min"] or other[axis, "max"] < one[axis, "min"] for axis in ("x", "y")]
        assert any(apart)


def test_no_ties_are_a_network_too_and_a_strange_layout_is_refused() -> None:
    empty = find_network(ties())
    assert (len(empty.parties), len(empty.components), len(empty.brokers())) == (0, 0, 0)
    with pytest.raises(InvalidInput, match="not as star"):
        find_network(ties((1, 2)), layout="star")  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]), min_size=1))
def test_betweenness_is_the_part_of_shortest_paths_counted_one_by_one(pairs: set[tuple[int, int]]) -> None:
    parties = find_network(ties(*pairs)).parties
    graph = nx.Graph(sorted(pairs))
    through = dict.fromkeys(graph, 0.0)
    for a, b in combinations(graph, 2):
        if nx.has_path(graph, a, b):
            paths = list(nx.all_shortest_paths(graph, a, b))
            for path in paths:
                for node in path[1:-1]:
                    through[node] += 1 / len(paths)
    many = len(graph)
    scale = 2 / ((many - 1) * (many - 2)) if many > 2 else 1
    expected = [through[party] * scale for party in parties["party"]]
    assert parties["betweenness"].tolist() == pytest.approx(expected)
