"""Party: a person, household, group, organisation or municipality, and what it agreed to."""

import unicodedata
from datetime import date, datetime
from typing import Any, Literal, get_args

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from geocommons.errors import InvalidInput
from geocommons.language import Choices, Words
from geocommons.model.base import Base

PartyKind = Literal["person", "household", "group", "organisation", "municipality"]
ConsentUse = Literal["map", "directory", "reports"]
MemberRole = Literal["member", "lead"]
PRIVATE_KINDS = frozenset({"person", "household"})
LED_KINDS = frozenset({"group", "organisation", "municipality"})
"""Kinds that have members, some of whom act for them."""
NAME_SIGNS = 120
MARKS_ON_A_LETTER = 3
"""Combining marks that may follow each other: Vietnamese needs two; a pile of them hides the lines around it."""

PARTY_WORDS = {
    "person": Words(en="resident", nl="bewoner"),
    "household": Words(en="household", nl="huishouden"),
    "group": Words(en="group of neighbours", nl="buurtgroep"),
    "organisation": Words(en="organisation", nl="organisatie"),
    "municipality": Words(en="municipality", nl="gemeente"),
}
"""What each kind of party is called."""
UNNAMED = {
    "person": Words(en="A resident", nl="Een bewoner"),
    "household": Words(en="A household", nl="Een huishouden"),
    "group": Words(en="A group", nl="Een groep"),
    "organisation": Words(en="An organisation", nl="Een organisatie"),
    "municipality": Words(en="The municipality", nl="De gemeente"),
}
"""What somebody of each kind is called who may not be named."""


class Consent(Base):
    """A party's agreement to be named in one kind of place, from one moment until it is withdrawn.

    `how` says what it was given by. A party that is named without having been asked, and does not want that,
    has one that was withdrawn when it was written.
    """

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    use: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    how: Mapped[str]


class Party(Base):
    """Who holds a right or a duty (LADM: LA_Party).

    `name` is how the register knows it, `public_name` how it wants to be called in public. One that was merged
    stays as a row that points to the party it is; one that was erased has no name.
    """

    __tablename__ = "party"
    __table_args__ = (Index("ix_party_kind_name", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    public_name: Mapped[str | None]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    erased_at: Mapped[datetime | None]
    consents: Mapped[list[Consent]] = relationship(
        order_by=Consent.id, lazy="selectin", cascade="all, delete-orphan", passive_deletes=True
    )

    def __init__(self, *, kind: str, name: str, **more: Any) -> None:
        if kind not in get_args(PartyKind):
            raise InvalidInput(
                "“{kind}” is not a kind of party. Use one of: {kinds}.", kind=kind, kinds=Choices(PARTY_WORDS)
            )
        super().__init__(kind=kind, name=read_name(name), **more)

    def agrees_to(self, use: ConsentUse) -> bool:
        """Return whether the party may be named in a kind of place.

        A person has to agree; a group that takes on public ground is known by its name, unless it withdrew that.
        """
        asked = [consent for consent in self.consents if consent.use == use]
        if not asked:
            return self.kind not in PRIVATE_KINDS
        # The latest word counts, also where two parties that each said something became one.
        latest = max(range(len(asked)), key=lambda at: (asked[at].withdrawn_at or asked[at].given_at, at))
        return asked[latest].withdrawn_at is None

    def agree(self, use: ConsentUse, now: datetime, how: str) -> bool:
        """Let the party be named in a kind of place, and return whether that is new; `how` says what it agreed by."""
        if self.agrees_to(use):
            return False
        self.consents.append(Consent(use=use, given_at=now, withdrawn_at=None, how=how))
        return True

    def withdraw(self, use: ConsentUse, now: datetime, how: str) -> bool:
        """Let the party be named in a kind of place no more, and return whether it was until now."""
        if not self.agrees_to(use):
            return False
        given = [consent for consent in self.consents if consent.use == use and consent.withdrawn_at is None]
        for consent in given:
            consent.withdrawn_at = now
        if not given:
            self.consents.append(Consent(use=use, given_at=now, withdrawn_at=now, how=how))
        return True

    def was_asked(self, use: ConsentUse) -> bool:
        """Return whether the party ever said anything about a kind of place."""
        return any(consent.use == use for consent in self.consents)

    @property
    def is_led(self) -> bool:
        """Whether the party has members who act for it."""
        return self.kind in LED_KINDS


class Membership(Base):
    """A party that belongs to a group or organisation for a time; a `lead` may act for it, and keep its members."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("group_id <> member_id", name="two_parties"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="ends_after_it_starts"),
        CheckConstraint("role IN ('member', 'lead')", name="member_or_lead"),
        UniqueConstraint("group_id", "member_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    role: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class MemberInvitation(Base):
    """A mail that asks somebody to become a member of a group; its link works once, for the address it went to."""

    __tablename__ = "member_invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    address: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    secret_digest: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


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


def read_name(text: str) -> str:
    """Return a name as the register keeps it, or refuse.

    Unicode is composed (NFC), white space is one space, and signs that are not to be seen (controls, marks that turn
    the direction of writing) are left out; the joiners that some scripts need inside a word stay.
    """
    if len(text) > 10 * NAME_SIGNS:
        raise _too_long(len(text))
    seen = "".join(sign if _is_seen(sign) else " " if sign.isspace() else "" for sign in text)
    name = " ".join(unicodedata.normalize("NFC", seen).split()).strip("\u200c\u200d ")
    if not any(sign.isalnum() for sign in name):
        raise InvalidInput("A name needs a letter or a digit. Fill in how you want to be called.")
    if len(name) > NAME_SIGNS:
        raise _too_long(len(name))
    if any(sign in "<>" for sign in name):
        raise InvalidInput("A name cannot hold the signs < and >. Leave them out.")
    if _is_piled(name):
        raise InvalidInput("The name has more marks on one letter than any script needs. Leave them out.")
    return name


def _is_seen(sign: str) -> bool:
    return sign in "\u200c\u200d" or unicodedata.category(sign)[0] not in "CZ"


def _is_piled(name: str) -> bool:
    height = 0
    for sign in name:
        height = height + 1 if unicodedata.combining(sign) else 0
        if height > MARKS_ON_A_LETTER:
            return True
    return False


def _too_long(length: int) -> InvalidInput:
    return InvalidInput("The name has {length} signs; use at most {most}.", length=length, most=NAME_SIGNS)
