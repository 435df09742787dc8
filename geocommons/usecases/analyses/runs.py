"""Keep every analysis as a Run: the same question on the same inputs is answered once."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
from geopandas import GeoDataFrame

from geocommons import __version__
from geocommons.errors import NotFound
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.runs import find_same_run, get_run
from geocommons.usecases.analyses.alive import alive, end_dead_runs
from geocommons.usecases.analyses.inputs import Inputs

DECIMALS = 3


@dataclass(frozen=True)
class Answer:
    """What an analysis found: figures as JSON has them, and frames in EPSG:4326 by name."""

    result: dict[str, Any]
    frames: Mapping[str, GeoDataFrame] = field(default_factory=dict)


def run_once(
    store: Store,
    settings: Settings,
    kind: str,
    params: dict[str, Any],
    prepare: Callable[[Inputs], Callable[[], Answer]],
    now: datetime,
) -> Run:
    """Return the finished run of a question: an earlier one on the same inputs, or a new one.

    `prepare` loads the inputs and returns what computes the answer from them. A run that fails is kept with its
    error, and the error goes on.
    """
    with store.reading() as session:
        inputs = Inputs(session, settings)
        compute = prepare(inputs)
        fingerprint = fingerprint_of(kind, params, inputs.checksums)
        same = find_same_run(session, fingerprint)
        if same is not None and all((settings.runs_dir / path).exists() for path in same.outputs.values()):
            return same
    end_dead_runs(store, settings, now=now)
    with ExitStack() as stack:
        run_id = _begin(store, kind, params, inputs.checksums, fingerprint, now, stack, settings)
        try:
            answer = compute()
            outputs = _write(settings.runs_dir, run_id, answer.frames)
        except BaseException as error:
            _end(store, run_id, "failed", error=f"{type(error).__name__}: {error}")
            raise
        return _end(store, run_id, "finished", result=answer.result, outputs=outputs)


def read_output(settings: Settings, run: Run, name: str) -> GeoDataFrame:
    """Return a frame that a run wrote (EPSG:4326), or refuse where it has none of that name."""
    path = settings.runs_dir / str(run.outputs.get(name, ""))
    if name not in run.outputs or not path.exists():
        raise NotFound("Run {run} has no “{name}”.", run=run.id, name=name)
    return gpd.read_parquet(path)


def fingerprint_of(kind: str, params: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return the same text for the same question on the same inputs by the same version."""
    asked = orjson.dumps([kind, dict(params), dict(inputs), __version__], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(asked).hexdigest()


def number(value: float | None) -> float | int | None:
    """Return a figure with at most 3 decimals, whole ones as integers; what is no number is None."""
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return None
    rounded = round(float(value), DECIMALS)
    return int(rounded) if rounded.is_integer() else rounded


def _begin(
    store: Store, kind: str, params: dict[str, Any], inputs: dict[str, str], fingerprint: str, now: datetime,
    stack: ExitStack, settings: Settings,
) -> int:  # fmt: skip
    run = Run(
        kind=kind, params=params, inputs=inputs, fingerprint=fingerprint, version=__version__, state="running",
        started_at=now, finished_at=None, result={}, outputs={}, error=None,
    )  # fmt: skip
    with store.writing() as session:
        session.add(run)
        session.flush()
        # Before anybody can see the run, or they would take it for dead.
        stack.enter_context(alive(settings.running_dir, run.id))
        return run.id


def _end(store: Store, run_id: int, state: str, **outcome: Any) -> Run:
    with store.writing() as session:
        run = get_run(session, run_id)
        run.state, run.finished_at = state, datetime.now(UTC)
        for name, value in outcome.items():
            setattr(run, name, value)
        return run


def _write(folder: Path, run_id: int, frames: Mapping[str, GeoDataFrame]) -> dict[str, str]:
    """Write frames as GeoParquet into the run's folder, all or none, and return their paths below the runs' folder."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        for name, frame in frames.items():
            frame.to_parquet(aside / f"{name}.parquet", compression="zstd", index=False)
        final = folder / str(run_id)
        if final.exists():
            shutil.rmtree(final)
        aside.chmod(0o755)
        aside.replace(final)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return {name: f"{run_id}/{name}.parquet" for name in frames}
