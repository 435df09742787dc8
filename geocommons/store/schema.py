"""Make the tables of the register, bring them to this version, and say whether they are at it."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from geocommons.errors import NotReady
from geocommons.model.base import Base
from geocommons.store.engine import Store
from geocommons.store.trouble import reason_of

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(store: Store) -> bool:
    """Bring the database to the newest version of the register, and return whether it had an older one.

    A new one is made from nothing. What an older program published is not always what this one would.
    """
    with store.engine.execution_options(writing=True).begin() as connection:
        before = _version_of(connection)
        migrate_to(connection, "head")
    return before not in (None, known_revisions()[0])


def _version_of(connection: Connection) -> str | None:
    """Return the version of the register, None where none was made."""
    made = {"site", "alembic_version"} <= set(inspect(connection).get_table_names())
    return connection.scalar(text("SELECT version_num FROM alembic_version")) if made else None


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring the database to a version of the register, as a part of a transaction that is open."""
    from alembic import command  # takes longer to load than most verbs take
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def known_revisions() -> list[str]:
    """Return every version of the register that this program can bring to the newest, the newest first."""
    return sorted((path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")), reverse=True)


def empty_database(connection: Connection) -> None:
    """Drop all that the register made in a database, as a part of a transaction that is open."""
    if connection.dialect.name == "postgresql":
        names = ", ".join((*Base.metadata.tables, "alembic_version"))
        connection.execute(text(f"DROP TABLE IF EXISTS {names} CASCADE"))
        connection.execute(text("DROP FUNCTION IF EXISTS refuse_change_of_audit"))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    for name in (*tables, "site_rtree", "alembic_version"):
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def check_ready(store: Store) -> None:
    """Refuse a database that was never made, or that is older or newer than this program."""
    try:
        with store.engine.connect() as connection:
            version = _version_of(connection)
    except OperationalError as error:
        raise NotReady("The database cannot be reached: {reason}", reason=reason_of(error)) from error
    if version is None:
        raise NotReady("The register is not made yet. Run: geocommons init")
    if version != (newest := known_revisions()[0]):
        raise NotReady(
            "The register is at version {version}, this program at {newest}. Run: geocommons init",
            version=version,
            newest=newest,
        )
