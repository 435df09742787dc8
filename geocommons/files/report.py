"""A report before it is set: headings, words, figures, tables and pictures, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from geocommons.files.charts.chart import Chart


@dataclass(frozen=True)
class Heading:
    """A heading that stands in the outline, too; level 1 or 2."""

    words: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a lead is set larger, for the sentence that says it all."""

    words: str
    lead: bool = False


@dataclass(frozen=True)
class Figures:
    """Headline figures side by side: each as it is read, and what it is."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table whose heads are repeated on each page; columns but the first are figures, unless in `words`."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    words: Sequence[int] = ()


@dataclass(frozen=True)
class Picture:
    """A picture (PNG) over the width of the page, with words for those who do not see it, and a caption."""

    png: bytes
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class ChartPicture:
    """A chart, drawn as lines and letters, with its title and description; its table below where it is asked for."""

    chart: Chart
    with_table: bool = False


@dataclass(frozen=True)
class Notes:
    """Small print: method, sources, what was not assessed; one paragraph each."""

    lines: Sequence[str]
    title: str = ""


Section = Heading | Paragraph | Figures | Table | Picture | ChartPicture | Notes


@dataclass(frozen=True, kw_only=True)
class Report:
    """A document in one language; `register` and `day` stand at the foot of each page, as they are read."""

    title: str
    subtitle: str
    language: str
    register: str
    day: str
    sections: Sequence[Section]
