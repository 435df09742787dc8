"""Watch sessions that write: every row that they add, change or remove is noted for the audit trail."""

import itertools
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, event, inspect, select
from sqlalchemy.orm import Mapper, ORMExecuteState, PassiveFlag, Session, SessionTransaction, object_session
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.identity import IdentityMap

from geocommons.model.base import Base
from geocommons.model.noted import NOTED, Noted
from geocommons.model.tenure import Tenure
from geocommons.store.audit import NOTES, chain_changes, note

ADDED = "added rows"
STORED = "values before"
MARKS = "notes before savepoints"
ONE_BY_ONE = 25
"""Up to so many new rows of a table in one flush stand in the trail with their values; more stand there as a run of
numbers, because their values are in the register, and a later change keeps what they were."""


class NotingSession(Session):
    """A session whose every change is noted, and chained to the audit trail when it commits."""


class QuietSession(Session):
    """A session for what the audit trail leaves out; anything else is a mistake of its author."""


@cache
def _columns(mapper: Mapper[Any]) -> tuple[tuple[str, str], ...]:
    """Return attribute and column name of what the trail keeps of a mapped class."""
    policy = NOTED[mapper.local_table.name]  # type: ignore[attr-defined]
    kept = {*policy.open, *policy.personal, policy.subject, policy.sealed_by[1], *policy.about.values()}
    return tuple((prop.key, prop.columns[0].name) for prop in mapper.column_attrs if prop.columns[0].name in kept)


def _policy(mapper: Mapper[Any]) -> Noted | None:
    return NOTED.get(mapper.local_table.name)  # type: ignore[attr-defined]


def _session_of(target: Any) -> Session | None:
    session = object_session(target)
    return session if isinstance(session, NotingSession | QuietSession) else None


@event.listens_for(Base, "after_insert", propagate=True)
def _added(mapper: Mapper[Any], _: Any, target: Any) -> None:
    if _policy(mapper) is not None and (session := _session_of(target)) is not None:
        session.info.setdefault(ADDED, {}).setdefault(mapper, []).append(target)


