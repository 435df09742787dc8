"""Site: one place that people look after. SiteState and StretchState: what the public sees of it, and when."""

from datetime import date, datetime
from typing import Any

import shapely
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.model.base import FIRST_DAY, Base, OrderedText
from geocommons.model.geom import Geom

HAS_PARENT = text("parent_id IS NOT NULL")


class Site(Base):
    """One feature of one layer (LADM: LA_SpatialUnit); never deleted, retired by a record.

    `folded` is name and ref as lists sort them and searches find them. `geom` is EPSG:4326; `west` to `north`
    are its exact bounds; `area_m2` and `length_m` are geodesic; `certainty` says from 0 to 10 how sure the
    register is of the place. It exists from `since` (None: as far back as anyone asks) up to, not including,
    `until`. `fragment` is the public GeoJSON Feature up to its stewardship, and a state is the rest: one after the
    other they are what is served. `geocommons.model.public` writes them, and nothing else does. `state` and `status`
    are those from `state_from` up to, not including, `state_to`: the period in which it was written, so that a map of
    such a day needs no look-up for each site. Its other periods are rows of `site_state`; one that was not there on the
    day it was written has no period of its own (no day lies between the two).
    """

    __tablename__ = "site"
    __table_args__ = (
        UniqueConstraint("layer", "ref"),
        CheckConstraint("certainty BETWEEN 0 AND 10", name="certainty_is_0_to_10"),
        CheckConstraint("until IS NULL OR retired_by IS NOT NULL", name="retired_by_a_record"),
        # Most sites have no parent: to keep all of them in it took a fifth of the server's time for an import.
        Index("ix_site_parent_id", "parent_id", postgresql_where=HAS_PARENT, sqlite_where=HAS_PARENT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str] = mapped_column(OrderedText)
    ref: Mapped[str] = mapped_column(OrderedText)
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(OrderedText)
    geom: Mapped[shapely.Geometry] = mapped_column(Geom)
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    area_m2: Mapped[float | None]
    length_m: Mapped[float | None]
    facts: Mapped[dict[str, Any]]
    certainty: Mapped[int] = mapped_column(default=8)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    since: Mapped[date | None]
    until: Mapped[date | None]
    retired_by: Mapped[int | None] = mapped_column(ForeignKey("record.id"))
    checksum: Mapped[str]
    fragment: Mapped[str]
    state: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")
    state_from: Mapped[date] = mapped_column(default=FIRST_DAY)
    state_to: Mapped[date] = mapped_column(default=FIRST_DAY)
    updated_at: Mapped[datetime]


class SiteState(Base):
    """What the public sees of a site's stewardship from `valid_from` up to, not including, `valid_to`.

    With the one that the site's own row has, the states of a site cover every day of its life exactly once.
    """

    __tablename__ = "site_state"
    # A map reads a state for each site: one search instead of two.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy reads it)

    site_id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date]
    status: Mapped[str]
    state: Mapped[str]


class StretchState(Base):
    """One piece of a measured line during a period: the same for a stretch, with its geometry for drawing."""

    __tablename__ = "stretch_state"

    site_id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    from_m: Mapped[float] = mapped_column(primary_key=True)
    to_m: Mapped[float]
    valid_to: Mapped[date]
    status: Mapped[str]
    geom: Mapped[shapely.Geometry] = mapped_column(Geom)
