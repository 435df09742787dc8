"""Nothing is left out without a word: files of which GDAL would give fewer rows, or other text, than they hold."""

import os
import zipfile
from pathlib import Path

import geopandas as gpd
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geocommons.errors import UnknownCRS, UnreadableFile
from geocommons.files.reading.json_rows import CHUNK_BYTES
from geocommons.files.reading.vector import Batch, open_source, read_batches


def read(path: Path, **options: str) -> list[Batch]:
    return list(read_batches(open_source(path, **options)))


def frame(rows: int) -> gpd.GeoDataFrame:
    shapes = shapely.box(range(rows), 52, [at + 0.5 for at in range(rows)], 53)
    return gpd.GeoDataFrame({"ref": [f"é{at}" for at in range(rows)]}, geometry=shapes, crs="EPSG:4326")


def test_shapes_without_a_row_are_not_left_out(tmp_path: Path) -> None:
    frame(100).to_file(tmp_path / "parcels.shp")
    dbf = tmp_path / "parcels.dbf"
    dbf.write_bytes(dbf.read_bytes()[:4] + (40).to_bytes(4, "little") + dbf.read_bytes()[8:])
    with pytest.raises(UnreadableFile, match=r"parcels.dbf has 40 rows for 100 shapes"):
        open_source(tmp_path / "parcels.shp")


def test_a_code_page_that_cannot_be_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "places.shp"
    drawn = gpd.GeoDataFrame({"name": ["Café", "Ruïne"]}, geometry=shapely.points([[5, 52], [6, 52]]), crs=4326)
    for written, said in (("UTF-8", "ISO-8859-1"), ("ISO-8859-1", "ISO-8859-1"), ("UTF-8", "UTF-8")):
        drawn.to_file(path, encoding=written)
        path.with_suffix(".cpg").write_text(said)
        assert read(path)[0].columns["name"] == ["Café", "Ruïne"]


def test_an_archive_is_read_as_its_shapefile_would_be(tmp_path: Path) -> None:
    frame(3).assign(name="Café").to_file(tmp_path / "parcels.shp", encoding="UTF-8")
    (tmp_path / "parcels.cpg").write_text("ISO-8859-1")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for suffix in (".SHP", ".dbf", ".prj", ".cpg"):  # and no index
            archive.write(tmp_path / f"parcels{suffix.lower()}", f"../in [a] folder/parcels{suffix}")
    batch = read(tmp_path / "all.zip")[0]
    assert batch.columns["name"] == ["Café"] * 3 and not shapely.is_missing(batch.geometry).any()
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for folder in ("a", "b"):
            archive.write(tmp_path / "parcels.shp", f"{folder}/parcels.shp")
    with pytest.raises(UnreadableFile, match=r"a/parcels.shp, b/parcels.shp. Say which"):
        open_source(tmp_path / "two.zip")


def test_a_broken_line_of_geojson_is_not_left_out(tmp_path: Path) -> None:
    good = orjson.dumps({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [5, 52]}})
    for name, text in (("a.geojsonl", b"%s\n{broken\n%s\n"), ("b.geojsonl", b"\x1e%s\n\x1e{broken\n\x1e%s\n")):
        (tmp_path / name).write_bytes(text % (good, good))
        with pytest.raises(UnreadableFile, match=r"damaged in line 2"):
            open_source(tmp_path / name)
        (tmp_path / name).write_bytes(text.replace(b"{broken", b"%s") % (good, good, good))
        assert len(read(tmp_path / name)[0]) == 3


@pytest.mark.parametrize(
    "bad", [None, "text", {"type": "feature", "geometry": None}, {"properties": {}, "geometry": None}]
)
def test_a_member_that_is_no_feature_is_not_left_out(tmp_path: Path, bad: object) -> None:
    good = {
        "type": "Feature",
        "properties": {"geometry": "Feature"},
        "geometry": {"type": "Point", "coordinates": [5, 52]},
    }
    path = tmp_path / "places.geojson"
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": [good, bad, good]}))
    with pytest.raises(UnreadableFile, match=r"Member 2 of places.geojson"):
        open_source(path)
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": [good, good]}))
    assert len(read(path)[0]) == 2


@pytest.mark.parametrize("written", ["\ufeff{}", '{{"height": NaN, {}'])
def test_json_that_is_not_strict_loses_nothing_either(tmp_path: Path, written: str) -> None:
    path = tmp_path / "places.geojson"
    members = [feature("a"), {"type": "feature", "geometry": None}, feature("b")]
    strict = orjson.dumps({"type": "FeatureCollection", "features": members}).decode()
    path.write_text(written.format(strict if written[0] != "{" else strict[1:]), "utf-8")
    with pytest.raises(UnreadableFile, match=r"Member 2 of places.geojson"):
        open_source(path)


