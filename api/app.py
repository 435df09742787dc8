"""The HTTP door: the only place where its parts are joined."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from threading import Thread

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import errors
from api.answers import FAST, WORTH_COMPRESSING
from api.file_desk import FileDesk
from api.gate import Gate
from api.look import city_tokens
from api.routes import (
    about,
    account,
    analysis_pages,
    audit,
    compare,
    confirm,
    counts,
    design,
    desk,
    groups,
    mail,
    ogc,
    ogc_features,
    ogc_tiles,
    openid,
    pages,
    parties,
    passkeys,
    people,
    permissions,
    privacy,
    runs,
    sign_in,
)
from api.security import SecurityHeaders
from api.static_files import BuiltFiles
from api.threads import mind_threads
from api.tile_desk import TileDesk
from geocommons import __version__
from geocommons.errors import NotReady
from geocommons.layer import all_layers
from geocommons.settings import Settings, refuse_unsafe
from geocommons.store.engine import open_store
from geocommons.store.schema import check_ready
from geocommons.usecases.audit import note_newest
from geocommons.usecases.mail.deliver import MailRound, check_mail
from geocommons.usecases.rounds import retention_round, run_round, schedule_round, trail_round
from geocommons.usecases.runs.queue import RunQueue

ROOMS = (
    # A router asks one room after another: a map's tiles, and the features of programs, come by the thousand.
    ogc_tiles,
    ogc_features,
    ogc,
    pages,
    # The passkey's address comes before the link's, which would take any word for a secret.
    passkeys,
    sign_in,
    account,
    about,
    design,
    # Their addresses come before those of analyses, which would take any word for a kind.
    compare,
    desk,
    analysis_pages,
    runs,
    counts,
    audit,
    permissions,
    people,
    confirm,
    openid,
    parties,
    groups,
    privacy,
    mail,
)
LAST_MAIL_S = 10.0
"""How long a server that stops waits for the mail in hand."""


def create_app(settings: Settings) -> FastAPI:
    """Return the application of one register: its pages, its open data and its workflow API."""
    refuse_unsafe(settings)
    all_layers()  # one that cannot be loaded is told now, not on each page
    check_mail(settings)
    city_tokens(settings.accent)
    app = FastAPI(
        title=settings.title,
        version=__version__,
        description="Who stewards what: open data of a register of commons, as OGC API - Features and Tiles.",
        openapi_url="/ogc/api",
        docs_url=None,
        redoc_url=None,
        lifespan=_live,
    )
    app.state.settings = settings
    app.state.store = open_store(settings.database)
    app.state.tiles = TileDesk(app.state.store, settings)
    app.state.files = FileDesk(app.state.store, settings)
    app.state.runs = RunQueue(app.state.store, settings, app.state.store.clock)
    for room in ROOMS:
        app.include_router(room.router)
    app.mount("/static", BuiltFiles())
    app.add_middleware(GZipMiddleware, minimum_size=WORTH_COMPRESSING, compresslevel=FAST)
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(SecurityHeaders, settings=settings)
    # Outermost: whoever asks is known before anything is said of them.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    errors.install(app)
    return app


def _look_after(app: FastAPI) -> None:
    """Go on with runs that a stop broke off, and keep beside the database which entry of the trail is the newest."""
    store, settings = app.state.store, app.state.settings
    with suppress(NotReady):  # a register that was never made is what every page says then
        check_ready(store)
        app.state.runs.start()
        note_newest(store, settings, now=store.clock())


@asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    minding = asyncio.create_task(mind_threads())
    warming = Thread(target=app.state.tiles.warm, name="warm tiles", daemon=True)
    warming.start()
    settings: Settings = app.state.settings
    sending = MailRound(app.state.store, settings, app.state.store.clock) if settings.mail_url else None
    if sending:
        sending.start()
    _look_after(app)
    store = app.state.store
    rounds = [start(store, settings, store.clock) for start in (retention_round, trail_round)]
    rounds += [schedule_round(store, store.clock, app.state.runs.submit), run_round(app.state.runs.start)]
    for one in rounds:
        one.start()
    yield
    minding.cancel()
    app.state.runs.stop()
    for one in rounds:
        one.stop(LAST_MAIL_S)
    if sending:
        sending.stop(LAST_MAIL_S)
    warming.join()
    _look_after(app)
    app.state.store.close()
