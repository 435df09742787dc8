"""The report of a run for a council: what can be read in it, that it is the same twice, and its languages."""

import io
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from geocommons.errors import NotReady
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.catalogue import get_question
from geocommons.usecases.exports.report import run_report
from geocommons.usecases.exports.run_pictures import run_pictures
from geocommons.usecases.exports.runs import run_png
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.questions.question import read_question
from geocommons.usecases.runs.keep import new_run
from tests.make import NOW, TODAY, ask
from tests.town import make_town

SUPPLY = ("gardens",)


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Settings:
    """A town of one street, with 220 people and one garden."""
    return make_town(store, tmp_path)


def words_of(pdf: bytes) -> str:
    """Return all that can be read in a report, on one line."""
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_report_says_what_was_found_for_whom_and_how_it_was_computed(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=SUPPLY, minutes=7)
    said = words_of(run_report(store, town, run))
    findings = say_findings(run, "en")
    assert findings.sentence in said
    assert all(figure.value in said and figure.label in said for figure in findings.figures)
    for table in findings.tables:
        assert table.title in said
    for words in (
        *findings.method, *findings.cautions, "West", "Oost", "Minutes of walking 7", "Gardens",
        f"GeoCommons {run.version}", "1 May 2026", str(run.inputs["streets"])[:16],
        "/analyses/coverage?supply=gardens&minutes=7.0&at=2026-05-01".replace("7.0", "7"),
    ):  # fmt: skip
        assert words in said, words


def test_the_same_run_gives_the_same_bytes_and_a_draft_says_that_it_is_one(store: Store, town: Settings) -> None:
    run = ask(store, town, "gaps", supply=SUPPLY)
    report = run_report(store, town, run)
    assert run_report(store, town, run) == report and "Draft" not in words_of(report)
    assert run_png(store, town, run) == run_png(store, town, run)
    run.published_at = None
    assert "Draft, not published" in words_of(run_report(store, town, run))


def test_a_report_speaks_the_reader_s_language(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=SUPPLY)
    said = words_of(run_report(store, town, run, language="nl"))
    for words in (say_findings(run, "nl").sentence, "Wat er is gevraagd", "Tuinen", "Pagina 1 van", "1 mei 2026"):
        assert words in said, words
    assert "People" not in said and "Streets" not in said


def test_a_map_is_told_to_those_who_do_not_see_it_and_headings_are_an_outline(store: Store, town: Settings) -> None:
    run = ask(store, town, "coverage", supply=SUPPLY)
    told = [picture.alt for picture in run_pictures(store, town, run, say_findings(run, "en"), "en")]
    assert any("within reach; out of reach" in alt and "Gardens that serve" in alt for alt in told), told
    titles = [str(one.title) for one in PdfReader(io.BytesIO(run_report(store, town, run))).outline]  # type: ignore[union-attr]
    assert titles == ["In figures", "How this was computed"]


def test_sites_in_classes_do_not_lie_below_their_own_signs(store: Store, town: Settings) -> None:
    run = ask(store, town, "crowding", supply=SUPPLY, measure="area")
    told = [picture.alt for picture in run_pictures(store, town, run, say_findings(run, "en"), "en")]
    assert len(told) == 3 and [("Gardens that serve" in alt) for alt in told] == [True, True, False], told


def test_a_map_shows_people_served_and_unserved_in_two_colours(store: Store, town: Settings) -> None:
    image = Image.open(io.BytesIO(run_png(store, town, ask(store, town, "gaps", supply=SUPPLY)))).convert("RGB")
    colours = {color for _, color in image.getcolors(image.size[0] * image.size[1]) or []}
    assert (0x8F, 0xBF, 0xB4) in colours and (0xB8, 0x32, 0x1A) in colours


def test_a_run_that_found_no_place_still_has_a_report(store: Store, town: Settings) -> None:
    report = words_of(run_report(store, town, ask(store, town, "rivers")))
    assert "0 m of 0 m of river is looked after" in report


def test_a_run_that_is_not_finished_has_no_report(store: Store, town: Settings) -> None:
    run: Run = new_run(
        read_question(get_question("rivers"), {}, today=TODAY), asked_by=None, state="running", now=NOW
    )  # fmt: skip
    run.id = 7
    with pytest.raises(NotReady, match="no answer to report"):
        run_report(store, town, run)
