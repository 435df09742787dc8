"""Places that a newer file draws anew, over neighbours that it says nothing of, something else, or draws anew too."""

from itertools import combinations, permutations
from pathlib import Path
from random import Random

import pytest
import shapely
from sqlalchemy import select

from geocommons.model.site import Site
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.public import find_stale, list_site_ids
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
    assert [note.ref for note in report.rows] == ["P2"]
    assert (report.updated, report.unchanged) == ((1, 0) if homes == 9 else (0, 1))


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


@pytest.mark.parametrize("batch_rows", [1, 10])
@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_places_that_move_up_one_after_another_are_all_taken(
    store: Store, tmp_path: Path, order: tuple[int, ...], batch_rows: int
) -> None:
    report = reread(store, tmp_path, batch_rows, {f"P{place}": (place, square(place + 1)) for place in order})
    assert counts(report) == {"read": 3, "updated": 3}


@pytest.mark.parametrize("batch_rows", [1, 10])
@pytest.mark.parametrize("order", list(permutations(("P1", "P2", "N"))))
def test_nobody_gets_the_ground_of_a_place_that_could_not_move(
    store: Store, tmp_path: Path, order: tuple[str, ...], batch_rows: int
) -> None:
    told = {"P1": (1, square(2)), "P2": (2, square(3)), "N": (4, square(1))}  # but P3 stays where it is
    report = reread(store, tmp_path, batch_rows, {ref: told[ref] for ref in order})
    assert {note.ref for note in report.rows} == {"P1", "P2", "N"}


def test_a_retired_place_that_cannot_come_back_stays_retired(store: Store, tmp_path: Path) -> None:
    both = [{"ref": f"P{column}", "homes": 1, "geometry": square(column)} for column in (1, 2)]
    load(store, write_layer(tmp_path / "a.gpkg", both))
    load(store, write_layer(tmp_path / "b.gpkg", both[1:]), retire_missing=True, record="D-1")
    over = [{"ref": "P1", "homes": 1, "geometry": half(2, 1)}, {"ref": "P2", "homes": 9, "geometry": square(2)}]
    path = write_layer(tmp_path / "c.gpkg", over)
    settings = Settings(data_dir=tmp_path)
    report = import_sites(store, settings, "clt-parcels", path, ImportOptions(), now=NOW, batch_rows=1)
    assert counts(report) == {"read": 2, "updated": 1, "rejected": 1}
    with store.reading() as session:
        standing = [site.until for site in session.scalars(select(Site).order_by(Site.ref))]
        assert standing == [TODAY, None]
        assert find_stale(session, list_site_ids(session)) == []


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_redrawn_no_ground_is_given_twice_and_who_stays_is_not_refused(
    store: Store, tmp_path: Path, seed: int
) -> None:
    draw = Random(seed)
    told: dict[str, tuple[int, shapely.Geometry]] = {}
    for ref in draw.sample(["P1", "P2", "P3", "N1", "N2", "N3"], draw.randint(2, 6)):
        column, wide = draw.randint(1, 6), draw.random() < 0.5
        drawn = shapely.union(square(column), half(column + 1, column)) if wide else square(column)
        told[ref] = (draw.randint(1, 9), square(int(ref[1])) if ref[0] == "P" and draw.random() < 0.4 else drawn)
    report = reread(store, tmp_path, draw.choice([1, 2, 3, 10]), told)
    assert sum(counts(report).get(part, 0) for part in ("accepted", "updated", "unchanged", "rejected")) == report.read
    stays = {ref for ref, (_, shape) in told.items() if ref[0] == "P" and shape.equals(square(int(ref[1])))}
    assert not stays & {note.ref for note in report.rows}
