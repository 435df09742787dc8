"""Import who holds what from a table: every row is one party's right, restriction or responsibility."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geocommons.errors import GeoCommonsError, InvalidInput, NotAllowed
from geocommons.files.table import TableRow, read_layout, read_table
from geocommons.layer import get_layer
from geocommons.model.actor import Actor
from geocommons.model.party import Party
from geocommons.model.permission import Target, permit
from geocommons.model.record import Record
from geocommons.model.site import Site
from geocommons.model.tenure import Tenure, TenureParty, check_terms, find_clash
from geocommons.settings import Settings
from geocommons.store.engine import Store, lock_writers
from geocommons.store.parties import find_sites, sites_of
from geocommons.store.public import republish
from geocommons.store.records import find_records
from geocommons.store.stewardship import list_tenures
from geocommons.usecases.imports.claimants import Claimants, claimant
from geocommons.usecases.imports.noted import note_import
from geocommons.usecases.imports.report import Report, RowNote
from geocommons.usecases.imports.sites import Progress
from geocommons.usecases.reach import OUTSIDE, ground_of, lies_on, permit_party

ACTION = "import tenures"
COLUMNS = ("layer", "ref", "party", "party_kind", "class", "type", "valid_from", "record")
MORE_COLUMNS = ("from_m", "to_m", "valid_to", "status", "show_name")
ROWS_AT_ONCE = 5_000
RECORD_KINDS = {"right": "lease", "restriction": "deed", "responsibility": "agreement"}
YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class Claim:
    """One row of the table, read but not yet checked against the register."""

    row: int
    layer: str
    ref: str
    party: tuple[str, str]
    shown: bool | None
    rrr: str
    type: str
    status: str
    from_m: float | None
    to_m: float | None
    valid_from: date
    valid_to: date | None
    record: str


def import_tenures(
    store: Store,
    settings: Settings,
    path: Path,
    *,
    now: datetime,
    dry_run: bool = False,
    on_error: Literal["reject", "abort"] = "reject",
    progress: Progress = lambda read, total: None,
) -> Report:
    """Bring the rows of a table of tenures into the register, in one transaction, and return the report."""
    header = read_layout(path).header
    if lacking := [name for name in COLUMNS if name not in header]:
        raise InvalidInput(
            "{file} has no column {missing}. It needs: {columns}.",
            file=path.name,
            missing=", ".join(lacking),
            columns=", ".join(COLUMNS),
        )
    columns = [*COLUMNS, *(name for name in MORE_COLUMNS if name in header)]
    report = Report(layer="tenures", file=path.name, dry_run=dry_run)
    permit(store.actor, ACTION)
    with store.trying() as (session, take_back):
        lock_writers(session)
        ground = ground_of(session, settings, store.actor)
        rows = iter(read_table(path, columns=columns))
        while some := list(islice(rows, ROWS_AT_ONCE)):
            _Claims(session, settings, report, now, store.actor, ground).take(some)
            progress(report.read, None)
        note_import(session, path, report)
        if dry_run or (on_error == "abort" and report.rejected):
            take_back()
    if on_error == "abort" and report.rejected:
        report.abort()
    return report


class _Claims:
    """Some rows on their way into the register."""

    def __init__(
        self, session: Session, settings: Settings, report: Report, now: datetime, actor: Actor,
        ground: shapely.Geometry | None,
    ) -> None:  # fmt: skip
        self.session, self.settings, self.report, self.now = session, settings, report, now
        self.actor, self.ground = actor, ground
        self.sites: dict[tuple[str, str], Site] = {}
        self.claimants = Claimants(session, settings, (), now)
        self.records: dict[str, Record] = {}
        self.tenures: dict[int, list[Tenure]] = {}

    def take(self, rows: Sequence[TableRow]) -> None:
        """Read, check and write the rows, and publish the sites that they touch."""
        claims = [claim for row in rows if (claim := self._read(row)) is not None]
        self.sites = find_sites(self.session, ((claim.layer, claim.ref) for claim in claims))
        asked = (claim.party for claim in claims)
        self.claimants = Claimants(self.session, self.settings, asked, self.now)
        self.records = find_records(self.session, {claim.record for claim in claims})
        self.tenures = list_tenures(self.session, [site.id for site in self.sites.values()])
        touched = {site_id for claim in claims if (site_id := self._hold(claim)) is not None}
        self.session.flush()
        touched.update(sites_of(self.session, self.claimants.renamed))
        self.session.expire_all()
        republish(self.session, touched)

    def _read(self, row: TableRow) -> Claim | None:
        self.report.read += 1
        try:
            return read_claim(row.row, row.values)
        except GeoCommonsError as error:
            ref = row.values.get("ref")
            self.report.reject(RowNote(row.row, None if ref is None else str(ref), _column(error), str(error), CORRECT))
            return None

    def _hold(self, claim: Claim) -> int | None:
        """Write one claim; return its site's id if that changed anything."""
        try:
            site = self._site(claim)
            self._refuse_naming(claim)
            known = self._known(claim, site)
            tenure = known or self._tenure(claim, site)
            if known is not None and not _differs(known, claim):
                self._agree(claim)
                return None
            self._check(claim, site, tenure)
        except GeoCommonsError as error:
            self.report.reject(RowNote(claim.row, claim.ref, _column(error), str(error), CORRECT))
            return None
        if known is not None:
            _renew(known, claim, self._record(claim))
            self.report.updated += 1
        else:
            tenure.record_id = self._record(claim).id
            party = self.claimants.take(claim.party)
            tenure.claimant = claimant(party.id)
            tenure.parties = [TenureParty(party=party, share_num=1, share_den=1)]
            self.session.add(tenure)
            self.tenures.setdefault(site.id, []).append(tenure)
            self.report.accepted += 1
        self.claimants.hear(claim.party, claim.shown)
        return site.id

    def _refuse_naming(self, claim: Claim) -> None:
        """Refuse a row that says whether somebody is named who holds places where the actor may do nothing."""
        for party in self.claimants.known.get(claim.party, []) if claim.shown is not None else []:
            permit_party(self.session, self.settings, self.actor, party.id, ACTION)

    def _agree(self, claim: Claim) -> None:
        """Count a row whose tenure the register has as it is; it may still say something of the name."""
        if self.claimants.hear(claim.party, claim.shown):
            self.report.updated += 1
        else:
            self.report.unchanged += 1

    def _site(self, claim: Claim) -> Site:
        permit(self.actor, ACTION, Target(layer=get_layer(claim.layer).id))
        site = self.sites.get((claim.layer, claim.ref))
        if site is None:
            raise InvalidInput(
                "There is no site “{ref}” in {layer}. Import the place first.", ref=claim.ref, layer=claim.layer
            )
        if self.ground is not None and not lies_on(self.ground, np.array([site.geom]))[0]:
            raise NotAllowed(OUTSIDE, ref=claim.ref)
        if site.until is not None and claim.valid_from >= site.until:
            raise InvalidInput(
                "“{ref}” was retired on {day}. Nobody can hold it after that.", ref=claim.ref, day=site.until
            )
        return site

    def _known(self, claim: Claim, site: Site) -> Tenure | None:
        names = self.claimants.names(claim.party)
        for tenure in self.tenures.get(site.id, []):
            same = tenure.claimant in names and tenure.type == claim.type
            if same and tenure.valid_from == claim.valid_from and tenure.from_m == claim.from_m:
                return tenure
        return None

    def _tenure(self, claim: Claim, site: Site) -> Tenure:
        layer = get_layer(claim.layer)
        return Tenure(
            site_id=site.id, rrr=claim.rrr, type=claim.type, status=claim.status, claimant="",
            from_m=claim.from_m, to_m=claim.to_m, valid_from=claim.valid_from, valid_to=claim.valid_to,
            exclusive=claim.type in layer.care_types and not layer.co_stewards,
        )  # fmt: skip

    def _check(self, claim: Claim, site: Site, tenure: Tenure) -> None:
        layer = get_layer(claim.layer)
        check_terms(
            rrr=claim.rrr, type=claim.type, status=claim.status, valid_from=claim.valid_from, valid_to=claim.valid_to,
            from_m=claim.from_m, to_m=claim.to_m, length_m=site.length_m if layer.measured else None,
        )  # fmt: skip
        reason = layer.refusal(layer.facts.model_construct(**site.facts))
        if reason is not None and claim.type in layer.care_types:
            raise InvalidInput("“{ref}” cannot be taken on: {reason}", ref=claim.ref, reason=reason.say("en"))
        meant = self._tenure(claim, site)
        clash = find_clash(meant, (other for other in self.tenures.get(site.id, []) if other is not tenure))
        if clash is not None:
            raise InvalidInput(
                "“{ref}” is held by another {type} from {since} to {until}{stretch}."
                " End that one first, or change the dates or the stretch.",
                ref=claim.ref,
                type=claim.type.replace("_", " "),
                since=clash.valid_from,
                until=clash.valid_to or "further notice",
                stretch="" if clash.from_m is None else f" between {clash.from_m:g} and {clash.to_m:g} m",
            )

    def _record(self, claim: Claim) -> Record:
        if claim.record not in self.records:
            record = Record(ref=claim.record, kind=RECORD_KINDS[claim.rrr], day=claim.valid_from, created_at=self.now)
            self.session.add(record)
            self.session.flush()
            self.records[claim.record] = record
        return self.records[claim.record]


