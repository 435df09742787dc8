"""The shell door of the register, as a whole process: what it prints, and the status it ends with."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from geocommons.settings import Settings
from tests.conftest import make_register
from tests.make import HEADER, square, write_layer
from tests.store.older import BEFORE_CARE

ROOT = Path(__file__).parents[2]


def geocommons(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the shell in a folder of its own, as a person would."""
    command = [sys.executable, "-c", "from geocommons.cli.main import run; run()", *words]
    own = {"GEOCOMMONS_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), "LANG": "en_GB.UTF-8"}
    return subprocess.run(command, env=os.environ | own | environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a register in it."""
    make_register(Settings(data_dir=tmp_path).database)
    return tmp_path


def test_the_status_says_whether_rows_or_the_file_were_refused(folder: Path) -> None:
    good = write_layer(folder / "good.gpkg", [{"ref": "A", "geometry": square(1)}])
    bad = write_layer(folder / "bad.gpkg", [{"ref": "B", "geometry": square(2)}, {"ref": None, "geometry": square(3)}])
    report = folder / "report.json"
    assert geocommons(folder, "import", "clt-parcels", str(good)).returncode == 0
    assert geocommons(folder, "import", "clt-parcels", str(bad), "--report", str(report)).returncode == 1
    assert geocommons(folder, "import", "clt-parcels", str(bad), "--on-error", "abort").returncode == 2
    said = json.loads(report.read_text())
    assert said["read"] == said["accepted"] + said["updated"] + said["unchanged"] + said["rejected"] == 2
    assert set(said["rows"][0]) == {"row", "ref", "column", "reason", "remedy"}


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_taken(folder: Path) -> None:
    good = write_layer(folder / "good.gpkg", [{"ref": "A", "geometry": square(1)}])
    for report in (folder, folder / "nowhere" / "report.json"):
        refused = geocommons(folder, "import", "clt-parcels", str(good), "--report", str(report))
        assert refused.returncode == 2
        assert refused.stderr.strip().startswith(f"{report} cannot be written.")
    taken = geocommons(folder, "import", "clt-parcels", str(good), "--report", str(folder / "report.json"))
    assert "accepted 1" in taken.stderr


def test_columns_that_nothing_was_read_from_are_named(folder: Path) -> None:
    rows = [{"ref": "A", "homes": 1, "lot": "7", "wood": "oak", "geometry": square(1)}]
    words = ("import", "clt-parcels", str(write_layer(folder / "a.gpkg", rows)), "--map", "lot_number=lot")
    done = geocommons(folder, *words, "--report", str(folder / "report.json"))
    assert "wood" in done.stderr and "homes" not in done.stderr
    assert json.loads((folder / "report.json").read_text())["unused_columns"] == ["wood"]


def test_a_folder_that_cannot_be_made_is_named_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = geocommons(tmp_path / "file" / "folder", "runs", "list")
    assert told.returncode == 2
    assert told.stderr.startswith(f"Nothing can be written to the data folder {tmp_path / 'file' / 'folder'} (")


def test_a_refusal_is_one_sentence_in_the_language_of_the_person(folder: Path) -> None:
    english = geocommons(folder, "import", "clt-parcels", str(folder / "nothing.gpkg"))
    dutch = geocommons(folder, "import", "clt-parcels", str(folder / "nothing.gpkg"), LANG="nl_NL.UTF-8")
    assert (english.returncode, dutch.returncode) == (2, 2)
    assert english.stderr.strip().startswith("There is no file")
    assert dutch.stderr != english.stderr
    assert "Traceback" not in english.stderr + dutch.stderr


def test_what_became_of_each_row_is_said_and_reported_in_the_language_of_the_person(folder: Path) -> None:
    rows = [{"ref": "A", "homes": -1, "geometry": square(1)}, {"ref": None, "homes": 1, "geometry": square(2)}]
    file, report = write_layer(folder / "bad.gpkg", rows), folder / "report.json"
    words = ("import", "clt-parcels", str(file), "--report", str(report))
    dutch = geocommons(folder, *words, GEOCOMMONS_LANGUAGE="nl")
    assert dutch.stderr.strip().splitlines() == [
        "bad.gpkg: gelezen 2, opgenomen 0, bijgewerkt 0, ongewijzigd 0, geweigerd 2,"
        " hersteld 0, verdwenen 0, afgevoerd 0",
        "  rij 1 (A), homes: Woningen moet 0 of meer zijn, niet -1."
        " Verbeter de waarde, of laat haar leeg als niemand het weet.",
        "  rij 2 (-), ref: De rij heeft geen nummer. Geef de plek haar officiële nummer.",
    ]
    first, second = json.loads(report.read_text())["rows"]
    assert (first["row"], first["ref"], first["column"]) == (1, "A", "homes")
    assert (second["reason"], second["remedy"]) == ("De rij heeft geen nummer.", "Geef de plek haar officiële nummer.")
    english = geocommons(folder, *words)
    assert "read 2, accepted 0" in english.stderr and "row 2 (-), ref: The row has no ref." in english.stderr
    assert json.loads(report.read_text())["rows"][1]["reason"] == "The row has no ref."


def test_tenures_come_in_and_the_public_face_is_checked(folder: Path) -> None:
    parcels = write_layer(folder / "good.gpkg", [{"ref": "A", "geometry": square(1)}])
    geocommons(folder, "import", "clt-parcels", str(parcels))
    table = folder / "tenures.csv"
    table.write_text(f"{HEADER}\nclt-parcels,A,Trust,organisation,right,ownership,,,2020-01-01,,DEED-1,,\n")
    assert geocommons(folder, "tenures", "import", str(table)).returncode == 0
    checked = geocommons(folder, "check")
    said = json.loads(checked.stdout)
    assert (checked.returncode, said["sites"], said["stale"], said["audit"]["broken"]) == (0, 1, [], None)
    assert said["audit"]["newest"]["entry"] == said["audit"]["entries"] > 0
    assert geocommons(folder, "rebuild").returncode == 0


def test_a_trail_that_somebody_changed_ends_the_check_with_a_sentence_that_names_the_entry(folder: Path) -> None:
    geocommons(
        folder, "import", "clt-parcels", str(write_layer(folder / "a.gpkg", [{"ref": "A", "geometry": square(1)}]))
    )
    with closing(sqlite3.connect(folder / "geocommons.sqlite", isolation_level=None)) as database:
        database.execute("DROP TRIGGER audit_entry_is_not_changed")
        database.execute("UPDATE audit_entry SET door = 'page' WHERE id = 1")
    checked = geocommons(folder, "check", GEOCOMMONS_LANGUAGE="nl")
    assert (checked.returncode, json.loads(checked.stdout)["audit"]["broken"]) == (1, 1)
    assert "Regel 1 van het logboek is veranderd" in checked.stderr


def test_a_register_comes_back_from_its_backup(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    parcels = write_layer(folder / "a.gpkg", [{"ref": "A", "geometry": square(1)}])
    geocommons(folder, "import", "clt-parcels", str(parcels))
    file = tmp_path_factory.mktemp("safe") / "town.zip"
    written = geocommons(folder, "backup", str(file))
    assert (written.returncode, json.loads(written.stdout)["missing"]) == (0, [])
    assert file.stat().st_mode & 0o077 == 0, "it holds names"
    refused = geocommons(folder, "restore", str(file))
    assert (refused.returncode, refused.stdout) == (2, "") and "--replace" in refused.stderr
    again = geocommons(folder, "restore", str(file), "--replace")
    assert (again.returncode, json.loads(again.stdout)["stale"]) == (0, [])
    elsewhere = geocommons(tmp_path_factory.mktemp("elsewhere"), "restore", str(file))
    assert elsewhere.returncode == 1 and "No ledger was found" in elsewhere.stderr
    damaged = file.with_name("damaged.zip")
    damaged.write_bytes(file.read_bytes()[:-50])
    refused = geocommons(folder, "restore", str(damaged), "--replace")
    assert refused.returncode == 2 and len(refused.stderr.strip().splitlines()) == 1


def test_a_register_that_was_never_made_says_how_to_make_it(tmp_path: Path) -> None:
    done = geocommons(tmp_path, "check")
    assert done.returncode == 2
    assert "geocommons init" in done.stderr
    assert geocommons(tmp_path, "init").returncode == 0
    assert geocommons(tmp_path, "check").returncode == 0


def test_a_register_of_an_older_version_is_published_anew_when_it_is_brought_to_this_one(folder: Path) -> None:
    parcels = write_layer(folder / "good.gpkg", [{"ref": "A", "geometry": square(1)}])
    geocommons(folder, "import", "clt-parcels", str(parcels))
    [file] = folder.glob("*.sqlite")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in BEFORE_CARE:
            connection.execute(statement)
        connection.execute("""UPDATE site SET fragment = replace(fragment, '"coordinates":', '"coordinates": ')""")
        connection.execute("UPDATE alembic_version SET version_num = '0006'")
    refused = geocommons(folder, "check")
    assert refused.returncode == 2
    assert "0006" in refused.stderr
    assert geocommons(folder, "init").returncode == 0
    checked = geocommons(folder, "check")
    assert checked.returncode == 0, checked.stdout
