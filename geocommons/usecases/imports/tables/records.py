"""Import records: what a deed, lease, plan, decision or agreement is called, and its day."""

from datetime import datetime
from pathlib import Path

from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.files.table import read_table
from geocommons.language import Sentence
from geocommons.model.permission import permit
from geocommons.model.record import Record
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.records import find_record
from geocommons.usecases.imports.noted import note_import
from geocommons.usecases.imports.report import Report, RowNote
from geocommons.usecases.imports.tables.cells import read_day
from geocommons.usecases.reach import permit_record

CORRECT = Sentence("Correct the row and import the file again.")
ACTION = "import tenures"
COLUMNS = ("ref", "kind", "day", "title")


def import_records(store: Store, settings: Settings, path: Path, *, now: datetime) -> Report:
    """Bring the rows of a table of records into the register, in one transaction, and return the report."""
    report = Report(layer="records", file=path.name)
    permit(store.actor, ACTION)
    with store.writing() as session:
        for row in read_table(path, columns=COLUMNS):
            report.read += 1
            text = {name: "" if row.values.get(name) is None else str(row.values[name]) for name in COLUMNS}
            try:
                record = _record(text, now)
                known = find_record(session, record.ref)
                if known is not None:
                    permit_record(session, settings, store.actor, known.id, ACTION)
            except GeoCommonsError as error:
                report.reject(RowNote(row.row, text["ref"] or None, "", Sentence.of(error), CORRECT))
                continue
            if known is None:
                session.add(record)
                session.flush()
                report.accepted += 1
            elif (known.kind, known.day, known.title) == (record.kind, record.day, record.title):
                report.unchanged += 1
            else:
                known.kind, known.day, known.title = record.kind, record.day, record.title
                report.updated += 1
        note_import(session, path, report)
    return report


def _record(text: dict[str, str], now: datetime) -> Record:
    if not text["ref"]:
        raise InvalidInput("The column {column} is empty. Fill it in.", column="ref")
    return Record(ref=text["ref"], kind=text["kind"], day=read_day(text, "day"), title=text["title"], created_at=now)
