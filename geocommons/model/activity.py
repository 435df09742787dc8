"""Activity: care that somebody gave to a site on a day."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from geocommons.errors import InvalidInput
from geocommons.model.base import Base
from geocommons.model.party import Party

MOST_MINUTES = 24 * 60
MOST_PEOPLE = 10_000


class Activity(Base):
    """Care that was given: what, on which day, by whom, how many minutes each of how many people gave.

    `key` is a number that whoever noted it made up, so that a retry never counts twice. `amount` of `unit` is what came
    of it (3 bags). Nothing of it is public but sums over many.
    """

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint(f"minutes BETWEEN 0 AND {MOST_MINUTES}", name="minutes_of_a_day"),
        CheckConstraint("people >= 1", name="somebody_gave_it"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    kind: Mapped[str]
    day: Mapped[date]
    minutes: Mapped[int]
    people: Mapped[int] = mapped_column(default=1)
    amount: Mapped[float | None]
    unit: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    noted_at: Mapped[datetime]
    party: Mapped[Party] = relationship()


def check_care(*, day: date, today: date, minutes: int, people: int) -> None:
    """Refuse care on a day to come, of more minutes than a day has, or by nobody."""
    if day > today:
        raise InvalidInput("{day} is still to come. Note care once it was given.", day=day, column="day")
    if not 0 <= minutes <= MOST_MINUTES:
        raise InvalidInput(
            "“{minutes}” is no number of minutes of a day. Write 0 to {most}.",
            minutes=minutes, most=MOST_MINUTES, column="minutes",
        )  # fmt: skip
    if not 1 <= people <= MOST_PEOPLE:
        raise InvalidInput(
            "“{people}” is no number of people. Write 1 to {most}.", people=people, most=MOST_PEOPLE, column="people"
        )