def test_what_stands_behind_the_end_of_json_is_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.geojsonl").write_bytes(orjson.dumps(feature("a")) + b" " + orjson.dumps(feature("b")))
    (tmp_path / "b.geojsonl").write_bytes(b"%s\nnull\n%s" % (orjson.dumps(feature("a")), orjson.dumps(feature("b"))))
    for name in ("a.geojsonl", "b.geojsonl"):
        with pytest.raises(UnreadableFile, match="damaged"):
            open_source(tmp_path / name)


@pytest.mark.parametrize("name", ["places.csv", "places.gml", "places.gpkg"])
@pytest.mark.parametrize("act", ["cut", "grown", "gone"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, name: str, act: str) -> None:
    path = tmp_path / name
    if path.suffix == ".csv":
        path.write_text("ref,lon,lat\n" + "".join(f"r{at},5,52\n" for at in range(20_000)))
    else:
        frame(2_000).to_file(path)
    batches = read_batches(open_source(path), batch_rows=10)
    assert len(next(batches)) == 10
    match act:
        case "cut":
            os.truncate(path, path.stat().st_size // 2)
        case "grown":
            path.write_bytes(path.read_bytes() + b"z,5,52\n")
        case "gone":
            path.unlink()
    with pytest.raises(UnreadableFile, match=r"changed while it was read|damaged"):
        list(batches)


def test_an_answer_that_a_server_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.geojson"
    whole = {"type": "FeatureCollection", "features": [feature("a")], "properties": {"exceededTransferLimit": False}}
    path.write_bytes(orjson.dumps(whole))
    assert len(read(path)[0]) == 1
    path.write_bytes(orjson.dumps(whole | {"properties": {"exceededTransferLimit": True}}, option=orjson.OPT_INDENT_2))
    with pytest.raises(UnreadableFile, match="lacks rows"):
        open_source(path)


def feature(ref: str) -> dict[str, object]:
    return {"type": "Feature", "properties": {"ref": ref}, "geometry": {"type": "Point", "coordinates": [5, 52]}}


def topology(*places: object) -> bytes:
    """Return a TopoJSON of one object."""
    collection = {"type": "GeometryCollection", "geometries": places}
    return orjson.dumps({"type": "Topology", "arcs": [], "objects": {"a": collection}})


@pytest.mark.parametrize("bad", [{"properties": {}}, None])
def test_a_geometry_of_topojson_without_a_type_is_not_left_out(tmp_path: Path, bad: object) -> None:
    (tmp_path / "a.topojson").write_bytes(topology(point("a"), bad))
    with pytest.raises(UnreadableFile, match=r"Member 2 of a.topojson"):
        open_source(tmp_path / "a.topojson", crs="EPSG:4326")


def point(ref: str) -> dict[str, object]:
    return {"type": "Point", "coordinates": [5, 52], "properties": {"ref": ref}}


@pytest.mark.parametrize("name", ["a.topojson", "a.json", "a.zip"])
def test_a_place_of_topojson_that_nobody_drew_is_a_row_that_is_refused(tmp_path: Path, name: str) -> None:
    text = topology(point("a"), {"type": None, "properties": {"ref": "b"}}, point("c"))
    (tmp_path / name).write_bytes(text)
    if name == "a.zip":
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("in/a.topojson", text)
    (batch,) = read(tmp_path / name, crs="EPSG:4326")
    assert batch.columns["ref"] == ["a", "b", "c"]
    assert [(problem.row, problem.reason) for problem in batch.problems] == [(2, "The geometry is empty.")]
    assert shapely.is_missing(batch.geometry).tolist() == [False, True, False]


FEATURES = [
    {"type": "Feature", "properties": {"ref": f"r{at}"}, "geometry": {"type": "Point", "coordinates": [5, 52]}}
    for at in range(4)
]
COLLECTION = orjson.dumps({"type": "FeatureCollection", "features": FEATURES})
TOPOLOGY = topology(*(point(f"r{at}") for at in range(4)))
LINES = b"\n".join(map(orjson.dumps, FEATURES)) + b"\n"
TEXTS = {
    "a.geojson": COLLECTION,
    "a.geojsonl": LINES,
    "a.topojson": TOPOLOGY,
    "a.csv": b"ref,lon,lat\nr1,5,52\nr2,5,52\nr3,5,52\n",
    "a.kml": b"<kml xmlns='http://www.opengis.net/kml/2.2'><Placemark><name>r2</name></Placemark></kml>",
    "a.gml": b"<gml:p xmlns:gml='http://www.opengis.net/gml'><gml:name>r2</gml:name></gml:p>",
}
ESCAPED = b"r\\u00002"


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        *((name, text.replace(b"r2", nul)) for name, text in TEXTS.items() for nul in (b"r\x002", b"\0", b'r2"}}]}\0')),
        *((name, text + end) for name, text in TEXTS.items() for end in (b"\0", b"\0\0 \n")),
        *((name, text.replace(b"r2", ESCAPED)) for name, text in TEXTS.items() if "json" in name),
    ],
)
def test_a_file_with_a_nul_is_refused_and_not_read_up_to_there(tmp_path: Path, name: str, broken: bytes) -> None:
    (tmp_path / name).write_bytes(broken)
    with pytest.raises(UnreadableFile):
        open_source(tmp_path / name, crs=None if name == "a.geojson" else "EPSG:4326")


