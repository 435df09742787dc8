"""A register whose features and states were stored whole serves the same after the migration that opens them."""

from pathlib import Path

from sqlalchemy import text

from geocommons.store.engine import Store
from geocommons.store.public import find_stale, list_site_ids
from geocommons.store.schema import check_ready, migrate
from geocommons.store.sites import SiteFilter, list_features
from tests.make import TODAY, hold, load, square, write_layer
from tests.store.older import BEFORE_CARE

WHOLE = (
    *BEFORE_CARE,
    "UPDATE site SET fragment = fragment || '}}'",
    "UPDATE site SET state = '{' || substr(state, 2, length(state) - 2)",
    "UPDATE site_state SET state = '{' || substr(state, 2, length(state) - 2)",
    "UPDATE site SET state = '', state_to = state_from WHERE ref = 'é}'",
    "UPDATE alembic_version SET version_num = '0004'",
)


def test_what_was_stored_whole_is_served_alike(store: Store, tmp_path: Path) -> None:
    places = [{"ref": ref, "name": '"}}', "geometry": square(at)} for at, ref in enumerate(["P", "Q", "é}"])]
    load(store, write_layer(tmp_path / "a.gpkg", places))
    hold(store, tmp_path, "clt-parcels,P,Otters {,group,right,ground_lease,,,2020-01-01,2030-01-01,D-1,,")
    before = served(store)
    with store.engine.execution_options(writing=True).begin() as connection:
        for statement in WHOLE:
            connection.execute(text(statement))
    migrate(store)
    check_ready(store)
    assert served(store) == before
    with store.reading() as session:
        assert find_stale(session, list_site_ids(session)) == []


def served(store: Store) -> list[str]:
    with store.reading() as session:
        return list_features(session, SiteFilter(day=TODAY, layers=["clt-parcels"]), limit=9)
