"""What `geocommons serve` says of itself."""

from pathlib import Path

from geocommons.cli.serve import _server
from geocommons.settings import Settings
from geocommons.store.engine import migrate, open_store


def test_pages_name_the_port_that_is_listened_on(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="")
    store = open_store(settings.database)
    migrate(store)
    store.close()
    server, listener = _server(settings, "127.0.0.1", 0)
    with listener:
        port = listener.getsockname()[1]
        assert port != settings.port
        assert server.config.app.state.settings.home == f"http://127.0.0.1:{port}"
