"""ContextSet: what analyses and maps stand on but nobody adopts, catalogued."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.model.base import Base

ContextKind = Literal["streets", "population", "districts", "water", "green", "candidates"]


class ContextSet(Base):
    """One GeoParquet file in the data folder (EPSG:4326) and where it came from; one current set a kind."""

    __tablename__ = "context_set"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    path: Mapped[str]
    checksum: Mapped[str]
    crs: Mapped[str]
    source: Mapped[str]
    licence: Mapped[str]
    attribution: Mapped[str]
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    features: Mapped[int]
    columns: Mapped[list[Any]]
    notes: Mapped[dict[str, Any]]
    added_at: Mapped[datetime]
