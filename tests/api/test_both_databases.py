"""The same acts on SQLite and on PostGIS, and the same answers to the same questions, and to those of plain Python."""

import csv
import io
import os
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import mapbox_vector_tile
import pytest
import shapely
from shapely.geometry import shape
from starlette.testclient import TestClient

from api.app import create_app
from geocommons.model.base import Base
from geocommons.settings import Settings
from geocommons.store.bulk import count_on
from geocommons.store.engine import Store
from geocommons.store.schema import migrate
from geocommons.usecases.imports.report import Report
from scripts.postgis import Cluster
from tests.api.sign_in_as import sign_in_as
from tests.make import CARE_HEADER, HEADER, NOW, STEP, hold, load, square, tend, write_layer

NAMES = (
    "Café Zwölf", "İstanbul", "Straße", "STRASSE", "IJsbaan", "ĳs", "🌻", "100%", "a_b", "aXb", "O'Brien", "\\",
    "École", "école de Paris", "", "ñ", "Zoë", "zz", "10", "9", "ﬁeld", "日本",
)  # fmt: skip
KINDS = ("group", "organisation", "person", "household", "municipality")
DAYS = ("1000-01-01", "2016-06-01", "2024-02-29", "2026-05-01", "2030-01-01", "2999-12-31")
BOXES = (
    "5,52,5.003,52.002", "5.0005,52.0005,5.0005,52.0005", "179,-10,-179,11", "-180,80,180,90", "180,0,180,1",
    "-180,-90,180,90", "5,52,0,5.01,52.01,9", "1,2,3", "0,91,0,92", "nan,0,1,1",
)  # fmt: skip
LAYERS = ("gardens", "rivers", "storm-drains")
FAR_PLACES = ((180.0, 0.5), (-180.0, -0.5), (179.99999, 10.0), (0.0, 85.05), (10.0, -85.0), (0.0, 0.0))
ROLES = ("visitor", "administrator")
OWN_TO_EACH = (
    (r'"timeStamp":"[^"]+"', ""), (r'"at":"[^"]+"', ""), (r'"digest":"\w{64}"', ""), (r'name="csrf" value="[^"]+"', ""),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)", ""), (r'nonce-?="?[\w+/=-]+', ""),
)  # fmt: skip
"""What is random or tells the time, and so is never the same twice."""
Act = Callable[[Store], Report | None]


class Town:
    """One register of the two, with a client of each role."""

    def __init__(self, url: str, folder: Path, stack: ExitStack) -> None:
        app = create_app(Settings(database_url=url, data_dir=folder, max_features=40))
        self.store: Store = replace(app.state.store, clock=lambda: NOW)
        app.state.store = self.store
        migrate(self.store)
        self.clients = {role: TestClient(app, raise_server_exceptions=False) for role in ROLES}
        for client in self.clients.values():
            stack.enter_context(client)
        sign_in_as(self.clients["administrator"], "administrator")

    def do(self, act: Act) -> dict[str, Any] | None:
        """Do one act, and return its report as a person would read it."""
        with self.store.engine.begin() as connection:  # PostgreSQL never gives a number twice, SQLite does
            count_on(connection, [name for name, table in Base.metadata.tables.items() if "id" in table.c])
        report = act(self.store)
        return report and report.as_dict("en")

    def ask(self, path: str, role: str = "visitor") -> tuple[Any, ...]:
        """Return status, tag and content of an answer."""
        answer = self.clients[role].get(path, follow_redirects=False)
        headers = tuple(answer.headers.get(name) for name in ("etag", "content-type", "location", "cache-control"))
        if answer.headers.get("content-type", "").endswith("vector-tile"):
            return answer.status_code, headers, read_tile(answer.content)
        text = answer.text
        for pattern, instead in OWN_TO_EACH:
            text = re.sub(pattern, instead, text)
        return answer.status_code, headers, text


