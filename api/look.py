"""A city's own colour: every token that follows from it, and a refusal where nobody could read by it."""

import re

from api.symbols import mixed
from geocommons.errors import InvalidInput

READABLE = 4.5
"""The least contrast of text that WCAG 2.2 asks for at level AA (1.4.3)."""
WHITE, BLACK = "#ffffff", "#000000"
PAPER, DARK_PAPER = "#ffffff", "#16211e"
"""`--paper` of the style sheet, light and dark: what the accent is read on."""
STEPS = 50


def contrast(color: str, other: str) -> float:
    """Return how far two colours (#rrggbb) are apart, from 1 to 21, as WCAG measures it."""
    lighter, darker = sorted((_luminance(color), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def city_tokens(accent: str) -> tuple[str, str]:
    """Return the tokens of an accent, light and dark, as declarations; both empty where a city sets none.

    An accent that white cannot be read on is refused; the refusal names the nearest darker one that is not.
    """
    if not accent:
        return "", ""
    if not re.fullmatch("#[0-9a-fA-F]{6}", accent):
        raise InvalidInput("GEOCOMMONS_ACCENT is “{value}”. Write it as #rrggbb, like #0b6158.", value=accent)
    if contrast(accent, WHITE) < READABLE:
        raise InvalidInput(
            "White cannot be read on GEOCOMMONS_ACCENT {value}: its contrast is {ratio}, and WCAG AA asks for 4.5. "
            "The nearest that can be used is {better}.",
            value=accent, ratio=f"{contrast(accent, WHITE):.1f}", better=_readable(accent, PAPER, BLACK),
        )  # fmt: skip
    bright = _readable(accent, DARK_PAPER, WHITE)
    light = {
        "accent": accent, "accent-soft": mixed(accent, WHITE, 0.86), "band": mixed(accent, BLACK, 0.38),
        "on-band-quiet": mixed(accent, WHITE, 0.78), "brand-water": mixed(accent, WHITE, 0.6), "map-accent": accent,
    }  # fmt: skip
    dark = {
        "accent": bright, "on-accent": mixed(accent, BLACK, 0.75), "accent-soft": mixed(accent, DARK_PAPER, 0.7),
        "band": mixed(accent, BLACK, 0.62), "map-accent": bright,
    }  # fmt: skip
    return _declared(light), _declared(dark)


def _readable(color: str, ground: str, towards: str) -> str:
    """Return the colour nearest to one, on its way to black or white, that can be read on a ground."""
    steps = (mixed(color, towards, step / STEPS) for step in range(STEPS + 1))
    return next(one for one in steps if contrast(one, ground) >= READABLE)


def _declared(tokens: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in tokens.items())


def _luminance(color: str) -> float:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
