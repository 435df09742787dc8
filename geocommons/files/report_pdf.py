"""A report as PDF: set on A4, with an outline and alternative texts, for paper and for the screen."""

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from geocommons.files.charts.sheet import SvgSheet
from geocommons.files.column_widths import column_widths, in_two_lines
from geocommons.files.palette import ACCENT, GROUND, INK, LINE, MUTED
from geocommons.files.pdf_sheet import FONT, PdfSheet, color_parts
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
)  # fmt: skip
from geocommons.language import mark, translate

MARGIN_MM, FOOT_MM = 20.0, 22.0
BODY_PT, SMALL_PT, LEAD_PT, TITLE_PT = 9.5, 8.0, 12.0, 22.0
HEADING_PT = {1: 14.0, 2: 11.0}
SHEET_WIDTH = 720.0
"""How wide charts are laid out, in their own unit: their letters are as small print on paper."""
FIGURES_IN_A_ROW = 4
HALF_A_PAGE_MM = 130.0
LEAST_COLUMN_MM = 12.0
ROW_MM, LEAST_TABLE_MM = 7.0, 62.0
MOST_LINES, LETTERS_LOOKED_AT = 24, 1_000
BESIDE_MM = 3.6
"""What a cell has beside its letters, left and right together, and a hair more: none is broken for a rounding."""
LEAST_SCALE = 0.82
"""A picture that would just not fit on what is left of a page is set so much smaller, before a new page is begun."""
PAGE_OF = mark("Page {page} of {pages}")


def report_pdf(report: Report, made_at: datetime) -> bytes:
    """Return the report as PDF: A4, with what is used of its fonts embedded, the same bytes for the same input.

    `made_at` (with its time zone) is the date that the file states. Letters are those of DejaVu Sans, which
    matplotlib brings along; one that it lacks (Chinese, emoji) is a box.
    """
    pdf = _document(report, made_at)
    pdf.add_page()
    _set_head(pdf, report)
    last = max((at for at, section in enumerate(report.sections) if isinstance(section, Heading)), default=0)
    for at, (section, following) in enumerate(zip(report.sections, [*report.sections, None][1:], strict=True)):
        if isinstance(section, Heading):
            # A heading never stands alone at the foot of a page.
            _keep(pdf, 16 + min(_height(pdf, following), HALF_A_PAGE_MM))
            if at == last and not _fits(pdf, report.sections[at:]):
                # Nor does the end of a report, away from what it ends.
                pdf.add_page()
        if isinstance(section, Table) and isinstance(following, Notes):
            # Nor does small print stand alone on top of one.
            together = _whole_height(section) + _notes_height(pdf, following)
            _keep(pdf, together if together <= HALF_A_PAGE_MM else 0.0)
        _set(pdf, section)
    return bytes(pdf.output())


def _document(report: Report, made_at: datetime) -> Any:
    import matplotlib
    from fpdf import FPDF

    pdf: Any = FPDF(format="A4", unit="mm")
    letters = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    pdf.add_font(FONT, "", letters / "DejaVuSans.ttf")
    pdf.add_font(FONT, "B", letters / "DejaVuSans-Bold.ttf")
    pdf.set_margins(MARGIN_MM, MARGIN_MM)
    pdf.c_margin = 0
    pdf.set_auto_page_break(True, FOOT_MM)
    pdf.set_title(report.title)
    pdf.set_subject(report.subtitle)
    pdf.set_author(report.register)
    pdf.set_creator("GeoCommons")
    pdf.set_lang(report.language)
    pdf.set_creation_date(made_at)
    pdf.header = lambda: _set_top(pdf, report)
    pdf.footer = lambda: _set_foot(pdf, report)
    return pdf


def _set_top(pdf: Any, report: Report) -> None:
    """Repeat the title on top of every page but the first."""
    if pdf.page_no() == 1:
        return
    pdf.set_y(11)
    _write(pdf, _one_line(pdf, report.title, pdf.epw, SMALL_PT), size=SMALL_PT, color=MUTED)
    _rule(pdf, 16.5)
    pdf.set_y(MARGIN_MM + 2)


