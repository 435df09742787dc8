"""Sites of a layer that no package brings are kept, and show nowhere; alike on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from geocommons.crs import BBox
from geocommons.model.site import Site, SiteState
from geocommons.store.engine import Store
from geocommons.store.public import find_stale, list_site_ids, republish
from geocommons.store.sites import SiteFilter, count_by_status, count_sites, list_features, list_sites, register_bbox
from tests.make import TODAY, hold, load, square, write_layer

AROUND = BBox(4.0, 51.0, 6.0, 53.0)


@pytest.fixture
def left(store: Store, tmp_path: Path) -> Store:
    """A register with a garden, and a plot with a tenant whose layer is gone."""
    load(store, write_layer(tmp_path / "g.gpkg", [{"ref": "G", "geometry": square(0)}]), "gardens")
    load(store, write_layer(tmp_path / "p.gpkg", [{"ref": "P", "name": "Bankje", "geometry": square(20, 20)}]))
    hold(store, tmp_path, "clt-parcels,P,Otters,group,right,ground_lease,,,2020-01-01,2030-01-01,D-1,,yes")
    with store.engine.execution_options(writing=True).begin() as connection:
        connection.execute(update(Site).where(Site.ref == "P").values(layer="benches"))
    return store


@pytest.mark.parametrize("more", [{}, {"bbox": AROUND}, {"statuses": ("cared_for", "available")}, {"search": ""}])
def test_whoever_asks_for_all_layers_gets_those_that_there_are(left: Store, more: dict[str, object]) -> None:
    asked = SiteFilter(day=TODAY, **more)  # type: ignore[arg-type]
    with left.reading() as session:
        assert [site.ref for site in list_sites(session, asked)] == ["G"]
        assert count_sites(session, asked) == len(list_features(session, asked, limit=9)) == 1
        assert list(count_by_status(session, day=TODAY)) == ["gardens"]


def test_the_map_opens_on_what_it_shows(left: Store) -> None:
    with left.reading() as session:
        assert register_bbox(session) == register_bbox(session, "gardens")


def test_what_is_stored_of_such_a_site_tells_nothing_once_it_is_written_anew(left: Store) -> None:
    with left.reading() as session:
        ids = list_site_ids(session)
    with left.writing() as session:
        assert republish(session, ids) == 2
    with left.reading() as session:
        site = session.scalars(select(Site).where(Site.layer == "benches")).one()
        assert (site.fragment, site.state, site.name) == ("", "", "Bankje")
        assert session.scalars(select(SiteState).where(SiteState.site_id == site.id)).all() == []
        assert find_stale(session, ids) == []
    with left.engine.execution_options(writing=True).begin() as connection:
        connection.execute(update(Site).where(Site.layer == "benches").values(layer="clt-parcels"))
    with left.writing() as session:
        assert find_stale(session, ids) == [site.id]
        republish(session, [site.id])
    with left.reading() as session:
        features = list_features(session, SiteFilter(day=TODAY, layers=["clt-parcels"]), limit=9)
        assert ["Otters" in feature for feature in features] == [True]
