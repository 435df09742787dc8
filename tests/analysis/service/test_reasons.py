"""Every person in a gap has one reason, the first that holds, and the land near by is told."""

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geocommons.analysis.service.coverage import find_coverage
from geocommons.analysis.service.gaps import find_gaps
from geocommons.analysis.service.reasons import CODES, REASONS, GapReasons, assign_gaps, explain_gaps
from geocommons.analysis.walk.network import WalkNetwork, build_network
from geocommons.errors import InvalidInput

CRS = "EPSG:32633"
REACH_M = 300
HOMES = [(0, 400), (2000, 400), (4000, 0), (6000, 0), (8000, 0), (12_000, 0), (12_100, 0), (12_200, 0)]
SITES = GeoDataFrame(
    {
        "status": ["cared_for", "cared_for", "available", "cared_for", "cared_for"],
        "area_m2": [900.0, 900.0, 900.0, 90.0, 900.0],
        "full": [False, False, True, True, True],
    },
    geometry=[Point(0, 0), Point(2200, 400), Point(4100, 0), Point(6100, 0), Point(8100, 0)],
    crs=CRS,
)
STREETS = [
    *(LineString([(x, 0), (x + 200, 0)]) for x in (4000, 6000, 8000, 12_000)),
    LineString([(0, 0), (0, 400)]),
    LineString([(2000, 400), (2000, 900), (2200, 900), (2200, 400)]),
]


def explain(
    homes: list[tuple[float, float]], network: WalkNetwork | None = None, land: GeoDataFrame | None = None
) -> GapReasons:
    people = {"people": [10.0 + at for at in range(len(homes))], "group_children": [1.0] * len(homes)}
    demand = GeoDataFrame(people, geometry=[Point(home) for home in homes], crs=CRS)
    coverage = find_coverage(demand, SITES.iloc[:2], network=network, reach_m=REACH_M)
    gaps = find_gaps(coverage.demand, SITES.iloc[:2])
    return explain_gaps(gaps, coverage.demand, SITES, reach_m=REACH_M, network=network, area_min_m2=500, land=land)


def test_each_home_has_the_first_reason_that_holds() -> None:
    found = explain(HOMES, build_network(STREETS))
    # On foot: 400 m, a detour of 1,200 m for 200; no steward (also full), too small (also full), full; nothing near.
    assert [CODES[at] for at in found.reason] == ["beyond", "barrier", "lapsed", "small", "full", *["none"] * 3]
    assert found.gaps["reason"].tolist() == ["none", "full", "small", "lapsed", "barrier", "beyond"]
    assert found.gaps["people_none"].tolist() == [48, 0, 0, 0, 0, 0]
    assert found.gaps["group_children"].tolist() == [3, 1, 1, 1, 1, 1]
    assert found.of_gap(0) == [("none", 48)]


def test_an_unreachable_site_within_reach_is_behind_a_barrier() -> None:
    # The network does not come within 200 m of the site.
    found = explain([(1950, 400)], build_network([LineString([(1950, 350), (1950, 450)]), STREETS[4]]))
    assert found.gaps["reason"].tolist() == ["barrier"]


def test_a_site_one_and_a_half_times_the_reach_away_is_beyond_and_not_behind_a_barrier() -> None:
    # 450 m on foot for 290 m in a straight line.
    detour = build_network(
        [LineString([(0, 0), (-121.25, 0), (-121.25, 207.5), (0, 207.5)]), LineString([(9, 9), (9, 10)])]
    )
    found = explain([(0, 207.5)], detour)
    assert found.gaps["reason"].tolist() == ["beyond"]


def test_without_streets_nothing_is_a_barrier() -> None:
    found = explain([(0, 400), (0, 500), (4000, 0)])
    assert [CODES[at] for at in found.reason] == ["beyond", "none", "lapsed"]
    # The two on one street are one gap with two reasons, most people first.
    assert found.of_gap(0) == [("none", 11), ("beyond", 10)]
    assert found.gaps["reason"].tolist() == ["none", "lapsed"]


def test_served_and_unassessed_people_are_in_no_gap() -> None:
    found = explain([(0, 100), (50_000, 0), (4000, 0)], build_network(STREETS))
    assert (found.gap.tolist(), found.reason.tolist()) == ([-1, -1, 0], [-1, -1, 0])


def test_land_in_or_near_a_gap_is_listed_nearest_first() -> None:
    plots = GeoDataFrame(geometry=[box(4200, 0, 4210, 10), Point(4000, 0), Point(4080, 0), Point(4000, 500)], crs=CRS)
    found = explain([(4000, 0), (9500, 0)], land=plots)
    # The outline leaves 82.5 m of room around a home.
    assert found.gaps["land"].tolist() == [(), (1, 2)]
    near = explain_gaps(found.gaps, _demand_of([(4000, 0), (9500, 0)]), SITES, reach_m=REACH_M, land=plots, land_m=120)
    assert near.gaps["land"].tolist() == [(), (1, 2, 0)]


def _demand_of(homes: list[tuple[float, float]]) -> GeoDataFrame:
    demand = GeoDataFrame({"people": [10.0] * len(homes)}, geometry=[Point(home) for home in homes], crs=CRS)
    return find_coverage(demand, SITES.iloc[:2], reach_m=REACH_M).demand


def test_each_reason_is_said_in_both_languages() -> None:
    assert all(words.say("nl") != words.say("en") for words in REASONS.values())


def test_frames_in_two_reference_systems_are_refused() -> None:
    demand = _demand_of([(4000, 0)])
    with pytest.raises(InvalidInput, match="not in one CRS"):
        explain_gaps(find_gaps(demand, SITES), demand, SITES.set_crs(32631, allow_override=True), reach_m=300)


def test_no_gaps_need_no_reason() -> None:
    found = explain([(0, 100)])
    assert (len(found.gaps), found.gap.tolist()) == (0, [-1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=1, max_size=25))
def test_people_by_reason_add_up_to_those_of_the_gap(cells: list[tuple[int, int]]) -> None:
    found = explain([(x * 150.0, y * 97.0) for x, y in cells])
    behind = found.gaps[[f"people_{code}" for code in CODES]].sum(axis=1)
    assert behind.tolist() == found.gaps["people"].tolist()
    members = np.bincount(found.gap[found.gap >= 0], minlength=len(found.gaps))
    assert members.tolist() == found.gaps["places"].tolist()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_blocks_are_in_the_gap_whose_outline_was_drawn_around_them(seed: int) -> None:
    chance = np.random.default_rng(seed)
    corner = chance.integers(0, 40, (60, 2)) * 60.0 + (0, 1000)
    blocks = shapely.box(*corner.T, *(corner + chance.uniform(10, 58, (60, 2))).T)
    demand = GeoDataFrame({"people": np.ones(60)}, geometry=blocks, crs=CRS)
    demand = find_coverage(demand, SITES.iloc[:1], reach_m=10).demand
    gaps = find_gaps(demand, SITES, join_m=40)
    assert np.bincount(assign_gaps(demand, gaps), minlength=len(gaps)).tolist() == gaps["places"].tolist()
