"""Small answers for programs: how many sites of each status there are, and whether the register is up."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import etag, is_known, json, not_modified
from api.auth import may
from api.deps import DayDep, SessionDep, StoreDep, parse_bbox, refuse_unknown
from geocommons import __version__
from geocommons.store.schema import check_ready
from geocommons.store.sites import count_by_status

router = APIRouter(dependencies=[may("read")])


@router.get("/api/counts", tags=["register"])
def count_statuses(
    request: Request, store: StoreDep, session: SessionDep, day: DayDep, bbox: Annotated[str, Query()] = ""
) -> Response:
    """Return how many sites of each layer have each status on a day, in a box."""
    refuse_unknown(request, "at", "bbox")
    tag = etag(request, store.version(), day)
    if is_known(request, tag):
        return not_modified(tag)
    return json(request, count_by_status(session, day=day, bbox=parse_bbox(bbox) if bbox else None), tag)


@router.get("/healthz", tags=["register"])
def say_health(store: StoreDep) -> dict[str, Any]:
    """Return that the register can be read, or refuse with the reason."""
    check_ready(store)
    return {"status": "ok", "version": __version__, "database": store.engine.dialect.name}
