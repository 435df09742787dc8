"""Import the rows of a table that names sites by layer and ref: in one transaction, every row checked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal, TypedDict, TypeVar

import numpy as np
from sqlalchemy.orm import Session

from geocommons.errors import GeoCommonsError, InvalidInput, NotAllowed
from geocommons.files.checksum import checksum_of
from geocommons.files.reading.table import TableRow, read_layout, read_table
from geocommons.language import Sentence
from geocommons.layer import get_layer
from geocommons.model.activity import Activity
from geocommons.model.actor import Actor
from geocommons.model.base import MOST_REF_SIGNS
from geocommons.model.obligation import Obligation
from geocommons.model.permission import Target, permit
from geocommons.model.site import Site
from geocommons.settings import Settings
from geocommons.store.bulk import lock_writers
from geocommons.store.engine import Store
from geocommons.store.parties import find_sites
from geocommons.usecases.imports.noted import note_import
from geocommons.usecases.imports.report import Report, RowNote
from geocommons.usecases.imports.sites import Progress
from geocommons.usecases.imports.tables.cells import CORRECT, column_of, in_column
from geocommons.usecases.reach import OUTSIDE, ground_of, lies_on

ROWS_AT_ONCE = 5_000
OnError = Literal["reject", "abort"]
T = TypeVar("T")
Take = Callable[[Sequence[TableRow]], None]


@dataclass(frozen=True)
class Form:
    """What a table is called, which act its import is, and the columns that it needs and may have."""

    name: str
    action: str
    needed: tuple[str, ...]
    more: tuple[str, ...]


class NamedSites:
    """The sites that rows name; one is refused where who imports may not act."""

    def __init__(self, session: Session, settings: Settings, actor: Actor, action: str) -> None:
        self._session, self._actor, self._action = session, actor, action
        self._ground = ground_of(session, settings, actor)
        self._sites: dict[tuple[str, str], Site] = {}

    def look_up(self, named: Iterable[tuple[str, str]]) -> list[int]:
        """Find sites by layer and ref, and return the numbers of those that there are."""
        self._sites = find_sites(self._session, named)
        return [site.id for site in self._sites.values()]

    def get(self, layer: str, ref: str) -> Site:
        """Return a site, or refuse where there is none, or none that is in reach."""
        with in_column("layer"):
            permit(self._actor, self._action, Target(layer=get_layer(layer).id))
        site = self._sites.get((layer, ref))
        if site is None:
            raise InvalidInput(
                "There is no site “{ref}” in {layer}. Import the place first.", ref=ref, layer=layer, column="ref"
            )
        self.check(site)
        return site

    def check(self, site: Site) -> None:
        """Refuse a site that is out of reach."""
        permit(self._actor, self._action, Target(layer=site.layer))
        if self._ground is not None and not lies_on(self._ground, np.array([site.geom]))[0]:
            raise NotAllowed(OUTSIDE, ref=site.ref)


@dataclass(frozen=True)
class TableIntake:
    """One table on its way into the register: where it goes, who brings it, and what became of its rows."""

    session: Session
    settings: Settings
    actor: Actor
    report: Report
    sites: NamedSites
    now: datetime
    told: set[str] = field(default_factory=set)
    """The keys of the rows so far, of a table whose rows have one."""

    def site_of(self, key: str, layer: str, ref: str, known: Activity | Obligation | None) -> Site:
        """Return the site of a row with a key of its own; `known` is what the register has under that key."""
        if len(key) > MOST_REF_SIGNS:
            raise InvalidInput("An id may have {most} signs. Shorten it.", most=MOST_REF_SIGNS, column="id")
        if key in self.told:
            raise InvalidInput(
                "“{key}” stands in the file before. Give each row an id of its own.", key=key, column="id"
            )
        site = self.sites.get(layer, ref)
        if known is not None and known.site_id != site.id:
            self.sites.check(self.session.get_one(Site, known.site_id))
        self.told.add(key)
        return site

    def renew(self, known: Activity | Obligation, values: Mapping[str, object]) -> bool:
        """Let the register say what a row says, and return whether it said something else before."""
        if all(getattr(known, name) == value for name, value in values.items()):
            self.report.unchanged += 1
            return False
        for name, value in values.items():
            setattr(known, name, value)
        self.report.updated += 1
        return True


class How(TypedDict, total=False):
    """How a table is brought in, where that is not as usual."""

    dry_run: bool
    on_error: OnError
    progress: Progress


@contextmanager
def refusing(report: Report, row: int, ref: str | None) -> Iterator[None]:
    """Note a row that is refused, and go on with the next."""
    try:
        yield
    except GeoCommonsError as error:
        report.reject(RowNote(row, ref, column_of(error), Sentence.of(error), CORRECT))


def refuse_surplus(row: TableRow) -> None:
    """Refuse a row with more fields than the header: what was cut in two would be taken for what it is not."""
    if row.surplus:
        raise InvalidInput("The row has more fields than the header. Put texts with a separator in them in quotes.")


def read_each(rows: Iterable[TableRow], read: Callable[[int, Mapping[str, object]], T], report: Report) -> list[T]:
    """Return what is read of each row, of those that can be read."""
    found: list[T] = []
    for row in rows:
        report.read += 1
        ref = row.values.get("ref")
        with refusing(report, row.row, None if ref is None else str(ref)):
            refuse_surplus(row)
            found.append(read(row.row, row.values))
    return found


def import_table(
    store: Store, settings: Settings, path: Path, form: Form, start: Callable[[TableIntake], Take], *, now: datetime,
    dry_run: bool = False, on_error: OnError = "reject", progress: Progress = lambda read, total: None,
) -> Report:  # fmt: skip
    """Bring the rows of a table into the register and return the report; all in one transaction, or nothing.

    `start` is called once and returns what takes some rows in.
    """
    header = read_layout(path).header
    if lacking := [name for name in form.needed if name not in header]:
        raise InvalidInput(
            "{file} has no column {missing}. It needs: {columns}.",
            file=path.name,
            missing=", ".join(lacking),
            columns=", ".join(form.needed),
        )
    columns = [*form.needed, *(name for name in form.more if name in header)]
    report = Report(layer=form.name, file=path.name, dry_run=dry_run)
    permit(store.actor, form.action)
    with store.trying() as (session, take_back):
        lock_writers(session)
        named = NamedSites(session, settings, store.actor, form.action)
        take = start(TableIntake(session, settings, store.actor, report, named, now))
        rows = iter(read_table(path, columns=columns))
        while some := list(islice(rows, ROWS_AT_ONCE)):
            take(some)
            progress(report.read, None)
        note_import(session, path, report, checksum_of(path))
        if dry_run or (on_error == "abort" and report.rejected):
            take_back()
    if on_error == "abort" and report.rejected:
        report.abort()
    return report
