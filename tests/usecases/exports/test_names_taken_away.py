"""A file that is made of a run names who agrees to it when it is made, and nobody who does not any more."""

import io
import re
from pathlib import Path

import pypdf
from sqlalchemy import select

from geocommons.model.party import Party
from geocommons.store.engine import Store
from geocommons.usecases.exports.runs import export_figures, export_run
from geocommons.usecases.people.consent import change_consents
from geocommons.usecases.people.erase import erase_party
from tests.make import NOW, ask, hold, hold_too
from tests.town import make_town, plant

NAME = "Zephyrine Quatrebarbes"
TELLING = {"report.pdf", "map.html", "figures.csv", "all.gpkg"}


def test_files_of_a_run_tell_a_name_as_long_as_its_owner_agrees(store: Store, tmp_path: Path) -> None:
    settings = make_town(store, tmp_path)
    plant(store, tmp_path, 0, 5)
    for garden, other in (("G0", "Tuinclub"), ("G5", "Otters")):
        hold(store, tmp_path, f"gardens,{garden},{NAME},person,responsibility,stewardship,,,2021-01-01,,A-{garden},,")
        hold_too(store, "gardens", garden, other, "group", "2022-01-01")
    run = ask(store, settings, "ties")

    def telling() -> set[str]:
        found = set()
        for name in TELLING:
            path = tmp_path / name
            write = export_figures if name == "figures.csv" else export_run
            write(store, settings, run, path)
            found |= {name} if re.search(rb"zephyrine|quatrebarbes", words_of(path), re.IGNORECASE) else set()
        return found

    assert telling() == set(), "nobody agreed yet"
    with store.writing() as session:
        person = session.scalars(select(Party).where(Party.name == NAME)).one()
        change_consents(session, settings, person, ["reports"], now=NOW, how="page")
    assert telling() == TELLING
    with store.writing() as session:
        change_consents(session, settings, session.merge(person), [], now=NOW, how="page")
    assert telling() == set()
    with store.writing() as session:
        erase_party(session, settings, session.get_one(Party, person.id), now=NOW)
    assert telling() == set()


def words_of(path: Path) -> bytes:
    """Return what can be read in a file; a PDF has its words packed."""
    content = path.read_bytes()
    if path.suffix != ".pdf":
        return content
    document = pypdf.PdfReader(io.BytesIO(content))
    return f"{document.metadata} {' '.join(page.extract_text() for page in document.pages)}".encode()
