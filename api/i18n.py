"""Render pages in the reader's language: sentences, dates, numbers and measures."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape

from api.symbols import ICONS, MARKS, symbol_path
from geocommons.language import language_name, languages, translate, translate_plural
from geocommons.model.base import FIRST_DAY, LAST_DAY
from geocommons.model.permission import BY_ACTION
from geocommons.numerals import area, day, metres, moment, number, percent
from geocommons.usecases.findings.document import say_cell
from geocommons.usecases.reach import reach_words

TEMPLATES = Path(__file__).parent / "templates"


def unit_word(unit: str) -> str:
    """Return a unit as people write it."""
    return {"m2": "m²", "h": "h"}.get(unit, unit)


def action_word(action: str, language: str) -> str:
    """Return what an action of the table of permissions is called."""
    return BY_ACTION[action].words.say(language) if action in BY_ACTION else action


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
    formatters: tuple[Callable[..., str], ...] = (number, percent, day, area, metres, action_word, reach_words)
    for formatter in formatters:
        env.filters[formatter.__name__] = _in_language(formatter, language)
    # Pages are read where the register is; no other value depends on its settings.
    env.filters["moment"] = pass_context(
        lambda context, value: moment(value, language, context["settings"].time_zone)
    )  # fmt: skip
    env.filters["unit_word"] = unit_word
    env.filters["cell"] = _in_language(lambda value, language, kind: say_cell(value, kind, language), language)
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
