"""JSON text put together whole-column: the members of many objects, one name at a time."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import orjson


def json_texts(values: Sequence[Any]) -> list[str]:
    """Return each value as JSON, as `orjson.dumps` would: all are written at once and then cut apart."""
    whole = orjson.dumps(values)[1:-1].decode()
    if set(map(type, values)) == {str} and '\\"' not in whole:  # so each quotation mark begins or ends a value
        return [f'"{text}"' for text in whole[1:-1].split('","')]
    texts = whole.split(",")
    if len(texts) == len(values):  # so no value has a comma in it
        return texts
    return [orjson.dumps(value).decode() for value in values]


def member_texts(name: str, values: Sequence[Any]) -> list[str]:
    """Return `"name":value` for each value; nothing for None."""
    key = f"{json_texts([name])[0]}:"
    if None not in values:
        return [key + text for text in json_texts(values)]
    return ["" if value is None else key + text for value, text in zip(values, json_texts(values), strict=True)]


def object_texts(members: Sequence[Sequence[str]], count: int) -> list[str]:
    """Return so many JSON objects, of the members that `member_texts` gave."""
    given = [texts for texts in members if any(texts)]
    rows: Iterable[Iterable[str]] = zip(*given, strict=True) if given else repeat((), count)
    if not all(map(all, given)):
        rows = (filter(None, row) for row in rows)
    return ["{" + text + "}" for text in map(",".join, rows)]
