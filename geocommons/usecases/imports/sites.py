"""Import a vector file into a layer: one pass, in batches, one transaction, every row checked."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from geocommons.errors import InvalidInput, NotAllowed
from geocommons.files.checksum import checksum_of
from geocommons.files.reading.vector import open_source, read_batches
from geocommons.layer import Layer, get_layer
from geocommons.model.actor import Actor
from geocommons.model.permission import Target, permit
from geocommons.settings import Settings
from geocommons.store.bulk import lock_writers
from geocommons.store.engine import Store
from geocommons.store.public import republish
from geocommons.store.records import find_or_add_record
from geocommons.store.register import (
    delete_new_sites,
    list_new,
    list_vanished,
    refs_by_id,
    retire_sites,
    tenanted,
    update_sites,
)
from geocommons.usecases.imports.ahead import made_ahead, open_desk
from geocommons.usecases.imports.facts import map_columns
from geocommons.usecases.imports.intake import ImportOptions, Intake, Pending, open_intake, overlap_note
from geocommons.usecases.imports.noted import note_import
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.rows import Rows

BATCH_ROWS = 7_000
Progress = Callable[[int, int | None], None]


@contextmanager
def no_garbage() -> Iterator[None]:
    """Rest the collector of cycles: rows make none, and it would look through all of them over and over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def import_sites(
    store: Store,
    settings: Settings,
    layer_id: str,
    path: Path,
    options: ImportOptions,
    *,
    now: datetime,
    batch_rows: int = BATCH_ROWS,
    progress: Progress = lambda read, total: None,
) -> Report:
    """Bring the rows of a file into a layer and return the report; all in one transaction, or nothing."""
    layer = get_layer(layer_id)
    _check_asked(store.actor, layer, options)
    source = open_source(path, layer=options.file_layer, crs=options.crs, x=options.x, y=options.y)
    mapped = map_columns(layer, source.columns, ref=options.ref, given=options.columns, file=path.name)
    report = Report(layer=layer.id, file=path.name, dry_run=options.dry_run)
    used = {*mapped.columns, *source.coordinates}
    report.unused_columns = [name for name in source.columns if name not in used]
    abort = False
    aside = not store.is_sqlite
    with store.trying() as (session, take_back), no_garbage(), open_desk(session, aside=aside) as desk:
        lock_writers(session)
        intake = open_intake(desk, settings, layer, options, mapped, report, now)
        batches = read_batches(source, columns=mapped.columns, batch_rows=batch_rows)
        checked = (Rows(intake, batch) for batch in batches)
        for _ in take_all(made_ahead(checked) if aside else checked):
            progress(report.read, source.count)
        sha256 = checksum_of(path)  # while the server writes the last rows
        _finish(intake)
        note_import(intake.session, path, report, sha256)
        abort = options.on_error == "abort" and report.rejected > 0
        if abort or options.dry_run:
            take_back()
    if abort:
        report.abort()
    return report


def take_all(batches: Iterator[Rows]) -> Iterator[Rows]:
    """Take batches in, each looked up before the one before it is written, so that a server writes while we check."""
    rows = next(batches, None)
    if rows is not None:
        rows.look_up()
    while rows is not None:
        rows.check()
        rows.prepare()
        following = next(batches, None)
        if following is not None:
            following.look_up()
        rows.take()
        yield rows
        rows = following


def _check_asked(actor: Actor, layer: Layer[Any], options: ImportOptions) -> None:
    """Refuse what the actor may not import, and what cannot be asked for together."""
    permit(actor, "import places", Target(layer=layer.id))
    if options.retire_missing and not options.record:
        raise InvalidInput("Retiring what vanished needs a reason. Name its record with --record.")
    if options.retire_missing and actor.districts is not None:
        raise NotAllowed(
            "Your reach is a part of the layer, so what a file lacks may be another's. Leave --retire-missing out."
        )


def _finish(to: Intake) -> None:
    """Settle what only the whole file could tell: redrawn neighbours, and what vanished."""
    refused = _to_take_back(to)
    for pending in sorted(refused.values(), key=lambda pending: pending.row):
        _take_back(to, pending)
    republish(to.session, to.changed - refused.keys())
    if to.layer.measured:
        republish(to.session, list_new(to.session, to.layer.id, to.first_id))
    vanished = list_vanished(to.session, to.layer.id, to.seen | to.changed, below=to.first_id)
    to.report.vanished, to.report.vanished_refs = len(vanished), sorted(vanished.values())
    if to.options.retire_missing and to.options.record and vanished:
        _retire(to, vanished, to.options.record)
    if to.neighbours:
        to.neighbours.close()


def _to_take_back(to: Intake) -> dict[int, Pending]:
    """Return which sites were drawn over ground that another keeps after all, each with one overlap that says so.

    One that is taken back keeps its own ground, over which others may have been drawn.
    """
    over: dict[int, list[Pending]] = {}
    for pending in to.pending:
        over.setdefault(pending.other_id, []).append(pending)
    found: dict[int, Pending] = {}
    keep = list(over.keys() - (to.changed - to.stayed))
    while keep:
        for pending in over.get(keep.pop(), ()):
            if pending.site.id not in found:
                found[pending.site.id] = pending
                keep.append(pending.site.id)
    return found


def _take_back(to: Intake, pending: Pending) -> None:
    if pending.before is None:
        delete_new_sites(to.session, [pending.site.id])
        to.report.accepted -= 1
    else:
        update_sites(to.session, [pending.before], to.now)
        to.report.updated -= 1
    other = refs_by_id(to.session, [pending.other_id])[pending.other_id]
    to.report.reject(overlap_note(pending.row, pending.site.ref, other, pending.area_m2))


def _retire(to: Intake, vanished: Mapping[int, str], record_ref: str) -> None:
    day = to.now.date()
    record = find_or_add_record(to.session, ref=record_ref, kind="decision", day=day, now=to.now)
    held = tenanted(to.session, list(vanished), day)
    to.report.kept_refs = sorted(vanished[key] for key in held)
    gone = [key for key in vanished if key not in held]
    retire_sites(to.session, gone, record_id=record.id, day=day)
    republish(to.session, gone)
    to.report.retired = len(gone)
