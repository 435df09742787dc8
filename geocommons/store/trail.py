"""Read the audit trail, and prove that nobody changed, removed or added anything behind its back."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geocommons.language import mark
from geocommons.model.audit import NO_DIGEST, AuditEntry, chain_digest
from geocommons.store.ledger import Line
from geocommons.store.seals import read_keys
from geocommons.store.version import VERSION

ENTRIES_AT_ONCE = 2_000
MISSING = mark("Entry {entry} of the audit trail is missing.")
CHANGED = mark("Entry {entry} of the audit trail was changed, or the one before it.")
WRITTEN_ANEW = mark("Entry {entry} of the audit trail is not the one that was seen there on {at}.")
KEYLESS = mark(
    "{count} entries of the audit trail are sealed under keys that are not there any more, of people who were not "
    "erased: somebody took the keys. Bring them back from a backup."
)
SEALED = re.compile(r'"sealed":"([^"\\]+)"')
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
    whole would not show. `keyless` counts sealed entries without a key; of who was erased a destroyed one is left.
    """

    entries: int
    newest: Newest
    seen: int = 0
    broken: int | None = None
    sentence: str = ""
    at: str = ""
    keyless: int = 0


def verify_trail(session: Session, seen: Mapping[int, tuple[str, str]]) -> Trail:
    """Go through the whole trail; `seen` is what was there before: digest and moment by entry."""
    newest = read_newest(session)
    last, digest, sealed = 0, NO_DIGEST, Counter[frozenset[str]]()
    for values in _entries(session):
        expected = _digest_of(values, digest)
        if values["id"] != last + 1:
            return _broken(newest, last, last + 1, MISSING if values["id"] > last + 1 else CHANGED)
        last, digest = values["id"], values.get("digest", NO_DIGEST)
        if digest != expected:
            return _broken(newest, last, last, CHANGED)
        if last in seen and seen[last][0] != digest:
            return _broken(newest, last, last, WRITTEN_ANEW, seen[last][1])
        if last > newest.entry:
            return _broken(newest, last, last, TOO_MANY)
        sealed[frozenset(SEALED.findall(values["changes"] + values["why"]))] += 1
    if last < max((newest.entry, *seen)):
        return _broken(newest, last, last + 1, MISSING)
    if digest != newest.digest:
        return _broken(newest, last, last, CHANGED)
    return Trail(last, newest, len(seen), keyless=_keyless(session, sealed))


def _digest_of(values: Mapping[str, Any], before: str) -> str | None:
    """Return the digest that an entry should have, None for one that holds what no entry can."""
    try:
        return chain_digest(dict(values), before)
    except (KeyError, TypeError):
        return None


def _keyless(session: Session, sealed: Mapping[frozenset[str], int]) -> int:
    subjects = frozenset[str]().union(*sealed)
    lacking = subjects - read_keys(session, subjects).keys()
    return sum(count for some, count in sealed.items() if some & lacking)


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


def _entries(session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield every entry in its order, a part at a time; of one that cannot be read only the `id`."""
    table: Any = AuditEntry.__table__
    after: int | None = None
    while True:
        query = select(table).order_by(table.c.id).limit(ENTRIES_AT_ONCE)
        query = query if after is None else query.where(table.c.id > after)
        try:
            rows = [dict(row._mapping) for row in session.connection().execute(query)]
        except (TypeError, ValueError):  # SQLite keeps a moment that is none
            yield from _one_by_one(session, query)
            return
        yield from rows
        if len(rows) < ENTRIES_AT_ONCE:
            return
        after = rows[-1]["id"]


def _one_by_one(session: Session, query: Any) -> Iterator[Mapping[str, Any]]:
    """Yield entries up to the first that cannot be read, of that only the `id`."""
    table: Any = AuditEntry.__table__
    for entry in session.connection().scalars(query.with_only_columns(table.c.id)).all():
        try:
            yield dict(session.connection().execute(select(table).where(table.c.id == entry)).one()._mapping)
        except (TypeError, ValueError):
            yield {"id": entry}
            return
