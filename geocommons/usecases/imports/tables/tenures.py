"""Import who holds what from a table: every row is one party's right, restriction or responsibility."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Unpack

from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.files.reading.table import TableRow
from geocommons.language import Sentence, mark
from geocommons.layer import get_layer
from geocommons.model.record import Record, check_ref
from geocommons.model.site import Site
from geocommons.model.tenure import TENURE_WORDS, Tenure, TenureParty, check_terms, find_clash
from geocommons.numerals import Amount
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.parties import sites_of
from geocommons.store.public import republish
from geocommons.store.records import find_records
from geocommons.store.stewardship import list_tenures
from geocommons.usecases.imports.report import Report, RowNote
from geocommons.usecases.imports.tables.cells import (
    CORRECT,
    Texts,
    column_of,
    in_column,
    read_day,
    read_number,
    read_texts,
)
from geocommons.usecases.imports.tables.claimants import Claimants, claimant, read_party
from geocommons.usecases.imports.tables.form import Form, How, TableIntake, import_table, read_each
from geocommons.usecases.reach import permit_party

FORM = Form(
    "tenures",
    "import tenures",
    ("layer", "ref", "party", "party_kind", "class", "type", "valid_from", "record"),
    ("from_m", "to_m", "valid_to", "status", "show_name", "requested_on"),
)
RECORD_KINDS = {"right": "lease", "restriction": "deed", "responsibility": "agreement"}
NO_METRES = mark("“{value}” in {column} is not a number of metres.")
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
    requested_on: date | None
    record: str


def import_tenures(store: Store, settings: Settings, path: Path, *, now: datetime, **how: Unpack[How]) -> Report:
    """Bring the rows of a table of tenures into the register, in one transaction, and return the report."""
    return import_table(store, settings, path, FORM, lambda intake: _Claims(intake).take, now=now, **how)


class _Claims:
    """Some rows on their way into the register."""

    def __init__(self, intake: TableIntake) -> None:
        self.session, self.settings, self.report, self.now = intake.session, intake.settings, intake.report, intake.now
        self.actor, self.sites = intake.actor, intake.sites
        self.claimants = Claimants(self.session, self.settings, (), self.now)
        self.records: dict[str, Record] = {}
        self.tenures: dict[int, list[Tenure]] = {}

    def take(self, rows: Sequence[TableRow]) -> None:
        """Read, check and write the rows, and publish the sites that they touch."""
        claims = read_each(rows, read_claim, self.report)
        site_ids = self.sites.look_up((claim.layer, claim.ref) for claim in claims)
        asked = (claim.party for claim in claims)
        self.claimants = Claimants(self.session, self.settings, asked, self.now)
        self.records = find_records(self.session, {claim.record for claim in claims})
        self.tenures = list_tenures(self.session, site_ids)
        touched = {site_id for claim in claims if (site_id := self._hold(claim)) is not None}
        self.session.flush()
        touched.update(sites_of(self.session, self.claimants.renamed))
        self.session.expire_all()
        republish(self.session, touched)

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
            self.report.reject(RowNote(claim.row, claim.ref, column_of(error), Sentence.of(error), CORRECT))
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
            permit_party(self.session, self.settings, self.actor, party.id, FORM.action)

    def _agree(self, claim: Claim) -> None:
        """Count a row whose tenure the register has as it is; it may still say something of the name."""
        if self.claimants.hear(claim.party, claim.shown):
            self.report.updated += 1
        else:
            self.report.unchanged += 1

    def _site(self, claim: Claim) -> Site:
        site = self.sites.get(claim.layer, claim.ref)
        if site.until is not None and claim.valid_from >= site.until:
            raise InvalidInput(
                "“{ref}” was retired on {day}. Nobody can hold it after that.",
                ref=claim.ref, day=site.until, column="valid_from",
            )  # fmt: skip
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
            requested_on=claim.requested_on,
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
            raise InvalidInput("“{ref}” cannot be taken on: {reason}", ref=claim.ref, reason=reason, column="ref")
        meant = self._tenure(claim, site)
        clash = find_clash(meant, (other for other in self.tenures.get(site.id, []) if other is not tenure))
        if clash is not None:
            raise InvalidInput(
                "“{ref}” is held by another {type} from {since} to {until}{stretch}."
                " End that one first, or change the dates or the stretch.",
                ref=claim.ref,
                type=TENURE_WORDS[claim.type],
                since=clash.valid_from,
                until=clash.valid_to or Sentence("further notice"),
                stretch="" if clash.from_m is None else _stretch(clash.from_m, clash.to_m or 0.0),
                column="valid_from",
            )

    def _record(self, claim: Claim) -> Record:
        if claim.record not in self.records:
            record = Record(ref=claim.record, kind=RECORD_KINDS[claim.rrr], day=claim.valid_from, created_at=self.now)
            self.session.add(record)
            self.session.flush()
            self.records[claim.record] = record
        return self.records[claim.record]


def read_claim(row: int, values: Mapping[str, object]) -> Claim:
    """Return one row of the table as a claim, or refuse it with the column that is wrong."""
    text = read_texts(values, FORM.needed, FORM.more)
    shown = text["show_name"].casefold()
    if shown not in ("", *YES_NO):
        raise InvalidInput("“{value}” in {column} is neither yes nor no.", value=shown, column="show_name")
    party = read_party(text)
    with in_column("record"):
        check_ref(text["record"])
    first = read_day(text, "valid_from")
    assert first is not None
    asked = read_day(text, "requested_on")
    if asked is not None and asked > first:
        raise InvalidInput(
            "It was asked for on {day}, after the day from which it counts. Swap the days.",
            day=asked, column="requested_on",
        )  # fmt: skip
    return Claim(
        row=row, layer=text["layer"], ref=text["ref"], party=(party.kind, party.name), shown=YES_NO.get(shown),
        rrr=text["class"], type=text["type"], status=text["status"] or "current", from_m=_metres(text, "from_m"),
        to_m=_metres(text, "to_m"), valid_from=first, valid_to=read_day(text, "valid_to"), requested_on=asked,
        record=text["record"],
    )  # fmt: skip


def _stretch(from_m: float, to_m: float) -> Sentence:
    return Sentence(" between {from_m} and {to_m} m", from_m=Amount(from_m, 3), to_m=Amount(to_m, 3))


def _metres(text: Texts, column: str) -> float | None:
    metres = read_number(text, column, NO_METRES)
    return None if metres is None else round(metres, 3)


def _differs(known: Tenure, claim: Claim) -> bool:
    asked = claim.requested_on or known.requested_on
    told = (claim.valid_to, claim.to_m, claim.status, asked)
    return (known.valid_to, known.to_m, known.status, known.requested_on) != told


def _renew(known: Tenure, claim: Claim, record: Record) -> None:
    known.valid_to, known.to_m, known.status, known.record_id = claim.valid_to, claim.to_m, claim.status, record.id
    # A table without the column says nothing of it, and forgets nothing.
    known.requested_on = claim.requested_on or known.requested_on
