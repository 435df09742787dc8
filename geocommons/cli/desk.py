"""Verbs of the planner's desk: standards, scenarios and schedules."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from geocommons.cli.console import AsJson, language, now, out, register, words, write_json
from geocommons.errors import InvalidInput
from geocommons.language import mark
from geocommons.model.base import MOST_ID
from geocommons.numerals import day
from geocommons.store.desk import get_scenario, list_scenarios, list_schedules
from geocommons.usecases.findings.say import KIND_WORDS
from geocommons.usecases.runs.provenance import change_words
from geocommons.usecases.runs.schedules import ask_due, make_schedule, stop_schedule
from geocommons.usecases.scenarios import add_change, make_scenario
from geocommons.usecases.standards import keep_standard, list_standards

ACTION = "start an analysis"
EVERY = {"month": mark("Every month"), "quarter": mark("Every quarter"), "year": mark("Every year")}
File = Annotated[Path, typer.Argument(help="JSON file.")]
standards_app = typer.Typer(help="Standards of service: published ones, and the city's own.", no_args_is_help=True)
scenarios_app = typer.Typer(help="What if: sets of changes on top of a day.", no_args_is_help=True)
schedules_app = typer.Typer(help="Questions that are asked again every month.", no_args_is_help=True)


@standards_app.command("list")
def standards_list(as_json: AsJson = False) -> None:
    """List the standards with their tests."""
    with register("read") as (store, _), store.reading() as session:
        found = list_standards(session)
    if as_json:
        write_json([standard.to_json() for standard in found])
        return
    for standard in found:
        _print(f"{standard.id}  {standard.title.say(language())} ({standard.source})")
        for test in standard.tests:
            _print(f"  {test.words.say(language())}")


@standards_app.command("keep")
def standards_keep(file: File) -> None:
    """Keep a standard of the city's own, as its newest version."""
    with register(ACTION) as (store, _):
        kept = keep_standard(store, _read(file), now=now())
    write_json({"id": kept.key, "version": kept.version})


@scenarios_app.command("list")
def scenarios_list(as_json: AsJson = False) -> None:
    """List the scenarios with their changes."""
    with register(ACTION) as (store, _), store.reading() as session:
        found = list_scenarios(session)
        said = {one.id: [change_words(session, change, language()) for change in one.changes] for one in found}
    if as_json:
        write_json([{"id": one.id, "name": one.name, "changes": one.changes} for one in found])
        return
    for one in found:
        _print(f"{one.id}  {one.name}")
        for change in said[one.id]:
            _print(f"  {change}")


@scenarios_app.command("make")
def scenarios_make(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    file: Annotated[Path | None, typer.Option("--changes", help="JSON file with a list of changes.")] = None,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Make a scenario; its number is what `--scenario` of an analysis takes."""
    with register(ACTION) as (store, _):
        made = make_scenario(store, name, _read(file) if file else [], note=note, now=now())
    write_json({"id": made.id, "name": made.name, "changes": made.changes})


@scenarios_app.command("change")
def scenarios_change(
    scenario: Annotated[int, typer.Argument(max=MOST_ID, help="Number of the scenario.")], file: File
) -> None:
    """Add changes to a scenario."""
    with register(ACTION) as (store, _):
        changes = _read(file)
        for change in changes if isinstance(changes, list) else [changes]:
            add_change(store, scenario, change, now=now())
        with store.reading() as session:
            found = get_scenario(session, scenario).changes
    write_json(found)


@schedules_app.command("list")
def schedules_list(as_json: AsJson = False) -> None:
    """List the questions that are asked again."""
    with register("read") as (store, _), store.reading() as session:
        found: list[dict[str, Any]] = [
            {"id": one.id, "kind": one.kind, "params": one.params, "every": one.every,
             "next_on": one.next_on.isoformat(), "stopped": one.stopped_at is not None}
            for one in list_schedules(session)
        ]  # fmt: skip
    if as_json:
        write_json(found)
        return
    for one in found:
        on = day(one["next_on"], language())
        state = words("asked no more") if one["stopped"] else words("next on {day}").format(day=on)
        _print(f"{one['id']}  {KIND_WORDS[one['kind']].say(language())}  {words(EVERY[one['every']])}, {state}")


@schedules_app.command("make")
def schedules_make(
    run: Annotated[int, typer.Argument(max=MOST_ID, help="Number of the run whose question is asked again.")],
    every: Annotated[str, typer.Option(help="month, quarter or year.")] = "month",
) -> None:
    """Ask the question of a run again on the first day of every month, quarter or year."""
    with register(ACTION) as (store, _):
        made = make_schedule(store, run, every, now=now())
    write_json({"id": made.id, "next_on": made.next_on.isoformat()})


@schedules_app.command("stop")
def schedules_stop(schedule: Annotated[int, typer.Argument(max=MOST_ID, help="Number of the schedule.")]) -> None:
    """Ask a question no more."""
    with register(ACTION) as (store, _):
        stop_schedule(store, schedule, now=now())
    typer.echo(words("It is asked no more. What was answered stays."))


@schedules_app.command("ask")
def schedules_ask() -> None:
    """Let the questions that are due wait for their turn; a served register does so by itself."""
    with register(ACTION) as (store, _):
        write_json({"runs": ask_due(store, lambda run: None, now=now())})


def _print(line: str) -> None:
    out.print(line, highlight=False, soft_wrap=True, markup=False)


def _read(file: Path) -> Any:
    if not file.exists():
        raise InvalidInput("There is no file {file}. Check the path.", file=str(file))
    try:
        return orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise InvalidInput("{file} cannot be read as JSON: {reason}", file=file.name, reason=str(error)) from error
