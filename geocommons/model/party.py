"""Party: a person, household, group, organisation or municipality."""

from datetime import date, datetime
from typing import Any, Literal, get_args

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.model.base import Base

PartyKind = Literal["person", "household", "group", "organisation", "municipality"]
ConsentUse = Literal["map", "directory", "reports"]
PRIVATE_KINDS = frozenset({"person", "household"})

UNNAMED = {
    "person": Words(en="A resident", nl="Een bewoner"),
    "household": Words(en="A household", nl="Een huishouden"),
    "group": Words(en="A group", nl="Een groep"),
    "organisation": Words(en="An organisation", nl="Een organisatie"),
    "municipality": Words(en="The municipality", nl="De gemeente"),
}


class Party(Base):
    """Who holds a right or a duty; its name is shown only with consent (LADM: LA_Party)."""

    __tablename__ = "party"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    public_name: Mapped[str | None]
    shown: Mapped[bool]

    def __init__(self, *, kind: str, name: str, shown: bool | None = None) -> None:
        if kind not in get_args(PartyKind):
            raise InvalidInput(
                "“{kind}” is not a kind of party. Use one of: {kinds}.", kind=kind, kinds=", ".join(get_args(PartyKind))
            )
        # A person has to agree to be shown; a group that takes on public ground is known by its name.
        super().__init__(kind=kind, name=name, shown=kind not in PRIVATE_KINDS if shown is None else shown)

    @property
    def shown_name(self) -> str | None:
        """The name that anybody may read, or None when the party did not agree to be shown."""
        return (self.public_name or self.name) if self.shown else None


class Consent(Base):
    """A party's agreement to be named in one kind of place, from one moment until it is withdrawn."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    use: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    how: Mapped[str]


class Membership(Base):
    """A party that belongs to a group or organisation for a time; a `lead` may act for it, and keep its members."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("group_id <> member_id", name="two_parties"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="ends_after_it_starts"),
        UniqueConstraint("group_id", "member_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    role: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PartyMerge(Base):
    """Two parties that turned out to be one; `moved` is what it takes to undo that."""

    __tablename__ = "party_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    gone_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    merged_at: Mapped[datetime]
    why: Mapped[str]
    moved: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
