"""Add and remove context: what analyses and maps stand on but nobody adopts."""

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import shapely
from geopandas import GeoDataFrame

from geocommons.crs import STORAGE_CRS, WORLD, BBox, total_bbox
from geocommons.errors import InvalidInput
from geocommons.files.checksum import checksum_of
from geocommons.files.reading.osm import read_walk_ways
from geocommons.files.reading.stated_crs import name_of
from geocommons.files.reading.vector import open_source, read_batches
from geocommons.model.context_set import ContextSet
from geocommons.settings import Settings
from geocommons.store.bulk import lock_writers
from geocommons.store.context_sets import remove_context as forget_context
from geocommons.store.context_sets import replace_context
from geocommons.store.engine import Store
from geocommons.usecases.contexts.join import JoinedTable, table_columns
from geocommons.usecases.contexts.plan import ContextOptions, check_kind, make_plan
from geocommons.usecases.contexts.report import ContextReport
from geocommons.usecases.contexts.rows import ContextRows

Progress = Callable[[int, int | None], None]
OSM_COLUMNS = ["name", "class", "from_node", "to_node", "geometry"]


def add_context(
    store: Store,
    settings: Settings,
    kind: str,
    path: Path,
    options: ContextOptions,
    *,
    now: datetime,
    progress: Progress = lambda read, total: None,
) -> ContextReport:
    """Make a file the register's context of a kind, and return the report; it replaces the one before.

    If no row can be taken, the register keeps what it had.
    """
    report = ContextReport(check_kind(kind), path.name)
    frame = _read_osm(path, report) if _is_osm(kind, path) else _read_rows(kind, path, options, report, progress)
    if frame.empty:
        return report
    _refuse_elsewhere(frame, settings.area, path.name)
    report.people = float(frame["people"].sum()) if kind == "population" else None
    fresh = _write(settings.context_dir, kind, frame)
    _describe(fresh, frame, options, report, path, now)
    with store.writing() as session:
        lock_writers(session)
        replaced = replace_context(session, fresh)
    _delete_files(settings, replaced)
    return report


def remove_context(store: Store, settings: Settings, kind: str) -> None:
    """Take a context set out of the register, with its file; refuse where there is none."""
    with store.writing() as session:
        lock_writers(session)
        removed = forget_context(session, check_kind(kind))
    _delete_files(settings, removed)


def _is_osm(kind: str, path: Path) -> bool:
    return kind == "streets" and path.suffix.lower() == ".pbf"


def _read_osm(path: Path, report: ContextReport) -> GeoDataFrame:
    frame = read_walk_ways(path)[OSM_COLUMNS]
    frame[["name", "class"]] = frame[["name", "class"]].astype("str").fillna("")
    report.read = report.accepted = len(frame)
    report.notes["source_crs"] = STORAGE_CRS
    return frame


def _read_rows(
    kind: str, path: Path, options: ContextOptions, report: ContextReport, progress: Progress
) -> GeoDataFrame:
    source = open_source(path, layer=options.file_layer, crs=options.crs, x=options.x, y=options.y)
    columns = table_columns(options.join) if options.join else []
    plan = make_plan(kind, options, source.columns, columns, file=path.name)
    table = JoinedTable(options.join, options.on[1]) if options.join and options.on else None
    rows = ContextRows(plan, report, table)
    for batch in read_batches(source, columns=plan.file_columns):
        rows.take(batch)
        progress(report.read, source.count)
    if table is not None:
        report.table = table.close(plan.counts.get("people"))
    report.notes["source_crs"] = name_of(source.crs)
    return rows.frame()


def _refuse_elsewhere(frame: GeoDataFrame, area: BBox, file: str) -> None:
    """Refuse a file of which nothing lies in the register's area: its CRS is wrong, or it is of another place."""
    if area == WORLD:
        return
    if not shapely.intersects(shapely.box(*area), frame.geometry.to_numpy()).any():
        raise InvalidInput(
            "Nothing in {file} lies in the register's area of interest ({area}). Check its CRS or GEOCOMMONS_AREA.",
            file=file,
            area=", ".join(f"{edge:g}" for edge in area),
        )


def _write(folder: Path, kind: str, frame: GeoDataFrame) -> ContextSet:
    """Write a frame as GeoParquet, named after its content, and return its entry."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".adding-", dir=folder) as aside:
        made = Path(aside) / "set.parquet"
        frame.to_parquet(made, compression="zstd", index=False)
        checksum = checksum_of(made)
        final = folder / f"{kind}-{checksum[:16]}.parquet"
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(final)
    return ContextSet(kind=kind, path=final.name, checksum=checksum, crs=STORAGE_CRS)


def _describe(
    fresh: ContextSet, frame: GeoDataFrame, options: ContextOptions, report: ContextReport, path: Path, now: datetime
) -> None:
    fresh.name = options.name or path.stem
    fresh.source = options.source or path.name
    fresh.licence, fresh.attribution = options.licence, options.attribution
    fresh.west, fresh.south, fresh.east, fresh.north = total_bbox(frame.geometry.to_numpy())
    fresh.features = len(frame)
    fresh.columns = [str(column) for column in frame.columns if column != "geometry"]
    fresh.added_at = now
    counts = ("file", "read", "accepted", "rejected", "repaired", "people")
    fresh.notes = {name: getattr(report, name) for name in counts} | report.notes


def _delete_files(settings: Settings, paths: list[str]) -> None:
    """Delete files of sets that the catalogue no longer names."""
    for path in paths:
        (settings.context_dir / path).unlink(missing_ok=True)
