"""Keep every analysis as a Run: the same question on the same inputs is answered once."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import orjson
from geopandas import GeoDataFrame

from geocommons import __version__
from geocommons.errors import GeoCommonsError, NotFound
from geocommons.language import Words, is_sayable, languages, translate
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.bulk import json_text
from geocommons.store.engine import Store
from geocommons.store.runs import find_same_run, get_run
from geocommons.usecases.analyses.catalogue import question_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.prepared import Prepared
from geocommons.usecases.questions.question import Answer, Compute, Progress, Question, no_progress
from geocommons.usecases.questions.scenario import SCENARIO, read_changes
from geocommons.usecases.runs.alive import alive, end_dead_runs


class CalledOff(Exception):
    """Somebody does not want the answer any more."""


def answer(
    store: Store,
    settings: Settings,
    question: Question,
    *,
    now: datetime,
    publish: bool = True,
    progress: Progress = no_progress,
    prepared: Prepared | None = None,
) -> Run:
    """Return the finished run of a question: an earlier one on the same inputs, or a new one.

    A run that fails is kept with its error, and the error goes on. One that is not published is for those to see who
    may start an analysis.
    """
    compute, inputs, same = _prepare(store, settings, question, prepared)
    if same is not None:
        return publish_run(store, same.id, now=now) if publish and same.published_at is None else same
    end_dead_runs(store, settings, now=now)
    with ExitStack() as stack:
        with store.writing() as session:
            run = new_run(question, asked_by=store.actor.account_id, state="running", now=now)
            run.inputs, run.fingerprint = inputs, fingerprint_of(question, inputs)
            session.add(run)
            session.flush()
            # Before anybody can see the run, or they would take it for dead.
            stack.enter_context(alive(settings.running_dir, run.id))
        return _finish(store, settings, run.id, compute, progress, publish=publish)


def new_run(question: Question, *, asked_by: int | None, state: str, now: datetime) -> Run:
    """Return a run of a question that has not begun."""
    return Run(
        kind=question.kind, params=question.params, inputs={}, fingerprint="", version=__version__, state=state,
        asked_by=asked_by, schedule_id=None, published_at=None, progress=0.0, step="", cancel_asked=False, attempts=0,
        started_at=now, finished_at=None, result={}, outputs={}, error=None,
    )  # fmt: skip


def answer_queued(store: Store, settings: Settings, run_id: int, *, progress: Progress, prepared: Prepared) -> Run:
    """Answer the question of a run that waits, whose lock the caller holds; the answer of an earlier run serves too."""
    try:
        with store.reading() as session:
            waiting = get_run(session, run_id)
        question = question_of(waiting.kind, waiting.params)
        compute, inputs, same = _prepare(store, settings, question, prepared)
    except BaseException as error:
        _end_badly(store, run_id, error)
        raise
    with store.writing() as session:
        run = get_run(session, run_id)
        run.inputs, run.fingerprint = inputs, fingerprint_of(question, inputs)
        if same is not None:
            run.state, run.progress, run.finished_at = "finished", 1.0, datetime.now(UTC)
            run.result, run.outputs = same.result, same.outputs
            run.published_at = run.finished_at if run.schedule_id else None
            return run
        planned = run.schedule_id is not None
    return _finish(store, settings, run_id, compute, progress, publish=planned)


def publish_run(store: Store, run_id: int, *, now: datetime | None) -> Run:
    """Let everybody look at a run from now on; with None, only those who may start one."""
    with store.writing() as session:
        run = get_run(session, run_id)
        run.published_at = now
        return run


def read_output(settings: Settings, run: Run, name: str) -> GeoDataFrame:
    """Return a frame that a run wrote (EPSG:4326), or refuse where it has none of that name."""
    path = settings.runs_dir / str(run.outputs.get(name, ""))
    if name not in run.outputs or not path.exists():
        raise NotFound("Run {run} has no “{name}”.", run=run.id, name=name)
    return gpd.read_parquet(path)


def fingerprint_of(question: Question, inputs: Mapping[str, str]) -> str:
    """Return the same text for the same question on the same inputs by the same version."""
    asked = orjson.dumps([question.kind, question.params, dict(inputs), __version__], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(asked).hexdigest()


def _prepare(
    store: Store, settings: Settings, question: Question, prepared: Prepared | None
) -> tuple[Compute, dict[str, str], Run | None]:
    """Return what computes the answer, the checksums of what it stands on, and the run that answered it before."""
    with store.reading() as session:
        changes = read_changes(session, question.scenario)
        inputs = Inputs(session, settings, changes, prepared or Prepared())
        compute = changes.asked(question).prepare(inputs)
        same = find_same_run(session, fingerprint_of(question, inputs.checksums))
        if same is not None and not all((settings.runs_dir / path).exists() for path in same.outputs.values()):
            same = None
        drawn = changes.places(session, question.at)
        return _with_changes(compute, drawn), inputs.checksums, same


def _with_changes(compute: Compute, drawn: GeoDataFrame) -> Compute:
    """Return what computes the answer and adds where the scenario changes the register, if it does, for its map."""

    def computed(progress: Progress) -> Answer:
        found = compute(progress)
        return Answer(found.result, {**found.frames, SCENARIO: drawn})

    return computed if len(drawn) else compute


def _finish(
    store: Store, settings: Settings, run_id: int, compute: Compute, progress: Progress, *, publish: bool
) -> Run:
    try:
        found = compute(progress)
        outputs = _write(settings.runs_dir, run_id, found.frames)
    except BaseException as error:
        _end_badly(store, run_id, error)
        raise
    with store.writing() as session:
        run = get_run(session, run_id)
        run.state, run.progress, run.finished_at = "finished", 1.0, datetime.now(UTC)
        run.result, run.outputs = found.result, outputs
        run.published_at = run.finished_at if publish else None
        return run


def _end_badly(store: Store, run_id: int, error: BaseException) -> None:
    called_off = isinstance(error, CalledOff | KeyboardInterrupt)
    with store.writing() as session:
        run = get_run(session, run_id)
        run.state, run.finished_at = "cancelled" if called_off else "failed", datetime.now(UTC)
        run.error = None if called_off else _kept(error)


def _kept(error: BaseException) -> str:
    """Return an error as a run keeps it: a refusal can then be said in any language."""
    if isinstance(error, GeoCommonsError):
        kept = {name: _in_every_language(part) for name, part in error.params.items()}
        return json_text({"sentence": error.sentence, "params": kept})
    return f"{type(error).__name__}: {error}"


def _in_every_language(part: object) -> object:
    """Return what fills a sentence as it is stored: what reads otherwise in each language, as it reads in each."""
    return Words(**{code: part.say(code) for code in languages()}) if is_sayable(part) else part


def error_words(run: Run, language: str) -> str:
    """Return why a run failed as one sentence."""
    if run.error and run.error.startswith("{"):
        kept = orjson.loads(run.error)
        params = {name: part.get(language, part["en"]) if isinstance(part, dict) else part
                  for name, part in kept["params"].items()}  # fmt: skip
        return translate(kept["sentence"], language).format(**params)
    return translate(run.error or "", language)


def _write(folder: Path, run_id: int, frames: Mapping[str, GeoDataFrame]) -> dict[str, str]:
    """Write frames as GeoParquet into the run's folder, all or none, and return their paths below the runs' folder."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        for name, frame in frames.items():
            frame.to_parquet(aside / f"{name}.parquet", compression="zstd", index=False)
        final = folder / str(run_id)
        with suppress(FileNotFoundError):
            shutil.rmtree(final)
        aside.chmod(0o755)
        aside.replace(final)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return {name: f"{run_id}/{name}.parquet" for name in frames}
