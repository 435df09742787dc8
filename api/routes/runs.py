"""Runs: what analyses found, as JSON, as tiles over the map and as files."""

import tempfile
from pathlib import Path
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, Field

from api.answers import body, empty, etag, is_known, json, not_modified
from api.auth import ActorDep, may
from api.deps import (
    ActingStoreDep,
    FilesDep,
    LanguageDep,
    NowDep,
    QueueDep,
    SessionDep,
    SettingsDep,
    StoreDep,
    TilesDep,
    is_planner,
    parse_count,
    refuse_unknown,
    visible_run,
)
from api.file_desk import RunFile
from api.links import GEOJSON, GRID, MVT, link
from geocommons.errors import InvalidInput
from geocommons.files.export import write_frame
from geocommons.files.tiles import check_tile
from geocommons.model.run import Run
from geocommons.store.runs import list_runs
from geocommons.usecases.analyses.catalogue import get_question
from geocommons.usecases.exports.runs import export_run
from geocommons.usecases.findings.say import result_in
from geocommons.usecases.questions.question import read_question
from geocommons.usecases.runs.keep import read_output
from geocommons.usecases.runs.queue import call_off, queue_run

router = APIRouter(prefix="/api/runs", tags=["analyses"], dependencies=[may("read")])
MEDIA_TYPES = {
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": GEOJSON,
    ".fgb": "application/flatgeobuf",
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
WHOLE_TYPES = MEDIA_TYPES | {".pdf": "application/pdf", ".png": "image/png"}


class RunRequest(BaseModel):
    """A question: a kind of analysis, and values for the fields of its form."""

    kind: str = Field(max_length=40)
    params: dict[str, Any] = {}


@router.get("")
def show_runs(request: Request, session: SessionDep, actor: ActorDep, kind: str = "", limit: str = "50") -> Response:
    """Return the runs (of a kind) that who asks may look at, the newest first."""
    refuse_unknown(request, "kind", "limit")
    most = min(parse_count("limit", limit, least=1), 1_000)
    found = list_runs(session, kind or None, limit=most, only_published=not is_planner(actor))
    return json(request, {"runs": [_described(request, session, run) for run in found]})


@router.get("/{run_id}")
def show_run(request: Request, session: SessionDep, actor: ActorDep, run_id: int) -> Response:
    """Return a run: what was asked, of which inputs, and what came out."""
    refuse_unknown(request)
    return json(request, _described(request, session, visible_run(session, actor, run_id)))


@router.post("", status_code=202, dependencies=[may("start an analysis")])
def start_run(
    request: Request, store: ActingStoreDep, queue: QueueDep, now: NowDep, asked: Annotated[RunRequest, Body()]
) -> Response:
    """Let a question wait for its turn; its run is at the address in `Location`."""
    question = read_question(get_question(asked.kind), asked.params, today=now.date())
    run = queue_run(store, question, now=now)
    queue.submit(run.id)
    with store.reading() as session:
        answer = json(request, _described(request, session, run))
    answer.status_code, answer.headers["location"] = 202, f"/api/runs/{run.id}"
    return answer


@router.post("/{run_id}/cancel", dependencies=[may("start an analysis")])
def cancel_run(request: Request, store: ActingStoreDep, now: NowDep, run_id: int) -> Response:
    """Call a run off."""
    run = call_off(store, run_id, now=now)
    with store.reading() as session:
        return json(request, _described(request, session, run))


@router.get(f"/{{run_id}}/tiles/{{output}}/{GRID}/{{z}}/{{y}}/{{x}}", include_in_schema=False)
@router.get("/{run_id}/tiles/{output}/{z}/{y}/{x}")
def show_run_tile(
    request: Request, store: StoreDep, session: SessionDep, actor: ActorDep, tiles: TilesDep,
    run_id: int, output: str, z: int, y: int, x: int,
) -> Response:  # fmt: skip
    """Return a tile of an output of a run."""
    refuse_unknown(request)
    check_tile(z, x, y)
    visible_run(session, actor, run_id)
    tag = etag(request, store.version())
    if is_known(request, tag):
        return not_modified(tag)
    content = tiles.run(run_id, output, z, x, y)
    return body(request, content, MVT, tag) if content else empty(tag)


@router.get("/{run_id}/export/{output}.{suffix}")
def export_output(
    request: Request, store: StoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep, run_id: int,
    output: str, suffix: str,
) -> Response:  # fmt: skip
    """Return an output of a run as a file, or as a map in one HTML page with everything that the run found."""
    refuse_unknown(request)
    if f".{suffix}" not in MEDIA_TYPES:
        offered = ", ".join(name.removeprefix(".") for name in MEDIA_TYPES)
        raise InvalidInput(
            "There is no file of type “{suffix}” here. There are: {offered}.", suffix=suffix, offered=offered
        )
    with store.reading() as session:
        run = visible_run(session, actor, run_id)
    frame = read_output(settings, run, output)
    name = f"{run.kind}-{run.id}-{output}.{suffix}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        if suffix == "html":
            export_run(store, settings, run, path, language=language)
        else:
            write_frame(frame, path)
        content = path.read_bytes()
    return body(request, content, MEDIA_TYPES[path.suffix], content_disposition=f'attachment; filename="{name}"')


@router.get("/{run_id}/{file}", name="take_away")
def take_away(
    request: Request, store: StoreDep, actor: ActorDep, files: FilesDep, language: LanguageDep, run_id: int,
    file: RunFile,
) -> Response:  # fmt: skip
    """Return all that a run found as one file: the report, its map, its figures, or every layer of it."""
    refuse_unknown(request)
    with store.reading() as session:
        run = visible_run(session, actor, run_id)
    version = store.version()
    tag = etag(request, version, language)
    if is_known(request, tag):
        return not_modified(tag)
    stem, _, suffix = file.partition(".")
    name = f"{run.kind}-{run.id}-{stem}.{suffix}"
    shown = "inline" if suffix in ("pdf", "png") else "attachment"
    content = files.get(run, file, language, version)
    return body(request, content, WHOLE_TYPES[f".{suffix}"], tag, content_disposition=f'{shown}; filename="{name}"')


def _described(request: Request, session: SessionDep, run: Run) -> dict[str, Any]:
    path = f"/api/runs/{run.id}"
    outputs = {
        name: {
            "tiles": link(request, f"{path}/tiles/{name}/{{z}}/{{y}}/{{x}}", "item", MVT)["href"],
            "files": [link(request, f"{path}/export/{name}{suffix}", "item")["href"] for suffix in MEDIA_TYPES],
        }
        for name in run.outputs
    }
    return {
        "id": run.id,
        "kind": run.kind,
        "state": run.state,
        "params": run.params,
        "inputs": run.inputs,
        "version": run.version,
        "progress": run.progress,
        "published_at": run.published_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "result": result_in(session, run),
        "outputs": outputs,
        "files": [link(request, f"{path}/{name}", "item")["href"] for name in get_args(RunFile)],
    }
