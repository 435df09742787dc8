"""Care and duties come from tables: every row checked, and none counted twice."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from geocommons.errors import InvalidInput, NotAllowed
from geocommons.model.activity import Activity
from geocommons.model.actor import Actor
from geocommons.model.obligation import Obligation
from geocommons.model.party import Party
from geocommons.settings import Settings
from geocommons.store.care import care_frame, duty_frame
from geocommons.store.engine import Store
from geocommons.store.public import find_stale, list_site_ids
from geocommons.store.sites import SiteFilter, list_sites
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.tables.care import import_care
from geocommons.usecases.imports.tables.duties import import_duties
from tests.make import CARE_HEADER, NOW, TODAY, hold, load, square, tend, write_layer

DUTIES = "id,layer,ref,kind,due_on,every_days,done_on,evidence"
WEEDED = "c-1,gardens,G0,Otters,group,weeding,2026-04-01,90,4,,,"
PICKED = "c-2,gardens,G0,Jan,person,litter,2026-04-02,30,,3,bags,with the neighbours"
TESTED = "d-1,gardens,G0,soil test,2026-03-01,365,,"


@pytest.fixture
def gardens(store: Store, tmp_path: Path) -> Store:
    rows = [{"ref": f"G{at}", "geometry": square(at)} for at in range(2)]
    load(store, write_layer(tmp_path / "g.gpkg", rows), "gardens")
    hold(store, tmp_path, "gardens,G0,Otters,group,responsibility,stewardship,,,2025-01-01,,A-1,,")
    return store


def duties(store: Store, folder: Path, *lines: str) -> Report:
    """Import lines of a table of duties."""
    path = folder / "duties.csv"
    path.write_text("\n".join((DUTIES, *lines)) + "\n", encoding="utf-8")
    return import_duties(store, Settings(data_dir=folder), path, now=NOW)


def taken(report: Report) -> tuple[int, int, int, int]:
    return report.accepted, report.updated, report.unchanged, report.rejected


def statuses(store: Store, *days: date) -> list[str]:
    with store.reading() as session:
        return [list_sites(session, SiteFilter(day=day, layers=["gardens"]))[0].status for day in days]


def test_care_is_counted_once_however_often_it_comes(gardens: Store, tmp_path: Path) -> None:
    assert taken(tend(gardens, tmp_path, WEEDED, PICKED)) == (2, 0, 0, 0)
    assert taken(tend(gardens, tmp_path, WEEDED, PICKED.replace(",30,", ",45,"))) == (0, 1, 1, 0)
    with gardens.reading() as session:
        frame = care_frame(session, ["gardens"], TODAY)
        otters, jan = (session.scalars(select(Party.id).where(Party.name == name)).one() for name in ("Otters", "Jan"))
        assert len(care_frame(session, ["gardens"], date(2026, 4, 1))) == 1, "of days up to the one asked for"
        assert len(care_frame(session, ["rivers"], TODAY)) == 0
    assert frame[["layer", "claimant", "day", "minutes"]].to_numpy().tolist() == [
        ["gardens", otters, date(2026, 4, 1), 360],
        ["gardens", jan, date(2026, 4, 2), 45],
    ]


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        (WEEDED.replace("weeding", "w" * 121), "kind", "may have 120 signs"),
        (PICKED.replace("bags", "b" * 41), "unit", "may have 40 signs"),
        (PICKED.replace("with the", "w" * 2_001), "note", "may have 2000 signs"),
        (WEEDED.replace("2026-04-01", "2026-06-01"), "day", "still to come"),
        (WEEDED.replace(",90,", ",2000,"), "minutes", "no number of minutes"),
        (WEEDED.replace(",90,", ",1.5,"), "minutes", "not a whole number"),
        (WEEDED.replace(",90,", ",inf,"), "minutes", "not a whole number"),
        (WEEDED.replace(",90,", ",,"), "minutes", "is empty"),
        (WEEDED.replace(",4,", ",0,"), "people", "no number of people"),
        (WEEDED.replace("2026-04-01", "1 April"), "day", "is not a day"),
        (PICKED.replace("bags", ""), "unit", "needs a unit"),
        (PICKED.replace(",3,", ",nan,"), "amount", "not a number"),
        (WEEDED.replace("G0", "G9"), "ref", "no site"),
        (WEEDED.replace("gardens", "unicorns"), "layer", "unicorns"),
        (WEEDED.replace("group", "club"), "party_kind", "club"),
        (WEEDED.replace("c-1", ""), "id", "is empty"),
        (WEEDED.replace("c-1", "".join(map(str, range(2_000)))), "id", "Shorten it"),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_column(
    gardens: Store, tmp_path: Path, line: str, column: str, said: str
) -> None:
    report = tend(gardens, tmp_path, line, "c-9,gardens,G1,Otters,group,mowing,2026-04-03,10,,,,")
    assert taken(report) == (1, 0, 0, 1)
    [note] = report.rows
    assert (note.row, note.column) == (1, column)
    assert said in note.reason


def test_an_id_counts_once_in_a_file(gardens: Store, tmp_path: Path) -> None:
    report = tend(gardens, tmp_path, WEEDED, WEEDED.replace(",90,", ",10,"))
    assert taken(report) == (1, 0, 0, 1)
    assert "before" in report.rows[0].reason


def test_a_table_without_what_it_needs_is_refused_whole(gardens: Store, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("id,layer\n1,gardens\n")
    with pytest.raises(InvalidInput, match="ref, party"):
        import_care(gardens, Settings(data_dir=tmp_path), path, now=NOW)
    with pytest.raises(InvalidInput, match="ref, kind, due_on"):
        import_duties(gardens, Settings(data_dir=tmp_path), path, now=NOW)


def test_nobody_notes_care_beyond_their_layers_nor_takes_it_from_there(gardens: Store, tmp_path: Path) -> None:
    river = write_layer(tmp_path / "d.gpkg", [{"ref": "D", "geometry": square(0).centroid}])
    load(gardens, river, "storm-drains")
    assert tend(gardens, tmp_path, WEEDED).accepted == 1
    keeper = gardens.acting_as(Actor(role="staff", door="shell", layers=frozenset({"storm-drains"})))
    assert taken(tend(keeper, tmp_path, PICKED)) == (0, 0, 0, 1)
    assert taken(tend(keeper, tmp_path, WEEDED.replace("gardens,G0", "storm-drains,D"))) == (0, 0, 0, 1)
    assert taken(duties(keeper, tmp_path, TESTED)) == (0, 0, 0, 1)
    resident = gardens.acting_as(Actor(role="resident", door="shell"))
    with pytest.raises(NotAllowed):
        tend(resident, tmp_path, WEEDED)


def test_a_place_needs_help_from_the_day_after_something_was_due_until_it_is_done(
    gardens: Store, tmp_path: Path
) -> None:
    days = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 4, 1), TODAY, date(2027, 4, 1), date(2027, 4, 2))
    assert taken(duties(gardens, tmp_path, TESTED)) == (1, 0, 0, 0)
    assert statuses(gardens, *days) == ["cared_for", *["needs_help"] * 5]
    done = TESTED.replace(",365,,", ",365,2026-04-01,lab report 7")
    assert taken(duties(gardens, tmp_path, done)) == (0, 1, 0, 0)
    assert statuses(gardens, *days) == ["cared_for", "needs_help", "cared_for", "cared_for", "cared_for", "needs_help"]
    assert taken(duties(gardens, tmp_path, done)) == (0, 0, 1, 0)
    with gardens.reading() as session:
        frame = duty_frame(session, ["gardens"])
        assert find_stale(session, list_site_ids(session)) == []
    assert frame[["due_on", "done_on"]].to_numpy().tolist() == [
        [date(2026, 3, 1), date(2026, 4, 1)],
        [date(2027, 4, 1), None],
    ]


def test_a_duty_that_moves_to_another_place_leaves_the_first_one_in_order(gardens: Store, tmp_path: Path) -> None:
    duties(gardens, tmp_path, TESTED)
    assert statuses(gardens, TODAY) == ["needs_help"]
    assert duties(gardens, tmp_path, TESTED.replace("G0", "G1")).updated == 1
    assert statuses(gardens, TODAY) == ["cared_for"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (TESTED.replace(",365,", ",0,"), "every_days"),
        (TESTED.replace(",365,,", ",365,2026-09-01,"), "done_on"),
        (TESTED.replace("2026-03-01", ""), "due_on"),
        (TESTED.replace("2026-03-01", "soon"), "due_on"),
    ],
)
def test_a_duty_that_is_wrong_is_refused_with_its_column(
    gardens: Store, tmp_path: Path, line: str, column: str
) -> None:
    report = duties(gardens, tmp_path, line)
    assert taken(report) == (0, 0, 0, 1)
    assert report.rows[0].column == column
    with gardens.reading() as session:
        assert session.scalars(select(Obligation)).all() == []


def test_a_duty_without_an_end_of_days_is_taken(gardens: Store, tmp_path: Path) -> None:
    assert duties(gardens, tmp_path, "d-9,gardens,G0,lease ends,9999-12-31,,,").accepted == 1
    assert statuses(gardens, TODAY) == ["cared_for"]


def test_what_stops_half_way_leaves_nothing(gardens: Store, tmp_path: Path) -> None:
    path = tmp_path / "care.csv"
    path.write_text("\n".join((CARE_HEADER, WEEDED, PICKED.replace(",30,", ",-1,"))))
    report = import_care(gardens, Settings(data_dir=tmp_path), path, now=NOW, on_error="abort")
    assert report.aborted
    assert import_care(gardens, Settings(data_dir=tmp_path), path, now=NOW, dry_run=True).accepted == 1
    with gardens.reading() as session:
        assert session.scalars(select(Activity)).all() == []


def test_what_was_done_between_is_no_reason_to_call_all_those_years_late(gardens: Store, tmp_path: Path) -> None:
    every_year = "d-2,gardens,G0,soil test,2021-03-01,365,2026-04-01,"
    duties(gardens, tmp_path, every_year)
    assert statuses(gardens, date(2025, 6, 1), TODAY, date(2027, 4, 2)) == ["cared_for", "cared_for", "needs_help"]


def test_evidence_of_a_duty_has_a_length(gardens: Store, tmp_path: Path) -> None:
    assert duties(gardens, tmp_path, TESTED + "e" * 2_000).accepted == 1
    (refused,) = duties(gardens, tmp_path, TESTED + "e" * 2_001).rows
    assert refused.column == "evidence" and "may have 2000 signs" in refused.reason
