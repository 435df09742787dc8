"""Read runs: imports and analyses, and what came of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.run import Run, RunState


def get_run(session: Session, run_id: int) -> Run:
    """Return a run, or refuse where there is none."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound("There is no run {run}.", run=run_id)
    return run


def latest_run(session: Session, kind: str) -> Run | None:
    """Return the published run of a kind that finished last, and looks at the register alone, not at a scenario."""
    query = (
        select(Run)
        .where(Run.kind == kind, Run.state == "finished", Run.published_at.is_not(None))
        .order_by(Run.finished_at.desc(), Run.id.desc())
    )
    return next((run for run in session.scalars(query.limit(50)) if run.params.get("scenario") is None), None)


def find_published(session: Session, kind: str, params: Mapping[str, Any]) -> Run | None:
    """Return the newest published answer to exactly a question, if there is one."""
    query = (
        select(Run.id, Run.params)
        .where(Run.kind == kind, Run.state == "finished", Run.published_at.is_not(None))
        .order_by(Run.finished_at.desc(), Run.id.desc())
    )
    found = next((run_id for run_id, asked in session.execute(query) if asked == params), None)
    return None if found is None else get_run(session, found)


def list_runs(
    session: Session,
    kind: str | None = None,
    *,
    limit: int = 50,
    only_published: bool = False,
    schedule_id: int | None = None,
) -> Sequence[Run]:
    """Return runs (of a kind, of a schedule, those that everybody may look at), the newest first."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if kind:
        query = query.where(Run.kind == kind)
    if only_published:
        query = query.where(Run.published_at.is_not(None))
    if schedule_id is not None:
        query = query.where(Run.schedule_id == schedule_id)
    return session.scalars(query).all()


def find_same_run(session: Session, fingerprint: str) -> Run | None:
    """Return the finished run of the same question on the same inputs, if it was asked before."""
    query = select(Run).where(Run.fingerprint == fingerprint, Run.state == "finished").order_by(Run.id.desc())
    return session.scalars(query.limit(1)).one_or_none()


def list_in_state(session: Session, state: RunState) -> Sequence[Run]:
    """Return the runs in a state, the oldest first."""
    return session.scalars(select(Run).where(Run.state == state).order_by(Run.id)).all()
