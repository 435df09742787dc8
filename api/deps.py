"""What a route asks for by type: the open database, the settings, the reader's language, the day, a box."""

import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy.orm import Session

from api.auth import ActorDep
from api.file_desk import FileDesk
from api.page import LANGUAGE_COOKIE
from api.tile_desk import TileDesk
from geocommons.crs import BBox
from geocommons.errors import InvalidInput, NotFound
from geocommons.language import languages, pick_language
from geocommons.model.actor import Actor
from geocommons.model.base import refuse_far_day
from geocommons.model.permission import extent_of
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.runs import get_run
from geocommons.usecases.runs.queue import RunQueue

DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?")

# These only look something up: as plain functions each would wait for a thread of its own.


async def get_store(request: Request) -> Store:
    """Return the open database."""
    store: Store = request.app.state.store
    return store


async def get_app_settings(request: Request) -> Settings:
    """Return the settings of this application."""
    settings: Settings = request.app.state.settings
    return settings


async def get_tiles(request: Request) -> TileDesk:
    """Return the desk that hands out tiles."""
    tiles: TileDesk = request.app.state.tiles
    return tiles


async def get_files(request: Request) -> FileDesk:
    """Return the desk that makes files of what runs found."""
    files: FileDesk = request.app.state.files
    return files


async def get_queue(request: Request) -> RunQueue:
    """Return the queue of questions that wait for an answer."""
    queue: RunQueue = request.app.state.runs
    return queue


def open_session(store: Annotated[Store, Depends(get_store)]) -> Iterator[Session]:
    """Open a session that reads; closed before the answer is sent."""
    with store.reading() as session:
        yield session


def reader_language(request: Request) -> str:
    """Return the language of an answer: asked for in the address, chosen before, the browser's, or the register's."""
    for asked in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in languages():
            return asked
    settings: Settings = request.app.state.settings
    return pick_language(request.headers.get("accept-language") or settings.language)


async def get_language(request: Request) -> str:
    """Return the reader's language."""
    return reader_language(request)


async def get_day(
    at: Annotated[
        str, Query(description="The day that the answer holds on, as YYYY-MM-DD; today if none is given.")
    ] = "",
) -> date:
    """Return the day that an address asks for, today if it names none, or refuse."""
    return parse_day(at) if at else date.today()


def parse_day(text: str) -> date:
    """Return the day of a date, or of a moment, in ISO 8601, or refuse."""
    try:
        if DAY_FORM.fullmatch(text):
            return refuse_far_day(date.fromisoformat(text[:10]))
    except ValueError:
        pass
    raise InvalidInput("“{value}” is not a day. Write it like 2024-05-01.", value=text)


def parse_bbox(text: str) -> BBox:
    """Return the box that an address names, or refuse; of six numbers the heights are left out."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) == 4 and all(map(math.isfinite, numbers)):
        box = BBox(*numbers)
        if -90 <= box.south <= box.north <= 90 and max(abs(box.west), abs(box.east)) <= 180:
            return box
    raise InvalidInput("“{bbox}” is not a box. Write west,south,east,north in degrees.", bbox=text)


def parse_count(name: str, text: str, *, least: int) -> int:
    """Return the whole number of a parameter, or refuse."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise InvalidInput(
            "“{value}” is not a number for {name}. Write a whole number from {least} on.",
            value=text, name=name, least=least,
        )  # fmt: skip
    return int(text)


def parse_list(text: str) -> list[str]:
    """Return the parts of "a,b"."""
    return [part for part in text.split(",") if part]


def refuse_unknown(request: Request, *known: str) -> None:
    """Refuse a parameter that the route does not know: it would be left out in silence otherwise."""
    unknown = request.query_params.keys() - {*known, "lang", "f"}
    if unknown:
        raise InvalidInput(
            "There is no parameter “{name}” here. There are: {known}.", name=min(unknown), known=", ".join(known)
        )


def is_planner(actor: Actor) -> bool:
    """Return whether who asks may start an analysis, and so look at drafts."""
    return extent_of(actor, "start an analysis") is not None


def visible_run(session: Session, actor: Actor, run_id: int, kind: str | None = None) -> Run:
    """Return a run (of a kind), or refuse one that is not there for who asks."""
    run = get_run(session, run_id)
    if (kind is not None and run.kind != kind) or (run.published_at is None and not is_planner(actor)):
        raise NotFound("There is no run {run}.", run=run_id)
    return run


async def get_acting_store(store: Annotated[Store, Depends(get_store)], actor: ActorDep) -> Store:
    """Return the open database in the hands of who asks: what is written is written under that name."""
    return store.acting_as(actor)


async def get_now(store: Annotated[Store, Depends(get_store)]) -> datetime:
    """Return this moment, by the clock of the register."""
    return store.clock()


SettingsDep = Annotated[Settings, Depends(get_app_settings)]
StoreDep = Annotated[Store, Depends(get_store)]
ActingStoreDep = Annotated[Store, Depends(get_acting_store)]
SessionDep = Annotated[Session, Depends(open_session, scope="function")]
FilesDep = Annotated[FileDesk, Depends(get_files)]
QueueDep = Annotated[RunQueue, Depends(get_queue)]
TilesDep = Annotated[TileDesk, Depends(get_tiles)]
LanguageDep = Annotated[str, Depends(get_language)]
NowDep = Annotated[datetime, Depends(get_now)]
DayDep = Annotated[date, Depends(get_day)]
