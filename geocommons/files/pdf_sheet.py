"""A sheet that draws a chart into a PDF: the same shapes as its SVG, in the colours of paper."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from geocommons.files.charts.sheet import PAINTS, Anchor, Paint, Point

FONT = "DejaVu"
MM_PER_POINT = 25.4 / 72


@dataclass
class PdfSheet:
    """A sheet in an fpdf2 document: its upper left corner at (left, top) mm, `unit_mm` millimetres for each unit."""

    pdf: Any
    width: float
    left: float
    top: float
    unit_mm: float

    def rect(self, role: str, x: float, y: float, width: float, height: float, hint: str = "") -> None:
        """Draw a rectangle; paper has no hints."""
        with self._painted(PAINTS[role]) as style:
            self.pdf.rect(*self._at((x, y)), width * self.unit_mm, height * self.unit_mm, style=style)

    def path(self, role: str, points: Sequence[Point], *, closed: bool = False) -> None:
        """Draw a line through points, or the area that they enclose."""
        if len(points) > 1:
            with self._painted(PAINTS[role]) as style:
                self.pdf.polyline([self._at(point) for point in points], polygon=closed, style=style if closed else "D")

    def circle(self, role: str, x: float, y: float, radius: float, hint: str = "") -> None:
        """Draw a circle."""
        with self._painted(PAINTS[role]) as style:
            self.pdf.circle(*self._at((x, y)), radius * self.unit_mm, style=style)

    def text(self, role: str, x: float, y: float, words: str, anchor: Anchor = "start") -> None:
        """Write words on the baseline y, beginning, centred or ending at x."""
        paint = PAINTS[role]
        self.pdf.set_font(FONT, "B" if paint.bold else "", paint.size * self.unit_mm / MM_PER_POINT)
        self.pdf.set_text_color(*color_parts(paint.fill))
        left, base = self._at((x, y))
        width = self.pdf.get_string_width(words)
        self.pdf.text(left - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor], base, words)

    def _at(self, point: Point) -> Point:
        return self.left + float(point[0]) * self.unit_mm, self.top + float(point[1]) * self.unit_mm

    @contextmanager
    def _painted(self, paint: Paint) -> Iterator[str]:
        """Set colours, width, dash and opacity, and give the style that fpdf2 draws with."""
        if paint.fill:
            self.pdf.set_fill_color(*color_parts(paint.fill))
        if paint.stroke:
            self.pdf.set_draw_color(*color_parts(paint.stroke))
            self.pdf.set_line_width(paint.width * self.unit_mm)
        # Ends of strokes stand out by half a width in a PDF of fpdf2: dashes are so much shorter, and gaps longer.
        dash = [
            max(part + by, 0.1) * self.unit_mm
            for part, by in zip(paint.dash, (-paint.width, paint.width), strict=False)
        ]
        with self.pdf.local_context(fill_opacity=paint.opacity, stroke_opacity=paint.opacity):
            self.pdf.set_dash_pattern(*dash)
            yield ("D" if paint.stroke else "") + ("F" if paint.fill else "") or "D"
            self.pdf.set_dash_pattern()


def color_parts(color: str) -> tuple[int, int, int]:
    """Return the parts of a colour (#rrggbb), from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
