"""Read, replace and remove context sets: the catalogue of what analyses and maps stand on."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geocommons.errors import NotFound, NotReady
from geocommons.model.context_set import ContextSet


def list_context(session: Session) -> Sequence[ContextSet]:
    """Return the current context sets, by kind."""
    return session.scalars(select(ContextSet).order_by(ContextSet.kind, ContextSet.id)).all()


def find_context(session: Session, kind: str) -> ContextSet | None:
    """Return the current context set of a kind, if there is one."""
    return session.scalars(select(ContextSet).where(ContextSet.kind == kind).order_by(ContextSet.id.desc())).first()


def get_context(session: Session, kind: str) -> ContextSet:
    """Return the current context set of a kind, or refuse with the command that adds one."""
    found = find_context(session, kind)
    if found is None:
        raise NotReady("The register has no {kind} yet. Add them with: geocommons context add {kind} FILE", kind=kind)
    return found


def replace_context(session: Session, fresh: ContextSet) -> list[str]:
    """Make a context set the only one of its kind, and return the paths of those that it replaced."""
    replaced = _delete(session, fresh.kind)
    session.add(fresh)
    session.flush()
    return [path for path in replaced if path != fresh.path]


def remove_context(session: Session, kind: str) -> list[str]:
    """Take the context set of a kind out of the catalogue, and return the path of its file; refuse if there is none."""
    removed = _delete(session, kind)
    if not removed:
        raise NotFound("The register has no context “{kind}”.", kind=kind)
    return removed


def _delete(session: Session, kind: str) -> list[str]:
    paths = list(session.scalars(select(ContextSet.path).where(ContextSet.kind == kind)))
    session.execute(delete(ContextSet).where(ContextSet.kind == kind))
    return paths
