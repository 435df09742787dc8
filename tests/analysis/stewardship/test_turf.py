"""Turf is the ground of each organisation: what it shares, where its care went, and where nobody is."""

import pytest
from geopandas import GeoDataFrame
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, Point, box

from geocommons.analysis.stewardship.turf import care_against_turf, cells_over, find_turf, overlap_turf, turf_density
from geocommons.errors import InvalidInput

CRS = "EPSG:32633"


def frame(*rows: tuple[int, object]) -> GeoDataFrame:
    return GeoDataFrame({"party": [row[0] for row in rows]}, geometry=[row[1] for row in rows], crs=CRS)


SITES = frame(
    (7, box(0, 0, 100, 100)),
    (7, box(50, 0, 150, 100)),
    (3, box(100, 50, 200, 150)),
    (3, LineString([(0, 200), (100, 200)])),
    (5, LineString([(60, 200), (90, 200), (90, 300)])),
    (9, Point(500, 500)),
    (9, Point(600, 500)),
    (9, Point(500, 600)),
)


def test_turf_is_the_sites_together_and_a_metre_held_twice_counts_once() -> None:
    turf = find_turf(SITES)
    assert turf["party"].tolist() == [3, 5, 7, 9]
    assert turf["sites"].tolist() == [2, 1, 2, 3]
    assert turf["area_m2"].tolist() == [10_000, 0, 15_000, 0]
    assert turf["length_m"].tolist() == [100, 130, 0, 0]


def test_a_hull_is_the_ground_between_the_sites() -> None:
    hull = find_turf(SITES, shape="hull")
    assert hull["area_m2"].tolist()[-1] == 5000
    assert hull["length_m"].tolist() == [0, 0, 0, 0]


def test_two_parties_share_ground_and_metres() -> None:
    pairs = overlap_turf(find_turf(SITES))
    assert [list(row) for row in pairs.itertuples(index=False)] == [[3, 7, 2500, 0, 0], [3, 5, 0, pytest.approx(30), 0]]


def test_a_line_through_the_ground_of_another_and_a_tree_on_it_are_shared() -> None:
    mixed = frame(
        (1, box(0, 0, 100, 100)),
        (1, Point(500, 0)),
        (2, LineString([(-50, 50), (150, 50)])),
        (2, Point(10, 10)),
        (2, Point(500, 0)),
        (2, Point(900, 0)),
    )
    pairs = overlap_turf(find_turf(mixed))
    assert [list(row) for row in pairs.itertuples(index=False)] == [[1, 2, 0, pytest.approx(100), 2]]


def test_turfs_that_only_meet_at_a_border_share_nothing() -> None:
    assert len(overlap_turf(find_turf(frame((1, box(0, 0, 10, 10)), (2, box(10, 0, 20, 10)))))) == 0


def test_places_are_told_by_how_many_work_there_and_where_nobody_does() -> None:
    places = frame((0, box(0, 0, 100, 200)), (0, box(200, 0, 300, 100)), (0, Point(500, 500)), (0, Point(120, 70)))
    density = turf_density(find_turf(SITES), places.rename(columns={"party": "name"}))
    assert density["turfs"].tolist() == [3, 0, 1, 2]


def test_a_surface_of_cells_is_on_one_grid_wherever_it_begins() -> None:
    cells = cells_over((-5, 20, 95, 130), 100, CRS)
    assert cells[["column", "row"]].to_numpy().tolist() == [[-1, 0], [0, 0], [-1, 1], [0, 1]]
    # 7 and the ground of 3 only meet the others; the lines of 3 and 5 run along the top of the upper row.
    assert turf_density(find_turf(SITES), cells)["turfs"].tolist() == [0, 1, 1, 2]
    with pytest.raises(InvalidInput, match="too many"):
        cells_over((0, 0, 1e6, 1e6), 1, CRS)


def cared(*rows: tuple[int, int, float, object]) -> GeoDataFrame:
    columns = {name: [row[at] for row in rows] for at, name in enumerate(("party", "site", "hours"))}
    return GeoDataFrame(columns, geometry=[row[3] for row in rows], crs=CRS)


