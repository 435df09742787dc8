"""Put the whole register into one file."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from geocommons import __version__
from geocommons.files.backup_file import BackupWriter, writing_backup
from geocommons.files.checksum import checksum_of
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.ledger import Ledger
from geocommons.store.restoring import files_of, holding_writers
from geocommons.store.rows import carried_tables, columns_of, read_rows
from geocommons.store.schema import known_revisions
from geocommons.store.trail import read_newest
from geocommons.usecases.audit import remember_seen

LEDGER_PART = "ledger.jsonl"
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class BackupReport:
    """What went into a backup; `missing` are files that the register names and the data folder no longer has."""

    rows: int
    files: int
    missing: list[str]
    bytes: int
    sha256: str


def back_up(
    store: Store,
    settings: Settings,
    path: Path,
    *,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> BackupReport:
    """Write the register, its context and the results of its runs into one file, as they are at one moment.

    Sign-ins are left out, and so is what can be written anew. The file holds names: it is readable by its owner
    alone, and whoever keeps it keeps a register of persons.
    """
    ledger = Ledger.of(settings)
    ledger.begin(now)
    with store.snapshot() as session:
        # A withdrawal writes its line just before its commit: here it has done both, or neither.
        with holding_writers(store):
            newest = read_newest(session)
            position = len(ledger.lines())
            known = ledger.path.read_bytes()
        remember_seen(settings, newest, now=now)
        with writing_backup(path) as backup:
            backup.add_bytes(LEDGER_PART, known)
            tables = _add_tables(backup, session, progress)
            names, missing = _add_files(backup, session, settings)
            backup.close(
                {
                    "made_at": now.isoformat(), "program": __version__, "revision": known_revisions()[0],
                    "title": settings.title, "ledger_position": position, "audit": asdict(newest),
                    "tables": tables, "files": names,
                }
            )  # fmt: skip
    rows = sum(int(str(table["rows"])) for table in tables)
    return BackupReport(rows, len(names), missing, path.stat().st_size, checksum_of(path))


def _add_tables(backup: BackupWriter, session: Session, progress: Progress) -> list[dict[str, object]]:
    added: list[dict[str, object]] = []
    carried = carried_tables()
    for done, table in enumerate(carried, start=1):
        count = backup.add_rows(f"tables/{table.name}.jsonl", read_rows(session, table))
        added.append({"name": str(table.name), "columns": columns_of(table), "rows": count})
        progress(done, len(carried))
    return added


def _add_files(backup: BackupWriter, session: Session, settings: Settings) -> tuple[list[str], list[str]]:
    names, missing = [], []
    context, outputs = files_of(session)
    for folder, paths in ((settings.context_dir, context), (settings.runs_dir, outputs)):
        for path in paths:
            if (folder / path).is_file():
                backup.add_file(f"{folder.name}/{path}", folder / path)
                names.append(f"{folder.name}/{path}")
            else:
                missing.append(f"{folder.name}/{path}")
    return names, missing