def _set_foot(pdf: Any, report: Report) -> None:
    _rule(pdf, pdf.h - 15.5)
    pdf.set_y(-14)
    # The number of pages is known at the end only, so that it cannot be set flush right.
    pages = translate(PAGE_OF, report.language).format(page=pdf.page_no(), pages="{nb}")
    _letters(pdf, SMALL_PT, MUTED)
    pdf.cell(pdf.epw * 0.3, 4, pages)
    owner = _one_line(pdf, f"{report.register} · {report.day}", pdf.epw * 0.68, SMALL_PT)
    pdf.cell(pdf.epw * 0.7, 4, owner, align="R")


def _set_head(pdf: Any, report: Report) -> None:
    """Set the head of the first page: whose report, its title, and of what."""
    pdf.set_fill_color(*color_parts(ACCENT))
    pdf.rect(MARGIN_MM, MARGIN_MM, 14, 1.6, style="F")
    pdf.set_y(MARGIN_MM + 6)
    _write(pdf, f"{report.register} · {report.day}", size=BODY_PT, color=ACCENT, bold=True)
    pdf.ln(2)
    _write(pdf, report.title, size=TITLE_PT, bold=True, line=1.15)
    if report.subtitle:
        pdf.ln(1.5)
        _write(pdf, report.subtitle, size=LEAD_PT, color=MUTED, line=1.35)
    pdf.ln(5)


def _set(pdf: Any, section: Section) -> None:
    match section:
        case Heading():
            _set_heading(pdf, section)
        case Paragraph():
            size = LEAD_PT if section.lead else BODY_PT
            _write(pdf, section.words, size=size, line=1.5)
            pdf.ln(3)
        case Figures():
            _set_figures(pdf, section)
        case Table():
            _set_table(pdf, section)
        case Picture():
            _set_picture(pdf, section)
        case ChartPicture():
            _set_chart(pdf, section)
        case Notes():
            _set_notes(pdf, section)


def _set_heading(pdf: Any, heading: Heading) -> None:
    size = HEADING_PT.get(heading.level, BODY_PT)
    pdf.ln(3.5 if heading.level == 1 else 1.5)
    pdf.start_section(heading.words, level=min(heading.level, 2) - 1, strict=False)
    _write(pdf, heading.words, size=size, bold=True, line=1.25)
    pdf.ln(1.5)


def _set_figures(pdf: Any, figures: Figures) -> None:
    """Set figures in rows of at most four, each large over what it is, under a thin line."""
    columns = min(FIGURES_IN_A_ROW, max(len(figures.items), 1))
    gap = 5.0
    width = (pdf.epw - gap * (columns - 1)) / columns
    for start in range(0, len(figures.items), columns):
        row = figures.items[start : start + columns]
        _keep(pdf, 24)
        top, bottom = pdf.get_y() + 1.5, pdf.get_y()
        for place, (figure, words) in enumerate(row):
            left = MARGIN_MM + place * (width + gap)
            _rule(pdf, top, left, left + width, ACCENT, 0.5)
            pdf.set_xy(left, top + 2)
            size = min(18.0, 18.0 * width / max(_width(pdf, figure, 18.0, bold=True) + 1, 1))
            _write(pdf, figure, size=size, bold=True, width=width, line=1.2)
            pdf.set_x(left)
            _write(pdf, words, size=SMALL_PT + 0.5, color=MUTED, width=width, line=1.35)
            bottom = max(bottom, pdf.get_y())
        pdf.set_xy(MARGIN_MM, bottom + 3.5)


def _set_table(pdf: Any, table: Table) -> None:
    from fpdf.enums import TableBordersLayout
    from fpdf.fonts import FontFace

    _keep(pdf, _table_height(table))
    if table.title:
        _write(pdf, table.title, size=BODY_PT, bold=True)
        pdf.ln(1)
    pdf.set_draw_color(*color_parts(LINE))
    pdf.set_line_width(0.2)
    pdf.set_fill_color(0)  # none, as fpdf2 fills cells with whatever else was the last
    words = {0, *table.words}
    widths = _column_widths(pdf, [table.columns, *table.rows], set(table.words) or {0})
    rows = [
        [_cell(pdf, cell, width) for cell, width in zip(row, widths, strict=True)]
        for row in (table.columns, *table.rows)
    ]
    _letters(pdf, SMALL_PT + 0.5, INK)
    with pdf.table(
        width=pdf.epw, col_widths=widths, line_height=4.6, padding=(1.1, 1.6),
        text_align=tuple("LEFT" if column in words else "RIGHT" for column in range(len(table.columns))),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES, align="LEFT", v_align="TOP",
        headings_style=FontFace(emphasis="BOLD", color=color_parts(MUTED), fill_color=color_parts(GROUND)),
    ) as made:  # fmt: skip
        for row in rows:
            made.row(row)
    pdf.ln(4)