@event.listens_for(Base, "after_update", propagate=True)
def _changed(mapper: Mapper[Any], _: Any, target: Any) -> None:
    policy = _policy(mapper)
    if policy is None or (session := _session_of(target)) is None:
        return
    before, after = _values(mapper, target), _values(mapper, target)
    stored = session.info.get(STORED, {}).get(id(target), {})
    for attribute, column in _columns(mapper):
        history = get_history(target, attribute, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if history.added or history.deleted:
            before[column] = history.deleted[0] if history.deleted else stored.get(column)
    if any(before[column] != after[column] for column in (*policy.open, *policy.personal)):
        note(session, "changed", _table(mapper), after[policy.subject], before=before, after=after)


@event.listens_for(Base, "after_delete", propagate=True)
def _removed(mapper: Mapper[Any], _: Any, target: Any) -> None:
    policy = _policy(mapper)
    if policy is None or (session := _session_of(target)) is None:
        return
    before = _values(mapper, target) | session.info.get(STORED, {}).get(id(target), {})
    site_id = _site_of(session, mapper, before)
    note(session, "removed", _table(mapper), before[policy.subject], before=before, about=site_id)


def _table(mapper: Mapper[Any]) -> str:
    return str(mapper.local_table.name)  # type: ignore[attr-defined]


def _values(mapper: Mapper[Any], target: Any) -> dict[str, Any]:
    return {column: target.__dict__.get(attribute) for attribute, column in _columns(mapper)}


def _site_of(session: Session, mapper: Mapper[Any], values: dict[str, Any]) -> dict[str, int | None]:
    """Return the site of a share in a tenure that the session knows."""
    if _table(mapper) != "tenure_party":
        return {}
    known: IdentityMap = session.identity_map
    tenure = known.get(inspect(Tenure).identity_key_from_primary_key((values["tenure_id"],)))
    return {"site_id": tenure.__dict__.get("site_id")} if tenure is not None else {}


def _keep_stored_values(session: Session, *_: Any) -> None:
    """Ask the database for values that are about to change and were never read, and for those of rows that go."""
    stored: dict[int, dict[str, Any]] = {}
    for target in (*session.dirty, *session.deleted):
        mapper = inspect(target).mapper
        if _policy(mapper) is None:
            continue
        gone = target in session.deleted
        unread = [column for attribute, column in _columns(mapper) if _unread(target, attribute, gone)]
        if unread:
            stored[id(target)] = _ask(session, mapper, target, unread)
    session.info[STORED] = stored


def _unread(target: Any, attribute: str, gone: bool) -> bool:
    if gone:
        return attribute not in target.__dict__
    history = get_history(target, attribute, PassiveFlag.PASSIVE_NO_INITIALIZE)
    return bool(history.added) and not history.deleted


def _ask(session: Session, mapper: Mapper[Any], target: Any, columns: list[str]) -> dict[str, Any]:
    table: Any = mapper.local_table
    key = inspect(target).identity
    if key is None:
        return {}
    same = [column == value for column, value in zip(mapper.primary_key, key, strict=True)]
    row = session.connection().execute(select(*(table.c[name] for name in columns)).where(*same)).one_or_none()
    return {} if row is None else dict(zip(columns, row, strict=True))


def _note_added(session: Session, _: Any) -> None:
    """Note the rows that a flush added: each, or as runs of numbers where they are many."""
    for mapper, targets in session.info.pop(ADDED, {}).items():
        policy = NOTED[_table(mapper)]
        if len(targets) <= ONE_BY_ONE:
            for target in targets:
                after = _values(mapper, target)
                site = _site_of(session, mapper, after)
                note(session, "added", _table(mapper), after[policy.subject], after=after, about=site)
            continue
        attribute = next(name for name, column in _columns(mapper) if column == policy.subject)
        for first, last in runs(target.__dict__[attribute] for target in targets):
            note(session, "added", _table(mapper), first, last=last)
    session.info.pop(STORED, None)


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Return numbers as runs without a gap, from the lowest to the highest: first and last of each."""
    every = sorted(set(numbers))
    starts = [at for at in range(len(every)) if at == 0 or every[at] != every[at - 1] + 1]
    for start, end in itertools.pairwise([*starts, len(every)]):
        yield every[start], every[end - 1]


def _note_statement(state: ORMExecuteState) -> Any:
    """Note what a statement changes by itself; one whose author noted it carries the option `noted`."""
    mapper = state.bind_mapper
    if not (state.is_update or state.is_delete or state.is_insert) or mapper is None or _policy(mapper) is None:
        return None
    if state.execution_options.get("noted"):
        return None
    where = getattr(state.statement, "whereclause", None)
    if state.is_insert or isinstance(state.parameters, list) or where is None:
        raise TypeError(f"Note what this does to {_table(mapper)} (store.audit.note), and set the option noted=True.")
    session: Session = state.session
    session.flush()
    before = _select(session, mapper, where)
    result = state.invoke_statement()
    after = _select(session, mapper, _has_key(mapper, before)) if before else {}
    policy = NOTED[_table(mapper)]
    for key, was in before.items():
        now = after.get(key)
        if now is None:
            note(session, "removed", _table(mapper), was[policy.subject], before=was)
        elif any(was[name] != now[name] for name in (*policy.open, *policy.personal)):
            note(session, "changed", _table(mapper), was[policy.subject], before=was, after=now)
    return result


def _select(session: Session, mapper: Mapper[Any], where: ColumnElement[bool]) -> dict[Any, dict[str, Any]]:
    table: Any = mapper.local_table
    names = [column for _, column in _columns(mapper)]
    columns = [*mapper.primary_key, *(table.c[name] for name in names)]
    keys = len(mapper.primary_key)
    rows = session.connection().execute(select(*columns).where(where).order_by(*mapper.primary_key))
    return {tuple(row[:keys]): dict(zip(names, row[keys:], strict=True)) for row in rows}


def _has_key(mapper: Mapper[Any], rows: dict[Any, Any]) -> ColumnElement[bool]:
    # Rows that share only the first column of a longer key are left out by whoever asks.
    return mapper.primary_key[0].in_(sorted({key[0] for key in rows}))


def _mark_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(MARKS, {})[id(transaction)] = len(session.info.get(NOTES, ()))


def _forget_rolled_back(session: Session, transaction: SessionTransaction) -> None:
    """Forget what was noted since the savepoint, or all where the whole transaction was taken back."""
    kept = session.info.get(MARKS, {}).pop(id(transaction), 0) if transaction.nested else 0
    if NOTES in session.info:
        del session.info[NOTES][kept:]
    session.info.pop(ADDED, None)


def _refuse_to_hide(session: Session) -> None:
    session.flush()
    if hidden := session.info.get(NOTES):
        raise TypeError(f"A change of {hidden[0].subject} belongs in the audit trail: write it with Store.writing.")


for _name, _listener in (
    ("before_flush", _keep_stored_values),
    ("after_flush", _note_added),
    ("do_orm_execute", _note_statement),
    ("after_transaction_create", _mark_savepoint),
    ("after_soft_rollback", _forget_rolled_back),
):
    event.listen(NotingSession, _name, _listener)
    event.listen(QuietSession, _name, _listener)
event.listen(NotingSession, "before_commit", chain_changes)
event.listen(QuietSession, "before_commit", _refuse_to_hide)
