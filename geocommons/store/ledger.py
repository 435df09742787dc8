"""Keep beside the database what must outlive it: withdrawals and erasures, and what the audit trail was seen to be.

A backup that is restored brings back names whose owners have since withdrawn or left; the ledger, a file in the data
folder to which lines are only added, says whose. It holds numbers and digests, never a name.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.orm import Session

from geocommons.errors import UnreadableFile
from geocommons.settings import Settings
from geocommons.store.audit import at_commit

NAME = "ledger.jsonl"
SORTED = orjson.OPT_SORT_KEYS


@dataclass(frozen=True)
class Line:
    """One line: `kind` (begun, withdrawal, erasure, seen, restored), when, its values, and a check of all so far."""

    kind: str
    at: str
    values: dict[str, Any]
    check: str


def remember_withdrawal(session: Session, settings: Settings, *, party_id: int, use: str, now: datetime) -> None:
    """Let a withdrawn consent stay withdrawn when an older backup is restored.

    It is written as the session commits, before the commit: what is lost with a commit that fails is a line too many.
    """
    at_commit(session, lambda: Ledger.of(settings).add("withdrawal", now, {"party_id": party_id, "use": use}))


def remember_erasure(
    session: Session, settings: Settings, *, party_id: int | None = None, account_id: int | None = None, now: datetime
) -> None:
    """Let an erased person stay erased when an older backup is restored; written as `remember_withdrawal` is."""
    values = {"party_id": party_id, "account_id": account_id}
    at_commit(session, lambda: Ledger.of(settings).add("erasure", now, values))


class Ledger:
    """The file, as a list of lines of which only the end grows."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, settings: Settings) -> "Ledger":
        """Return the ledger of the register that settings name."""
        return cls(settings.data_dir / NAME)

    def lines(self) -> list[Line]:
        """Return every line, or refuse a ledger that was changed anywhere but at its end."""
        return read_lines(self.path.read_bytes(), self.path.name) if self.path.exists() else []

    def begin(self, now: datetime) -> None:
        """Write the first line of a ledger that has none, so that no two registers have the same."""
        if not self.lines():
            self.add("begun", now, {"register": secrets.token_hex(8)})

    def replace(self, lines: bytes, now: datetime) -> Path | None:
        """Put another ledger in the place of this one, which is kept under a name with the moment, and return that."""
        kept = None
        if self.path.exists():
            kept = self.path.with_name(f"ledger-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.jsonl")
            self.path.replace(kept)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(lines)
        return kept

    def add(self, kind: str, now: datetime, values: dict[str, Any]) -> None:
        """Write one more line, and wait until it is on the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            held = file.read()
            # A line that a crash cut off belongs to a commit that never came.
            whole = held.rfind(b"\n") + 1
            file.truncate(whole)
            last = held[:whole].splitlines()[-1] if whole else b""
            file.write(_line(kind, now, values, _check_of(last)).encode())
            file.flush()
            os.fsync(file.fileno())


def _line(kind: str, now: datetime, values: dict[str, Any], before: str) -> str:
    told = {"kind": kind, "at": now.astimezone(UTC).isoformat(), **values}
    return orjson.dumps({**told, "check": _check(told, before)}, option=SORTED).decode() + "\n"


def _check_of(line: bytes) -> str:
    try:
        return str(orjson.loads(line)["check"]) if line else ""
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""  # the reader will say which line it is


def _check(told: dict[str, Any], before: str) -> str:
    return hashlib.sha256(before.encode() + b"\n" + orjson.dumps(told, option=SORTED)).hexdigest()[:32]


def read_lines(text: bytes, name: str) -> list[Line]:
    """Return the lines of a ledger's text, or refuse one that was changed; a last line that was cut off is left out."""
    lines: list[Line] = []
    before = ""
    for number, raw in enumerate(text[: text.rfind(b"\n") + 1].splitlines(), start=1):
        try:
            told = orjson.loads(raw)
            check = told.pop("check")
            sound = check == _check(told, before)
        except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError):
            sound = False
        if not sound:
            raise UnreadableFile(
                "Line {line} of {file} is not what was written there. Bring back the file from a copy.",
                line=number,
                file=name,
            )
        lines.append(Line(told.pop("kind"), told.pop("at"), told, check))
        before = check
    return lines


def still_due(lines: Sequence[Line], position: int) -> list[Line]:
    """Return the withdrawals and erasures that a backup made after `position` lines does not know of.

    Numbers are used again after a restore: where the ledger has gone another way than the backup since, only those
    of things that both ways know (up to the highest number at their parting) are meant.
    """
    own = _restores(lines, position)
    due = []
    for at in range(position, len(lines)):
        line = lines[at]
        if line.kind not in ("withdrawal", "erasure"):
            continue
        partings = [lines[restore].values["highest"] for restore in _restores(lines, at) ^ own]
        known = all(
            line.values[f"{noun}_id"] <= highest[noun]
            for highest in partings
            for noun in ("party", "account")
            if line.values.get(f"{noun}_id") is not None
        )
        if known:
            due.append(line)
    return due


def _restores(lines: Sequence[Line], position: int) -> frozenset[int]:
    """Return which restores lie between the beginning and a position, not counting the ways that they left."""
    found: set[int] = set()
    while True:
        restore = next((at for at in range(position - 1, -1, -1) if lines[at].kind == "restored"), None)
        if restore is None:
            return frozenset(found)
        found.add(restore)
        position = int(lines[restore].values["position"])
