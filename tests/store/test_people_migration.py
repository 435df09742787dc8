"""The register of before there were people comes through the migration whole, on both databases."""

from sqlalchemy import select, text

from geocommons.model.public import public_name
from geocommons.model.tenure import Tenure
from geocommons.store.engine import open_store
from geocommons.store.parties import find_parties
from geocommons.store.schema import migrate, migrate_to
from geocommons.store.sites import LIVES, STATUS
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.make import NOW

PARTIES = (
    (1, "person", "Jan", True),
    (2, "person", "Piet", False),
    (3, "group", "Otters", True),
    (7, "group", "H", False),
)
FILL = (
    "INSERT INTO record VALUES (1, 'A-1', 'agreement', NULL, '', NULL, '2024-01-01 00:00:00')",
    "INSERT INTO site (id, layer, ref, name, folded, geom, west, south, east, north, facts, certainty, checksum,"
    " fragment, updated_at) VALUES (1, 'gardens', 'G', '', 'g', {point}, 5, 52, 5, 52, '{{}}', 8, '',"
    " '{{}}', '2024-01-01 00:00:00')",
    "INSERT INTO site_state VALUES (1, '0001-01-01', '9999-12-31', 'cared_for', '{{\"status\":\"cared_for\"}}')",
    "INSERT INTO tenure VALUES (1, 1, 'responsibility', 'stewardship', 'current', 'person:Jan', NULL, NULL,"
    " '2024-01-01', NULL, false, 1)",
    "INSERT INTO tenure_party VALUES (1, 1, 1, 1)",
)


def test_parties_keep_their_numbers_and_ties_and_two_people_may_have_one_name(
    databases: SqliteDatabases | PostgisDatabases,
) -> None:
    store = open_store(databases.empty())
    with store.engine.execution_options(writing=True).begin() as connection:
        migrate_to(connection, "0001")
    postgis = databases.kind == "postgis"
    point = "ST_GeomFromText('POINT(5 52)', 4326)" if postgis else "x'0101000000000000000000144000000000000 04A40'"
    with store.engine.execution_options(writing=True).begin() as connection:
        for party in PARTIES:
            names = dict(zip(("id", "kind", "name", "shown"), party, strict=True))
            connection.execute(text("INSERT INTO party VALUES (:id, :kind, :name, :shown)"), names)
        for line in FILL:
            connection.exec_driver_sql(line.format(point=point.replace(" 0", "0")))
    migrate(store)
    with store.writing() as session:
        if not postgis:
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert session.get_one(Tenure, 1).claimant == "party:1"
        found = find_parties(session, [(kind, name) for _, kind, name, _ in PARTIES])
        said = {party.id: public_name(party) for parties in found.values() for party in parties}
        assert said == {1: "Jan", 2: None, 3: "Otters", 7: None}
        assert list(session.execute(select(STATUS).where(LIVES), {"day": NOW.date()})) == [("cared_for",)]
        session.execute(text("INSERT INTO party (id, kind, name) VALUES (8, 'person', 'Jan')"))
        assert [party.id for party in find_parties(session, [("person", "Jan")])["person", "Jan"]] == [1, 8]
    store.close()
