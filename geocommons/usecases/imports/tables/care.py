"""Import care that was given from a table: every row is what somebody did for a place on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Unpack

from geocommons.errors import InvalidInput
from geocommons.files.reading.table import TableRow
from geocommons.language import mark
from geocommons.model.activity import Activity, check_care
from geocommons.settings import Settings
from geocommons.store.care import activities_by_key
from geocommons.store.engine import Store
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.tables.cells import read_day, read_number, read_texts, read_whole
from geocommons.usecases.imports.tables.claimants import Claimants, read_party
from geocommons.usecases.imports.tables.form import Form, How, TableIntake, import_table, read_each, refusing

FORM = Form(
    "care",
    "import care",
    ("id", "layer", "ref", "party", "party_kind", "kind", "day", "minutes"),
    ("people", "amount", "unit", "note"),
)
NO_NUMBER = mark("“{value}” in {column} is not a number.")


@dataclass(frozen=True)
class What:
    """What was done, as the register keeps it."""

    kind: str
    day: date
    minutes: int
    people: int
    amount: float | None
    unit: str
    note: str


@dataclass(frozen=True)
class Given:
    """One row of the table."""

    row: int
    key: str
    layer: str
    ref: str
    party: tuple[str, str]
    what: What


def import_care(store: Store, settings: Settings, path: Path, *, now: datetime, **how: Unpack[How]) -> Report:
    """Bring the rows of a table of care into the register, in one transaction, and return the report.

    An id that the register knows is not counted twice: its row is what it says now.
    """
    return import_table(store, settings, path, FORM, lambda intake: _Care(intake).take, now=now, **how)


class _Care:
    """The care that a table tells of, on its way into the register."""

    def __init__(self, intake: TableIntake) -> None:
        self.intake = intake
        self.claimants = Claimants(intake.session, intake.settings, (), intake.now)

    def take(self, rows: Sequence[TableRow]) -> None:
        """Read, check and write some rows."""
        to = self.intake
        every = read_each(rows, self._read, to.report)
        to.sites.look_up((given.layer, given.ref) for given in every)
        self.claimants = Claimants(to.session, to.settings, (given.party for given in every), to.now)
        known = activities_by_key(to.session, (given.key for given in every))
        for given in every:
            with refusing(to.report, given.row, given.ref):
                self._note(given, known.get(given.key))
        to.session.flush()

    def _read(self, row: int, values: Mapping[str, object]) -> Given:
        given = read_given(row, values)
        what = given.what
        check_care(day=what.day, today=self.intake.now.date(), minutes=what.minutes, people=what.people)
        return given

    def _note(self, given: Given, known: Activity | None) -> None:
        """Write what one row says, unless the register has it as it is."""
        self.claimants.names(given.party)  # refuses a name that two parties have
        site = self.intake.site_of(given.key, given.layer, given.ref, known)
        values = {"site_id": site.id, "party": self.claimants.take(given.party), **asdict(given.what)}
        if known is not None:
            self.intake.renew(known, values)
        else:
            self.intake.session.add(Activity(key=given.key, noted_at=self.intake.now, **values))
            self.intake.report.accepted += 1


def read_given(row: int, values: Mapping[str, object]) -> Given:
    """Return one row of the table, or refuse it with the column that is wrong."""
    text = read_texts(values, FORM.needed, FORM.more)
    party = read_party(text)
    day, minutes, people = read_day(text, "day"), read_whole(text, "minutes"), read_whole(text, "people")
    assert day is not None
    assert minutes is not None
    amount = read_number(text, "amount", NO_NUMBER)
    if (amount is None) != (not text["unit"]):
        raise InvalidInput("An amount needs a unit, and a unit an amount. Fill in both, or neither.", column="unit")
    what = What(
        kind=text["kind"], day=day, minutes=minutes, people=1 if people is None else people, amount=amount,
        unit=text["unit"], note=text["note"],
    )  # fmt: skip
    return Given(
        row=row, key=text["id"], layer=text["layer"], ref=text["ref"], party=(party.kind, party.name), what=what
    )
