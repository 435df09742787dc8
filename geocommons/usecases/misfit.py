"""Say in our own sentences why a value does not fit a model of pydantic: its own are English, and for programmers."""

from functools import cache
from typing import Any

from pydantic_core import ErrorDetails

from geocommons.errors import GeoCommonsError
from geocommons.language import Sentence, Words, mark
from geocommons.numerals import Amount

MOST_SIGNS = 80
"""So much of a value is shown: who reads it must know it again, no more."""
SENTENCES = {
    "extra_forbidden": mark("There is no parameter “{name}” for this analysis. There are: {known}."),
    "literal_error": mark("“{value}” is not a choice for {name}. Choose one of: {choices}."),
    "date": mark("“{value}” is not a day. Write it like 2024-05-01."),
    "int": mark("“{value}” is not a whole number for {name}."),
    "float": mark("“{value}” is not a number for {name}."),
    "finite_number": mark("“{value}” is not a number for {name}."),
    "bool": mark("“{value}” is neither yes nor no for {name}."),
    "greater_than_equal": mark("{name} must be {limit} or more, not {value}."),
    "greater_than": mark("{name} must be more than {limit}, not {value}."),
    "less_than_equal": mark("{name} must be {limit} or less, not {value}."),
    "less_than": mark("{name} must be less than {limit}, not {value}."),
    "string_too_long": mark("“{value}” is too long for {name}, which has {limit} signs at most."),
    "missing": mark("{name} is missing. Fill it in."),
}
OTHER = mark("“{value}” does not fit {name}. Correct it, or leave it out.")
OWN_WORDS = mark("“{value}” does not fit {name}: {problem}")
LIMITS = ("gt", "ge", "lt", "le", "max_length")


def misfit(problem: ErrorDetails, name: object, known: str = "") -> Sentence:
    """Return a problem that pydantic found (with its context) as a sentence; `name` is what the value was for."""
    context = problem.get("ctx", {})
    value = str(problem.get("input"))[:MOST_SIGNS]
    if "error" in context and isinstance(context["error"], Exception):
        return Sentence(OWN_WORDS, value=value, name=name, problem=_own_words(context["error"]))
    sentence = OTHER if problem["type"] == "extra_forbidden" and not known else _sentence(problem["type"])
    limit = next((context[key] for key in LIMITS if key in context), "")
    return Sentence(
        sentence, name=name, value=value, known=known, limit=_limit(limit),
        choices=str(context.get("expected", "")).replace("' or '", "', '"),
    )  # fmt: skip


@cache
def _sentence(kind: str) -> str:
    """Return what is said of a kind of problem, as pydantic names it."""
    return next((text for start, text in SENTENCES.items() if kind.startswith(start)), OTHER)


def _own_words(error: Exception) -> object:
    """Return what a check of a model's own says, in the languages that it has words in."""
    if isinstance(error, GeoCommonsError):
        return Sentence.of(error)
    said: Any = error.args[0] if error.args else ""
    return said if isinstance(said, Words) else str(error)


def _limit(limit: object) -> object:
    """Return a limit as it is said: a whole one without separators, since it may be a year."""
    if not isinstance(limit, float):
        return limit
    return int(limit) if limit.is_integer() else Amount(limit, 6)
