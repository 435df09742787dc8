"""A report as PDF: what a reader, a screen reader and an archive find in it."""

import io
from datetime import UTC, datetime

import pytest
from PIL import Image
from pypdf import PdfReader

from geocommons.files.charts.bars import Bar, bar_chart
from geocommons.files.charts.chart import ChartText
from geocommons.files.report import (
    ChartPicture,
    Figures,
    Heading,
    Notes,
    Paragraph,
    Picture,
    Report,
    Section,
    Table,
)
from geocommons.files.report_pdf import report_pdf
from tests.files.charts.make import LONG, NASTY, UNBROKEN, every_chart, share

MADE = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
A4_POINTS = (595.28, 841.89)


def made(*sections: Section, language: str = "en", title: str = "Who can reach a garden") -> bytes:
    """Return a report of some sections."""
    return report_pdf(
        Report(title=title, subtitle="Łódź & Søns", language=language, register="Testdorp", day="1 May 2026",
               sections=sections), MADE,
    )  # fmt: skip


def read(*sections: Section, language: str = "en") -> PdfReader:
    """Return a report as somebody reads it."""
    return PdfReader(io.BytesIO(made(*sections, language=language)))


def words_of(reader: PdfReader) -> list[str]:
    """Return the words of each page, on one line."""
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def picture(width: int = 40, height: int = 30) -> bytes:
    """Return a small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#0b6158").save(file, "PNG")
    return file.getvalue()


def test_figures_heads_and_notes_can_be_read_out_of_the_file() -> None:
    (page,) = words_of(
        read(
            Paragraph("71 % of 104,200 people.", lead=True), Figures([("73,982", "people within reach")]),
            Heading("By district"), Table(["District", "Within reach"], [["Łódź-straße", "38 %"]], title="All"),
            Notes(["Walks along streets."], title="Method"),
        )
    )  # fmt: skip
    for said in (
        "Łódź & Søns", "71 % of 104,200 people.", "73,982", "people within reach", "By district", "District",
        "Łódź-straße", "38 %", "Method", "Walks along streets.", "Page 1 of 1", "Testdorp · 1 May 2026",
    ):  # fmt: skip
        assert said in page


def test_the_head_of_a_long_table_stands_on_every_page_of_it() -> None:
    rows = [[f"Neighbourhood {n}", str(n)] for n in range(200)]
    pages = words_of(read(Table(["Neighbourhood", "People"], rows)))
    assert 4 <= len(pages) <= 7
    for number, page in enumerate(pages, start=1):
        assert page.count("Neighbourhood People") == 1
        assert f"Page {number} of {len(pages)}" in page
    assert all(f"Neighbourhood {n} {n}" in " ".join(pages) for n in range(200))


def test_a_column_is_as_wide_as_its_figures_and_rows_are_not_bold() -> None:
    rows = [["Neighbourhood", "Brookside", "1,234,567.8 %"]] * 30
    reader = read(Table(["Name", "In", "n"], rows, words=(1,)))
    assert words_of(reader)[0].count("Neighbourhood Brookside 1,234,567.8 %") == 30
    fonts: dict[str, str] = {}

    def visit(text: str, _cm: object, _tm: object, font: dict[str, str] | None, _size: float) -> None:
        fonts[text.strip()] = font["/BaseFont"] if font else ""

    reader.pages[0].extract_text(visitor_text=visit)
    assert "Bold" not in fonts["Brookside"] and "Bold" in fonts["In"]


def test_no_word_of_a_table_is_broken_where_all_of_them_fit() -> None:
    why = "a site just too far (42%), a site behind a barrier (36%), no site (23%)"
    heads = ["Rank", "Districts", "Why", "Land inside it", "Children", "Older people", "Low income"]
    (page,) = words_of(read(Table(heads, [["1", "Zuiderstad", why, "Schippersstraat 23", "1,663", "773", "3,696"]],
                                  words=[1, 2, 3])))  # fmt: skip
    assert why in page and all(word in page for head in heads for word in head.split())
    assert "Schippersstraat 23" in page and "Zuiderstad" in page


@pytest.mark.parametrize("lines", range(20, 40))
def test_small_print_never_stands_alone_on_a_page(lines: int) -> None:
    rows = [[f"Question {row}", "yes"] for row in range(6)]
    above = [Paragraph("One line of a method.") for _ in range(lines)]
    pages = words_of(read(*above, Table(["Asked", "Answer"], rows, words=[0, 1]), Notes(["Computed.", "Address."])))
    (page,) = [page for page in pages if "Computed." in page]
    assert "Question 5" in page and "Address." in page


def test_a_picture_that_nearly_fits_is_set_smaller_and_one_that_does_not_begins_a_page() -> None:
    def pages(height: int) -> int:
        return len(read(*[Paragraph("A line.") for _ in range(10)], Picture(picture(170, height), "A map")).pages)

    assert (pages(120), pages(145), pages(200)) == (1, 1, 2)


def test_the_same_report_is_the_same_file() -> None:
    sections = [ChartPicture(every_chart()["bars"], with_table=True), Picture(picture(), "a square"), Heading("Łódź")]
    assert made(*sections) == made(*sections)


def test_the_file_says_what_it_is_and_when_it_was_made() -> None:
    reader = read(Heading("One"), Heading("One more", 2), Heading("Two"), language="nl")
    found = reader.metadata
    assert found is not None
    assert (found.title, found.author, found.creation_date) == ("Who can reach a garden", "Testdorp", MADE)
    assert reader.root_object["/Lang"] == "nl"
    one, below, two = reader.outline
    assert [one.title, below[0].title, two.title] == ["One", "One more", "Two"]
    assert "Pagina 1 van 1" in words_of(reader)[0]
    assert tuple(map(float, reader.pages[0].mediabox[2:])) == pytest.approx(A4_POINTS, abs=0.1)


def test_fonts_are_embedded_and_only_what_is_used_of_them() -> None:
    data = made(Paragraph("Plain"), ChartPicture(every_chart()["months"]))
    fonts = PdfReader(io.BytesIO(data)).pages[0]["/Resources"]["/Font"]
    for font in fonts.values():
        descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor and "DejaVu" in descriptor["/FontName"]
    assert len(data) < 100_000


def test_who_does_not_see_is_told_what_is_drawn() -> None:
    text = ChartText(title="Bars", description="Harbour is least served.", columns=["District", "Share"])
    chart = bar_chart([Bar(label="Harbour", value=0.38)], text, form=share, high=1.0)
    data = made(Picture(picture(), "A map of gaps", "Figure 1"), ChartPicture(chart))
    reader = PdfReader(io.BytesIO(data))
    told = [one.get_object().get("/Alt") for one in reader.xref_objStm or {}] or [
        found["/Alt"]
        for number in range(1, len(reader.xref[0]) + 1)
        if isinstance(found := reader.get_object(number), dict) and "/Alt" in found
    ]
    assert {"A map of gaps", "Bars. Harbour is least served."} <= set(told)


def test_a_chart_is_letters_and_lines_not_a_picture() -> None:
    reader = read(*(ChartPicture(chart) for chart in every_chart().values()))
    assert not any(page.images for page in reader.pages)
    said = " ".join(words_of(reader))
    assert "75% *" in said and "January 2025" in said and "8,000,000 m" in said


def test_a_heading_stands_on_the_page_of_what_it_heads() -> None:
    tall = Picture(picture(100, 60), "tall")
    pages = words_of(read(tall, tall, Heading("Lonely"), tall))
    assert "Lonely" not in pages[0] and "Lonely" in pages[1]


@pytest.mark.parametrize("columns", [1, 5, 14])
def test_names_of_any_length_fit_a_table(columns: int) -> None:
    rows = [[name] * columns for name in (LONG, NASTY, UNBROKEN, "", "東京", "W" * 2000)]
    pages = words_of(read(Table([LONG] * columns, rows), Heading(UNBROKEN * 3), Figures([(UNBROKEN, LONG)] * 5)))
    assert pages


@pytest.mark.parametrize("filling", range(0, 40, 2))
def test_the_end_of_a_report_never_stands_alone_away_from_its_chapter(filling: int) -> None:
    asked = Table(["What was asked", "Answer"], [[f"Question {at}", "Answer " * (at + 1)] for at in range(6)])
    end: list[Section] = [Heading("How this was computed"), Paragraph("Walks. " * 40), asked, Notes(["Address."])]
    reader = read(*[Paragraph("Before. " * 30)] * filling, *end)
    ends = [page for page in words_of(reader) if "Question" in page or "Address." in page or "computed" in page]
    assert len(ends) == 1 and all(said in ends[0] for said in ("How this was computed", "Question 5", "Address."))
    assert [one.title for one in reader.outline] == ["How this was computed"]  # type: ignore[union-attr]


def test_nothing_to_say_is_a_page_with_its_head() -> None:
    assert "Who can reach a garden" in words_of(read())[0]
    assert words_of(read(Table(["A", "B"], []), Figures([]), Notes([]), Paragraph("")))
