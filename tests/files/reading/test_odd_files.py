"""Files that GDAL reads, but not as they were meant: what it gets wrong of them is put right, or they are refused."""

import sqlite3
import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geocommons.errors import UnreadableFile
from geocommons.files.reading.vector import Batch, open_source, read_batches


def read(path: Path, **options: str) -> list[Batch]:
    return list(read_batches(open_source(path, **options)))


def frame(**columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"ref": ["a", "b"]} | columns, geometry=shapely.points([[5, 52], [5.1, 52]]), crs=4326)


@pytest.mark.parametrize("suffix", [".mif", ".tab"])
@pytest.mark.parametrize(("code", "lon", "lat"), [(26986, -71.1, 42.37), (2249, -71.1, 42.37), (32118, -73.9, 40.7)])
def test_a_mapinfo_file_counts_in_its_own_unit(tmp_path: Path, suffix: str, code: int, lon: float, lat: float) -> None:
    drawn = gpd.GeoDataFrame({"ref": ["a"]}, geometry=[shapely.Point(lon, lat)], crs=4326).to_crs(code)
    drawn.to_file(tmp_path / f"places{suffix}", driver="MapInfo File")
    found = read(tmp_path / f"places{suffix}")[0].geometry[0]
    assert found.distance(shapely.Point(lon, lat)) < 1e-6
    assert open_source(tmp_path / f"places{suffix}", crs=f"EPSG:{code}").crs_from == "file"


def test_what_is_no_day_in_a_geopackage_is_not_the_first_day_of_1970(tmp_path: Path) -> None:
    path = tmp_path / "days.gpkg"
    frame().to_file(path)
    with sqlite3.connect(path) as base:
        base.execute("ALTER TABLE days ADD opened DATE")
        base.execute("ALTER TABLE days ADD seen DATETIME")
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')  # they ask for functions that only GDAL has
        base.execute("UPDATE days SET opened = '31-12-2025', seen = '' WHERE ref = 'a'")
        base.execute("UPDATE days SET opened = '1970-01-01', seen = '2025-12-31T10:00:00Z' WHERE ref = 'b'")
    columns = [batch.columns for batch in read_batches(open_source(path), batch_rows=1)]
    assert [column["opened"] for column in columns] == [["31-12-2025"], ["1970-01-01"]]
    assert columns[0]["seen"] == [""] and str(columns[1]["seen"][0]).startswith("2025-12-31 10:00")


@pytest.mark.parametrize("suffix", [".mbtiles", ".pmtiles"])
def test_map_tiles_are_no_places(tmp_path: Path, suffix: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame(), tmp_path / f"places{suffix}")
    with pytest.raises(UnreadableFile, match="map tiles"):
        open_source(tmp_path / f"places{suffix}")


def test_a_nul_in_a_text_of_a_parquet_is_refused(tmp_path: Path) -> None:
    frame(name=["x", "y\0z"]).to_parquet(tmp_path / "places.parquet")
    with pytest.raises(UnreadableFile, match="NUL"):
        read(tmp_path / "places.parquet")


@pytest.mark.parametrize(
    "suffix", [".gpkg", ".shp", ".geojson", ".fgb", ".gml", ".mif", ".csv", ".parquet", ".gdb", ""]
)
def test_a_name_may_have_any_sign(tmp_path: Path, suffix: str) -> None:
    plain = tmp_path / f"plain{suffix}"
    match suffix:
        case ".csv":
            plain.write_text("ref,lon,lat\na,5,52\nb,5.1,52\n")
        case ".parquet":
            frame().to_parquet(plain)
        case "":
            frame().to_file(tmp_path / "plain.gpkg")
            (tmp_path / "plain.gpkg").rename(plain)
        case _:
            frame().to_file(plain)
    folder = tmp_path / "Wow! 100%\n#1?"
    folder.mkdir()
    for part in tmp_path.glob("plain*"):
        part.rename(folder / part.name.replace("plain", "é & [so] on!"))
    before = {part.name: part.is_dir() or part.read_bytes() for part in folder.iterdir()}
    batch = read(folder / f"é & [so] on!{suffix}")[0]
    found = dict(zip(batch.columns["ref"], batch.geometry, strict=True))
    assert sorted(found) == ["a", "b"] and found["b"].equals_exact(shapely.Point(5.1, 52), 1e-6)
    assert {part.name: part.is_dir() or part.read_bytes() for part in folder.iterdir()} == before
