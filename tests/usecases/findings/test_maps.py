"""What a map draws of findings, what two runs say beside each other, and what standards say."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pytest

from geocommons.errors import InvalidInput
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.findings.compare import compare_findings, say_difference
from geocommons.usecases.findings.document import (
    CellKind,
    Column,
    Findings,
    MapLayer,
    Row,
    Table,
    figure,
    say_together,
)
from geocommons.usecases.findings.maps import draw_layers, drawn_bbox, key_boxes
from geocommons.usecases.findings.say import say_findings
from tests.make import STEP, ask
from tests.town import make_town

NAMES = ("Run 1", "Run 2")


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Settings:
    return make_town(store, tmp_path)


def test_districts_are_drawn_in_classes_with_their_breaks_and_counts(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=["gardens"])
    layers = say_findings(run, "en").layers
    districts, hexes, demand = draw_layers(town, [run], layers, "en", scheme="quantiles", k=5)
    # West is served whole, Oost for a fifth.
    assert districts.breaks == (0.2, 1.0)
    assert [(row.words, row.counts, row.look) for row in districts.rows] == [
        ("20%", (1,), "step-1"),
        ("20% – 100%", (1,), "step-7"),
    ]
    assert hexes.without == (0,)
    assert [(row.words, row.value, row.counts) for row in demand.rows] == [
        ("within reach", "served", (13,)), ("out of reach", "unserved", (8,)), ("not assessed", "not_assessed", (1,)),
    ]  # fmt: skip


def test_two_runs_share_their_breaks_and_count_apart(store: Store, town: Settings) -> None:
    runs = [ask(store, town, "coverage", supply=["gardens"], minutes=minutes) for minutes in (10, 5)]
    layers = say_findings(runs[0], "en").layers
    districts = draw_layers(town, runs, layers, "en", scheme="equal_interval", k=4)[0]
    assert districts.breaks == (0.25, 0.5, 0.75, 1.0)
    # After 5 minutes' walk (400 m) people of 7 of the 11 houses of West are served, and nobody in Oost.
    assert [row.counts for row in districts.rows] == [(1, 1), (0, 0), (0, 1), (1, 0)]


def test_an_unknown_way_to_make_classes_is_refused(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=["gardens"])
    with pytest.raises(InvalidInput, match="not a way to make classes"):
        draw_layers(town, [run], say_findings(run, "en").layers, "en", scheme="random", k=5)


def test_rows_know_where_their_district_lies(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=["gardens"])
    findings = say_findings(run, "en")
    boxes = key_boxes(town, run, findings.layers)
    assert {row.key for row in findings.tables[0].rows} >= set(boxes) == {"West", "Oost"}
    assert boxes["West"].east == boxes["Oost"].west
    bbox = drawn_bbox(town, [run], findings.layers)
    assert bbox is not None
    assert bbox.west <= 5.0 and bbox.east >= 5.0 + 20 * STEP


def test_words_that_nobody_named_are_told_apart(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=["gardens"])
    drawn = draw_layers(
        town, [run], [MapLayer("demand", "By layer", "states", value="nearest_layer")], "en", scheme="quantiles", k=5
    )
    assert [(row.look, row.words) for row in drawn[0].rows] == [("tone-1", "gardens")]


def test_a_coverage_draws_how_many_live_how_near(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=["gardens"])
    # The only group has 44 people: too few for a bar.
    (near,) = say_findings(run, "en").charts
    assert near.rows[0][0] == "0 m"
    assert ("800 m", "59%") in near.rows


def test_a_standard_is_told_test_by_test_with_its_source(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=["gardens"], standard="accessible-greenspace")
    findings = say_findings(run, "en")
    assert "as this standard asks: Accessible Greenspace Standards" in findings.sentence
    tables = {table.title: table for table in findings.tables}
    tests = tables["Each test of the standard"]
    assert tests.rows[0].cells[1] == "200 m in a straight line, from 5,000 m² up"
    counts = tables["How many tests people meet"]
    assert [row.cells[0] for row in counts.rows] == ["none", "1", "2", "all 3"]
    assert sum(float(row.cells[1] or 0) for row in counts.rows) == run.result["people"]
    assert any("Natural England" in sentence for sentence in findings.method)


def test_a_difference_has_a_sign_and_shares_differ_in_points() -> None:
    assert say_difference(0.61, 0.32, "share", "en") == "−29 points"
    assert say_difference(0.0, 0.051, "share", "nl") == "+5,1 procentpunt"
    assert say_difference(100, 1_100, "metres", "en") == "+1 km"
    assert say_difference(7, 7, "count", "en") == "the same"
    assert say_difference(None, 7, "count", "en") == "–"
    assert say_difference(0.001, 0.004, "number", "en") == "+0.003"


def test_rows_are_compared_by_their_name_and_those_of_one_run_alone_are_kept() -> None:
    columns = (Column("District"), Column("People", "count"), Column("Within reach", "share"))
    first = _findings(Table("By district", columns, (Row(("West", 10, 0.5), key="West"), Row(("Oost", 20, 0.25)))))
    second = _findings(Table("By district", columns, (Row(("Oost", 20, 0.75)), Row(("Zuid", 5, None)))))
    figures, rows = compare_findings(first, second, NAMES, "en")
    assert figures.rows[0].cells == ("people", "30", "25", "−5")
    assert rows.title == "By district: Within reach"
    assert [row.cells for row in rows.rows] == [
        ("West", "50%", "–", "–"), ("Oost", "25%", "75%", "+50 points"), ("Zuid", "–", "–", "–"),
    ]  # fmt: skip
    assert rows.rows[0].key == "West"


def test_ranks_of_two_runs_are_not_compared(store: Store, town: Settings) -> None:
    runs = [ask(store, town, "gaps", day=date(2026, 5, 1), supply=["gardens"], minutes=minutes) for minutes in (10, 5)]
    said = [say_findings(run, "en") for run in runs]
    assert "Gaps, most people first" not in " ".join(table.title for table in compare_findings(*said, NAMES, "en"))


def _findings(table: Table) -> Findings:
    total = sum(float(row.cells[1] or 0) for row in table.rows)
    people = figure(total, "count", "people", "en", value=f"{total:g}")
    return Findings(title="Town", sentence="A town.", figures=(people,), tables=(table,))


def test_classes_of_whole_figures_have_whole_ends_that_do_not_meet(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=["gardens"])
    layer = MapLayer("hexes", "People", "classes", value="people", kind="count")
    (drawn,) = draw_layers(town, [run], [layer], "en", scheme="equal_interval", k=3)
    ends = [[int(end) for end in row.words.split(" – ")] for row in drawn.rows]
    assert all(one[-1] + 1 == other[0] for one, other in pairwise(ends))


def test_classes_of_a_number_end_as_round_as_the_breaks_between(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.runs_dir.mkdir(parents=True)
    figures = [0.1234, 0.5, 3.251, 9.0, 12.0, 12.0, 12.3456]
    frame = gpd.GeoDataFrame({"depth": figures}, geometry=gpd.points_from_xy(range(7), range(7)), crs="EPSG:4326")
    frame.to_parquet(settings.runs_dir / "areas.parquet")
    run = Run(kind="crowding", params={}, outputs={"areas": "areas.parquet"})
    layer = MapLayer("areas", "Depth", "classes", value="depth", kind="number")
    (drawn,) = draw_layers(settings, [run], [layer], "en", scheme="equal_interval", k=3)
    ends = [end for row in drawn.rows for end in row.words.split(" – ")]
    assert len({len(end.partition(".")[2]) for end in ends}) == 1
    assert float(ends[0]) <= min(figures)
    assert float(ends[-1]) >= max(figures)


@pytest.mark.parametrize(
    ("amounts", "kind", "language", "written"),
    [
        ((0.5, 12, 3.25), "number", "en", ["0.50", "12.00", "3.25"]),
        ((0.5, 1200, 3.25), "number", "nl", ["0,50", "1.200,00", "3,25"]),
        ((1, 12, 1200), "count", "en", ["1", "12", "1,200"]),
        ((0.15, 0.992, 1), "share", "en", ["15.0%", "99.2%", "100.0%"]),
        ((0.15, 0.63, 1), "share", "en", ["15%", "63%", "100%"]),
        ((212, 1060, 2000), "metres", "en", ["212 m", "1.06 km", "2.00 km"]),
        ((), "number", "en", []),
    ],
)
def test_figures_that_are_read_together_have_as_many_decimals(
    amounts: tuple[float, ...], kind: CellKind, language: str, written: list[str]
) -> None:
    assert say_together(amounts, kind, language) == written
