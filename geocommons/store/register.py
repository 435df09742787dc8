"""Write sites into the register in bulk, and look up what it already holds."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from geocommons.crs import Geometries
from geocommons.model.base import FIRST_DAY, LAST_DAY, fold, fold_rows
from geocommons.model.geom import to_column
from geocommons.model.record import Lineage
from geocommons.model.site import Site, SiteState
from geocommons.model.tenure import Tenure
from geocommons.store.audit import note_sites
from geocommons.store.bulk import one_of, prepare_insert, update_rows

LOOK_UP_AT_ONCE = 10_000


class Known(NamedTuple):
    """What the register holds under a ref."""

    id: int
    checksum: str
    retired: bool
    replaced: bool


@dataclass(kw_only=True, slots=True)
class ChangedSite:
    """What a file says of one site that the register knows: by that it is there, so not retired any more."""

    id: int
    ref: str
    name: str
    geom: shapely.Geometry
    area_m2: float | None
    length_m: float | None
    facts: dict[str, Any]
    certainty: int
    parent_id: int | None
    since: date | None
    checksum: str
    until: date | None = None
    retired_by: int | None = None


@dataclass(kw_only=True, slots=True)
class SiteColumns:
    """What a batch says of sites of one layer, by column, with the public state of each; facts are JSON."""

    layer: str
    ref: Sequence[str]
    name: Sequence[str]
    geom: Geometries
    wkb: Sequence[Any]
    area_m2: Sequence[float | None]
    length_m: Sequence[float | None]
    facts: Sequence[str]
    certainty: Sequence[int]
    parent_id: Sequence[int | None]
    since: Sequence[date | None]
    checksum: Sequence[str]
    status: Sequence[str]
    state: Sequence[str]

    def at(self, position: int, site_id: int) -> ChangedSite:
        """Return what is said of one site, under the number that the register knows it by."""
        own = {name: getattr(self, name)[position] for name in (*AS_THEY_ARE, "geom")}
        return ChangedSite(id=site_id, facts=orjson.loads(self.facts[position]), **own)


AS_THEY_ARE = ("ref", "name", "area_m2", "length_m", "certainty", "parent_id", "since", "checksum")
"""Columns of the table that say the same as a batch's own."""


def known_refs(session: Session, layer_id: str, refs: Sequence[str]) -> dict[str, Known]:
    """Return what the register holds under some refs of a layer."""
    replaced = select(Lineage.old_site_id).where(Lineage.old_site_id == Site.id).exists()
    query = select(Site.ref, Site.id, Site.checksum, Site.until.is_not(None), replaced).where(Site.layer == layer_id)
    found: dict[str, Known] = {}
    for some in _chunks(refs):
        found |= {row[0]: Known(*row[1:]) for row in session.execute(query.where(one_of(session, Site.ref, some)))}
    return found


