"""What a person at the shell reads of a database that cannot do what it should just now."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from geocommons.cli.main import app
from geocommons.errors import NotReady
from geocommons.settings import get_settings
from geocommons.store.engine import Store
from tests.make import square, write_layer

# A file that may not be written to is no trouble for root, and SQLite stops no statement.
pytestmark = pytest.mark.parametrize("databases", ["postgis"], indirect=True)


@pytest.fixture
def shell(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """A shell at an empty register."""
    monkeypatch.setenv("GEOCOMMONS_DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("GEOCOMMONS_DATA_DIR", str(tmp_path / "var"))
    get_settings.cache_clear()
    yield CliRunner()
    get_settings.cache_clear()


def let_connections_begin_with(store: Store, setting: str) -> None:
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{store.engine.url.database}" SET {setting}'))
    store.engine.dispose()


def test_a_database_that_may_not_be_written_to_is_one_sentence(store: Store, shell: CliRunner, tmp_path: Path) -> None:
    let_connections_begin_with(store, "default_transaction_read_only = on")
    file = write_layer(tmp_path / "a.gpkg", [{"ref": "A", "geometry": square(1)}])
    with pytest.raises(NotReady, match="cannot be written to: cannot execute .* in a read-only transaction"):
        shell.invoke(app, ["import", "gardens", str(file)], catch_exceptions=False)


def test_a_statement_that_takes_too_long_is_one_sentence(store: Store, shell: CliRunner) -> None:
    let_connections_begin_with(store, "statement_timeout = 100")
    with store.engine.connect() as other:
        other.execute(text("LOCK TABLE party IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(NotReady, match="cannot be reached: canceling statement due to statement timeout"):
            shell.invoke(app, ["parties", "list"], catch_exceptions=False)
