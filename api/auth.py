"""Who is asking, and may they: the one point where the HTTP door asks the table of permissions."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api.forms import cookie_name, is_https, set_cookie
from geocommons.errors import NotSignedIn
from geocommons.model.actor import VISITOR, Actor
from geocommons.model.permission import BY_ACTION, EVERYBODY, permit
from geocommons.model.sign_in import digest_of
from geocommons.store.engine import Store
from geocommons.store.logins import find_login, find_token, led_groups, touch_token
from geocommons.usecases.people.sessions import (
    REFRESH,
    VALID_FOR,
    actor_of,
    check_confirmed,
    is_stale,
    renew_session,
)
from geocommons.usecases.people.tokens import token_actor


def find_actor(request: Request) -> Actor:
    """Return who sent a request, by its token or its session cookie; looked up once a request."""
    if not hasattr(request.state, "actor"):
        request.state.actor, request.state.login_id = VISITOR, None
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            request.state.actor = _bearer(request, token.strip())
        elif secret := request.cookies.get(cookie_name(request, "session")):
            _look_up(request, secret)
    actor: Actor = request.state.actor
    return actor


def _bearer(request: Request, secret: str) -> Actor:
    store: Store = request.app.state.store
    now = store.clock()
    with store.reading() as session:
        token = find_token(session, digest_of(secret), now)
        if token is None:
            raise NotSignedIn("This token is not known here, or its time is over. Make a new one on your account.")
        actor = token_actor(token, led_groups(session, token.account, now.date()), "api")
        if token.used_at is None or now - token.used_at > REFRESH:
            with store.keeping() as keeping:
                touch_token(keeping, token.id, now)
    return actor


def _look_up(request: Request, secret: str) -> None:
    store: Store = request.app.state.store
    now = store.clock()
    with store.reading() as session:
        login = find_login(session, digest_of(secret), now)
        if login is not None:
            groups = led_groups(session, login.account, now.date())
            request.state.actor, request.state.login_id = actor_of(login, groups), login.id
            request.state.stale_login = is_stale(login, digest_of(secret), now)


def keep_login(request: Request, answer: Response) -> None:
    """Give the browser a new secret for its session where the one it has is old; the old one counts until then."""
    if getattr(request.state, "stale_login", False):
        store: Store = request.app.state.store
        old = request.cookies[cookie_name(request, "session")]
        with store.keeping() as session:
            new = renew_session(session, request.state.login_id, digest_of(old), now=store.clock())
        request.state.stale_login = False
        if new is not None:
            let_in(request, answer, new)


def let_in(request: Request, answer: Response, secret: str) -> None:
    """Give a browser the cookie of a session."""
    set_cookie(request, answer, "session", secret, max_age_s=int(VALID_FOR.total_seconds()))


def let_out(request: Request, answer: Response) -> None:
    """Take the cookie of a session away."""
    answer.delete_cookie(cookie_name(request, "session"), samesite="lax", secure=is_https(request), httponly=True)


@dataclass(frozen=True)
class May:
    """What a route depends on: that who asks may do an action of the table."""

    action: str

    async def __call__(self, request: Request) -> None:
        """Refuse who may not; nobody is looked up where everybody may."""
        if BY_ACTION[self.action].roles != EVERYBODY:
            actor = await run_in_threadpool(find_actor, request)
            permit(actor, self.action)
            if BY_ACTION[self.action].dangerous:
                check_confirmed(actor, request.app.state.store.clock())


def may(action: str) -> Any:
    """Return the dependency of a route whose callers must be allowed an action."""
    return Depends(May(action))


ActorDep = Annotated[Actor, Depends(find_actor)]
