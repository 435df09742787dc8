"""The kinds of mail: what each says, in blocks, so that plain text and HTML come from the same words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from geocommons.errors import InvalidInput
from geocommons.language import mark

BlockKind = Literal["heading", "paragraph", "button", "code", "list", "small"]

DIGEST = "digest"
"""The kind that holds other mail: `mails` is a list of their `kind` and `params`."""


@dataclass(frozen=True)
class Block:
    """One piece of a letter: a sentence with gaps, and for buttons, codes and lists the gap that they show."""

    kind: BlockKind
    sentence: str
    shows: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of mail.

    An `essential` one is always sent, and at once; the others obey digest, quiet hours and unsubscription. `secrets`
    are the gaps that let somebody in: forgotten once the mail was sent, and shown to nobody but its reader.
    `useful_for` is how long its words stay true (None: always).
    """

    name: str
    essential: bool
    words: str
    subject: str
    blocks: tuple[Block, ...]
    gaps: frozenset[str]
    secrets: frozenset[str] = frozenset()
    useful_for: timedelta | None = None


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "sign_in",
            essential=True,
            words=mark("Links and codes to sign in"),
            subject=mark("Sign in to {title}"),
            blocks=(
                Block("paragraph", mark("Hello. Somebody, hopefully you, wants to sign in to {title}.")),
                Block("button", mark("Sign in"), "link"),
                Block("code", mark("On another device, type this code:"), "code"),
                Block("small", mark("Link and code work once, for {minutes} minutes.")),
                Block("small", mark("If it was not you, do nothing: nobody gets in without this mail.")),
            ),
            gaps=frozenset({"link", "code", "minutes"}),
            secrets=frozenset({"link", "code"}),
            useful_for=timedelta(minutes=15),
        ),
        Kind(
            "confirm",
            essential=True,
            words=mark("Codes that confirm who you are"),
            subject=mark("Your code for {title}"),
            blocks=(
                Block("paragraph", mark("Hello. You want to do something in {title} that is hard to undo.")),
                Block("code", mark("Type this code where you are signed in:"), "code"),
                Block("small", mark("The code works once, for {minutes} minutes.")),
                Block("small", mark("If it was not you, sign out everywhere under My account: somebody is in it.")),
            ),
            gaps=frozenset({"code", "minutes"}),
            secrets=frozenset({"code"}),
            useful_for=timedelta(minutes=15),
        ),
        Kind(
            "invitation",
            essential=True,
            words=mark("Invitations"),
            subject=mark("You are invited to {title}"),
            blocks=(
                Block("paragraph", mark("Hello. You are invited to {title}, a register of who looks after what.")),
                Block("paragraph", mark("Your role will be: {role}.")),
                Block("button", mark("Accept and sign in"), "link"),
                Block("small", mark("The link works once, for {days} days. You need no password.")),
                Block("small", mark("If you expected no invitation, do nothing: no account is made.")),
            ),
            gaps=frozenset({"link", "role", "days"}),
            secrets=frozenset({"link"}),
        ),
        Kind(
            "group_invitation",
            essential=True,
            words=mark("Invitations to groups"),
            subject=mark("{group} invites you"),
            blocks=(
                Block("paragraph", mark("Hello. {group} invites you to belong to it in {title}.")),
                Block("button", mark("See the invitation"), "link"),
                Block("small", mark("The invitation holds for {days} days. You sign in with a link by mail.")),
                Block("small", mark("If you do not know this group, do nothing: nothing is kept of you.")),
            ),
            gaps=frozenset({"group", "link", "days"}),
            secrets=frozenset({"link"}),
        ),
        Kind(
            "member_added",
            essential=False,
            words=mark("News of the groups that you are in"),
            subject=mark("You can now act for {group}"),
            blocks=(
                Block("paragraph", mark("Hello. {by} added you to {group}. You can act for it in {title} now.")),
                Block("button", mark("See the group"), "link"),
            ),
            gaps=frozenset({"by", "group", "link"}),
        ),
        Kind(
            DIGEST,
            essential=False,
            words=mark("Your news in one letter"),
            subject=mark("Your news from {title}"),
            blocks=(Block("paragraph", mark("Hello. This is what happened in {title} since the last letter.")),),
            gaps=frozenset({"mails"}),
        ),
    )
}
UNSUBSCRIBABLE = tuple(kind for kind in KINDS.values() if not kind.essential and kind.name != DIGEST)
"""The kinds that a reader may do without."""


def get_kind(name: str) -> Kind:
    """Return a kind of mail, or refuse."""
    if name not in KINDS:
        raise InvalidInput("There is no mail “{name}”. There are: {names}.", name=name, names=", ".join(KINDS))
    return KINDS[name]


def check_params(kind: Kind, params: Mapping[str, Any]) -> None:
    """Refuse what does not fill exactly the gaps of a kind of mail: a letter with holes would be found out too late."""
    if set(params) != kind.gaps:
        raise ValueError(f"mail {kind.name} wants {sorted(kind.gaps)}, not {sorted(params)}")
