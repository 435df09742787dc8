"""Requests to sign in: the one of a link, and the newest of a browser; those that still count, once."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import String, Update, bindparam, cast, func, insert, select, update
from sqlalchemy.orm import Session

from geocommons.model.actor import Role
from geocommons.model.base import Base, Instant
from geocommons.model.sign_in import SignInRequest
from geocommons.store.driver import ask

SKEW = timedelta(minutes=5)
"""How far clocks of two servers may differ."""


class Living(NamedTuple):
    """A request that still counts; `reach` is JSON."""

    id: int
    address: str
    link_digest: str
    code_digest: str
    tries: int
    language: str
    goal: str
    role: Role | None
    reach: str


_TABLE = Base.metadata.tables[SignInRequest.__tablename__]
_COLUMNS = [cast(_TABLE.c[name], String) if name == "reach" else _TABLE.c[name] for name in Living._fields]
_OF: Any = bindparam("of")
_NOW: Any = bindparam("now", type_=Instant())
# Not before it was asked for either: a clock that is set back brings no request to life again.
_LIVING = (
    _TABLE.c.used_at.is_(None),
    _TABLE.c.expires_at > _NOW,
    _TABLE.c.created_at <= bindparam("soon", type_=Instant()),
)
_ADD = insert(_TABLE)
_NEWEST = select(func.max(_TABLE.c.id)).where(_TABLE.c.browser_digest == _OF).scalar_subquery()
_BY_LINK = select(*_COLUMNS).where(_TABLE.c.link_digest == _OF, *_LIVING)


def _changing(column: Any, value: Any, **values: Any) -> Update:
    return update(_TABLE).where(column == value, *_LIVING).values(**values).returning(*_COLUMNS)


_TRY = _changing(_TABLE.c.id, _NEWEST, tries=_TABLE.c.tries + 1)
_USE, _USE_BY_LINK = (_changing(column, _OF, used_at=_NOW) for column in (_TABLE.c.id, _TABLE.c.link_digest))


def add_request(session: Session, **values: Any) -> None:
    """Add a request."""
    session.connection().execute(_ADD, values)


def find_by_link(session: Session, link_digest: str, now: datetime) -> Living | None:
    """Return the request of a link, if it still counts."""
    return _living(session, _BY_LINK, link_digest, now)


def try_newest(session: Session, browser_digest: str, now: datetime) -> Living | None:
    """Count a try of the code of the request that a browser made last, and return it, if it still counts."""
    return _living(session, _TRY, browser_digest, now)


def use_by_link(session: Session, link_digest: str, now: datetime) -> Living | None:
    """Return the request of a link, if it still counts: from now on it counts no more."""
    return _living(session, _USE_BY_LINK, link_digest, now)


def use_by_id(session: Session, request_id: int, now: datetime) -> Living | None:
    """Return a request, if it still counts: from now on it counts no more."""
    return _living(session, _USE, request_id, now)


def _living(session: Session, statement: Any, of: str | int, now: datetime) -> Living | None:
    rows = ask(session, statement, {"of": of, "now": now, "soon": now + SKEW})
    return Living(*rows[0]) if rows else None


def newest_of_browser(session: Session, browser_digest: str) -> SignInRequest | None:
    """Return the request that a browser made last, whether it still counts or not."""
    query = select(SignInRequest).where(SignInRequest.browser_digest == browser_digest)
    return session.scalar(query.order_by(SignInRequest.id.desc()).limit(1))
