"""The one table of which role may do what to what, and the one question that asks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from geocommons.errors import NotAllowed, NotSignedIn
from geocommons.language import Words, mark
from geocommons.model.actor import Actor, Role

Extent = Literal["all", "reach", "own"]
"""How far a role may go: everything, the layers and districts it was given, or what is its own or its group's."""
ROLE_WORDS: Mapping[str, Words] = {
    "visitor": Words(en="Visitor", nl="Bezoeker"),
    "resident": Words(en="Resident", nl="Bewoner"),
    "group_lead": Words(en="Group lead", nl="Groepsleider"),
    "staff": Words(en="Staff", nl="Medewerker"),
    "planner": Words(en="Planner", nl="Planner"),
    "administrator": Words(en="Administrator", nl="Beheerder"),
}
EXTENT_WORDS: dict[Extent, Words] = {
    "all": Words(en="everything", nl="alles"),
    "reach": Words(en="own layers and districts", nl="eigen lagen en wijken"),
    "own": Words(en="one's own", nl="het eigene"),
}


@dataclass(frozen=True)
class Permission:
    """One line of the table: an action in words, and how far each role may go with it."""

    action: str
    words: Words
    roles: dict[Role, Extent]
    dangerous: bool = False


@dataclass(frozen=True, kw_only=True)
class Target:
    """What an action is done to; what is None is not bound by it."""

    layer: str | None = None
    districts: frozenset[str] | None = None
    account_id: int | None = None
    party_ids: frozenset[int] = field(default_factory=frozenset)


SIGN_IN = mark("Sign in to do this.")
FOR_THE_CITY = mark(
    "Sign in to do this, as somebody who works with this register: residents may not, but what was published they may "
    "read. Who may do what is listed under /permissions."
)
NOT_YOURS = mark("This is not yours, or outside the layers and districts that you were given.")
ANYTHING = Target()
EVERYBODY: dict[Role, Extent] = dict.fromkeys(get_args(Role), "all")
SIGNED_IN: dict[Role, Extent] = {role: "own" for role in get_args(Role) if role != "visitor"}
ADMINISTRATOR: dict[Role, Extent] = {"administrator": "all"}

