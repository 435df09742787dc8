"""Run: one import or analysis: who asked what of which inputs, and what came out."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.model.account import Account
from geocommons.model.base import Base
from geocommons.model.desk import Schedule

RunState = Literal["queued", "running", "finished", "failed", "cancelled"]
OPEN_STATES: tuple[RunState, ...] = ("queued", "running")
"""States in which a run may still come to something."""


class Run(Base):
    """A job and its outcome; the same parameters on the same inputs are the same run.

    `inputs` are checksums by name. `progress` runs from 0 to 1, and `step` says what is being done, as a sentence that
    can be translated. Everybody may look at a run from `published_at` on; before, only who may start one. `attempts`
    counts how often a program began it: one whose machine was switched off is begun once more.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_kind_finished_at", "kind", "finished_at"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress_is_a_share"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    params: Mapped[dict[str, Any]]
    inputs: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey(Account.id))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey(Schedule.id), index=True)
    published_at: Mapped[datetime | None]
    progress: Mapped[float] = mapped_column(default=0.0)
    step: Mapped[str] = mapped_column(default="")
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]]
    outputs: Mapped[dict[str, Any]]
    error: Mapped[str | None]

    @property
    def is_open(self) -> bool:
        """Whether the run may still come to something."""
        return self.state in OPEN_STATES

    @property
    def duration_s(self) -> float | None:
        """How long it took, None until it came to an end."""
        return None if self.finished_at is None else (self.finished_at - self.started_at).total_seconds()
