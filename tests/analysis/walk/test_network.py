"""Street lines become a network in which people can walk, and nothing is lost without a count."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon

from geocommons.analysis.walk.entrances import enter, snap
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.analysis.walk.walking import walk_to_nearest
from geocommons.errors import InvalidInput


def walk(network: WalkNetwork, here: tuple[float, float], there: tuple[float, float]) -> float:
    return float(walk_to_nearest(network, enter(network, [Point(there)]), snap(network, [Point(here)]))[0][0])


def test_lines_that_end_on_one_centimetre_meet() -> None:
    network = build_network([LineString([(0, 0), (100, 0)]), LineString([(100.001, 0.001), (200, 0)])])
    assert len(network.node_xy) == 3
    assert walk(network, (0, 0), (200, 0)) == pytest.approx(200, abs=0.01)


def test_what_is_no_street_is_dropped_and_counted() -> None:
    street = LineString([(0, 0), (100, 0)])
    rubbish = [
        None,
        LineString(),
        LineString([(5, 5), (5, 5)]),
        Point(1, 1),
        Polygon(),
    ]
    network = build_network([*rubbish, street])
    assert (len(network.lines), network.dropped, network.source.tolist()) == (1, len(rubbish), [5])


def test_no_street_at_all_is_a_network_without_edges() -> None:
    network = build_network([])
    assert walk(network, (0, 0), (1, 1)) == np.inf
    assert network.routes.shape == (0, 0)
    assert len(build_network([], split_shared_vertices=True).lines) == 0


def test_every_part_of_a_line_is_a_street() -> None:
    line = MultiLineString([[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(500, 0), (600, 0)]])
    network = build_network([line])
    assert (len(network.lines), network.dropped) == (3, 0)
    assert walk(network, (0, 0), (100, 100)) == 200
    assert walk(network, (0, 0), (600, 0)) == np.inf


def test_heights_are_ignored() -> None:
    network = build_network([LineString([(0, 0, 5), (100, 0, 50)]), LineString([(100, 0, 7), (200, 0, 7)])])
    assert walk(network, (0, 0), (200, 0)) == 200


def test_node_ids_keep_a_bridge_apart_from_the_street_below() -> None:
    cross = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 100)])]
    assert walk(build_network(cross), (0, 0), (100, 100)) == 200
    apart = build_network(cross, from_node=["a", "c"], to_node=["b", "d"])
    assert walk(apart, (0, 0), (100, 100)) == np.inf


def test_a_missing_node_id_falls_back_on_the_coordinate() -> None:
    lines = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (200, 0)])]
    network = build_network(lines, from_node=[1, None], to_node=[None, 2])
    assert walk(network, (0, 0), (200, 0)) == 200


def test_the_ids_of_a_line_in_parts_name_its_outer_ends() -> None:
    parts = MultiLineString([[(0, 0), (100, 0)], [(100, 0), (200, 0)]])
    network = build_network([parts, LineString([(200, 0), (300, 0)])], from_node=["a", "b"], to_node=["b", "c"])
    assert walk(network, (0, 0), (300, 0)) == 300


@pytest.mark.parametrize("ids", [{"from_node": [1]}, {"from_node": [1], "to_node": [2], "split_shared_vertices": True}])
def test_half_of_the_node_ids_are_refused(ids: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="node ids"):
        build_network([LineString([(0, 0), (1, 0)])], **ids)  # type: ignore[arg-type]


def test_lines_are_split_where_they_share_an_inner_vertex_and_only_there() -> None:
    main = LineString([(0, 0), (50, 0), (100, 0), (150, 0)])
    side = LineString([(100, 0), (100, 80)])
    bridge = LineString([(75, -50), (75, 50)])
    network = build_network([main, side, bridge], split_shared_vertices=True)
    assert sorted(network.length_m.tolist()) == [50, 80, 100, 100]
    assert network.source.tolist().count(0) == 2
    assert walk(network, (0, 0), (100, 80)) == 180
    assert walk(network, (0, 0), (75, 50)) == np.inf


def test_a_way_that_crosses_itself_is_split_at_the_crossing() -> None:
    lollipop = LineString([(0, 0), (100, 0), (200, 50), (200, -50), (100, 0)])
    network = build_network([lollipop], split_shared_vertices=True)
    assert len(network.lines) == 2
    assert walk(network, (0, 0), (200, -50)) == pytest.approx(100 + np.hypot(100, 50))


def test_repeated_vertices_are_no_junction() -> None:
    network = build_network([LineString([(0, 0), (50, 0), (50, 0), (100, 0)])], split_shared_vertices=True)
    assert network.length_m.tolist() == [100]


def test_of_parallel_streets_the_shorter_one_is_walked_and_both_are_lived_on() -> None:
    straight = LineString([(0, 0), (100, 0)])
    detour = LineString([(0, 0), (0, 75), (100, 75), (100, 0)])
    network = build_network([detour, straight])
    assert network.routes.max() == 100
    assert len(network.lines) == 2
    assert walk(network, (0, 50), (200, 0)) == 50 + 100 + 100


def test_a_street_that_ends_where_it_starts_does_no_harm() -> None:
    loop = LineString([(100, 0), (150, 50), (150, -50), (100, 0)])
    network = build_network([LineString([(0, 0), (100, 0)]), loop])
    assert walk(network, (150, 10), (0, 0)) == pytest.approx(40 + np.hypot(50, 50) + 100)
    assert walk(network, (150, -10), (150, 10)) == pytest.approx(20)


def test_the_order_of_the_streets_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    ends = rng.integers(0, 8, (60, 2, 2)) * 100.0
    lines = np.asarray(shapely.linestrings(ends))
    shuffled = rng.permutation(len(lines))
    one, other = build_network(lines), build_network(lines[shuffled])
    assert np.array_equal(one.node_xy, other.node_xy)
    assert (one.routes != other.routes).nnz == 0
