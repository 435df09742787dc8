"""Verbs about context: context add, list and remove."""

from pathlib import Path
from typing import Annotated

import typer

from geocommons.cli.console import AsJson, err, language, now, out, progress_bar, register, tell_rows, words, write_json
from geocommons.cli.shell_table import shell_table
from geocommons.errors import InvalidInput
from geocommons.language import mark
from geocommons.model.context_set import ContextSet
from geocommons.numerals import day, number
from geocommons.store.context_sets import list_context
from geocommons.usecases.contexts.add import add_context, remove_context
from geocommons.usecases.contexts.plan import ContextOptions
from geocommons.usecases.contexts.report import ContextReport

context_app = typer.Typer(help="What analyses and maps stand on but nobody adopts.", no_args_is_help=True)
Kind = Annotated[str, typer.Argument(help="streets, population, districts, water, green or candidates.")]
HEADS = (mark("Kind"), mark("Name"), mark("Features"), mark("Source"), mark("Licence"), mark("Added"))


@context_app.command("add")
def add(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="Any vector file; for streets also an OpenStreetMap PBF.")],
    name: Annotated[str | None, typer.Option(help="Name of the set; the name of the file if left out.")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of the file if it does not say, as EPSG:28992.")] = None,
    file_layer: Annotated[str | None, typer.Option("--layer", help="Layer inside the file, if several.")] = None,
    source: Annotated[str, typer.Option(help="Where the file is from.")] = "",
    licence: Annotated[str, typer.Option(help="Its licence, as CC-BY-4.0.")] = "",
    attribution: Annotated[str, typer.Option(help="What maps must say of it.")] = "",
    people: Annotated[str | None, typer.Option(help="Column that counts people.")] = None,
    groups: Annotated[list[str] | None, typer.Option("--group", help="NAME=COLUMN; as often as needed.")] = None,
    name_column: Annotated[str | None, typer.Option("--name-column", help="Column with the names.")] = None,
    class_column: Annotated[str | None, typer.Option("--class-column", help="Column with the class or kind.")] = None,
    from_node: Annotated[str | None, typer.Option("--from-node", help="Column: node where a street starts.")] = None,
    to_node: Annotated[str | None, typer.Option("--to-node", help="Column: node where a street ends.")] = None,
    join: Annotated[Path | None, typer.Option(help="Table whose columns are added by a key.")] = None,
    on: Annotated[str | None, typer.Option(help="COLUMN, or COLUMN=COLUMN of the table.")] = None,
    x: Annotated[str | None, typer.Option("--x", help="Column of a CSV with the x or longitude.")] = None,
    y: Annotated[str | None, typer.Option("--y", help="Column of a CSV with the y or latitude.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Write the report to this JSON file.")] = None,
) -> None:
    """Make a file the register's context of a kind; it replaces the one before."""
    options = ContextOptions(
        name=name, crs=crs, file_layer=file_layer, source=source, licence=licence, attribution=attribution,
        people=people, groups=dict(_pair(text) for text in groups or []), name_column=name_column,
        class_column=class_column, from_node=from_node, to_node=to_node, join=join, on=_key(on), x=x, y=y,
    )  # fmt: skip
    with register("keep context") as (store, settings), progress_bar(file.name) as advance:
        done = add_context(store, settings, kind, file, options, now=now(), progress=advance)
    _finish(done, report)


@context_app.command("list")
def show(as_json: AsJson = False) -> None:
    """List the context that the register has."""
    with register("read") as (store, _), store.reading() as session:
        entries = list_context(session)
    if as_json:
        write_json([_entry(entry) for entry in entries])
        return
    if not entries:
        out.print(words("The register has no context yet."))
        return
    out.print(shell_table([words(head) for head in HEADS], list(map(_row, entries)), out.width, words={0, 1, 3, 4}))


@context_app.command("remove")
def remove(kind: Kind) -> None:
    """Take a context set out of the register."""
    with register("keep context") as (store, settings):
        remove_context(store, settings, kind)
    err.print(words("The register has no {kind} any more.").format(kind=kind))


def _row(entry: ContextSet) -> list[str]:
    features, added = number(entry.features, language()), day(entry.added_at.date(), language(), "medium")
    return [entry.kind, entry.name, features, entry.source, entry.licence, added]


def _entry(entry: ContextSet) -> dict[str, object]:
    names = ("kind", "name", "features", "columns", "crs", "checksum", "source", "licence", "attribution")
    return {name: getattr(entry, name) for name in names} | {
        "bbox": [entry.west, entry.south, entry.east, entry.north],
        "added_at": entry.added_at,
        "notes": entry.notes,
    }


def _pair(text: str) -> tuple[str, str]:
    name, sign, column = text.partition("=")
    if not (name.strip() and sign and column.strip()):
        raise InvalidInput("“{text}” is not of the form name=column.", text=text)
    return name.strip(), column.strip()


def _key(text: str | None) -> tuple[str, str] | None:
    """Return the columns that a key has in the file and in the table."""
    if text is None:
        return None
    own, sign, other = text.partition("=")
    return (own.strip(), other.strip()) if sign else (text.strip(), text.strip())


def _finish(report: ContextReport, path: Path | None) -> None:
    """Say what became of the rows, and end with the status that says so too."""
    if path is not None:
        write_json(report.as_dict(language()), path)
    counts = words("read {read}, accepted {accepted}, rejected {rejected}, repaired {repaired}")
    people = (
        ""
        if report.people is None
        else ", " + words("people {people}").format(people=number(report.people, language()))
    )
    err.print(f"{report.file}: {counts.format(**vars(report))}{people}", markup=False, highlight=False, soft_wrap=True)
    tell_rows(report.rows)
    if report.table is not None:
        table = report.table
        sentence = words(
            "{file}: {used} of {read} rows were joined, {repeated} are repeated, {unplaced} found no place."
        )
        said = sentence.format(
            file=table.file, used=table.used, read=table.read, repeated=table.repeated, unplaced=table.unplaced
        )
        err.print(said, markup=False, highlight=False, soft_wrap=True)
    if report.accepted == 0:
        err.print(words("No row could be taken; the register keeps what it had."))
    raise typer.Exit(report.exit_code)
