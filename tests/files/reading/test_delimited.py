"""Delimited text with coordinates: separators, encodings, names of columns, and rows that cannot be placed."""

from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geocommons.errors import InvalidInput, UnknownCRS, UnreadableFile
from geocommons.files.reading.batches import Problems
from geocommons.files.reading.delimited import _numbers
from geocommons.files.reading.vector import Batch, open_source, read_batches


def read(path: Path, **options: str) -> Batch:
    return next(read_batches(open_source(path, **options)))


def write(folder: Path, text: str | bytes, name: str = "sites.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("x", "y"),
    [("lon", "lat"), ("Longitude", "LATITUDE"), ("Longtitude", "Latitude"), (" lng ", " lat"), ("LONG", "Lat")],
)
def test_columns_of_degrees_are_recognised(tmp_path: Path, separator: str, x: str, y: str) -> None:
    path = write(tmp_path, f"name{separator}{y}{separator}{x}\r\nPump{separator}52.5{separator}13.25\r\n")
    source = open_source(path)
    assert (source.crs.to_epsg(), source.crs_from) == (4326, "file")
    batch = next(read_batches(source, columns=["name"]))
    assert batch.geometry[0] == shapely.Point(13.25, 52.5) and batch.rows() == [{"name": "Pump"}]


@pytest.mark.parametrize(("x", "y"), [("x", "y"), ("X", "Y"), ("POINT_X", "POINT_Y"), ("easting", "northing")])
def test_columns_of_any_other_name_need_a_crs(tmp_path: Path, x: str, y: str) -> None:
    path = write(tmp_path, f"{x},{y}\n190000,444000\n")
    with pytest.raises(UnknownCRS, match=r"Say it with --crs"):
        open_source(path)
    assert read(path, crs="EPSG:28992").geometry[0].distance(shapely.Point(5.9, 51.98)) < 0.02


def test_columns_that_are_named_are_taken(tmp_path: Path) -> None:
    path = write(tmp_path, "rechts,hoch\n190000,444000\n")
    with pytest.raises(UnreadableFile, match="--x and --y. It has: rechts, hoch"):
        open_source(path)
    assert read(path, x="rechts", y="hoch", crs="EPSG:28992").geometry[0] is not None
    with pytest.raises(UnknownCRS):
        open_source(path, x="rechts", y="hoch")
    with pytest.raises(InvalidInput, match="both"):
        open_source(path, x="rechts")
    with pytest.raises(InvalidInput, match="no column breite"):
        open_source(path, x="rechts", y="breite")


def test_columns_in_doubt_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="lon, lng, lat. Say which"):
        open_source(write(tmp_path, "lon,lng,lat\n1,1,2\n"))
    with pytest.raises(UnreadableFile, match="lon, lon_3, lat. Say which"):
        open_source(write(tmp_path, "ref,lon,lon,lat\na,1,5,2\n"))


def test_degrees_by_name_are_not_metres(tmp_path: Path) -> None:
    path = write(tmp_path, "lon,lat\n5,52\n")
    with pytest.raises(UnknownCRS, match="are degrees, but EPSG:28992 is not"):
        open_source(path, crs="EPSG:28992")
    assert open_source(path, crs="EPSG:4258").crs_from == "argument"


