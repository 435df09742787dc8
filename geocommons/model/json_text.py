"""JSON text put together whole-column: the members of many objects, one name at a time."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import orjson

from geocommons.model.base import LINE


def json_texts(values: Sequence[Any], before: str = "") -> list[str]:
    """Return each value as JSON, as `orjson.dumps` would, after some text: all are written at once, then cut apart."""
    whole = orjson.dumps(values)[1:-1].decode()
    if set(map(type, values)) == {str} and '\\"' not in whole:  # so each quotation mark begins or ends a value
        lines = whole[1:-1].replace('","', f'"{LINE}{before}"')
        return f'{before}"{lines}"'.split(LINE)
    if whole.count(",") + 1 == len(values):  # so no value has a comma in it
        return (before + whole.replace(",", LINE + before)).split(LINE)
    return [before + orjson.dumps(value).decode() for value in values]


def member_texts(name: str, values: Sequence[Any]) -> list[str]:
    """Return `"name":value` for each value; nothing for None."""
    if values.count(None) == len(values):
        return [""] * len(values)
    texts = json_texts(values, f"{orjson.dumps(name).decode()}:")
    if None not in values:
        return texts
    return ["" if value is None else text for value, text in zip(values, texts, strict=True)]


def object_texts(members: Sequence[Sequence[str]], count: int, before: str = "") -> list[str]:
    """Return so many JSON objects, of the members that `member_texts` gave, each after some text."""
    opened = before + "{"
    return [f"{opened}{text}}}" for text in join_members(members, count)]


def join_members(members: Sequence[Sequence[str]], count: int) -> Iterator[str]:
    """Return what stands between the braces of so many JSON objects, of the members that `member_texts` gave."""
    given = [texts for texts in members if any(texts)]
    rows: Iterable[Iterable[str]] = zip(*given, strict=True) if given else repeat((), count)
    if not all(map(all, given)):
        rows = (filter(None, row) for row in rows)
    return map(",".join, rows)
