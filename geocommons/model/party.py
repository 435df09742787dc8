"""Party: a person, household, group, organisation or municipality."""

from typing import Literal, get_args

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.model.base import Base

PartyKind = Literal["person", "household", "group", "organisation", "municipality"]
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
    shown: Mapped[bool]

    def __init__(self, *, kind: str, name: str, shown: bool | None = None) -> None:
        if kind not in get_args(PartyKind):
            raise InvalidInput(
                "“{kind}” is not a kind of party. Use one of: {kinds}.", kind=kind, kinds=", ".join(get_args(PartyKind))
            )
        # A person has to agree to be shown; a group that takes on public ground is known by its name.
        super().__init__(kind=kind, name=name, shown=kind not in PRIVATE_KINDS if shown is None else shown)

    @property
    def public_name(self) -> str | None:
        """The name that anybody may read, or None when the party did not agree to be shown."""
        return self.name if self.shown else None
