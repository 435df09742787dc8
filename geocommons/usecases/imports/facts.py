"""Turn a file's columns into a layer's facts, row by row; a value that does not fit names its column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, get_args
from unicodedata import normalize

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from geocommons.errors import InvalidInput
from geocommons.files.reading.table import MISSING_WORDS, is_missing
from geocommons.language import Sentence
from geocommons.layer import Layer, fact_words, never
from geocommons.model.json_text import member_texts, object_texts
from geocommons.model.public import first_state
from geocommons.usecases.imports.report import Refusal
from geocommons.usecases.misfit import misfit

SITE_COLUMNS = ("name", "certainty")
USUAL_CERTAINTY = 8
ENTRANCE = ("entrance_lon", "entrance_lat")
"""Facts of a layer, if it has them, that say where its sites are entered (degrees)."""
ALWAYS_PRESENT = {int, bool, type(None)}
"""Types of values that need no look whether they stand for nothing."""
CORRECT = Sentence("Correct the value, or leave it empty if nobody knows.")
NEEDED = Sentence("No row may lack it.")
NO_DAYS = frozenset({0, "0", "0.0", "00000000", "0000-00-00"})
"""How tables write that nobody knows a day; pydantic would take 0 for the first day of 1970."""
YEAR_FIRST = re.compile(r"\d{4}/\d{2}/\d{2}\b")
ROW_NUMBER = "#"
"""Asked for as the ref column, this numbers places by their row in the file."""


@dataclass(frozen=True)
class Mapped:
    """Which column of a file gives the ref, the name, the certainty and each fact."""

    ref: str
    site: dict[str, str]
    facts: dict[str, str]

    @property
    def columns(self) -> list[str]:
        """Every column that the import reads."""
        ref = [] if self.ref == ROW_NUMBER else [self.ref]
        return list(dict.fromkeys([*ref, *self.site.values(), *self.facts.values()]))


def map_columns(
    layer: Layer[Any], columns: Sequence[str], *, ref: str | None, given: Mapping[str, str], file: str
) -> Mapped:
    """Return which column gives what: as asked, else the column of the same name; refuse what is not there."""
    by_name = {column.strip().casefold(): column for column in reversed(columns)}
    facts = tuple(layer.facts.model_fields)
    for fact, column in given.items():
        if fact not in (*facts, *SITE_COLUMNS):
            raise InvalidInput(
                "{layer} has no fact “{fact}”. It has: {facts}.",
                layer=layer.id,
                fact=fact,
                facts=", ".join((*SITE_COLUMNS, *facts)),
            )
        _there(column, columns, file)
    chosen = ref if ref is not None else by_name.get("ref")
    if chosen is None:
        raise InvalidInput(
            "{file} has no column “ref”. Say with --ref which column numbers the places: {columns}; # takes the row.",
            file=file,
            columns=", ".join(columns) or "-",
        )
    if chosen != ROW_NUMBER:
        _there(chosen, columns, file)

    def pick(names: Sequence[str]) -> dict[str, str]:
        found = {name: given.get(name, by_name.get(name.casefold())) for name in names}
        return {name: column for name, column in found.items() if column is not None}

    return Mapped(chosen, pick(SITE_COLUMNS), pick(facts))


def _there(column: str, columns: Sequence[str], file: str) -> None:
    if column not in columns:
        raise InvalidInput(
            "{file} has no column “{column}”. It has: {columns}.",
            file=file,
            column=column,
            columns=", ".join(columns) or "-",
        )


def present(value: object) -> object | None:
    """Return a value, or None where a file says in its own way that there is none."""
    if isinstance(value, str):
        text = value.strip()
        return None if text.casefold() in MISSING_WORDS else text
    return None if is_missing(value) else value


def _present_values(values: Sequence[object]) -> Sequence[object]:
    """Return the values of a column, None where the file says that there is none."""
    kinds = set(map(type, values))
    if kinds <= ALWAYS_PRESENT:
        return values
    if kinds <= ALWAYS_PRESENT | {float}:
        return [None if value != value else value for value in values]
    if kinds == {str}:
        texts = list(map(str.strip, values))  # type: ignore[arg-type]
        if MISSING_WORDS.isdisjoint(map(str.casefold, texts)):
            return texts
    return list(map(present, values))


def hyphened(day: str) -> str:
    """Return a day that begins with its year with hyphens in it: dBASE writes slashes."""
    return day.replace("/", "-") if YEAR_FIRST.match(day) else day


def ref_text(value: object) -> str | None:
    """Return an official ref as text; a number loses its decimal point, as 12.0 is 12."""
    found = present(value)
    if found is None:
        return None
    if isinstance(found, str):
        return normalize("NFC", found)  # as é may be one sign or two
    return str(int(found) if isinstance(found, float) and found.is_integer() else found)


def ref_texts(values: Sequence[object]) -> list[str | None]:
    """Return `ref_text` of each value of a column."""
    found = _present_values(values)
    plain = set(map(type, found)) == {str} and all(map(str.isascii, found))  # type: ignore[arg-type]
    return list(found if plain else map(ref_text, found))  # type: ignore[arg-type]


def read_certainties(texts: Sequence[str | None]) -> list[int | None]:
    """Return how sure a file is of each row, the usual 8 where it does not say; None for what is not 0 to 10."""
    said = {text: _certainty(text) for text in set(texts)}
    return [said[text] for text in texts]


def _certainty(text: str | None) -> int | None:
    if text is None:
        return USUAL_CERTAINTY
    return int(text) if text.isdecimal() and int(text) <= 10 else None


@dataclass(frozen=True)
class CheckedFacts:
    """The facts of each row, or why there are none: (column, reason, remedy) by position.

    `json` is what is stored of a row, `members` the same by fact (`member_texts`), `states` what `first_state` says,
    and `since` the day from which the place is there (None: always).
    """

    json: list[str]
    members: dict[str, list[str]]
    states: list[tuple[str, str]]
    since: list[date | None]
    refusals: dict[int, Refusal]


class FactReader:
    """Checks the facts of one layer."""

    def __init__(self, layer: Layer[Any], mapped: Mapped) -> None:
        self._layer, self._mapped = layer, mapped
        self._many = TypeAdapter(list[layer.facts])  # type: ignore[name-defined]
        self._apart = _checks_apart(layer)
        self._days = {name for name, field in layer.facts.model_fields.items() if date in _kinds(field.annotation)}

    def read(
        self, columns: Mapping[str, Sequence[object]], count: int, gates: Mapping[int, tuple[float, float]]
    ) -> CheckedFacts:
        """Return the facts of so many rows, given as columns; `gates` are entrances that those facts may lack."""
        values = {fact: columns[column] for fact, column in self._mapped.facts.items()}
        if self._apart and not gates:
            try:
                return self._by_column(values, count)
            except ValidationError:
                pass  # A row does not fit: read row by row, which finds each and says why.
        given = {fact: self._given(fact, column) for fact, column in values.items()}
        for fact in self._days & given.keys():
            given[fact] = [hyphened(value) if isinstance(value, str) else value for value in given[fact]]
        return self._by_row(given, count, gates)

    def _given(self, fact: str, values: Sequence[object]) -> Sequence[object]:
        """Return what a column says of a fact, None where nothing."""
        present = _present_values(values)
        return [None if value in NO_DAYS else value for value in present] if fact in self._days else present

    def _by_column(self, columns: Mapping[str, Sequence[object]], count: int) -> CheckedFacts:
        """Return the facts of rows that all fit; each column is checked at once, and what it often says once."""
        members: dict[str, list[str]] = {}
        since: list[date | None] = [None] * count
        for fact in filter(columns.__contains__, self._apart):
            values = columns[fact]
            said = _said(values)
            texts, models = self._column(fact, said)
            members[fact] = _in_every_row(values, said, texts)
            if fact == self._layer.begins:
                since = _in_every_row(values, said, models)
        states = [first_state(self._layer, None)] * count
        return CheckedFacts(object_texts(list(members.values()), count), members, states, since, {})

    def _column(self, fact: str, values: Sequence[object]) -> tuple[list[str], list[Any]]:
        """Return a fact as JSON members and as the layer's own values, of values that all fit."""
        given, check = self._given(fact, values), self._apart[fact]
        models = check.validate_python([value for value in given if value is not None])
        return member_texts(fact, _in_place(check.dump_python(models, mode="json"), given)), _in_place(models, given)

    def _by_row(
        self, columns: Mapping[str, Sequence[object]], count: int, gates: Mapping[int, tuple[float, float]]
    ) -> CheckedFacts:
        rows = zip(*columns.values(), strict=True) if columns else [()] * count
        raw = [{fact: value for fact, value in zip(columns, row, strict=True) if value is not None} for row in rows]
        models, refusals = self._validate(raw)
        facts: list[dict[str, Any]] = [{} for _ in raw]
        states = [("", "")] * len(raw)
        since: list[date | None] = [None] * len(raw)
        good = (position for position in range(len(raw)) if position not in refusals)
        dumped = self._many.dump_python(models, mode="json", exclude_none=True)
        for position, model, values in zip(good, models, dumped, strict=True):
            facts[position], states[position] = values, first_state(self._layer, model)
            since[position] = getattr(model, self._layer.begins) if self._layer.begins else None
            if position in gates and not set(ENTRANCE) & set(values):
                values |= dict(zip(ENTRANCE, gates[position], strict=True))
        members = {
            fact: member_texts(fact, [values.get(fact) for values in facts]) for fact in self._layer.facts.model_fields
        }
        return CheckedFacts([orjson.dumps(values).decode() for values in facts], members, states, since, refusals)

    def _validate(self, raw: Sequence[Mapping[str, object]]) -> tuple[list[Any], dict[int, Refusal]]:
        """Return the rows that fit, as the layer's facts, and why the others do not."""
        try:
            return self._many.validate_python(raw), {}
        except ValidationError as error:
            refusals = self._refusals(error)
            return self._many.validate_python([row for at, row in enumerate(raw) if at not in refusals]), refusals

    def _refusals(self, error: ValidationError) -> dict[int, Refusal]:
        found: dict[int, Refusal] = {}
        fields = self._layer.facts.model_fields
        words = {name: fact_words(field, name) for name, field in fields.items()}
        for problem in error.errors(include_url=False):
            position, fact = int(problem["loc"][0]), str(problem["loc"][1] if len(problem["loc"]) > 1 else "")
            column = self._mapped.facts.get(fact, fact)
            if position not in found:
                remedy = NEEDED if fact in fields and fields[fact].is_required() else CORRECT
                found[position] = (column, misfit(problem, words.get(fact, fact)), remedy)
        return found


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """Return the kinds of values that a fact may have."""
    return get_args(annotation) or (annotation,)