TABLE = (
    Permission(
        "read",
        Words(
            en="Read the public register, its maps and its open data",
            nl="Het openbare register, de kaarten en de open data lezen",
        ),
        EVERYBODY,
    ),
    Permission(
        "sign in",
        Words(
            en="Sign in, and sign out",
            nl="Inloggen en uitloggen",
        ),
        EVERYBODY,
    ),
    Permission(
        "keep own account",
        Words(
            en="See, change, download and erase one's own account",
            nl="Het eigen account zien, wijzigen, downloaden en wissen",
        ),
        {**SIGNED_IN, "administrator": "all"},
    ),
    Permission(
        "make tokens",
        Words(
            en="Make API tokens for scripts",
            nl="API-tokens voor scripts maken",
        ),
        SIGNED_IN,
    ),
    Permission(
        "lead a group",
        Words(
            en="Add and remove the members of a group",
            nl="Leden van een groep toevoegen en verwijderen",
        ),
        {"group_lead": "own", "planner": "own", "staff": "own", "administrator": "all"},
    ),
    Permission(
        "see parties",
        Words(
            en="See what parties hold, and who belongs to them",
            nl="Zien wat partijen hebben, en wie erbij horen",
        ),
        {"staff": "all", "administrator": "all"},
    ),
    Permission(
        "keep parties",
        Words(
            en="Add groups, see contacts, and note what parties are called and agreed to",
            nl="Groepen toevoegen, contacten zien, en vastleggen hoe partijen heten en waarmee ze instemden",
        ),
        {"staff": "reach", "administrator": "all"},
    ),
    Permission(
        "import places",
        Words(
            en="Bring places into a layer, and retire them",
            nl="Plekken in een laag zetten, en laten vervallen",
        ),
        {"staff": "reach", "administrator": "all"},
    ),
    Permission(
        "import tenures",
        Words(
            en="Record who holds what, and the records behind it",
            nl="Vastleggen wie wat in beheer heeft, en de stukken daarbij",
        ),
        {"staff": "reach", "administrator": "all"},
    ),
    Permission(
        "import care",
        Words(
            en="Record care that was given, and what is due",
            nl="Vastleggen welke zorg is gegeven, en wat nog moet",
        ),
        {"staff": "reach", "administrator": "all"},
    ),
    Permission(
        "keep context",
        Words(
            en="Add and remove streets, population and other context",
            nl="Straten, bevolking en andere context toevoegen en weghalen",
        ),
        {"planner": "all", "administrator": "all"},
    ),
    Permission(
        "start an analysis",
        Words(
            en="Start an analysis",
            nl="Een analyse starten",
        ),
        {"planner": "all", "administrator": "all"},
    ),
    Permission(
        "see the audit trail",
        Words(
            en="Read who changed what",
            nl="Lezen wie wat heeft gewijzigd",
        ),
        {"resident": "own", "group_lead": "own", "planner": "own", "staff": "reach", "administrator": "all"},
    ),
    Permission(
        "see the design",
        Words(
            en="Look at the components of the site",
            nl="De onderdelen van de site bekijken",
        ),
        {"staff": "all", "planner": "all", "administrator": "all"},
    ),
    Permission(
        "see mail",
        Words(
            en="See the mail that waits or failed, and send it again or drop it",
            nl="De mail zien die wacht of mislukte, en die opnieuw verzenden of laten vervallen",
        ),
        ADMINISTRATOR,
    ),
    Permission(
        "keep people",
        Words(
            en="Invite people, and change their role and reach",
            nl="Mensen uitnodigen, en hun rol en bereik wijzigen",
        ),
        ADMINISTRATOR,
        dangerous=True,
    ),
    Permission(
        "merge parties",
        Words(
            en="Merge two parties, and undo it",
            nl="Twee partijen samenvoegen, en dat terugdraaien",
        ),
        ADMINISTRATOR,
        dangerous=True,
    ),
    Permission(
        "keep the register",
        Words(
            en="Rebuild, check, back up and restore the register",
            nl="Het register herbouwen, controleren, bewaren en terugzetten",
        ),
        ADMINISTRATOR,
        dangerous=True,
    ),
)
BY_ACTION = {permission.action: permission for permission in TABLE}


def permit(actor: Actor, action: str, on: Target = ANYTHING) -> None:
    """Refuse what the table does not allow: `NotSignedIn` where signing in may help, `NotAllowed` where it does not."""
    permission = BY_ACTION[action]
    extent = permission.roles.get(actor.role)
    if extent is None and actor.role == "visitor":
        raise NotSignedIn(SIGN_IN if "resident" in permission.roles else FOR_THE_CITY)
    if not _is_in_scope(actor, permission):
        raise NotAllowed("This token was not made for this. Make one with the scope “{action}”.", action=action)
    if extent is None:
        raise NotAllowed(
            "Your role may not do this: {action}. Ask an administrator of this register.", action=permission.words
        )
    if not _within(actor, extent, on):
        raise NotAllowed(NOT_YOURS)


def extent_of(actor: Actor, action: str) -> Extent | None:
    """Return how far an actor may go with an action; None: not at all, by its role or by what its token is for."""
    permission = BY_ACTION[action]
    return permission.roles.get(actor.role) if _is_in_scope(actor, permission) else None


def _is_in_scope(actor: Actor, permission: Permission) -> bool:
    """Return whether an actor's token, if it came with one, was made for an action: any is for what everybody may."""
    return actor.scopes is None or permission.action in actor.scopes or permission.roles == EVERYBODY


def _within(actor: Actor, extent: Extent, on: Target) -> bool:
    if extent == "all":
        return True
    if extent == "own":
        mine = on.account_id is None or on.account_id == actor.account_id
        return mine and on.party_ids <= actor.parties
    inside = actor.layers is None or on.layer is None or on.layer in actor.layers
    return inside and (actor.districts is None or on.districts is None or on.districts <= actor.districts)
