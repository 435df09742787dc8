"""Say which column of a file gives which column of a context set, before the first row is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from geocommons.errors import InvalidInput
from geocommons.model.context_set import ContextKind

CONTEXT_KINDS: tuple[str, ...] = get_args(ContextKind)
TEXTS: Mapping[str, tuple[str, ...]] = {
    "streets": ("name", "class"),
    "population": (),
    "districts": ("name",),
    "water": ("name", "kind"),
    "green": ("name", "kind"),
    "candidates": ("ref", "name", "kind"),
}
DIMENSIONS: Mapping[str, tuple[int, ...]] = {
    "streets": (1,),
    "population": (0, 2),
    "districts": (2,),
    "water": (1, 2),
    "green": (0, 2),
    "candidates": (0, 1, 2),
}
"""What a kind is drawn as: 0 points, 1 lines, 2 polygons."""
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "from_node": ("from_node", "fromnode", "node_from", "u"),
    "to_node": ("to_node", "tonode", "node_to", "v"),
    "people": ("people", "population", "pop"),
    "class": ("class", "highway"),
}
GROUP = "group_"


@dataclass(frozen=True, kw_only=True)
class ContextOptions:
    """How a context file is to be read, and what to write in the catalogue about it.

    `groups` maps the names of groups of people to columns. `join` is a table whose columns are added where its
    column `on[1]` equals the file's column `on[0]`.
    """

    name: str | None = None
    file_layer: str | None = None
    crs: str | None = None
    x: str | None = None
    y: str | None = None
    source: str = ""
    licence: str = ""
    attribution: str = ""
    people: str | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    name_column: str | None = None
    class_column: str | None = None
    from_node: str | None = None
    to_node: str | None = None
    join: Path | None = None
    on: tuple[str, str] | None = None


@dataclass(frozen=True)
class Plan:
    """Which columns give texts, counts and node ids; each by the name that the context set has for it."""

    kind: str
    texts: Mapping[str, str]
    counts: Mapping[str, str]
    nodes: Mapping[str, str]
    key: str | None
    from_table: frozenset[str]
    """Columns that the joined table has; they go before columns of the file with the same name."""

    @property
    def file_columns(self) -> list[str]:
        """The columns to read from the file."""
        used = [*self.texts.values(), *self.counts.values(), *self.nodes.values()]
        own = [column for column in used if column not in self.from_table]
        return list(dict.fromkeys([*own, *([self.key] if self.key else [])]))


def check_kind(kind: str) -> str:
    """Return a kind of context, or refuse with the kinds there are."""
    if kind not in CONTEXT_KINDS:
        raise InvalidInput(
            "“{kind}” is not a kind of context. Use one of: {kinds}.", kind=kind, kinds=", ".join(CONTEXT_KINDS)
        )
    return kind


def make_plan(
    kind: str, options: ContextOptions, columns: Sequence[str], table_columns: Sequence[str], *, file: str
) -> Plan:
    """Return which column gives what: as asked, else the column of the same name; refuse what is not there."""
    key = _join_key(options, columns, table_columns, file)
    every = [*table_columns, *columns]
    by_name = {column.strip().casefold(): column for column in reversed(every)}
    asked = {
        "name": options.name_column,
        "class": options.class_column,
        "kind": options.class_column,
        "people": options.people,
        "from_node": options.from_node,
        "to_node": options.to_node,
    }

    def pick(names: Sequence[str]) -> dict[str, str]:
        found = {}
        for name in names:
            given = asked.get(name)
            if given is not None:
                found[name] = _there(given, every, file)
            elif column := next((by_name[word] for word in SYNONYMS.get(name, (name,)) if word in by_name), None):
                found[name] = column
        return found

    texts = pick(TEXTS[kind])
    counts = pick(["people"]) | _groups(options, every, file) if kind == "population" else {}
    nodes = pick(["from_node", "to_node"]) if kind == "streets" else {}
    _refuse_incomplete(kind, texts, counts, nodes, every, file)
    return Plan(kind, texts, counts, nodes, key, frozenset(table_columns))


def _join_key(options: ContextOptions, columns: Sequence[str], table_columns: Sequence[str], file: str) -> str | None:
    if options.join is None:
        return None
    if options.on is None:
        raise InvalidInput("Say with --on by which column {table} is joined.", table=options.join.name)
    _there(options.on[1], table_columns, options.join.name)
    return _there(options.on[0], columns, file)


def _groups(options: ContextOptions, every: Sequence[str], file: str) -> dict[str, str]:
    if options.groups:
        return {group_column(name): _there(column, every, file) for name, column in options.groups.items()}
    return {group_column(column[len(GROUP) :]): column for column in every if column.casefold().startswith(GROUP)}


def group_column(name: str) -> str:
    """Return the name of the column that counts a group of people: letters and digits, joined by “_”."""
    words = re.sub(r"\W+", "_", name.strip().casefold()).strip("_")
    if not words:
        raise InvalidInput(
            "“{name}” is no name for a group of people. Write it like --group children=AGE_0_14.", name=name
        )
    return f"{GROUP}{words}"


def _refuse_incomplete(
    kind: str,
    texts: Mapping[str, str],
    counts: Mapping[str, str],
    nodes: Mapping[str, str],
    every: Sequence[str],
    file: str,
) -> None:
    columns = ", ".join(every) or "-"
    if kind == "population" and "people" not in counts:
        raise InvalidInput(
            "{file} has no column “people”. Say with --people which column counts them: {columns}.",
            file=file,
            columns=columns,
        )
    if kind == "districts" and "name" not in texts:
        raise InvalidInput(
            "{file} has no column “name”. Say with --name-column what the districts are called: {columns}.",
            file=file,
            columns=columns,
        )
    if len(nodes) == 1:
        raise InvalidInput(
            "{file} has node ids at one end only ({column}). Say both with --from-node and --to-node: {columns}.",
            file=file,
            column=next(iter(nodes.values())),
            columns=columns,
        )


def _there(column: str, columns: Sequence[str], file: str) -> str:
    if column not in columns:
        raise InvalidInput(
            "{file} has no column “{column}”. It has: {columns}.",
            file=file,
            column=column,
            columns=", ".join(columns) or "-",
        )
    return column
