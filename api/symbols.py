"""Draw the map's signs: one mark per status, one symbol per layer, as paths that pages and canvas both draw."""

import re
from types import MappingProxyType
from typing import Literal, NamedTuple

Ink = Literal["fill", "line", "paper", "knock"]
"""fill: the layer's colour; line: a stroke of it; paper: the page's colour; knock: a stroke of that on the fill."""


class Stroke(NamedTuple):
    """One path of a sign and the ink it is drawn with."""

    ink: Ink
    path: str


_DISC = "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 1 1 0-13z"
_SQUARE = "M2.5 2.5h11v11h-11z"
_DIAMOND = "M8 .6 15.4 8 8 15.4 .6 8z"
_TRIANGLE = "M8 1.3 15.3 14.2H.7z"

MARKS: MappingProxyType[str, tuple[Stroke, ...]] = MappingProxyType(
    {
        "available": (Stroke("paper", _DISC), Stroke("line", _DISC), Stroke("line", "M8 5v6M5 8h6")),
        "requested": (
            Stroke("paper", _DISC),
            Stroke("fill", "M8 1.5a6.5 6.5 0 0 0 0 13z"),
            Stroke("line", _DISC),
        ),
        "cared_for": (Stroke("fill", _DISC), Stroke("knock", "M4.9 8.3l2.2 2.2 4.1-4.6")),
        "needs_help": (Stroke("fill", _TRIANGLE), Stroke("knock", "M8 6v3.6M8 11.7v.5")),
        "lapsing": (Stroke("fill", _DIAMOND), Stroke("knock", "M8 4.4v3.9l2.3 1.5")),
        "not_adoptable": (Stroke("paper", _SQUARE), Stroke("line", _SQUARE), Stroke("line", "M4.6 11.4l6.8-6.8")),
    }
)
"""Status marks on a 16 x 16 grid: each has a shape of its own, so that nobody needs its colour."""

SYMBOLS: MappingProxyType[str, str] = MappingProxyType(
    {
        "house": "M3.5 11.5 12 4l8.5 7.5M6 9.8v9.7h12V9.8M10 19.5v-5h4v5",
        "flower": (
            "M12 9.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 1 1 0-4.8"
            "M12 9.6c-2.8-1.8-2.8-5.6 0-6.8 2.8 1.2 2.8 5 0 6.8M12 14.4c-2.8 1.8-2.8 5.6 0 6.8 2.8-1.2 2.8-5 0-6.8"
            "M9.6 12c-1.8-2.8-5.6-2.8-6.8 0 1.2 2.8 5 2.8 6.8 0M14.4 12c1.8-2.8 5.6-2.8 6.8 0-1.2 2.8-5 2.8-6.8 0"
        ),
        "sprout": "M12 20.5V11M12 13.5c0-4.2-2.6-6.8-7.3-6.8 0 4.2 2.6 6.8 7.3 6.8z"
        "M12 11c0-4.2 2.6-6.8 7.3-6.8 0 4.2-2.6 6.8-7.3 6.8z",
        "water": (
            "M3 7.5c1.5-1.7 3-1.7 4.5 0s3 1.7 4.5 0 3-1.7 4.5 0 3 1.7 4.5 0"
            "M3 12.5c1.5-1.7 3-1.7 4.5 0s3 1.7 4.5 0 3-1.7 4.5 0 3 1.7 4.5 0"
            "M3 17.5c1.5-1.7 3-1.7 4.5 0s3 1.7 4.5 0 3-1.7 4.5 0 3 1.7 4.5 0"
        ),
        "droplet": "M12 3.2c3.7 4.4 5.8 7.5 5.8 10.4a5.8 5.8 0 0 1-11.6 0C6.2 10.7 8.3 7.6 12 3.2z",
        "square-dashed": "M4.5 8.5v-4h4M15.5 4.5h4v4M19.5 15.5v4h-4M8.5 19.5h-4v-4"
        "M11 4.5h2M11 19.5h2M4.5 11v2M19.5 11v2",
        "dot": "M12 6.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 1 1 0-11z",
    }
)
"""Layer symbols on a 24 x 24 grid, drawn as strokes; a layer may name any of them."""

ICONS: MappingProxyType[str, str] = MappingProxyType(
    {
        "locate": "M12 2v4M12 18v4M2 12h4M18 12h4M12 6a6 6 0 1 1 0 12 6 6 0 1 1 0-12",
        "search": "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 1 1 0-13M15.3 15.3 20.5 20.5",
        "close": "M6 6l12 12M18 6 6 18",
        "layers": "M12 3.5 21 8.5l-9 5-9-5zM3 13l9 5 9-5",
        "list": "M8.5 6h12M8.5 12h12M8.5 18h12M3.5 6h.6M3.5 12h.6M3.5 18h.6",
        "previous": "M14.5 5.5 8 12l6.5 6.5",
        "next": "M9.5 5.5 16 12l-6.5 6.5",
        "map": "M3.5 6.5 9 4l6 2.5L20.5 4v13.5L15 20l-6-2.5L3.5 20zM9 4v13.5M15 6.5V20",
        "download": "M12 4v11.5M6.8 10.8 12 16l5.2-5.2M4.5 20h15",
        "person": "M12 4a4 4 0 1 1 0 8 4 4 0 1 1 0-8M4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6",
        "check": "M12 3a9 9 0 1 1 0 18 9 9 0 1 1 0-18M8 12.3l2.9 2.9L16.2 9",
        "info": "M12 3a9 9 0 1 1 0 18 9 9 0 1 1 0-18M12 11v5.5M12 7.6v.1",
        "warning": "M12 3.5 21.5 20h-19zM12 10v4.5M12 17.2v.1",
        "down": "M6 9.500l6 6 6-6",
    }
)


def symbol_path(name: str) -> str:
    """Return the path of a layer's symbol, or of a plain dot where the layer names one that we do not have."""
    return SYMBOLS.get(name, SYMBOLS["dot"])


def mixed(color: str, other: str, share: float) -> str:
    """Return a colour (#rrggbb) with a share from 0 to 1 of another mixed in, in sRGB."""
    pairs = [(int(color[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one * (1 - share) + two * share):02x}" for one, two in pairs)


def on_dark(color: str) -> str:
    """Return a layer's colour as it is drawn on a dark ground: lighter, so that it keeps its contrast."""
    return mixed(color, "#ffffff", 0.48) if re.fullmatch("#[0-9a-fA-F]{6}", color) else color
