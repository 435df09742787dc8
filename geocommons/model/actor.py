"""Actor: who does something, in which role, how far it reaches, and through which door."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Role = Literal["visitor", "resident", "group_lead", "staff", "planner", "administrator"]
Door = Literal["page", "api", "shell", "job"]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who asks.

    `layers` and `districts` bound a member of staff (None: no bound). `parties` are the party that the person is
    in public and those it may act for; `acting_for` is the one it acts for now. `confirmed_at` is when the person
    last showed a passkey, or signed in; `scopes` bound an API token (None: whatever the role may).
    """

    role: Role = "visitor"
    door: Door = "job"
    account_id: int | None = None
    name: str = ""
    layers: frozenset[str] | None = None
    districts: frozenset[str] | None = None
    parties: frozenset[int] = field(default_factory=frozenset)
    acting_for: int | None = None
    confirmed_at: datetime | None = None
    scopes: frozenset[str] | None = None
    why: str = ""


VISITOR = Actor(door="page")
"""Somebody who did not sign in."""
PROGRAM = Actor(role="administrator", door="job", name="geocommons")
"""The program itself, where no person asked."""
OPERATOR = Actor(role="administrator", door="shell", name="shell")
"""Whoever may run programs on the machine of the register, and so may do anything to it."""
