"""Verbs of runs: what was asked, what came out, what has changed since, and who may look at it."""

from typing import Annotated, Any

import typer

from geocommons.cli.console import AsJson, language, now, out, register, words, write_json
from geocommons.language import mark
from geocommons.model.base import MOST_ID
from geocommons.model.run import Run
from geocommons.numerals import day, number
from geocommons.store.runs import get_run, list_runs
from geocommons.usecases.findings.say import KIND_WORDS, findings_of, result_in
from geocommons.usecases.runs.changed import changed_since, changed_words
from geocommons.usecases.runs.keep import error_words, publish_run
from geocommons.usecases.runs.provenance import address_of, asked_words, input_words
from geocommons.usecases.runs.queue import call_off

ACTION = "start an analysis"
SHOWN_CHECKSUM = 12
Number = Annotated[int, typer.Argument(max=MOST_ID, help="Number of the run.")]
runs_app = typer.Typer(help="What was asked, what came out, and who may look at it.", no_args_is_help=True)
STATES = {
    "queued": mark("waits"), "running": mark("at work"), "finished": mark("finished"), "failed": mark("failed"),
    "cancelled": mark("called off"),
}  # fmt: skip


@runs_app.command("list")
def runs_list(
    kind: Annotated[str | None, typer.Option(help="Only runs of this kind of analysis.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first, with how far they are and how long they took."""
    with register(ACTION) as (store, _), store.reading() as session:
        found = [run for run in list_runs(session, kind, limit=limit) if run.kind in KIND_WORDS]
    if as_json:
        write_json([_as_json(run) for run in found])
        return
    for run in found:
        out.print(_line(run), highlight=False, soft_wrap=True)


@runs_app.command("show")
def runs_show(run: Number, as_json: AsJson = False) -> None:
    """Show what a run was asked, what it found, of which inputs, and what has changed since."""
    with register(ACTION) as (store, settings):
        with store.reading() as session:
            shown = get_run(session, run)
            asked, result = asked_words(session, shown, language()), result_in(session, shown)
        done = shown.state == "finished"
        since = changed_since(store, settings, shown) if done else None
        told = findings_of(store, shown, language()).sentence if done else error_words(shown, language())
    said = changed_words(since, language()) if since else []
    if as_json:
        write_json(_as_json(shown) | {"inputs": shown.inputs, "result": result, "changed": said})
        return
    lines = [_line(shown), *([told] if told else []), *(f"  {name}: {value}" for name, value in asked)]
    lines += [
        f"  {input_words(name, language())}: {str(value)[:SHOWN_CHECKSUM]}" for name, value in shown.inputs.items()
    ]
    for line in [*lines, settings.home + address_of(shown.kind, shown.params), *said]:
        out.print(line, highlight=False, soft_wrap=True, markup=False)


@runs_app.command("cancel")
def runs_cancel(run: Number) -> None:
    """Call a run off: one that waits never begins, one that is at work stops at its next step."""
    with register(ACTION) as (store, _):
        done = call_off(store, run, now=now())
    out.print(_line(done), highlight=False, soft_wrap=True)


@runs_app.command("publish")
def runs_publish(run: Number) -> None:
    """Let everybody look at a run."""
    with register(ACTION) as (store, _):
        publish_run(store, run, now=now())
    typer.echo(words("Everybody may look at this run now."))


@runs_app.command("withdraw")
def runs_withdraw(run: Number) -> None:
    """Let only planners look at a run."""
    with register(ACTION) as (store, _):
        publish_run(store, run, now=None)
    typer.echo(words("Only planners see this run now."))


def _line(run: Run) -> str:
    """Return a run on one line: number, kind, day, state, progress or duration, and who may look at it."""
    state = words(STATES[run.state])
    if run.is_open:
        state += f" {run.progress:.0%}"
    took = f", {number(run.duration_s, language(), 1)} s" if run.duration_s is not None else ""
    seen = words(mark("published")) if run.published_at else words(mark("draft"))
    what, on = KIND_WORDS[run.kind].say(language()), day(run.params["at"], language())
    return f"{run.id}  {what}  {on}  {state}{took}  {seen}"


def _as_json(run: Run) -> dict[str, Any]:
    return {
        "id": run.id, "kind": run.kind, "state": run.state, "progress": run.progress, "params": run.params,
        "version": run.version, "started_at": run.started_at, "finished_at": run.finished_at,
        "duration_s": run.duration_s, "published_at": run.published_at, "address": address_of(run.kind, run.params),
    }  # fmt: skip
