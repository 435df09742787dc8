"""What becomes of the rows of a vector file."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sqlalchemy import func, select

from geocommons.errors import InvalidInput, NotAllowed, NotFound, UnknownCRS
from geocommons.model.actor import Actor
from geocommons.model.site import Site
from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from geocommons.store.public import find_stale, list_site_ids
from geocommons.store.schema import migrate
from geocommons.store.sites import SiteFilter, count_sites, get_site, list_sites
from geocommons.usecases.imports.sites import ImportOptions, import_sites
from tests.make import NOW, TODAY, counts, hold, load, square, write_layer
from tests.town import add


def rows(*columns: int) -> list[dict[str, object]]:
    return [{"ref": f"P{column}", "homes": column, "geometry": square(column)} for column in columns]


def total(store: Store) -> int:
    with store.reading() as session:
        return int(session.execute(select(func.count()).select_from(Site)).scalar_one())


def test_every_row_is_counted_once_and_neighbours_may_share_an_edge(store: Store, tmp_path: Path) -> None:
    report = load(store, write_layer(tmp_path / "a.gpkg", rows(1, 2, 3)))
    assert counts(report) == {"read": 3, "accepted": 3}
    with store.reading() as session:
        site = list_sites(session, SiteFilter(day=TODAY))[0]
    assert (site.ref, site.properties["facts"]) == ("P1", {"homes": 1})
    assert site.properties["area_m2"] == pytest.approx(7_640, rel=0.01)


def test_the_same_file_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    file = write_layer(tmp_path / "a.gpkg", rows(1, 2))
    load(store, file)
    assert counts(load(store, file)) == {"read": 2, "unchanged": 2}


def test_a_newer_file_updates_adds_and_lists_what_vanished(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "a.gpkg", rows(1, 2)))
    newer = rows(2, 3)
    newer[0]["homes"] = 9
    report = load(store, write_layer(tmp_path / "b.gpkg", newer))
    assert counts(report) == {"read": 2, "accepted": 1, "updated": 1, "vanished": 1}
    assert report.vanished_refs == ["P1"]
    with store.reading() as session:
        assert count_sites(session, SiteFilter(day=TODAY)) == 3
        assert find_stale(session, list_site_ids(session)) == []


def test_what_vanished_is_retired_only_by_a_record_and_never_while_somebody_holds_it(
    store: Store, tmp_path: Path
) -> None:
    load(store, write_layer(tmp_path / "a.gpkg", rows(1, 2, 3)))
    hold(store, tmp_path, "clt-parcels,P1,A. Jansen,household,right,ground_lease,,,2020-01-01,,LEASE-1,,")
    newer = write_layer(tmp_path / "b.gpkg", rows(3))
    with pytest.raises(InvalidInput, match="--record"):
        load(store, newer, retire_missing=True)
    report = load(store, newer, retire_missing=True, record="DECISION-7")
    assert (report.vanished, report.retired, report.kept_refs) == (2, 1, ["P1"])
    with store.reading() as session:
        assert [site.ref for site in list_sites(session, SiteFilter(day=TODAY))] == ["P1", "P3"]
        assert count_sites(session, SiteFilter(day=TODAY.replace(year=2025))) == 3


def test_a_retired_site_that_comes_back_is_current_again(store: Store, tmp_path: Path) -> None:
    first = write_layer(tmp_path / "a.gpkg", rows(1, 2))
    load(store, first)
    load(store, write_layer(tmp_path / "b.gpkg", rows(1)), retire_missing=True, record="DECISION-7")
    assert counts(load(store, first)) == {"read": 2, "updated": 1, "unchanged": 1}


def test_a_garden_is_there_from_the_day_that_it_opened(store: Store, tmp_path: Path) -> None:
    def gardens(**days: str | None) -> Path:
        opened = [{"ref": ref, "opened": day, "geometry": square(at)} for at, (ref, day) in enumerate(days.items())]
        return write_layer(tmp_path / "g.gpkg", opened)

    def on(text: str) -> list[str]:
        with store.reading() as session:
            assert find_stale(session, list_site_ids(session)) == []
            return [site.ref for site in list_sites(session, SiteFilter(day=date.fromisoformat(text)))]

    assert load(store, gardens(A="2024-05-01", B=None, C="2999-01-01"), "gardens").later_refs == ["C"]
    hold(store, tmp_path, "gardens,A,Otters,group,responsibility,stewardship,,,2024-01-01,,D-1,,")
    assert (on("2024-04-30"), on("2024-05-01"), on("2999-01-01")) == (["B"], ["A", "B"], ["A", "B", "C"])
    assert counts(load(store, gardens(A="2025-05-01", B=None, C=None), "gardens"))["updated"] == 2
    assert (on("2025-04-30"), on("2025-05-01")) == (["B", "C"], ["A", "B", "C"])


def test_an_overlap_names_the_other_place_and_how_much(store: Store, tmp_path: Path) -> None:
    both = [*rows(1), {"ref": "P1a", "homes": 1, "geometry": square(1, size=0.5)}]
    report = load(store, write_layer(tmp_path / "a.gpkg", both))
    assert counts(report) == {"read": 2, "accepted": 1, "rejected": 1}
    assert "of “P1”" in report.rows[0].reason
    again = load(store, write_layer(tmp_path / "b.gpkg", [{"ref": "X", "homes": 1, "geometry": square(1, size=0.5)}]))
    assert (again.rejected, again.vanished) == (1, 1)


def test_a_row_that_overlaps_a_refused_row_is_taken(store: Store, tmp_path: Path) -> None:
    three = [
        *rows(1),
        {"ref": "B", "homes": 1, "geometry": shapely.union(square(1), square(2))},
        {"ref": "C", "homes": 1, "geometry": square(2)},
    ]
    report = load(store, write_layer(tmp_path / "a.gpkg", three))
    assert [note.ref for note in report.rows] == ["B"]


def test_neighbours_that_a_newer_file_redraws_do_not_clash_with_their_old_shapes(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "a.gpkg", rows(1, 2)))
    moved = [
        {"ref": "P1", "homes": 1, "geometry": shapely.union(square(1), square(2, size=0.5).envelope)},
        {"ref": "P2", "homes": 2, "geometry": shapely.difference(square(2), square(2, size=0.5))},
    ]
    assert counts(load(store, write_layer(tmp_path / "b.gpkg", moved))) == {"read": 2, "updated": 2}


def test_a_redrawn_place_that_still_overlaps_its_neighbour_keeps_its_old_shape(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "a.gpkg", rows(1, 2)))
    greedy = [{"ref": "P1", "homes": 1, "geometry": shapely.union(square(1), square(2, size=0.5))}]
    report = load(store, write_layer(tmp_path / "b.gpkg", greedy))
    assert counts(report) == {"read": 1, "rejected": 1, "vanished": 1}
    with store.reading() as session:
        assert get_site(session, list_site_ids(session)[0], TODAY).bbox.east == pytest.approx(5.002)


def test_rows_without_a_usable_geometry_are_refused_with_a_reason_and_a_remedy(store: Store, tmp_path: Path) -> None:
    bad = [
        {"ref": "none", "geometry": None},
        {"ref": "point", "geometry": shapely.Point(5, 52)},
        {"ref": "bow", "geometry": shapely.from_wkt("POLYGON((5 52,5.001 52.001,5.001 52,5 52.001,5 52))")},
        {"ref": "far", "geometry": shapely.box(129, -89.9, 129.1, -89.8)},
        {"ref": "around", "geometry": shapely.Polygon([(170, 40), (-170, 40), (-170, 50), (170, 50)])},
        {"ref": "flat", "geometry": shapely.from_wkt("POLYGON((5 52,5.001 52,5 52))")},
    ]
    report = load(store, write_layer(tmp_path / "a.geojson", bad))
    assert counts(report) == {"read": 6, "rejected": 6}
    assert all(note.reason and note.remedy and note.column == "geometry" for note in report.rows)


def test_an_archipelago_on_both_sides_of_longitude_180_is_taken(store: Store, tmp_path: Path) -> None:
    both = shapely.MultiPolygon([shapely.box(179, -40, 180, -39), shapely.box(-180, -40, -179, -39)])
    assert load(store, write_layer(tmp_path / "a.geojson", [{"ref": "NZ", "geometry": both}])).accepted == 1


def test_an_outline_that_touches_itself_is_repaired_and_that_is_said(store: Store, tmp_path: Path) -> None:
    spike = shapely.from_wkt(
        "POLYGON((5 52,5.001 52,5.001 52.001,5.0005 52.001,5.0005 52.002,5.0005 52.001,5 52.001,5 52))"
    )
    report = load(store, write_layer(tmp_path / "a.geojson", [{"ref": "S", "geometry": spike}]))
    assert counts(report) == {"read": 1, "accepted": 1, "repaired": 1}


def test_facts_that_do_not_fit_name_their_column(store: Store, tmp_path: Path) -> None:
    bad = [{"ref": "P1", "Homes": "many", "geometry": square(1)}, {"ref": "P2", "Homes": "3", "geometry": square(2)}]
    report = load(store, write_layer(tmp_path / "a.gpkg", bad))
    assert [(note.row, note.column) for note in report.rows] == [(1, "Homes")]


def test_a_certainty_that_is_no_grade_is_refused_and_an_empty_one_is_usual(store: Store, tmp_path: Path) -> None:
    grades = ["10", "", "eleven", "11", "-1"]
    bad = [{"ref": f"P{at}", "certainty": grade, "geometry": square(at)} for at, grade in enumerate(grades)]
    report = load(store, write_layer(tmp_path / "a.gpkg", bad))
    assert [(note.row, note.column) for note in report.rows] == [(3, "certainty"), (4, "certainty"), (5, "certainty")]
    with store.reading() as session:
        sites = list_sites(session, SiteFilter(day=TODAY))
    assert [site.properties["certainty"] for site in sites] == [10, 8]


def test_a_ref_that_is_missing_or_repeated_is_refused(store: Store, tmp_path: Path) -> None:
    bad = [{"ref": ref, "geometry": square(at)} for at, ref in enumerate(("A", "A", " ", "<Null>", None))]
    report = load(store, write_layer(tmp_path / "a.gpkg", bad))
    assert counts(report) == {"read": 5, "accepted": 1, "rejected": 4}
    assert "row 1" in report.rows[0].reason


def test_a_ref_that_no_index_holds_is_refused(store: Store, tmp_path: Path) -> None:
    long = "".join(map(str, np.random.default_rng(1).integers(0, 10**18, 500)))
    report = load(store, write_layer(tmp_path / "a.gpkg", [{"ref": long, "geometry": square(1)}, *rows(2)]))
    assert counts(report) == {"read": 2, "accepted": 1, "rejected": 1}
    assert (report.rows[0].column, report.rows[0].remedy) == ("ref", "Shorten it.")


def test_a_ref_repeated_in_a_later_batch_is_refused_too(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "a.gpkg", rows(1)))
    many = [{"ref": "P1", "homes": 7, "geometry": square(1)}, *rows(*range(2, 12))]
    again = {"ref": "P1", "homes": 8, "geometry": square(1)}
    file = write_layer(tmp_path / "b.gpkg", [*many, again])
    report = import_sites(store, Settings(), "clt-parcels", file, ImportOptions(), now=NOW, batch_rows=4)
    assert counts(report) == {"read": 12, "accepted": 10, "updated": 1, "rejected": 1}


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_what_becomes_of_a_row_does_not_depend_on_the_batch(store: Store, tmp_path: Path, batch_rows: int) -> None:
    shapes = [None, square(1), square(2), square(2, size=0.5), square(3), square(3), square(4)]
    refs = ["A", "A", "B", "C", "C", "D", "B"]
    file = write_layer(
        tmp_path / "a.gpkg", [{"ref": ref, "geometry": shape} for ref, shape in zip(refs, shapes, strict=True)]
    )
    report = import_sites(store, Settings(), "clt-parcels", file, ImportOptions(), now=NOW, batch_rows=batch_rows)
    assert [note.row for note in report.rows] == [1, 2, 4, 5, 7]


def test_a_dry_run_says_the_same_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    report = load(store, write_layer(tmp_path / "a.gpkg", rows(1, 2)), dry_run=True)
    assert (counts(report), total(store)) == ({"read": 2, "accepted": 2}, 0)


def test_aborting_takes_nothing_when_one_row_is_bad(store: Store, tmp_path: Path) -> None:
    bad = [*rows(1, 2), {"ref": "P3", "homes": -4, "geometry": square(3)}]
    report = load(store, write_layer(tmp_path / "a.gpkg", bad), on_error="abort")
    assert (report.exit_code, report.rejected, len(report.rows), total(store)) == (2, 3, 1, 0)


def test_points_may_stand_on_the_parcel_that_holds_them(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "a.gpkg", rows(1, 2)))
    points = [{"ref": "G1", "geometry": square(1).centroid}, {"ref": "G2", "geometry": shapely.Point(6, 53)}]
    report = load(store, write_layer(tmp_path / "g.gpkg", points), "gardens", on="clt-parcels")
    assert counts(report) == {"read": 2, "accepted": 1, "rejected": 1}
    with store.reading() as session:
        garden = list_sites(session, SiteFilter(day=TODAY, layers=["gardens"]))[0]
    assert garden.bbox.west == pytest.approx(5.001)


def test_a_plot_must_lie_in_its_garden_and_gets_it_as_parent(store: Store, tmp_path: Path) -> None:
    load(store, write_layer(tmp_path / "g.gpkg", [{"ref": "G", "geometry": square(1)}]), "gardens")
    plots = [{"ref": "in", "geometry": square(1, size=0.3)}, {"ref": "out", "geometry": square(4, size=0.3)}]
    report = load(store, write_layer(tmp_path / "p.gpkg", plots), "garden-plots")
    assert [note.ref for note in report.rows] == ["out"]
    with store.reading() as session:
        plot = list_sites(session, SiteFilter(day=TODAY, layers=["garden-plots"]))[0]
    assert plot.properties["parent"] > 0


def test_the_banks_of_a_river_drawn_as_an_area_become_a_line(store: Store, tmp_path: Path) -> None:
    file = write_layer(tmp_path / "r.gpkg", [{"ref": "R", "geometry": square(1)}])
    assert load(store, file, "rivers").rejected == 1
    assert load(store, file, "rivers", outline=True).accepted == 1


def test_a_file_in_feet_lands_where_it_belongs(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "feet.gpkg"

    block = gpd.GeoDataFrame({"ref": ["N"]}, geometry=[shapely.box(-73.99, 40.73, -73.98, 40.74)], crs=4326)
    block.to_crs(2263).to_file(file)
    assert load(store, file).accepted == 1
    with store.reading() as session:
        assert list_sites(session, SiteFilter(day=TODAY))[0].bbox.west == pytest.approx(-73.99, abs=1e-3)


def test_a_file_that_does_not_say_where_it_is_is_refused_whole(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("ref,x,y\nA,5,52\n")
    with pytest.raises(UnknownCRS, match="--crs"):
        load(store, file, "storm-drains")
    assert load(store, file, "storm-drains", crs="EPSG:4326").accepted == 1


def test_a_wrong_layer_column_or_fact_is_one_sentence(store: Store, tmp_path: Path) -> None:
    file = write_layer(tmp_path / "a.gpkg", rows(1))
    with pytest.raises(NotFound, match="clt-parcels"):
        load(store, file, "unicorns")
    with pytest.raises(InvalidInput, match="no column “lot”"):
        load(store, file, ref="lot")
    with pytest.raises(InvalidInput, match="no fact “price”"):
        load(store, file, columns={"price": "homes"})


def test_a_place_outside_the_area_of_interest_is_refused(store: Store, tmp_path: Path) -> None:
    report = load(store, write_layer(tmp_path / "a.gpkg", rows(1, 50)), area="4.9,51.9,5.01,52.1")
    assert [note.ref for note in report.rows] == ["P50"]


def test_an_import_that_is_killed_leaves_nothing_half_done(store: Store, tmp_path: Path) -> None:
    file = write_layer(tmp_path / "a.gpkg", rows(*range(30)))
    script = textwrap.dedent(f"""
        import os, signal
        from tests.make import *
        from geocommons.store.engine import open_store
        from geocommons.usecases.imports.sites import import_sites
        store = open_store({store.engine.url.render_as_string(hide_password=False)!r})
        die = lambda read, total: os.kill(os.getpid(), signal.SIGKILL) if read >= 20 else None
        file, options = Path({str(file)!r}), ImportOptions()
        import_sites(store, Settings(), "clt-parcels", file, options, now=NOW, batch_rows=10, progress=die)
    """)
    died = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[3], env=os.environ, check=False)
    assert died.returncode == -signal.SIGKILL
    assert total(store) == 0
    assert counts(load(store, file)) == {"read": 30, "accepted": 30}


def test_both_databases_say_the_same_of_the_same_file(tmp_path: Path, postgis: object, databases: object) -> None:
    clash = {"ref": "X", "homes": 1, "geometry": square(1, size=0.5)}
    file = write_layer(tmp_path / "a.gpkg", [*rows(1, 2), clash])
    lite = open_store(f"sqlite:///{tmp_path / 'lite.sqlite'}")
    other = open_store(databases.empty())  # type: ignore[attr-defined]
    said = []
    for store in (lite, other):
        migrate(store)
        report = load(store, file)
        with store.reading() as session:
            said.append((report.as_dict(), list_sites(session, SiteFilter(day=NOW.date()))))
        store.close()
    assert said[0] == said[1]


def test_staff_import_into_their_own_layers_and_districts_alone(store: Store, tmp_path: Path) -> None:
    west = [{"name": "West", "geometry": shapely.box(4.9, 51.9, 5.006, 52.1)}]
    add(store, Settings(data_dir=tmp_path), "districts", west)
    rows = [{"ref": f"P{column}", "geometry": square(column)} for column in (0, 12)]
    load(store, write_layer(tmp_path / "all.gpkg", rows[1:]))
    staff = store.acting_as(Actor(role="staff", layers=frozenset({"clt-parcels"}), districts=frozenset({"West"})))
    moved = {"ref": "P12", "geometry": square(2)}
    report = load(staff, write_layer(tmp_path / "p.gpkg", [rows[0], moved]))
    assert counts(report) == {"read": 2, "accepted": 1, "rejected": 1}
    assert "outside the districts" in report.rows[0].reason
    with pytest.raises(NotAllowed, match="outside the layers"):
        load(staff, write_layer(tmp_path / "g.gpkg", rows), "gardens")
    with pytest.raises(NotAllowed, match="part of the layer"):
        load(staff, tmp_path / "p.gpkg", retire_missing=True, record="R-1")