@pytest.fixture
def towns(postgis: Cluster, tmp_path: Path) -> Iterator[tuple[Town, Town]]:
    """Two empty registers, one on each database."""
    name = f"both_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"  # workers share the cluster
    with ExitStack() as stack:
        stack.callback(postgis.drop, name)
        urls = {"lite": f"sqlite:///{tmp_path / 'both.sqlite'}", "post": postgis.create(name)}
        lite, post = (Town(url, tmp_path / which, stack) for which, url in urls.items())
        yield lite, post


def read_tile(content: bytes) -> dict[str, Any]:
    """Return what a tile says, of shapes their bounds: PostGIS puts other points on the same outline."""
    found = mapbox_vector_tile.decode(content) if content else {}
    return {
        name: [(one["id"], one["properties"], shape(one["geometry"]).bounds) for one in layer["features"]]
        for name, layer in found.items()
    }


# --- acts -----------------------------------------------------------------------------------------------------


class Acts:
    """Plausible acts of one seed; the files that they bring are written once, for both registers."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random, self.folder = random.Random(seed), folder
        self.refs = {layer: [f"{layer[0]}{sign}{at}" for at, sign in enumerate("é_%ß/🌻İ ab")] for layer in LAYERS}
        self.tenures: list[dict[str, str]] = []

    def all(self) -> Iterator[tuple[Act, list[dict[str, str]]]]:
        """Yield acts, each with the tenures that it brings."""
        for turn in range(3):
            for layer in LAYERS:
                yield self.places(layer), []
            tenures = [self.tenure() for _ in range(12)]
            yield self.table(hold, HEADER, tenures), tenures
            yield self.table(tend, CARE_HEADER, [self.care(turn * 9 + at) for at in range(9)]), []

    def places(self, layer: str) -> Act:
        rows = [self.place(layer, at, ref) for at, ref in enumerate(self.refs[layer]) if self.random.random() < 0.8]
        file = write_layer(self.folder / f"{layer}{self.random.random()}.gpkg", rows)
        return lambda store: load(store, file, layer)

    def place(self, layer: str, at: int, ref: str) -> dict[str, object]:
        draw = self.random
        size = draw.choice((0.9, 0.9, 1.2))
        line = shapely.LineString([(5.0, 52.0 + at * STEP), (5.0 + draw.random() * 0.05, 52.0 + at * STEP)])
        shapes = {
            "gardens": square(at % 4, at // 4, size=size),
            "rivers": line,
            "storm-drains": shapely.Point(draw.choice(FAR_PLACES) if at < 5 else (5.0 + at * STEP / 3, 52.0)),
        }
        return {"ref": ref, "name": draw.choice((*NAMES, None)), "geometry": shapes[layer]}

    def table(self, bring: Callable[..., Report], header: str, rows: Sequence[Mapping[str, str]]) -> Act:
        text = io.StringIO()
        writer = csv.DictWriter(text, header.split(","), restval="", lineterminator="\n")
        writer.writerows(rows)
        return lambda store: bring(store, self.folder, text.getvalue().rstrip("\n"))

    def day(self) -> str:
        return (date(2015, 1, 1) + timedelta(days=self.random.randrange(6000))).isoformat()

    def tenure(self) -> dict[str, str]:
        draw = self.random
        layer = draw.choice(LAYERS)
        from_m = draw.choice(("0", "100.5", "250.123"))
        stretch = {"from_m": from_m, "to_m": str(float(from_m) + 100)} if layer == "rivers" else {}
        return {
            "layer": layer, "ref": draw.choice(self.refs[layer]), "party": draw.choice(NAMES), "record": "R-1",
            "party_kind": draw.choice(KINDS), "class": "responsibility", "type": "stewardship", **stretch,
            "valid_from": self.day(), "valid_to": draw.choice(("", self.day(), "9999-12-31")),
            "status": draw.choice(("", "", "requested", "ended")), "show_name": draw.choice(("", "yes", "no")),
        }  # fmt: skip

    def care(self, key: int) -> dict[str, str]:
        layer = self.random.choice(LAYERS)
        return {
            "id": f"C{key}", "layer": layer, "ref": self.random.choice(self.refs[layer]),
            "party": self.random.choice(NAMES), "party_kind": self.random.choice(KINDS), "kind": "weeding",
            "day": self.day(), "minutes": self.random.choice(("30", "0", "x")),
        }  # fmt: skip


# --- questions ------------------------------------------------------------------------------------------------


def questions() -> Iterator[tuple[str, str]]:
    """Yield addresses, each with the role of who asks."""
    for at in DAYS:
        yield from ((path, "visitor") for path in (f"/api/counts?at={at}", f"/list?at={at}", f"/sites/1?at={at}"))
        yield from ((f"/ogc/collections/{layer}/items?at={at}&limit=40", "visitor") for layer in LAYERS)
    for box in BOXES:
        yield f"/api/counts?bbox={box}", "visitor"
        yield f"/list?bbox={box}", "visitor"
        yield from ((f"/ogc/collections/{layer}/items?bbox={box}&limit=5&offset=1", "visitor") for layer in LAYERS)
    for text in (*NAMES, "ecole de paris", "ZOE", "i", "ss", "fi", "_", "%", "nothing"):
        yield f"/found?q={quote(text)}", "visitor"
        yield f"/ogc/collections/gardens/items?q={quote(text)}&status=available,cared_for", "visitor"
        yield f"/parties?q={quote(text)}", "administrator"
    for number in (0, 3, 12, 2**31, 2**63, "x"):
        yield from ((path.format(number), "administrator") for path in ("/sites/{}", "/api/runs/{}", "/parties/{}"))
        yield f"/api/audit?site={number}", "administrator"
    for z, y, x in ((0, 0, 0), (5, 10, 16), (11, 675, 1052), (12, 1351, 2104), (14, 5406, 8419), (16, 21627, 33678)):
        yield f"/ogc/tiles/WebMercatorQuad/{z}/{y}/{x}?at=2026-05-01", "visitor"
    yield from (
        (path, "administrator") for path in ("/parties", "/api/audit?limit=500", "/audit", "/people", "/nothing")
    )


def stewards(town: Town, at: str) -> dict[str, set[tuple[str, float]]]:
    """Return who stewards what on a day by the open data: since when, and from which metre on."""
    answer = town.clients["visitor"].get
    found: dict[str, set[tuple[str, float]]] = {}
    for layer in LAYERS:
        for feature in answer(f"/ogc/collections/{layer}/items?at={at}&limit=40").json()["features"]:
            held = feature["properties"].get("tenures", ())
            found[feature["properties"]["ref"]] = {(one["since"], one.get("from_m", 0.0)) for one in held}
    return {ref: held for ref, held in found.items() if held}


def expected(tenures: Sequence[Mapping[str, str]], at: str) -> dict[str, set[tuple[str, float]]]:
    """Return the same from the rows that were taken; a later row of the same claim says what holds."""
    claims = {
        tuple(row.get(name, "") for name in ("ref", "party", "party_kind", "valid_from", "from_m")): row
        for row in tenures
    }
    found: dict[str, set[tuple[str, float]]] = {}
    for row in claims.values():
        last = row["valid_to"] or "9999-12-31"
        if row["status"] != "requested" and row["valid_from"] <= at < last:
            found.setdefault(row["ref"], set()).add((row["valid_from"], float(row.get("from_m") or 0)))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_acts_lead_to_the_same_answers(towns: tuple[Town, Town], tmp_path: Path, seed: int) -> None:
    taken: list[dict[str, str]] = []
    for act, tenures in Acts(seed, tmp_path).all():
        lite, post = (town.do(act) for town in towns)
        assert lite == post
        refused = {row["row"] for row in lite["rows"]} if lite else set()
        taken += [row for number, row in enumerate(tenures, start=1) if number not in refused]
    differ = [(path, role) for path, role in questions() if towns[0].ask(path, role) != towns[1].ask(path, role)]
    assert differ == []
    assert len(expected(taken, "2024-02-29")) > 3, "there is something to be right about"
    for at in DAYS:
        assert [stewards(town, at) for town in towns] == [expected(taken, at)] * 2, at
