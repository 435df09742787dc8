"""A package that somebody else installs brings a kind of commons, and every door knows it."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from zipfile import ZipFile

LAYER = """
    from pydantic import BaseModel, Field
    from geocommons.language import Words
    from geocommons.layer import Layer

    class Well(BaseModel):
        depth_m: int | None = Field(default=None, ge=1, title="Depth", description="How deep it is, in metres.")

    LAYER = Layer(
        id="wishing-wells", title=Words(en="Wishing wells", nl="Wensputten"), one=Words(en="Well", nl="Wensput"),
        description=Words(en="A wish for all.", nl="Een wens voor iedereen."), geometry_type="Point",
        facts=Well, color="#444444", symbol="house",
    )
"""
USE = """
    from pathlib import Path
    from fastapi.testclient import TestClient
    from api.app import create_app
    from geocommons.settings import Settings
    from geocommons.store.engine import open_store
    from geocommons.store.schema import migrate
    from geocommons.usecases.scenarios import make_scenario
    from tests.make import NOW, counts, hold, load

    settings = Settings(data_dir=Path("."), database_url="")
    store = open_store(settings.database)
    migrate(store)
    Path("wells.csv").write_text("ref,lon,lat,depth_m\\nWELL1,5.1,52.1,3\\nWELL2,5.2,52.1,\\nWELL3,5.3,52.1,0\\n")
    report = load(store, Path("wells.csv"), "wishing-wells")
    assert counts(report) == {"read": 3, "accepted": 2, "rejected": 1}, report.as_dict()
    hold(store, Path("."), "wishing-wells,WELL1,Ada Lovelace,person,responsibility,stewardship,,,2020-01-01,,A-1,,yes")
    make_scenario(store, "Fewer", [{"do": "close", "layer": "wishing-wells", "ref": "WELL2"}], now=NOW)
    store.close()
    with TestClient(create_app(settings)) as client:
        assert "wishing-wells" in {one["id"] for one in client.get("/ogc/collections").json()["collections"]}
        items = client.get("/ogc/collections/wishing-wells/items").json()
        assert [item["properties"]["facts"] for item in items["features"]] == [{"depth_m": 3}, {}]
        assert client.get("/ogc/collections/wishing-wells/tiles/WebMercatorQuad/8/84/131").content
        assert "Wensputten" in client.get("/?lang=nl").text
        assert "Wishing wells" in client.get("/list?lang=en").text
"""
GONE = """
    import os
    from pathlib import Path
    from fastapi.testclient import TestClient
    from typer.testing import CliRunner
    from api.app import create_app
    from geocommons.cli.main import app
    from geocommons.settings import Settings
    from geocommons.store.engine import open_store
    from geocommons.store.parties import get_party
    from geocommons.usecases.people.consent import change_consents
    from tests.make import NOW

    settings = Settings(data_dir=Path("."), database_url="")
    PAGES = (
        "/", "/list", "/list?layer=wishing-wells", "/list?q=WELL1", "/found?q=WELL1", "/found?q=WELL2", "/api/counts",
        "/analyses", "/ogc/collections", "/ogc/collections/gardens/items", "/layers.css",
        "/ogc/tiles/WebMercatorQuad/8/84/131",
    )
    NOT_THERE = (
        "/sites/1", "/sites/1?at=2020-06-01", "/ogc/collections/wishing-wells", "/ogc/collections/wishing-wells/items",
        "/ogc/collections/wishing-wells/items/1", "/ogc/collections/gardens/items/1",
        "/ogc/collections/wishing-wells/tiles/WebMercatorQuad/8/84/131",
        "/ogc/tiles/WebMercatorQuad/8/84/131?collections=wishing-wells",
    )

    def shows_nothing():
        with TestClient(create_app(settings)) as client:
            for page in PAGES:
                answer = client.get(page)
                assert answer.status_code in (200, 204), (page, answer.text)
                assert "WELL2" not in answer.text and "Ada Lovelace" not in answer.text, page
            for page in NOT_THERE:
                assert client.get(page).status_code == 404, page

    def verb(*words, status=0):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == status, (words, done.output, done.exception)
        return done.output

    shows_nothing()
    os.environ["GEOCOMMONS_DATA_DIR"] = "."
    verb("map", "map.html")
    assert "Ada" not in Path("map.html").read_text()
    assert verb("analyse", "health", "--scenario", "1")
    assert "wishing-wells" in verb("scenarios", "list")
    verb("export", "wishing-wells", "wells.csv", status=1)
    store = open_store(settings.database)
    with store.writing() as session:
        change_consents(session, settings, get_party(session, 1), [], now=NOW, how="spoken")
    store.close()
    verb("rebuild")
    verb("check")
    verb("backup", "town.zip")
    verb("restore", "town.zip", "--replace")
    verb("check")
    shows_nothing()
"""
BACK = """
    from pathlib import Path
    from fastapi.testclient import TestClient
    from typer.testing import CliRunner
    from api.app import create_app
    from geocommons.cli.main import app
    from geocommons.settings import Settings

    CliRunner(env={"GEOCOMMONS_DATA_DIR": "."}).invoke(app, ["rebuild"], catch_exceptions=False)
    with TestClient(create_app(Settings(data_dir=Path("."), database_url=""))) as client:
        shown = client.get("/ogc/collections/wishing-wells/items").text
        assert '"WELL1"' in shown and '"since":"2020-01-01"' in shown and "Ada" not in shown, shown
"""


def install(site: Path, layer: str = LAYER) -> None:
    """Install a wheel the way installers do: unpack it into a folder of packages."""
    wheel = site.parent / "wells-1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("wells.py", textwrap.dedent(layer))
        archive.writestr("wells-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: wells\nVersion: 1.0\n")
        archive.writestr("wells-1.0.dist-info/entry_points.txt", "[geocommons.layers]\nwells = wells:LAYER\n")
    with ZipFile(wheel) as archive:
        archive.extractall(site)


def run(program: str, folder: Path, *packages: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*packages, Path(__file__).parents[2])))}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_an_installed_package_brings_its_layer_and_where_it_is_gone_nothing_shows_its_places_or_trips(
    tmp_path: Path,
) -> None:
    site = tmp_path / "site"
    install(site)
    run(USE, tmp_path, site)
    run(GONE, tmp_path)
    run(BACK, tmp_path, site)
