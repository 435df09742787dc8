"""A register from before gardens began on the day that their facts say shows them from that day on."""

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import text

from geocommons.store.engine import Store
from geocommons.store.public import find_stale, list_site_ids, republish
from geocommons.store.schema import check_ready, migrate
from geocommons.store.sites import SiteFilter, list_sites
from tests.make import TODAY, hold, load, square, write_layer
from tests.store.older import BEFORE_CARE

OPENED = {"G0": date(2024, 5, 1), "G1": TODAY + timedelta(days=40), "G2": None, "G3": date(2019, 1, 1)}
KEPT = "gardens,G0,Otters,group,responsibility,stewardship,,,2021-01-01,2024-06-01,D-1,,"
DAYS = [date(2018, 1, 1), date(2024, 4, 30), date(2024, 5, 1), date(2024, 7, 1), TODAY, TODAY + timedelta(days=40)]


def test_gardens_that_were_always_there_begin_when_they_opened(store: Store, tmp_path: Path) -> None:
    rows = [{"ref": ref, "opened": day, "geometry": square(at)} for at, (ref, day) in enumerate(OPENED.items())]
    load(store, write_layer(tmp_path / "g.gpkg", rows), "gardens")
    hold(store, tmp_path, KEPT)
    expected = shown(store)
    with store.writing() as session:
        session.execute(text("UPDATE site SET since = NULL"))
        republish(session, list_site_ids(session))
    assert shown(store) != expected
    with store.engine.execution_options(writing=True).begin() as connection:
        for statement in (*BEFORE_CARE, "DROP INDEX ix_sign_in_request_browser_digest"):
            connection.execute(text(statement))
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    migrate(store)
    check_ready(store)
    assert shown(store) == expected
    with store.reading() as session:
        assert find_stale(session, list_site_ids(session)) == []


def shown(store: Store) -> list[list[tuple[str, str]]]:
    with store.reading() as session:
        return [[(site.ref, site.status) for site in list_sites(session, SiteFilter(day=day))] for day in DAYS]
