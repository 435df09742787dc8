"""Render pages in the reader's language: sentences, dates, numbers and measures."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, partial
from gettext import c2py
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from api.symbols import ICONS, MARKS, symbol_path
from geocommons.language import catalogue, language_name, languages, translate
from geocommons.model.base import FIRST_DAY, LAST_DAY

TEMPLATES = Path(__file__).parent / "templates"


def translate_plural(one: str, many: str, count: float, language: str) -> str:
    """Return the form of a sentence that fits a count, in a language."""
    found = catalogue(language)
    message = found.get(one) if found else None
    if not found or not message or not isinstance(message.string, tuple) or not all(message.string):
        return one if count == 1 else many
    return str(message.string[c2py(found.plural_expr)(int(count))])


def number(value: float, language: str, digits: int = 0) -> str:
    """Return a number with the reader's separators and at most so many decimals."""
    return format_decimal(
        round(value, digits), format="#,##0" + ("." + "#" * digits if digits else ""), locale=language
    )


def percent(share: float | None, language: str) -> str:
    """Return a share from 0 to 1 as a percentage with one decimal below 10 %, or a dash where there is none."""
    if share is None:
        return "–"
    # What is not all is never shown as 100 %.
    shown = min(share, 0.999) if share < 1 else share
    return format_percent(shown, format="0.#%" if shown < 0.1 or shown > 0.99 else "0%", locale=language)


def day(value: date | str, language: str, width: str = "long") -> str:
    """Return a day in words ("1 May 2024"); text is read as ISO 8601."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(value, format=width, locale=DAY_LOCALES.get(language, language))


DAY_LOCALES = {"en": "en_GB"}
"""English days the way most of the world writes them: day, month, year."""


def moment(value: datetime, language: str) -> str:
    """Return a moment in words, in UTC."""
    return format_datetime(value, format="d MMMM y, HH:mm 'UTC'", locale=DAY_LOCALES.get(language, language))


def area(value_m2: float, language: str) -> str:
    """Return an area in m2, or in hectares from one hectare up."""
    if value_m2 >= 10_000:
        return f"{number(value_m2 / 10_000, language, 2)} ha"
    return f"{number(value_m2, language)} m²"


def metres(value_m: float, language: str) -> str:
    """Return a length in m, or in km from one kilometre up."""
    if value_m >= 1_000:
        return f"{number(value_m / 1_000, language, 2)} km"
    return f"{number(value_m, language)} m"


def unit_word(unit: str) -> str:
    """Return a unit as people write it."""
    return {"m2": "m²", "h": "h"}.get(unit, unit)


@cache
def environment(language: str) -> Environment:
    """Return the templates in a language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html", "xml"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    say = partial(translate, language=language)
    plural = partial(translate_plural, language=language)
    env.install_gettext_callables(say, plural, newstyle=True)  # type: ignore[attr-defined]
    for formatter in (number, percent, day, moment, area, metres):
        env.filters[formatter.__name__] = _in_language(formatter, language)
    env.filters["unit_word"] = unit_word
    env.globals.update(
        language=language, languages=languages(), language_name=language_name, marks=MARKS, icons=ICONS,
        symbol_path=symbol_path, first_day=FIRST_DAY, last_day=LAST_DAY,
    )  # fmt: skip
    return env


def _in_language(formatter: Callable[..., str], language: str) -> Callable[..., str]:
    """Return a formatter as templates call it: the value first, then what else it takes."""
    return lambda value, *more: formatter(value, language, *more)


def render(template: str, language: str, context: Mapping[str, Any]) -> str:
    """Return a page in a language."""
    return environment(language).get_template(template).render(context)
