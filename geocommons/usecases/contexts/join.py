"""Join a table to the places of a file by a key, so that no row of it counts twice and none is lost in silence."""

from collections.abc import Mapping
from pathlib import Path

from geocommons.errors import UnreadableFile
from geocommons.files.reading.table import PARQUET_SUFFIXES, TABLE_SUFFIXES, TableRow, read_table
from geocommons.language import Sentence
from geocommons.usecases.contexts.report import TableReport
from geocommons.usecases.imports.facts import ref_text
from geocommons.usecases.imports.report import RowNote


class JoinedTable:
    """The rows of a table by key; each is given to one place at most."""

    def __init__(self, path: Path, key: str) -> None:
        self.report = TableReport(path.name)
        self._key = key
        self._rows: dict[str, TableRow] = {}
        self._given: dict[str, int] = {}
        for row in read_table(path):
            self._keep(row)

    def _keep(self, row: TableRow) -> None:
        self.report.read += 1
        key = ref_text(row.values[self._key])
        if key is None:
            self.report.unplaced += 1
            self._note(row, None, Sentence("The row has no key."), Sentence("Fill it in, or leave the row out."))
        elif key in self._rows:
            self.report.repeated += 1
            first = self._rows[key].row
            reason = Sentence("“{key}” stands in the table before (row {first}).", key=key, first=first)
            self._note(row, key, reason, Sentence("Keep one row for each place."))
        else:
            self._rows[key] = row

    def _note(self, row: TableRow, key: str | None, reason: Sentence, remedy: Sentence) -> None:
        self.report.rows.append(RowNote(row.row, key, self._key, reason, remedy))

    def find(self, key: str) -> Mapping[str, object] | None:
        """Return the values of a key, or None."""
        row = self._rows.get(key)
        return None if row is None else row.values

    def given_to(self, key: str) -> int | None:
        """Return the row of the file that has taken a key already, or None."""
        return self._given.get(key)

    def give(self, key: str, row: int) -> None:
        """Note that a row of the file takes a key."""
        self._given[key] = row

    def close(self, people_column: str | None) -> TableReport:
        """Return the report, with the rows that no place was found for."""
        self.report.used = len(self._given)
        for key, row in self._rows.items():
            if key in self._given:
                continue
            self.report.unplaced += 1
            self.report.unplaced_people += _people(row.values.get(people_column or ""))
            reason = Sentence("No place with “{key}” was taken from the file.", key=key)
            self._note(row, key, reason, Sentence("Look for the place, or its number."))
        self.report.unplaced_people = round(self.report.unplaced_people, 3)
        return self.report


def table_columns(path: Path) -> list[str]:
    """Return the columns of a table; refuse a file that is none."""
    if path.suffix.lower() not in (*TABLE_SUFFIXES, *PARQUET_SUFFIXES):
        raise UnreadableFile("{file} is not a table. Save it as CSV to join it.", file=path.name)
    first = next(read_table(path), None)
    if first is None:
        raise UnreadableFile("{file} has no rows to join.", file=path.name)
    return list(first.values)


def _people(value: object) -> float:
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return 0.0
