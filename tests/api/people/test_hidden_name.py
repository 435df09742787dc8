"""A name that was withdrawn or erased is nowhere: not behind any route, in any file, log or restored backup."""

import io
import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow.parquet
import pytest
import shapely
from sqlalchemy import inspect, select, text
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.layer import all_layers
from geocommons.model.account import Account
from geocommons.model.party import Party
from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from geocommons.store.schema import migrate
from geocommons.usecases.backup import back_up
from geocommons.usecases.exports.layers import export_layer
from geocommons.usecases.exports.register_map import write_map
from geocommons.usecases.restore import restore
from tests.api.sign_in_as import sign_in_as
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.make import NOW, TODAY, ask, hold, hold_too, load, tend, write_layer
from tests.town import make_town

NAME = "Zephyrine Quatrebarbes"
RARE = re.compile(rb"zephyrine|quatrebarbes", re.IGNORECASE)
HELD = (
    f"gardens,G0,{NAME},person,responsibility,stewardship,,,2021-01-01,,A-{NAME}-1,,",
    f"rivers,R,{NAME},person,responsibility,stewardship,0,300,2022-01-01,2024-01-01,A-2,,",
    f"rivers,R,{NAME},person,responsibility,stewardship,300,900,2025-01-01,,A-3,,",
)
CARE = f"c-{NAME},gardens,G0,{NAME},person,weeding,2026-04-01,60,2,,,{NAME} and a neighbour"
DAYS = ("", "2021-06-01", "2022-06-01", "2023-12-31", "2030-01-01")
DATED = ("/list", "/sites", "/ogc/collections", "/ogc/tiles", "/analyses", "/api/counts")
"""Where an address may name a day."""
SUFFIXES = ("gpkg", "geojson", "fgb", "parquet", "csv")
TILES = ((0, 0, 0), (14, 8419, 5402), (16, 33678, 21609))
OUTPUTS = (
    (1, "demand"), (2, "gaps"), (2, "demand"), (3, "free"), (3, "adopted"), (3, "overlaps"), (3, "offers"),
    (4, "sites"), (5, "places"), (5, "turf"), (6, "shared"), (7, "x"),
)  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "site_id": (1, 2, 99), "run_id": tuple(range(1, 7)), "suffix": (*SUFFIXES, "html"),
    "collection": (*all_layers(), "streets", "population", "districts"),
    "kind": ("gaps", "rivers", "health", "turf", "ties"),
    **dict.fromkeys(("party_id", "group_id", "account_id", "entry_id", "mail_id"), (1, 2)),
}  # fmt: skip


@dataclass
class Town:
    """A served register in which one person looks after a garden and a stretch of a river."""

    client: TestClient
    store: Store
    settings: Settings
    folder: Path


