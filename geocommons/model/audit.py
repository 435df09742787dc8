"""Audit: every change, by whom, through which door, what before and after, and why; chained so that tampering shows."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.model.base import Base


class AuditEntry(Base):
    """One change of one thing (or of a run of sites that came in one import, `subject_id` to `subject_last`).

    `changes` is JSON text of `{column: [before, after]}`. Values that tell of a person are sealed under the key of
    that person, which erasing destroys, so that the chain still holds when the person is gone. `digest` is the
    SHA-256 of this entry's text and the digest before it.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject_subject_id", "subject", "subject_id"),
        Index("ix_audit_entry_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account_id: Mapped[int | None]
    actor: Mapped[str]
    role: Mapped[str]
    door: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    subject_last: Mapped[int | None]
    changes: Mapped[str]
    why: Mapped[str]
    digest: Mapped[str]


class SealKey(Base):
    """The key under which the audit trail holds what tells of one person; destroyed when the person is erased."""

    __tablename__ = "seal_key"

    subject: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes]
