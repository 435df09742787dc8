"""Import care that was given from a table: every row is what somebody did for a place on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from geocommons.errors import InvalidInput
from geocommons.files.table import TableRow
from geocommons.language import mark
from geocommons.model.activity import Activity, check_care
from geocommons.model.party import Party
from geocommons.model.site import Site
from geocommons.settings import Settings
from geocommons.store.care import activities_by_key
from geocommons.store.engine import Store
from geocommons.usecases.imports.cells import read_day, read_number, read_texts, read_whole
from geocommons.usecases.imports.claimants import Claimants
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.sites import Progress
from geocommons.usecases.imports.tables import Form, NamedSites, OnError, Take, import_table, read_each, refusing

FORM = Form(
    "care",
    "import care",
    ("id", "layer", "ref", "party", "party_kind", "kind", "day", "minutes"),
    ("people", "amount", "unit", "note"),
)
TWICE = mark("“{key}” stands in the file before. Give each row an id of its own.")
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


def import_care(
    store: Store,
    settings: Settings,
    path: Path,
    *,
    now: datetime,
    dry_run: bool = False,
    on_error: OnError = "reject",
    progress: Progress = lambda read, total: None,
) -> Report:
    """Bring the rows of a table of care into the register, in one transaction, and return the report.

    An id that the register knows is not counted twice: its row is what it says now.
    """

    def start(session: Session, report: Report) -> Take:
        named = NamedSites(session, settings, store.actor, FORM.action)
        return _Care(session, settings, report, now, named).take

    return import_table(store, path, FORM, start, dry_run=dry_run, on_error=on_error, progress=progress)


class _Care:
    """The care that a table tells of, on its way into the register."""

    def __init__(self, session: Session, settings: Settings, report: Report, now: datetime, sites: NamedSites) -> None:
        self.session, self.settings, self.report, self.now = session, settings, report, now
        self.sites = sites
        self.claimants = Claimants(session, settings, (), now)
        self.told: set[str] = set()

    def take(self, rows: Sequence[TableRow]) -> None:
        """Read, check and write some rows."""
        every = read_each(rows, self._read, self.report)
        self.sites.look_up((given.layer, given.ref) for given in every)
        self.claimants = Claimants(self.session, self.settings, (given.party for given in every), self.now)
        known = activities_by_key(self.session, (given.key for given in every))
        for given in every:
            with refusing(self.report, given.row, given.ref):
                self._note(given, known.get(given.key))
        self.session.flush()

    def _read(self, row: int, values: Mapping[str, object]) -> Given:
        given = read_given(row, values)
        what = given.what
        check_care(day=what.day, today=self.now.date(), minutes=what.minutes, people=what.people)
        return given

    def _note(self, given: Given, known: Activity | None) -> None:
        """Write what one row says, unless the register has it as it is."""
        if given.key in self.told:
            raise InvalidInput(TWICE, key=given.key, column="id")
        site = self.sites.get(given.layer, given.ref)
        if known is not None and known.site_id != site.id:
            self.sites.check(self.session.get_one(Site, known.site_id))
        self.claimants.names(given.party)  # refuses a name that two parties have
        self.told.add(given.key)
        party = self.claimants.take(given.party)
        values = {"site_id": site.id, "party": party, **asdict(given.what)}
        if known is None:
            self.session.add(Activity(key=given.key, noted_at=self.now, **values))
            self.report.accepted += 1
        elif all(getattr(known, name) == value for name, value in values.items()):
            self.report.unchanged += 1
        else:
            for name, value in values.items():
                setattr(known, name, value)
            self.report.updated += 1


def read_given(row: int, values: Mapping[str, object]) -> Given:
    """Return one row of the table, or refuse it with the column that is wrong."""
    text = read_texts(values, FORM.needed, FORM.more)
    party = Party(kind=text["party_kind"], name=text["party"])
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
