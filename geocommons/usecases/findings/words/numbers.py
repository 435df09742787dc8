"""Numbers of parties in an answer: whoever may not be named has one that means nothing outside of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from geocommons.usecases.findings.words.names import Names

Part = dict[str, Any]


def without_numbers(result: Mapping[str, Any], names: Names) -> Part:
    """Return a result in which only parties that may be named keep the register's number.

    The register's number stays the same over runs, so that whoever once knew it would follow somebody who withdrew.
    The others are counted down from -1 (from below the stewards that a scenario supposes), each list of parties
    beginning with those that keep theirs. No order tells a number either: lists are sorted by what they say instead.
    """
    lists = list(_parties(result))
    numbers = {row["party"] for rows in lists for row in rows}
    named = {party for party, name in names([one for one in numbers if one >= 0]).items() if name}
    hidden = [row for rows in lists for row in rows if row["party"] >= 0 and row["party"] not in named]
    first = min([0, *numbers]) - 1
    order = dict.fromkeys(row["party"] for row in sorted(hidden, key=_said))
    fresh = {party: first - at for at, party in enumerate(order)}
    told: Part = _numbered(result, fresh)
    return told | _network(result, told, fresh) if "brokers" in told else told


def _parties(part: Any) -> Iterator[list[Part]]:
    """Yield every list of rows that tell of a party each."""
    if isinstance(part, list) and part and isinstance(part[0], dict) and "party" in part[0]:
        yield part
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from _parties(inner)


def _said(row: Part) -> bytes:
    """Return what a row says of a party, but for numbers."""
    said = {name: value for name, value in row.items() if name not in ("party", "component")}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def _network(result: Mapping[str, Any], told: Part, fresh: Mapping[int, int]) -> Part:
    """Return what numbers of ties are told by in another order: who stands between others, and the tied groups."""
    parties, groups = told["parties"], result["components"]
    place = {row["party"]: at for at, row in enumerate(parties)}
    brokers = [fresh.get(party, party) for party in result["brokers"]]
    first = list(dict.fromkeys(row["component"] for row in parties if row["component"] < len(groups)))
    order = sorted(first, key=lambda group: (-groups[group]["parties"], -groups[group]["ties"]))
    number = {group: at for at, group in enumerate(order)}
    return {
        "parties": [row | {"component": number.get(row["component"])} for row in parties],
        "components": [groups[group] for group in order],
        "brokers": sorted(brokers, key=lambda party: (-parties[place[party]]["betweenness"], place[party])),
    }


def _numbered(part: Any, fresh: Mapping[int, int]) -> Any:
    """Return a part with fresh numbers, its rows of parties and of pairs in an order that tells no other number."""
    if isinstance(part, Mapping):
        return {name: _numbered(inner, fresh) for name, inner in part.items()}
    if not (isinstance(part, list) and part and isinstance(part[0], dict)):
        return part
    if "party" in part[0]:
        rows = [row | {"party": fresh.get(row["party"], row["party"])} for row in part]
        return sorted(rows, key=lambda row: max(0, -row["party"]))
    if "one" in part[0]:
        pairs = [
            (sorted((fresh.get(row[end], row[end]) for end in ("one", "other")), reverse=True), row) for row in part
        ]
        return [row | {"one": one, "other": other} for (one, other), row in sorted(pairs, key=lambda pair: pair[0])]
    return part