CORRECT = "Correct the row and import the file again; rows that were taken are not taken twice."


def read_claim(row: int, values: Mapping[str, object]) -> Claim:
    """Return one row of the table as a claim, or refuse it with the column that is wrong."""
    text = {name: "" if values.get(name) is None else str(values[name]) for name in (*COLUMNS, *MORE_COLUMNS)}
    for name in COLUMNS:
        if not text[name]:
            raise InvalidInput("The column {column} is empty. Fill it in.", column=name)
    shown = text["show_name"].casefold()
    if shown not in ("", *YES_NO):
        raise InvalidInput("“{value}” in {column} is neither yes nor no.", value=shown, column="show_name")
    party = Party(kind=text["party_kind"], name=text["party"])
    first = _day(text, "valid_from")
    if first is None:
        raise InvalidInput("The column {column} is empty. Fill it in.", column="valid_from")
    return Claim(
        row=row, layer=text["layer"], ref=text["ref"], party=(party.kind, party.name), shown=YES_NO.get(shown),
        rrr=text["class"], type=text["type"], status=text["status"] or "current", from_m=_metres(text, "from_m"),
        to_m=_metres(text, "to_m"), valid_from=first, valid_to=_day(text, "valid_to"), record=text["record"],
    )  # fmt: skip


def _day(text: Mapping[str, str], column: str) -> date | None:
    try:
        return date.fromisoformat(text[column][:10]) if text[column] else None
    except ValueError as error:
        raise InvalidInput(
            "“{value}” in {column} is not a day. Write it as 2026-03-31.", value=text[column], column=column
        ) from error


def _metres(text: Mapping[str, str], column: str) -> float | None:
    try:
        return round(float(text[column]), 3) if text[column] else None
    except ValueError as error:
        raise InvalidInput(
            "“{value}” in {column} is not a number of metres.", value=text[column], column=column
        ) from error


def _column(error: GeoCommonsError) -> str:
    return str(error.params.get("column", ""))


def _differs(known: Tenure, claim: Claim) -> bool:
    return (known.valid_to, known.to_m, known.status) != (claim.valid_to, claim.to_m, claim.status)


def _renew(known: Tenure, claim: Claim, record: Record) -> None:
    known.valid_to, known.to_m, known.status, known.record_id = claim.valid_to, claim.to_m, claim.status, record.id
