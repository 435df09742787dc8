"""Read sites as the public sees them on a day: a site with its state then."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from geocommons.crs import BBox
from geocommons.errors import NotFound
from geocommons.layer import all_layers
from geocommons.model.base import LAST_DAY, fold
from geocommons.model.geom import beside_bbox, meets_bbox
from geocommons.model.public import read_fragment, read_state
from geocommons.model.site import Site, SiteState
from geocommons.store.driver import ask

LIKE_SIGN = re.compile("[/%_]")
MOST_SEARCHED = 10_000
"""Signs of a text that are looked for: SQLite takes a pattern of 50,000 bytes, and nothing is called that."""


@dataclass(frozen=True, kw_only=True)
class SiteFilter:
    """Which sites of a day are asked for; None asks for all.

    `layers` are all that a package brings, where none are named: a site of a layer whose package is gone is kept, and
    nowhere shown.
    """

    day: date
    layers: Sequence[str] = field(default_factory=lambda: tuple(all_layers()))
    statuses: Sequence[str] | None = None
    bbox: BBox | None = None
    search: str | None = None


@dataclass(frozen=True, kw_only=True)
class PublicSite:
    """What anybody may know of a site on a day."""

    id: int
    layer: str
    ref: str
    name: str
    status: str
    properties: dict[str, Any]
    state: dict[str, Any]
    bbox: BBox


DAY = bindparam("day", type_=Date)
_IN_FORCE = and_(SiteState.site_id == Site.id, SiteState.valid_from <= DAY, SiteState.valid_to > DAY)
STANDS = and_(Site.state_from <= DAY, Site.state_to > DAY)
"""Whether the state that a site's own row has is that of the day."""
LIVES = or_(STANDS, exists().where(_IN_FORCE).correlate(Site))
"""Whether there is a site on the day."""


def _on_the_day(own: Any, other: Any) -> ColumnElement[str]:
    """Return a part of a site's state on the day, the as-of question: from its own row if that holds, or looked up."""
    looked_up = select(other).where(_IN_FORCE).correlate(Site).scalar_subquery()
    return case((STANDS, own), else_=looked_up).label(f"{own.key}_then")


STATE: ColumnElement[str] = _on_the_day(Site.state, SiteState.state)
STATUS: ColumnElement[str] = _on_the_day(Site.status, SiteState.status)
FEATURE: ColumnElement[str] = Site.fragment + STATE
"""The public GeoJSON Feature of a site on the day: what is stored, one after the other."""


def _conditions(asked: SiteFilter) -> list[ColumnElement[bool]]:
    """Return what a filter asks, with names for its values."""
    layer = Site.layer if asked.bbox is None else beside_bbox(Site.layer)
    # SQLite compares with one value faster than with a list of one.
    one = len(asked.layers) == 1
    conditions = [layer == bindparam("layer") if one else layer.in_(bindparam("layers", expanding=True))]
    if asked.statuses is not None:
        conditions.append(STATUS.in_(bindparam("statuses", expanding=True)))
    if asked.bbox is not None:
        conditions.append(meets_bbox(Site, asked.bbox))
    if asked.search:
        conditions.append(Site.folded.like(bindparam("pattern"), escape="/"))
    return conditions


def _values(asked: SiteFilter) -> dict[str, Any]:
    """Return the values of a filter by name."""
    values: dict[str, Any] = {"day": asked.day}
    values |= {"layer": asked.layers[0]} if len(asked.layers) == 1 else {"layers": list(asked.layers)}
    if asked.statuses is not None:
        values["statuses"] = list(asked.statuses)
    if asked.bbox is not None:
        values |= asked.bbox._asdict()
    if asked.search:
        values["pattern"] = "%" + LIKE_SIGN.sub(r"/\g<0>", fold(asked.search)[:MOST_SEARCHED]) + "%"
    return values


def _form(asked: SiteFilter) -> SiteFilter:
    """Return what a filter has in common with all that make the same statement."""
    return SiteFilter(
        day=LAST_DAY,
        layers=("",) * (1 if len(asked.layers) == 1 else 2),
        statuses=None if asked.statuses is None else (),
        bbox=None if asked.bbox is None else BBox(float(asked.bbox.west > asked.bbox.east), 0.0, 0.0, 0.0),
        search="text" if asked.search else None,
    )


