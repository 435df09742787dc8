"""Sign in by mail: ask, follow the link or type the code; and sign out."""

from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, end_login, let_in, let_out, may
from api.ceremony import client_of
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.errors import STATUS
from api.forms import FormDep, browser_secret, keep_browser, origin_of, safe_goal, see_goal
from api.notice import see_other
from api.page import page
from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.language import mark, say
from geocommons.model.actor import VISITOR
from geocommons.store.engine import Store
from geocommons.usecases.people.sessions import start_session
from geocommons.usecases.people.sign_in import (
    VALID_FOR,
    Asker,
    address_of_link,
    ask_to_sign_in,
    asked_for,
    enter_code,
    enter_link,
    use_request,
)

router = APIRouter(include_in_schema=False, dependencies=[may("sign in")])
OUT = mark("You are signed out.")
MINUTES = int(VALID_FOR.total_seconds()) // 60


@router.get("/sign-in")
def show_sign_in(
    request: Request, actor: ActorDep, settings: SettingsDep, language: LanguageDep, goal: str = "/"
) -> Response:
    """Return the page that asks for an address."""
    return page(
        request,
        "people/sign_in.html",
        language,
        settings,
        goal_path=safe_goal(goal),
        reader=actor,
        address="",
        error="",
    )


@router.post("/sign-in")
def ask(
    request: Request, form: FormDep, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Send a mail with a link and a code, and return the page where the code is typed: the same for every address."""
    goal = safe_goal(form["goal"])
    asker = Asker(browser=browser_secret(request), client=client_of(request), language=language, goal=goal)
    try:
        ask_to_sign_in(store, settings, form["address"], asker, origin=origin_of(request), now=now)
    except InvalidInput as error:
        return page(
            request, "people/sign_in.html", language, settings, status=422, reader=VISITOR,
            error=say(error, language), address=form["address"][:254], goal_path=goal,
        )  # fmt: skip
    reply = see_goal("/sign-in/code")
    keep_browser(request, reply)
    return reply


@router.get("/sign-in/code")
def show_code(request: Request, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return the page where the code of the mail is typed, to the browser that asked for it."""
    return _code_page(request, store, settings, language)


@router.post("/sign-in/code")
def type_code(
    request: Request, form: FormDep, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Let in who types the code of the mail in the browser that asked for it."""
    try:
        request_id = enter_code(store, settings, browser_secret(request), form["code"], now=now)
        with store.writing() as session:
            account, goal = use_request(session, request_id, now=now)
            _, secret = start_session(session, account, way="mail", browser=_browser_words(request), now=now)
    except GeoCommonsError as error:
        status = 422 if isinstance(error, InvalidInput) else STATUS[type(error)]
        return _code_page(request, store, settings, language, status=status, error=say(error, language))
    return _welcome(request, goal, secret)


@router.get("/sign-in/{secret}")
def show_link(
    request: Request, secret: str, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Return a page with a button: programs that look into mail follow links, but press no buttons."""
    with store.reading() as session:
        address = address_of_link(session, secret, now=now)
    reply = page(request, "people/sign_in_link.html", language, settings, secret=secret, address=masked(address))
    # The address of this page lets somebody in: it is told to no other site.
    reply.headers["referrer-policy"] = "no-referrer"
    return reply


@router.post("/sign-in/{secret}")
def follow_link(request: Request, secret: str, form: FormDep, store: ActingStoreDep, now: NowDep) -> Response:
    """Let in who pressed the button of a link."""
    with store.writing() as session:
        account, goal = enter_link(session, secret, now=now)
        _, key = start_session(session, account, way="mail", browser=_browser_words(request), now=now)
    return _welcome(request, goal, key)


@router.post("/sign-out")
def sign_out(request: Request, form: FormDep, settings: SettingsDep) -> Response:
    """End the session of this browser."""
    end_login(request)
    reply = see_other("/", settings, OUT)
    let_out(request, reply)
    reply.headers["clear-site-data"] = '"cache"'
    return reply


def masked(address: str) -> str:
    """Return an address as its owner knows it again and nobody else learns it."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}•••@{host}"


def _welcome(request: Request, goal: str, secret: str) -> Response:
    """Return the answer that signs a browser in."""
    reply = see_goal(goal)
    let_in(request, reply, secret)
    return reply


def _code_page(
    request: Request, store: Store, settings: SettingsDep, language: str, *, error: str = "", status: int = 200
) -> Response:
    with store.reading() as session:
        address = asked_for(session, browser_secret(request))
    if address is None:
        return see_goal("/sign-in")
    demo_outbox = not settings.mail_url.get_secret_value()
    return page(
        request, "people/sign_in_code.html", language, settings, status=status, reader=VISITOR,
        address=address, error=error, minutes=MINUTES, demo_outbox=demo_outbox,
    )  # fmt: skip


def _browser_words(request: Request) -> str:
    return request.headers.get("user-agent", "")
