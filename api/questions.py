"""Draw the form of a question from its fields, and read what the form sends."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from sqlalchemy.orm import Session

from api.describe import tenure_words
from api.forms import Form
from geocommons.language import mark, translate
from geocommons.layer import all_layers
from geocommons.numerals import day
from geocommons.store.context_sets import find_context
from geocommons.store.desk import list_scenarios
from geocommons.usecases.findings.words.service import group_word
from geocommons.usecases.questions.question import Question, field_words
from geocommons.usecases.standards import list_standards

GROUP = "group_"
Widget = Literal["day", "number", "text", "tick", "choice", "ticks"]
NUMBER = re.compile(r"-?\d+(\.\d+)?")
RARE = frozenset(
    {
        "straight", "measured_from", "cared_for", "min_area_m2", "tenure", "with_room", "open_on", "weighting", "hex_m",
        "seed", "permutations", "join_m", "cost_each", "cost_m2", "must", "must_not", "spacing_m", "group_weight",
        "proof_s",
    }
)  # fmt: skip
"""Fields that fold away in a form: most questions leave them as they are."""


@dataclass(frozen=True)
class FormField:
    """One field as a form shows it; `options` are pairs of value and words, `value` a text, or texts where several.

    One that is `rare` is folded away, unless it `differs` from what the question asks by itself.
    """

    name: str
    title: str
    hint: str
    widget: Widget
    value: Any
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    rare: bool = False
    differs: bool = False

    @property
    def words(self) -> str:
        """Return the value as it is read, a dash where there is none."""
        named = dict(self.options)
        values = self.value if isinstance(self.value, list | tuple) else [self.value]
        return ", ".join(named.get(str(one), str(one)) for one in values if one not in ("", None)) or "–"


def form_fields(
    session: Session, question: type[Question], params: Mapping[str, Any], language: str
) -> list[FormField]:
    """Return the fields of a question, filled in with what a run asked."""
    return [_field(session, question, name, params, language) for name in question.model_fields]


def form_values(question: type[Question], form: Form) -> dict[str, Any]:
    """Return what a form sends for the fields of a question, decimal commas as points."""
    values: dict[str, Any] = {}
    for name, field in question.model_fields.items():
        if get_origin(field.annotation) is tuple:
            values[name] = [value for value in form.every(name) if value]
        elif name in form:
            text = form[name].strip()
            values[name] = text.replace(",", ".") if _widget(field) == "number" else text
    return values


def _field(
    session: Session, question: type[Question], name: str, params: Mapping[str, Any], language: str
) -> FormField:
    field = question.model_fields[name]
    options = _options(session, field, language)
    widget = _widget(field)
    default = () if widget == "ticks" else "" if field.is_required() else field.default
    value = params.get(name, default)
    if widget in ("number", "text", "choice", "day"):
        value = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    title, hint = (field_words(question, name, part).say(language) for part in ("title", "hint"))
    if widget == "choice" and not field.is_required() and field.default in (None, ""):
        options = (("", "–"), *options)
    if widget == "tick":
        options = (("True", translate(mark("yes"), language)), ("False", translate(mark("no"), language)))
    differs = not field.is_required() and _as_kept(params.get(name, default)) != _as_kept(default)
    return FormField(name, title, hint, widget, value, options, field.is_required(), name in RARE, differs)


def _as_kept(value: Any) -> Any:
    """Return what was asked as a run keeps it: several as a tuple, an amount of money as a number."""
    if isinstance(value, list):
        return tuple(value)
    return Decimal(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value


def asked_differently(
    session: Session, question: type[Question], params: Mapping[str, Any], other: Mapping[str, Any], language: str
) -> list[tuple[str, str, str]]:
    """Return what two runs asked differently: what each field is called, and its words in either."""
    pairs = zip(*(form_fields(session, question, one, language) for one in (params, other)), strict=True)
    return [(a.title, _in_words(a, language), _in_words(b, language)) for a, b in pairs if a.value != b.value]


def _in_words(field: FormField, language: str) -> str:
    return day(field.value, language, "medium") if field.widget == "day" and field.value else field.words


def _widget(field: FieldInfo) -> Widget:
    kinds = {field.annotation, *get_args(field.annotation)}
    if get_origin(field.annotation) is tuple:
        return "ticks"
    if bool in kinds:
        return "tick"
    extra: Any = field.json_schema_extra
    if extra["choices"] or extra["of"]:
        return "choice"
    if kinds & {int, float}:
        return "number"
    return "day" if field.annotation is not None and "date" in str(field.annotation) else "text"


def _options(session: Session, field: FieldInfo, language: str) -> tuple[tuple[str, str], ...]:
    extra: Any = field.json_schema_extra
    layers = all_layers().values()
    match extra["of"]:
        case "layers":
            return tuple((layer.id, layer.title.say(language)) for layer in layers)
        case "measured layers":
            return tuple((layer.id, layer.title.say(language)) for layer in layers if layer.measured)
        case "tenures":
            return tuple(tenure_words(language).items())
        case "standards":
            return tuple((one.id, one.title.say(language)) for one in list_standards(session))
        case "groups":
            population = find_context(session, "population")
            columns = map(str, population.columns if population else ())
            names = [name.removeprefix(GROUP) for name in columns if name.startswith(GROUP)]
            return tuple((name, group_word(name, language)) for name in names)
        case "scenarios":
            return tuple((str(one.id), one.name) for one in list_scenarios(session))
    return tuple((name, words.get(language, words["en"])) for name, words in extra["choices"].items())