def _said(values: Sequence[object]) -> Sequence[object]:
    """Return the values of a column, each once where most come back."""
    if set(map(type, values)) - {type(None)} in ({str}, {int}):  # of mixed ones equal values may differ: 1 and True
        once = list(dict.fromkeys(values))
        if 2 * len(once) <= len(values):
            return once
    return values


def _in_every_row(values: Sequence[object], said: Sequence[object], found: list[Any]) -> list[Any]:
    """Return what was found of what a column says, for each of its values."""
    return found if len(said) == len(values) else list(map(dict(zip(said, found, strict=True)).get, values))


def _in_place(found: list[Any], given: Sequence[object]) -> list[Any]:
    """Return what was found of the values that are given, with None where there is none."""
    if len(found) == len(given):
        return found
    left = iter(found)
    return [None if value is None else next(left) for value in given]


def _checks_apart(layer: Layer[Any]) -> dict[str, TypeAdapter[list[Any]]]:
    """Return a check of a column for each fact of a layer; none where a fact's check could look at the others."""
    model: type[BaseModel] = layer.facts
    fields, rules = model.model_fields, model.__pydantic_decorators__
    apart = (
        layer.refusal is never
        and not (model.model_config or model.__pydantic_post_init__ or model.__pydantic_custom_init__)
        and rules == type(rules)()  # no function of the model itself
        and "with-info" not in repr(model.__pydantic_core_schema__)  # none that is told the other facts
        and all(field.default is None and field.alias is None and not field.exclude for field in fields.values())
    )
    if not apart:
        return {}
    return {name: TypeAdapter(list[Annotated[field.annotation, field]]) for name, field in fields.items()}  # type: ignore[name-defined]
