"""A small town behind the HTTP door, on SQLite and then on PostGIS."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.settings import Settings
from geocommons.store.engine import open_store
from geocommons.store.schema import migrate
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.make import STEP, hold, load, square, write_layer

SIDE = 6
SECRET = "Quirina Verborgen"
LEASE = f"clt-parcels,P7,{SECRET},household,right,ground_lease,,,2020-01-01,2030-01-01,SECRET-DEED-1,,"
ADOPTION = "rivers,R,Otters,group,responsibility,stewardship,1000,3000,2024-01-01,,A-1,,"


@pytest.fixture(scope="session", autouse=True)
def _one_event_loop() -> Iterator[None]:
    """Answer all clients in one event loop, as a server does: a loop for each request costs more than most answers."""
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "portal", portal)
        yield


@pytest.fixture
def client(
    databases: SqliteDatabases | PostgisDatabases, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """Ask the application of a town: 36 parcels (one let to someone who is not to be named), a river and a drain."""

    def build(url: str) -> None:
        store = open_store(url)
        migrate(store)
        folder = tmp_path_factory.mktemp("town")
        plots = [
            {"ref": f"P{at}", "name": f"Plot {at}", "geometry": square(at % SIDE, at // SIDE)} for at in range(SIDE**2)
        ]
        load(store, write_layer(folder / "p.gpkg", plots))
        river = shapely.LineString([(5.0, 52.0), (5.1, 52.0)])
        load(store, write_layer(folder / "r.gpkg", [{"ref": "R", "name": "Vliet", "geometry": river}]), "rivers")
        drain = shapely.Point(5.0 + STEP / 3, 52.0 + STEP / 3)
        load(store, write_layer(folder / "d.gpkg", [{"ref": "D1", "geometry": drain}]), "storm-drains")
        hold(store, folder, LEASE, ADOPTION)
        store.close()

    settings = Settings(database_url=databases.prepared("town_of_the_api", build), data_dir=tmp_path, max_features=20)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client
