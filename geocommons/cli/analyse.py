"""Verbs that answer: one for each kind of analysis, its options drawn from its question."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer
from pydantic.fields import FieldInfo
from rich.table import Table as RichTable

from geocommons.cli.console import AsJson, language, now, out, read_day, register, steps_bar, words, write_json
from geocommons.cli.shell_table import shell_table
from geocommons.model.run import Run
from geocommons.numerals import day
from geocommons.usecases.analyses.catalogue import KINDS, get_question
from geocommons.usecases.exports.runs import export_run
from geocommons.usecases.findings.document import Findings, Table, say_cell
from geocommons.usecases.findings.say import KIND_WORDS, findings_of, result_in
from geocommons.usecases.questions.question import read_question
from geocommons.usecases.runs.keep import answer

SHOWN_ROWS = 20
Out = Annotated[
    Path | None, typer.Option("--out", help="Write .pdf, .png, .html, .csv, .gpkg, .geojson, .parquet or .fgb.")
]
Draft = Annotated[bool, typer.Option("--draft", help="Show the run only to those who may start one.")]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", help="Dask scheduler whose workers do the walking, tcp://host:8786.")
]
At = Annotated[str | None, typer.Option("--at", help="Day, as 2026-03-31; today if left out.")]


class Kinds(typer.core.TyperGroup):
    """The kinds of analysis, each loaded when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the kinds, in the order of the catalogue."""
        return list(KINDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the verb of a kind, or None if there is none of that name."""
        if cmd_name not in KINDS:
            return None
        alone = typer.Typer(rich_markup_mode=None)
        alone.callback()(lambda: None)
        alone.command(cmd_name, help=KIND_WORDS[cmd_name].say("en"))(_verb(cmd_name))
        return typer.main.get_group(alone).commands[cmd_name]


analyse_app = typer.Typer(
    cls=Kinds, help="Who is served, where nobody is, and where the next site should go.", no_args_is_help=True
)


@analyse_app.callback()
def _analyse() -> None:
    """Who is served, where nobody is, and where the next site should go."""


def _verb(kind: str) -> Callable[..., None]:
    """Return a function whose options are the fields of a kind's question."""
    fields = {name: field for name, field in get_question(kind).model_fields.items() if name != "at"}

    def verb(**given: Any) -> None:
        path, as_json, draft, at = (given.pop(name) for name in ("out_file", "as_json", "draft", "at"))
        scheduler = given.pop("scheduler", None)
        _run(kind, given, at, path, as_json=as_json, draft=draft, scheduler=scheduler)

    own = [_option(name, field) for name, field in fields.items()]
    shared: Any = (("at", At, None), ("as_json", AsJson, False), ("out_file", Out, None), ("draft", Draft, False))
    shared += (("scheduler", Scheduler, None),) if get_question(kind).by_many else ()
    own += [_parameter(name, annotation, default) for name, annotation, default in shared]
    verb.__signature__ = inspect.Signature(own)  # type: ignore[attr-defined]
    return verb


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    """Return a field as an option: several values are given one by one; choices are read by the question itself."""
    flag = f"--{name.replace('_', '-')}"
    kind: Any = field.annotation
    several = get_origin(kind) is tuple
    plain = next((one for one in (bool, int, float) if kind is one or one in get_args(kind)), str)
    annotation = list[str] | None if several else bool if plain is bool else plain | None
    choices = [str(one) for one in get_args(kind) if isinstance(one, str)]
    said = (field.description or "") + (f" One of: {', '.join(choices)}." if choices else "")
    default = False if plain is bool and not several else None
    return _parameter(name, Annotated[annotation, typer.Option(flag, help=said)], default)


def _run(
    kind: str,
    given: dict[str, Any],
    at: str | None,
    path: Path | None,
    *,
    as_json: bool,
    draft: bool,
    scheduler: str | None,
) -> None:
    with register("start an analysis") as (store, settings):
        if scheduler is not None:
            settings = settings.model_copy(update={"scheduler": scheduler})
        question = read_question(get_question(kind), given, today=read_day(at))
        with steps_bar(KIND_WORDS[kind].say(language())) as tell:
            run = answer(store, settings, question, now=now(), publish=not draft, progress=tell)
        if path is not None:
            export_run(store, settings, run, path, language=language())
        if as_json:
            with store.reading() as session:
                write_json(result_in(session, run))
            return
        findings = findings_of(store, run, language())
    _print(run, findings)


def _print(run: Run, findings: Findings) -> None:
    as_of = words("As of {day}").format(day=day(run.params["at"], language()))
    out.print(f"{as_of}: {findings.sentence}", highlight=False)
    for table in findings.tables:
        out.print(f"\n{table.title}", style="bold", highlight=False)
        out.print(_table(table))
        if len(table.rows) > SHOWN_ROWS:
            out.print(words("… and {more} more.").format(more=len(table.rows) - SHOWN_ROWS))
    for number, caution in enumerate(findings.cautions):
        out.print(caution if number else f"\n{caution}", highlight=False)


def _table(table: Table) -> RichTable:
    kinds = [column.kind for column in table.columns]
    rows = [
        [say_cell(value, kind, language()) for value, kind in zip(row.cells, kinds, strict=True)]
        for row in table.rows[:SHOWN_ROWS]
    ]
    words_in = {at for at, kind in enumerate(kinds) if kind == "text"}
    return shell_table([column.title for column in table.columns], rows, out.width, words=words_in)
