"""Tenure: ties parties to a site, with dates; on a line, to a stretch of it."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from geocommons.errors import InvalidInput
from geocommons.language import Choices, Sentence, Words
from geocommons.model.base import FIRST_ASKED, LAST_ASKED, LAST_DAY, Base
from geocommons.model.party import Party
from geocommons.numerals import Amount

CLASS_WORDS = {
    "right": Words(en="right", nl="recht"),
    "restriction": Words(en="restriction", nl="beperking"),
    "responsibility": Words(en="responsibility", nl="verantwoordelijkheid"),
}
TENURE_STATUS_WORDS = {
    "requested": Words(en="requested", nl="aangevraagd"),
    "current": Words(en="current", nl="lopend"),
    "refused": Words(en="refused", nl="geweigerd"),
    "ended": Words(en="ended", nl="beëindigd"),
}
TYPES: dict[str, tuple[str, ...]] = {
    "right": ("ownership", "ground_lease", "licence", "plot_rental"),
    "restriction": ("easement", "first_refusal", "mortgage"),
    "responsibility": ("stewardship", "sponsorship", "service_contract"),
}
TENURE_WORDS = {
    "ownership": Sentence("ownership"),
    "ground_lease": Sentence("ground lease"),
    "licence": Sentence("licence to use"),
    "plot_rental": Sentence("plot rental"),
    "easement": Sentence("easement"),
    "first_refusal": Sentence("right of first refusal"),
    "mortgage": Sentence("mortgage"),
    "stewardship": Sentence("stewardship"),
    "sponsorship": Sentence("sponsorship"),
    "service_contract": Sentence("service contract"),
}
SAME_CLAIM = ("site_id", "type", "claimant", "valid_from")
IN_FORCE = ("current", "ended")
"""Statuses that held between their dates; an ended tenure keeps its history."""


class TenureParty(Base):
    """One party's share of a tenure."""

    __tablename__ = "tenure_party"
    __table_args__ = (CheckConstraint("share_num > 0 AND share_den >= share_num", name="share_is_a_fraction"),)

    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id", ondelete="CASCADE"), primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True, index=True)
    share_num: Mapped[int] = mapped_column(default=1)
    share_den: Mapped[int] = mapped_column(default=1)
    party: Mapped[Party] = relationship(lazy="joined")

    @property
    def share(self) -> Fraction:
        """The share as a fraction of the whole."""
        return Fraction(self.share_num, self.share_den)


class Tenure(Base):
    """A right, restriction or responsibility on a site (LADM: LA_RRR), in force from `valid_from` up to,
    not including, `valid_to`; `from_m` and `to_m` bound a stretch, in metres along the line.

    `requested_on` is the day on which somebody asked for it, if that was noted.
    """

    __tablename__ = "tenure"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="ends_after_it_starts"),
        CheckConstraint(
            "(from_m IS NULL AND to_m IS NULL) OR (from_m >= 0 AND to_m > from_m)", name="extent_runs_forward"
        ),
        Index("ix_tenure_site_id_valid_from", "site_id", "valid_from"),
        # A row that was loaded once is never loaded twice.
        Index(
            "uq_tenure_same_claim",
            "site_id",
            "type",
            "claimant",
            "valid_from",
            text("coalesce(from_m, -1)"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    rrr: Mapped[str] = mapped_column("class")
    type: Mapped[str]
    status: Mapped[str]
    claimant: Mapped[str]
    from_m: Mapped[float | None]
    to_m: Mapped[float | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    requested_on: Mapped[date | None]
    exclusive: Mapped[bool]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    parties: Mapped[list[TenureParty]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def starts(self) -> date:
        """The first day in force."""
        return self.valid_from

    @property
    def ends(self) -> date:
        """The first day no longer in force."""
        return self.valid_to or LAST_DAY


def check_terms(
    *,
    rrr: str,
    type: str,
    status: str,
    valid_from: date | None,
    valid_to: date | None,
    from_m: float | None,
    to_m: float | None,
    length_m: float | None,
) -> None:
    """Refuse terms that no tenure can have; `length_m` is the site's length where stretches may be held."""
    if rrr not in CLASS_WORDS:
        raise InvalidInput(
            "“{value}” is not a class of tenure. Use one of: {classes}.",
            value=rrr, classes=Choices(CLASS_WORDS), column="class",
        )  # fmt: skip
    if type not in TYPES[rrr]:
        raise InvalidInput(
            "“{value}” is not a type of {rrr}. Use one of: {types}.",
            value=type,
            rrr=CLASS_WORDS[rrr],
            types=Choices({one: TENURE_WORDS[one] for one in TYPES[rrr]}),
            column="type",
        )
    if status not in TENURE_STATUS_WORDS:
        raise InvalidInput(
            "“{value}” is not a status. Use one of: {statuses}.",
            value=status, statuses=Choices(TENURE_STATUS_WORDS), column="status",
        )  # fmt: skip
    _check_days(valid_from, valid_to)
    check_extent(from_m, to_m, length_m)


def _check_days(valid_from: date | None, valid_to: date | None) -> None:
    if valid_from is None:
        raise InvalidInput("The tenure has no first day. Fill in valid_from.", column="valid_from")
    if not FIRST_ASKED <= valid_from <= LAST_ASKED:
        raise InvalidInput(
            "No tenure begins on {day}. Name a day from {first} to {last}.",
            day=valid_from, first=FIRST_ASKED, last=LAST_ASKED, column="valid_from",
        )  # fmt: skip
    if valid_to is not None and valid_to <= valid_from:
        raise InvalidInput(
            "The tenure ends on {valid_to}, not after its first day {valid_from}. Swap or correct the days.",
            valid_to=valid_to,
            valid_from=valid_from,
            column="valid_to",
        )


def check_extent(from_m: float | None, to_m: float | None, length_m: float | None) -> None:
    """Refuse a stretch that is not on the line."""
    if from_m is None and to_m is None:
        return
    if length_m is None:
        raise InvalidInput(
            "Only a line that is measured can be held in stretches. Leave from_m and to_m empty.", column="from_m"
        )
    if from_m is None or to_m is None:
        raise InvalidInput(
            "A stretch needs both ends. Fill in from_m and to_m, or leave both empty for the whole.",
            column="from_m" if from_m is None else "to_m",
        )
    if not 0 <= from_m < to_m or to_m > length_m + 1.0:
        raise InvalidInput(
            "The stretch from {from_m} to {to_m} m is not on the line, which runs from 0 to {length_m} m.",
            from_m=Amount(from_m, 3),
            to_m=Amount(to_m, 3),
            length_m=Amount(length_m, 1),
            column="to_m" if 0 <= from_m < length_m else "from_m",
        )


def find_clash(tenure: Tenure, others: Iterable[Tenure]) -> Tenure | None:
    """Return the exclusive tenure among others that holds some of the same ground at some of the same time.

    The database refuses such a pair too; asked here, the refusal can say with whom it clashes.
    """
    if not (tenure.exclusive and tenure.status in IN_FORCE):
        return None
    for other in others:
        rivals = other.exclusive and other.status in IN_FORCE and other.type == tenure.type and other is not tenure
        if rivals and other.starts < tenure.ends and tenure.starts < other.ends and share_ground(tenure, other):
            return other
    return None


def share_ground(one: Tenure, other: Tenure) -> bool:
    """Return whether two tenures of a site hold some of the same metres; without measures they hold the whole."""
    if one.from_m is None or one.to_m is None or other.from_m is None or other.to_m is None:
        return True
    return one.from_m < other.to_m and other.from_m < one.to_m