def test_the_line_that_tells_excel_the_separator_is_followed(tmp_path: Path) -> None:
    batch = read(write(tmp_path, "sep=;\nref;lon;lat\na;13,25;52,5\n"))
    assert batch.geometry[0] == shapely.Point(13.25, 52.5) and batch.columns["ref"] == ["a"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(tmp_path: Path, encoding: str) -> None:
    batch = read(write(tmp_path, "ref,lon,lat\nCafé,5,52\n".encode(encoding)))
    assert batch.columns["ref"] == ["Café"] and batch.geometry[0] == shapely.Point(5, 52)


def test_decimal_commas_are_read_where_commas_do_not_separate(tmp_path: Path) -> None:
    assert read(write(tmp_path, "lon;lat\n13,25;52,5\n")).geometry[0] == shapely.Point(13.25, 52.5)


def test_rows_that_cannot_be_placed_say_why(tmp_path: Path) -> None:
    text = "ref,lon,lat\na,13,52\nb,,\nc,<Null>, \nd,13,\ne,here,52\nf,13,95\ng,13\nh,13,52,too,many\n"
    batch = read(write(tmp_path, text))
    assert [geometry is not None for geometry in batch.geometry] == [True] + [False] * 7
    reasons = {problem.row: (problem.column, problem.reason) for problem in batch.problems}
    assert sorted(reasons) == [4, 5, 6, 7, 8]
    assert "missing" in reasons[4][1] and reasons[5] == ("lon", "A coordinate is not a number.")
    assert "outside" in reasons[6][1] and "fields" in reasons[7][1] and "fields" in reasons[8][1]
    assert reasons[6][0] == "lon, lat" and reasons[7][0] == reasons[8][0] == ""
    assert batch.columns["ref"] == list("abcdefgh")


def test_metres_with_a_sign_for_thousands_are_not_taken_for_a_thousandth(tmp_path: Path) -> None:
    for name, rows in (
        ("dots.csv", "x;y\n155.000;463.000\n155.000;463000\n0.25;463.1\n"),
        ("commas.tsv", "x\ty\n155,000\t463,000\n"),
    ):
        batch = read(write(tmp_path, rows, name), crs="EPSG:28992")
        assert [problem.row for problem in batch.problems] == [1]
        assert "thousands" in batch.problems[0].reason and batch.geometry[0] is None
    assert read(write(tmp_path, "lon;lat\n5.123;52.123\n")).problems == []


def test_an_underscore_is_no_digit(tmp_path: Path) -> None:
    batch = read(write(tmp_path, "lon,lat\n4_9,52\n4.9,52\n"))
    assert [problem.row for problem in batch.problems] == [1] and batch.geometry[1] == shapely.Point(4.9, 52)


def test_well_known_text_is_a_geometry(tmp_path: Path) -> None:
    path = write(tmp_path, 'name,wkt\nA,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\nB,\nC,POINT (not)\n')
    with pytest.raises(UnknownCRS):
        open_source(path)
    batch = read(path, crs="EPSG:4326")
    assert batch.geometry[0].area == 0.5 and [problem.row for problem in batch.problems] == [3]


def test_the_srid_of_extended_wkt_is_the_crs_of_the_file(tmp_path: Path) -> None:
    source = open_source(write(tmp_path, "the_geom\nSRID=28992;POINT (190000 444000)\n"))
    assert (source.crs.to_epsg(), source.crs_from) == (28992, "file")
    assert next(read_batches(source)).geometry[0].distance(shapely.Point(5.9, 51.98)) < 0.02


def test_a_row_in_another_crs_than_the_file_is_not_placed(tmp_path: Path) -> None:
    rows = [f"SRID=4326;POINT (4.{at:03d} 52)" for at in range(120)]
    path = write(tmp_path, "\n".join(["wkt", *rows, "SRID=4258;POINT (4.9 52)", "SRID=99999;POINT (4.9 52)"]) + "\n")
    batch = read(path)
    assert [problem.row for problem in batch.problems] == [121, 122]
    assert "CRS of the file" in batch.problems[0].reason and batch.geometry[120] is None
    mixed = write(tmp_path, "wkt\nSRID=28992;POINT (5 52)\nSRID=4326;POINT (5 52)\n", "mixed.csv")
    assert [problem.row for problem in read(mixed, crs="EPSG:4326").problems] == [1]


def test_curves_do_not_spoil_their_neighbours(tmp_path: Path) -> None:
    text = 'wkt\n"CIRCULARSTRING (0 0, 1 1, 2 0)"\n"CURVEPOLYGON ((0 0, 1 0, 1 1, 0 0))"\n"LINESTRING (0 0, 1 1)"\n'
    batch = read(write(tmp_path, text), crs="EPSG:4326")
    assert [problem.row for problem in batch.problems] == [1, 2] and batch.geometry[2].length > 1
    assert "curve" in batch.problems[0].reason


def test_a_column_called_geometry_that_holds_none_is_passed_over(tmp_path: Path) -> None:
    assert open_source(write(tmp_path, "geometry,lon,lat\ngood,5,52\n")).coordinates == ("lon", "lat")


def test_batches_number_their_rows_through(tmp_path: Path) -> None:
    path = write(tmp_path, "lon,lat\n" + "5,52\n\n" * 25)
    batches = list(read_batches(open_source(path), batch_rows=10))
    assert [(batch.first_row, len(batch)) for batch in batches] == [(1, 10), (11, 10), (21, 5)]


def test_a_text_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="not a text with columns"):
        open_source(write(tmp_path, b"lon,lat\n1,2\0\n"))
    with pytest.raises(UnreadableFile, match="no header"):
        open_source(write(tmp_path, "\n\n"))
    late = write(tmp_path, "ref,lon,lat\n" + "a,5,52\n" * 20_000 + "b\0,5,52\n", "late.csv")
    with pytest.raises(UnreadableFile, match="not a text with columns"):
        list(read_batches(open_source(late)))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_come_back_as_they_were_written(values: list[float]) -> None:
    problems = Problems(1, "lon")
    assert _numbers([repr(value) for value in values], ",", problems, "lon").tolist() == values
    assert _numbers([repr(value) for value in values] + ["?"], ";", problems, "lon").tolist()[:-1] == values
    assert [problem.row for problem in problems.in_order()] == [len(values) + 1]
