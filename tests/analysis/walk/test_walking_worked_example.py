"""The worked example C5 of the reference: a grid of 3 x 3 nodes, 100 m apart, with a gap."""

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame

from geocommons.analysis.service.coverage import find_coverage
from geocommons.analysis.walk.entrances import enter, snap
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.analysis.walk.walking import walk_to_nearest

CRS = "EPSG:32633"
NODES = [shapely.Point(100 * (i % 3), -100 * (i // 3)) for i in range(9)]
PAIRS = [(0, 1), (3, 4), (6, 7), (7, 8), (0, 3), (3, 6), (1, 4), (4, 7), (2, 5), (5, 8)]


def grid(extra: list[shapely.LineString] | None = None) -> WalkNetwork:
    lines = [shapely.LineString([NODES[a], NODES[b]]) for a, b in PAIRS]
    return build_network(lines + (extra or []))


def distances(network: WalkNetwork) -> list[float]:
    site = enter(network, [NODES[2]])
    return walk_to_nearest(network, site, snap(network, NODES))[0].round(9).tolist()


def test_walks_on_the_grid_are_as_computed_by_hand() -> None:
    assert distances(grid()) == [600, 500, 0, 500, 400, 100, 400, 300, 200]


def test_a_longer_parallel_street_changes_nothing() -> None:
    detour = shapely.LineString([NODES[7], (150, -200 - np.sqrt(125**2 - 50**2)), NODES[8]])
    assert detour.length == pytest.approx(250)
    assert distances(grid([detour])) == distances(grid())


@pytest.mark.parametrize(("network", "served"), [(grid(), 40), (None, 90)])
def test_the_straight_line_hides_half_of_the_gap(network: WalkNetwork | None, served: float) -> None:
    people = GeoDataFrame({"people": [10.0] * 9}, geometry=NODES, crs=CRS)
    garden = GeoDataFrame(geometry=[NODES[2]], crs=CRS)
    assert find_coverage(people, garden, network=network, reach_m=300).totals.served == served
