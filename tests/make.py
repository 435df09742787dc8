"""The smallest valid things, for tests to start from."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import shapely

from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.catalogue import get_question
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.sites import ImportOptions, import_sites
from geocommons.usecases.imports.tenures import import_tenures
from geocommons.usecases.runs.keep import answer
from geocommons.usecases.runs.question import read_question

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
STEP = 0.001  # a square of about 70 by 110 m at 52 degrees north
HEADER = "layer,ref,party,party_kind,class,type,from_m,to_m,valid_from,valid_to,record,status,show_name"


def square(column: int, row: int = 0, *, size: float = 1.0) -> shapely.Polygon:
    """Return a square of a grid near Utrecht; neighbours share edges."""
    west, south = 5.0 + column * STEP, 52.0 + row * STEP
    return shapely.box(west, south, west + size * STEP, south + size * STEP)


def write_layer(path: Path, rows: Sequence[Mapping[str, object]], *, crs: str | None = "EPSG:4326") -> Path:
    """Write rows (with `geometry`) as a vector file, the format by its suffix."""
    gpd.GeoDataFrame(list(rows), geometry="geometry", crs=crs).to_file(path)
    return path


def load(store: Store, path: Path, layer: str = "clt-parcels", *, area: str | None = None, **options: object) -> Report:
    """Import a file with its column `ref`."""
    settings = Settings(data_dir=path.parent) if area is None else Settings(data_dir=path.parent, area=area)  # type: ignore[arg-type]
    return import_sites(store, settings, layer, path, ImportOptions(**options), now=NOW)  # type: ignore[arg-type]


def hold(store: Store, folder: Path, *lines: str) -> Report:
    """Import lines of a table of tenures."""
    path = folder / "tenures.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return import_tenures(store, Settings(data_dir=folder), path, now=NOW)


def ask(store: Store, settings: Settings, kind: str, *, day: date = TODAY, **asked: object) -> Run:
    """Return the finished run of a question."""
    return answer(store, settings, read_question(get_question(kind), asked, today=day), now=NOW)


def counts(report: Report) -> dict[str, int]:
    """Return the counts of a report that are not zero."""
    names = ("read", "accepted", "updated", "unchanged", "rejected", "repaired", "vanished", "retired")
    return {name: value for name in names if (value := getattr(report, name))}


def day(text: str) -> date:
    """Return a day from its ISO text."""
    return date.fromisoformat(text)
