"""Sign in with a city's own account, or connect one to the account here."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import ActorDep, let_in, may
from api.ceremony import browser_holder, client_of, login_holder, login_of
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.errors import STATUS
from api.forms import FormDep, is_own, keep_browser, origin_of, safe_goal, see_goal
from api.notice import see_other
from api.openid import Provider
from api.page import page
from geocommons.errors import GeoCommonsError, NotAllowed, NotFound
from geocommons.language import mark, say
from geocommons.model.sign_in import digest_of
from geocommons.settings import Settings
from geocommons.store.challenges import add_challenge, spend_challenge
from geocommons.store.engine import Store
from geocommons.store.identities import get_identity
from geocommons.store.logins import get_account, get_login
from geocommons.usecases.people.openid import Introduction, connect_introduced, sign_in_introduced
from geocommons.usecases.people.sessions import check_confirmed, start_session
from geocommons.usecases.people.sign_in import count_challenge

router = APIRouter(include_in_schema=False)
SIGN_IN = [may("sign in")]
OWN = [may("keep own account")]
ENTER, CONNECT = "sign in by openid", "connect openid"
CONNECTED = mark("Your account at the city is connected. You can sign in with it from now on.")
DISCONNECTED = mark("Your account at the city is no longer connected.")
PAGE = "/account/passkeys"


@router.get("/openid/start", dependencies=SIGN_IN)
def start(
    request: Request, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep, goal: str = "/"
) -> Response:
    """Send somebody to the city's provider to sign in there."""
    goal = safe_goal(goal)
    count_challenge(store, settings, client_of(request), now=now)
    return _send(request, store, settings, language, ENTER, browser_holder(request), goal, now)


@router.get("/openid/connect", dependencies=OWN)
def connect(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Send somebody who is signed in to the city's provider, to connect the account there."""
    check_confirmed(actor, now)
    if not is_own(request):
        raise NotAllowed("A form can only be sent from a page of this register.")
    return _send(request, store, settings, language, CONNECT, login_holder(request), PAGE, now)


@router.get("/openid/return", dependencies=SIGN_IN)
def come_back(
    request: Request, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep, state: str = ""
) -> Response:
    """Let in whom the provider introduces, or say why not."""
    answer, goal = {**request.query_params}, "/"
    purpose, _, secret = state.partition(".")
    try:
        provider = _provider(request, settings)
        holder = login_holder(request) if purpose == "connect" else browser_holder(request)
        with store.keeping() as session:
            wanted = CONNECT if purpose == "connect" else ENTER
            goal = spend_challenge(session, digest_of(secret), wanted, holder, now=now)
        person = provider.introduce(answer, state, origin_of(request), now=now)
        if purpose == "connect":
            return _connected(request, store, settings, person, now)
        with store.writing() as session:
            account = sign_in_introduced(session, person, settings.openid_roles, language=language, now=now)
            browser = request.headers.get("user-agent", "")
            _, login_secret = start_session(session, account, way="openid", browser=browser, now=now)
    except GeoCommonsError as error:
        return _failed(request, settings, language, error, goal)
    reply = see_goal(goal)
    let_in(request, reply, login_secret)
    return reply


@router.post("/account/openid/{identity_id}/remove", dependencies=OWN)
def disconnect(
    identity_id: int, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep
) -> Response:
    """Disconnect an account at the city."""
    with store.writing() as session:
        session.delete(get_identity(session, get_account(session, actor).id, identity_id))
    return see_other(PAGE, settings, DISCONNECTED)


def _send(
    request: Request, store: Store, settings: Settings, language: str, purpose: str, holder: str, goal: str,
    now: datetime,
) -> Response:  # fmt: skip
    try:
        provider = _provider(request, settings)
        with store.keeping() as session:
            secret = add_challenge(session, purpose, holder, goal=goal, now=now)
        state = f"{'connect' if purpose == CONNECT else 'enter'}.{secret}"
        reply = RedirectResponse(
            provider.address(state, origin_of(request)), 303, headers={"cache-control": "no-store"}
        )  # fmt: skip
    except GeoCommonsError as error:
        return _failed(request, settings, language, error, goal)
    keep_browser(request, reply)
    return reply


def _connected(request: Request, store: Store, settings: Settings, person: Introduction, now: datetime) -> Response:
    with store.writing() as session:
        connect_introduced(session, get_login(session, login_of(request)).account, person, now=now)
    return see_other(PAGE, settings, CONNECTED)


def _provider(request: Request, settings: Settings) -> Provider:
    """Return the city's provider, made when it is first asked for."""
    if not settings.openid_issuer:
        raise NotFound("This register knows no accounts of the city. Sign in with a link by mail.")
    state = request.app.state
    if not hasattr(state, "provider"):
        state.provider = Provider(settings)
    found: Provider = state.provider
    return found


def _failed(request: Request, settings: Settings, language: str, error: GeoCommonsError, goal: str) -> Response:
    return page(
        request, "people/openid_failed.html", language, settings, status=STATUS[type(error)],
        sentence=say(error, language), wanted=safe_goal(goal),
    )  # fmt: skip
