"""Turn a file's columns into a layer's facts, row by row; a value that does not fit names its column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from geocommons.errors import InvalidInput
from geocommons.files.table import MISSING_WORDS, is_missing
from geocommons.layer import Layer

SITE_COLUMNS = ("name", "certainty")
ENTRANCE = ("entrance_lon", "entrance_lat")
"""Facts of a layer, if it has them, that say where its sites are entered (degrees)."""
ALWAYS_PRESENT = {int, bool, type(None)}
"""Types of values that need no look whether they stand for nothing."""
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
    if kinds == {str}:
        texts = list(map(str.strip, values))  # type: ignore[arg-type]
        if MISSING_WORDS.isdisjoint(map(str.casefold, texts)):
            return texts
    return list(map(present, values))


def ref_text(value: object) -> str | None:
    """Return an official ref as text; a number loses its decimal point, as 12.0 is 12."""
    found = present(value)
    if found is None or isinstance(found, str):
        return found
    return str(int(found) if isinstance(found, float) and found.is_integer() else found)


def ref_texts(values: Sequence[object]) -> list[str | None]:
    """Return `ref_text` of each value of a column."""
    found = _present_values(values)
    return list(found if set(map(type, found)) == {str} else map(ref_text, found))  # type: ignore[arg-type]


@dataclass(frozen=True)
class CheckedFacts:
    """The facts of each row, or None and why not: (column, reason, remedy) by position."""

    facts: list[dict[str, Any] | None]
    objects: list[Any]
    refusals: dict[int, tuple[str, str, str]]


class FactReader:
    """Checks the facts of one layer."""

    def __init__(self, layer: Layer[Any], mapped: Mapped) -> None:
        self._mapped = mapped
        self._many = TypeAdapter(list[layer.facts])  # type: ignore[name-defined]

    def read(self, columns: Mapping[str, Sequence[object]], count: int) -> CheckedFacts:
        """Return the facts of so many rows, given as columns."""
        facts = tuple(self._mapped.facts)
        values = [_present_values(columns[column]) for column in self._mapped.facts.values()]
        raw = [dict(zip(facts, row, strict=True)) for row in (zip(*values, strict=True) if facts else [()] * count)]
        if any(None in column for column in values):
            raw = [{fact: value for fact, value in row.items() if value is not None} for row in raw]
        models, refusals = self._validate(raw)
        checked: list[dict[str, Any] | None] = [None] * len(raw)
        objects: list[Any] = [None] * len(raw)
        good = (position for position in range(len(raw)) if position not in refusals)
        dumped = self._many.dump_python(models, mode="json", exclude_none=True)
        for position, model, values in zip(good, models, dumped, strict=True):
            checked[position], objects[position] = values, model
        return CheckedFacts(checked, objects, refusals)

    def _validate(self, raw: Sequence[Mapping[str, object]]) -> tuple[list[Any], dict[int, tuple[str, str, str]]]:
        """Return the rows that fit, as the layer's facts, and why the others do not."""
        try:
            return self._many.validate_python(raw), {}
        except ValidationError as error:
            refusals = self._refusals(error)
            return self._many.validate_python([row for at, row in enumerate(raw) if at not in refusals]), refusals

    def _refusals(self, error: ValidationError) -> dict[int, tuple[str, str, str]]:
        found: dict[int, tuple[str, str, str]] = {}
        for problem in error.errors(include_url=False, include_context=False):
            position, fact = int(problem["loc"][0]), str(problem["loc"][1] if len(problem["loc"]) > 1 else "")
            column = self._mapped.facts.get(fact, fact)
            reason = f"“{str(problem['input'])[:80]}” does not fit {fact}: {problem['msg']}."
            found.setdefault(position, (column, reason, "Correct the value, or leave it empty if nobody knows."))
        return found