def test_a_backslash_before_the_name_of_a_nul_is_a_text_like_any_other(tmp_path: Path) -> None:
    path, text = tmp_path / "a.geojson", COLLECTION.replace(b"r2", rb"a\\u0000b")
    for before in range(10):  # wherever the piece ends in which a file is looked through
        filling = b"x" * (CHUNK_BYTES - text.index(b"\\") - before)
        path.write_bytes(text.replace(b"r1", b"r1" + filling))
        assert read(path)[0].columns["ref"][2] == "a\\u0000b"


def test_a_table_of_a_spreadsheet_is_told_apart(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"ref": ["a"], "lon": [5.0], "lat": [52.0]}), tmp_path / "places.xlsx")
    with pytest.raises(UnreadableFile, match=r"Save it as CSV"):
        open_source(tmp_path / "places.xlsx")


@pytest.mark.parametrize("encoding", ["WKB", "polygon"])
def test_a_geoparquet_whose_column_is_not_what_it_says_is_refused(tmp_path: Path, encoding: str) -> None:
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": encoding}}, "version": "1.1.0"}
    table = pa.table({"geometry": [1, 2]}).replace_schema_metadata({"geo": orjson.dumps(geo)})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(UnreadableFile, match=r"metadata of a.parquet is damaged"):
        read(tmp_path / "a.parquet")


GML = """<?xml version="1.0"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:t="t">{}
</wfs:FeatureCollection>"""
MEMBER = """<gml:featureMember><t:pump><t:ref>{}</t:ref><t:at><gml:Point srsName="{}"><gml:coordinates>{}
</gml:coordinates></gml:Point></t:at></t:pump></gml:featureMember>"""


def test_no_place_of_a_file_in_two_crs_lands_elsewhere(tmp_path: Path) -> None:
    rows = [MEMBER.format("A", "EPSG:28992", "121000,487000"), MEMBER.format("B", "EPSG:4326", "5,52")]
    (tmp_path / "two.gml").write_text(GML.format("".join(rows)))
    for crs in (None, "EPSG:28992"):
        with pytest.raises(UnknownCRS, match=r"two.gml names several CRSs \(EPSG:28992, EPSG:4326\)"):
            open_source(tmp_path / "two.gml", crs=crs)
    spelled = ("EPSG:28992", "urn:ogc:def:crs:EPSG::28992", "http://www.opengis.net/gml/srs/epsg.xml#28992")
    same = [MEMBER.format(at, name, "121000,487000") for at, name in enumerate(spelled)]
    (tmp_path / "one.gml").write_text(GML.format("".join(same)))
    (batch,) = read(tmp_path / "one.gml", crs="EPSG:28992")
    assert batch.columns["ref"] == [0, 1, 2] and len(set(shapely.to_wkt(batch.geometry, rounding_precision=6))) == 1


def test_a_packed_gml_without_a_crs_is_asked_for_one_and_one_in_two_is_refused(tmp_path: Path) -> None:
    for name, crs in (("none", ()), ("two", ("EPSG:28992", "EPSG:4326"))):
        rows = [MEMBER.format(at, known, "5,52") for at, known in enumerate(crs or ("",))]
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr(f"{name}.gml", GML.format("".join(rows).replace(' srsName=""', "")))
    with pytest.raises(UnknownCRS, match=r"none.zip does not say which CRS"):
        open_source(tmp_path / "none.zip")
    assert open_source(tmp_path / "none.zip", crs="EPSG:4326").count == 1
    with pytest.raises(UnknownCRS, match=r"two.zip names several CRSs"):
        open_source(tmp_path / "two.zip", crs="EPSG:28992")


def test_xml_that_ends_in_the_middle_is_refused_in_an_archive_too(tmp_path: Path) -> None:
    whole = GML.format("".join(MEMBER.format(at, "EPSG:28992", "121000,487000") for at in range(9)))
    (tmp_path / "cut.gml").write_text(whole[:-400])
    with zipfile.ZipFile(tmp_path / "cut.zip", "w") as archive:
        archive.write(tmp_path / "cut.gml", "cut.gml")
    for name in ("cut.gml", "cut.zip"):
        with pytest.raises(UnreadableFile, match=rf"{name} is damaged in line \d+"):
            open_source(tmp_path / name)
