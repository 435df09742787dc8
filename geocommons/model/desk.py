"""What a planner keeps: a city's own standards, scenarios, and questions that are asked again every month."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.model.account import Account
from geocommons.model.base import Base

Every = Literal["month", "quarter", "year"]
MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}


class OwnStandard(Base):
    """One version of a standard of service that a city made; the newest version of a key counts.

    `body` is the standard as `geocommons.analysis.service.standards` reads it. A version never changes: runs name it.
    """

    __tablename__ = "own_standard"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    version: Mapped[int]
    body: Mapped[dict[str, Any]]
    made_by: Mapped[int | None] = mapped_column(ForeignKey(Account.id))
    made_at: Mapped[datetime]


class Scenario(Base):
    """A named set of changes on top of a day: what if these sites came, and that one closed?

    `changes` are as `geocommons.usecases.questions.scenario` reads them, in the order in which they are made.
    """

    __tablename__ = "scenario"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    note: Mapped[str]
    changes: Mapped[list[Any]]
    made_by: Mapped[int | None] = mapped_column(ForeignKey(Account.id))
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Schedule(Base):
    """A question that is asked again every month, quarter or year, each time of the day on which it is due."""

    __tablename__ = "schedule"
    __table_args__ = (CheckConstraint("every IN ('month', 'quarter', 'year')", name="every_month_quarter_or_year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    params: Mapped[dict[str, Any]]
    every: Mapped[str]
    next_on: Mapped[date]
    stopped_at: Mapped[datetime | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey(Account.id))
    made_at: Mapped[datetime]
