"""Say what a run was asked, what a scenario changes, what a run stands on, and where the same is asked again."""

from collections.abc import Mapping
from typing import Any, get_origin
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.language import Say, mark, translate
from geocommons.layer import all_layers
from geocommons.model.run import Run
from geocommons.model.tenure import TENURE_WORDS
from geocommons.numerals import day, metres, number
from geocommons.store.desk import get_scenario
from geocommons.usecases.analyses.catalogue import KINDS, get_question
from geocommons.usecases.questions.question import Question, field_words
from geocommons.usecases.standards import find_standard

DECIMALS = 3
INPUT_WORDS = {
    "population": mark("People"),
    "streets": mark("Streets"),
    "districts": mark("Districts"),
    "water": mark("Water"),
    "green": mark("Green"),
    "candidates": mark("Candidates"),
    "sites": mark("Sites that serve"),
    "all sites": mark("All sites"),
    "land": mark("Land that may hold a site"),
    "claims": mark("Who holds which stretch"),
    "standard": mark("Standard"),
    "scenario": mark("Changes of the scenario"),
    "tenures": mark("Who holds what"),
    "members": mark("Who belongs to which body"),
    "care": mark("Care that was given"),
    "duties": mark("What is due by when"),
}
"""What inputs are called; one that is not here is called as the analysis calls it."""
TICKED = ("yes", "true", "1", "on")
EARLIER = mark("{input}, on the earlier day")
FACT_OF = mark("{fact} of the sites")


def asked_words(session: Session, run: Run, language: str) -> list[tuple[str, str]]:
    """Return what a run was asked, as pairs of words; what was left out is left out."""
    question = get_question(run.kind)
    asked = [(name, run.params.get(name)) for name in question.model_fields]
    return [
        (field_words(question, name).say(language), _value_words(session, question, name, value, language))
        for name, value in asked
        if value not in (None, "", [], False)
    ]


COMES = mark("{name} comes ({layer}).")
CLOSES = mark("{name} closes ({layer}).")
ADOPTED = mark("{name} gets a steward ({layer}).")
ADOPTED_FROM_TO = mark("{name} gets a steward from {from_m} to {to_m} ({layer}).")
ASKED = mark("{name} becomes {value}.")


def change_words(session: Session, change: Mapping[str, Any], language: str) -> str:
    """Return what a change of a scenario, as the scenario keeps it, does."""
    say = Say(language)
    if change["do"] == "ask":
        asked = [_asked_otherwise(session, name, value, language) for name, value in change["values"].items()]
        return " ".join(say(ASKED, name=name, value=value) for name, value in asked)
    gaps: dict[str, object] = {"name": change.get("name") or change["ref"], "layer": change["layer"]}
    if change["layer"] in all_layers():
        gaps["layer"] = all_layers()[change["layer"]].title
    if change["do"] == "adopt" and change["to_m"] is not None:
        stretch = {name: metres(change[name] or 0, language) for name in ("from_m", "to_m")}
        return say(ADOPTED_FROM_TO, **gaps, **stretch)
    return say({"add": COMES, "close": CLOSES, "adopt": ADOPTED}[change["do"]], **gaps)


def _asked_otherwise(session: Session, name: str, value: Any, language: str) -> tuple[str, str]:
    """Return what the first kind of question that asks something calls it, and its value."""
    question = next((one for one in map(get_question, KINDS) if name in one.model_fields), None)
    if question is None:
        return name, str(value)
    try:
        said = _value_words(session, question, name, value, language)
    except (TypeError, ValueError):  # A scenario keeps what was typed; a question refuses what does not fit.
        said = str(value)
    return field_words(question, name).say(language), said


FACT_WORDS = {
    "waiting_list": mark("waiting list"),
    "plots_total": mark("number of plots"),
    "opening_hours": mark("opening hours"),
}
"""Facts of sites that analyses ask for, as they stand inside a sentence."""


def input_words(name: str, language: str) -> str:
    """Return what an input of a run is called."""
    plain, _, earlier = name.partition(", ")
    of, _, fact = plain.partition(".")
    if fact:
        called = translate(FACT_WORDS[fact], language) if fact in FACT_WORDS else fact.replace("_", " ")
        said = translate(FACT_OF, language).format(fact=called)
    else:
        said = translate(INPUT_WORDS[of], language) if of in INPUT_WORDS else of.replace("_", " ")
    return translate(EARLIER, language).format(input=said) if earlier else said


def address_of(kind: str, params: Mapping[str, Any]) -> str:
    """Return the path of the page that asks the same: every parameter that is not as a question has it by itself."""
    fields = get_question(kind).model_fields
    asked: list[tuple[str, str]] = []
    for name, value in params.items():
        if name not in fields or value is None or (name != "at" and _plain(value) == _plain(fields[name].default)):
            continue
        every = value if isinstance(value, list | tuple) else [value]
        asked += [(name, _text(one)) for one in every]
    return f"/analyses/{kind}?{urlencode(sorted(asked, key=lambda one: one[0] == 'at'), safe=':')}"


def read_address(kind: str, every: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the values that an address gives for fields of a question; what is no field is left out."""
    fields = get_question(kind).model_fields
    values: dict[str, Any] = {}
    for name, text in every:
        if name in fields and get_origin(fields[name].annotation) is tuple:
            values.setdefault(name, []).append(text)
        elif name in fields:
            values[name] = text in TICKED if fields[name].annotation is bool else text
    return values


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _value_words(session: Session, question: type[Question], name: str, value: Any, language: str) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_value_words(session, question, name, one, language) for one in value)
    extra: Any = question.model_fields[name].json_schema_extra
    if value in extra["choices"]:
        words = extra["choices"][value]
        return str(words.get(language, words["en"]))
    if isinstance(value, bool):
        return translate(mark("yes"), language)
    if "date" in str(question.model_fields[name].annotation):
        return day(str(value), language)
    if extra["of"]:
        return _named(session, extra["of"], value, language)
    return number(float(value), language, DECIMALS) if isinstance(value, int | float) else str(value)


def _named(session: Session, of: str, value: Any, language: str) -> str:
    """Return what a choice that the register knows is called; one that is gone keeps the id that it had."""
    try:
        if of == "standards":
            return find_standard(session, str(value)).title.say(language)
        if of == "scenarios":
            return f"{get_scenario(session, int(value)).name} ({value})"
    except NotFound:
        return str(value)
    if of in ("layers", "measured layers") and value in all_layers():
        return all_layers()[value].title.say(language)
    return TENURE_WORDS[value].say(language) if of == "tenures" and value in TENURE_WORDS else str(value)
