"""Number the states of the register, so that what was made from one is never shown for a later one."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, bindparam, select, update
from sqlalchemy.orm import Session

from geocommons.model.base import Base
from geocommons.store.driver import ask

VERSION = Table(
    "register_version",
    Base.metadata,
    Column("number", BigInteger, nullable=False),
    Column("audit_id", Integer, nullable=False, server_default="0"),
    Column("audit_digest", String, nullable=False, server_default=""),
)
"""One row: the number of writes so far that show, and the newest entry of the audit trail."""
_READ = select(VERSION.c.number)
_RAISE = (
    update(VERSION)
    .values(number=VERSION.c.number + bindparam("by"))
    .returning(VERSION.c.audit_id, VERSION.c.audit_digest)
)


def read_version(session: Session) -> int:
    """Return the number of writes so far; ask before reading, and what is read is never older than its number."""
    return int(ask(session, _READ, {})[0][0])


def raise_version(session: Session, *, shows: bool) -> tuple[int, str]:
    """Count one more write, if it `shows` in what anybody may see, and return the newest audit entry and its digest.

    It comes at the end of a transaction, because the next writer waits for the row.
    """
    [[audit_id, digest]] = ask(session, _RAISE, {"by": int(shows)})
    return int(audit_id), str(digest)
