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

    class Bench(BaseModel):
        seats: int | None = Field(default=None, ge=1, title="Seats", description="How many people can sit.")

    LAYER = Layer(
        id="benches", title=Words(en="Benches", nl="Bankjes"), one=Words(en="Bench", nl="Bankje"),
        description=Words(en="A seat for all.", nl="Een zitplaats voor iedereen."), geometry_type="Point",
        facts=Bench, color="#444444", symbol="house",
    )
"""
USE = """
    from pathlib import Path
    from fastapi.testclient import TestClient
    from api.app import create_app
    from geocommons.settings import Settings
    from geocommons.store.engine import migrate, open_store
    from tests.make import counts, load

    settings = Settings(data_dir=Path("."), database_url="")
    store = open_store(settings.database)
    migrate(store)
    Path("benches.csv").write_text("ref,lon,lat,seats\\nB1,5.1,52.1,3\\nB2,5.2,52.1,\\nB3,5.3,52.1,0\\n")
    report = load(store, Path("benches.csv"), "benches")
    assert counts(report) == {"read": 3, "accepted": 2, "rejected": 1}, report.as_dict()
    store.close()
    with TestClient(create_app(settings)) as client:
        assert "benches" in {one["id"] for one in client.get("/ogc/collections").json()["collections"]}
        items = client.get("/ogc/collections/benches/items").json()
        assert [item["properties"]["facts"] for item in items["features"]] == [{"seats": 3}, {}]
        assert client.get("/ogc/collections/benches/tiles/WebMercatorQuad/8/84/131").content
        assert "Bankjes" in client.get("/?lang=nl").text
        assert "Benches" in client.get("/list?lang=en").text
"""
GONE = """
    from pathlib import Path
    from fastapi.testclient import TestClient
    from api.app import create_app
    from geocommons.settings import Settings

    with TestClient(create_app(Settings(data_dir=Path("."), database_url=""))) as client:
        for page in ("/", "/list", "/list?layer=benches", "/found?q=B1", "/ogc/collections", "/analyses"):
            answer = client.get(page)
            assert answer.status_code == 200 and "B1" not in answer.text, page
        assert client.get("/sites/1").status_code == 404
"""


def install(site: Path) -> None:
    """Install a wheel the way installers do: unpack it into a folder of packages."""
    wheel = site.parent / "benches-1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("benches.py", textwrap.dedent(LAYER))
        archive.writestr("benches-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: benches\nVersion: 1.0\n")
        archive.writestr("benches-1.0.dist-info/entry_points.txt", "[geocommons.layers]\nbenches = benches:LAYER\n")
    with ZipFile(wheel) as archive:
        archive.extractall(site)


def run(program: str, folder: Path, *packages: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*packages, Path(__file__).parents[2])))}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_an_installed_package_brings_its_layer_to_the_import_the_map_and_the_api(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install(site)
    run(USE, tmp_path, site)
    run(GONE, tmp_path)  # and where the package is gone, its places are kept and not shown
