"""Tell a database that is away, busy or full from a mistake of ours."""

from typing import Literal

Trouble = Literal["away", "unwritable"]
AWAY_CODES = (
    # PostgreSQL's classes and codes: connection, operator, too many, waited too long, deadlock, out of turn.
    *("08", "57", "53300", "55P03", "40P01", "40001"),
    *("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN"),
)
UNWRITABLE_CODES = ("25006", "53100", "SQLITE_READONLY", "SQLITE_FULL")
AWAY_WORD = "connect"
"""What is said where there is no code, as of a server that nobody can reach."""
LOST = frozenset({"OperationalError", "TimeoutError"})
SPEAKERS = frozenset({"sqlalchemy", "psycopg", "sqlite3"})


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what is the matter with the database, as SQLAlchemy or a driver says it; None if it is something else.

    A statement that waited too long counts as "away": that may be otherwise in a minute.
    """
    kinds = {kind.__name__ for kind in type(error).__mro__ if kind.__module__.partition(".")[0] in SPEAKERS}
    if not kinds & {"DatabaseError", *LOST}:
        return None
    own = getattr(error, "orig", None) or error
    code = str(getattr(own, "sqlstate", None) or getattr(own, "sqlite_errorname", None) or "")
    if code.startswith(UNWRITABLE_CODES):
        return "unwritable"
    unreachable = not code and kinds & LOST and AWAY_WORD in str(own)
    away = unreachable or code.startswith(AWAY_CODES) or getattr(error, "connection_invalidated", False)
    return "away" if away else None


def reason_of(error: BaseException) -> str:
    """Return the first line of what the database itself says."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
