"""Boxes: found through the index, exact to the shape, alike on both databases."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from geocommons.crs import BBox
from geocommons.model.geom import meets_bbox
from geocommons.model.site import Site
from geocommons.store.engine import Store
from tests.make import load, write_layer

EDGES = st.integers(0, 40).map(lambda edge: edge / 10)


@pytest.fixture
def shapes(store: Store, tmp_path: Path) -> Store:
    """Triangles and slanted slivers, so that bounds say more than there is."""
    rows = []
    for at in range(60):
        x, y = 5 + (at % 8) * 0.5, 52 + (at // 8) * 0.5
        shape = shapely.Polygon([(x, y), (x + 0.47, y + 0.02), (x + 0.03, y + (0.47 if at % 2 else 0.05))])
        rows.append({"ref": f"T{at}", "geometry": shapely.affinity.rotate(shape, 37 * at) if at % 3 else shape})
    load(store, write_layer(tmp_path / "t.gpkg", rows), "vacant-lots")
    return store


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(west=EDGES, south=EDGES, width=EDGES, height=EDGES)
def test_a_box_finds_the_shapes_that_meet_it_and_no_other(
    shapes: Store, west: float, south: float, width: float, height: float
) -> None:
    box = BBox(5 + west, 52 + south, 5 + west + width, 52 + south + height)
    with shapes.reading() as session:
        every = session.execute(select(Site.id, Site.geom)).all()
        found = set(session.scalars(select(Site.id).where(meets_bbox(Site, box))))
    geometry = np.array([shape for _, shape in every], dtype=object)
    corners = shapely.LineString([(box.west, box.south), (box.east, box.north)])
    meets = shapely.intersects(geometry, shapely.envelope(corners))
    assert found == {key for (key, _), met in zip(every, meets.tolist(), strict=True) if met}


def test_a_box_is_looked_up_in_the_spatial_index(shapes: Store) -> None:
    with shapes.reading() as session:
        dialect = session.get_bind().dialect
        query = select(Site.id).where(meets_bbox(Site, BBox(5.0, 52.0, 5.1, 52.1)))
        asked = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        if dialect.name == "sqlite":
            steps = "\n".join(row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {asked}")))
            assert "SEARCH site USING INTEGER PRIMARY KEY" in steps and "site_rtree VIRTUAL TABLE INDEX" in steps
        else:
            session.execute(text("SET LOCAL enable_seqscan = off"))
            assert "ix_site_geom" in "\n".join(session.scalars(text(f"EXPLAIN {asked}")))
