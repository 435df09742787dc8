"""Say in the audit trail which file it was that brought rows into the register."""

import hashlib
from pathlib import Path

from sqlalchemy.orm import Session

from geocommons.store.audit import note
from geocommons.usecases.imports.report import Report

COUNTS = ("accepted", "updated", "retired", "rejected")


def note_import(session: Session, path: Path, report: Report) -> None:
    """Note a file that changed something, with its checksum: what was new in it stands in the trail by number only."""
    counts = {name: getattr(report, name) for name in COUNTS}
    if not any(counts[name] for name in COUNTS[:3]):
        return
    told: dict[str, object] = {"file": path.name, "layer": report.layer, **counts}
    if path.is_file():
        with path.open("rb") as file:
            told["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    note(session, "imported", "file", None, after=told)