def _column_widths(pdf: Any, rows: Sequence[Sequence[str]], words: set[int]) -> tuple[float, ...]:
    """Return widths in mm that fill the page: no word and no figure is broken, and all columns take as many lines.

    A figure stays on its line and its head takes two at most; what is left over goes to columns of words.
    """
    plain, bold = (partial(_width, pdf, size=SMALL_PT + 0.5, bold=heavy) for heavy in (False, True))
    least, whole, flat = [], [], []
    for column, (head, *cells) in enumerate(zip(*rows, strict=True)):
        some = [cell[:LETTERS_LOOKED_AT] for cell in cells]
        line = max(map(plain, some), default=0.0)
        broken = max(map(plain, {word for cell in some for word in cell.split()}), default=0.0)
        least.append(max(*map(bold, head.split() or [""]), 0.0, broken if column in words else line) + BESIDE_MM)
        whole.append(max(least[-1], max(line, in_two_lines(head, bold)) + BESIDE_MM, LEAST_COLUMN_MM))
        flat.append(max(whole[-1], bold(head) + BESIDE_MM))
    widths = column_widths(least, flat if sum(flat) <= pdf.epw else whole, pdf.epw)
    spare = max(pdf.epw - sum(widths), 0.0)
    wide = sum(widths[column] for column in words)
    return tuple(one + spare * one / wide if at in words else one for at, one in enumerate(widths))


def _set_picture(pdf: Any, picture: Picture) -> None:
    width, height = _picture_size(pdf, picture)
    scale = min(1.0, (pdf.h - FOOT_MM - pdf.get_y() - 5) / height)
    if scale >= LEAST_SCALE:
        width, height = width * scale, height * scale
    _keep(pdf, height + 5)
    pdf.image(io.BytesIO(picture.png), x=MARGIN_MM, w=width, alt_text=picture.alt)
    pdf.ln(1.5)
    if picture.caption:
        _write(pdf, picture.caption, size=SMALL_PT, color=MUTED, line=1.4)
    pdf.ln(4)


def _picture_size(pdf: Any, picture: Picture) -> tuple[float, float]:
    """Return width and height in mm: as wide as the page, unless it is too high for that."""
    from PIL import Image

    with Image.open(io.BytesIO(picture.png)) as image:
        wide, high = image.size
    unit_mm = min(pdf.epw / wide, _room(pdf) / high)
    return wide * unit_mm, high * unit_mm


def _set_chart(pdf: Any, section: ChartPicture) -> None:
    """Draw a chart under its title, and what it shows in words; none of the three alone on a page."""
    chart = section.chart
    unit_mm, height = _chart_size(pdf, section)
    _keep(pdf, height + 18)
    _write(pdf, chart.title, size=BODY_PT + 0.5, bold=True)
    if chart.description:
        _write(pdf, chart.description, size=SMALL_PT + 0.5, color=MUTED, line=1.4)
    pdf.ln(2.5)
    top = pdf.get_y()
    with _alternative(pdf, f"{chart.title}. {chart.description}"):
        chart.draw(PdfSheet(pdf, SHEET_WIDTH, MARGIN_MM, top, unit_mm))
    pdf.set_xy(MARGIN_MM, top + height + 5)
    if section.with_table and chart.rows:
        _set_table(pdf, Table(chart.columns, chart.rows))


def _chart_size(pdf: Any, section: ChartPicture) -> tuple[float, float]:
    """Return millimetres for each unit of the drawing, and its height in mm."""
    height = max(section.chart.draw(SvgSheet(SHEET_WIDTH)), 1.0)
    unit_mm = min(pdf.epw / SHEET_WIDTH, _room(pdf) / height)
    return unit_mm, height * unit_mm


def _height(pdf: Any, section: Section | None) -> float:
    """Return how much of a section, in mm, has to stand on the page of its heading."""
    if isinstance(section, Picture):
        return _picture_size(pdf, section)[1] + 10
    if isinstance(section, Table):
        return _table_height(section)
    return _chart_size(pdf, section)[1] + 18 if isinstance(section, ChartPicture) else 24.0


