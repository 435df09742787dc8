"""What every verb of the shell shares: where it writes, how it shows progress, and how it says no."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from getpass import getuser
from pathlib import Path
from typing import Annotated, Literal

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from geocommons.errors import GeoCommonsError, InvalidInput, NotAllowed, NotSignedIn
from geocommons.language import mark, pick_language, say, translate
from geocommons.model.actor import OPERATOR, Actor
from geocommons.model.base import refuse_far_day
from geocommons.model.permission import permit
from geocommons.settings import Settings, get_settings
from geocommons.store.engine import Store, open_store
from geocommons.store.schema import check_ready
from geocommons.usecases.imports.report import Report, RowNote

out = Console()
err = Console(stderr=True)
SHOWN_ROWS = 10
GEOMETRY = mark("geometry")
"""What a note names as its column where it is about the place itself."""
Advance = Callable[[int, int | None], None]
OnError = Literal["reject", "abort"]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def _writable(path: Path | None) -> Path | None:
    """Return where a report goes, or refuse before anything is done that it could not tell of."""
    if path is not None and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)):
        raise InvalidInput("{file} cannot be written. Name a file in a folder that you may write to.", file=path)
    return path


ReportFile = Annotated[
    Path | None, typer.Option("--report", help="Write the report to this JSON file.", callback=_writable)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")]
OnErrorOption = Annotated[OnError, typer.Option("--on-error", help="Refuse bad rows one by one, or the whole file.")]


def language() -> str:
    """Return the language of the person at the shell."""
    if os.environ.get("GEOCOMMONS_LANGUAGE"):
        return pick_language(os.environ["GEOCOMMONS_LANGUAGE"])
    return pick_language(os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG"))


def words(sentence: str) -> str:
    """Return a sentence in the language of the person at the shell."""
    return translate(sentence, language())


def now() -> datetime:
    """Return this moment; the shell is where the clock comes in."""
    return datetime.now(UTC)


@contextmanager
def register(action: str) -> Iterator[tuple[Store, Settings]]:
    """Open the register that the settings name, for an action of the table of permissions.

    Whoever runs programs on the machine of the register may do anything to it; with GEOCOMMONS_TOKEN set, a program
    acts for the token's owner, and no further than that one may. Raises `NotReady` where no register was made.
    """
    settings = get_settings()
    store = open_store(settings.database)
    try:
        check_ready(store)
        actor = _shell_actor(store, settings)
        permit(actor, action)
        yield store.acting_as(actor), settings
    finally:
        store.close()


def refuse_token() -> None:
    """Refuse a token for what is done to the machine rather than to the register."""
    if get_settings().token.get_secret_value():
        raise NotAllowed("A token cannot do this. Leave GEOCOMMONS_TOKEN out, on the machine of the register itself.")


def operator() -> Actor:
    """Return the person at the machine, who may do anything to the register on it."""
    return replace(OPERATOR, name=f"shell:{getuser()}")


def _shell_actor(store: Store, settings: Settings) -> Actor:
    """Return who acts at the shell: the owner of the token that is set, or the person at the machine."""
    if not settings.token.get_secret_value():
        return operator()
    from geocommons.model.sign_in import digest_of  # few acts come with a token
    from geocommons.store.logins import find_bearer

    with store.asking() as session:
        found = find_bearer(session, digest_of(settings.token.get_secret_value()), now())
    if found is None:
        raise NotSignedIn("This token is not known here, or its time is over. Make a new one on your account.")
    return replace(found.actor, door="shell")


@contextmanager
def progress_bar(what: str) -> Iterator[Advance]:
    """Show a bar on standard error, out of the way of what the verb prints."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def steps_bar(what: str) -> Iterator[Callable[..., None]]:
    """Show a bar on standard error that says how far something is (0 to 1), and what is being done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=1.0)

        def tell(share: float, step: str = "") -> None:
            bar.update(task, completed=share, description=f"{what}: {words(step)}" if step else None)

        yield tell


def read_day(text: str | None) -> date:
    """Return the day that a person names, or today."""
    if text is None:
        return now().date()
    try:
        return refuse_far_day(date.fromisoformat(text))
    except ValueError as error:
        raise InvalidInput("“{value}” is not a day. Write it as 2026-03-31.", value=text) from error


def write_json(value: object, path: Path | None = None) -> None:
    """Write JSON to a file, or to standard output."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    if path is None:
        sys.stdout.write(text.decode() + "\n")
    else:
        path.write_bytes(text)


def tell_rows(notes: Sequence[RowNote]) -> None:
    """Say what is wrong with the first rows that were refused, in the language of the person at the shell."""
    told = words(mark("row {row} ({ref}), {column}: {reason} {remedy}"))
    for note in sorted(notes, key=lambda note: note.row)[:SHOWN_ROWS]:
        column = words(GEOMETRY) if note.column == GEOMETRY else note.column
        reason, remedy = note.reason.say(language()), note.remedy.say(language())
        said = told.format(row=note.row, ref=note.ref or "-", column=column or "-", reason=reason, remedy=remedy)
        err.print(f"  {said}", markup=False, highlight=False, soft_wrap=True)
    if len(notes) > SHOWN_ROWS:
        err.print("  " + words("… and {more} more; --report FILE writes all.").format(more=len(notes) - SHOWN_ROWS))


def finish(report: Report, path: Path | None) -> None:
    """Say what became of the rows of a file, and end with the status that says so too."""
    if path is not None:
        write_json(report.as_dict(language()), path)
    tried = " " + words("(tried only: nothing was written)") if report.dry_run else ""
    said = words(
        "read {read}, accepted {accepted}, updated {updated}, unchanged {unchanged},"
        " rejected {rejected}, repaired {repaired}, vanished {vanished}, retired {retired}"
    )
    err.print(f"{report.file}{tried}: {said.format(**vars(report))}", markup=False, soft_wrap=True)
    tell_rows(report.rows)
    if report.later_refs:
        told = words("Shown only from the day to come on which they begin: {refs}")
        err.print(told.format(refs=_some(report.later_refs)), markup=False, soft_wrap=True)
    if report.unused_columns:
        told = words("Columns that nothing was read from (--map fact=column reads one): {columns}")
        err.print(told.format(columns=_some(report.unused_columns)), markup=False, soft_wrap=True)
    if report.aborted:
        err.print(words("Nothing was taken, because some rows had to be refused."))
    raise typer.Exit(report.exit_code)


def _some(names: Sequence[str]) -> str:
    """Return the first of many names, and whether there are more."""
    return ", ".join([*names[:SHOWN_ROWS], *(["…"] if len(names) > SHOWN_ROWS else [])])


def run_app(app: typer.Typer) -> None:
    """Run the shell; a refusal is one sentence on standard error and status 2."""
    try:
        app(standalone_mode=True)
    except GeoCommonsError as error:
        err.print(say(error, language()), style="red", markup=False, soft_wrap=True)
        raise SystemExit(2) from None
