"""What lets somebody in: requests to sign in, sessions, passkeys, tokens, and the tries that are counted."""

import hashlib
import hmac
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from geocommons.model.account import Account
from geocommons.model.base import Base


class SignInRequest(Base):
    """A mail with a link and a code, either of which lets in once; `role` is given where it is an invitation.

    The register keeps digests of the link's secret, of the code and of the browser that asked, never these themselves.
    """

    __tablename__ = "sign_in_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(index=True)
    link_digest: Mapped[str] = mapped_column(unique=True)
    code_digest: Mapped[str]
    browser_digest: Mapped[str | None] = mapped_column(index=True)
    language: Mapped[str]
    role: Mapped[str | None]
    reach: Mapped[dict[str, Any]]
    goal: Mapped[str] = mapped_column(default="/")
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class LoginSession(Base):
    """One browser that is signed in; `secret_digest` changes now and then, and the one before counts a moment longer.

    `acting_for` is the party that the person acts for in it; `confirmed_at` is when the person
    last proved who they are.
    """

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    secret_digest: Mapped[str] = mapped_column(unique=True)
    previous_digest: Mapped[str | None] = mapped_column(index=True)
    browser: Mapped[str]
    way: Mapped[str]
    acting_for: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    rotated_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(lazy="joined")


class Passkey(Base):
    """A WebAuthn credential of an account."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    uses: Mapped[int]
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(lazy="joined")


class Identity(Base):
    """The account that somebody has at a city's own provider (OpenID Connect), known by issuer and subject.

    `role` is what the provider gave the account, and may therefore take away again; None where a person here gave it.
    """

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    role: Mapped[str | None]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    account: Mapped[Account] = relationship(lazy="joined")


class Challenge(Base):
    """A random text that somebody must bring back once, soon, and in the same browser or session (`holder`).

    Only its digest is kept. `purpose` says what it is for; `goal` is the page that the person wanted.
    """

    __tablename__ = "challenge"

    digest: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    holder: Mapped[str]
    goal: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    """A token for scripts: what it may do is its scopes, and never more than the account's role."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    secret_digest: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(lazy="joined")


class Attempts(Base):
    """How often something was tried under a key (a digest of an address or a client) since a moment."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a long random secret, in hex: all that the register keeps of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed_digest(key: str, *parts: object) -> str:
    """Return the HMAC-SHA-256 of short or guessable texts under the register's secret key, in hex."""
    return hmac.new(key.encode(), "\0".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()
