"""Run: one import or analysis: who asked what of which inputs, and what came out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.model.base import Base


class Run(Base):
    """A job and its outcome; the same parameters on the same inputs are the same run."""

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_kind_finished_at", "kind", "finished_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    params: Mapped[dict[str, Any]]
    inputs: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]]
    outputs: Mapped[dict[str, Any]]
    error: Mapped[str | None]
