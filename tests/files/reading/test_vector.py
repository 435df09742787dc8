"""Vector files that the tests write themselves: what is read, what is refused, and which rows have problems."""

import json
import shutil
import struct
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from geocommons.errors import GeoCommonsError, InvalidInput, NotFound, UnknownCRS, UnreadableFile
from geocommons.files.reading.batches import Problems, decode_wkb
from geocommons.files.reading.vector import Batch, open_source, read_batches

RD_ARNHEM = (190_000.0, 444_000.0)
FORMATS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf", ".shp": "ESRI Shapefile", ".gml": "GML"}


def read(path: Path, **options: str) -> list[Batch]:
    return list(read_batches(open_source(path, **options), batch_rows=40))


def frame(rows: int = 100, crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    xy = np.column_stack([5 + np.arange(rows) / 100, np.full(rows, 52.0)])
    return gpd.GeoDataFrame(
        {"ref": [f"é{n}" for n in range(rows)], "units": np.arange(rows)},
        geometry=shapely.buffer(shapely.points(xy), 0.002, quad_segs=2),
        crs="EPSG:4326",
    ).to_crs(crs)


def write_geojson(path: Path, *geometries: object, crs: object = None) -> Path:
    features = [{"type": "Feature", "properties": {"n": n}, "geometry": g} for n, g in enumerate(geometries)]
    body: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(body | ({"crs": crs} if crs else {})))
    return path


def point(x: float, y: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [x, y]}


def named(crs: str) -> dict[str, object]:
    return {"type": "name", "properties": {"name": crs}}


@pytest.mark.parametrize("suffix", [*FORMATS, ".parquet"])
def test_every_format_gives_the_same_rows_in_batches(tmp_path: Path, suffix: str) -> None:
    path, drawn = tmp_path / f"parcels{suffix}", frame()
    drawn.to_parquet(path) if suffix == ".parquet" else drawn.to_file(path, driver=FORMATS[suffix])
    if suffix == ".fgb":
        drawn.to_file(path, driver="FlatGeobuf", SPATIAL_INDEX="NO")  # its index changes the order of rows
    batches = read(path)
    assert [(batch.first_row, len(batch)) for batch in batches] == [(1, 40), (41, 40), (81, 20)]
    assert [row["ref"] for batch in batches for row in batch.rows(["ref"])] == list(drawn["ref"])
    came = np.concatenate([batch.geometry for batch in batches])
    assert shapely.equals_exact(shapely.normalize(came), shapely.normalize(np.asarray(drawn.geometry)), 1e-6).all()


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".fgb", ".parquet"])
def test_metres_land_where_the_degrees_are(tmp_path: Path, suffix: str) -> None:
    path, drawn = tmp_path / f"parcels{suffix}", frame(3, "EPSG:28992")
    drawn.to_parquet(path) if suffix == ".parquet" else drawn.to_file(path, driver=FORMATS[suffix])
    came = shapely.get_coordinates(read(path)[0].geometry)
    assert np.allclose(sorted(came.tolist()), sorted(shapely.get_coordinates(frame(3).geometry).tolist()), atol=1e-5)


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "parcels.gpkg")
    source = open_source(tmp_path / "parcels.gpkg")
    assert list(next(read_batches(source, columns=["units"])).columns) == ["units"]
    assert next(read_batches(source, columns=[])).rows()[:2] == [{}, {}]
    with pytest.raises(InvalidInput, match="has no column apn. It has: ref, units"):
        next(read_batches(source, columns=["apn"]))


@pytest.mark.parametrize("suffix", [*FORMATS, ".parquet"])
@pytest.mark.parametrize("share", [0.2, 0.55, 0.97])
def test_a_file_that_is_cut_off_never_passes_for_a_short_one(tmp_path: Path, suffix: str, share: float) -> None:
    path, drawn = tmp_path / f"parcels{suffix}", frame(500)
    drawn.to_parquet(path) if suffix == ".parquet" else drawn.to_file(path, driver=FORMATS[suffix])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableFile, match=path.name):
        read(path)


def test_a_table_that_is_cut_off_beside_its_shapes_is_refused(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "parcels.shp")
    dbf = tmp_path / "parcels.dbf"
    dbf.write_bytes(dbf.read_bytes()[:-500])
    with pytest.raises(UnreadableFile, match=r"parcels.dbf is cut off"):
        open_source(tmp_path / "parcels.shp")


