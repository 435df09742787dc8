"""Read what a tile shows of the register: single sites near by, the centres of all sites from afar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import CompoundSelect, Select, and_, bindparam, func, select, text, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from geocommons.crs import BBox, Geometries
from geocommons.layer import STATUS_WORDS, Layer
from geocommons.model.geom import beside_bbox, intersects_bbox
from geocommons.model.site import Site, SiteState, StretchState
from geocommons.store.driver import ask
from geocommons.store.sites import DAY, LIVES, STATUS, every_state

STATUSES = tuple(STATUS_WORDS)
"""Every status; its place here is its code in `Centres`."""


@dataclass(frozen=True)
class Placed:
    """Sites, or pieces of them, as a tile shows them: columns of equal length, geometry in EPSG:4326."""

    ids: NDArray[np.int64]
    geometry: Geometries
    properties: dict[str, list[Any]]


@dataclass(frozen=True)
class Centres:
    """Where the sites of a layer are (degrees) and what they were when, as columns; days are proleptic ordinals.

    A site is in it once for each period of its public life, which runs from `start` up to, not including, `end`.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    status: NDArray[np.int8]
    start: NDArray[np.int32]
    end: NDArray[np.int32]

    def on(self, day: date) -> NDArray[np.intp]:
        """Return the rows that hold on a day."""
        ordinal = day.toordinal()
        return np.flatnonzero((self.start <= ordinal) & (ordinal < self.end))


_POSTGIS_TILE = text("""
    SELECT ST_AsMVT(tile, :layer, :extent, 'shape', 'id') FROM (
        SELECT id, ref, name, status, ST_AsMVTGeom(
            CASE WHEN (east - west) / 360 < :pixel_m / :world_m AND ST_Dimension(metric) = 2
                 AND ST_YMax(metric) - ST_YMin(metric) < :pixel_m
            THEN ST_Expand(ST_Centroid(ST_Envelope(metric)), :pixel_m / 2) ELSE metric END,
            (SELECT CAST(ST_TileEnvelope(:z, :x, :y) AS box2d)), :extent, :buffer) AS shape
        FROM (
            SELECT id, ref, name, west, east, ST_Transform(geom, 3857) AS metric,
                CASE WHEN state_from <= :day AND state_to > :day THEN status ELSE
                (SELECT site_state.status FROM site_state
                 WHERE site_id = site.id AND valid_from <= :day AND valid_to > :day) END AS status
            FROM site WHERE layer = :layer AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
            ORDER BY id OFFSET 0
        ) near WHERE status IS NOT NULL
    ) tile
    """)


def postgis_tile(
    session: Session, layer_id: str, day: date, tile: tuple[int, int, int], bbox: BBox, *, extent: int, buffer: int,
    pixel_m: float, world_m: float,
) -> bytes | None:  # fmt: skip
    """Return a tile (z, x, y) of the sites of a layer as PostGIS writes it, or None on a database that cannot.

    `bbox` is the tile's box with its buffer; an area smaller than `pixel_m` on both sides is a square of that, in a
    world of `world_m`.
    """
    if session.get_bind().dialect.name != "postgresql":
        return None
    z, x, y = tile
    asked = {"layer": layer_id, "day": day, "z": z, "x": x, "y": y, "extent": extent, "buffer": buffer,
             "pixel_m": pixel_m, "world_m": world_m, **bbox._asdict()}  # fmt: skip
    return bytes(ask(session, _POSTGIS_TILE, asked)[0][0])


def sites_in(session: Session, layer: Layer[Any], day: date, bbox: BBox) -> Placed:
    """Return the sites of a layer whose bounds meet a box on a day; of a measured layer, the pieces of each."""
    values = {"layer": layer.id, "day": day, **bbox._asdict()}
    ids, geometry, *columns = _columns(session, _shown(measured=layer.measured), values)
    names = ("ref", "name", "status", "from_m", "to_m")
    return Placed(
        ids=np.array(ids, dtype=np.int64),
        geometry=np.asarray(shapely.from_wkb(np.array(geometry, dtype=object))),
        properties=dict(zip(names, columns, strict=False)),
    )


@lru_cache
def _shown(*, measured: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement of what a box of a layer shows; making it takes as long as the database takes."""
    query = _pieces() if measured else _sites()
    anywhere = intersects_bbox(Site, BBox(0.0, 0.0, 0.0, 0.0))
    return query.where(beside_bbox(Site.layer) == bindparam("layer"), anywhere).order_by(Site.id)


def _sites() -> Select[*tuple[Any, ...]]:
    return select(Site.id, _stored(Site.geom), Site.ref, Site.name, STATUS).where(LIVES)


def _pieces() -> Select[*tuple[Any, ...]]:
    """Return the query of the pieces of lines; a line that nobody ever held any of is one piece."""
    cut = and_(StretchState.site_id == Site.id, StretchState.valid_from <= DAY, StretchState.valid_to > DAY)
    return (
        select(
            Site.id,
            func.coalesce(_stored(StretchState.geom), _stored(Site.geom)),
            Site.ref,
            Site.name,
            func.coalesce(StretchState.status, STATUS),
            func.coalesce(StretchState.from_m, 0.0),
            func.coalesce(StretchState.to_m, Site.length_m),
        )
        .outerjoin(StretchState, cut)
        .where(LIVES)
        .order_by(Site.id, StretchState.from_m)
    )


def _stored(column: Any) -> Any:
    """Return a geometry or a day as it is stored: whole columns are read faster at once than one by one."""
    return type_coerce(column, NullType())


def read_centres(session: Session, layer_id: str) -> Centres:
    """Return the centres of the bounds of every site of a layer, and what each was when."""
    centre = ((Site.west + Site.east) / 2, (Site.south + Site.north) / 2)
    own = (*centre, Site.status, _stored(Site.state_from), _stored(Site.state_to))
    others = (*centre, SiteState.status, _stored(SiteState.valid_from), _stored(SiteState.valid_to))
    lon, lat, status, start, end = _columns(session, every_state(Site.layer == layer_id, own, others))
    codes = {name: code for code, name in enumerate(STATUSES)}
    return Centres(
        lon=np.array(lon, dtype=np.float64),
        lat=np.array(lat, dtype=np.float64),
        status=np.fromiter(map(codes.__getitem__, status), np.int8, len(status)),
        start=_ordinals(start),
        end=_ordinals(end),
    )


def _columns(
    session: Session, query: Select[*tuple[Any, ...]] | CompoundSelect[Any], values: dict[str, Any] | None = None
) -> list[list[Any]]:
    """Return the answer to a query as columns."""
    rows = session.connection().execute(query, values).all()
    if not rows:
        return [[] for _ in query.selected_columns]
    return [list(column) for column in zip(*rows, strict=True)]


def _ordinals(days: Sequence[date | str]) -> NDArray[np.int32]:
    """Return days as proleptic ordinals; SQLite has them as text."""
    known = {day: (date.fromisoformat(day) if isinstance(day, str) else day).toordinal() for day in set(days)}
    return np.fromiter(map(known.__getitem__, days), np.int32, len(days))
