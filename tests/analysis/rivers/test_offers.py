"""The next stretches to offer are free, of a length people take on, and first where people can get there."""

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from geocommons.analysis.rivers.offers import cut_stretches, next_stretches
from geocommons.errors import InvalidInput

CRS = "EPSG:32633"


def free(*rows: tuple[int, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["river", "from_m", "to_m"])


def test_free_river_is_cut_into_equal_lengths_and_slivers_are_left() -> None:
    offers = cut_stretches(free((0, 100, 2600), (3, 0, 199.999), (4, 50, 250)), length_min_m=200, length_max_m=1000)
    assert [list(row) for row in offers.itertuples(index=False)] == [
        [0, 100, 933.333, 833.333],
        [0, 933.333, 1766.666, 833.333],
        [0, 1766.666, 2600, 833.334],
        [4, 50, 250, 200],
    ]


def test_lengths_between_which_not_every_river_can_be_cut_are_refused() -> None:
    with pytest.raises(InvalidInput, match="at least twice"):
        cut_stretches(free((0, 0, 700)), length_min_m=400, length_max_m=600)


@given(st.integers(1, 10**7), st.integers(1, 10**6), st.floats(2, 20))
def test_every_length_from_the_shortest_is_cut_without_a_rest(length: int, least: int, times: float) -> None:
    most = int(np.ceil(least * times))
    offers = cut_stretches(free((0, 0, length / 1000)), length_min_m=least / 1000, length_max_m=most / 1000)
    sizes = np.rint(offers["length_m"] * 1000)
    assert sizes.sum() == (length if length >= least else 0)
    assert ((sizes >= least) & (sizes <= most)).all()


def offers_at(*lines: object) -> GeoDataFrame:
    return GeoDataFrame({"river": range(len(lines))}, geometry=list(lines), crs=CRS)


def town(*homes: tuple[float, float, float]) -> GeoDataFrame:
    return GeoDataFrame({"people": [home[2] for home in homes]}, geometry=[Point(home[:2]) for home in homes], crs=CRS)


def test_the_stretch_that_most_people_can_get_to_comes_first() -> None:
    lines = offers_at(*(LineString([(x, 0), (x + 200, 0)]) for x in (0, 5000, 10_000)))
    streets = np.array([LineString([(5000, 60), (5100, 60)]), LineString([(10_000, 90), (10_200, 90)])])
    people = town((0, 700, 900), (5050, 300, 40), (10_100, 799, 30), (10_100, 801, 500), (10_000, 100, 6))
    ranked = next_stretches(lines, streets, people, street_m=100, people_m=800)
    assert ranked["river"].tolist() == [2, 1, 0]
    assert ranked["rank"].tolist() == [1, 2, 3]
    assert ranked["people"].tolist() == [36, 40, 900]
    assert ranked["street_m"].tolist() == pytest.approx([90, 60, shapely.distance(lines.geometry[0], streets[0])])
    # Steps of 25 m are asked in their middle: 180 m of 200 are at most 80 m along from the end of the street.
    assert ranked["access"].tolist() == [1, 7 / 8, 0]
    assert ranked["score"].tolist() == [36, 35, 0]


def test_street_nodes_do_as_well_as_street_lines_and_none_at_all_gives_no_access() -> None:
    lines = offers_at(MultiLineString([[(0, 0), (50, 0)], [(60, 0), (110, 0)]]))
    ranked = next_stretches(lines, np.array([Point(110, 10)]), town((0, 0, 8)), street_m=30)
    assert (ranked["street_m"].tolist(), ranked["access"].tolist()) == ([10], [0.25])
    none = next_stretches(lines, np.array([], dtype=object), town((0, 0, 8)))
    assert none[["street_m", "access", "people", "score"]].to_numpy().tolist() == [[np.inf, 0, 8, 0]]


def test_rivers_in_degrees_and_people_elsewhere_are_refused() -> None:
    lines = offers_at(LineString([(0, 0), (1, 0)]))
    with pytest.raises(InvalidInput, match="true metres"):
        next_stretches(lines.set_crs(4326, allow_override=True), np.array([]), town((0, 0, 1)))
    with pytest.raises(InvalidInput, match="not in one CRS"):
        next_stretches(lines, np.array([]), town((0, 0, 1)).set_crs(32631, allow_override=True))
