"""The report of a context file: every row that was read is counted once, and so is every row of a joined table."""

from dataclasses import dataclass, field
from typing import Any

from geocommons.language import SOURCE_LANGUAGE
from geocommons.usecases.imports.report import RowNote


@dataclass
class TableReport:
    """What became of the rows of a joined table; read = used + repeated + unplaced."""

    file: str
    read: int = 0
    used: int = 0
    repeated: int = 0
    unplaced: int = 0
    unplaced_people: float = 0.0
    """People of rows that no place was found for: they are in no analysis."""
    rows: list[RowNote] = field(default_factory=list)

    def as_dict(self, language: str = SOURCE_LANGUAGE) -> dict[str, Any]:
        """Return the report as JSON has it, in the language of who reads it."""
        counts = ("read", "used", "repeated", "unplaced", "unplaced_people")
        return {
            "file": self.file,
            **{name: getattr(self, name) for name in counts},
            "rows": [note.as_dict(language) for note in sorted(self.rows, key=lambda note: note.row)],
        }


@dataclass
class ContextReport:
    """Counts and notes; read = accepted + rejected."""

    kind: str
    file: str
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    repaired: int = 0
    people: float | None = None
    rows: list[RowNote] = field(default_factory=list)
    repairs: list[RowNote] = field(default_factory=list)
    table: TableReport | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    """Further figures of the whole set, for example where its streets do not meet."""

    def reject(self, note: RowNote) -> None:
        """Count a row as refused, and keep why."""
        self.rejected += 1
        self.rows.append(note)

    def repair(self, note: RowNote) -> None:
        """Keep what was changed in a row that was taken."""
        self.repaired += 1
        self.repairs.append(note)

    def as_dict(self, language: str = SOURCE_LANGUAGE) -> dict[str, Any]:
        """Return the report as JSON has it, in the language of who reads it."""
        return {
            "kind": self.kind,
            "file": self.file,
            **{name: getattr(self, name) for name in ("read", "accepted", "rejected", "repaired", "people")},
            "rows": [note.as_dict(language) for note in sorted(self.rows, key=lambda note: note.row)],
            "repairs": [note.as_dict(language) for note in self.repairs],
            "table": self.table.as_dict(language) if self.table else None,
            "notes": self.notes,
        }

    @property
    def exit_code(self) -> int:
        """0 when every row was taken, 1 when some were refused or left over, 2 when none was taken."""
        if self.accepted == 0:
            return 2
        left_over = self.table is not None and bool(self.table.rows)
        return 1 if self.rejected or left_over else 0
