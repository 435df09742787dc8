"""Number the states of the register, so that what was made from one is never shown for a later one."""

from sqlalchemy import BigInteger, Column, Connection, Table, select, update
from sqlalchemy.orm import Session

from geocommons.model.base import Base

VERSION = Table("register_version", Base.metadata, Column("number", BigInteger, nullable=False))
_READ = select(VERSION.c.number)
_RAISE = update(VERSION).values(number=VERSION.c.number + 1)


def read_version(connection: Connection) -> int:
    """Return the number of writes so far."""
    return int(connection.execute(_READ).scalar_one())


def raise_version(session: Session) -> None:
    """Count one more write: the last statement of a transaction, because the next writer waits for the row."""
    if session.in_nested_transaction():
        return
    session.flush()
    session.connection().execute(_RAISE)