@pytest.fixture
def town(databases: SqliteDatabases | PostgisDatabases, tmp_path: Path) -> Iterator[Town]:
    url = databases.empty()
    store = open_store(url)
    migrate(store)
    settings = make_town(store, tmp_path).model_copy(update={"database_url": url})
    river = shapely.LineString([(5.0, 52.002), (5.02, 52.002)])
    load(store, write_layer(tmp_path / "r.gpkg", [{"ref": "R", "name": "Vliet", "geometry": river}]), "rivers")
    assert hold(store, tmp_path, *HELD).rejected == 0
    assert tend(store, tmp_path, CARE).accepted == 1
    ask(store, settings, "coverage", supply=["gardens"])
    ask(store, settings, "gaps", supply=["gardens"], minutes=5)
    hold_too(store, "gardens", "G0", "Tuinclub", "group", "2022-01-01")
    for kind in ("rivers", "health", "turf", "ties"):
        ask(store, settings, kind)
    for made in tmp_path.glob("*.csv"):
        made.unlink()  # what was brought in is no part of the register
    store.close()
    app = create_app(settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Town(client, app.state.store, settings, tmp_path)


def test_a_withdrawn_name_is_behind_no_route_in_no_file_no_log_and_no_restored_backup(
    town: Town, databases: SqliteDatabases | PostgisDatabases, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="geocommons")
    caplog.set_level(logging.INFO, logger="api")
    visitor = TestClient(town.client.app, raise_server_exceptions=False)
    assert "Zephyrine" not in visitor.get("/sites/1").text, "nobody agreed yet"
    log_in_as_the_person(town)
    assert agree(town, use_map="yes", use_reports="yes").status_code == 303
    told = {url.partition("?")[0] for url in found_by(visitor)}
    assert {"/list", "/sites/1", "/ogc/collections/gardens/items", "/ogc/collections/rivers/items"} <= told
    assert {"/analyses/rivers", "/analyses/ties"} <= told, "findings that speak of parties"
    assert "Zephyrine" in visitor.get("/sites/1?panel=true").text
    assert "Zephyrine" in visitor.get("/ogc/collections/rivers/items?at=2022-06-01").text
    assert found_in_files_made(town) == {*SUFFIXES, "html"}
    tag = visitor.get("/ogc/collections/gardens/items").headers["etag"]
    copy = town.folder / "outside" / "kept.backup"
    copy.parent.mkdir()
    back_up(town.store, town.settings, copy, now=NOW)

    assert agree(town).status_code == 303

    again = visitor.get("/ogc/collections/gardens/items", headers={"if-none-match": tag})
    assert again.status_code == 200, "what was kept elsewhere is asked for anew"
    assert found_by(visitor) == []
    neighbour = TestClient(town.client.app, raise_server_exceptions=False)
    sign_in_as(neighbour, "resident", "neighbour@example.org")
    assert found_by(neighbour) == []
    assert found_in_files_made(town) == set()
    assert found_in_folder(town.settings.data_dir) == []
    assert not RARE.search(caplog.text.encode())

    restored = restored_from(town, copy, databases.empty())
    assert restored.version() > 0
    with TestClient(create_app(town.settings.model_copy(update={"database_url": str_url(restored)}))) as later:
        assert found_by(later) == []
    restored.close()


def test_an_erased_person_is_nowhere_not_even_for_an_administrator_or_in_the_database(
    town: Town, databases: SqliteDatabases | PostgisDatabases
) -> None:
    log_in_as_the_person(town)
    assert agree(town, use_map="yes", use_directory="yes").status_code == 303
    copy = town.folder / "kept.backup"
    back_up(town.store, town.settings, copy, now=NOW)
    assert "understand" in town.client.post("/account/erase", data={}).text
    assert town.client.post("/account/erase", data={"understood": "yes"}, follow_redirects=False).status_code == 303
    assert town.client.get("/account/data.json", headers={"accept": "application/json"}).status_code == 401
    chief = TestClient(town.client.app, raise_server_exceptions=False)
    sign_in_as(chief, "administrator")
    assert found_by(chief) == []
    assert "A resident" in chief.get("/sites/1?lang=en").text, "care stays counted"
    assert found_in_database(town.store) == []
    restored = restored_from(town, copy, databases.empty())
    assert found_in_database(restored) == []
    restored.close()
    if databases.kind == "sqlite":
        assert not RARE.search(bytes_of_sqlite(town)), "not in what the file has thrown away, either"


def log_in_as_the_person(town: Town) -> None:
    """Sign in somebody whose public self is the person that the table named."""
    made = sign_in_as(town.client, "resident", "quiet@example.org")
    with town.store.writing() as session:
        party = session.scalars(select(Party).where(Party.name == NAME)).one()
        session.get_one(Account, made.id).party_id = party.id


def agree(town: Town, **uses: str) -> Any:
    return town.client.post("/account/public", data={"name": NAME, **uses}, follow_redirects=False)


def found_by(client: TestClient) -> list[str]:
    """Return every address that tells the name to who asks."""
    told, asked = [], 0
    for url in addresses(client.app):
        answer = client.get(url, headers={"accept": "text/html,*/*"})
        asked += 1
        assert answer.status_code < 500, (url, answer.text[:300])
        if RARE.search(readable(answer.content, url)):
            told.append(url)
    assert asked > 250
    if client.get("/found?q=Zephyrine").json() != []:
        told.append("/found")
    return told


def addresses(app: Any) -> Iterator[str]:
    """Yield an address for every route that can be read, with each value that its gaps can have, on several days."""
    for path in sorted(set(paths_of(app.routes))):
        for filled in fill(path):
            yield filled
            if path.startswith(DATED) and ("/tiles/" not in filled or "/5402/" in filled):
                yield from (f"{filled}?at={day}" for day in DAYS[1:])
            if not path.startswith(("/ogc", "/api")):
                yield f"{filled}?lang=nl"
    yield from (f"/sites/{site}?panel=true&at={day}" for site in (1, 2) for day in DAYS)
    yield from (f"/list?panel=true&at={day}" for day in DAYS)


def paths_of(routes: Any) -> Iterator[str]:
    for route in routes:
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
        if "GET" in (getattr(route, "methods", None) or ()):
            yield route.path
        elif inner:
            yield from paths_of(inner)


def fill(path: str) -> Iterator[str]:
    """Yield a path with its gaps filled; the numbers of a tile go together, and a run with what it drew."""
    if "{z}" in path:
        for z, x, y in TILES:
            yield from fill(path.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)))
        return
    if "{run_id}" in path and "{output}" in path:
        for run, output in OUTPUTS:
            yield from fill(path.replace("{run_id}", str(run)).replace("{output}", output))
        return
    gap = re.search(r"\{(\w+)(:\w+)?\}", path)
    if gap is None:
        yield path
        return
    for value in VALUES.get(gap[1], ("1", "x")):
        yield from fill(path.replace(gap[0], str(value)))


