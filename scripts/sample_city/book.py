"""The book of the register: rows of tenures, the records that give the reason for each, care given and what is due."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

TENURE_COLUMNS = [
    "layer", "ref", "party", "party_kind", "class", "type", "from_m", "to_m", "valid_from", "valid_to", "record",
    "status", "show_name", "requested_on",
]  # fmt: skip
RECORD_COLUMNS = ["ref", "kind", "day", "title"]
CARE_COLUMNS = [
    "id", "layer", "ref", "party", "party_kind", "kind", "day", "minutes", "people", "amount", "unit", "note",
]  # fmt: skip
DUTY_COLUMNS = ["id", "layer", "ref", "kind", "due_on", "every_days", "done_on", "evidence"]


@dataclass(frozen=True)
class Party:
    """Who holds a tenure; `shown` is a person's consent to be named in public."""

    name: str
    kind: str
    shown: bool = False


@dataclass
class Book:
    """Tenures and records in the order they were written, care by day, and what is due."""

    tenures: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    care: list[dict[str, Any]] = field(default_factory=list)
    duties: list[dict[str, Any]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def record(self, kind: str, day: date, title: str) -> str:
        """Write a record and return its reference, such as LEASE-2024-0012."""
        series = f"{kind.upper()}-{day.year}"
        self._numbers[series] = self._numbers.get(series, 0) + 1
        ref = f"{series}-{self._numbers[series]:04d}"
        self.records.append({"ref": ref, "kind": kind, "day": day, "title": title})
        return ref

    def tenure(
        self,
        site: tuple[str, str],
        party: Party,
        what: tuple[str, str],
        days: tuple[date, date | None],
        record: str,
        *,
        stretch: tuple[float, float] | None = None,
        status: str = "",
    ) -> None:
        """Write a tenure: (layer, ref), party, (class, type), (first day, first day no longer or None)."""
        from_m, to_m = stretch or (None, None)
        personal = party.kind in ("person", "household")
        self.tenures.append(
            {
                "layer": site[0],
                "ref": site[1],
                "party": party.name,
                "party_kind": party.kind,
                "class": what[0],
                "type": what[1],
                "from_m": from_m,
                "to_m": to_m,
                "valid_from": days[0],
                "valid_to": days[1],
                "record": record,
                "status": status,
                "show_name": ("yes" if party.shown else "") if personal else "",
            }
        )
