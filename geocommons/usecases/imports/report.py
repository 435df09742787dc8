"""The report of an import: every row that was read is counted once, and every refusal says what to do."""

from dataclasses import dataclass, field
from typing import Any

from geocommons.language import SOURCE_LANGUAGE, Sentence

Refusal = tuple[str, Sentence, Sentence]
"""Why a row is refused: the column, the reason and the remedy."""


@dataclass(frozen=True)
class RowNote:
    """What to know of one row: its 1-based number, its ref, the column, the reason and the remedy."""

    row: int
    ref: str | None
    column: str
    reason: Sentence
    remedy: Sentence

    def as_dict(self, language: str = SOURCE_LANGUAGE) -> dict[str, Any]:
        """Return the note as the report's JSON has it, in the language of who reads it."""
        said = {"reason": self.reason.say(language), "remedy": self.remedy.say(language)}
        return {"row": self.row, "ref": self.ref, "column": self.column, **said}


@dataclass
class Report:
    """Counts and notes; read = accepted + updated + unchanged + rejected."""

    layer: str
    file: str
    read: int = 0
    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    repaired: int = 0
    vanished: int = 0
    retired: int = 0
    dry_run: bool = False
    rows: list[RowNote] = field(default_factory=list)
    repairs: list[RowNote] = field(default_factory=list)
    vanished_refs: list[str] = field(default_factory=list)
    kept_refs: list[str] = field(default_factory=list)
    """Vanished sites that were not retired, because somebody holds or asked for them."""
    later_refs: list[str] = field(default_factory=list)
    """Places that were taken, but are there only from a day to come."""
    unused_columns: list[str] = field(default_factory=list)
    """Columns of the file that nothing was read from."""
    aborted: bool = False

    def reject(self, note: RowNote) -> None:
        """Count a row as refused, and keep why."""
        self.rejected += 1
        self.rows.append(note)
        if note.ref in self.later_refs:
            self.later_refs.remove(note.ref)

    def abort(self) -> None:
        """Say that nothing was taken, because some rows had to be refused."""
        self.aborted = True
        self.rejected, self.accepted, self.updated, self.unchanged = self.read, 0, 0, 0
        self.repaired = self.retired = 0
        self.later_refs.clear()

    def as_dict(self, language: str = SOURCE_LANGUAGE) -> dict[str, Any]:
        """Return the report as JSON has it, in the language of who reads it."""
        counts = ("read", "accepted", "updated", "unchanged", "rejected", "repaired", "vanished", "retired")
        return {
            "layer": self.layer,
            "file": self.file,
            "dry_run": self.dry_run,
            "aborted": self.aborted,
            **{name: getattr(self, name) for name in counts},
            "rows": [note.as_dict(language) for note in sorted(self.rows, key=lambda note: note.row)],
            "repairs": [note.as_dict(language) for note in self.repairs],
            "vanished_refs": self.vanished_refs,
            "kept_refs": self.kept_refs,
            "later_refs": self.later_refs,
            "unused_columns": self.unused_columns,
        }

    @property
    def exit_code(self) -> int:
        """0 when every row was taken, 1 when some were refused, 2 when the whole file was."""
        return 2 if self.aborted else 1 if self.rejected else 0