def readable(content: bytes, name: str) -> bytes:
    """Return the bytes of an answer or a file as text that can be searched: columns that are packed, unpacked."""
    if content[:4] == b"PAR1":
        return str(pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()).encode()
    return content


def found_in_files_made(town: Town) -> set[str]:
    """Return the formats in which the shell's exports and map tell the name."""
    told = set()
    for suffix in SUFFIXES:
        path = town.folder / f"made.{suffix}"
        export_layer(town.store, "gardens", path, day=TODAY)
        shown = str(gpd.read_parquet(path)) + str(gpd.read_parquet(path).to_dict()) if suffix == "parquet" else ""
        told |= {suffix} if RARE.search(path.read_bytes() + shown.encode()) else set()
        path.unlink()
    path = town.folder / "made.html"
    write_map(town.store, town.settings, path, day=TODAY)
    told |= {"html"} if RARE.search(path.read_bytes()) else set()
    path.unlink()
    return told


def found_in_folder(folder: Path) -> list[str]:
    """Return the files of the data folder that hold the name, the database itself apart."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".sqlite" not in path.name]
    assert {path.suffix for path in files} >= {".parquet", ".jsonl"}
    return [str(path) for path in files if RARE.search(readable(path.read_bytes(), path.name))]


def restored_from(town: Town, copy: Path, url: str) -> Store:
    """Return another database into which a backup was restored, beside the ledger of the register."""
    store = open_store(url)
    migrate(store)
    restore(store, town.settings.model_copy(update={"database_url": url}), copy, now=NOW)
    return store


def str_url(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def found_in_database(store: Store) -> list[str]:
    """Return the tables of which a row holds the name."""
    with store.reading() as session:
        tables = inspect(session.connection()).get_table_names()
        rows: Callable[[str], str] = lambda table: str(session.execute(text(f'SELECT * FROM "{table}"')).all())  # noqa: E731
        return [table for table in tables if table != "spatial_ref_sys" and RARE.search(rows(table).encode())]


def bytes_of_sqlite(town: Town) -> bytes:
    """Return every byte of the embedded database, what it deleted too."""
    path = Path(town.store.engine.url.database or "")
    town.store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