@given(
    st.binary(min_size=1, max_size=300), st.sampled_from([*FORMATS, ".parquet", ".csv", ".txt", ".zip", ".kmz", ".png"])
)
def test_whatever_the_bytes_are_the_answer_is_rows_or_one_sentence(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"thing{suffix}"
        path.write_bytes(content)
        try:
            read(path, crs="EPSG:4326")
        except GeoCommonsError as refusal:
            assert str(refusal).endswith(".")


def test_what_is_not_there_or_is_no_map_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        open_source(tmp_path / "none.gpkg")
    with pytest.raises(UnreadableFile, match="is a folder"):
        open_source(tmp_path)
    (tmp_path / "empty.geojson").touch()
    with pytest.raises(UnreadableFile, match="0 bytes"):
        open_source(tmp_path / "empty.geojson")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.7\n" + bytes(100))
    for name in ("photo.png", "plan.pdf"):
        with pytest.raises(UnreadableFile, match="not a vector file"):
            open_source(tmp_path / name)


def test_a_geojson_without_a_crs_is_in_degrees(tmp_path: Path) -> None:
    source = open_source(write_geojson(tmp_path / "a.geojson", point(5, 52)))
    assert (source.crs.to_epsg(), source.crs_from) == (4326, "file")


def test_a_geojson_of_metres_needs_its_crs_said(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", point(*RD_ARNHEM))
    with pytest.raises(UnknownCRS, match="no degrees.*--crs"):
        open_source(path)
    assert read(path, crs="EPSG:28992")[0].geometry[0].distance(shapely.Point(5.9, 51.98)) < 0.02


def test_a_geojson_that_names_a_crs_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", *[point(5, 52)] * 2_000, crs=named("our own grid"))
    turned = dict(reversed(json.loads(path.read_bytes()).items()))
    for _ in ("before the features", "behind them"):
        with pytest.raises(UnknownCRS, match="does not say"):
            open_source(path)
        path.write_text(json.dumps(turned))


def test_one_slip_in_a_geojson_of_degrees_is_a_problem_of_its_row(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", point(5, 52), point(5.1, 5200), point(5.2, 52))
    assert [problem.row for problem in read(path)[0].problems] == [2]


@pytest.mark.parametrize("zipped", [False, True])
def test_the_crs_member_of_an_older_geojson_is_followed(tmp_path: Path, zipped: bool) -> None:
    path = write_geojson(tmp_path / "a.geojson", point(*RD_ARNHEM), crs=named("urn:ogc:def:crs:EPSG::28992"))
    if zipped:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(path, "maps/a.geojson")
        path = tmp_path / "a.zip"
    assert read(path)[0].geometry[0].distance(shapely.Point(5.9, 51.98)) < 0.02


def test_a_crs_that_contradicts_the_file_is_refused(tmp_path: Path) -> None:
    frame(3, "EPSG:28992").to_file(tmp_path / "a.gpkg")
    with pytest.raises(UnknownCRS, match="EPSG:28992, not EPSG:31370"):
        open_source(tmp_path / "a.gpkg", crs="EPSG:31370")
    assert open_source(tmp_path / "a.gpkg", crs="EPSG:28992").crs_from == "file"
    with pytest.raises(UnknownCRS, match="not a known CRS"):
        open_source(tmp_path / "a.gpkg", crs="the usual one")


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".parquet"])
@pytest.mark.parametrize("code", [28992, 7415, 2263, 26986, 27700, 31370, 4267, 2154])
def test_a_crs_is_the_same_however_the_file_writes_it(tmp_path: Path, suffix: str, code: int) -> None:
    area = CRS(code).area_of_use
    assert area is not None
    middle = shapely.Point((area.west + area.east) / 2, (area.south + area.north) / 2)
    drawn = gpd.GeoDataFrame({"n": [1]}, geometry=[middle], crs=4326).to_crs(CRS(code).to_2d())
    path = tmp_path / f"a{suffix}"
    drawn.to_parquet(path) if suffix == ".parquet" else drawn.to_file(path)
    source = open_source(path, crs=f"EPSG:{code}")
    assert source.crs_from == "file"
    assert next(read_batches(source)).geometry[0].distance(middle) < 1e-7


def test_a_datum_that_cannot_be_related_to_wgs84_is_refused(tmp_path: Path) -> None:
    local = "+proj=tmerc +lat_0=52 +lon_0=5 +ellps=bessel +units=m +no_defs"
    path = write_geojson(tmp_path / "a.geojson", point(1000, 1000))
    with pytest.raises(UnknownCRS, match="cannot be related to WGS84"):
        open_source(path, crs=local)
    assert open_source(path, crs=local.replace("bessel", "GRS80")).crs_from == "argument"


def test_a_datum_that_the_file_leaves_out_can_be_said(tmp_path: Path) -> None:
    kind = "CoordSys Earth Projection 20, 109, 7, 5.387638889, 52.156160556, 0.9999079, 155000, 463000"
    mif = tmp_path / "places.mif"
    mif.write_text(f'Version 300\nDelimiter ","\n{kind}\nColumns 1\n  ref Char(10)\nData\n\nPoint 190000 444000\n')
    mif.with_suffix(".mid").write_text('"a"\n')
    with pytest.raises(UnknownCRS, match="cannot be related"):
        open_source(mif)
    with pytest.raises(UnknownCRS, match="says that it is in"):
        open_source(mif, crs="EPSG:31370")
    placed = read(mif, crs="EPSG:28992")[0].geometry[0]
    assert placed.distance(shapely.Point(5.896685, 51.983295)) < 1e-5


def test_coordinates_that_no_place_on_earth_has_are_problems_of_their_rows(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", point(5, 52), point(200, 52), None, crs=None)
    batch = read(path)[0]
    assert [geometry is None for geometry in batch.geometry] == [False, True, True]
    assert [(problem.row, problem.column) for problem in batch.problems] == [(2, "geometry")]
    assert "outside the world" in batch.problems[0].reason and "CRS" in batch.problems[0].remedy
    far = write_geojson(tmp_path / "b.geojson", point(1e30, 1e30), point(*RD_ARNHEM), crs=named("EPSG:28992"))
    assert [problem.row for problem in read(far)[0].problems] == [1]


def test_degrees_under_a_crs_of_metres_are_refused(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", point(5, 52), crs=named("EPSG:28992"))
    with pytest.raises(UnknownCRS, match="look like degrees"):
        read(path)


def test_several_layers_are_refused_and_one_with_rows_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame(3).to_file(path, layer="lots")
    frame(3).iloc[:0].to_file(path, layer="empty", geometry_type="Polygon")
    assert open_source(path).layer == "lots"
    frame(3).to_file(path, layer="old lots")
    with pytest.raises(UnreadableFile, match="lots, old lots. Say which with --layer"):
        open_source(path)
    assert open_source(path, layer="old lots").count == 3
    with pytest.raises(InvalidInput, match="no layer streets"):
        open_source(path, layer="streets")


def test_an_archive_of_several_files_is_refused_unless_one_is_named(tmp_path: Path) -> None:
    for name in ("lots", "parks"):
        write_geojson(tmp_path / f"{name}.geojson", point(5, 52))
    with zipfile.ZipFile(tmp_path / "city.zip", "w") as archive:
        archive.write(tmp_path / "lots.geojson", "lots.geojson")
        archive.write(tmp_path / "parks.geojson", "green/parks.geojson")
    with pytest.raises(UnreadableFile, match="lots"):
        open_source(tmp_path / "city.zip")
    source = open_source(tmp_path / "city.zip", layer="parks")
    assert len(next(read_batches(source))) == 1
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(UnreadableFile, match="holds no vector file"):
        open_source(tmp_path / "none.zip")


def test_a_layer_of_a_file_in_an_archive_can_be_named(tmp_path: Path) -> None:
    for layer in ("lots", "parks"):
        frame(3).to_file(tmp_path / "city.gpkg", layer=layer)
    with zipfile.ZipFile(tmp_path / "city.zip", "w") as archive:
        archive.write(tmp_path / "city.gpkg", "city.gpkg")
    with pytest.raises(UnreadableFile, match="lots, parks. Say which with --layer"):
        open_source(tmp_path / "city.zip")
    assert len(read(tmp_path / "city.zip", layer="parks")[0]) == 3


def test_a_file_that_points_to_other_files_is_refused(tmp_path: Path) -> None:
    frame(3).to_file(tmp_path / "lots.gpkg")
    pointer = (
        f'<OGRVRTDataSource><OGRVRTLayer name="lots"><SrcDataSource>{tmp_path}/lots.gpkg</SrcDataSource></OGRVRTLayer>'
    )
    (tmp_path / "lots.json").write_text(pointer + "</OGRVRTDataSource>")
    with pytest.raises(UnreadableFile, match="only points"):
        open_source(tmp_path / "lots.json")


def test_dates_and_blanks_keep_their_kind(tmp_path: Path) -> None:
    drawn = frame(3).assign(since=pd.to_datetime(["2020-01-01", None, "2021-05-05"]), share=[0.5, None, 1.0], ok=True)
    drawn.to_file(tmp_path / "a.gpkg")
    rows = read(tmp_path / "a.gpkg")[0].rows(["since", "share", "ok"])
    assert rows[0] == {"since": datetime(2020, 1, 1, tzinfo=UTC), "share": 0.5, "ok": True}
    assert rows[1] == {"since": None, "share": None, "ok": True}


def test_an_index_that_is_missing_is_made_elsewhere(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "a.shp")
    whole = read(tmp_path / "a.shp")
    (tmp_path / "a.shx").unlink()
    before = sorted(path.name for path in tmp_path.iterdir())
    rebuilt = read(tmp_path / "a.shp")
    assert all(shapely.equals(one.geometry, two.geometry).all() for one, two in zip(whole, rebuilt, strict=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(("encoding", "text"), [("utf-8", "Zürich – Łódź"), ("cp1252", "Düsseldorf, Café")])
def test_the_encoding_of_a_table_without_code_page_is_found(tmp_path: Path, encoding: str, text: str) -> None:
    gpd.GeoDataFrame({"name": [text]}, geometry=[shapely.Point(5, 52)], crs=4326).to_file(
        tmp_path / "a.shp", encoding=encoding
    )
    (tmp_path / "a.cpg").unlink()
    dbf = bytearray((tmp_path / "a.dbf").read_bytes())
    dbf[29] = 0
    (tmp_path / "a.dbf").write_bytes(dbf)
    assert read(tmp_path / "a.shp")[0].rows() == [{"name": text}]


def test_names_in_capitals_are_the_same_shapefile(tmp_path: Path) -> None:
    frame(3).to_file(tmp_path / "a.shp", encoding="utf-8")
    for path in list(tmp_path.iterdir()):
        path.rename(tmp_path / path.name.upper())
    assert [row["ref"] for row in read(tmp_path / "A.SHP")[0].rows()] == ["é0", "é1", "é2"]
    (tmp_path / "A.SHX").unlink()
    assert [row["ref"] for row in read(tmp_path / "A.SHP")[0].rows()] == ["é0", "é1", "é2"]


def test_a_file_geodatabase_is_a_folder_that_is_read(tmp_path: Path) -> None:
    frame(3)[["ref", "geometry"]].to_file(tmp_path / "a.gdb", driver="OpenFileGDB", layer="lots")
    assert [row["ref"] for row in read(tmp_path / "a.gdb")[0].rows(["ref"])] == ["é0", "é1", "é2"]


def test_lines_of_geojson_are_read(tmp_path: Path) -> None:
    frame(3).to_file(tmp_path / "a.geojsonl", driver="GeoJSONSeq")
    assert len(read(tmp_path / "a.geojsonl")[0]) == 3


def test_lines_of_one_point_and_open_rings_do_not_spoil_their_neighbours() -> None:
    one_point = struct.pack("<BIIdd", 1, 2, 1, 5.0, 52.0)
    open_ring = struct.pack("<BIII8d", 1, 3, 1, 4, 0, 0, 1, 0, 1, 1, 0, 1)
    good = shapely.to_wkb(shapely.Point(5, 52))
    problems = Problems(11, "geometry")
    geometries = decode_wkb(np.array([good, one_point, None, open_ring, b"rubbish"], dtype=object), problems)
    assert [geometry is None for geometry in geometries] == [False, True, True, True, True]
    assert [problem.row for problem in problems.in_order()] == [12, 14, 15]


def test_curves_that_cannot_be_straightened_are_problems_of_their_rows() -> None:
    curve = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
    problems = Problems(1, "geometry")
    geometries = decode_wkb(np.array([shapely.to_wkb(shapely.Point(5, 52)), curve], dtype=object), problems)
    assert geometries[0] == shapely.Point(5, 52) and geometries[1] is None
    assert "curve" in problems.in_order()[0].reason


def write_geoparquet(path: Path, column: dict[str, object] | None) -> Path:
    table = pa.table({"n": [1, 2], "geometry": [shapely.to_wkb(shapely.Point(5, 52)), None]})
    if column is not None:
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
        table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path)
    return path


def test_a_geoparquet_without_crs_is_in_degrees_and_one_with_a_null_crs_is_refused(tmp_path: Path) -> None:
    silent = {"encoding": "WKB", "geometry_types": ["Point"]}
    assert open_source(write_geoparquet(tmp_path / "a.parquet", silent)).crs_from == "file"
    with pytest.raises(UnknownCRS, match="--crs"):
        open_source(write_geoparquet(tmp_path / "b.parquet", silent | {"crs": None}))
    assert open_source(tmp_path / "b.parquet", crs="EPSG:4326").crs_from == "argument"
    with pytest.raises(UnreadableFile, match="geo"):
        open_source(write_geoparquet(tmp_path / "c.parquet", None))
    with pytest.raises(UnreadableFile, match="damaged"):
        open_source(write_geoparquet(tmp_path / "d.parquet", {"encoding": "runes"}))


def test_geoparquet_with_native_arrays_is_read(tmp_path: Path) -> None:
    frame().to_parquet(tmp_path / "a.parquet", geometry_encoding="geoarrow")
    came = np.concatenate([batch.geometry for batch in read(tmp_path / "a.parquet")])
    assert shapely.equals(came, np.asarray(frame().geometry)).all()


def test_reading_leaves_no_trace_beside_the_file(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "a.gml", driver="GML")
    for path in tmp_path.glob("*.gfs"):
        path.unlink()
    before = sorted(path.name for path in tmp_path.iterdir())
    read(tmp_path / "a.gml")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    shutil.rmtree(tmp_path)
