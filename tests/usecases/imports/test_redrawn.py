"""Places that a newer file draws anew, over neighbours that it says nothing of, something else, or draws anew too."""

from itertools import combinations
from pathlib import Path

import pytest
import shapely

from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.stewardship import site_frame
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.sites import ImportOptions, import_sites
from tests.make import NOW, TODAY, counts, load, square, write_layer


def half(one: int, other: int) -> shapely.Polygon:
    """Return the half of a square that lies towards another one."""
    west, south, east, north = square(one).bounds
    middle = (west + east) / 2
    return shapely.box(west, south, middle, north) if other < one else shapely.box(middle, south, east, north)


def reread(store: Store, folder: Path, batch_rows: int, shapes: dict[str, tuple[int, shapely.Geometry]]) -> Report:
    """Import the squares 1 to 3 as P1 to P3, and then some places again: how many homes, and where."""
    first = [{"ref": f"P{column}", "homes": column, "geometry": square(column)} for column in (1, 2, 3)]
    load(store, write_layer(folder / "a.gpkg", first))
    newer = [{"ref": ref, "homes": homes, "geometry": shape} for ref, (homes, shape) in shapes.items()]
    path = write_layer(folder / "b.gpkg", newer)
    report = import_sites(
        store, Settings(data_dir=folder), "clt-parcels", path, ImportOptions(), now=NOW, batch_rows=batch_rows
    )
    with store.reading() as session:
        drawn = site_frame(session, ["clt-parcels"], TODAY).geometry.to_numpy()
    shared = [shapely.intersection(one, other).area for one, other in combinations(drawn, 2)]
    assert max(shared) < square(1).area / 1_000, "whatever is refused, no two sites lie on the same ground"
    return report


@pytest.mark.parametrize("batch_rows", [1, 10])
@pytest.mark.parametrize("order", ["P1 P2", "P2 P1"])
@pytest.mark.parametrize("homes", [1, 9])
def test_a_place_is_not_redrawn_over_one_that_keeps_its_shape_whether_its_facts_change_or_not(
    store: Store, tmp_path: Path, order: str, batch_rows: int, homes: int
) -> None:
    told = {"P1": (homes, square(1)), "P2": (2, shapely.union(half(1, 2), square(2)))}
    report = reread(store, tmp_path, batch_rows, {ref: told[ref] for ref in order.split()})
    assert "P2" in [note.ref for note in report.rows]


@pytest.mark.parametrize("batch_rows", [1, 10])
@pytest.mark.parametrize("order", ["P1 P2", "P2 P1"])
def test_a_boundary_that_both_places_draw_anew_moves(store: Store, tmp_path: Path, order: str, batch_rows: int) -> None:
    told = {"P1": (1, half(1, 0)), "P2": (2, shapely.union(half(1, 2), square(2)))}
    report = reread(store, tmp_path, batch_rows, {ref: told[ref] for ref in order.split()})
    assert counts(report) == {"read": 2, "updated": 2, "vanished": 1}


@pytest.mark.parametrize("batch_rows", [1, 10])
@pytest.mark.parametrize(("makes_way", "stays"), [("P1", "P3"), ("P3", "P1")])
def test_a_place_is_not_redrawn_over_two_of_which_only_one_makes_way(
    store: Store, tmp_path: Path, batch_rows: int, makes_way: str, stays: str
) -> None:
    wide = shapely.union_all([half(1, 2), square(2), half(3, 2)])
    away = {"P1": (1, half(1, 0)), "P3": (3, half(3, 4))}
    report = reread(store, tmp_path, batch_rows, {"P2": (2, wide), makes_way: away[makes_way]})
    (note,) = report.rows
    assert note.ref == "P2" and f"of “{stays}”" in note.reason
