"""Read the cells of a row of a table as text, days and numbers, or refuse them with the column that is wrong."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from math import isfinite

from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.language import Sentence, mark
from geocommons.usecases.imports.facts import hyphened, ref_text

CORRECT = Sentence("Correct the row and import the file again; rows that were taken are not taken twice.")
NO_WHOLE_NUMBER = mark("“{value}” in {column} is not a whole number.")
MOST_SIGNS = {"kind": 120, "unit": 40, "title": 500, "note": 2_000, "evidence": 2_000}
"""How long what people write may be, by column: longer texts are files in the wrong place."""
Texts = Mapping[str, str]
TIME = re.compile(r"([T ]\d{1,2}:.*)?")
"""What may stand behind a day: spreadsheets write the time with it. Anything else would be a second day, or a slip."""


def read_texts(values: Mapping[str, object], needed: Sequence[str], more: Sequence[str]) -> Texts:
    """Return the cells of a row as text, empty where there is none; refuse what is missing or too long."""
    text = {name: "" if values.get(name) is None else str(values[name]).strip() for name in (*needed, *more)}
    if "ref" in text:
        text["ref"] = ref_text(values.get("ref")) or ""
    for name in needed:
        if not text[name]:
            raise InvalidInput("The column {column} is empty. Fill it in.", column=name)
    for name, most in MOST_SIGNS.items():
        if len(text.get(name, "")) > most:
            raise InvalidInput("The column {column} may have {most} signs. Shorten it.", column=name, most=most)
    return text


def read_day(text: Texts, column: str) -> date | None:
    """Return a cell as a day, None where it is empty."""
    if not text[column]:
        return None
    try:
        day, behind = date.fromisoformat(hyphened(text[column])[:10]), text[column][10:]
        if not TIME.fullmatch(behind):
            raise ValueError(behind)
        return day
    except ValueError as error:
        raise InvalidInput(
            "“{value}” in {column} is not a day. Write it as 2026-03-31.", value=text[column], column=column
        ) from error


def read_number(text: Texts, column: str, refusal: str) -> float | None:
    """Return a cell as a number, None where it is empty; `refusal` says what it should be of {value} and {column}."""
    try:
        number = float(text[column]) if text[column] else None
    except ValueError as error:
        raise InvalidInput(refusal, value=text[column], column=column) from error
    if number is not None and not isfinite(number):
        raise InvalidInput(refusal, value=text[column], column=column)
    return number


def read_whole(text: Texts, column: str) -> int | None:
    """Return a cell as a whole number, None where it is empty; a spreadsheet may write 3 as 3.0."""
    number = read_number(text, column, NO_WHOLE_NUMBER)
    if number is None:
        return None
    if not number.is_integer():
        raise InvalidInput(NO_WHOLE_NUMBER, value=text[column], column=column)
    return int(number)


@contextmanager
def in_column(column: str) -> Iterator[None]:
    """Let a refusal name the column that it is about, unless it does itself."""
    try:
        yield
    except GeoCommonsError as error:
        error.params.setdefault("column", column)
        raise


def column_of(error: GeoCommonsError) -> str:
    """Return the column that a refusal names, or an empty text."""
    return str(error.params.get("column", ""))
