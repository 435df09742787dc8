"""Read the audit trail as somebody may: who changed what, when, and what it was before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from sqlalchemy.orm import Session

from geocommons.model.account import Account
from geocommons.model.actor import Actor
from geocommons.model.audit import AuditEntry
from geocommons.model.party import Party
from geocommons.model.permission import BY_ACTION
from geocommons.model.site import Site
from geocommons.settings import Settings
from geocommons.store.entries import Asked, Seen, list_entries, people_of, places_of, sites_of_tenures
from geocommons.store.seals import is_sealed, open_seal, read_keys
from geocommons.usecases.reach import ground_of, lies_on

ACTION = "see the audit trail"
ENTRIES_AT_ONCE = 200
LOOKED_AT = 5_000
"""How far back a page looks for entries in a reader's districts, which the database cannot be asked for."""


@dataclass(frozen=True)
class Change:
    """What one column was, and what it became; `ERASED` where it told of somebody who is gone."""

    column: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Told:
    """One entry as its reader may see it: `account` and `acting_for` are who did it, as far as they are known."""

    entry: AuditEntry
    changes: Sequence[Change]
    why: Any
    account: Account | None
    acting_for: Party | None
    site: Site | None
    party: Party | None


@dataclass(frozen=True)
class TrailPage:
    """Some entries, the newest first; `below` is where the next page begins, None at the end."""

    entries: Sequence[Told]
    below: int | None


def read_trail(session: Session, settings: Settings, actor: Actor, asked: Asked, *, limit: int) -> TrailPage:
    """Return a page of the entries that are asked for and that the actor may see."""
    found, below = _find(session, settings, actor, asked, limit)
    texts = [orjson.loads(entry.changes) for entry in found]
    whys = [orjson.loads(entry.why) for entry in found]
    keys = read_keys(session, _seals(texts) | {why["sealed"] for why in whys if is_sealed(why)})
    sites = places_of(session, [site_id for entry in found if (site_id := _site_id(entry)) is not None])
    accounts, parties = people_of(
        session,
        [entry.account_id for entry in found if entry.account_id is not None],
        [number for entry in found for number in (entry.acting_for, entry.party_id) if number is not None],
    )
    told = []
    for entry, text, why in zip(found, texts, whys, strict=True):
        changes = _changes(text, entry, asked.site_id, keys)
        if changes is None:
            continue
        told.append(
            Told(
                entry, changes, open_seal(why, keys) if is_sealed(why) else why, accounts.get(entry.account_id),
                parties.get(entry.acting_for), sites.get(_site_id(entry) or 0), parties.get(entry.party_id),
            )
        )  # fmt: skip
    return TrailPage(told, below)


def what_seen(actor: Actor) -> Seen:
    """Return what of the trail an actor may see, by the table of permissions."""
    extent = BY_ACTION[ACTION].roles.get(actor.role)
    if extent == "all":
        return Seen(whole=True)
    layers = actor.layers if extent == "reach" else frozenset()
    return Seen(account_id=actor.account_id or 0, party_ids=actor.parties, layers=layers)


def _find(
    session: Session, settings: Settings, actor: Actor, asked: Asked, limit: int
) -> tuple[list[AuditEntry], int | None]:
    """Return entries and where the next page begins; who is bound to districts is looked after one by one."""
    seen = what_seen(actor)
    ground = None if seen.whole else ground_of(session, settings, actor)
    if ground is None:
        found = list(list_entries(session, asked, seen, limit=limit + 1))
        return found[:limit], found[limit - 1].id if len(found) > limit else None
    kept: list[AuditEntry] = []
    below = asked.below
    for _ in range(LOOKED_AT // ENTRIES_AT_ONCE):
        some = list_entries(session, _from(asked, below), seen, limit=ENTRIES_AT_ONCE)
        for entry, inside in zip(some, _inside(session, some, ground, actor), strict=True):
            below = entry.id
            if inside:
                kept.append(entry)
            if len(kept) == limit:
                return kept, below
        if len(some) < ENTRIES_AT_ONCE:
            return kept, None
    return kept, below


def _from(asked: Asked, below: int | None) -> Asked:
    return Asked(**{**vars(asked), "below": below})


def _inside(session: Session, entries: Sequence[AuditEntry], ground: Any, actor: Actor) -> list[bool]:
    tenures = [
        entry.subject_id for entry in entries if entry.subject in ("tenure", "tenure_party") and entry.subject_id
    ]
    held = sites_of_tenures(session, tenures)
    site_ids = [_site_id(entry) or held.get(entry.subject_id or 0) for entry in entries]
    sites = places_of(session, [site_id for site_id in site_ids if site_id is not None])
    known = sorted(sites)
    on_it = lies_on(ground, np.array([sites[key].geom for key in known], dtype=object)).tolist() if known else []
    inside: dict[int, bool] = dict(zip(known, on_it, strict=True))
    own = (actor.account_id, actor.parties)
    return [
        inside.get(site_id or 0, False) or _is_own(entry, *own)
        for entry, site_id in zip(entries, site_ids, strict=True)
    ]


def _is_own(entry: AuditEntry, account_id: int | None, party_ids: frozenset[int]) -> bool:
    mine = account_id is not None and account_id in (entry.account_id, entry.of_account_id)
    return mine or bool(party_ids & {entry.party_id, entry.other_party_id, entry.acting_for})


def _site_id(entry: AuditEntry) -> int | None:
    if entry.site_id is not None:
        return entry.site_id
    return entry.subject_id if entry.subject == "site" and entry.subject_last is None else None


def _seals(texts: Sequence[Mapping[str, Any]]) -> set[str]:
    pairs = (pair for text in texts for pair in text.values() if isinstance(pair, list))
    return {value["sealed"] for pair in pairs for value in pair if is_sealed(value)}


def _changes(
    text: Mapping[str, Any], entry: AuditEntry, site_id: int | None, keys: Mapping[str, bytes]
) -> list[Change] | None:
    """Return what an entry says was changed; of one about several sites only what is about the one asked for."""
    if any(isinstance(pair, dict) for pair in text.values()):
        if site_id is not None and str(site_id) not in text and entry.subject == "site":
            return None
        text = text.get(str(site_id), {}) if site_id is not None else {}
    return [
        Change(name, *(open_seal(value, keys) if is_sealed(value) else value for value in pair))
        for name, pair in text.items()
    ]
