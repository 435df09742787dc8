"""What a backup asks of a database, and what a restore does to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, inspect, select, update
from sqlalchemy.orm import Session

from geocommons.model.account import Account
from geocommons.model.context_set import ContextSet
from geocommons.model.mail import Mail
from geocommons.model.party import Party
from geocommons.model.record import Record
from geocommons.model.run import Run
from geocommons.model.sign_in import ApiToken
from geocommons.model.site import Site
from geocommons.store.engine import Store
from geocommons.store.trail import Newest, read_newest
from geocommons.store.version import VERSION

UNSENT = ("held", "waiting", "sending")
PERHAPS_SENT = "from a backup"


@dataclass(frozen=True)
class Before:
    """What a restore found in the database: nothing, or a register that it replaces."""

    holds_anything: bool
    number: int
    newest: Newest


@contextmanager
def holding_writers(store: Store) -> Iterator[None]:
    """Let nobody commit for a moment, after waiting for those who were at it."""
    with store.engine.execution_options(writing=True).begin() as connection:
        connection.execute(select(VERSION.c.number).with_for_update())
        yield


def read_before(session: Session) -> Before:
    """Return what a database holds, whichever version made it."""
    found = inspect(session.connection())
    held = [model for model in (Site, Party, Record, Account, Run) if found.has_table(model.__tablename__)]
    anything = any(session.connection().execute(select(model.__table__.c.id).limit(1)).first() for model in held)
    if not found.has_table(VERSION.name):
        return Before(anything, 0, Newest(0, ""))
    number = int(session.connection().execute(select(VERSION.c.number)).scalar_one())
    chained = "audit_id" in {column["name"] for column in found.get_columns(VERSION.name)}
    return Before(anything, number, read_newest(session) if chained else Newest(0, ""))


def set_number(session: Session, number: int) -> None:
    """Number the restored register higher than both were, so that nothing kept of either is taken for it."""
    session.connection().execute(update(VERSION).values(number=number))


def forget_number(session: Session) -> None:
    """Make room for the number that a backup brings."""
    session.connection().execute(delete(VERSION))


def highest_numbers(session: Session) -> dict[str, int]:
    """Return the highest number of a party and of an account: what the ledger says of others is of another time."""
    nouns: tuple[tuple[str, Any], ...] = (("party", Party), ("account", Account))
    return {noun: int(session.scalar(select(func.coalesce(func.max(model.id), 0))) or 0) for noun, model in nouns}


def close_what_lets_in(session: Session, now: datetime) -> tuple[int, int]:
    """Revoke every token, and put mail aside that may have been sent since; return how many of each."""
    tokens = session.scalars(select(ApiToken).where(ApiToken.revoked_at.is_(None))).all()
    for token in tokens:
        token.revoked_at = now
    letters = session.scalars(select(Mail).where(Mail.state.in_(UNSENT))).all()
    for letter in letters:
        letter.state, letter.error, letter.claimed_until = "dead", PERHAPS_SENT, None
    return len(tokens), len(letters)


def files_of(session: Session) -> tuple[list[str], list[str]]:
    """Return the paths of context sets below their folder, and of the outputs of runs below theirs."""
    context = list(session.scalars(select(ContextSet.path).order_by(ContextSet.path)))
    outputs = session.scalars(select(Run.outputs).order_by(Run.id))
    return context, [path for found in outputs for path in found.values()]
