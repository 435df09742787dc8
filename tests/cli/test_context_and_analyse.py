"""What a person at the shell gets from context, analyse, map and export."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from click.testing import Result
from typer.testing import CliRunner

from geocommons.cli.main import app
from geocommons.errors import InvalidInput, NotReady
from geocommons.model.account import Account, Reach
from geocommons.settings import get_settings
from geocommons.store.engine import Store
from tests.make import NOW, hold, write_layer
from tests.town import house, make_town, street

Shell = Callable[..., Result]
CHANGES = """[
    {"do": "close", "layer": "gardens", "ref": "G0"},
    {"do": "adopt", "layer": "gardens", "ref": "G0"},
    {"do": "add", "layer": "gardens", "ref": "N1", "name": "Proeftuin",
     "geometry": {"type": "Point", "coordinates": [4.0, 51.0]}},
    {"do": "ask", "values": {"standard": "who-300m", "since": "last year"}}
]"""


@pytest.fixture
def shell(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell in a town of one street; a refusal is raised."""
    make_town(store, tmp_path)
    line = "gardens,G0,Buurtgroep,group,responsibility,stewardship,,,2026-01-01,,A-1,,yes"
    hold(store, tmp_path, line)
    monkeypatch.setenv("GEOCOMMONS_DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("GEOCOMMONS_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("GEOCOMMONS_LANGUAGE", "en")
    get_settings.cache_clear()

    def run(*words: str, status: int = 0) -> Result:
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == status, done.output
        return done

    yield run
    get_settings.cache_clear()


def test_context_is_added_listed_and_removed(shell: Shell, tmp_path: Path) -> None:
    file = write_layer(tmp_path / "people.gpkg", [house(0), house(1, people=-1)])
    report = tmp_path / "report.json"
    done = shell("context", "add", "population", str(file), "--licence", "CC0-1.0", "--report", str(report), status=1)
    assert "read 2, accepted 1, rejected 1" in done.stderr and "row 2" in done.stderr
    assert [row["column"] for row in json.loads(report.read_text())["rows"]] == ["people"]
    kept = {entry["kind"]: entry for entry in json.loads(shell("context", "list", "--json").stdout)}
    assert (kept["population"]["features"], kept["population"]["licence"]) == (1, "CC0-1.0")
    assert set(kept) == {"streets", "population", "districts"}
    shell("context", "remove", "population")
    assert "population" not in shell("context", "list").stdout


def test_a_file_without_a_good_row_ends_with_status_two(shell: Shell, tmp_path: Path) -> None:
    file = write_layer(tmp_path / "people.gpkg", [house(0, people=-1)])
    assert "keeps what it had" in shell("context", "add", "population", str(file), status=2).stderr


def test_groups_and_keys_are_written_with_an_equals_sign(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("nr,n,old\na,5,1\n")
    file = write_layer(tmp_path / "people.gpkg", [{"lot": "a", "geometry": house(0)["geometry"]}])
    options = ["--join", str(table), "--on", "lot=nr", "--people", "n", "--group", "older=old"]
    shell("context", "add", "population", str(file), *options)
    (kept,) = [one for one in json.loads(shell("context", "list", "--json").stdout) if one["kind"] == "population"]
    assert kept["columns"] == ["people", "group_older"]
    with pytest.raises(InvalidInput, match="name=column"):
        shell("context", "add", "population", str(file), "--people", "n", "--group", "older")


def test_coverage_is_a_sentence_and_a_table_or_only_json(shell: Shell) -> None:
    at = ("--at", "2026-05-01")
    told = " ".join(shell("analyse", "coverage", "--supply", "gardens", *at).stdout.split())
    assert told.startswith("As of 1 May 2026: 59% of 220 people live within 10 minutes’ walk of gardens.")
    assert "Oost" in told and "Older people" in told
    result = json.loads(shell("analyse", "coverage", "--supply", "gardens", "--minutes", "10", *at, "--json").stdout)
    assert (result["people"], result["served"], result["districts"]["West"]["share"]) == (220, 130, 1)
    straight = shell("analyse", "coverage", "--supply", "gardens", "--straight", "--metres", "1200", "--json").stdout
    assert json.loads(straight)["served"] == 200


def test_gaps_and_rivers_are_told_too(shell: Shell) -> None:
    assert "Tuin 0" in shell("analyse", "gaps", "--supply", "gardens").stdout
    assert json.loads(shell("analyse", "gaps", "--supply", "gardens", "--json").stdout)["gaps"][0]["people"] == 80
    assert "0 m of 0 m of river is looked after" in " ".join(shell("analyse", "rivers").stdout.split())
    assert json.loads(shell("analyse", "rivers", "--json").stdout)["rivers"] == []


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "parquet", "csv", "html"])
def test_an_answer_is_written_as_a_file(shell: Shell, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"answer.{suffix}"
    shell("analyse", "coverage", "--supply", "gardens", "--json", "--out", str(file))
    if suffix == "csv":
        table = pd.read_csv(file, keep_default_na=False)
        assert table["part"].tolist() == ["all", "district", "district", "district", "group"]
        assert table["people"].iloc[0] == 220
    elif suffix == "html":
        assert "59.1%" in file.read_text()
    elif suffix == "parquet":
        assert gpd.read_parquet(file)["people"].sum() == 220
    elif suffix == "gpkg":
        assert pyogrio.list_layers(file)[:, 0].tolist() == ["demand", "districts", "hexes", "about"]
        assert pyogrio.read_info(file, layer="demand")["features"] == 22
    else:
        assert pyogrio.read_info(file)["features"] == 22


def test_runs_are_listed_shown_published_and_withdrawn(shell: Shell) -> None:
    shell("analyse", "coverage", "--supply", "gardens", "--minutes", "7", "--at", "2026-05-01", "--draft", "--json")
    assert (
        "draft" in shell("runs", "list").stdout and "1  Coverage  1 May 2026  finished" in shell("runs", "list").stdout
    )
    shell("runs", "publish", "1")
    told = json.loads(shell("runs", "list", "--json").stdout)[0]
    assert told["published_at"] and told["duration_s"] >= 0 and told["progress"] == 1
    assert told["address"] == "/analyses/coverage?supply=gardens&minutes=7&at=2026-05-01"
    shown = " ".join(shell("runs", "show", "1").stdout.split())
    assert "Minutes of walking: 7" in shown and "Nothing has changed since" in shown
    shell("context", "remove", "districts")
    assert "Not looked at any more: Districts." in shell("runs", "show", "1").stdout
    shell("context", "remove", "population")
    assert "cannot be answered now" in shell("runs", "show", "1").stdout
    shell("runs", "withdraw", "1")
    assert "draft" in shell("runs", "list").stdout
    assert shell("runs", "cancel", "1").stdout.startswith("1  Coverage")


def test_the_map_is_one_file_that_names_who_cares_for_what(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    assert "Sites shown in map.html: 1" in shell("map", str(file), "--at", "2026-05-01").stderr
    assert "Who looks after what on 1 May 2026" in file.read_text()
    page = file.read_text()
    assert "Buurtgroep" in page and "Tuin 0" in page and "Cared for" in page
    shell("map", str(file), "--at", "2025-05-01", "--layer", "gardens")
    assert "Buurtgroep" not in file.read_text()
    assert "Sites shown in map.html: 0" in shell("map", str(file), "--bbox", "4,51,4.1,51.1").stderr
    with pytest.raises(InvalidInput, match=r"\.html"):
        shell("map", str(tmp_path / "map.pdf"))


def test_a_layer_is_exported_with_what_anybody_may_know(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "gardens.csv"
    shell("export", "gardens", str(file), "--at", "2026-05-01")
    row = pd.read_csv(file).iloc[0]
    assert (row["ref"], row["status"], row["stewards"], row["since"]) == ("G0", "cared_for", "Buurtgroep", "2026-01-01")
    assert row["wkt"].startswith("POLYGON")


@pytest.mark.parametrize("kind", ["coverage", "gaps"])
def test_where_there_is_no_such_site_an_answer_says_so_and_blames_no_street(shell: Shell, kind: str) -> None:
    told = " ".join(shell("analyse", kind, "--supply", "vacant-lots").stdout.split())
    assert "The register has no such site on this day, so nobody can be served." in told
    assert "no street leads" not in told


def test_streets_come_in_with_node_ids_from_columns_with_any_name(shell: Shell, tmp_path: Path) -> None:
    file = write_layer(tmp_path / "s.gpkg", [street(0, 5, a=1, b=2), street(5, 20, a=2, b=3)])
    shell("context", "add", "streets", str(file), "--from-node", "a", "--to-node", "b")
    result = json.loads(shell("analyse", "coverage", "--supply", "gardens", "--json").stdout)
    assert result["served"] == 130


def test_a_scheduler_is_asked_for_coverage_only_where_one_is_named(shell: Shell) -> None:
    with pytest.raises(NotReady, match="No Dask scheduler answers at nonsense"):
        shell("analyse", "coverage", "--supply", "gardens", "--scheduler", "nonsense")
    assert "No such option" in shell("analyse", "rivers", "--scheduler", "nonsense", status=2).stderr


@pytest.mark.parametrize("number", [2**31, 10**20])
def test_a_number_larger_than_that_of_any_row_is_refused_whatever_the_database_says_of_it(
    shell: Shell, number: int
) -> None:
    for words in ("runs show", "runs publish", "schedules make", "schedules stop", "parties unmerge"):
        assert "less than or equal to 2147483647" in shell(*words.split(), str(number), status=2).stderr


def test_standards_scenarios_and_schedules_are_listed_to_be_read_or_as_json(shell: Shell, tmp_path: Path) -> None:
    changes = tmp_path / "changes.json"
    changes.write_text('[{"do": "ask", "values": {"minutes": 15}}]')
    shell("scenarios", "make", "A longer walk", "--changes", str(changes))
    assert shell("scenarios", "list").output.splitlines() == ["1  A longer walk", "  Minutes of walking becomes 15."]
    assert json.loads(shell("scenarios", "list", "--json").output)[0]["changes"] == json.loads(changes.read_text())
    assert "who-300m  Green space within 300 m (WHO Europe)" in shell("standards", "list").output
    assert json.loads(shell("standards", "list", "--json").output)[0]["id"] == "ten-minute-walk"
    assert json.loads(shell("schedules", "list", "--json").output) == []
    with pytest.raises(InvalidInput, match="There is no file"):
        shell("scenarios", "make", "Nothing", "--changes", str(tmp_path / "none.json"))


def test_lists_say_in_the_readers_words_what_the_register_keeps_as_codes(
    shell: Shell, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    changes = tmp_path / "changes.json"
    changes.write_text(CHANGES)
    shell("scenarios", "make", "Proef", "--changes", str(changes))
    shell("analyse", "coverage", "--supply", "gardens", "--at", "2026-05-01", "--draft")
    shell("schedules", "make", "1")
    address = "medewerker@gemeente-voorbeeld.example.org"
    with store.writing() as session:
        account = Account(address=address, role="staff", language="nl", created_at=NOW)
        account.reaches.append(Reach(kind="layer", name="gardens"))
        session.add(account)
    hold(store, tmp_path, "gardens,G0,[blue] thumbs,household,right,ownership,,,2020-01-01,,A-1,,yes")
    monkeypatch.setenv("GEOCOMMONS_LANGUAGE", "nl")
    get_settings.cache_clear()
    assert shell("scenarios", "list").output.splitlines()[1:] == [
        "  G0 sluit (Tuinen).",
        "  G0 krijgt een beheerder (Tuinen).",
        "  Proeftuin komt erbij (Tuinen).",
        "  Norm wordt Groen binnen 300 m (WHO Europa). Vergeleken met wordt last year.",
    ]
    assert re.fullmatch(r"1  Bereik  1 mei 2026  klaar, .* s  concept\n", shell("runs", "list").output)
    assert re.search(r"Elke maand, weer op 1 \w+ 20\d\d\n", shell("schedules", "list").output)
    parties = [re.split("  +", line.strip()) for line in shell("parties", "list").output.splitlines()]
    assert [line[1:] for line in (parties[0], *parties[2:])] == [
        ["Naam", "Soort"],
        ["[blue] thumbs", "huishouden"],
        ["Buurtgroep", "buurtgroep"],
    ]
    people = shell("people", "list").output
    assert address in people and "Medewerker: Tuinen" in " ".join(people.split()) and "nooit" in people
    context = shell("context", "list").output.splitlines()
    assert context[0].split() == ["Soort", "Naam", "Objecten", "Bron", "Licentie", "Toegevoegd"]
    assert all(len(line) <= 80 and "…" not in line for line in (*people.splitlines(), *context))