def current_bounds(session: Session, layer_id: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the ids and the bounds (west, south, east, north) of the sites of a layer that are not retired."""
    query = select(Site.id, Site.west, Site.south, Site.east, Site.north)
    rows = session.execute(query.where(Site.layer == layer_id, Site.until.is_(None)).order_by(Site.id))
    table = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 5)
    return table[:, 0].astype(np.int64), table[:, 1:]


def geometries_by_id(session: Session, site_ids: Sequence[int]) -> dict[int, shapely.Geometry]:
    """Return the geometries of some sites."""
    found: dict[int, shapely.Geometry] = {}
    for some in _chunks(site_ids):
        found |= dict(session.execute(select(Site.id, Site.geom).where(one_of(session, Site.id, some))).all())
    return found


def refs_by_id(session: Session, site_ids: Sequence[int]) -> dict[int, str]:
    """Return the refs of some sites."""
    found: dict[int, str] = {}
    for some in _chunks(site_ids):
        found |= dict(session.execute(select(Site.id, Site.ref).where(one_of(session, Site.id, some))).all())
    return found


def prepare_sites(
    dialect_name: str, sites: SiteColumns, fragments: Sequence[str], ids: Mapping[int, int], now: datetime
) -> Callable[[Session], None]:
    """Return an act that writes the sites at some positions of a batch, under the new number that `ids` gives each.

    `fragments` are those of the whole batch. Nobody holds the sites yet.
    """
    positions = list(ids)

    def pick(column: Sequence[Any]) -> Sequence[Any]:
        return column if len(positions) == len(column) else [column[position] for position in positions]

    columns = {name: pick(getattr(sites, name)) for name in (*AS_THEY_ARE, "facts", "status", "state")}
    bounds = shapely.bounds(sites.geom[positions]).T
    return prepare_insert(
        dialect_name,
        Site,
        {"id": list(ids.values())}
        | columns
        | dict(zip(("west", "south", "east", "north"), bounds, strict=True))
        | {
            "folded": fold_rows(columns["name"], columns["ref"]),
            "geom": pick(sites.wkb),
            "fragment": pick(fragments),
            "state_from": [day or FIRST_DAY for day in columns["since"]],
        },
        {"layer": sites.layer, "state_to": LAST_DAY, "updated_at": now},
    )


def update_sites(session: Session, sites: Sequence[ChangedSite], now: datetime) -> None:
    """Write what changed of known sites; their public rows must be written anew afterwards."""
    changes = [
        {
            "key": site.id, "name": site.name, "folded": fold(site.name, site.ref), "geom": site.geom,
            "area_m2": site.area_m2, "length_m": site.length_m,
            "facts": site.facts, "certainty": site.certainty, "parent_id": site.parent_id, "since": site.since,
            "checksum": site.checksum, "updated_at": now, "until": site.until, "retired_by": site.retired_by,
        }
        | dict(zip(("west", "south", "east", "north"), shapely.bounds(site.geom).tolist(), strict=True))
        for site in sites
    ]  # fmt: skip
    if changes:
        _note_changes(session, sites)
        update_rows(session, Site, changes)


def _note_changes(session: Session, sites: Sequence[ChangedSite]) -> None:
    """Note for the audit trail what an update of known sites changes, their shapes as the column holds them."""
    names = ("geom", "name", "facts", "area_m2", "length_m", "certainty", "parent_id", "since", "until", "retired_by")
    kept = (Site.id, type_coerce(Site.geom, NullType()), *(getattr(Site, name) for name in names[1:]))
    stored = {
        row[0]: row[1:]
        for some in _chunks([site.id for site in sites])
        for row in session.connection().execute(select(*kept).where(one_of(session, Site.id, some))).all()
    }
    shapes = to_column(np.array([site.geom for site in sites], dtype=object), session.get_bind().dialect.name)
    own = attrgetter(*names[1:])
    changes: dict[int, dict[str, list[Any]]] = {}
    for site, shape in zip(sites, shapes, strict=True):
        was, now = stored[site.id], (shape, *own(site))
        if was != now:
            changes[site.id] = {name: [old, new] for name, old, new in zip(names, was, now, strict=True) if old != new}
    note_sites(session, changes)


def read_sites(session: Session, site_ids: Sequence[int]) -> dict[int, ChangedSite]:
    """Return some sites as they stand, so that they can be put back."""
    found = session.scalars(select(Site).where(Site.id.in_(list(site_ids)))) if site_ids else ()
    return {
        site.id: ChangedSite(
            id=site.id, ref=site.ref, name=site.name, geom=site.geom, area_m2=site.area_m2, length_m=site.length_m,
            facts=site.facts, certainty=site.certainty, parent_id=site.parent_id, since=site.since,
            checksum=site.checksum, until=site.until, retired_by=site.retired_by,
        )
        for site in found
    }  # fmt: skip


def tenanted(session: Session, site_ids: Sequence[int], day: date) -> set[int]:
    """Return those of some sites that a tenure holds on a day or later."""
    held: set[int] = set()
    for some in _chunks(site_ids):
        query = select(Tenure.site_id).where(
            one_of(session, Tenure.site_id, some), Tenure.status.in_(("current", "requested"))
        )
        held |= set(session.scalars(query.where((Tenure.valid_to.is_(None)) | (Tenure.valid_to > day))))
    return held


def delete_new_sites(session: Session, site_ids: Sequence[int]) -> None:
    """Take back sites that this same transaction wrote."""
    for some in _chunks(site_ids):
        session.execute(delete(SiteState).where(one_of(session, SiteState.site_id, some)))
        session.execute(delete(Site).where(one_of(session, Site.id, some)))


def list_vanished(session: Session, layer_id: str, seen: Container[int], *, below: int) -> dict[int, str]:
    """Return the current sites of a layer, of those with ids below one, that are not among those seen: refs by id."""
    query = select(Site.id, Site.ref).where(Site.layer == layer_id, Site.until.is_(None), Site.id < below)
    return {key: ref for key, ref in session.execute(query.order_by(Site.id)) if key not in seen}


def list_new(session: Session, layer_id: str, first_id: int) -> list[int]:
    """Return the ids of the sites of a layer from one id on."""
    return list(session.scalars(select(Site.id).where(Site.layer == layer_id, Site.id >= first_id)))


def retire_sites(session: Session, site_ids: Iterable[int], *, record_id: int, day: date) -> None:
    """Retire sites from a day on; the record says why."""
    for some in _chunks(list(site_ids)):
        session.execute(update(Site).where(one_of(session, Site.id, some)).values(until=day, retired_by=record_id))


def holds_any(session: Session, layer_id: str) -> bool:
    """Return whether there is any site of a layer, retired ones too."""
    return session.scalar(select(Site.id).where(Site.layer == layer_id).limit(1)) is not None


def first_new_id(session: Session) -> int:
    """Return an id that is higher than that of any site so far."""
    return int(session.execute(select(func.coalesce(func.max(Site.id), 0))).scalar_one()) + 1


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + LOOK_UP_AT_ONCE] for start in range(0, len(items), LOOK_UP_AT_ONCE))
