"""Sessions of browsers and tokens of scripts: which are open, and who acts with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Date, Row, Select, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from geocommons.errors import NotSignedIn
from geocommons.model.account import Account, Reach
from geocommons.model.actor import Actor, Door
from geocommons.model.base import Base, Instant
from geocommons.model.party import Membership
from geocommons.model.sign_in import ApiToken, LoginSession
from geocommons.store.audit import note
from geocommons.store.driver import ask

NOW: Any = bindparam("now", type_=Instant())
TODAY: Any = bindparam("today", type_=Date())
DIGEST: Any = bindparam("digest")


@dataclass(frozen=True)
class Login:
    """An open session as a request finds it: who acts in it, and when it was last seen and got its secret."""

    id: int
    actor: Actor
    secret_digest: str
    previous_digest: str | None
    seen_at: datetime
    rotated_at: datetime


@dataclass(frozen=True)
class Bearer:
    """A living token as a request finds it: who acts with it, and when it was last used."""

    id: int
    actor: Actor
    used_at: datetime | None


def _of_owner(entity: type[LoginSession] | type[ApiToken], *columns: Any) -> Select[Any]:
    """Return the statement of something with its owner's role, reach and groups: a row for each of these."""
    leads = and_(
        Membership.member_id == Account.party_id, Membership.role == "lead",
        Membership.valid_from <= TODAY, or_(Membership.valid_to.is_(None), Membership.valid_to > TODAY),
    )  # fmt: skip
    return (
        select(
            *columns, Account.id.label("account_id"), Account.role, Account.address, Account.party_id,
            Reach.kind.label("bound"), Reach.name.label("bound_name"), Membership.group_id,
        )
        .select_from(entity)
        .join(Account, Account.id == entity.account_id)
        .outerjoin(Reach, Reach.account_id == Account.id)
        .outerjoin(Membership, leads)
        .where(Account.erased_at.is_(None), entity.revoked_at.is_(None), entity.expires_at > NOW)
    )  # fmt: skip


_BY_SESSION = _of_owner(
    LoginSession,
    LoginSession.id, LoginSession.secret_digest, LoginSession.previous_digest, LoginSession.seen_at,
    LoginSession.rotated_at, LoginSession.confirmed_at, LoginSession.acting_for,
).where(or_(LoginSession.secret_digest == DIGEST, LoginSession.previous_digest == DIGEST))  # fmt: skip
_BY_TOKEN = _of_owner(ApiToken, ApiToken.id, ApiToken.scopes, ApiToken.used_at).where(ApiToken.secret_digest == DIGEST)


_LOGINS = Base.metadata.tables[LoginSession.__tablename__]
_GIVEN = (
    "account_id", "secret_digest", "browser", "way",
    "created_at", "seen_at", "rotated_at", "confirmed_at", "expires_at",
)  # fmt: skip
_ADD = insert(_LOGINS).values({name: bindparam(name) for name in _GIVEN}).returning(_LOGINS.c.id)


def add_login(session: Session, **values: Any) -> int:
    """Add a session, of which nobody acts for others yet, and return its number."""
    [[login_id]] = ask(session, _ADD, values)
    note(session, "added", _LOGINS.name, login_id, after={"id": login_id, **values})
    return int(login_id)


def find_login(session: Session, digest: str, now: datetime) -> Login | None:
    """Return the open session with the digest of a secret, or of the one before it, in one question."""
    rows = session.execute(_BY_SESSION, {"digest": digest, "now": now, "today": now.date()}).all()
    if not rows:
        return None
    one = rows[0]
    parties = _parties(rows)
    actor = _actor(
        rows, "page", parties=parties, confirmed_at=one.confirmed_at,
        acting_for=one.acting_for if one.acting_for in parties else None,
    )  # fmt: skip
    return Login(one.id, actor, one.secret_digest, one.previous_digest, one.seen_at, one.rotated_at)


def find_bearer(session: Session, digest: str, now: datetime) -> Bearer | None:
    """Return the living token with the digest of a secret, in one question; who acts with it never confirmed that."""
    rows = session.execute(_BY_TOKEN, {"digest": digest, "now": now, "today": now.date()}).all()
    if not rows:
        return None
    actor = _actor(rows, "api", parties=_parties(rows), scopes=frozenset(rows[0].scopes))
    return Bearer(rows[0].id, actor, rows[0].used_at)


def _actor(rows: Sequence[Row[Any]], door: Door, **more: Any) -> Actor:
    one = rows[0]
    bounds = {kind: frozenset(row.bound_name for row in rows if row.bound == kind) for kind in ("layer", "district")}
    return Actor(
        role=one.role, door=door, account_id=one.account_id, name=one.address or "",
        layers=bounds["layer"] or None, districts=bounds["district"] or None, **more,
    )  # fmt: skip


def _parties(rows: Sequence[Row[Any]]) -> frozenset[int]:
    own = {rows[0].party_id} if rows[0].party_id is not None else set()
    return frozenset(own | {row.group_id for row in rows if row.group_id is not None})


def get_login(session: Session, login_id: int) -> LoginSession:
    """Return a session that was found before, in the transaction that changes it, or refuse one that has ended."""
    found = session.get(LoginSession, login_id)
    if found is None or found.revoked_at is not None:
        raise NotSignedIn("Sign in to do this.")
    return found


def get_account(session: Session, actor: Actor) -> Account:
    """Return the account of who acts, or refuse where there is none."""
    found = session.get(Account, actor.account_id) if actor.account_id is not None else None
    if found is None or found.erased_at is not None:
        raise NotSignedIn("Sign in to do this.")
    return found


def touch_login(session: Session, login: Login, **changes: object) -> bool:
    """Change what is noted of a session and not of the person, unless another request has changed its secret."""
    same = (LoginSession.id == login.id, LoginSession.secret_digest == login.secret_digest)
    statement = update(LoginSession).where(*same, LoginSession.revoked_at.is_(None)).values(**changes)
    done = session.execute(
        statement.execution_options(noted=True, synchronize_session=False).returning(LoginSession.id)
    )
    return done.first() is not None


def touch_token(session: Session, token_id: int, now: datetime) -> None:
    """Note that a token was used."""
    statement = update(ApiToken).where(ApiToken.id == token_id).values(used_at=now)
    session.execute(statement.execution_options(noted=True, synchronize_session=False))
