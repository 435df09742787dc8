"""Lists and searches, alike on both databases."""

from pathlib import Path

import pytest

from geocommons.crs import BBox
from geocommons.store.engine import Store
from geocommons.store.sites import SiteFilter, count_sites, list_features, list_sites
from tests.make import TODAY, load, square, write_layer

NAMES = ("Éclair", "abc", "Zebra", "a-b", "a b", "ABC 2", "50% tuin", "50 tuinen")


@pytest.fixture
def named(store: Store, tmp_path: Path) -> Store:
    rows = [{"ref": f"R{at}", "name": name, "geometry": square(at)} for at, name in enumerate(NAMES)]
    load(store, write_layer(tmp_path / "a.gpkg", rows))
    return store


def found(store: Store, **asked: object) -> list[str]:
    with store.reading() as session:
        return [site.name for site in list_sites(session, SiteFilter(day=TODAY, **asked))]  # type: ignore[arg-type]


def test_a_list_has_one_order_whatever_the_database_thinks_of_letters(named: Store) -> None:
    assert found(named) == ["50 tuinen", "50% tuin", "a b", "a-b", "ABC 2", "abc", "Éclair", "Zebra"]


@pytest.mark.parametrize(
    ("text", "names"), [("ECLAIR", ["Éclair"]), ("éc", ["Éclair"]), ("50%", ["50% tuin"]), ("r7", ["50 tuinen"])]
)
def test_a_search_finds_names_and_refs_whatever_their_case_and_accents(
    named: Store, text: str, names: list[str]
) -> None:
    assert found(named, search=text) == names


def test_a_box_finds_what_it_touches_and_counts_the_same(named: Store) -> None:
    box = BBox(5.0, 52.0, 5.002, 52.0005)
    asked = SiteFilter(day=TODAY, bbox=box, layers=["clt-parcels"])
    with named.reading() as session:
        assert count_sites(session, asked) == len(list_features(session, asked, limit=100)) == 3
