"""Find out whether a connection that rested is still alive, without asking before every session."""

from time import monotonic
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

RESTED_S = 5.0


def ping_after_rest(engine: Engine, *, rested_s: float = RESTED_S) -> None:
    """Make an engine ask a connection that nobody used for so long whether it still lives, and open another if not.

    SQLAlchemy's own way (`pool_pre_ping`) asks before every session: one more journey to the database for each answer.
    """

    def rest(_: Any, record: Any) -> None:
        record.info["resting_since_s"] = monotonic()

    def wake(connection: Any, record: Any, _: Any) -> None:
        if monotonic() - record.info.get("resting_since_s", monotonic()) < rested_s:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", rest)
    event.listen(engine, "checkout", wake)
