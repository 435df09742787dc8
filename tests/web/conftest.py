"""A small register that is served for real, and a browser that complains of every error on a page."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import uvicorn
from playwright.sync_api import Browser, Page

from api.app import create_app
from api.page import STATIC
from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from geocommons.usecases.contexts.add import add_context
from geocommons.usecases.contexts.plan import ContextOptions
from geocommons.usecases.people.sessions import start_session
from tests.conftest import PATIENCE_MS, make_register, missing_part
from tests.make import NOW, ask, hold, load, square, write_layer

ROSE = "#18/52.00050/5.00050"
"""The map's place over the garden that the Rose Group looks after."""
WHOLE = "#16/52.00250/5.00600"
BROOK = shapely.LineString([(4.998, 52.004), (5.014, 52.004)])
TENURES = (
    "gardens,G-1,Rose Group,group,responsibility,stewardship,,,2024-01-01,,AGR-1,,",
    "clt-parcels,P-1,Household Jansen,household,right,ground_lease,,,2023-01-01,,LEASE-1,,",
    "clt-parcels,P-2,Household De Boer,household,right,ground_lease,,,2023-01-01,,LEASE-2,,yes",
    "rivers,W-1,Brook Friends,group,responsibility,stewardship,0,300,2025-01-01,,AGR-2,,",
)
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Role], None]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a register with three gardens, parcels, drains, a river, and what analyses stand on."""
    if not (STATIC / "main.js").exists():
        missing_part("the browser code is not built (make static)")
    settings = Settings(data_dir=tmp_path_factory.mktemp("served"), title="Testdorp")
    make_register(settings.database)
    store = open_store(settings.database)
    fill(store, settings)
    store.close()
    return settings


@pytest.fixture(scope="session")
def address(served: Settings) -> Iterator[str]:
    """The address of that register, served for real."""
    with serving(served) as url:
        yield url


def fill(store: Store, settings: Settings) -> None:
    """Put the small register into an empty one."""
    folder = settings.data_dir
    for layer, rows in sites().items():
        report = load(store, write_layer(folder / f"{layer}.gpkg", rows), layer)
        assert report.rejected == 0, report.rows
    assert hold(store, folder, *TENURES).rejected == 0
    said = ContextOptions(licence="CC0-1.0", attribution="Testdorp", source="a test")
    for kind, frame in context().items():
        path = folder / f"{kind}.parquet"
        frame.to_parquet(path)
        add_context(store, settings, kind, path, said, now=NOW)
    ask(store, settings, "coverage", supply=["gardens"])
    ask(store, settings, "gaps", supply=["gardens"], minutes=5)
    ask(store, settings, "rivers")


def sites() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each layer; one garden has a name that is no HTML."""
    parcels = [{"ref": f"P-{n}", "name": f"Row {n}", "geometry": square(n, 7, size=0.8)} for n in range(1, 9)]
    drains = [{"ref": f"K-{n}", "name": "", "geometry": shapely.Point(5.0 + n / 500, 52.006)} for n in range(6)]
    return {
        "gardens": [
            {"ref": "G-1", "name": "Rose Garden", "kind": "community garden", "water_tap": True, "geometry": square(0)},
            {"ref": "G-2", "name": "Empty Garden", "kind": "pocket park", "water_tap": False, "geometry": square(3)},
            {"ref": "G-3", "name": "<b>Odd</b> & Sons", "kind": None, "water_tap": None, "geometry": square(6)},
        ],
        "clt-parcels": parcels,
        "storm-drains": drains,
        "rivers": [{"ref": "W-1", "name": "Brook", "water_type": "stream", "geometry": BROOK}],
    }


def context() -> dict[str, gpd.GeoDataFrame]:
    """Return a grid of streets, people along it, and two districts."""
    across = [shapely.LineString([(4.998, 52.0 + n / 500), (5.03, 52.0 + n / 500)]) for n in range(5)]
    along = [shapely.LineString([(4.998 + n / 250, 52.0), (4.998 + n / 250, 52.008)]) for n in range(9)]
    homes = [shapely.Point(4.999 + n / 500, 52.0 + m / 500) for n in range(15) for m in range(4)]
    halves = [shapely.box(4.99, 51.99, 5.012, 52.02), shapely.box(5.012, 51.99, 5.04, 52.02)]
    crs = "EPSG:4326"
    streets = {"name": [f"Street {n}" for n in range(14)], "class": ["primary", *["residential"] * 13]}
    people = {"people": [40] * len(homes), "group_children": [9] * len(homes)}
    return {
        "streets": gpd.GeoDataFrame(streets, geometry=across + along, crs=crs),
        "population": gpd.GeoDataFrame(people, geometry=homes, crs=crs),
        "districts": gpd.GeoDataFrame({"name": ["West", "East"]}, geometry=halves, crs=crs),
    }


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve a register on a free port, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def new_page(browser: Browser, address: str) -> Iterator[NewPage]:
    """Open pages of the register; a test fails if one of them logged an error, a refused script or style included."""
    complaints: list[str] = []
    contexts = []

    def open_page(path: str = "", *, width: int = 1280, height: int = 800, **options: Any) -> Page:
        options = {"locale": "en-GB", "reduced_motion": "reduce"} | options
        context = browser.new_context(base_url=address, viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        if path:
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in(served: Settings, address: str) -> SignIn:
    """Let a browser be signed in with a role."""

    def sign_in(page: Page, role: Role) -> None:
        store = open_store(served.database)
        with store.writing() as session:
            # As long as some are: it must fit on a phone wherever it stands.
            mail = f"{role}.{page.__hash__()}@allotmentgardensocietyofriverside.example.org"
            account = Account(address=mail, role=role, language="en", created_at=store.clock())
            session.add(account)
            session.flush()
            _, secret = start_session(session, account, way="mail", browser="test", now=store.clock())
        store.close()
        page.context.add_cookies([{"name": "session", "value": secret, "url": address}])

    return sign_in


def wait_for_map(page: Page) -> None:
    """Wait until all tiles of the map are there."""
    page.wait_for_selector("#map canvas.leaflet-tile-loaded")
    page.wait_for_selector("#wait", state="hidden")


def click_middle(page: Page) -> None:
    """Click the middle of the map."""
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def axe_source() -> str:
    """Return the program of axe-core, or say that it is missing."""
    path = Path(__file__).parents[2] / "api" / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        missing_part("axe-core is not installed (make static)")
    return path.read_text("utf-8")
