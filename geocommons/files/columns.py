"""Columns of a frame as Python's own values, ready for JSON and for tiles."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

Plain = str | int | float | bool | None


def plain_columns(frame: GeoDataFrame, names: Sequence[str] | None = None) -> dict[str, list[Plain]]:
    """Return columns of a frame (all but the geometry, if none are named) as lists; what is missing is None.

    Dates and times become ISO 8601 text; names that are not in the frame are left out.
    """
    geometry = frame.active_geometry_name
    chosen = [
        name for name in (frame.columns if names is None else names) if name in frame.columns and name != geometry
    ]
    return {name: _plain_column(frame[name]) for name in chosen}


def _plain_column(column: "pd.Series[Any]") -> list[Plain]:
    known = column.notna().tolist()
    return [_plain(value) if there else None for value, there in zip(column.tolist(), known, strict=True)]


def _plain(value: object) -> Plain:
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
