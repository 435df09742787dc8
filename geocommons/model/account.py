"""Account: a person's login, apart from what the public sees of them (a Party)."""

import unicodedata
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from geocommons.errors import InvalidInput
from geocommons.model.actor import Role
from geocommons.model.base import Base
from geocommons.model.party import Party

Digest = Literal["at_once", "daily", "weekly"]
ADDRESS_SIGNS = 254
"""The longest address that mail can carry (RFC 5321, erratum 1690)."""


class Reach(Base):
    """One layer or district that a member of staff may act on; without any of a kind there is no bound of it."""

    __tablename__ = "reach"
    __table_args__ = (CheckConstraint("kind IN ('layer', 'district')", name="layer_or_district"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)


class Account(Base):
    """A login: an address, a role, and how its mail is wanted; erased ones keep a number and nothing else.

    `digest` says how mail that is not essential comes; `quiet_from_h` to `quiet_to_h` are the hours, in the
    register's time zone, in which none is sent; `unsubscribed` names the kinds of mail that are not wanted.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str | None] = mapped_column(unique=True)
    role: Mapped[str]
    language: Mapped[str]
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), unique=True)
    digest: Mapped[str] = mapped_column(default="at_once")
    quiet_from_h: Mapped[int | None]
    quiet_to_h: Mapped[int | None]
    unsubscribed: Mapped[list[str]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    party: Mapped[Party | None] = relationship(lazy="joined")
    reaches: Mapped[list[Reach]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    def __init__(self, *, address: str, role: Role, language: str, created_at: datetime) -> None:
        if role not in get_args(Role) or role == "visitor":
            roles = ", ".join(one for one in get_args(Role) if one != "visitor")
            raise InvalidInput("“{role}” is not a role. Use one of: {roles}.", role=role, roles=roles)
        super().__init__(
            address=read_address(address), role=role, language=language, created_at=created_at, unsubscribed=[]
        )

    @property
    def bounds(self) -> list[Reach]:
        """What somebody is bound to, in one order on every database."""
        return sorted(self.reaches, key=lambda one: (one.kind, one.name))


def read_address(text: str) -> str:
    """Return an e-mail address in the one form that the register compares, or refuse.

    Capitals are made small and Unicode composed (NFC), so that one mailbox is one account; dots, plus signs and
    letters like ß stay, because to most mail servers they make another mailbox. Line breaks and other controls are
    refused: they would add headers.
    """
    address = unicodedata.normalize("NFC", text.strip().lower())
    name, at, host = address.rpartition("@")
    sound = (
        at and name and host and len(address) <= ADDRESS_SIGNS and "@" not in name
        and all(unicodedata.category(sign)[0] not in "CZ" and sign not in '<>(),;:\\"[]' for sign in address)
        and all(part and not part.startswith("-") and not part.endswith("-") for part in host.split("."))
        and not name.startswith(".") and not name.endswith(".") and ".." not in name
    )  # fmt: skip
    if not sound:
        raise InvalidInput("“{address}” is not an e-mail address. Write it like name@example.org.", address=text[:80])
    return address
