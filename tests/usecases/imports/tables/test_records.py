"""What deeds, leases and decisions are called, from a table."""

from pathlib import Path

import pytest
import shapely
from sqlalchemy import select

from geocommons.errors import NotAllowed
from geocommons.model.actor import OPERATOR, Actor
from geocommons.model.record import Record
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.tables.records import import_records
from tests.make import NOW, counts, hold, load, square, write_layer
from tests.town import add


def name(store: Store, folder: Path, actor: Actor, *lines: str) -> Report:
    path = folder / "records.csv"
    path.write_text("\n".join(("ref,kind,day,title", *lines)) + "\n", encoding="utf-8")
    return import_records(store.acting_as(actor), Settings(data_dir=folder), path, now=NOW)


def titles(store: Store) -> dict[str, str]:
    with store.reading() as session:
        return {record.ref: record.title for record in session.scalars(select(Record))}


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Store:
    """Two parcels that are let, each in a district of its own, and a garden that is looked after."""
    load(store, write_layer(tmp_path / "p.gpkg", [{"ref": f"P{at}", "geometry": square(at)} for at in (1, 9)]))
    load(store, write_layer(tmp_path / "g.gpkg", [{"ref": "G", "geometry": square(1, 4)}]), "gardens")
    lease = "clt-parcels,P{0},Fam. {0},household,right,ground_lease,,,2020-01-01,,L-{0},,"
    hold(store, tmp_path, lease.format(1), lease.format(9),
         "gardens,G,Otters,group,responsibility,stewardship,,,2024-01-01,,A-1,,")  # fmt: skip
    halves = {"West": shapely.box(4.99, 51.99, 5.005, 52.01), "East": shapely.box(5.005, 51.99, 5.02, 52.01)}
    add(store, Settings(data_dir=tmp_path), "districts", [{"name": at, "geometry": box} for at, box in halves.items()])
    return store


@pytest.mark.parametrize(
    ("bounds", "theirs"),
    [
        ({}, {"L-1", "L-9", "A-1"}),
        ({"layers": {"clt-parcels"}}, {"L-1", "L-9"}),
        ({"districts": {"West"}}, {"L-1", "A-1"}),
    ],
)
def test_staff_say_of_the_records_of_their_own_places_and_of_no_other_what_they_are(
    town: Store, tmp_path: Path, bounds: dict[str, set[str]], theirs: set[str]
) -> None:
    layers, districts = (frozenset(bounds[kind]) if kind in bounds else None for kind in ("layers", "districts"))
    staff = Actor(role="staff", door="shell", layers=layers, districts=districts)
    report = name(town, tmp_path, staff, *(f"{ref},deed,2020-01-01,Mine now" for ref in ("L-1", "L-9", "A-1", "NEW")))
    assert counts(report).get("updated") == len(theirs)
    assert counts(report)["accepted"] == 1
    assert {ref for ref, title in titles(town).items() if title} == {*theirs, "NEW"}


def test_a_resident_says_nothing_of_records(town: Store, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        name(town, tmp_path, Actor(role="resident", door="shell"), "L-1,deed,2020-01-01,Mine")


def test_a_title_that_was_cut_in_two_is_refused(town: Store, tmp_path: Path) -> None:
    report = name(
        town, tmp_path, OPERATOR, "L-1,lease,2020-01-01,Lease, with annex", "L-9,lease,2020-01-01 00:00:00,Whole,"
    )
    assert counts(report) == {"read": 2, "updated": 1, "rejected": 1}
    assert "more fields" in report.rows[0].reason and titles(town)["L-9"] == "Whole"


def test_blanks_around_a_ref_are_no_part_of_it_and_a_title_has_an_end(town: Store, tmp_path: Path) -> None:
    everything = Actor(role="staff", door="shell")
    done = name(town, tmp_path, everything, " L-1 ,lease,2020-01-01,Ground lease", f"D-9,deed,2020-01-01,{'x' * 501}")
    assert (done.updated, done.rejected, done.rows[0].ref) == (1, 1, "D-9")
    assert "may have 500 signs" in done.rows[0].reason
    assert titles(town)["L-1"] == "Ground lease" and "D-9" not in titles(town)
