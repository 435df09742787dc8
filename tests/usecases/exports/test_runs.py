"""What a run found, taken away as files: every kind of analysis, every kind of file, by one set of rules."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import orjson
import pandas as pd
import pyogrio
import pytest
import shapely

from geocommons.errors import InvalidInput
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store, open_store
from geocommons.usecases.analyses.catalogue import KINDS, get_question
from geocommons.usecases.exports.runs import export_figures, export_run
from geocommons.usecases.findings.compare import compare_findings
from geocommons.usecases.findings.document import NOTHING
from geocommons.usecases.findings.say import findings_of
from geocommons.usecases.runs.keep import read_output
from tests.conftest import PostgisDatabases, SqliteDatabases
from tests.make import STEP, ask, hold, load, write_layer
from tests.town import add, copy_town, plant

WATER = shapely.LineString([(5.0, 52.002), (5.0 + 20 * STEP, 52.002)])
HELD = "rivers,R1,Otters,group,responsibility,stewardship,100,600,2024-01-01,,A-1,,yes"
TENDED = "gardens,G0,Buurtgroep,group,responsibility,stewardship,,,2026-01-01,,A-2,,yes"


@pytest.fixture
def town(
    databases: SqliteDatabases | PostgisDatabases, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """A town with something to find for every kind of analysis: gardens, a river, stewards, candidates."""
    return copy_town(databases, tmp_path_factory, tmp_path, "town_of_every_kind", settle)


@pytest.fixture
def store(town: Settings) -> Iterator[Store]:
    """Its register."""
    opened = open_store(town.database)
    yield opened
    opened.close()


def settle(store: Store, town: Settings) -> None:
    folder = town.data_dir
    plant(store, folder, 0, 12)
    load(store, write_layer(folder / "r.gpkg", [{"ref": "R1", "name": "Vliet", "geometry": WATER}]), "rivers")
    hold(store, folder, HELD, TENDED)
    places = [
        {"ref": f"C{at}", "name": f"Hoek {at}", "geometry": shapely.Point(5.0 + at * STEP, 52.0)} for at in (6, 18)
    ]
    add(store, town, "candidates", places)


def asked(store: Store, town: Settings, kind: str) -> Run:
    """Return the answer to the simplest question of a kind."""
    supply = {"supply": ("gardens",)} if "supply" in get_question(kind).model_fields else {}
    return ask(store, town, kind, **supply)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_inputs_give_the_same_bytes(store: Store, town: Settings, kind: str) -> None:
    first = asked(store, town, kind)
    kept = {name: (town.runs_dir / path).read_bytes() for name, path in first.outputs.items()}
    for path in first.outputs.values():
        (town.runs_dir / path).unlink()
    with store.writing() as session:  # as if it had never been asked
        session.merge(first).fingerprint = ""
    second = asked(store, town, kind)
    assert second.id != first.id and second.result == first.result
    assert {name: (town.runs_dir / path).read_bytes() for name, path in second.outputs.items()} == kept


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_taken_away_in_every_form(store: Store, town: Settings, tmp_path: Path, kind: str) -> None:
    run = asked(store, town, kind)
    findings = findings_of(store, run, "en")
    for suffix in ("pdf", "html", "csv", "gpkg"):
        export_run(store, town, run, tmp_path / f"taken.{suffix}")
    assert (tmp_path / "taken.pdf").read_bytes().startswith(b"%PDF")
    page = (tmp_path / "taken.html").read_text()
    assert findings.sentence[:20] in page and all(
        one.title in page for one in findings.layers if one.output in run.outputs
    )
    layers = pyogrio.list_layers(tmp_path / "taken.gpkg")[:, 0].tolist()
    assert set(layers) == {*run.outputs, "about"}
    for name in run.outputs:
        assert pyogrio.read_info(tmp_path / "taken.gpkg", layer=name)["features"] == len(read_output(town, run, name))
    if any(len(read_output(town, run, layer.output)) for layer in findings.layers):
        export_run(store, town, run, tmp_path / "taken.png")
        assert (tmp_path / "taken.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_about_a_layer_whose_package_is_gone_is_still_told_and_taken_away(
    store: Store, town: Settings, tmp_path: Path, kind: str
) -> None:
    run = asked(store, town, kind)
    with store.writing() as session:
        run = session.merge(run)
        run.params, run.result = (
            orjson.loads(orjson.dumps(told).replace(b'"gardens"', b'"benches"')) for told in (run.params, run.result)
        )
        run.params |= {"layer": "benches"} if kind == "rivers" else {}
    assert findings_of(store, run, "nl").sentence
    for suffix in ("pdf", "html", "csv"):
        export_run(store, town, run, tmp_path / f"taken.{suffix}")
        assert (tmp_path / f"taken.{suffix}").stat().st_size > 0


@pytest.mark.parametrize("kind", KINDS)
def test_figures_are_every_cell_of_every_table_as_it_was_computed(
    store: Store, town: Settings, tmp_path: Path, kind: str
) -> None:
    run = asked(store, town, kind)
    export_figures(store, town, run, tmp_path / "figures.csv")
    table = pd.read_csv(tmp_path / "figures.csv", keep_default_na=False)
    tables = findings_of(store, run, "en").tables
    assert len(table) == sum(len(one.rows) * len(one.columns) for one in tables)
    assert list(dict.fromkeys(table["table"])) == [one.title for one in tables if one.rows]


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_of_two_runs_of_a_kind_is_compared(store: Store, town: Settings, kind: str) -> None:
    findings = findings_of(store, asked(store, town, kind), "en")
    table = compare_findings(findings, findings, ("A", "B"), "en")[0]
    assert [(label, first) for label, first, _, _ in (row.cells for row in table.rows)] == [
        (figure.label, figure.value) for figure in findings.figures
    ]
    assert [row.cells[3] for row in table.rows] == [
        "the same" if figure.value != NOTHING else NOTHING for figure in findings.figures
    ]


@pytest.mark.parametrize("kind", ["coverage", "change", "crowding"])
def test_each_district_of_a_table_is_drawn_with_its_figure(store: Store, town: Settings, kind: str) -> None:
    run = asked(store, town, kind)
    findings = findings_of(store, run, "en")
    (layer,) = (one for one in findings.layers if one.output == "districts")
    drawn = read_output(town, run, "districts")
    (table,) = (one for one in findings.tables if one.title == "By district")
    assert set(drawn[layer.key]) == {row.key for row in table.rows} - {"outside all districts"}
    told = {name: part.get(layer.value) for name, part in run.result["districts"].items()}
    assert [None if pd.isna(value) else value for value in drawn[layer.value]] == [
        told[name] for name in drawn[layer.key]
    ]


def test_a_file_of_one_layer_holds_the_main_output(store: Store, town: Settings, tmp_path: Path) -> None:
    for kind, output in (("coverage", "demand"), ("gaps", "gaps"), ("rivers", "free")):
        run = asked(store, town, kind)
        export_run(store, town, run, tmp_path / f"{kind}.parquet")
        assert len(gpd.read_parquet(tmp_path / f"{kind}.parquet")) == len(read_output(town, run, output))


def test_a_csv_of_a_coverage_has_a_row_for_each_part(store: Store, town: Settings, tmp_path: Path) -> None:
    export_run(store, town, asked(store, town, "coverage"), tmp_path / "c.csv")
    table = pd.read_csv(tmp_path / "c.csv", keep_default_na=False)
    assert list(table.columns) == ["part", "name", "people", "served", "unserved", "not_assessed", "share"]
    assert table["part"].tolist() == ["all", "district", "district", "district", "group"]


def test_a_form_that_is_not_known_is_refused_with_those_there_are(store: Store, town: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"\.pdf.*\.gpkg.*\.parquet"):
        export_run(store, town, asked(store, town, "rivers"), tmp_path / "taken.docx")
    with pytest.raises(InvalidInput, match="no folder"):
        export_run(store, town, asked(store, town, "rivers"), tmp_path / "none" / "taken.pdf")
