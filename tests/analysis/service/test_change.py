"""Two days beside each other: who gained and lost, and which sites moved it, to the last person."""

import numpy as np
import pytest
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geocommons.analysis.service.change import CHANGES, Change, find_change
from geocommons.analysis.service.coverage import Coverage, find_coverage
from geocommons.errors import InvalidInput

CRS = "EPSG:32633"


def coverage_of(homes: list[float], sites: dict[str, float], **columns: object) -> Coverage:
    people = {"people": [float(2**at) for at in range(len(homes))]} | columns
    demand = GeoDataFrame(people, geometry=[Point(x, 0) for x in homes], crs=CRS)
    places = GeoDataFrame(geometry=[Point(x, 0) for x in sites.values()], crs=CRS)
    return find_coverage(demand, places, reach_m=100)


def change_of(homes: list[float], before: dict[str, float], after: dict[str, float], **columns: object) -> Change:
    was, is_ = (coverage_of(homes, sites, **columns).demand for sites in (before, after))
    return find_change(was, is_, sites_before=list(before), sites_after=list(after))


HOMES = [0.0, 90.0, 500.0, 1000.0, 1050.0, 2000.0, 3000.0]
BEFORE = {"a": 0.0, "b": 1000.0, "c": 2080.0}
AFTER = {"d": 480.0, "c": 2080.0, "a": 0.0, "e": 2010.0, "f": 1140.0}


def test_people_gain_lose_and_keep() -> None:
    found = change_of(HOMES, BEFORE, AFTER)
    assert [CHANGES[at] for at in found.change] == ["kept", "kept", "gained", "lost", "kept", "kept", "unserved"]
    assert found.totals == {"gained": 4, "lost": 8, "kept": 1 + 2 + 16 + 32, "unserved": 64, "not_assessed": 0}


def test_each_change_is_put_down_to_the_site_that_made_it() -> None:
    table = change_of(HOMES, BEFORE, AFTER).sites
    assert table["site"].tolist() == ["a", "b", "c", "d", "e", "f"]
    assert table["fate"].tolist() == ["kept", "lost", "kept", "gained", "gained", "gained"]
    assert table["people_gained"].tolist() == [0, 0, 0, 4, 0, 0]
    assert table["people_lost"].tolist() == [0, 8, 0, 0, 0, 0]
    assert table["people_nearer"].tolist() == [0, 0, 0, 0, 32, 16]
    assert table["people_moved"].tolist() == [0, 16, 0, 0, 0, 0]


def test_districts_and_groups_are_told() -> None:
    districts = ["W", "W", "W", "E", "E", None, "E"]
    found = change_of(HOMES, BEFORE, AFTER, district=districts, group_children=[1.0] * 7)
    assert found.districts["name"].tolist() == ["E", "W", None]
    assert found.districts["people"].tolist() == [88, 7, 32]
    assert found.districts["gained"].tolist() == [0, 4, 0]
    assert found.districts["lost"].tolist() == [8, 0, 0]
    assert found.groups.to_dict("records") == [
        {"name": "children", "people": 7, "gained": 1, "lost": 1, "kept": 4, "unserved": 1, "not_assessed": 0}
    ]
    assert (len(change_of(HOMES, BEFORE, AFTER).districts), len(change_of(HOMES, BEFORE, AFTER).groups)) == (0, 0)


def test_who_is_not_assessed_on_one_day_neither_gains_nor_loses() -> None:
    was, is_ = (coverage_of([0.0, 50.0], sites).demand for sites in ({"a": 0.0}, {"a": 500.0}))
    is_.loc[1, ["state", "nearest"]] = ["not_assessed", -1]
    found = find_change(was, is_, sites_before=["a"], sites_after=["a"])
    assert [CHANGES[at] for at in found.change] == ["lost", "not_assessed"]
    assert found.sites[["fate", "people_lost"]].to_numpy().tolist() == [["kept", 1]]


def test_another_population_and_two_sites_of_one_key_are_refused() -> None:
    one, other = coverage_of([0.0], {"a": 0.0}).demand, coverage_of([0.0, 1.0], {"a": 0.0}).demand
    with pytest.raises(InvalidInput, match="same people"):
        find_change(one, other, sites_before=["a"], sites_after=["a"])
    with pytest.raises(InvalidInput, match="same people"):
        find_change(one, one.assign(people=3.0), sites_before=["a"], sites_after=["a"])
    with pytest.raises(InvalidInput, match="same people"):
        find_change(one, one.assign(state="lost"), sites_before=["a"], sites_after=["a"])
    with pytest.raises(InvalidInput, match="one key"):
        find_change(one, one, sites_before=["a", "a"], sites_after=["a"])


towns = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40).map(lambda x: x * 37.0), max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40).map(lambda x: x * 41.0), min_size=1, max_size=15), towns, towns)
def test_what_sites_gained_and_lost_is_what_people_did(
    homes: list[float], before: dict[str, float], after: dict[str, float]
) -> None:
    found = change_of(homes, before, after)
    assert found.sites["people_gained"].sum() == found.totals["gained"]
    assert found.sites["people_lost"].sum() == found.totals["lost"]
    assert sum(found.totals.values()) == 2 ** len(homes) - 1
    back = change_of(homes, after, before)
    assert (back.totals["gained"], back.totals["lost"]) == (found.totals["lost"], found.totals["gained"])
    assert np.array_equal(change_of(homes, before, before).change == 2, find_served(homes, before))


def find_served(homes: list[float], sites: dict[str, float]) -> np.ndarray:
    return np.array([any(abs(home - site) <= 100 for site in sites.values()) for home in homes])
