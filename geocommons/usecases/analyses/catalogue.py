"""Every kind of analysis, by name: a new one is a file in `kinds/`, and a line here."""

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from types import MappingProxyType
from typing import Any

from geocommons.errors import NotFound
from geocommons.usecases.questions.question import Question, read_question

KINDS = MappingProxyType(
    {
        "coverage": "coverage:CoverageQuestion",
        "gaps": "gaps:GapsQuestion",
        "change": "change:ChangeQuestion",
        "equity": "equity:EquityQuestion",
        "crowding": "crowding:CrowdingQuestion",
        "siting": "siting:SitingQuestion",
        "rivers": "rivers:RiversQuestion",
        "health": "health:HealthQuestion",
        "turf": "turf:TurfQuestion",
        "ties": "ties:TiesQuestion",
    }
)
"""Which module has the question of which kind; loaded when it is asked, because each brings its own mathematics."""


def get_question(kind: str) -> type[Question]:
    """Return the question of a kind of analysis, or refuse with the kinds there are."""
    if kind not in KINDS:
        raise NotFound("There is no analysis “{kind}”. There are: {kinds}.", kind=kind, kinds=", ".join(KINDS))
    module, _, name = KINDS[kind].partition(":")
    question: type[Question] = getattr(import_module(f"geocommons.usecases.analyses.kinds.{module}"), name)
    return question


def question_of(kind: str, params: Mapping[str, Any], *, on: date | None = None) -> Question:
    """Return the question that a run kept (asked of another day, if one is given)."""
    question = get_question(kind)
    asked = {name: value for name, value in params.items() if name in question.model_fields}
    day = on or date.fromisoformat(str(params["at"]))
    return read_question(question, asked | {"at": day}, today=day)
