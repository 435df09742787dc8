"""My account: what it is, where it is signed in, its tokens, and for whom its owner acts."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, may
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.forms import FormDep
from api.notice import see_other
from api.page import page
from geocommons.errors import InvalidInput, NotAllowed, NotFound
from geocommons.language import languages, mark, say
from geocommons.model.actor import Actor
from geocommons.store.accounts import list_sessions, revoke_sessions
from geocommons.store.engine import Store
from geocommons.store.logins import get_account
from geocommons.store.parties import led_by
from geocommons.store.tokens import list_tokens, revoke_token
from geocommons.usecases.people.tokens import DAYS, make_token, scopes_of

router = APIRouter(prefix="/account", include_in_schema=False, dependencies=[may("keep own account")])
ENDED = mark("That session was ended.")
OTHERS_ENDED = mark("You are signed out everywhere but here.")
REVOKED = mark("The token lets nobody in any more.")
SAVED = mark("Saved.")


@router.get("")
def show_account(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep
) -> Response:
    """Return what one's account is, and for whom one may act."""
    with store.reading() as session:
        account = get_account(session, actor)
        leads = led_by(session, account.party_id, store.clock().date()) if account.party_id else []
    return page(request, "people/account.html", language, settings, account=account, leads=leads, tongues=languages())


@router.post("/language")
def choose_language(form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep) -> Response:
    """Choose the language of one's mail."""
    if form["language"] not in languages():
        raise InvalidInput("Choose one of the languages that are offered.")
    with store.writing() as session:
        get_account(session, actor).language = form["language"]
    return see_other("/account", settings, SAVED)


@router.get("/sessions")
def show_sessions(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Return where one is signed in."""
    with store.reading() as session:
        found = list_sessions(session, get_account(session, actor).id, now)
    return page(
        request, "people/sessions.html", language, settings,
        sessions=[(login, browser_name(login.browser)) for login in found], here=request.state.login_id,
    )  # fmt: skip


@router.post("/sessions/end-others")
def end_others(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep
) -> Response:
    """End every session of one's own but this one."""
    with store.writing() as session:
        revoke_sessions(session, get_account(session, actor).id, now=now, but=_login_id(request))
    return see_other("/account/sessions", settings, OTHERS_ENDED)


@router.post("/sessions/{login_id}/end")
def end_session(
    login_id: int, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep
) -> Response:
    """End one session of one's own."""
    with store.writing() as session:
        if not revoke_sessions(session, get_account(session, actor).id, now=now, only=login_id):
            raise NotFound("There is no such session on your account.")
    return see_other("/account/sessions", settings, ENDED)


@router.get("/tokens")
def show_tokens(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep
) -> Response:
    """Return one's tokens for scripts."""
    return _tokens_page(request, store, actor, settings, language)


@router.post("/tokens", dependencies=[may("make tokens")])
def add_token(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep,
) -> Response:  # fmt: skip
    """Make a token, and show its secret this once."""
    scopes = [name.removeprefix("scope ") for name in form if name.startswith("scope ")]
    days = int(form["days"]) if form["days"].isascii() and form["days"].isdigit() else 0
    try:
        with store.writing() as session:
            account = get_account(session, actor)
            _, secret = make_token(session, account, name=form["name"], scopes=scopes, days=days, now=now)
    except InvalidInput as error:
        said = {"error": say(error, language), "name": form["name"][:200], "chosen": scopes}
        return _tokens_page(request, store, actor, settings, language, status=422, said=said)
    return _tokens_page(request, store, actor, settings, language, said={"secret": secret})


@router.post("/tokens/{token_id}/revoke")
def end_token(
    token_id: int, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep
) -> Response:
    """End a token."""
    with store.writing() as session:
        revoke_token(session, get_account(session, actor).id, token_id, now=now)
    return see_other("/account/tokens", settings, REVOKED)


def browser_name(words: str) -> str:
    """Return what a browser calls itself, in two words that its owner knows again."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    browser = next((name for sign, name in browsers.items() if sign in words), "")
    system = next((name for name in systems if name in words), "")
    return " · ".join(part for part in (browser, system) if part) or words[:40] or "–"


def _login_id(request: Request) -> int:
    """Return the session of a request; a token has none."""
    if request.state.login_id is None:
        raise NotAllowed("A token cannot do this. Sign in.")
    found: int = request.state.login_id
    return found


def _tokens_page(
    request: Request, store: Store, actor: Actor, settings: Any, language: str, *,
    status: int = 200, said: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    with store.reading() as session:
        tokens = list_tokens(session, get_account(session, actor).id)
    blank: dict[str, Any] = {"error": "", "name": "", "chosen": [], "secret": ""}
    return page(
        request, "people/tokens.html", language, settings, status=status, tokens=tokens,
        scopes=scopes_of(actor.role), days=DAYS, now=store.clock(), **(blank | (said or {})),
    )  # fmt: skip
