"""Import records: what a deed, lease, plan, decision or agreement is called, and its day."""

from datetime import datetime
from pathlib import Path

from geocommons.errors import GeoCommonsError
from geocommons.files.checksum import checksum_of
from geocommons.files.reading.table import read_table
from geocommons.language import Sentence
from geocommons.model.permission import permit
from geocommons.model.record import RECORD_WORDS, Record
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.records import find_record
from geocommons.usecases.imports.noted import note_import
from geocommons.usecases.imports.report import Report, RowNote
from geocommons.usecases.imports.tables.cells import Texts, column_of, in_column, read_day, read_texts
from geocommons.usecases.imports.tables.form import refuse_surplus
from geocommons.usecases.reach import permit_record

CORRECT = Sentence("Correct the row and import the file again.")
ACTION = "import tenures"
NEEDED, MORE = ("ref",), ("kind", "day", "title")


def import_records(store: Store, settings: Settings, path: Path, *, now: datetime) -> Report:
    """Bring the rows of a table of records into the register, in one transaction, and return the report."""
    report = Report(layer="records", file=path.name)
    permit(store.actor, ACTION)
    with store.writing() as session:
        for row in read_table(path, columns=(*NEEDED, *MORE)):
            report.read += 1
            try:
                refuse_surplus(row)
                record = _record(read_texts(row.values, NEEDED, MORE), now)
                known = find_record(session, record.ref)
                if known is not None:
                    permit_record(session, settings, store.actor, known.id, ACTION)
            except GeoCommonsError as error:
                ref = read_texts(row.values, (), NEEDED)["ref"] or None
                report.reject(RowNote(row.row, ref, column_of(error), Sentence.of(error), CORRECT))
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
        note_import(session, path, report, checksum_of(path))
    return report


def _record(text: Texts, now: datetime) -> Record:
    day = read_day(text, "day")
    with in_column("kind" if text["kind"] not in RECORD_WORDS else "ref"):
        return Record(ref=text["ref"], kind=text["kind"], day=day, title=text["title"], created_at=now)
