"""Tables without geometry: what stands in them comes out, whoever wrote the file."""

import csv
import io
import os
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.errors import InvalidInput, UnreadableFile
from geocommons.files.reading.table import TableRow, is_missing, read_table, read_table_frame

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and not is_missing(text)
)


def write(folder: Path, content: bytes, name: str = "people.csv") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_names_with_accents_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "ref;naam\r\n1;Renée Müller\r\n".encode(encoding))
    assert list(read_table(path)) == [TableRow(1, {"ref": "1", "naam": "Renée Müller"})]


@pytest.mark.parametrize("blank", ["", " ", "<Null>", "NULL", "undefined", "null", '""'])
def test_the_many_words_for_nothing_are_none(tmp_path: Path, blank: str) -> None:
    path = write(tmp_path, f"ref,owner\n1,{blank}\n".encode())
    assert next(read_table(path)).values == {"ref": "1", "owner": None}


def test_only_the_columns_asked_for_come_and_a_wrong_name_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"ref,owner\n1,a\n")
    assert next(read_table(path, columns=["owner"])).values == {"owner": "a"}
    with pytest.raises(InvalidInput, match="no column steward. It has: ref, owner"):
        next(read_table(path, columns=["steward"]))


def test_short_rows_lack_values_and_long_rows_lose_none_of_the_named_ones(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n1\n2,3,4\n")
    assert [row.values for row in read_table(path)] == [{"a": "1", "b": None}, {"a": "2", "b": "3"}]


def test_a_row_that_is_longer_than_the_header_says_so_unless_nothing_stands_there(tmp_path: Path) -> None:
    rows = list(read_table(write(tmp_path, b"a,b\n1,2,3\n1,2,, \n1\n")))
    assert [row.surplus for row in rows] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,x\n2,"y\n3,z\n4,w\n', 3),  # runs to the end of the file
        ('a,b\n1,x\n"2,y\n3,z\n', 3),
        ('a,b\n1,"x\n2,y\n3,"z"\n4,w\n', 2),  # runs to the next quote
        ('sep=,\na,b\n1,"x', 3),
        ('"a,b\n1,x\n', 1),
    ],
)
def test_a_quote_that_nobody_closed_does_not_swallow_rows(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(UnreadableFile, match=rf"A quote in line {line} of people.csv"):
        list(read_table(write(tmp_path, text.encode())))


def test_texts_of_several_lines_and_quotes_within_texts_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, b'a,b\n1,"one\n""two"""\n2,6" pipe\n3,"Nice" garden\n4,"last\nline"')
    assert [row.values["b"] for row in read_table(path)] == ['one\n"two"', '6" pipe', "Nice garden", "last\nline"]


def test_what_can_be_read_only_once_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "people.csv")
    with pytest.raises(UnreadableFile, match="only once"):
        next(read_table(tmp_path / "people.csv"))


def test_columns_without_a_name_or_with_the_same_name_stay_apart(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,,a\n1,2,3\n")
    assert next(read_table(path)).values == {"a": "1", "column_2": "2", "a_3": "3"}


def test_a_parquet_table_comes_with_its_types(tmp_path: Path) -> None:
    pd.DataFrame({"ref": ["1", "<Null>"], "people": [12, 30]}).to_parquet(tmp_path / "people.parquet")
    rows = list(read_table(tmp_path / "people.parquet"))
    assert [row.values for row in rows] == [{"ref": "1", "people": 12}, {"ref": None, "people": 30}]
    with pytest.raises(UnreadableFile, match="not a Parquet file"):
        list(read_table(write(tmp_path, b"PAR1", "broken.parquet")))


def test_a_frame_is_indexed_by_row(tmp_path: Path) -> None:
    frame = read_table_frame(write(tmp_path, b"ref\n7\n\n8\n"))
    assert frame.index.tolist() == [1, 2] and frame["ref"].tolist() == ["7", "8"]
    assert read_table_frame(write(tmp_path, b"ref,owner\n"), columns=["ref"]).columns.tolist() == ["ref"]


@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=30), separator=st.sampled_from(",;\t|"))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, str, str]], separator: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([("ref", "name", "note"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), text.getvalue().encode())
        assert [tuple(row.values.values()) for row in read_table(path)] == rows


def test_the_cambridge_assessor_table_is_read_whole(realdata: Path) -> None:
    rows = list(read_table(realdata / "cambridge_ma" / "TaxFY14.csv", columns=["ML"]))
    assert len(rows) == 27528 and len({row.values["ML"] for row in rows} - {None}) == 13021


def test_a_csv_by_content_is_a_table_whatever_its_name(realdata: Path) -> None:
    rows = list(read_table(realdata / "cambridge_ma" / "CDD_ParkDetails.txt", columns=["Name", "Managed_by"]))
    assert len(rows) == 176


def test_undefined_is_missing_in_the_berlin_waterings(realdata: Path) -> None:
    row = next(read_table(realdata / "adoption" / "giessdenkiez_waterings_2021-07.csv"))
    assert row.values["pflanzjahr"] is None and row.values["bezirk"] == "Pankow"
