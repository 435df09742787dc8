"""Who stewards what on a day: the tenures in force, as one question that every list, map and analysis asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame
from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from geocommons.crs import STORAGE_CRS
from geocommons.model.party import Membership, Party
from geocommons.model.record import Record
from geocommons.model.site import Site
from geocommons.model.tenure import IN_FORCE, Tenure, TenureParty
from geocommons.store.bulk import one_of
from geocommons.store.sites import LIVES, STATUS


def holds_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a tenure's dates hold a day."""
    return and_(Tenure.valid_from <= day, or_(Tenure.valid_to.is_(None), Tenure.valid_to > day))


def tenures_on(day: date, *, statuses: Sequence[str] = IN_FORCE) -> Select[Tenure]:
    """Return the query of the tenures in force on a day, in the order of their ids."""
    return select(Tenure).where(Tenure.status.in_(statuses), holds_on(day)).order_by(Tenure.id)


def list_tenures(session: Session, site_ids: Iterable[int]) -> dict[int, list[Tenure]]:
    """Return all tenures of some sites, past and future ones too, by site."""
    found: dict[int, list[Tenure]] = {}
    query = select(Tenure).where(one_of(session, Tenure.site_id, list(site_ids))).order_by(Tenure.id)
    for tenure in session.scalars(query):
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
    columns = (Site.id, Site.layer, Site.ref, Site.name, STATUS, Site.length_m, Site.area_m2, Site.geom)
    query = select(*columns).where(Site.layer.in_(layer_ids), LIVES).order_by(Site.id)
    rows = session.execute(query, {"day": day}).all()
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


TENURE_COLUMNS = (
    "site", "layer", "ref", "claimant", "kind", "type", "status", "valid_from", "valid_to", "from_m", "to_m",
    "requested_on",
)  # fmt: skip


def tenure_frame(session: Session, types: Mapping[str, Sequence[str]], day: date) -> pd.DataFrame:
    """Return every tenure that began or was asked for up to a day: a row for each of its parties.

    `types` gives the types that count, by layer. Columns: site (id), layer, ref, claimant (number of the party), kind
    (of party), type, status, valid_from, valid_to, from_m, to_m; and requested_on, if that was noted of any. A merge
    moves what a party holds, so two that became one are one here. Ordered by layer and ref, and the same on both
    databases.
    """
    asked = [and_(Site.layer == layer, Tenure.type.in_(some)) for layer, some in types.items()]
    begun = or_(Tenure.valid_from <= day, and_(Tenure.status == "requested", Tenure.requested_on <= day))
    query = (
        select(
            Site.id, Site.layer, Site.ref, TenureParty.party_id, Party.kind, Tenure.type, Tenure.status,
            Tenure.valid_from, Tenure.valid_to, Tenure.from_m, Tenure.to_m, Tenure.requested_on,
        )
        .select_from(Tenure).join(Site, Site.id == Tenure.site_id)
        .join(TenureParty, TenureParty.tenure_id == Tenure.id).join(Party, Party.id == TenureParty.party_id)
        .where(or_(false(), *asked), begun, Tenure.status != "refused")
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(query)]
    rows.sort(key=_in_order)  # databases sort text each in their own way
    frame = pd.DataFrame(rows, columns=list(TENURE_COLUMNS))
    frame[["from_m", "to_m"]] = frame[["from_m", "to_m"]].astype("float64")
    frame[["site", "claimant"]] = frame[["site", "claimant"]].astype("int64")
    return frame if frame["requested_on"].notna().any() else frame.drop(columns="requested_on")


def _in_order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    _, layer, ref, claimant, _, type_, status, valid_from, _, from_m, *_ = row
    return layer, ref, valid_from, -1.0 if from_m is None else from_m, type_, status, claimant


def member_frame(session: Session, day: date) -> pd.DataFrame:
    """Return who belongs to which body on a day, by number: columns party, body."""
    holds = and_(Membership.valid_from <= day, or_(Membership.valid_to.is_(None), Membership.valid_to > day))
    query = select(Membership.member_id, Membership.group_id).where(holds).distinct()
    rows = sorted(tuple(row) for row in session.execute(query))
    return pd.DataFrame(rows, columns=["party", "body"], dtype="int64")
