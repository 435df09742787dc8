"""Read the audit trail, and prove that nobody changed, removed or added anything behind its back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from geocommons.language import mark
from geocommons.model.audit import NO_DIGEST, AuditEntry, chain_digest
from geocommons.store.ledger import Line
from geocommons.store.version import VERSION

ENTRIES_AT_ONCE = 2_000
MISSING = mark("Entry {entry} of the audit trail is missing.")
CHANGED = mark("Entry {entry} of the audit trail was changed, or the one before it.")
WRITTEN_ANEW = mark("Entry {entry} of the audit trail is not the one that was seen there on {at}.")
TOO_MANY = mark("Entry {entry} of the audit trail was added behind the register's back.")


@dataclass(frozen=True)
class Newest:
    """The newest entry: note it down elsewhere, and nobody can write the trail anew unnoticed."""

    entry: int
    digest: str


@dataclass(frozen=True)
class Trail:
    """What was found of the audit trail; `broken` is the first entry that is not what it was, with a sentence why.

    `seen` is how many entries the ledger knew from earlier checks: without any, a trail that was written anew as a
    whole would not show.
    """

    entries: int
    newest: Newest
    seen: int = 0
    broken: int | None = None
    sentence: str = ""
    at: str = ""


def verify_trail(session: Session, seen: Mapping[int, tuple[str, str]]) -> Trail:
    """Go through the whole trail; `seen` is what was there before: digest and moment by entry."""
    newest = read_newest(session)
    last, digest = 0, NO_DIGEST
    for row in _entries(session):
        values = dict(row._mapping)
        expected = chain_digest(values, digest)
        if values["id"] != last + 1:
            return _broken(newest, last, last + 1, MISSING if values["id"] > last + 1 else CHANGED)
        last, digest = values["id"], values["digest"]
        if digest != expected:
            return _broken(newest, last, last, CHANGED)
        if last in seen and seen[last][0] != digest:
            return _broken(newest, last, last, WRITTEN_ANEW, seen[last][1])
        if last > newest.entry:
            return _broken(newest, last, last, TOO_MANY)
    if last < max((newest.entry, *seen)):
        return _broken(newest, last, last + 1, MISSING)
    return Trail(last, newest, len(seen)) if digest == newest.digest else _broken(newest, last, last, CHANGED)


def read_newest(session: Session) -> Newest:
    """Return the newest entry as it stands beside the number of the register, outside the trail."""
    return Newest(*session.connection().execute(select(VERSION.c.audit_id, VERSION.c.audit_digest)).one())


def seen_before(lines: list[Line]) -> dict[int, tuple[str, str]]:
    """Return what a ledger says was seen of the trail, and still must be there: digest and moment by entry."""
    seen: dict[int, tuple[str, str]] = {}
    for line in lines:
        if line.kind == "restored":
            seen = {entry: said for entry, said in seen.items() if entry <= line.values["entry"]}
        if line.kind in ("seen", "restored") and line.values["entry"]:
            seen[line.values["entry"]] = (line.values["digest"], line.at)
    return seen


def _broken(newest: Newest, entries: int, entry: int, sentence: str, at: str = "") -> Trail:
    return Trail(entries, newest, broken=entry, sentence=sentence, at=at)


def _entries(session: Session) -> Iterator[Row[Any]]:
    """Yield every entry in its order, a part at a time."""
    table: Any = AuditEntry.__table__
    after: int | None = None
    while True:
        query = select(table).order_by(table.c.id).limit(ENTRIES_AT_ONCE)
        rows = session.connection().execute(query if after is None else query.where(table.c.id > after)).all()
        yield from rows
        if len(rows) < ENTRIES_AT_ONCE:
            return
        after = rows[-1].id
