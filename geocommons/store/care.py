"""What was done for sites, and what is due at them: the frames that analyses stand on, and rows by their key."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from geocommons.model.activity import Activity
from geocommons.model.obligation import Obligation
from geocommons.model.party import Party
from geocommons.model.site import Site
from geocommons.store.bulk import one_of


def care_frame(session: Session, layer_ids: Sequence[str], day: date) -> pd.DataFrame:
    """Return the care that was given to sites of some layers up to a day.

    Columns: site, layer, claimant (number of the party), kind (of party), day, minutes (of all its people together).
    Ordered by layer, ref, day and key, the same on both databases.
    """
    columns = (Site.id, Site.layer, Site.ref, Activity.party_id, Activity.day, Activity.minutes, Activity.people)
    query = select(*columns, Activity.key, Party.kind).select_from(Activity)
    query = query.join(Site, Site.id == Activity.site_id).join(Party, Party.id == Activity.party_id)
    rows: list[tuple[Any, ...]] = [
        tuple(row) for row in session.execute(query.where(Site.layer.in_(layer_ids), Activity.day <= day))
    ]
    rows.sort(key=lambda row: (row[1], row[2], row[4], row[7]))
    found = [
        (site, layer, who, kind, on, minutes * people) for site, layer, _, who, on, minutes, people, _, kind in rows
    ]
    return pd.DataFrame(found, columns=["site", "layer", "claimant", "kind", "day", "minutes"])


def duty_frame(session: Session, layer_ids: Sequence[str]) -> pd.DataFrame:
    """Return what was and is due at sites of some layers: columns site, layer, due_on, done_on (None: not yet).

    What is due again and again has a row for the last time and one for the next. Ordered by layer, ref, key and day.
    """
    query = select(Site.layer, Site.ref, Obligation).join(Site, Site.id == Obligation.site_id)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(query.where(Site.layer.in_(layer_ids)))]
    rows.sort(key=lambda row: (row[0], row[1], row[2].key))
    found = [(duty.site_id, layer, due, done) for layer, _, duty in rows for due, done in duty.spans]
    return pd.DataFrame(found, columns=["site", "layer", "due_on", "done_on"])


def activities_by_key(session: Session, keys: Iterable[str]) -> dict[str, Activity]:
    """Return the care that was noted under some keys."""
    found = session.scalars(select(Activity).where(Activity.key.in_(list(keys))))
    return {activity.key: activity for activity in found}


def obligations_by_key(session: Session, keys: Iterable[str]) -> dict[str, Obligation]:
    """Return what is due under some keys."""
    return {duty.key: duty for duty in session.scalars(select(Obligation).where(Obligation.key.in_(list(keys))))}


def obligations_of(session: Session, site_ids: Iterable[int]) -> dict[int, list[Obligation]]:
    """Return what is due at some sites, by site."""
    found: dict[int, list[Obligation]] = {}
    query = select(Obligation).where(one_of(session, Obligation.site_id, list(site_ids))).order_by(Obligation.id)
    for duty in session.scalars(query):
        found.setdefault(duty.site_id, []).append(duty)
    return found


def care_of(session: Session, party_ids: Iterable[int]) -> list[tuple[Activity, Site]]:
    """Return the care that some parties gave and where, the newest first."""
    query = select(Activity, Site).join(Site, Site.id == Activity.site_id)
    query = query.where(Activity.party_id.in_(list(party_ids))).order_by(Activity.day.desc(), Activity.id.desc())
    return [(activity, site) for activity, site in session.execute(query)]
