"""Fit words into the room that a chart has for them, without a browser to ask."""

import unicodedata
from functools import cache

SIZE = 13.0
"""Size of the text of a chart, in the units of its drawing (CSS pixels at natural size)."""
LINE = 16.0
BOLD = 1.09
WIDTHS = {
    0.30: "'IJijl", 0.35: " ,./:;\\|", 0.40: "()-[]ft", 0.45: "!r", 0.50: '"*_`', 0.55: "?csz", 0.60: "FLkvxy",
    0.65: "$0123456789EPSTYabdeghnopqu{}", 0.70: "ABCKRVXZ", 0.75: "NU", 0.80: "&DGHOQ", 0.85: "#+<=>^w~",
    0.90: "M", 1.00: "%@Wm",
}  # fmt: skip
"""Widths of letters in em, rounded up, of DejaVu Sans: the widest of the fonts that a reader may see."""
OTHER, WIDE = 0.7, 1.05


def width_of(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Return how wide a text is at most, in the unit of `size`."""
    return sum(_em(letter) for letter in text) * size * (BOLD if bold else 1.0)


@cache
def _em(letter: str) -> float:
    base = unicodedata.normalize("NFD", letter)[0]
    for em, letters in WIDTHS.items():
        if base in letters:
            return em
    if unicodedata.combining(base):
        return 0.0
    return WIDE if unicodedata.east_asian_width(base) in "WF" else OTHER


def fit(text: str, room: float, *, lines: int = 1, size: float = SIZE, bold: bool = False) -> list[str]:
    """Return a text in at most so many lines, none wider than `room`; what does not fit ends in an ellipsis."""

    def fits(some: str) -> bool:
        return width_of(some, size, bold=bold) <= room

    rows: list[str] = []
    rest = " ".join(text.split())
    while rest and len(rows) < lines:
        if fits(rest):
            return [*rows, rest]
        cut = next(n for n in range(len(rest) - 1, -1, -1) if n == 0 or fits(rest[:n] + "…"))
        if len(rows) == lines - 1 or cut == 0:
            return [*rows, rest[:cut].rstrip() + "…"]
        blank = max(rest.rfind(" ", 0, cut + 1), rest.rfind("-", 0, cut) + 1)
        end = blank if blank > cut // 3 else cut
        rows.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return rows
