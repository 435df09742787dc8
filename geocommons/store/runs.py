"""Read and add runs: imports and analyses, and what came of them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.run import Run


def get_run(session: Session, run_id: int) -> Run:
    """Return a run, or refuse where there is none."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound("There is no run {run}.", run=run_id)
    return run


def latest_run(session: Session, kind: str) -> Run | None:
    """Return the newest finished run of a kind."""
    query = select(Run).where(Run.kind == kind, Run.state == "finished").order_by(Run.finished_at.desc(), Run.id.desc())
    return session.scalars(query.limit(1)).one_or_none()


def list_runs(session: Session, kind: str | None = None, *, limit: int = 50) -> Sequence[Run]:
    """Return runs (of a kind), the newest first."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    return session.scalars(query.where(Run.kind == kind) if kind else query).all()


def find_same_run(session: Session, fingerprint: str) -> Run | None:
    """Return the finished run of the same question on the same inputs, if it was asked before."""
    query = select(Run).where(Run.fingerprint == fingerprint, Run.state == "finished").order_by(Run.id.desc())
    return session.scalars(query.limit(1)).one_or_none()


def list_running(session: Session) -> Sequence[Run]:
    """Return the runs that are said to be at work."""
    return session.scalars(select(Run).where(Run.state == "running").order_by(Run.id)).all()
