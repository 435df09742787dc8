"""A page for each kind of analysis: what it found, how it was computed, and the form that asks it again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.auth import ActorDep, may
from api.deps import (
    ActingStoreDep,
    DayDep,
    LanguageDep,
    NowDep,
    QueueDep,
    SessionDep,
    SettingsDep,
    StoreDep,
    is_planner,
    parse_count,
    parse_day,
    visible_run,
)
from api.forms import FormDep
from api.notice import see_other
from api.page import page, script_json
from api.questions import asked_differently, form_fields, form_values
from api.run_map import CLASSES, SCHEME, run_map, sites_of
from geocommons.errors import InvalidInput
from geocommons.language import mark, translate
from geocommons.model.run import Run
from geocommons.store.runs import find_published, get_run, latest_run, list_runs
from geocommons.usecases.analyses.catalogue import KINDS, get_question
from geocommons.usecases.findings.say import KIND_WORDS, findings_in
from geocommons.usecases.questions.question import Question, read_question
from geocommons.usecases.runs.changed import changed_since, changed_words
from geocommons.usecases.runs.keep import error_words, publish_run
from geocommons.usecases.runs.provenance import address_of, asked_words, input_words, read_address
from geocommons.usecases.runs.queue import call_off, queue_run

router = APIRouter(prefix="/analyses", include_in_schema=False)
ASKED_FIRST: dict[str, Any] = {"supply": ("gardens",)}
"""What a form asks where nothing was asked before."""
PUBLISHED = mark("Everybody may look at this run now.")
WITHDRAWN = mark("Only planners see this run now.")
CALLED_OFF = mark("The run was called off.")
SHOWN_RUNS, SHOWN_CHECKSUM = 12, 12
SEEN_RUNS = 50
LOOK_EVERY_S = 0.5


@router.get("", dependencies=[may("read")])
def show_desk(
    request: Request, session: SessionDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep
) -> Response:
    """Return every kind of analysis with what it found last, and the newest runs."""
    latest = {kind: latest_run(session, kind) for kind in KINDS}
    newest = [(kind, run, findings_in(session, run, language) if run else None) for kind, run in latest.items()]
    runs = list_runs(session, limit=SHOWN_RUNS, only_published=not is_planner(actor))
    return page(
        request, "analyses/desk.html", language, settings, kinds=newest, runs=runs, kind_words=KIND_WORDS,
        current="analyses",
    )  # fmt: skip


@router.get("/{kind}", dependencies=[may("read")])
def show_analysis(
    request: Request, store: StoreDep, session: SessionDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, day: DayDep, kind: str, run: int | None = None, panel: bool = False,
    scheme: str = SCHEME, k: str = str(CLASSES), since: bool = False,
) -> Response:  # fmt: skip
    """Return the newest run of an analysis, the one that is asked for, or the one that answers what the address asks.

    With `since`, a planner reads what has changed since that run.
    """
    question = get_question(kind)
    wanted = read_address(kind, request.query_params.multi_items())
    if run is not None:
        shown: Run | None = visible_run(session, actor, run, kind)
    else:
        shown = latest_run(session, kind) if wanted.keys() <= {"at"} else _answering(session, question, wanted, day)
    params = dict(shown.params) if shown else ASKED_FIRST | wanted
    findings = findings_in(session, shown, language) if shown and shown.state == "finished" else None
    context: dict[str, Any] = {
        "kind": kind, "words": KIND_WORDS[kind], "kinds": KIND_WORDS, "run": shown, "params": params, "day": day,
        "current": "analyses", "map_layers": sites_of(params), "findings": findings,
        "error": error_words(shown, language) if shown and shown.state == "failed" else "",
    }  # fmt: skip
    if shown and findings:
        context |= _provenance(store, session, settings, shown, language, since=since and is_planner(actor))
    if panel:
        return page(request, "analyses/brief.html", language, settings, **context)
    drawn = None
    if shown and findings and findings.layers:
        drawn = run_map(session, settings, language, [(shown, findings)], scheme=scheme, k=parse_count("k", k, least=1))
    context |= {
        "run_map": drawn, "config": script_json(drawn.config) if drawn else None,
        "others": _others(session, actor, shown, language) if findings else [],
    }  # fmt: skip
    if is_planner(actor):
        asked = params | wanted | {"at": day.isoformat()}
        context["fields"] = form_fields(session, question, asked, language)
    return page(request, "analyses/study.html", language, settings, **context)


@router.post("/{kind}", dependencies=[may("start an analysis")])
def ask(store: ActingStoreDep, runs: QueueDep, now: NowDep, kind: str, form: FormDep) -> Response:
    """Let a question wait for its turn, and lead to where its answer will be."""
    question = get_question(kind)
    at = parse_day(form["at"]) if form["at"] else date.today()
    asked = read_question(question, form_values(question, form) | {"at": at}, today=at)
    run = queue_run(store, asked, now=now)
    runs.submit(run.id)
    return RedirectResponse(f"/analyses/{kind}?run={run.id}", status_code=303)


@router.post("/runs/{run_id}/publish", dependencies=[may("start an analysis")])
def publish(store: ActingStoreDep, settings: SettingsDep, now: NowDep, run_id: int, form: FormDep) -> Response:
    """Let everybody look at a run, or only planners again."""
    withdrawn = form["publish"] == "no"
    run = publish_run(store, run_id, now=None if withdrawn else now)
    return see_other(f"/analyses/{run.kind}?run={run_id}", settings, WITHDRAWN if withdrawn else PUBLISHED)


@router.post("/runs/{run_id}/cancel", dependencies=[may("start an analysis")])
def cancel(store: ActingStoreDep, settings: SettingsDep, now: NowDep, run_id: int, form: FormDep) -> Response:
    """Call a run off."""
    run = call_off(store, run_id, now=now)
    return see_other(f"/analyses/{run.kind}?run={run_id}", settings, CALLED_OFF)


@router.get("/runs/{run_id}/progress", dependencies=[may("start an analysis")])
async def follow(request: Request, store: StoreDep, language: LanguageDep, run_id: int) -> Response:
    """Tell how far a run is, as it goes on: server-sent events, the last of them where it came to an end."""

    def look() -> tuple[bool, bytes]:
        with store.asking() as session:
            run = get_run(session, run_id)
        told = {"state": run.state, "progress": run.progress, "step": translate(run.step, language) if run.step else ""}
        return run.is_open, b"data: " + orjson.dumps(told) + b"\n\n"

    await run_in_threadpool(look)  # a run that is not there is refused before anything is sent

    async def events() -> AsyncIterator[bytes]:
        goes_on, told = True, b""
        while goes_on and not await request.is_disconnected():
            goes_on, event = await run_in_threadpool(look)
            if event != told:
                yield event
            told = event
            await asyncio.sleep(LOOK_EVERY_S)

    return StreamingResponse(events(), media_type="text/event-stream", headers={"cache-control": "no-store"})


def _others(session: SessionDep, actor: ActorDep, shown: Run | None, language: str) -> list[tuple[int, str]]:
    """Return the last runs of the same kind that a run can be compared with, and what each asked differently."""
    if shown is None:
        return []
    seen = list_runs(session, shown.kind, limit=SEEN_RUNS, only_published=not is_planner(actor))
    question = get_question(shown.kind)
    found = []
    for run in [one for one in seen if one.state == "finished" and one.id != shown.id][:SHOWN_RUNS]:
        asked = asked_differently(session, question, shown.params, run.params, language)
        found.append((run.id, "; ".join(f"{title}: {other}" for title, _, other in asked)))
    return found


def _answering(session: SessionDep, question: type[Question], wanted: dict[str, Any], day: date) -> Run | None:
    """Return the newest published run that answers what an address asks, if it asks a whole question."""
    try:
        asked = read_question(question, wanted, today=day)
    except InvalidInput:
        return None
    return find_published(session, question.kind, asked.params)


def _provenance(
    store: StoreDep, session: SessionDep, settings: SettingsDep, run: Run, language: str, *, since: bool
) -> dict[str, Any]:
    """Return how a run was computed: what was asked, its inputs with the first digits of their checksums, its address.

    What has changed since is looked up only where it is asked for: inputs are loaded for that.
    """
    inputs = [(input_words(name, language), str(value)[:SHOWN_CHECKSUM]) for name, value in run.inputs.items()]
    return {
        "inputs": inputs, "asked": asked_words(session, run, language), "address": address_of(run.kind, run.params),
        "home": settings.home,
        "changed": changed_words(changed_since(store, settings, run), language) if since else [],
    }  # fmt: skip
