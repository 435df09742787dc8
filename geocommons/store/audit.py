"""Write the audit trail: what a session changed is gathered, and chained to the trail as it commits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import shapely
from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from geocommons.model.actor import PROGRAM, Actor
from geocommons.model.audit import AuditEntry, chain_digest
from geocommons.model.base import Base
from geocommons.model.noted import NOTED, UNSHOWN
from geocommons.store.driver import tell
from geocommons.store.seals import keys_for, seal
from geocommons.store.version import VERSION, raise_version

NOTES = "notes"
AT_COMMIT = "at commit"
SITES_IN_ONE = 500
"""Sites whose changes stand in one entry: enough to make a big import cheap, few enough to look one up fast."""
Values = Mapping[str, Any]
# Put together once: the next writer waits while they are sent.
_TABLE = Base.metadata.tables[AuditEntry.__tablename__]
_ADD = insert(_TABLE).values({column.name: bindparam(column.name) for column in _TABLE.columns})
_END = update(VERSION).values(audit_id=bindparam("last_id"), audit_digest=bindparam("last_digest"))


@dataclass(frozen=True)
class Note:
    """One entry in the making; `personal` values are sealed under the key of `seal` when it is written."""

    action: str
    subject: str
    subject_id: int | None
    last: int | None = None
    open: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)
    seal: str = ""
    why: str = ""
    about: Mapping[str, int | None] = field(default_factory=dict)


def note(
    session: Session,
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    before: Values | None = None,
    after: Values | None = None,
    why: str = "",
    last: int | None = None,
    about: Mapping[str, int | None] | None = None,
) -> None:
    """Note an act in the audit trail; it is written when the session commits, and forgotten if that is rolled back.

    `action` is one word ("imported"); `subject` names a table or another thing, `subject_id` (to `last`) its number.
    Of a table only what `geocommons.model.noted` lists is kept, personal values sealed; of anything else everything
    is, so no personal value may be among it. `about` fills site_id, party_id, other_party_id, of_account_id.
    """
    was, now = before or {}, after or {}
    policy = NOTED.get(subject)
    names = [*was, *(name for name in now if name not in was)]
    changes = {name: [was.get(name), now.get(name)] for name in names if was.get(name) != now.get(name)}
    if policy is None:
        gather(session, Note(action, subject, subject_id, last, changes, why=why, about=about or {}))
        return
    known = {policy.subject: subject_id, **was, **now}
    noun, column = policy.sealed_by
    number = known.get(column)
    sealed = f"{noun}:{number}" if number is not None else ""
    told = {entry: known.get(name) for entry, name in policy.about.items()} if last is None else {}
    personal = {name: pair for name, pair in changes.items() if name in policy.personal and sealed}
    open_values = {name: pair for name, pair in changes.items() if name in policy.open}
    gather(
        session, Note(action, subject, subject_id, last, open_values, personal, sealed, why, {**told, **(about or {})})
    )


def note_sites(session: Session, changes: Mapping[int, Mapping[str, Sequence[Any]]], action: str = "changed") -> None:
    """Note what changed of many sites, `{id: {column: [before, after]}}`: several in one entry.

    Shapes may come as a database holds them: PostGIS says the CRS in each, and the trail of no database does.
    """
    every = sorted(changes)
    for start in range(0, len(every), SITES_IN_ONE):
        some = every[start : start + SITES_IN_ONE]
        told = {str(site_id): {**changes[site_id]} for site_id in some}
        for one in told.values():
            if "geom" in one:
                one["geom"] = shapely.from_wkb(one["geom"]).tolist()
        about = {"site_id": some[0]} if len(some) == 1 else {}
        values: dict[str, Any] = told[str(some[0])] if len(some) == 1 else told
        last = None if len(some) == 1 else some[-1]
        gather(session, Note(action, "site", some[0], last, values, about=about))


def gather(session: Session, one: Note) -> None:
    """Add a note to those that the session's commit will write."""
    session.info.setdefault(NOTES, []).append(one)


def at_commit(session: Session, act: Any) -> None:
    """Do something at the very end of a transaction, when nothing but the commit itself can still fail.

    It is done while no other writer can commit, so it must be brief.
    """
    session.info.setdefault(AT_COMMIT, []).append(act)


def chain_changes(session: Session) -> None:
    """Write what a session gathered to the end of the trail: the last statements of its transaction.

    Raising the number of the register makes the next writer wait, so that each entry follows the one before it;
    all that takes time is done before that.
    """
    if session.in_nested_transaction():
        return
    session.flush()
    rows = list(_rows(session, session.info.pop(NOTES, [])))
    shows = not rows or any(row["subject"] not in UNSHOWN for row in rows)
    last_id, digest = raise_version(session, shows=shows)
    for row in rows:
        row["id"] = last_id = last_id + 1
        row["digest"] = digest = chain_digest(row, digest)
    if rows:
        tell(session, (_ADD, rows), (_END, [{"last_id": last_id, "last_digest": digest}]))
    for act in session.info.pop(AT_COMMIT, ()):
        act()


def _rows(session: Session, notes: Sequence[Note]) -> Iterator[dict[str, Any]]:
    if not notes:
        return
    actor: Actor = session.info.get("actor", PROGRAM)
    clock = session.info.get("clock", lambda: datetime.now(UTC))
    new = {one.seal for one in notes if one.action == "added" and one.seal == f"{one.subject}:{one.subject_id}"}
    keys = keys_for(session, {one.seal for one in notes if one.seal and (one.personal or one.why or actor.why)}, new)
    at = clock().astimezone(UTC)
    for one in notes:
        changes = dict(one.open)
        for name, (was, now) in one.personal.items():
            changes[name] = [None if value is None else seal(value, one.seal, keys[one.seal]) for value in (was, now)]
        yield {
            "at": at, "account_id": actor.account_id, "acting_for": actor.acting_for,
            # The name of an account is that of a person: the page finds it as long as it is known.
            "actor": actor.name if actor.account_id is None else "",
            "role": actor.role, "door": actor.door, "action": one.action, "subject": one.subject,
            "subject_id": one.subject_id, "subject_last": one.last,
            **{name: one.about.get(name) for name in ("site_id", "party_id", "other_party_id", "of_account_id")},
            "changes": to_text(changes), "why": _why(one, actor, keys),
        }  # fmt: skip


def _why(one: Note, actor: Actor, keys: Mapping[str, bytes]) -> str:
    why = (one.why or actor.why).replace("\0", "")
    return to_text(seal(why, one.seal, keys[one.seal])) if why and one.seal else to_text(why)


def to_text(value: Any) -> str:
    """Return a value as the trail holds it: JSON, geometries as WKB in hexadecimal."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, shapely.Geometry):
        return shapely.to_wkb(value, hex=True)
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
