"""How findings name parties: asked whenever they are said, by who agreed to be named in reports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from geocommons.language import Say, mark, translate
from geocommons.model.party import UNNAMED
from geocommons.numerals import number
from geocommons.store.public import names_of

Names = Callable[[Iterable[int]], Mapping[int, str | None]]
"""Returns the names of some parties by number, None for one that may not be named."""


def nobody(party_ids: Iterable[int]) -> Mapping[int, str | None]:
    """Name nobody: what findings do for whoever does not say how parties are named."""
    return {}


def names_in_reports(session: Session) -> Names:
    """Return how parties are named now in reports."""
    return lambda party_ids: names_of(session, party_ids, "reports")


def party_words(parties: Iterable[Mapping[str, Any]], names: Names, language: str) -> dict[int, str]:
    """Return what to call parties (`party`, a number, and `kind`) by number: their name, or else what kind they are.

    A number below 0 is a steward that a scenario supposes.
    """
    kinds = {int(one["party"]): str(one["kind"]) for one in parties}
    known = names([party for party in kinds if party >= 0])
    return {party: known.get(party) or _unnamed(kind, language) for party, kind in kinds.items()}


def some_names(every: Sequence[str], most: int, say: Say) -> str:
    """Return names with commas between, and how many more there are than `most`."""
    said = ", ".join(every[:most])
    if len(every) <= most:
        return said
    return str(say(mark("{names} and {count} more"), names=said, count=number(len(every) - most, say.language)))


def _unnamed(kind: str, language: str) -> str:
    return UNNAMED[kind].say(language) if kind in UNNAMED else translate(mark("A new steward"), language)
