"""Record: why something changed. Lineage: which sites became which."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.errors import InvalidInput
from geocommons.language import Choices, Words
from geocommons.model.base import MOST_REF_SIGNS, Base

LineageKind = Literal["split", "merge", "redraw"]
RECORD_WORDS = {
    "deed": Words(en="deed", nl="notariële akte"),
    "lease": Words(en="lease", nl="huurcontract"),
    "plan": Words(en="plan", nl="plan"),
    "decision": Words(en="decision", nl="besluit"),
    "agreement": Words(en="agreement", nl="overeenkomst"),
}
"""What each kind of record is called."""


def check_ref(ref: str) -> None:
    """Refuse a ref that no index could hold."""
    if len(ref) > MOST_REF_SIGNS:
        raise InvalidInput("The ref of a record may have {most} signs. Shorten it.", most=MOST_REF_SIGNS)


class Record(Base):
    """The source of a change: a deed, lease, plan, decision or agreement (LADM: LA_Source)."""

    __tablename__ = "record"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    day: Mapped[date | None]
    title: Mapped[str] = mapped_column(default="")
    file: Mapped[str | None]
    created_at: Mapped[datetime]

    def __init__(
        self,
        *,
        ref: str,
        kind: str,
        created_at: datetime,
        day: date | None = None,
        title: str = "",
        file: str | None = None,
    ) -> None:
        if kind not in RECORD_WORDS:
            raise InvalidInput(
                "“{kind}” is not a kind of record. Use one of: {kinds}.",
                kind=kind,
                kinds=Choices(RECORD_WORDS),
            )
        check_ref(ref)
        super().__init__(ref=ref, kind=kind, created_at=created_at, day=day, title=title, file=file)


class Lineage(Base):
    """One old site that became one new site, and the record that says so."""

    __tablename__ = "lineage"
    __table_args__ = (CheckConstraint("old_site_id <> new_site_id", name="two_sites"),)

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    old_site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    new_site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True, index=True)
    op: Mapped[str]
