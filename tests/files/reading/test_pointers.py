"""A file is read, and nothing that it points to: no other file of this machine, and nothing of any network."""

import json
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import geopandas as gpd
import pytest
import shapely

from geocommons.errors import UnknownCRS, UnreadableFile
from geocommons.files.reading.vector import open_source

FEATURE = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [5, 52]}}
NAMES = ("a.geojson", "a.json", "a.gml", "a.kml", "a.gpx", "a.tab", "a.fgb", "a.gpkg")
SCHEMA = "?service=WFS&amp;request=DescribeFeatureType&amp;typename=t:a"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A file of the machine that is nobody's business."""
    path = tmp_path / "private.gpkg"
    gpd.GeoDataFrame({"ref": ["secret"]}, geometry=[shapely.Point(5, 52)], crs="EPSG:4326").to_file(path)
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """A server that notes what it is asked: its address, and the paths."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    paths: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def parse_request(self) -> bool:
            paths.append(str(self.raw_requestline))
            return False

    with HTTPServer(("127.0.0.1", 0), Noting) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


def pointers(target: object) -> list[str]:
    """Return texts that GDAL takes for a pointer to something else."""
    layer = f'<OGRVRTLayer name="private"><SrcDataSource>{target}</SrcDataSource></OGRVRTLayer>'
    command = {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {target}"}
    return [f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>", json.dumps(command)]


@pytest.mark.parametrize("name", [*NAMES, "a.gdalg.json"])
def test_no_other_file_is_opened_in_the_name_of_one_packed_or_not(tmp_path: Path, other: Path, name: str) -> None:
    for text in pointers(other):
        (tmp_path / name).write_text(text)
        archive = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(name, text)
        for path in (tmp_path / name, archive):
            with pytest.raises(UnreadableFile, match="only points"):
                open_source(path)


def test_a_command_is_refused_however_it_is_spelt(tmp_path: Path, other: Path) -> None:
    path = tmp_path / "a.gdalg.json"
    path.write_text(pointers(other)[1].replace("gdal_streamed_alg", "gdal_streamed_al\\u0067"))
    with pytest.raises(UnreadableFile, match="only points"):
        open_source(path)


def test_nothing_of_a_network_is_asked_for(tmp_path: Path, asked: tuple[str, list[str]]) -> None:
    address, paths = asked
    crs = {"type": "link", "properties": {"href": f"{address}/crs", "url": f"{address}/crs", "type": "proj4"}}
    linked = tmp_path / "linked.geojson"
    linked.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [FEATURE]}))
    with pytest.raises(UnknownCRS):
        open_source(linked)
    (tmp_path / "schema.gml").write_text(
        '<w:FeatureCollection xmlns:w="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" '
        f'xmlns:t="http://t" {XSI} xsi:schemaLocation="http://t {address}/{SCHEMA}"><gml:featureMember>'
        '<t:a gml:id="a"><t:g><gml:Point srsName="EPSG:4326"><gml:pos>52 5</gml:pos></gml:Point></t:g></t:a>'
        "</gml:featureMember></w:FeatureCollection>"
    )
    assert open_source(tmp_path / "schema.gml").driver == "GML"
    (tmp_path / "service.xml").write_text(
        '<WFS_Capabilities version="1.1.0" xmlns:x="x"><OperationsMetadata><Operation name="GetFeature"><DCP><HTTP>'
        f'<Get x:href="{address}/wfs?"/></HTTP></DCP></Operation></OperationsMetadata><FeatureTypeList><FeatureType>'
        "<Name>a</Name></FeatureType></FeatureTypeList></WFS_Capabilities>"
    )
    for name, text in (
        ("service.xml", ""),
        *((f"{at}.json", text) for at, text in enumerate(pointers("/vsicurl/" + address))),
    ):
        if text:
            (tmp_path / name).write_text(text)
        with pytest.raises(UnreadableFile, match="only points"):
            open_source(tmp_path / name)
    assert paths == []


def test_an_archive_that_is_nearly_nothing_but_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.geojson", "w") as member:
        for _ in range(101):
            member.write(b" " * 1_000_000)
    with pytest.raises(UnreadableFile, match="unpack to 101 MB"):
        open_source(path)
