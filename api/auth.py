"""Who is asking, and may they: the one point where the HTTP door asks the table of permissions."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api.forms import cookie_name, set_cookie
from geocommons.model.actor import VISITOR, Actor
from geocommons.model.permission import BY_ACTION, EVERYBODY, permit
from geocommons.model.sign_in import digest_of
from geocommons.store.engine import Store
from geocommons.store.logins import find_login
from geocommons.usecases.people.sessions import VALID_FOR, actor_of


def find_actor(request: Request) -> Actor:
    """Return who sent a request, by its session cookie or its token; looked up once a request."""
    if not hasattr(request.state, "actor"):
        request.state.actor, request.state.login_id = VISITOR, None
        if secret := request.cookies.get(cookie_name(request, "session")):
            _look_up(request, secret)
    actor: Actor = request.state.actor
    return actor


def _look_up(request: Request, secret: str) -> None:
    store: Store = request.app.state.store
    with store.reading() as session:
        login = find_login(session, digest_of(secret), store.clock())
        if login is not None:
            request.state.actor, request.state.login_id = actor_of(login), login.id


def let_in(request: Request, answer: Response, secret: str) -> None:
    """Give a browser the cookie of a session."""
    set_cookie(request, answer, "session", secret, max_age_s=int(VALID_FOR.total_seconds()))


@dataclass(frozen=True)
class May:
    """What a route depends on: that who asks may do an action of the table."""

    action: str

    async def __call__(self, request: Request) -> None:
        """Refuse who may not; nobody is looked up where everybody may."""
        if BY_ACTION[self.action].roles != EVERYBODY:
            permit(await run_in_threadpool(find_actor, request), self.action)


def may(action: str) -> Any:
    """Return the dependency of a route whose callers must be allowed an action."""
    return Depends(May(action))


ActorDep = Annotated[Actor, Depends(find_actor)]
