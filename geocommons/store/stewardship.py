"""Who stewards what on a day: the tenures in force, as one question that every list, map and analysis asks."""

from collections.abc import Iterable, Sequence
from datetime import date

import pandas as pd
from geopandas import GeoDataFrame
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from geocommons.crs import STORAGE_CRS
from geocommons.model.record import Record
from geocommons.model.site import Site, SiteState
from geocommons.model.tenure import IN_FORCE, Tenure
from geocommons.store.sites import in_force


def holds_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a tenure's dates hold a day."""
    return and_(Tenure.valid_from <= day, or_(Tenure.valid_to.is_(None), Tenure.valid_to > day))


def tenures_on(day: date, *, statuses: Sequence[str] = IN_FORCE) -> Select[Tenure]:
    """Return the query of the tenures in force on a day, in the order of their ids."""
    return select(Tenure).where(Tenure.status.in_(statuses), holds_on(day)).order_by(Tenure.id)


def list_tenures(session: Session, site_ids: Iterable[int]) -> dict[int, list[Tenure]]:
    """Return all tenures of some sites, past and future ones too, by site."""
    found: dict[int, list[Tenure]] = {}
    for tenure in session.scalars(select(Tenure).where(Tenure.site_id.in_(list(site_ids))).order_by(Tenure.id)):
        found.setdefault(tenure.site_id, []).append(tenure)
    return found


def record_refs(session: Session, record_ids: Iterable[int]) -> dict[int, str]:
    """Return the refs of some records, by id."""
    query = select(Record.id, Record.ref).where(Record.id.in_(set(record_ids)))
    return dict(session.execute(query).all())


def site_frame(session: Session, layer_ids: Sequence[str], day: date) -> GeoDataFrame:
    """Return the sites of some layers on a day (EPSG:4326).

    Columns: id, layer, ref, name, status, length_m, area_m2, geometry.
    """
    columns = (Site.id, Site.layer, Site.ref, Site.name, SiteState.status, Site.length_m, Site.area_m2, Site.geom)
    query = select(*columns).join(SiteState, in_force(day)).where(Site.layer.in_(layer_ids)).order_by(Site.id)
    rows = session.execute(query).all()
    names = ["id", "layer", "ref", "name", "status", "length_m", "area_m2", "geometry"]
    frame = pd.DataFrame([tuple(row) for row in rows], columns=names)
    frame[["length_m", "area_m2"]] = frame[["length_m", "area_m2"]].astype("float64")
    return GeoDataFrame(frame, geometry="geometry", crs=STORAGE_CRS)


def held_sites(session: Session, layer_ids: Sequence[str], types: Sequence[str], day: date) -> set[int]:
    """Return the ids of sites of some layers on which a tenure of one of some types is in force on a day."""
    query = select(Site.id).join(Tenure, Tenure.site_id == Site.id).where(holds_on(day), Tenure.status.in_(IN_FORCE))
    return set(session.scalars(query.where(Site.layer.in_(layer_ids), Tenure.type.in_(types))))


def claim_frame(session: Session, layer_id: str, types: Sequence[str], day: date) -> pd.DataFrame:
    """Return who holds or asks for which stretch on a day: columns site_id, type, status, from_m, to_m.

    A claim on the whole line has no measures.
    """
    query = tenures_on(day, statuses=(*IN_FORCE, "requested")).join(Site, Site.id == Tenure.site_id)
    found = session.scalars(query.where(Site.layer == layer_id, Tenure.type.in_(types)))
    rows = [(claim.site_id, claim.type, claim.status, claim.from_m, claim.to_m) for claim in found]
    return pd.DataFrame(rows, columns=["site_id", "type", "status", "from_m", "to_m"])
