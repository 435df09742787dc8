"""Vector tiles of sites, counts, context and findings."""

from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import shapely
from starlette.testclient import TestClient

from geocommons.files.tiles import lonlat_to_fraction
from geocommons.model.context_set import ContextSet
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from tests.make import STEP

DAY = "2025-01-01"


def place(z: int, lon: float = 5.0 + 2.5 * STEP, lat: float = 52.0 + 2.5 * STEP) -> str:
    """Return the address of the tile that holds a place: z/y/x."""
    right, down = lonlat_to_fraction(np.array([lon]), np.array([lat]))
    return f"{z}/{int(down[0] * (1 << z))}/{int(right[0] * (1 << z))}"


def read(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code in (200, 204), answer.text
    if answer.status_code == 204:
        return {}
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return {name: layer["features"] for name, layer in mapbox_vector_tile.decode(answer.content).items()}


def layer_tile(client: TestClient, layer: str, z: int, day: str = DAY) -> list[dict[str, Any]]:
    found = read(client, f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{place(z)}?at={day}")
    return [feature for features in found.values() for feature in features]


def test_a_tile_shows_each_site_with_its_status_on_the_day(client: TestClient) -> None:
    items = {
        feature["id"]: feature["properties"]
        for offset in (0, 20)
        for feature in client.get(f"/ogc/collections/clt-parcels/items?limit=20&offset={offset}&at={DAY}").json()[
            "features"
        ]
    }
    tile = layer_tile(client, "clt-parcels", 14)
    assert {feature["id"] for feature in tile} == set(items)
    for feature in tile:
        shown = items[feature["id"]]
        assert feature["properties"] == {key: shown[key] for key in ("ref", "name", "status")}
        assert feature["geometry"]["type"] == "Polygon"


def test_a_tile_is_that_of_the_day_asked_for(client: TestClient) -> None:
    held = {
        day: {
            one["properties"]["ref"]: one["properties"]["status"] for one in layer_tile(client, "clt-parcels", 14, day)
        }
        for day in ("2019-12-31", "2020-01-01")
    }
    assert [tile["P7"] for tile in held.values()] == ["available", "cared_for"]


def test_a_site_smaller_than_a_pixel_is_still_there(client: TestClient) -> None:
    [drain] = layer_tile(client, "storm-drains", 15) or layer_tile(client, "storm-drains", 16)
    assert drain["properties"]["ref"] == "D1"


def test_from_afar_sites_are_counted_by_status(client: TestClient) -> None:
    found = read(client, f"/ogc/collections/clt-parcels/tiles/WebMercatorQuad/{place(9)}?at={DAY}")
    assert list(found) == ["clt-parcels-counts"]
    totals: dict[str, int] = {}
    for cell in found["clt-parcels-counts"]:
        for name, count in cell["properties"].items():
            totals[name] = totals.get(name, 0) + count
    assert totals == {"count": 36, "available": 35, "cared_for": 1}


def test_a_river_is_in_pieces_each_with_its_status(client: TestClient) -> None:
    pieces = sorted(layer_tile(client, "rivers", 9), key=lambda piece: piece["properties"]["from_m"])
    assert [piece["properties"]["status"] for piece in pieces] == ["available", "cared_for", "available"]
    assert (pieces[1]["properties"]["from_m"], pieces[1]["properties"]["to_m"]) == (1000, 3000)
    assert len({piece["id"] for piece in pieces}) == 1
    whole = layer_tile(client, "rivers", 9, "2023-12-31")
    assert [piece["properties"]["status"] for piece in whole] == ["available"]


def test_one_tile_holds_several_collections(client: TestClient) -> None:
    path = f"/ogc/tiles/WebMercatorQuad/{place(15)}?collections=clt-parcels,rivers,water&at={DAY}"
    assert set(read(client, path)) >= {"clt-parcels"}
    assert client.get(path.replace("rivers", "unicorns")).status_code == 404


def test_a_tile_is_new_as_soon_as_the_register_is(client: TestClient) -> None:
    path = f"/ogc/collections/clt-parcels/tiles/WebMercatorQuad/{place(14)}?at={DAY}"
    afar = path.replace(place(14), place(9))
    before, tag = client.get(path), client.get(path).headers["etag"]
    client.get(afar)
    assert client.get(path, headers={"if-none-match": tag}).status_code == 304
    retire(client.app.state.store)  # type: ignore[attr-defined]
    assert client.get(path, headers={"if-none-match": tag}).status_code == 200
    assert client.get(path).content != before.content
    assert sum(cell["properties"]["count"] for cell in read(client, afar)["clt-parcels-counts"]) == 35


def retire(store: Store) -> None:
    """Take away the public states of a parcel, as another process would."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM site_state WHERE site_id = (SELECT id FROM site WHERE ref = 'P8')")
        connection.exec_driver_sql("UPDATE site SET state_to = state_from WHERE ref = 'P8'")
        connection.exec_driver_sql("UPDATE register_version SET number = number + 1")


def test_a_tile_outside_the_grid_is_refused_and_an_empty_one_is_empty(client: TestClient) -> None:
    assert client.get("/ogc/tiles/WebMercatorQuad/3/9/9").status_code == 400
    assert client.get(f"/ogc/collections/clt-parcels/tiles/WebMercatorQuad/{place(14, lon=100.0)}").status_code == 204


def test_tiles_are_compressed_for_who_takes_that(client: TestClient) -> None:
    path = f"/ogc/collections/clt-parcels/tiles/WebMercatorQuad/{place(14)}"
    plain = client.get(path, headers={"accept-encoding": "identity"})
    small = client.get(path, headers={"accept-encoding": "gzip"})
    assert small.content == plain.content
    assert "content-encoding" not in plain.headers
    assert small.headers.get("content-encoding") == ("gzip" if len(plain.content) > 1_400 else None)


def test_context_is_drawn_from_the_current_file_of_its_kind(client: TestClient) -> None:
    settings: Settings = client.app.state.settings  # type: ignore[attr-defined]
    path = f"/ogc/collections/water/tiles/WebMercatorQuad/{place(13)}"
    assert client.get(path).status_code == 204
    settings.context_dir.mkdir(parents=True)
    pond = shapely.Point(5.0 + 2.5 * STEP, 52.0 + 2.5 * STEP).buffer(STEP)
    gpd.GeoDataFrame({"name": ["Pond"]}, geometry=[pond], crs="EPSG:4326").to_parquet(
        settings.context_dir / "water.parquet"
    )
    with client.app.state.store.writing() as session:  # type: ignore[attr-defined]
        session.add(
            ContextSet(
                kind="water", name="water", path="water.parquet", checksum="x", crs="EPSG:4326", source="", licence="",
                attribution="", west=5, south=52, east=5.1, north=52.1, features=1, columns=[], notes={},
                added_at=datetime.now(UTC),
            )
        )  # fmt: skip
    assert read(client, path)["water"][0]["properties"] == {"name": "Pond"}


def test_findings_of_a_run_are_tiles_and_files(client: TestClient) -> None:
    settings: Settings = client.app.state.settings  # type: ignore[attr-defined]
    run_id = add_run(client.app.state.store, settings)  # type: ignore[attr-defined]
    assert read(client, f"/api/runs/{run_id}/tiles/gaps/{place(13)}")["gaps"][0]["properties"] == {"rank": 1}
    told = client.get(f"/api/runs/{run_id}").json()
    assert told["state"] == "finished" and list(told["outputs"]) == ["demand", "gaps"]
    for file in (name for name in told["outputs"]["gaps"]["files"] if not name.endswith(".html")):
        answer = client.get(file)
        assert answer.status_code == 200 and len(answer.content) > 20, file
        assert answer.headers["content-disposition"].startswith("attachment")
    assert client.get(f"/api/runs/{run_id}/tiles/nothing/{place(13)}").status_code == 404
    assert client.get(f"/api/runs/{run_id}/export/gaps.exe").status_code == 400


def add_run(store: Store, settings: Settings) -> int:
    """Add a finished run with one gap."""
    gap = shapely.box(5.0, 52.0, 5.01, 52.01)
    with store.writing() as session:
        run = Run(
            kind="gaps", params={"at": DAY}, inputs={}, fingerprint="f", version="0", state="finished",
            published_at=datetime.now(UTC),
            started_at=datetime.now(UTC), finished_at=datetime.now(UTC), result={}, outputs={}, error=None,
        )  # fmt: skip
        session.add(run)
        session.flush()
        run.outputs = {name: f"{run.id}/{name}.parquet" for name in ("demand", "gaps")}
        folder = settings.runs_dir / str(run.id)
        folder.mkdir(parents=True)
        gpd.GeoDataFrame({"rank": [1]}, geometry=[gap], crs="EPSG:4326").to_parquet(folder / "gaps.parquet")
        people = {"state": ["unserved"], "people": [9]}
        gpd.GeoDataFrame(people, geometry=[gap.centroid], crs="EPSG:4326").to_parquet(folder / "demand.parquet")
        return run.id
