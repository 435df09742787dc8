"""Write the town to files: sites as FlatGeobuf, context as GeoParquet, the register's book as CSV."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geocommons.crs import STORAGE_CRS, BBox, local_metric_crs
from scripts.sample_city.lines import largest
from scripts.sample_city.names import CITY

# The Dogger Bank, in the North Sea: no town stands there, so none can be mistaken for this one.
MIDDLE = (2.6, 54.6)
DECIMALS = 7
METRES = local_metric_crs(BBox(*MIDDLE, *MIDDLE))
TO_DEGREES = Transformer.from_crs(METRES, STORAGE_CRS, always_xy=True)


def in_degrees(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes in degrees, longitude first, to a centimetre."""

    def rounded(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.round(np.column_stack(TO_DEGREES.transform(xy[:, 0], xy[:, 1])), DECIMALS)

    moved = np.asarray(shapely.transform(shapes, rounded), dtype=object)
    lost = shapely.is_empty(moved) | shapely.is_missing(moved)
    assert not lost.any(), f"{int(lost.sum())} shapes vanished"
    broken = ~shapely.is_valid(moved)
    moved[broken] = [largest(shapely.make_valid(shape)) for shape in moved[broken]]
    return moved


def frame(shapes: NDArray[np.object_], rows: pd.DataFrame | list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return shapes in degrees with their attributes."""
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=in_degrees(shapes), crs=STORAGE_CRS)


def write_sites(path: Path, shapes: NDArray[np.object_], rows: list[dict[str, Any]]) -> None:
    """Write the sites of a layer as FlatGeobuf; the order is the file's own, by place."""
    frame(shapes, rows).to_file(path, driver="FlatGeobuf", layer=path.stem, engine="pyogrio", use_arrow=True)


def write_context(path: Path, shapes: NDArray[np.object_], rows: pd.DataFrame | list[dict[str, Any]]) -> None:
    """Write a context set as GeoParquet."""
    frame(shapes, rows).to_parquet(path, compression="zstd", index=False, write_covering_bbox=False)


def write_csv(path: Path, columns: list[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as CSV, empty where there is no value."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_city(path: Path, edge: shapely.Polygon, scale: float, seed: int) -> None:
    """Write what the town is, above all that it is fictional."""
    west, south, east, north = shapely.total_bounds(in_degrees(np.array([edge], dtype=object))).tolist()
    about = {
        "name": CITY,
        "fictional": True,
        "note": f"{CITY} is fictional. Its people, groups and streets are invented; any likeness is chance.",
        "note_nl": f"{CITY} bestaat niet. Mensen, groepen en straten zijn verzonnen; elke gelijkenis is toeval.",
        "bbox": [west, south, east, north],
        "today": "2026-11-22",
        "licence": "CC0-1.0",
        "attribution": f"{CITY}, a fictional city made by GeoCommons",
        "scale": scale,
        "seed": seed,
    }
    path.write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
