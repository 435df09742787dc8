"""Files for others: the same rows come back, a half-written file never stays, and no cell is a formula."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from geocommons.errors import InvalidInput, UnknownCRS
from geocommons.files.export import SUFFIXES, safe_cell, write_frame
from geocommons.files.reading.vector import open_source, read_batches


def lots(crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    boxes = shapely.box([5.0, 5.1], [52.0, 52.0], [5.05, 5.15], [52.05, 52.05])
    return gpd.GeoDataFrame({"ref": ["é1", "2"], "people": [3, 4]}, geometry=boxes, crs="EPSG:4326").to_crs(crs)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:28992"])
def test_what_is_written_can_be_read_again(tmp_path: Path, suffix: str, crs: str) -> None:
    path = tmp_path / f"lots{suffix}"
    write_frame(lots(crs), path)
    source = open_source(path, crs="EPSG:4326") if suffix == ".csv" else open_source(path)
    batch = next(read_batches(source, columns=["ref", "people"]))
    rows = sorted((str(row["ref"]), int(str(row["people"]))) for row in batch.rows())
    assert rows == [("2", 4), ("é1", 3)]
    assert np.allclose(shapely.total_bounds(batch.geometry), [5.0, 52.0, 5.15, 52.05], atol=1e-5)
    assert [left.name for left in tmp_path.iterdir()] == [path.name]


def test_points_are_longitude_and_latitude_in_a_spreadsheet(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"ref": ["1", "2"]}, geometry=[shapely.Point(5, 52), None], crs=4326)
    write_frame(points, tmp_path / "drains.csv")
    table = pd.read_csv(tmp_path / "drains.csv")
    assert table.columns.tolist() == ["ref", "lon", "lat"] and table["lon"].isna().tolist() == [False, True]


@pytest.mark.parametrize("text", ["=1+1", "+31 6", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_no_text_becomes_a_formula(tmp_path: Path, text: str) -> None:
    frame = lots().assign(note=[text, "plain"], people=[-3, 4]).rename(columns={"ref": "=ref"})
    write_frame(frame, tmp_path / "lots.csv")
    table = pd.read_csv(tmp_path / "lots.csv")
    assert table["note"].tolist() == [f"'{text}", "plain"]
    assert table["people"].tolist() == [-3, 4] and table.columns[0] == "'=ref"


@pytest.mark.parametrize("begin", ["=1+1", "@SUM(A1)", "-2+3|cmd"])
def test_no_part_of_a_text_becomes_a_formula_where_a_semicolon_parts_cells(begin: str) -> None:
    assert safe_cell(f"Otters;{begin}") == f"Otters;'{begin}"
    assert safe_cell(f"two\n{begin}") == f"two\n'{begin}"
    assert safe_cell("Fields; 3 - 4 = plain") == "Fields; 3 - 4 = plain"


def test_a_file_that_was_there_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "lots.parquet"
    write_frame(lots(), path)
    before = path.read_bytes()
    with pytest.raises(pa.ArrowInvalid):
        write_frame(lots().assign(people=[object(), object()]), path)
    assert path.read_bytes() == before and [left.name for left in tmp_path.iterdir()] == [path.name]
    write_frame(lots().iloc[:1], path)
    assert open_source(path).count == 1


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"end its name in \.gpkg, \.geojson"):
        write_frame(lots(), tmp_path / "lots.xlsx")
    with pytest.raises(InvalidInput, match="no folder"):
        write_frame(lots(), tmp_path / "nowhere" / "lots.gpkg")
    with pytest.raises(UnknownCRS):
        write_frame(lots().set_crs(None, allow_override=True), tmp_path / "lots.gpkg")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_frame_is_a_file_without_rows(tmp_path: Path, suffix: str) -> None:
    write_frame(lots().iloc[:0], tmp_path / f"none{suffix}")
    assert (tmp_path / f"none{suffix}").stat().st_size > 0
