"""Bring a register back from its backup, without those who withdrew or left since."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from geocommons.errors import Conflict, NotReady
from geocommons.files.backup_file import BackupReader, reading_backup
from geocommons.files.checksum import checksum_of
from geocommons.model.party import Party
from geocommons.settings import Settings
from geocommons.store.audit import note
from geocommons.store.engine import Store
from geocommons.store.ledger import Ledger, Line, read_lines, still_due
from geocommons.store.public import find_stale, list_site_ids, republish
from geocommons.store.restoring import (
    Before,
    close_what_lets_in,
    forget_number,
    highest_numbers,
    read_before,
    set_number,
)
from geocommons.store.rows import write_rows
from geocommons.store.schema import empty_database, known_revisions, migrate_to
from geocommons.store.trail import Trail
from geocommons.usecases.audit import check_trail
from geocommons.usecases.backup import LEDGER_PART
from geocommons.usecases.people.erase import erase_again


@dataclass
class RestoreReport:
    """What a restore did, and what whoever asked for it must know."""

    made_at: str = ""
    rows: int = 0
    files: int = 0
    withdrawn: int = 0
    erased: int = 0
    tokens_revoked: int = 0
    mail_put_aside: int = 0
    ledger: str = "kept"
    stale: list[int] = field(default_factory=list)
    trail: Trail | None = None


def restore(store: Store, settings: Settings, path: Path, *, now: datetime, replace: bool = False) -> RestoreReport:
    """Put what a backup holds in the place of the register, all in one transaction, or nothing.

    Consents that were withdrawn and people who were erased since, as the ledger in the data folder says, are gone
    before anybody can read the register. Refuses a damaged file, one that a newer program made, and a register that
    holds anything, unless it is to be replaced.
    """
    with (
        reading_backup(path) as backup,
        tempfile.TemporaryDirectory(prefix=".restoring-", dir=_made(settings)) as aside,
    ):
        if backup.manifest["revision"] not in known_revisions():
            raise NotReady(
                "{file} was made by a newer GeoCommons ({version}). Bring this program to that version first.",
                file=path.name,
                version=backup.manifest["program"],
            )
        report = RestoreReport(made_at=backup.manifest["made_at"])
        for name in backup.manifest["files"]:
            backup.extract(name, Path(aside) / name)
        with store.writing() as session:
            before = read_before(session)
            if before.holds_anything and not replace:
                raise Conflict(
                    "The register is not empty. To put the backup in its place, which loses what it holds: --replace"
                )
            lines = _find_ledger(settings, backup, report)
            _load(session, backup, report, before)
            _bring_up_to_date(session, lines, backup, report, now)
            republish(session, list_site_ids(session))
            highest = highest_numbers(session)
            _note(session, path, backup, before, report)
        _keep_ledger(settings, backup, report, highest, now)
        report.files = _put_files(settings, Path(aside), backup.manifest["files"])
    with store.reading() as session:
        report.stale = find_stale(session, list_site_ids(session))
    report.trail = check_trail(store, settings, now=now)
    return report


def _made(settings: Settings) -> Path:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.data_dir


def _find_ledger(settings: Settings, backup: BackupReader, report: RestoreReport) -> list[Line]:
    """Return the lines of the ledger of the register that the backup is of; where it is lost, those in the backup."""
    known, lines = Ledger.of(settings).lines(), read_lines(backup.content(LEDGER_PART), LEDGER_PART)
    if known[: len(lines)] == lines:
        return known
    report.ledger = "another" if known else "lost"
    return lines


def _load(session: Session, backup: BackupReader, report: RestoreReport, before: Before) -> None:
    connection = session.connection()
    empty_database(connection)
    migrate_to(connection, backup.manifest["revision"])
    forget_number(session)
    for table in backup.manifest["tables"]:
        write_rows(connection, table["name"], table["columns"], backup.rows(f"tables/{table['name']}.jsonl"))
        report.rows += table["rows"]
    migrate_to(connection, "head")
    restored = read_before(session)
    set_number(session, max(before.number, restored.number) + 1)


def _bring_up_to_date(
    session: Session, lines: Sequence[Line], backup: BackupReader, report: RestoreReport, now: datetime
) -> None:
    """Let everything that must not come back be gone, before the transaction ends."""
    for line in still_due(lines, backup.manifest["ledger_position"]):
        if line.kind == "withdrawal":
            report.withdrawn += _withdraw(session, line, now)
        else:
            erase_again(session, **line.values, now=now)
            report.erased += 1
    report.tokens_revoked, report.mail_put_aside = close_what_lets_in(session, now)
    session.flush()


def _withdraw(session: Session, line: Line, now: datetime) -> bool:
    party = session.get(Party, line.values["party_id"])
    return party is not None and party.withdraw(line.values["use"], now, "restored")


def _note(session: Session, path: Path, backup: BackupReader, before: Before, report: RestoreReport) -> None:
    """Let the trail go on from where the backup left it, and say what it does not hold any more."""
    told = {
        "made_at": report.made_at,
        "sha256": checksum_of(path),
        "withdrawn": report.withdrawn,
        "erased": report.erased,
    }
    lost = {"replaced_entry": before.newest.entry, "replaced_digest": before.newest.digest}
    note(session, "restored", "register", None, after=told | (lost if before.newest.entry else {}))


def _keep_ledger(
    settings: Settings, backup: BackupReader, report: RestoreReport, highest: dict[str, int], now: datetime
) -> None:
    """Say in the ledger from where the register went another way; after the commit, because only then it did."""
    ledger, manifest = Ledger.of(settings), backup.manifest
    if report.ledger != "kept":
        ledger.replace(backup.content(LEDGER_PART), now)
    told = {"position": manifest["ledger_position"], "highest": highest, **manifest["audit"]}
    ledger.add("restored", now, told)


def _put_files(settings: Settings, aside: Path, names: Sequence[str]) -> int:
    """Put the files of context and runs where the register looks for them."""
    for name in names:
        place = settings.data_dir / name
        place.parent.mkdir(parents=True, exist_ok=True)
        (aside / name).replace(place)
    return len(names)
