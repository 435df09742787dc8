"""The parts of findings: a sentence on top, figures, tables, charts, what to mind, and how it was computed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from geocommons.files.charts.chart import Chart
from geocommons.numerals import area, count_decimals, day, metres, number, percent

Cell = str | float | int | None
CellKind = Literal["text", "count", "number", "share", "metres", "area", "day"]
NOTHING = "–"
DECIMALS = 3
WRITERS: dict[str, Callable[..., str]] = {"share": percent, "metres": metres, "area": area}


@dataclass(frozen=True)
class Figure:
    """One figure, as a reader's language writes it, and what it is a figure of; `alarm` marks what is left out.

    `amount` is the figure itself, and `kind` how it is written: by them two runs are compared.
    """

    value: str
    label: str
    alarm: bool
    amount: float | None
    kind: CellKind


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, and how its values are written; a share is drawn as a bar too."""

    title: str
    kind: CellKind = "text"


@dataclass(frozen=True)
class Row:
    """A row of a table: plain values, and what it is about.

    `key` is the value that features of the drawn output have for it, `href` where its name leads, `box` (west, south,
    east, north) where it lies. The share of a row with `few` people is no rate.
    """

    cells: tuple[Cell, ...]
    key: str = ""
    href: str = ""
    box: tuple[float, ...] = ()
    few: bool = False


@dataclass(frozen=True)
class Table:
    """A table; `hint` says below it what its marks mean.

    Tables with the same `fold` are folded away under it on a page: who wants to know more opens them.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    hint: str = ""
    fold: str = ""


FREE = "free"
"""Outputs of this name are stretches that nobody holds, whatever the kind of analysis: they are drawn dashed."""


@dataclass(frozen=True)
class MapLayer:
    """An output of the run as a map draws it.

    `look`: "classes" (areas or points by the classes of a number), "states" (by a word), "ranks" (areas with their
    rank), "lines", "points". `value` is the property that is drawn, `key` the one that names the row of a table,
    `kind` how the value is written, `about` what it is a figure of, where the title does not say it, and `words` what
    the words of "states" are called, in the order of the legend. `proposed` ranks are of what would help: they have
    the colour of what a scenario adds, never that of who is left out.
    """

    output: str
    title: str
    look: Literal["classes", "states", "ranks", "lines", "points"]
    value: str = ""
    key: str = ""
    kind: CellKind = "number"
    about: str = ""
    words: tuple[tuple[str, str], ...] = ()
    proposed: bool = False

    @property
    def sign(self) -> str:
        """How it is drawn as a whole: "free" for stretches that nobody holds, "proposed", or else its look."""
        if self.look == "lines" and self.output == FREE:
            return FREE
        return "proposed" if self.proposed else self.look


@dataclass(frozen=True)
class Findings:
    """What a run found; the first figure is the one that a reader remembers, and `measure` the number behind it.

    `sentence` is what everybody should know of it, `details` what who wants to know more reads after the figures.

    Asked again every month, the measures make a series; `measure_kind` says how they are written.
    """

    title: str
    sentence: str
    details: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    cautions: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    layers: tuple[MapLayer, ...] = ()
    measure: float | None = None
    measure_kind: CellKind = "share"


def figure(
    amount: float | None, kind: CellKind, label: str, language: str, *, alarm: bool = False, value: str = ""
) -> Figure:
    """Return a figure; `value` is how it is written where that is not how its kind is."""
    return Figure(value or say_cell(amount, kind, language), label, alarm, amount, kind)


def say_cell(value: Cell, kind: CellKind, language: str) -> str:
    """Return a value of a table as a reader's language writes it, a dash where there is none."""
    if value is None or value == "":
        return NOTHING
    if kind == "text" or (isinstance(value, str) and kind != "day"):
        return str(value)
    if kind == "day":
        return day(str(value), language, "medium")
    return _written(float(value), kind, language)


def say_together(amounts: Sequence[float], kind: CellKind, language: str) -> list[str]:
    """Return figures that are read together, as the ends of classes are, each with as many decimals."""
    written = [_written(amount, kind, language) for amount in amounts]
    least = max((count_decimals(text, language) for text in written), default=0)
    return [_written(amount, kind, language, least=least) for amount in amounts]


def _written(amount: float, kind: CellKind, language: str, *, least: int = 0) -> str:
    if kind in WRITERS:
        return WRITERS[kind](amount, language, least=least)
    return number(amount, language, 0 if kind == "count" else DECIMALS, least=least)
