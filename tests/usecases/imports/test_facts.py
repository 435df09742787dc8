"""The facts of a file: checked by the column, they come out as they do row by row, and so does what is refused."""

from dataclasses import replace
from typing import Annotated, Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from geocommons.layer import Layer, get_layer
from geocommons.usecases.imports.facts import NO_DAYS, FactReader, Mapped, present, ref_texts

LAYER = get_layer("clt-parcels")
FACTS = tuple(LAYER.facts.model_fields)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
numbers = st.integers(-10, 6000) | st.floats(-10, 2e6) | st.just(float("nan"))
words = [
    "",
    "  ",
    "<Null>",
    "12",
    "12.0",
    "0",
    "1999-02-31",
    "2001-01-01",
    "0000-00-00",
    'a","b',
    'ends",',
    "é,\\",
    "1e3",
]
odd = st.sampled_from(words)
values = st.none() | st.booleans() | st.dates() | numbers | texts | odd
tables = st.integers(1, 6).flatmap(
    lambda count: st.dictionaries(st.sampled_from(FACTS), st.lists(values, min_size=count, max_size=count), min_size=1)
)
good = {
    "lot_number": st.none() | texts.map(lambda text: text[:40]),
    "land_use": texts,
    "homes": st.none() | st.integers(0, 5000),
    "floor_m2": st.integers(0, 100) | st.floats(0, 1e6),
    "building_year": st.sampled_from([0, "0", 1950, "1950", 1950.0, None]),
    "acquired": st.none() | st.dates() | st.dates().map(str),
}
good_tables = st.integers(1, 6).flatmap(
    lambda count: st.fixed_dictionaries(
        {fact: st.lists(value, min_size=count, max_size=count) for fact, value in good.items()}
    )
)


def _read(layer: Layer[Any], columns: dict[str, list[object]]) -> Any:
    reader = FactReader(layer, Mapped("ref", {}, {fact: fact for fact in columns}))
    return reader.read(columns, len(next(iter(columns.values()))), {})


def _row_by_row(layer: Layer[Any], columns: dict[str, list[object]]) -> list[str | None]:
    """Return the JSON of each row by pydantic alone, None for a row that does not fit."""
    found: list[str | None] = []
    for row in zip(*columns.values(), strict=True):
        given = {fact: present(value) for fact, value in zip(columns, row, strict=True)}
        if str(given.get("acquired")) in NO_DAYS:
            given["acquired"] = None
        try:
            model = layer.facts(**{fact: value for fact, value in given.items() if value is not None})
        except ValidationError:
            found.append(None)
        else:
            found.append(orjson.dumps(model.model_dump(mode="json", exclude_none=True)).decode())
    return found


@settings(max_examples=300, deadline=None)
@given(tables | good_tables)
def test_what_is_stored_and_what_is_refused_is_what_pydantic_says_of_each_row(columns: dict[str, list[object]]) -> None:
    checked, expected = _read(LAYER, columns), _row_by_row(LAYER, columns)
    assert set(checked.refusals) == {at for at, text in enumerate(expected) if text is None}
    for at, text in enumerate(expected):
        if text is not None:
            assert checked.json[at] == text
            members = [texts[at] for texts in checked.members.values() if texts[at]]
            assert "{" + ",".join(members) + "}" == text


class Strict(BaseModel):
    """Strips blanks by its configuration."""

    model_config = ConfigDict(str_strip_whitespace=True, str_to_upper=True)
    a: str | None = None


class Doubled(BaseModel):
    """Has a function of its own for a field."""

    a: str | None = None

    @field_validator("a")
    @classmethod
    def twice(cls, value: str) -> str:
        """Return it twice."""
        return value * 2


def _with_b(value: str, info: ValidationInfo) -> str:
    return f"{value} of {info.data['b']}"


class Told(BaseModel):
    """Has a fact that is told another."""

    b: str | None = None
    a: Annotated[str, AfterValidator(_with_b)] | None = None


class Hidden(BaseModel):
    """Has a fact that is never written."""

    a: str | None = Field(default=None, exclude=True)
    b: str | None = None


class Filled(BaseModel):
    """Has a fact that is never missing, and one that must be there."""

    a: str = "usual"
    b: str


def test_facts_that_are_more_than_a_check_of_each_column_are_read_as_pydantic_reads_them() -> None:
    columns: dict[str, list[object]] = {"b": ["x", "y", None], "a": ["one", None, "three"]}
    for model in (Strict, Doubled, Told, Hidden, Filled):
        own = {fact: column for fact, column in columns.items() if fact in model.model_fields}
        layer = replace(LAYER, facts=model)
        assert [
            None if at in _read(layer, own).refusals else _read(layer, own).json[at] for at in range(3)
        ] == _row_by_row(layer, own), model


def test_a_fact_without_a_default_may_be_left_out_of_no_row() -> None:
    refusals = _read(replace(LAYER, facts=Filled), {"b": ["x", None]}).refusals
    assert {at: str(remedy) for at, (_, _, remedy) in refusals.items()} == {1: "No row may lack it."}


def test_a_day_that_begins_with_its_year_may_have_slashes_as_dbase_writes_them() -> None:
    checked = _read(LAYER, {"acquired": ["2026/01/02 00:00:00", "2026/01/02", "2026-01-02", "02/01/2026"]})
    assert [orjson.loads(text) for text in checked.json[:3]] == [{"acquired": "2026-01-02"}] * 3
    assert list(checked.refusals) == [3]


def test_a_ref_is_the_same_however_its_accents_are_written() -> None:
    assert ref_texts(["cafe\u0301", "caf\u00e9", 12.0, None, "plain"]) == [
        "caf\u00e9",
        "caf\u00e9",
        "12",
        None,
        "plain",
    ]


def test_a_day_of_zero_is_no_day() -> None:
    layer = get_layer("gardens")
    reader = FactReader(layer, Mapped("ref", {}, {"opened": "opened", "plots_total": "plots"}))
    days: list[object] = ["0", 0, 0.0, "0000-00-00", "00000000", "2024-05-01", None]
    checked = reader.read({"opened": days, "plots": [0] * len(days)}, len(days), {})
    assert not checked.refusals and [orjson.loads(text).get("plots_total") for text in checked.json] == [0] * len(days)
    assert [orjson.loads(text).get("opened") for text in checked.json] == [None] * 5 + ["2024-05-01", None]