def test_care_is_laid_against_turf() -> None:
    stewarded = SITES.assign(site=[1, 2, 3, 4, 4, 6, 7, 8])
    river = LineString([(0, 200), (1000, 200)])
    care = cared(
        (7, 1, 2, box(0, 0, 100, 100)),
        (7, 1, 1.5, box(0, 0, 100, 100)),
        (7, 3, 4, box(100, 50, 200, 150)),  # shares ground with its second site
        (7, 10, 8, box(150, -50, 250, 0)),  # meets it in a corner
        (3, 4, 1, river),
        (5, 4, 0.5, river),
        (8, 6, 3, Point(500, 500)),  # has no turf
        (8, 12, 9, None),
    )
    table = care_against_turf(find_turf(SITES), stewarded, care)
    assert table["party"].tolist() == [3, 5, 7, 8, 9]
    assert table["sites"].tolist() == [2, 1, 2, 0, 3]
    assert table["untended"].tolist() == [0, 0, 1, 0, 2], "site 6 had care, though not of party 9"
    assert table["hours"].tolist() == [1, 0.5, 15.5, 3, 0]
    assert table["own_hours"].tolist() == [1, 0.5, 7.5, 0, 0]


def test_without_care_every_site_is_untended_and_without_turf_all_care_is_elsewhere() -> None:
    stewarded = SITES.assign(site=range(8))
    idle = care_against_turf(find_turf(SITES), stewarded, cared((7, 1, 2, Point(0, 0))).iloc[:0])
    assert idle["untended"].tolist() == idle["sites"].tolist() and not idle["hours"].any()
    none = care_against_turf(find_turf(SITES.iloc[:0]), stewarded.iloc[:0], cared((7, 1, 2, Point(0, 0))))
    assert none[["party", "sites", "untended", "hours", "own_hours"]].to_numpy().tolist() == [[7, 0, 0, 2, 0]]


def test_turf_of_ground_and_lines_together_has_the_care_of_both() -> None:
    mixed = frame((1, box(0, 0, 10, 10)), (1, LineString([(50, 0), (90, 0)])))
    care = cared((1, 1, 1, box(5, 5, 20, 20)), (1, 2, 2, LineString([(60, 0), (60, 9)])), (1, 3, 4, box(10, 0, 20, 9)))
    table = care_against_turf(find_turf(mixed), mixed.assign(site=[8, 9]), care)
    assert table[["hours", "own_hours", "untended"]].to_numpy().tolist() == [[7, 3, 2]]


squares = st.tuples(st.integers(1, 3), st.integers(0, 8), st.integers(0, 40))


@given(st.lists(squares, max_size=9), st.lists(squares, max_size=9))
def test_no_hour_of_care_is_lost_and_on_own_ground_are_those_over_a_square_held(
    held: list[tuple[int, int, int]], given_at: list[tuple[int, int, int]]
) -> None:
    ground = {
        place: box(place % 3 * 10, place // 3 * 10, place % 3 * 10 + 10, place // 3 * 10 + 10) for place in range(9)
    }
    stewarded = frame(*((party, ground[place]) for party, place, _ in held)).assign(site=[row[1] for row in held])
    care = cared(*((party, place, hours, ground[place]) for party, place, hours in given_at))
    table = care_against_turf(find_turf(stewarded), stewarded, care).set_index("party")
    own = {(party, place) for party, place, _ in held}
    for party in table.index:
        gave = [(place, hours) for who, place, hours in given_at if who == party]
        assert table.loc[party, "hours"] == sum(hours for _, hours in gave)
        assert table.loc[party, "own_hours"] == sum(hours for place, hours in gave if (party, place) in own)
        cared_for = {place for _, place, _ in given_at}
        assert table.loc[party, "untended"] == sum(who == party and at not in cared_for for who, at, _ in held)


def test_lines_inside_a_collection_are_measured_and_borders_are_not() -> None:
    mixed = GeometryCollection([box(0, 0, 10, 10), LineString([(20, 0), (25, 0)]), Point(0, 50)])
    turf = find_turf(frame((1, mixed), (1, None)))
    assert turf[["sites", "area_m2", "length_m"]].to_numpy().tolist() == [[1, 100, 5]]


def test_degrees_and_two_reference_systems_are_refused() -> None:
    with pytest.raises(InvalidInput, match="true metres"):
        find_turf(SITES.set_crs(4326, allow_override=True))
    with pytest.raises(InvalidInput, match="not in one CRS"):
        care_against_turf(find_turf(SITES), SITES, cared((1, 1, 1, Point(0, 0))).set_crs(32631, allow_override=True))
