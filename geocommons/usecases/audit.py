"""Prove the audit trail, and leave behind what was seen of it."""

from datetime import datetime

from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.ledger import Ledger
from geocommons.store.trail import Newest, Trail, read_newest, seen_before, verify_trail


def check_trail(store: Store, settings: Settings, *, now: datetime) -> Trail:
    """Verify the audit trail against itself and against all that was seen of it before, and note what it is now.

    Only a sound trail is noted in the ledger: a trail that is written anew afterwards, digests and all, shows then.
    """
    ledger = Ledger.of(settings)
    with store.snapshot() as session:
        trail = verify_trail(session, seen_before(ledger.lines()))
    if trail.broken is None:
        remember_seen(settings, trail.newest, now=now)
    return trail


def note_newest(store: Store, settings: Settings, *, now: datetime) -> None:
    """Note in the ledger which entry is the newest, without going through all of them."""
    with store.reading() as session:
        newest = read_newest(session)
    remember_seen(settings, newest, now=now)


def remember_seen(settings: Settings, newest: Newest, *, now: datetime) -> None:
    """Write the newest entry into the ledger, unless it is there already."""
    ledger = Ledger.of(settings)
    known = seen_before(ledger.lines())
    if newest.entry and newest.entry not in known:
        ledger.add("seen", now, {"entry": newest.entry, "digest": newest.digest})
