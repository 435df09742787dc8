"""Obligation: something that is due at a site by a day."""

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.errors import InvalidInput
from geocommons.model.base import Base

MOST_DAYS = 36_525


class Obligation(Base):
    """Something due: `due_on` is the day by which it was first due, `done_on` the last day on which it was done.

    With `every_days` it is due again so many days after it was done. `evidence` says where that can be seen.
    """

    __tablename__ = "obligation"
    __table_args__ = (CheckConstraint(f"every_days BETWEEN 1 AND {MOST_DAYS}", name="every_some_days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str]
    every_days: Mapped[int | None]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(default="")

    @property
    def next_due_on(self) -> date | None:
        """The day by which it is due now; None if it is done for good."""
        if self.done_on is None:
            return self.due_on
        return None if self.every_days is None else self.done_on + timedelta(days=self.every_days)

    @property
    def spans(self) -> list[tuple[date, date | None]]:
        """Each day by which it was or is due, and the day on which that was done.

        Done more than one interval after it was first due, it was done between, too, on days that nobody noted.
        """
        interval = timedelta.max if self.every_days is None else timedelta(days=self.every_days)
        known = self.done_on is not None and self.done_on - self.due_on <= interval
        first = [(self.due_on, self.done_on)] if known else []
        return [*first, *([(self.next_due_on, None)] if self.next_due_on else [])]


def check_duty(*, every_days: int | None, done_on: date | None, today: date) -> None:
    """Refuse an interval of no days, and what is said to be done on a day to come."""
    if every_days is not None and not 1 <= every_days <= MOST_DAYS:
        raise InvalidInput(
            "“{days}” is no number of days. Write 1 to {most}, or leave it empty if it is due once.",
            days=every_days, most=MOST_DAYS, column="every_days",
        )  # fmt: skip
    if done_on is not None and done_on > today:
        raise InvalidInput("{day} is still to come. Leave it empty until it is done.", day=done_on, column="done_on")