def _public(asked: SiteFilter, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(Site).where(*_conditions(asked), LIVES)


@lru_cache(maxsize=64)
def _features_of(form: SiteFilter) -> Select[Any]:
    """Return the statement of features; making it takes as long as the database takes to find a thousand."""
    page = bindparam("limit", type_=Integer), bindparam("offset", type_=Integer)
    return _public(form, FEATURE).order_by(Site.id).limit(page[0]).offset(page[1])


def list_features(session: Session, asked: SiteFilter, *, limit: int, offset: int = 0) -> list[str]:
    """Return the public GeoJSON Feature of each site that is asked for as text, in the order of their ids."""
    values = _values(asked) | {"limit": limit, "offset": offset}
    return [feature for (feature,) in ask(session, _features_of(_form(asked)), values)]


def count_sites(session: Session, asked: SiteFilter) -> int:
    """Return how many sites are asked for."""
    return int(session.execute(_public(asked, func.count()), _values(asked)).scalar_one())


def list_sites(session: Session, asked: SiteFilter, *, limit: int = 50, offset: int = 0) -> list[PublicSite]:
    """Return the sites that are asked for, by layer and name."""
    query = _public(asked, *_PUBLIC_COLUMNS).order_by(Site.layer, Site.folded, Site.id).limit(limit).offset(offset)
    return [_public_site(row) for row in session.execute(query, _values(asked))]


_PUBLIC_COLUMNS = (Site.fragment, STATE, STATUS, Site.west, Site.south, Site.east, Site.north)


def _public_site(row: Any) -> PublicSite:
    feature = read_fragment(row.fragment)
    properties = feature["properties"]
    return PublicSite(
        id=feature["id"],
        layer=properties["layer"],
        ref=properties["ref"],
        name=properties["name"],
        status=row.status_then,
        properties=properties,
        state=read_state(row.state_then),
        bbox=BBox(row.west, row.south, row.east, row.north),
    )


def get_site(session: Session, site_id: int, day: date) -> PublicSite:
    """Return a site as it was on a day, or refuse where there was none."""
    asked = SiteFilter(day=day)
    query = _public(asked, *_PUBLIC_COLUMNS).where(Site.id == site_id)
    row = session.execute(query, _values(asked)).one_or_none()
    if row is None:
        raise NotFound("There is no site {site} on {day}.", site=site_id, day=day)
    return _public_site(row)


def get_feature(session: Session, layer_id: str, site_id: int, day: date) -> str:
    """Return the public GeoJSON Feature of a site of a layer on a day as text, or refuse where there was none."""
    asked = SiteFilter(day=day, layers=[layer_id])
    query = _public(asked, FEATURE).where(Site.id == site_id)
    feature: str | None = session.scalar(query, _values(asked))
    if feature is None:
        raise NotFound("There is no site {site} in {layer} on {day}.", site=site_id, layer=layer_id, day=day)
    return feature


def site_timeline(session: Session, site_id: int) -> list[tuple[date, date, dict[str, Any]]]:
    """Return every period of a site's public life: its first day, the day after its last, and the state."""
    own = (Site.state_from, Site.state_to, Site.state)
    others = (SiteState.valid_from, SiteState.valid_to, SiteState.state)
    rows = session.execute(every_state(Site.id == site_id, own, others))
    return [(start, end, read_state(state)) for start, end, state in sorted(map(tuple, rows))]


def every_state(where: ColumnElement[bool], own: Sequence[Any], others: Sequence[Any]) -> CompoundSelect[Any]:
    """Return the query of all states of some sites, in any order: columns of the sites' own, and of the others."""
    return union_all(
        select(*own).where(where, Site.state_from < Site.state_to),
        select(*others).join(Site, Site.id == SiteState.site_id).where(where),
    )


def count_by_status(session: Session, *, day: date, bbox: BBox | None = None) -> dict[str, dict[str, int]]:
    """Return the number of sites of each layer and status on a day."""
    asked = SiteFilter(day=day, bbox=bbox)
    query = _public(asked, Site.layer, STATUS, func.count()).group_by(Site.layer, STATUS)
    counts: dict[str, dict[str, int]] = {}
    query = query.order_by(Site.layer, STATUS)
    for layer, status, count in session.execute(query, _values(asked)):
        counts.setdefault(layer, {})[status] = count
    return counts


def register_bbox(session: Session, layer_id: str | None = None) -> BBox | None:
    """Return the box around every site (of a layer), or None while there is none."""
    query = select(func.min(Site.west), func.min(Site.south), func.max(Site.east), func.max(Site.north))
    layers = [layer_id] if layer_id else list(all_layers())
    box: tuple[float | None, ...] = tuple(session.execute(query.where(Site.layer.in_(layers))).one())
    return None if None in box else BBox(*box)  # type: ignore[arg-type]
