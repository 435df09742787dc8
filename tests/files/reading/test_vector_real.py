"""Real and dirty files that others published: each ends in rows, in problems of rows, or in one sentence."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from geocommons.errors import GeoCommonsError, UnknownCRS, UnreadableFile
from geocommons.files.reading.vector import Batch, open_source, read_batches

ROOT = Path(__file__).resolve().parents[3]
NASTY = Path(os.environ.get("GEOCOMMONS_REALDATA") or ROOT.parent / "shared" / "realdata") / "nasty"
SIDECARS = {".dbf", ".shx", ".prj", ".gfs"}
NASTY_NAMES = sorted(path.name for path in NASTY.glob("*") if path.suffix not in SIDECARS) or ["(none here)"]


def read(path: Path, **options: str) -> Batch:
    """Return all rows of a file as one batch."""
    batches = list(read_batches(open_source(path, **options), batch_rows=100_000))
    assert len(batches) == 1
    return batches[0]


def bounds(batch: Batch) -> list[float]:
    return shapely.total_bounds(batch.geometry).tolist()


@pytest.mark.parametrize("name", NASTY_NAMES)
@pytest.mark.parametrize("crs", [None, "EPSG:4326"])
def test_every_nasty_file_ends_in_rows_or_in_one_sentence(
    realdata: Path, name: str, crs: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (realdata / "nasty").iterdir()}
    try:
        for batch in read_batches(open_source(realdata / "nasty" / name, crs=crs), batch_rows=50):
            blamed = {problem.row - batch.first_row for problem in batch.problems}
            assert all(batch.geometry[position] is None for position in blamed)
            assert len(batch.rows()) == len(batch)
            finite = shapely.get_coordinates(batch.geometry)
            assert np.isfinite(finite).all() and (np.abs(finite) <= (180.0001, 90.0001)).all()
    except GeoCommonsError as refusal:
        assert str(refusal).endswith(".") and "\n" not in str(refusal)
    assert {path: path.stat().st_mtime_ns for path in (realdata / "nasty").iterdir()} == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "refusal", "words"),
    [
        ("mixed_crs.gpkg", UnreadableFile, "oregon_2269, oregon_4326"),
        ("shared_vs_unshared_paths.gpkg", UnreadableFile, "roads, counties, state"),
        ("cerknicko-jezero.gpx", UnreadableFile, "waypoints, tracks"),
        ("nospatial.gpkg", UnreadableFile, "no layer with geometry"),
        ("null_crs_gdal.gpkg", UnknownCRS, "--crs"),
        ("storms_xyzm.shp", UnknownCRS, "--crs"),
        ("blockgroups.zip", UnknownCRS, "--crs"),
        ("example-crs_vermont-crs84-unknown.parquet", UnreadableFile, "geo"),
        ("utf8_bom.csv", UnreadableFile, "--x and --y"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(
    realdata: Path, name: str, refusal: type[GeoCommonsError], words: str
) -> None:
    with pytest.raises(refusal, match=words):
        open_source(realdata / "nasty" / name)


def test_feet_land_in_new_york(realdata: Path) -> None:
    source = open_source(realdata / "nasty" / "nyc_councildistricts_8_epsg2263.geojson")
    west, south, east, north = bounds(next(read_batches(source)))
    assert source.crs_from == "file" and source.count == 8
    assert -74.06 < west < east < -73.9 and 40.67 < south < north < 40.85


def test_latitude_first_lands_in_finland(realdata: Path) -> None:
    west, south, east, north = bounds(read(realdata / "nasty" / "fmi_test.gml"))
    assert 23 < west < east < 27 and 59 < south < north < 61


def test_nad27_is_shifted_to_wgs84(realdata: Path) -> None:
    path = realdata / "cambridge_ma" / "boston_tracts_1970_population.shp"
    source = open_source(path)
    here = shapely.get_coordinates(read(path).geometry)[0]
    unshifted = shapely.get_coordinates(np.asarray(gpd.read_file(path).geometry))[0]
    shift_m = Geod(ellps="WGS84").inv(*unshifted, *here)[2]
    assert 35 < shift_m < 55
    assert source.accuracy_m == 10


def test_latin_1_text_is_read_right_without_a_code_page(realdata: Path) -> None:
    assert read(realdata / "nasty" / "latin1-property.shp").rows() == [{"name": "México"}]
    batch = read(realdata / "nasty" / "pyshp_latin1_noshx.shp", crs="EPSG:4326")
    assert "Ñandú" in [value for row in batch.rows() for value in row.values()]


def test_a_shapefile_without_its_index_is_read_and_stays_as_it_was(realdata: Path) -> None:
    batch = read(realdata / "nasty" / "pyshp_latin1_noshx.shp", crs="EPSG:4326")
    assert len(batch) == 1 and batch.geometry[0] is not None
    assert not (realdata / "nasty" / "pyshp_latin1_noshx.shx").exists()


def test_measures_are_left_out(realdata: Path) -> None:
    batch = read(realdata / "nasty" / "storms_xyzm.shp", crs="EPSG:4326")
    assert len(batch) == 71 and not shapely.has_z(batch.geometry).any() and not shapely.has_m(batch.geometry).any()


def test_curves_come_as_segments(realdata: Path) -> None:
    assert [g.geom_type for g in read(realdata / "nasty" / "curve.gpkg").geometry] == ["LineString"]
    assert [g.geom_type for g in read(realdata / "nasty" / "multisurface.gpkg").geometry] == ["MultiPolygon"]


@pytest.mark.parametrize("name", [name for name in NASTY_NAMES if name.startswith(("antimeridian", "NZ"))])
def test_what_crosses_the_antimeridian_stays_as_it_was_drawn(realdata: Path, name: str) -> None:
    path = realdata / "nasty" / name
    drawn = shapely.from_geojson(path.read_text())
    drawn = drawn.geoms[0] if isinstance(drawn, shapely.GeometryCollection) else drawn
    assert shapely.equals_exact(read(path).geometry[0], shapely.force_2d(drawn))


def test_null_and_empty_geometries_are_told_apart(realdata: Path) -> None:
    batch = read(realdata / "nasty" / "data-linestring-encoding_wkb.parquet")
    assert [geometry is None for geometry in batch.geometry] == [False, True, True]
    assert [(problem.row, problem.reason) for problem in batch.problems] == [(2, "The geometry is empty.")]


def test_one_point_lines_are_problems_of_their_rows(realdata: Path) -> None:
    batch = read(realdata / "cambridge_ma" / "TRANS_SidewalkCenterlines.topojson", crs="EPSG:4326")
    assert len(batch) == 13412
    assert {problem.reason for problem in batch.problems} == {"The geometry cannot be decoded."}
    assert len(batch.problems) == 59


def test_a_layer_that_is_named_is_read(realdata: Path) -> None:
    oregon = [read(realdata / "nasty" / "mixed_crs.gpkg", layer=layer) for layer in ("oregon_2269", "oregon_4326")]
    assert np.allclose(bounds(oregon[0]), bounds(oregon[1]), atol=1e-4)


def test_an_undefined_crs_is_no_crs(realdata: Path) -> None:
    with pytest.raises(UnknownCRS, match="--crs"):
        open_source(realdata / "rivers" / "hydamo_oostrumschebeek.gpkg", layer="profiellijn")


@pytest.mark.parametrize(
    ("name", "crs", "rows", "place"),
    [
        ("CambridgeSew_Catchbasin_filtered.csv", "EPSG:4326", 5457, (-71.17, 42.35, -71.06, 42.41)),
        ("Everett_Drain_Catch_Basin_WGS84_20220421.csv", None, 1852, (-71.08, 42.38, -71.02, 42.43)),
        ("Watertown_catchbasins_LatLong_20220623.csv", "EPSG:4326", 4436, (-71.23, 42.35, -71.13, 42.40)),
        ("giessdenkiez_waterings_2021-07.csv", None, 18225, (13.0, 52.3, 13.8, 52.7)),
        ("medford_drains.csv", None, 3400, (-71.15, 42.39, -71.06, 42.46)),
    ],
)
def test_tables_of_adopted_things_land_in_their_city(
    realdata: Path, name: str, crs: str | None, rows: int, place: tuple[float, ...]
) -> None:
    batch = read(realdata / "adoption" / name, **({"crs": crs} if crs else {}))
    assert len(batch) == rows and not batch.problems
    west, south, east, north = bounds(batch)
    assert place[0] < west < east < place[2] and place[1] < south < north < place[3]


def test_columns_called_x_and_y_need_a_crs(realdata: Path) -> None:
    path = realdata / "vacant_lots_new_orleans" / "uncommitted_properties.csv"
    with pytest.raises(UnknownCRS, match="--crs"):
        open_source(path)
    west, south, east, north = bounds(read(path, crs="EPSG:4326"))
    assert -90.2 < west < east < -89.7 and 29.9 < south < north < 30.1


def test_a_crs_without_a_code_is_followed(realdata: Path) -> None:
    source = open_source(realdata / "streets" / "liege_fua_streets.parquet")
    west, south, east, north = bounds(next(read_batches(source)))
    assert 5 < west < east < 6 and 50.4 < south < north < 51
