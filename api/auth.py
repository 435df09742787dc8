"""Who is asking, and may they: the one point where the HTTP door asks the table of permissions."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api.forms import check_sender, cookie_name, drop_cookie, set_cookie
from geocommons.errors import NotSignedIn
from geocommons.model.actor import VISITOR, Actor
from geocommons.model.permission import BY_ACTION, EVERYBODY, permit
from geocommons.model.sign_in import digest_of
from geocommons.store.accounts import revoke_sessions
from geocommons.store.engine import Store
from geocommons.store.logins import find_bearer, find_login, touch_token
from geocommons.usecases.people.sessions import SEEN_EVERY, VALID_FOR, check_confirmed, is_idle, refresh

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def find_actor(request: Request) -> Actor:
    """Return who sent a request, by its token or its session cookie; looked up once a request."""
    if not hasattr(request.state, "actor"):
        request.state.actor, request.state.login_id = VISITOR, None
        if token := _bearer_of(request):
            request.state.actor = _by_token(request, token)
        elif secret := request.cookies.get(cookie_name(request, "session")):
            _look_up(request, secret)
    actor: Actor = request.state.actor
    return actor


async def get_actor(request: Request) -> Actor:
    """Return who sent a request, as `find_actor` does; a thread is waited for only if there is somebody to look up."""
    if hasattr(request.state, "actor") or not (_comes_by_cookie(request) or _bearer_of(request)):
        return find_actor(request)
    return await run_in_threadpool(find_actor, request)


def _bearer_of(request: Request) -> str:
    """Return the token that a program shows, or an empty text."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _by_token(request: Request, secret: str) -> Actor:
    store: Store = request.app.state.store
    now = store.clock()
    with store.asking() as session:
        found = find_bearer(session, digest_of(secret), now)
    if found is None:
        raise NotSignedIn("This token is not known here, or its time is over. Make a new one on your account.")
    if found.used_at is None or abs(now - found.used_at) >= SEEN_EVERY:
        with store.keeping() as session:
            touch_token(session, found.id, now)
    return found.actor


def _look_up(request: Request, secret: str) -> None:
    store: Store = request.app.state.store
    now = store.clock()
    with store.asking() as session:
        login = find_login(session, digest_of(secret), now)
    if login is not None and not is_idle(login, now):
        request.state.actor, request.state.login_id, request.state.login = login.actor, login.id, login


def keep_login(request: Request, answer: Response) -> None:
    """Give the browser a new secret for its session where the one it has is old; the old one counts until then."""
    login = getattr(request.state, "login", None)
    if login is not None:
        store: Store = request.app.state.store
        presented = digest_of(request.cookies[cookie_name(request, "session")])
        new = refresh(store, login, presented, now=store.clock())
        request.state.login = None
        if new is not None:
            _set_session(request, answer, new)


def let_in(request: Request, answer: Response, secret: str) -> None:
    """Give a browser the cookie of a new session; the one it had ends, and forms opened before it count no more."""
    end_login(request)
    drop_cookie(request, answer, "browser")
    _set_session(request, answer, secret)


def end_login(request: Request) -> None:
    """End the session that a request came in, if it came in one."""
    actor, store = find_actor(request), request.app.state.store
    if actor.account_id is not None and request.state.login_id is not None:
        with store.acting_as(actor).writing() as session:
            revoke_sessions(session, actor.account_id, now=store.clock(), only=request.state.login_id)


def let_out(request: Request, answer: Response) -> None:
    """Take the cookie of a session away, and let forms that were opened in it count no more."""
    drop_cookie(request, answer, "browser")
    drop_cookie(request, answer, "session")


def _set_session(request: Request, answer: Response, secret: str) -> None:
    set_cookie(request, answer, "session", secret, max_age_s=int(VALID_FOR.total_seconds()))


@dataclass(frozen=True)
class May:
    """What a route depends on: that who asks may do an action of the table."""

    action: str

    async def __call__(self, request: Request) -> None:
        """Refuse who may not, and what a page of another site sends in somebody's name."""
        permission = BY_ACTION[self.action]
        changes = request.method not in READING
        if permission.roles != EVERYBODY:
            actor = await get_actor(request)
            permit(actor, self.action)
            if permission.dangerous and changes:
                check_confirmed(actor, request.app.state.store.clock())
        if changes and _comes_by_cookie(request):
            await check_sender(request)


def _comes_by_cookie(request: Request) -> bool:
    """Whether a browser adds by itself what says who asks; a program that shows a token does so on purpose."""
    return cookie_name(request, "session") in request.cookies and not _bearer_of(request)


def may(action: str) -> Any:
    """Return the dependency of a route whose callers must be allowed an action."""
    return Depends(May(action))


ActorDep = Annotated[Actor, Depends(get_actor)]
