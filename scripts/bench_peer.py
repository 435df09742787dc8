"""The servers that `scripts.bench_serving` compares: ours, and the plain one that a developer writes first.

    BENCH_URL=DATABASE_URL python -m scripts.bench_peer app|peer

The plain one is FastAPI, GeoAlchemy2 rows, shapely's mapping() and FastAPI's own JSON.
"""

import os
import socket
import sys
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI
from geoalchemy2 import Geometry
from geoalchemy2 import functions as gf
from geoalchemy2.shape import to_shape
from shapely.geometry import mapping
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from api.app import create_app
from geocommons.settings import Settings

TABLE = "plain_parcel"


class Base(DeclarativeBase):
    """The plain endpoint's tables."""


class Parcel(Base):
    """A parcel with its facts in columns."""

    __tablename__ = TABLE
    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str]
    name: Mapped[str]
    land_use: Mapped[str]
    homes: Mapped[int]
    floor_m2: Mapped[float]
    building_year: Mapped[int]
    acquired: Mapped[date]
    area_m2: Mapped[float]
    geom: Mapped[Any] = mapped_column(Geometry("POLYGON", 4326))


NAMES = [column.key for column in Parcel.__table__.columns if column.key not in ("id", "geom")]


def make_peer(url: str) -> FastAPI:
    """Return the plain endpoint on a database."""
    sessions = sessionmaker(create_engine(url))
    app = FastAPI()

    def open_session() -> Iterator[Session]:
        with sessions() as session:
            yield session

    @app.get("/parcels", response_model=None)
    def items(bbox: str, session: Annotated[Session, Depends(open_session)], limit: int = 100) -> dict[str, Any]:
        box = gf.ST_MakeEnvelope(*map(float, bbox.split(",")), 4326)
        found = session.scalars(select(Parcel).where(gf.ST_Intersects(Parcel.geom, box)).limit(limit))
        return {"type": "FeatureCollection", "features": [_feature(parcel) for parcel in found]}

    return app


def _feature(parcel: Parcel) -> dict[str, Any]:
    properties = {name: getattr(parcel, name) for name in NAMES}
    return {"type": "Feature", "id": parcel.id, "geometry": mapping(to_shape(parcel.geom)), "properties": properties}


def main(what: str, url: str) -> None:
    """Serve one of them on a free port, and print the port."""
    app = make_peer(url) if what == "peer" else create_app(Settings(database_url=url))
    # As `geocommons serve` has it: who a proxy speaks for is our own middleware's business.
    how: dict[str, Any] = {} if what == "peer" else {"proxy_headers": False, "server_header": False}
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, **how)).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1], os.environ["BENCH_URL"])
