"""Lists and searches, alike on both databases."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from geocommons.crs import BBox
from geocommons.model.base import FIRST_DAY
from geocommons.model.site import Site, SiteState
from geocommons.store.engine import Store
from geocommons.store.public import find_stale, list_site_ids
from geocommons.store.sites import SiteFilter, count_sites, list_features, list_sites
from tests.make import TODAY, hold, load, square, write_layer

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


@pytest.mark.parametrize("sign", ["x", "ﷺ", "%", "🌻"])
def test_a_text_that_is_longer_than_any_name_finds_nothing(named: Store, sign: str) -> None:
    assert found(named, search=sign * 60_000) == []


def test_a_box_finds_what_it_touches_and_counts_the_same(named: Store) -> None:
    box = BBox(5.0, 52.0, 5.002, 52.0005)
    asked = SiteFilter(day=TODAY, bbox=box, layers=["clt-parcels"])
    with named.reading() as session:
        assert count_sites(session, asked) == len(list_features(session, asked, limit=100)) == 3


def test_every_day_is_answered_alike_whichever_state_a_site_has_in_its_own_row(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "a.gpkg", [{"ref": "P", "geometry": square(0)}]))
    hold(store, tmp_path, "clt-parcels,P,Otters,group,right,ground_lease,,,2020-01-01,2030-01-01,D-1,,")
    days = [date(year, 1, 1) for year in (2019, 2020, 2025, 2030, 2031)]

    def answers() -> list[object]:
        with store.reading() as session:
            filters = [SiteFilter(day=day, layers=["clt-parcels"]) for day in days]
            return [(*map(tuple, list_features(session, one, limit=9)), count_sites(session, one)) for one in filters]

    columns = ("valid_from", "valid_to", "status", "state")

    def keep(own: tuple[date, date, str, str], others: list[tuple[date, date, str, str]]) -> list[int]:
        with store.engine.execution_options(writing=True).begin() as connection:
            connection.execute(delete(SiteState))
            connection.execute(
                update(Site).values(dict(zip(("state_from", "state_to", *columns[2:]), own, strict=True)))
            )
            for other in others:
                connection.execute(insert(SiteState).values(site_id=1, **dict(zip(columns, other, strict=True))))
        with store.reading() as session:
            return find_stale(session, list_site_ids(session))

    before = answers()
    with store.reading() as session:
        own = session.execute(select(Site.state_from, Site.state_to, Site.status, Site.state)).one()
        others = session.execute(select(*(getattr(SiteState, name) for name in columns))).all()
    assert own.state_from <= TODAY < own.state_to
    states = sorted(map(tuple, [own, *others]))
    assert len(states) > 2
    for at, one in enumerate(states):
        assert keep(one, states[:at] + states[at + 1 :]) == [] and answers() == before
    nothing = (FIRST_DAY, FIRST_DAY, "", "")
    assert keep(nothing, states) == [] and answers() == before
    assert len(keep(states[0], states)) == 1, "one is kept twice"
    assert len(keep(nothing, states[1:])) == 1, "one is not kept"
