"""Passkeys: add and remove one's own, sign in with one, and confirm with one before a dangerous act."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, let_in, may
from api.ceremony import as_options, browser_holder, client_of, login_holder, place
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.errors import STATUS
from api.forms import FormDep, origin_of, safe_goal, see_goal
from api.notice import see_other
from api.page import page
from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.language import mark, say
from geocommons.model.actor import Actor
from geocommons.store.engine import Store
from geocommons.store.identities import list_identities
from geocommons.store.logins import get_account
from geocommons.store.passkeys import get_passkey, list_passkeys
from geocommons.usecases.people.passkeys import (
    add_passkey,
    ask_to_add,
    ask_to_show,
    read_answer,
    show_passkey,
    spend_answer,
)
from geocommons.usecases.people.sessions import check_confirmed, is_confirmed, start_session
from geocommons.usecases.people.sign_in import count_challenge

router = APIRouter(include_in_schema=False)
OWN = [may("keep own account")]
SIGN_IN = [may("sign in")]
ADDED = mark("The passkey “{name}” was added. You can sign in with it from now on.")
REMOVED = mark("The passkey “{name}” was removed. Remove it from your device too.")


@router.get("/account/passkeys", dependencies=OWN)
def show_passkeys(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep
) -> Response:
    """Return the page of one's passkeys."""
    return _own_page(request, store, actor, settings, language)


@router.post("/account/passkeys/challenge", dependencies=OWN)
def begin_to_add(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep
) -> Response:
    """Return what the browser needs to make a passkey."""
    with store.keeping() as session:
        account = get_account(session, actor)
        if list_passkeys(session, account.id):
            check_confirmed(actor, now)
        options = ask_to_add(
            session, account, login_holder(request), origin=origin_of(request), title=settings.title, now=now
        )  # fmt: skip
    return as_options(options)


@router.post("/account/passkeys", dependencies=OWN)
def add(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep,
) -> Response:  # fmt: skip
    """Add the passkey that the browser made, or say why not."""
    origin = origin_of(request)
    try:
        answer = read_answer(form["credential"])
        spend_answer(store, answer, "add a passkey", login_holder(request), origin=origin, now=now)
        with store.writing() as session:
            account = get_account(session, actor)
            added = add_passkey(session, account, answer, name=form["name"], origin=origin, now=now)
    except GeoCommonsError as error:
        status = 422 if isinstance(error, InvalidInput) else STATUS[type(error)]
        said = {"error": say(error, language), "name": form["name"]}
        return _own_page(request, store, actor, settings, language, status=status, **said)
    return see_other("/account/passkeys", settings, ADDED, name=added.name)


@router.post("/account/passkeys/{passkey_id}/remove", dependencies=OWN)
def remove(
    passkey_id: int, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep
) -> Response:
    """Remove a passkey."""
    check_confirmed(actor, now)
    with store.writing() as session:
        passkey = get_passkey(session, get_account(session, actor).id, passkey_id)
        session.delete(passkey)
    return see_other("/account/passkeys", settings, REMOVED, name=passkey.name)


@router.get("/sign-in/passkey", dependencies=SIGN_IN)
def show_sign_in(request: Request, settings: SettingsDep, language: LanguageDep, goal: str = "/") -> Response:
    """Return the page that signs in with a passkey."""
    return _sign_in_page(request, settings, language, goal)


@router.post("/sign-in/passkey/challenge", dependencies=SIGN_IN)
def begin_to_sign_in(
    request: Request, form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep
) -> Response:
    """Return what the browser needs to show any passkey of this register."""
    count_challenge(store, settings, client_of(request), now=now)
    with store.keeping() as session:
        options = ask_to_show(
            session, "sign in by passkey", browser_holder(request), origin=origin_of(request), now=now,
            goal=safe_goal(form["goal"]),
        )  # fmt: skip
    return as_options(options)


@router.post("/sign-in/passkey", dependencies=SIGN_IN)
def sign_in(
    request: Request, form: FormDep, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Sign in whom the passkey proves, or say why not."""
    origin = origin_of(request)
    try:
        answer = read_answer(form["credential"])
        goal = spend_answer(store, answer, "sign in by passkey", browser_holder(request), origin=origin, now=now)
        with store.writing() as session:
            account = show_passkey(session, answer, origin=origin, now=now).account
            browser = request.headers.get("user-agent", "")
            _, secret = start_session(session, account, way="passkey", browser=browser, now=now)
    except GeoCommonsError as error:
        return _sign_in_page(request, settings, language, form["goal"], error=error)
    reply = see_goal(goal)
    let_in(request, reply, secret)
    return reply


def _own_page(
    request: Request, store: Store, actor: Actor, settings: Any, language: str, *, status: int = 200,
    error: str = "", name: str = "",
) -> Response:  # fmt: skip
    with store.reading() as session:
        account = get_account(session, actor)
        keys, identities = list_passkeys(session, account.id), list_identities(session, account.id)
    return page(
        request, "people/passkeys.html", language, settings, status=status, keys=keys, identities=identities,
        error=error, name=name, confirmed=not keys or is_confirmed(actor, store.clock()), **place(request),
    )  # fmt: skip


def _sign_in_page(
    request: Request, settings: Any, language: str, goal: str, error: GeoCommonsError | None = None
) -> Response:
    return page(
        request, "people/passkey_sign_in.html", language, settings, wanted=safe_goal(goal),
        error=say(error, language) if error else "", status=STATUS[type(error)] if error else 200, **place(request),
    )  # fmt: skip
