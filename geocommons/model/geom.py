"""The geometry column and the box query, for PostGIS and for SQLite; the only place that knows both."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import shapely
from geoalchemy2 import Geometry
from sqlalchemy import BindParameter, ColumnElement, Dialect, Double, LargeBinary, String, and_, bindparam, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from geocommons.crs import STORAGE_SRID, BBox


class Geom(TypeDecorator[shapely.Geometry]):
    """A shapely geometry in EPSG:4326: a PostGIS geometry, or WKB in SQLite."""

    impl = Geometry("GEOMETRY", srid=STORAGE_SRID, spatial_index=False)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """Choose the column type; GeoAlchemy2 asks without a dialect too."""
        return LargeBinary() if dialect is not None and dialect.name == "sqlite" else self.impl_instance

    def bind_expression(self, bindparam: Any) -> Any:
        """Send the value as it is: PostGIS reads hexadecimal EWKB."""
        return bindparam

    def column_expression(self, column: Any) -> Any:
        """Read the column as it is: PostGIS writes hexadecimal EWKB."""
        return column

    def bind_processor(self, dialect: Dialect) -> Any:
        """Write WKB for SQLite and hexadecimal EWKB for PostGIS."""
        return lambda geometry: None if geometry is None else to_column(geometry, dialect.name)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Read either form as a shapely geometry."""
        return lambda value: None if value is None else shapely.from_wkb(value)


def to_column(geometry: Any, dialect_name: str) -> Any:
    """Return what the column stores for a geometry, or for an array of them."""
    if dialect_name == "sqlite":
        return shapely.to_wkb(geometry)
    return shapely.to_wkb(shapely.set_srid(geometry, STORAGE_SRID), hex=True, include_srid=True)


class _BoxMatch(FunctionElement[Any]):
    """Index look-up: rows whose bounds, rounded outwards to 32-bit floats, meet a box.

    It has no type: of a boolean SQLAlchemy makes "... = 1" for SQLite, which then reads the whole table.
    """

    inherit_cache = True
    type = NullType()
    name = "box_match"


@compiles(_BoxMatch)
def _postgis(element: _BoxMatch, compiler: SQLCompiler, **kw: Any) -> str:
    _, geom, *box = (compiler.process(clause, **kw) for clause in element.clauses)
    numbers = ", ".join(f"CAST({number} AS float8)" for number in box)
    return f"{geom} && ST_MakeEnvelope({numbers}, {STORAGE_SRID})"


@compiles(_BoxMatch, "sqlite")
def _sqlite(element: _BoxMatch, compiler: SQLCompiler, **kw: Any) -> str:
    key, _, west, south, east, north = (compiler.process(clause, **kw) for clause in element.clauses)
    return (
        f"{key} IN (SELECT id FROM site_rtree WHERE east >= {west} AND north >= {south}"
        f" AND west <= {east} AND south <= {north})"
    )


class _MeetsBox(FunctionElement[Any]):
    """Whether a geometry has a point in a box, borders included; SQLite asks `meets_box`."""

    inherit_cache = True
    type = NullType()
    name = "meets_box"


@compiles(_MeetsBox)
def _meets_in_postgis(element: _MeetsBox, compiler: SQLCompiler, **kw: Any) -> str:
    geom, *box = (compiler.process(clause, **kw) for clause in element.clauses)
    west, south, east, north = (f"CAST({number} AS float8)" for number in box)
    # Without width or height a box is a line or a point; an envelope knows that, ST_MakeEnvelope does not.
    corners = f"ST_MakeLine(ST_MakePoint({west}, {south}), ST_MakePoint({east}, {north}))"
    return f"ST_Intersects({geom}, ST_SetSRID(ST_Envelope({corners}), {STORAGE_SRID}))"


@compiles(_MeetsBox, "sqlite")
def _meets_in_sqlite(element: _MeetsBox, compiler: SQLCompiler, **kw: Any) -> str:
    return f"meets_box({', '.join(compiler.process(clause, **kw) for clause in element.clauses)})"


def meets_box(wkb: bytes, west: float, south: float, east: float, north: float) -> bool:
    """Return whether a stored geometry has a point in a box: SQLite's own word for it (geocommons.store.engine)."""
    return bool(shapely.intersects(shapely.from_wkb(wkb), _box(west, south, east, north)))


@lru_cache(maxsize=16)
def _box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Return a box as a shape: a line or a point where it has no width or height. One statement asks for many rows."""
    return shapely.envelope(shapely.LineString([(west, south), (east, north)]))


class _Unindexed(FunctionElement[str]):
    """A column that SQLite may not look up by: without statistics it takes any "=" for better than a box."""

    inherit_cache = True
    type = String()
    name = "unindexed"


@compiles(_Unindexed)
def _as_it_is(element: _Unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(_Unindexed, "sqlite")
def _plus(element: _Unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


def beside_bbox(column: Any) -> ColumnElement[str]:
    """Return a column for a condition that stands beside a box: the box is what finds the rows."""
    return _Unindexed(column)


def meets_bbox(entity: Any, bbox: BBox) -> ColumnElement[bool]:
    """Return the condition that a site has a point in a box; a box from west to a lesser east crosses longitude 180.

    The edges stand in the statement as parameters `west` to `north`, so one statement serves many boxes; whether a box
    crosses longitude 180 is fixed in it.
    """
    if bbox.west > bbox.east:
        eastern = _meets(entity, bbox._replace(east=180.0), ("west",))
        return or_(eastern, _meets(entity, bbox._replace(west=-180.0), ("east",)))
    return _meets(entity, bbox, ("west", "east"))


def intersects_bbox(entity: Any, bbox: BBox) -> ColumnElement[bool]:
    """Return the condition that a site's exact bounds meet a box, found through the spatial index.

    The edges are parameters `west` to `north`. Both indexes round to 32-bit floats, so exact bounds are asked again.
    """
    edges = _edges(bbox, ("west", "east"))
    return and_(_BoxMatch(entity.id, entity.geom, *edges), *_sides_meet(entity, edges))


def _edges(bbox: BBox, named: Sequence[str]) -> list[BindParameter[float]]:
    """Return the edges of a box as parameters; those in the west and east that are not named are fixed."""
    names = {*named, "south", "north"}
    return [
        bindparam(name if name in names else f"fixed_{name}", value, type_=Double)
        for name, value in bbox._asdict().items()
    ]


def _sides_meet(entity: Any, edges: Sequence[BindParameter[float]]) -> list[ColumnElement[bool]]:
    west, south, east, north = edges
    return [entity.east >= west, entity.north >= south, entity.west <= east, entity.south <= north]


def _meets(entity: Any, bbox: BBox, named: Sequence[str]) -> ColumnElement[bool]:
    edges = _edges(bbox, named)
    west, south, east, north = edges
    across, along = and_(entity.west >= west, entity.east <= east), and_(entity.south >= south, entity.north <= north)
    inside = and_(across, along)
    # A shape touches all sides of its bounds: where these stick out of the box on one side only, it is in it.
    surely = or_(
        and_(along, or_(entity.west >= west, entity.east <= east)),
        and_(across, or_(entity.south >= south, entity.north <= north)),
    )
    # Most are inside, so that is asked first; the rest of the conditions is then not looked at.
    near = and_(*_sides_meet(entity, edges), or_(surely, _MeetsBox(entity.geom, *edges)))
    return and_(_BoxMatch(entity.id, entity.geom, *edges), or_(inside, near))
