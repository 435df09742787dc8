"""The sheet that a chart is drawn on: a few shapes and words, each with a role that the style sheet colours."""

import html
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from geocommons.files.charts.lettering import SIZE
from geocommons.files.palette import ALARM, FREE, INK, LINE, LINE_STRONG, MUTED, PAPER, SERIES, SUNK

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 3), (2, 3), (14, 4), (4, 7))
"""Lines differ by dash as well as by colour."""


@dataclass(frozen=True, kw_only=True)
class Paint:
    """How a role looks where no style sheet reaches it: on paper, and in a file of its own."""

    fill: str = ""
    stroke: str = ""
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    size: float = 0.0
    bold: bool = False


def _paints() -> dict[str, Paint]:
    paints = {
        "label": Paint(fill=INK, size=SIZE),
        "value": Paint(fill=INK, size=SIZE, bold=True),
        "name": Paint(fill=INK, size=SIZE, stroke=PAPER, width=3),
        "quiet": Paint(fill=MUTED, size=SIZE - 1),
        "grid": Paint(stroke=LINE),
        "axis": Paint(stroke=LINE_STRONG),
        "track": Paint(fill=SUNK),
        "bar": Paint(fill=SERIES[0]),
        "bar-marked": Paint(fill=ALARM),
        "knock": Paint(stroke=PAPER, width=1.5),
        "whisker": Paint(stroke=INK, width=1.25),
        "whisker-halo": Paint(stroke=PAPER, width=3.25),
        "reference": Paint(stroke=INK, width=1.25, dash=(3, 3)),
        "point": Paint(fill=SERIES[0], opacity=0.6),
        "point-marked": Paint(fill=PAPER, stroke=ALARM, width=2),
        "edge": Paint(stroke=LINE_STRONG, opacity=0.7),
        "edge-strong": Paint(stroke=LINE_STRONG, width=3, opacity=0.7),
        "node": Paint(fill=SERIES[0], stroke=PAPER, width=1.5),
        "node-marked": Paint(fill=PAPER, stroke=ALARM, width=2.5),
    }
    for number, (color, dash) in enumerate(zip(SERIES, DASHES, strict=True), start=1):
        paints[f"line-{number}"] = Paint(stroke=color, width=2.25, dash=dash)
        paints[f"tick-{number}"] = Paint(stroke=color, width=1.5)
        paints[f"band-{number}"] = Paint(fill=color, opacity=0.16)
        paints[f"part-{number}"] = Paint(fill=color)
        paints[f"dot-{number}"] = Paint(fill=color)
        paints[f"on-part-{number}"] = Paint(fill=PAPER, size=SIZE - 1, bold=True)
    paints["part-free"], paints["on-part-free"] = Paint(fill=FREE), paints["on-part-1"]
    return paints


PAINTS = _paints()


class Sheet(Protocol):
    """What charts are drawn on: x to the right and y down, in CSS pixels at natural size."""

    width: float

    def rect(self, role: str, x: float, y: float, width: float, height: float, hint: str = "") -> None:
        """Draw a rectangle; a reader who points at it is told the hint."""

    def path(self, role: str, points: Sequence[Point], *, closed: bool = False) -> None:
        """Draw a line through points, or the area that they enclose."""

    def circle(self, role: str, x: float, y: float, radius: float, hint: str = "") -> None:
        """Draw a circle."""

    def text(self, role: str, x: float, y: float, words: str, anchor: Anchor = "start") -> None:
        """Write words on the baseline y, beginning, centred or ending at x."""


Draw = Callable[[Sheet], float]
"""Draws a chart on a sheet of any width and returns the height that it took."""


@dataclass
class SvgSheet:
    """A sheet that becomes SVG text: roles are classes, their look presentation attributes that a style overrides."""

    width: float
    parts: list[str] = field(default_factory=list)
    role: str = ""

    def rect(self, role: str, x: float, y: float, width: float, height: float, hint: str = "") -> None:
        """Draw a rectangle; a reader who points at it is told the hint."""
        self._add(role, "rect", f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"', hint)

    def path(self, role: str, points: Sequence[Point], *, closed: bool = False) -> None:
        """Draw a line through points, or the area that they enclose."""
        steps = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        if steps:
            self._add(role, "path", f'd="M{steps}{"Z" if closed else ""}"', "")

    def circle(self, role: str, x: float, y: float, radius: float, hint: str = "") -> None:
        """Draw a circle."""
        self._add(role, "circle", f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"', hint)

    def text(self, role: str, x: float, y: float, words: str, anchor: Anchor = "start") -> None:
        """Write words on the baseline y, beginning, centred or ending at x."""
        turned = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._open(role)
        self.parts.append(f'<text x="{_n(x)}" y="{_n(y)}"{turned}>{_text(words)}</text>')

    def finish(self, height: float, title: str, description: str, language: str = "") -> str:
        """Return the drawing as one SVG element with its name and what it shows in words."""
        self._open("")
        spoken = f' lang="{html.escape(language)}"' if language else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart-drawing" viewBox="0 0 {_n(self.width)} {_n(height)}"'
            f' role="img"{spoken} font-family="Atkinson Hyperlegible Next, DejaVu Sans, sans-serif">'
            f"<title>{_text(title)}</title><desc>{_text(description)}</desc>{''.join(self.parts)}</svg>"
        )

    def _add(self, role: str, tag: str, place: str, hint: str) -> None:
        self._open(role)
        self.parts.append(f"<{tag} {place}><title>{_text(hint)}</title></{tag}>" if hint else f"<{tag} {place}/>")

    def _open(self, role: str) -> None:
        """Begin the group of a role, unless the last shape had the same."""
        if role == self.role:
            return
        if self.role:
            self.parts.append("</g>")
        if role:
            self.parts.append(f'<g class="chart-{role}" {_attributes(PAINTS[role])}>')
        self.role = role


def _attributes(paint: Paint) -> str:
    if paint.size:
        weight = ' font-weight="bold"' if paint.bold else ""
        # A rim in the colour of the paper keeps words readable where lines run below them.
        rim = f' stroke="{paint.stroke}" stroke-width="{_n(paint.width)}" paint-order="stroke"' if paint.stroke else ""
        return f'fill="{paint.fill}" font-size="{_n(paint.size)}"{weight}{rim}'
    said = f'fill="{paint.fill or "none"}"'
    if paint.stroke:
        said += f' stroke="{paint.stroke}" stroke-width="{_n(paint.width)}"'
    if paint.dash:
        said += f' stroke-dasharray="{" ".join(map(_n, paint.dash))}"'
    return said + (f' opacity="{_n(paint.opacity)}"' if paint.opacity < 1 else "")


def _n(value: float) -> str:
    """Return a coordinate to a hundredth, always written the same way."""
    return f"{round(value, 2) + 0.0:g}" if math.isfinite(value) else "0"


def _text(words: str) -> str:
    """Return words as XML text; characters that XML cannot hold are left out."""
    return html.escape(NOT_XML.sub("", words), quote=False)
