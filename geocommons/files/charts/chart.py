"""A chart: one drawing for any width, the words around it, and the table behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from geocommons.files.charts.sheet import Draw, SvgSheet

NARROW, WIDE = 320.0, 640.0
"""Widths that charts are drawn at for a phone, and for a desk or a sheet of paper, in CSS pixels."""
Form = Callable[[float], str]
"""How a figure is written in the reader's language."""
NONE = "–"


@dataclass(frozen=True, kw_only=True)
class ChartText:
    """What a chart says in the reader's language: its name, what it shows in one sentence, the heads of its table.

    `x_label` and `y_label` name axes with their units; a chart without such an axis leaves them out.
    """

    title: str
    description: str
    columns: Sequence[str]
    x_label: str = ""
    y_label: str = ""
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A line to compare with: the city's mean, a standard, and how the line is called."""

    value: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawing and its table: `columns` are heads, `rows` figures as they are read, their first cell names the row.

    `svg` is drawn for a phone and `wide` for a desk; `drawn(width_px)` gives any width. `draw` draws on any `Sheet`.
    """

    title: str
    description: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    draw: Draw = field(compare=False)
    language: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.title}: a row is not as long as the heads {self.columns}")

    @property
    def svg(self) -> str:
        """Return the chart as an SVG element for a phone."""
        return self.drawn(NARROW)

    @property
    def wide(self) -> str:
        """Return the chart as an SVG element for a desk, or for paper."""
        return self.drawn(WIDE)

    def drawn(self, width_px: float) -> str:
        """Return the chart as an SVG element, which is also a whole SVG file, laid out for a width."""
        sheet = SvgSheet(width_px)
        return sheet.finish(self.draw(sheet), self.title, self.description, self.language)


def chart(text: ChartText, columns: Sequence[str], rows: Sequence[Sequence[str]], draw: Draw) -> Chart:
    """Return a chart with its words."""
    table = tuple(tuple(row) for row in rows)
    return Chart(text.title, text.description, tuple(columns), table, draw, text.language)


def said(value: float | None, form: Form) -> str:
    """Return a figure as it is read, or a dash where there is none."""
    return NONE if value is None or value != value else form(value)
