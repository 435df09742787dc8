"""Confirm once more who one is, before an act that is hard to undo."""

from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, may
from api.ceremony import as_options, login_holder, login_of, place
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.errors import STATUS
from api.forms import FormDep, origin_of, safe_goal, see_goal
from api.notice import see_other
from api.page import page, query_value
from geocommons.errors import GeoCommonsError
from geocommons.language import say
from geocommons.model.actor import Actor
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.logins import get_account
from geocommons.store.passkeys import has_passkey
from geocommons.usecases.people.confirm import confirm_by_code, confirm_login, send_code
from geocommons.usecases.people.passkeys import ask_to_show, read_answer, show_passkey, spend_answer
from geocommons.usecases.people.sessions import CONFIRMED_FOR

router = APIRouter(include_in_schema=False, dependencies=[may("keep own account")])


@router.get("/confirm")
def show_confirm(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep,
    goal: str = "/", sent: bool = False,
) -> Response:  # fmt: skip
    """Return the page that asks for a passkey, or for a mailed code."""
    return _page(request, store, actor, settings, language, goal, code_sent=sent)


@router.post("/confirm/challenge")
def begin(request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, now: NowDep) -> Response:
    """Return what the browser needs to show a passkey of this account."""
    holder = login_holder(request)
    with store.keeping() as session:
        options = ask_to_show(
            session, "confirm by passkey", holder, origin=origin_of(request), now=now,
            account=get_account(session, actor), goal=safe_goal(form["goal"]),
        )  # fmt: skip
    return as_options(options)


@router.post("/confirm")
def confirm(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep,
) -> Response:  # fmt: skip
    """Confirm by a passkey, and go on; or say why not."""
    origin = origin_of(request)
    try:
        answer = read_answer(form["credential"])
        goal = spend_answer(store, answer, "confirm by passkey", login_holder(request), origin=origin, now=now)
        with store.writing() as session:
            show_passkey(session, answer, origin=origin, now=now, account_id=actor.account_id)
            confirm_login(session, login_of(request), now=now)
    except GeoCommonsError as error:
        return _page(request, store, actor, settings, language, form["goal"], error=error)
    return see_goal(goal)


@router.post("/confirm/mail")
def mail(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep,
) -> Response:  # fmt: skip
    """Mail a code, and ask for it."""
    goal = safe_goal(form["goal"])
    try:
        with store.reading() as session:
            account = get_account(session, actor)
        send_code(store, settings, account, login_of(request), goal=goal, now=now)
    except GeoCommonsError as error:
        return _page(request, store, actor, settings, language, goal, error=error)
    return see_other(f"/confirm?sent=1&goal={query_value(goal)}", settings)


@router.post("/confirm/code")
def code(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep,
) -> Response:  # fmt: skip
    """Confirm by the mailed code, and go on; or say why not."""
    try:
        return see_goal(confirm_by_code(store, settings, login_of(request), form["code"], now=now))
    except GeoCommonsError as error:
        return _page(request, store, actor, settings, language, form["goal"], code_sent=True, error=error)


def _page(
    request: Request, store: Store, actor: Actor, settings: Settings, language: str, goal: str, *,
    code_sent: bool = False, error: GeoCommonsError | None = None,
) -> Response:  # fmt: skip
    with store.reading() as session:
        account = get_account(session, actor)
        with_passkey = has_passkey(session, account.id)
    return page(
        request, "people/confirm.html", language, settings, status=STATUS[type(error)] if error else 200,
        wanted=safe_goal(goal), error=say(error, language) if error else "", has_passkey=with_passkey,
        code_sent=code_sent and not with_passkey, address=account.address or "",
        minutes=int(CONFIRMED_FOR.total_seconds() / 60), **place(request),
    )  # fmt: skip
