"""Say in the audit trail which file it was that brought rows into the register."""

from pathlib import Path

from sqlalchemy.orm import Session

from geocommons.store.audit import note
from geocommons.usecases.imports.report import Report

COUNTS = ("accepted", "updated", "retired", "rejected")


def note_import(session: Session, path: Path, report: Report, sha256: str) -> None:
    """Note a file that changed something, with its checksum: what was new in it stands in the trail by number only."""
    counts = {name: getattr(report, name) for name in COUNTS}
    if any(counts[name] for name in COUNTS[:3]):
        told = {"file": path.name, "layer": report.layer, **counts, **({"sha256": sha256} if sha256 else {})}
        note(session, "imported", "file", None, after=told)
