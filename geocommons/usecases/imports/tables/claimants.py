"""Know the parties that a table of tenures names: who is meant, who is new, and what the table says of their names."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from geocommons.errors import InvalidInput
from geocommons.model.party import PARTY_WORDS, Party
from geocommons.settings import Settings
from geocommons.store.bulk import reserve_ids
from geocommons.store.parties import find_parties, same_parties
from geocommons.usecases.imports.tables.cells import Texts, in_column
from geocommons.usecases.people.consent import withdraw

Key = tuple[str, str]


def claimant(party_id: int) -> str:
    """Return how a tenure says who claimed it first: a name may change, and may have to be forgotten."""
    return f"party:{party_id}"


def read_party(text: Texts) -> Party:
    """Return the party that a row names, or refuse it with the column that is wrong."""
    with in_column("party" if text["party_kind"] in PARTY_WORDS else "party_kind"):
        return Party(kind=text["party_kind"], name=text["party"])


class Claimants:
    """The parties of some rows, by kind and name; `renamed` are the ids of those whose name is shown or hidden now."""

    def __init__(self, session: Session, settings: Settings, keys: Iterable[Key], now: datetime) -> None:
        self.session, self.settings, self.now = session, settings, now
        wanted = set(keys)
        self.known = find_parties(session, wanted)
        self.renamed: set[int] = set()
        self._names: dict[Key, frozenset[str]] = {}
        new = len(wanted - self.known.keys())
        first = reserve_ids(session, Party, new) if new else 0
        self.free_ids = iter(range(first, first + new))

    def names(self, key: Key) -> frozenset[str]:
        """Return what tenures call the party that is meant, merged ones too; refuse a name that two parties have."""
        if key in self._names:
            return self._names[key]
        found = self.known.get(key, [])
        if len(found) > 1:
            raise InvalidInput(
                "Two parties are called “{party}” ({ids}), so this row could mean either."
                " Merge them if they are one, or give one of them another name.",
                party=key[1], ids=", ".join(str(party.id) for party in found), column="party",
            )  # fmt: skip
        names = frozenset(claimant(one) for party in found for one in same_parties(self.session, party.id))
        if found:
            self._names[key] = names
        return names

    def take(self, key: Key) -> Party:
        """Return the party that is meant, made now if it is new."""
        if key not in self.known:
            kind, name = key
            party = Party(id=next(self.free_ids), kind=kind, name=name)
            self.session.add(party)
            self.known[key] = [party]
        return self.known[key][0]

    def hear(self, key: Key, shown: bool | None) -> bool:
        """Note what a row says of a party's name, and return whether that changed anything.

        A table may say first that a party agreed, and may always say that it did not; it never takes back what the
        party withdrew.
        """
        party = self.take(key)
        if shown is None or (shown and party.was_asked("map")):
            return False
        if shown:
            changed = party.agree("map", self.now, "table")
        else:
            changed = withdraw(self.session, self.settings, party, "map", now=self.now, how="table")
        if changed:
            self.renamed.add(party.id)
        return changed
