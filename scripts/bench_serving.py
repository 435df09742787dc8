"""Time GeoJSON and tiles beside a plain endpoint and the bare query, in one run on one core.

    python -m scripts.bench_serving [SCALE]

Scale 1 is 200,000 parcels. The servers, PostgreSQL and the client share one core, and take turns.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import geopandas as gpd
import numpy as np
import orjson
import psycopg
import shapely

from geocommons.crs import BBox
from geocommons.files.tiles import lonlat_to_fraction
from geocommons.settings import Settings
from geocommons.store.engine import open_store
from geocommons.store.schema import migrate
from geocommons.usecases.imports.intake import ImportOptions
from geocommons.usecases.imports.sites import import_sites
from scripts.bench_peer import TABLE
from scripts.postgis import Cluster, private_cluster

Row = tuple[str, float, str]
LAYER = "clt-parcels"
WEST, SOUTH, STEP_LON, STEP_LAT = 5.0, 52.0, 0.0015, 0.0009
"""Corner of the town, and a plot of 103 by 100 m: 225 of them in a tile of zoom 14."""
IN_A_BOX, BOXES, TILES, ROUNDS, SECONDS = 1_000, 40, 60, 5, 2.0
LISTENING_S = 60.0
BARE_TILE = f"""SELECT ST_AsMVT(q, 'parcels', 4096, 'g') FROM (SELECT id, ref, name, land_use, homes, floor_m2,
 building_year, acquired::text, area_m2, ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%s, %s, %s)) AS g
 FROM {TABLE} WHERE geom && ST_Transform(ST_TileEnvelope(%s, %s, %s), 4326)) q"""


def make_parcels(count: int, seed: int = 7) -> gpd.GeoDataFrame:
    """Return about so many parcels of five or nine positions with eight facts, street by street."""
    chance = np.random.default_rng(seed)
    side = max(36, round(count**0.5))
    across, up = np.meshgrid(np.arange(side + 1), np.arange(side + 1))
    lon = WEST + (across + chance.uniform(-0.2, 0.2, across.shape)) * STEP_LON
    lat = SOUTH + (up + chance.uniform(-0.2, 0.2, up.shape)) * STEP_LAT
    corners = np.stack([lon, lat], axis=-1)
    rings = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2).reshape(-1, 4, 2)
    shapes = np.asarray(shapely.polygons(rings))
    bent = chance.random(len(shapes)) < 0.5
    middles = (rings + np.roll(rings, -1, axis=1)) / 2
    shapes[bent] = shapely.polygons(np.stack([rings, middles], axis=2).reshape(-1, 8, 2)[bent])
    number = np.arange(len(shapes))
    columns = {
        "ref": [f"CLT-{one:07d}" for one in number],
        "name": [f"{one % 240} Mill Lane" for one in number],
        "land_use": chance.choice(["housing", "shop", "workshop", "open space"], len(shapes)),
        "homes": chance.integers(0, 12, len(shapes)),
        "floor_m2": chance.uniform(40, 900, len(shapes)).round(1),
        "building_year": chance.integers(1890, 2024, len(shapes)),
        "acquired": (np.datetime64("1998-01-01") + chance.integers(0, 9_000, len(shapes))).astype(str),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement; refuses answers that are not the same."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        cluster = stack.enter_context(private_cluster())
        parcels = make_parcels(round(200_000 * scale))
        parcels.to_file(folder / "parcels.fgb")
        urls = {"sqlite": f"sqlite:///{folder / 'bench.sqlite'}", "postgis": cluster.create("bench")}
        for url in urls.values():
            _load(url, folder / "parcels.fgb")
        _make_peer_table(cluster)
        boxes, tiles = _boxes(parcels), _tiles(parcels)
        ports = {name: stack.enter_context(_serving("app", url)) for name, url in urls.items()}
        ports["peer"] = stack.enter_context(_serving("peer", urls["postgis"]))
        return [
            ("serving: parcels", float(len(parcels)), ""),
            *_features(ports, boxes),
            *_tile_rows(ports, cluster, tiles),
        ]


def _load(url: str, file: Path) -> None:
    store = open_store(url)
    migrate(store)
    report = import_sites(store, Settings(), LAYER, file, ImportOptions(ref="ref"), now=datetime.now(UTC))
    store.close()
    if report.accepted != report.read:
        raise SystemExit(f"{report.read - report.accepted} parcels of {report.read} were not taken.")


def _make_peer_table(cluster: Cluster) -> None:
    """Give the plain endpoint the same sites in columns of their own, as its author would have them."""
    facts = "facts->>'land_use' AS land_use, (facts->>'homes')::int AS homes, (facts->>'floor_m2')::float8 AS floor_m2"
    more = "(facts->>'building_year')::int AS building_year, (facts->>'acquired')::date AS acquired, area_m2"
    with psycopg.connect(cluster.url("bench").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {TABLE} AS SELECT id, ref, name, {facts}, {more}, geom FROM site ORDER BY id")
        connection.execute(f"ALTER TABLE {TABLE} ADD PRIMARY KEY (id)")
        connection.execute(f"CREATE INDEX ON {TABLE} USING gist (geom)")
        connection.execute("VACUUM ANALYZE")


def _boxes(parcels: gpd.GeoDataFrame, seed: int = 1) -> list[BBox]:
    """Return boxes that hold about a thousand parcels."""
    chance = np.random.default_rng(seed)
    plots = IN_A_BOX**0.5
    west, south, east, north = parcels.total_bounds
    width, height = min(plots * STEP_LON, east - west), min(plots * STEP_LAT, north - south)
    starts = np.array([west, south]) + chance.random((BOXES, 2)) * (
        np.array([east - width, north - height]) - [west, south]
    )
    return [BBox(round(x, 6), round(y, 6), round(x + width, 6), round(y + height, 6)) for x, y in starts.tolist()]


def _tiles(parcels: gpd.GeoDataFrame, z: int = 14) -> list[tuple[int, int, int]]:
    """Return the tiles (z, x, y) of a zoom in the middle of the town."""
    west, south, east, north = parcels.total_bounds
    right, down = lonlat_to_fraction(np.array([west, east]), np.array([north, south]))
    columns, rows = ((np.floor(ends * (1 << z)).astype(int)) for ends in (right, down))
    inner = [(z, x, y) for x in range(columns[0] + 1, columns[1]) for y in range(rows[0] + 1, rows[1])]
    return inner[:: max(1, len(inner) // TILES)][:TILES] or [(z, int(columns[0]), int(rows[0]))]


@contextmanager
def _serving(what: str, url: str) -> Iterator[int]:
    """Serve an application in a process of its own, and yield its port."""
    command = [sys.executable, "-m", "scripts.bench_peer", what]
    with subprocess.Popen(command, env=os.environ | {"BENCH_URL": url}, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            deadline = time.monotonic() + LISTENING_S
            while not _answers(port) and time.monotonic() < deadline:
                time.sleep(0.2)
            yield port
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    try:
        _connect(port).request("GET", "/")
    except OSError:
        return False
    return True


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != HTTPStatus.OK:
        raise SystemExit(f"{path} answers {answer.status}: {content[:200]!r}")
    return content


def _rate(port: int, paths: Sequence[str]) -> float:
    """Ask one address after another on one connection, and return how many a second were answered."""
    connection = _connect(port)
    begin, done = perf_counter(), 0
    while perf_counter() - begin < SECONDS or done == 0:
        _get(connection, paths[done % len(paths)])
        done += 1
    spent = perf_counter() - begin
    connection.close()
    return done / spent


def _check_same(ports: dict[str, int], paths: dict[str, list[str]]) -> None:
    """Refuse to compare servers that do not find the same features."""
    for number in range(5):
        found = {
            name: {feature["id"] for feature in orjson.loads(_get(_connect(port), paths[name][number]))["features"]}
            for name, port in ports.items()
        }
        if len(set(map(frozenset, found.values()))) != 1:
            raise SystemExit(f"The servers differ: { {name: len(ids) for name, ids in found.items()} }")


def _connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port)


def _features(ports: dict[str, int], boxes: Sequence[BBox]) -> list[Row]:
    asked = [",".join(map(str, box)) for box in boxes]
    ours = [f"/ogc/collections/{LAYER}/items?bbox={box}&limit=5000" for box in asked]
    paths = {"sqlite": ours, "postgis": ours, "peer": [f"/parcels?bbox={box}&limit=5000" for box in asked]}
    _check_same(ports, paths)
    rates: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            rates[name].append(_rate(port, paths[name]))
    found = {name: median(some) for name, some in rates.items()}
    return [
        ("serving: GeoJSON of 1,000 sites, plain FastAPI + GeoAlchemy2 + mapping()", found["peer"], "/s"),
        ("serving: GeoJSON of 1,000 sites, PostGIS", found["postgis"], "/s"),
        ("serving: GeoJSON of 1,000 sites, SQLite", found["sqlite"], "/s"),
        ("serving: PostGIS / plain (at least 12)", found["postgis"] / found["peer"], "x"),
        ("serving: SQLite / plain (at least 40)", found["sqlite"] / found["peer"], "x"),
    ]


def _tile_rows(ports: dict[str, int], cluster: Cluster, tiles: Sequence[tuple[int, int, int]]) -> list[Row]:
    """Time tiles that are not kept (each on a day of its own), kept ones, and the bare query."""
    times: dict[str, list[float]] = {"bare": [], "postgis": [], "sqlite": [], "kept": []}
    days = (date(2000, 1, 1) + timedelta(days=number) for number in range(100_000))
    with psycopg.connect(cluster.url("bench").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET jit = off; SET max_parallel_workers_per_gather = 0")
        for _ in range(ROUNDS):
            begin = perf_counter()
            for tile in tiles:
                connection.execute(BARE_TILE, (*tile, *tile)).fetchone()
            times["bare"].append((perf_counter() - begin) / len(tiles))
            for name in ("postgis", "sqlite", "kept"):
                day = date(1999, 1, 1) if name == "kept" else next(days)
                client = _connect(ports["postgis" if name == "kept" else name])
                begin = perf_counter()
                for z, x, y in tiles:
                    _get(client, f"/ogc/collections/{LAYER}/tiles/WebMercatorQuad/{z}/{y}/{x}?at={day}")
                times[name].append((perf_counter() - begin) / len(tiles))
    spent = {name: 1_000 * median(some) for name, some in times.items()}
    return [
        ("serving: tile of zoom 14, bare ST_AsMVT query", spent["bare"], "ms"),
        ("serving: tile of zoom 14, PostGIS, not kept", spent["postgis"], "ms"),
        ("serving: tile of zoom 14, SQLite, not kept", spent["sqlite"], "ms"),
        ("serving: tile of zoom 14, kept", spent["kept"], "ms"),
        ("serving: tile, PostGIS / bare query (at most 1.5)", spent["postgis"] / spent["bare"], "x"),
    ]


if __name__ == "__main__":
    for name, figure, unit in run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(f"{name:78s}{figure:12,.2f} {unit}")