def _table_height(table: Table) -> float:
    """Return about how much of a table stands together: a short one is whole, a long one begins with a few rows."""
    return min(_whole_height(table), LEAST_TABLE_MM)


def _whole_height(table: Table) -> float:
    return (6 if table.title else 0) + ROW_MM * (len(table.rows) + 1) + 5


def _room(pdf: Any) -> float:
    """Return the height in mm that the largest drawing may take."""
    room: float = pdf.h - MARGIN_MM - FOOT_MM - 45
    return room


def _alternative(pdf: Any, words: str) -> AbstractContextManager[Any]:
    """Give what is drawn a text for those who do not see it, as fpdf2 does for images; drawings have no door to it."""
    marked: AbstractContextManager[Any] = pdf._marked_sequence(alt_text=words)
    return marked


def _set_notes(pdf: Any, notes: Notes) -> None:
    if notes.title:
        _keep(pdf, 20)
        _write(pdf, notes.title, size=BODY_PT, bold=True)
        pdf.ln(1)
    for line in notes.lines:
        _keep(pdf, _note_height(pdf, line))
        _write(pdf, line, size=SMALL_PT + 0.5, color=MUTED, line=1.45)
        pdf.ln(1.2)
    pdf.ln(2)


def _notes_height(pdf: Any, notes: Notes) -> float:
    return sum(_note_height(pdf, line) for line in notes.lines) + (6.0 if notes.title else 0.0)


def _note_height(pdf: Any, line: str) -> float:
    _letters(pdf, SMALL_PT + 0.5, MUTED)
    height: float = pdf.multi_cell(0, (SMALL_PT + 0.5) * 1.45 * 25.4 / 72, line, dry_run=True, output="HEIGHT")
    return min(height + 1.2, HALF_A_PAGE_MM)


def _write(
    pdf: Any, words: str, *, size: float, color: str = INK, bold: bool = False, width: float = 0.0, line: float = 1.3
) -> None:
    """Write words from the left margin, or within a width, in as many lines as they need."""
    _letters(pdf, size, color, bold=bold)
    pdf.multi_cell(width, size * line * 25.4 / 72, words, align="L", new_x="LMARGIN", new_y="NEXT")


def _letters(pdf: Any, size: float, color: str, *, bold: bool = False) -> None:
    pdf.set_font(FONT, "B" if bold else "", size)
    pdf.set_text_color(*color_parts(color))


def _width(pdf: Any, words: str, size: float, *, bold: bool = False) -> float:
    _letters(pdf, size, INK, bold=bold)
    width: float = pdf.get_string_width(words)
    return width


def _one_line(pdf: Any, words: str, room: float, size: float) -> str:
    """Return words that fit on one line, cut short with an ellipsis where they would not."""
    short = words
    while short and _width(pdf, short if short == words else f"{short}…", size) > room - 2:
        short = short[:-1]
    return words if short == words else f"{short.rstrip()}…"


def _cell(pdf: Any, words: str, width: float) -> str:
    """Return words that take so few lines of a column that a row never is higher than a page."""
    room = (width - 4) * MOST_LINES
    if len(words) < LETTERS_LOOKED_AT and _width(pdf, words, SMALL_PT + 0.5, bold=True) <= room:
        return words
    most = min(len(words), LETTERS_LOOKED_AT)
    while most and _width(pdf, words[:most], SMALL_PT + 0.5, bold=True) > room:
        most = most * 9 // 10
    return f"{words[:most]}…"


def _keep(pdf: Any, height: float) -> None:
    """Begin a new page where so much no longer fits, so that what belongs together stays together."""
    if pdf.get_y() + height > pdf.h - FOOT_MM and pdf.get_y() > MARGIN_MM + 5:
        pdf.add_page()


def _fits(pdf: Any, sections: Sequence[Section]) -> bool:
    """Return whether what is left of a page holds some sections."""
    with pdf.offset_rendering() as tried:
        for section in sections:
            _set(tried, section)
    return not tried.page_break_triggered


def _rule(
    pdf: Any, y: float, left: float = MARGIN_MM, right: float = 0.0, color: str = LINE, width: float = 0.2
) -> None:
    pdf.set_draw_color(*color_parts(color))
    pdf.set_line_width(width)
    pdf.line(left, y, right or pdf.w - MARGIN_MM, y)
