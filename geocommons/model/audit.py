"""Audit: every change, by whom, through which door, what before and after, and why; chained so that tampering shows."""

import hashlib
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.model.base import Base

Act = Literal["added", "changed", "removed"]
"""What happens to a row; whatever a person would call otherwise has a word of its own (imported, restored, …)."""
NO_DIGEST = ""
"""Stands before the first entry."""


class AuditEntry(Base):
    """One change of one thing, or of a run of things (`subject_id` to `subject_last`).

    `account_id`, `role`, `door` and `acting_for` say who; `actor` is the name of a shell's user or a job, never that
    of an account. `site_id`, `party_id`, `other_party_id` and `of_account_id` are whom and what it is about.
    `changes` is JSON text of `{column: [before, after]}`; in an entry about a run of sites it is
    `{id: {column: [before, after]}}`. Values that tell of a person are sealed under the key of that person, which
    erasing destroys, so that the chain still holds when the person is gone. `digest` is the SHA-256 of this entry's
    text and the digest before it.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject_subject_id", "subject", "subject_id"),
        Index("ix_audit_entry_account_id", "account_id"),
        Index("ix_audit_entry_site_id", "site_id"),
        Index("ix_audit_entry_party_id", "party_id"),
        Index("ix_audit_entry_other_party_id", "other_party_id"),
        Index("ix_audit_entry_of_account_id", "of_account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account_id: Mapped[int | None]
    acting_for: Mapped[int | None]
    actor: Mapped[str]
    role: Mapped[str]
    door: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    subject_last: Mapped[int | None]
    site_id: Mapped[int | None]
    party_id: Mapped[int | None]
    other_party_id: Mapped[int | None]
    of_account_id: Mapped[int | None]
    changes: Mapped[str]
    why: Mapped[str]
    digest: Mapped[str]


class SealKey(Base):
    """The key under which the audit trail holds what tells of one person ("party:7"); empty once that was erased."""

    __tablename__ = "seal_key"

    subject: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)


CHAINED = tuple(column.name for column in AuditEntry.__table__.columns if column.name != "digest")
"""The columns that the digest covers, in their order: all but the digest."""


def chain_digest(values: dict[str, Any], before: str) -> str:
    """Return the digest of an entry: SHA-256 over the digest before it and its values, in hex."""
    text = orjson.dumps([values[name] for name in CHAINED], option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
    return hashlib.sha256(before.encode() + b"\n" + text).hexdigest()
