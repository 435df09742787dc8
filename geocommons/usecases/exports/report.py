"""The report of a run for those who decide: what was found, maps, tables, charts, what to mind, and how it was made."""

from datetime import datetime

from geocommons.errors import NotReady
from geocommons.files.report import ChartPicture, Figures, Heading, Notes, Paragraph, Picture, Report, Section, Table
from geocommons.files.report_pdf import report_pdf
from geocommons.language import Say, mark, translate
from geocommons.model.run import Run
from geocommons.numerals import day, moment, number
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.exports.run_pictures import RunPicture, run_pictures
from geocommons.usecases.findings import document
from geocommons.usecases.findings.document import Findings, say_cell
from geocommons.usecases.findings.say import KIND_WORDS, findings_of
from geocommons.usecases.runs.provenance import address_of, asked_words, input_words

MOST_ROWS = 40
"""A table of a report has at most so many rows: who wants all takes the table itself."""
SHOWN_CHECKSUM = 16
NOT_DONE = mark("Run {run} has no answer to report. Wait until it is done, or ask it again.")
DRAFT = mark("Draft, not published")
FIRST_ROWS = mark("The first {shown} of {all} rows; the CSV has all.")
TABLES = mark("In figures")
MIND = mark("What to mind")
METHOD = mark("How this was computed")
ASKED, VALUE = mark("What was asked"), mark("Answer")
STANDS_ON = mark("It stands on these inputs, each with the beginning of its checksum (SHA-256): {inputs}.")
COMPUTED = mark("Computed on {moment} by GeoCommons {version}, in {seconds} s. The register as of {day}.")
AGAIN = mark("This address shows the same question, and asks it again: {address}")
CHECK = mark("The same inputs give the same answer. The run has their checksums whole, at {address}")


def run_report(store: Store, settings: Settings, run: Run, *, language: str = "en") -> bytes:
    """Return a PDF that says what a run found, shows it on maps, and how it was computed.

    The same run on the same register gives the same bytes: the file is dated as the run is. Raises NotReady for a run
    that is not finished, or whose files are gone.
    """
    if run.state != "finished" or run.finished_at is None:
        raise NotReady(NOT_DONE, run=run.id)
    findings = findings_of(store, run, language)
    pictures = run_pictures(store, settings, run, findings, language)
    sections: list[Section] = [
        *_opening(findings), *_maps(pictures[:1]), *_cautions(findings, language),
        *_tables(findings, language), *[ChartPicture(chart) for chart in findings.charts],
        *_maps(pictures[1:]), *_method(store, settings, run, findings, run.finished_at, language),
    ]  # fmt: skip
    kind = KIND_WORDS[run.kind].say(language)
    draft = "" if run.published_at else f" · {translate(DRAFT, language)}"
    report = Report(
        title=findings.title, subtitle=f"{kind}{draft}", language=language, register=settings.title,
        day=day(str(run.params["at"]), language), sections=sections,
    )  # fmt: skip
    return report_pdf(report, run.finished_at)


def _opening(findings: Findings) -> list[Section]:
    return [
        Paragraph(findings.sentence, lead=True),
        *([Paragraph(" ".join(findings.details))] if findings.details else []),
        Figures([(figure.value, figure.label) for figure in findings.figures]),
    ]


def _maps(pictures: list[RunPicture]) -> list[Section]:
    return [Picture(picture.png, picture.alt) for picture in pictures]


def _cautions(findings: Findings, language: str) -> list[Section]:
    return [Notes(findings.cautions, translate(MIND, language))] if findings.cautions else []


def _tables(findings: Findings, language: str) -> list[Section]:
    sections: list[Section] = [Heading(translate(TABLES, language))] if findings.tables else []
    for table in findings.tables:
        sections.append(_table(table, language))
        if len(table.rows) > MOST_ROWS:
            said = translate(FIRST_ROWS, language)
            more = said.format(shown=number(MOST_ROWS, language), all=number(len(table.rows), language))
            sections.append(Notes([more]))
        if table.hint:
            sections.append(Notes([table.hint]))
    return sections


def _table(table: document.Table, language: str) -> Table:
    """Return a table as paper has it; the share of few people is marked."""
    rows = [
        [
            say_cell(value, column.kind, language) + (" *" if row.few and column.kind == "share" else "")
            for value, column in zip(row.cells, table.columns, strict=True)
        ]
        for row in table.rows[:MOST_ROWS]
    ]
    words = [at for at, column in enumerate(table.columns) if column.kind == "text"]
    return Table([column.title for column in table.columns], rows, table.title, words)


def _method(
    store: Store, settings: Settings, run: Run, findings: Findings, finished_at: datetime, language: str
) -> list[Section]:
    say = Say(language)
    with store.reading() as session:
        asked = asked_words(session, run, language)
    inputs = "; ".join(
        f"{input_words(name, language)} {str(value)[:SHOWN_CHECKSUM]}" for name, value in run.inputs.items()
    )
    computed = say(
        COMPUTED, moment=moment(finished_at, language, settings.time_zone), version=run.version,
        seconds=number(run.duration_s or 0.0, language, 1), day=day(str(run.params["at"]), language),
    )  # fmt: skip
    address = settings.home + address_of(run.kind, run.params)
    return [
        Heading(say(METHOD)),
        *[Paragraph(sentence) for sentence in findings.method],
        Table([say(ASKED), say(VALUE)], asked, words=[0, 1]),
        Notes([
            computed, say(STANDS_ON, inputs=inputs), say(AGAIN, address=address),
            say(CHECK, address=f"{settings.home}/api/runs/{run.id}"),
        ]),
    ]  # fmt: skip
