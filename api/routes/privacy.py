"""What others see of me, everything held about me, and erasing me."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, let_out, may
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.describe import tenure_words
from api.forms import FormDep
from api.notice import see_other
from api.page import NOBODY_ELSE, page
from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.files.mail.letters import KINDS
from geocommons.language import mark, say, translate
from geocommons.model.actor import Actor
from geocommons.model.party import UNNAMED
from geocommons.model.public import public_name
from geocommons.store.engine import Store
from geocommons.store.logins import get_account
from geocommons.usecases.people.consent import USES, set_public_self
from geocommons.usecases.people.erase import erase_account, left_without_lead
from geocommons.usecases.people.held import gather_held
from geocommons.usecases.people.sessions import check_confirmed, is_confirmed

router = APIRouter(include_in_schema=False, dependencies=[may("keep own account")])
SAVED = mark("What others see of you was changed, here and in the open data.")
ERASED = mark("Your account was erased. What you looked after stays counted; your name is gone.")
TICK = mark("Tick that you understand that this cannot be undone.")


@router.get("/account/public")
def show_public(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep
) -> Response:
    """Return the page of what others see of me."""
    return _public_page(request, store, actor, settings, language)


@router.post("/account/public")
def change_public(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep,
) -> Response:  # fmt: skip
    """Change my public name and where I am named."""
    uses = [use for use in USES if form[f"use_{use}"]]
    try:
        with store.writing() as session:
            set_public_self(session, settings, get_account(session, actor), name=form["name"], uses=uses, now=now)
    except InvalidInput as error:
        typed = {"name": form["name"], "uses": uses, "error": say(error, language)}
        return _public_page(request, store, actor, settings, language, status=422, **typed)
    return see_other("/account/public", settings, SAVED)


@router.get("/account/data")
def show_data(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep
) -> Response:
    """Return the page of everything held about me."""
    with store.reading() as session:
        held = gather_held(session, get_account(session, actor))
    return page(
        request,
        "people/held.html",
        language,
        settings,
        held=held,
        tenure_words=tenure_words(language),
        mail_words={name: translate(kind.words, language) for name, kind in KINDS.items()},
    )


@router.get("/account/data.json")
def download_data(store: ActingStoreDep, actor: ActorDep) -> Response:
    """Return everything held about me, as JSON."""
    with store.reading() as session:
        held = gather_held(session, get_account(session, actor))
    headers = {"content-disposition": 'attachment; filename="my-data.json"', "cache-control": NOBODY_ELSE}
    content = orjson.dumps(held, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    return Response(content, headers=headers, media_type="application/json")


@router.get("/account/erase")
def show_erase(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Return the page that asks once more before I am erased."""
    return _erase_page(request, store, actor, settings, language, now=now)


@router.post("/account/erase")
def erase(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep,
) -> Response:  # fmt: skip
    """Erase me."""
    try:
        check_confirmed(actor, now)
        if not form["understood"]:
            raise InvalidInput(TICK)
        with store.writing() as session:
            erase_account(session, settings, get_account(session, actor), now=now)
    except GeoCommonsError as error:
        return _erase_page(request, store, actor, settings, language, now=now, status=422, error=say(error, language))
    answer = see_other("/", settings, ERASED)
    let_out(request, answer)
    return answer


def _public_page(
    request: Request, store: Store, actor: Actor, settings: Any, language: str, *, status: int = 200, **typed: Any
) -> Response:
    with store.reading() as session:
        party = get_account(session, actor).party
    shown = {use: public_name(party, use) if party else None for use in USES}
    known = {"name": (party.public_name or party.name) if party else "", "error": "",
             "uses": [use for use in USES if shown[use]]}  # fmt: skip
    return page(
        request, "people/public.html", language, settings, status=status, party=party, shown=shown,
        unnamed=UNNAMED[party.kind if party else "person"].say(language), **(known | typed),
    )  # fmt: skip


def _erase_page(
    request: Request, store: Store, actor: Actor, settings: Any, language: str, *, now: Any, status: int = 200,
    error: str = "",
) -> Response:  # fmt: skip
    with store.reading() as session:
        account = get_account(session, actor)
        held, leaderless = gather_held(session, account), left_without_lead(session, account, now)
    return page(
        request, "people/erase.html", language, settings, status=status, held=held, error=error,
        leaderless=leaderless, confirmed=is_confirmed(actor, now),
    )  # fmt: skip
