"""GDAL, which QGIS reads with too, as a client of the open data."""

import multiprocessing
import socket
import time
from collections.abc import Iterator

import pyogrio
import pytest
import uvicorn
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.files.reading.ogr import NO_PROXY
from geocommons.settings import Settings
from tests.conftest import missing_part
from tests.make import STEP

START_S = 30.0


@pytest.fixture
def address(client: TestClient) -> Iterator[str]:
    """The town of the API, served by a process of its own: GDAL keeps Python waiting while it asks."""
    if "OAPIF" not in pyogrio.list_drivers():
        missing_part("this GDAL has no driver of OGC API - Features")
    settings: Settings = client.app.state.settings  # type: ignore[attr-defined]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    apart = multiprocessing.get_context("forkserver")
    apart.set_forkserver_preload([__name__])  # loads the application once for all of them
    server = apart.Process(target=_serve, args=(settings, port), daemon=True)
    server.start()
    deadline = time.monotonic() + START_S
    while not _listens(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    # Where the program reads files, GDAL may ask for nothing else; here it is somebody's QGIS.
    pyogrio.set_gdal_config_options({"GDAL_HTTP_PROXY": None})
    yield f"OAPIF:http://127.0.0.1:{port}/ogc"
    pyogrio.set_gdal_config_options({"GDAL_HTTP_PROXY": NO_PROXY})
    server.terminate()
    server.join()


def _serve(settings: Settings, port: int) -> None:
    uvicorn.run(create_app(settings), port=port, log_level="error")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_gdal_lists_the_layers_and_reads_all_pages(address: str) -> None:
    assert "clt-parcels" in pyogrio.list_layers(address)[:, 0]
    frame = pyogrio.read_dataframe(address, layer="clt-parcels", PAGE_SIZE="7")
    assert len(frame) == 36
    assert set(frame.geometry.geom_type) == {"Polygon"}
    assert {"ref", "name", "status"} <= set(frame.columns)


def test_gdal_asks_for_a_box(address: str) -> None:
    box = (5 + 0.5 * STEP, 52 + 0.5 * STEP, 5 + 1.5 * STEP, 52 + 1.5 * STEP)
    frame = pyogrio.read_dataframe(address, layer="clt-parcels", bbox=box)
    assert sorted(frame["ref"]) == ["P0", "P1", "P6", "P7"]


def test_gdal_finds_one_site_by_its_id(address: str, client: TestClient) -> None:
    first = client.get("/ogc/collections/clt-parcels/items?limit=1").json()["features"][0]
    frame = pyogrio.read_dataframe(address, layer="clt-parcels", fids=[first["id"]])
    assert list(frame["ref"]) == [first["properties"]["ref"]]
