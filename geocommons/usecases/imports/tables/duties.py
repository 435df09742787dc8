"""Import what is due from a table: every row is something that must be done at a place by a day."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Unpack

from geocommons.files.reading.table import TableRow
from geocommons.model.obligation import Obligation, check_duty
from geocommons.settings import Settings
from geocommons.store.care import obligations_by_key
from geocommons.store.engine import Store
from geocommons.store.public import republish
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.tables.cells import read_day, read_texts, read_whole
from geocommons.usecases.imports.tables.form import Form, How, TableIntake, import_table, read_each, refusing

FORM = Form("duties", "import care", ("id", "layer", "ref", "kind", "due_on"), ("every_days", "done_on", "evidence"))


@dataclass(frozen=True)
class What:
    """What is due, as the register keeps it."""

    kind: str
    due_on: date
    every_days: int | None
    done_on: date | None
    evidence: str


@dataclass(frozen=True)
class Due:
    """One row of the table."""

    row: int
    key: str
    layer: str
    ref: str
    what: What


def import_duties(store: Store, settings: Settings, path: Path, *, now: datetime, **how: Unpack[How]) -> Report:
    """Bring the rows of a table of duties into the register, in one transaction, and return the report.

    A row whose id the register knows says what is due now, and when it was done last.
    """
    return import_table(store, settings, path, FORM, lambda intake: _Duties(intake).take, now=now, **how)


class _Duties:
    """What a table says is due, on its way into the register."""

    def __init__(self, intake: TableIntake) -> None:
        self.intake = intake

    def take(self, rows: Sequence[TableRow]) -> None:
        """Read, check and write some rows, and publish the sites whose duties changed."""
        to = self.intake
        every = read_each(rows, self._read, to.report)
        to.sites.look_up((due.layer, due.ref) for due in every)
        known = obligations_by_key(to.session, (due.key for due in every))
        touched: set[int] = set()
        for due in every:
            with refusing(to.report, due.row, due.ref):
                touched |= self._note(due, known.get(due.key))
        to.session.flush()
        republish(to.session, touched)

    def _read(self, row: int, values: Mapping[str, object]) -> Due:
        due = read_due(row, values)
        check_duty(every_days=due.what.every_days, done_on=due.what.done_on, today=self.intake.now.date())
        return due

    def _note(self, due: Due, known: Obligation | None) -> set[int]:
        """Write what one row says; return the sites of which that changed anything."""
        site = self.intake.site_of(due.key, due.layer, due.ref, known)
        values = {"site_id": site.id, **asdict(due.what)}
        if known is not None:
            before = known.site_id
            return {before, site.id} if self.intake.renew(known, values) else set()
        self.intake.session.add(Obligation(key=due.key, **values))
        self.intake.report.accepted += 1
        return {site.id}


def read_due(row: int, values: Mapping[str, object]) -> Due:
    """Return one row of the table, or refuse it with the column that is wrong."""
    text = read_texts(values, FORM.needed, FORM.more)
    due_on = read_day(text, "due_on")
    assert due_on is not None
    what = What(
        kind=text["kind"], due_on=due_on, every_days=read_whole(text, "every_days"), done_on=read_day(text, "done_on"),
        evidence=text["evidence"],
    )  # fmt: skip
    return Due(row=row, key=text["id"], layer=text["layer"], ref=text["ref"], what=what)
