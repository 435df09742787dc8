"""Who is asking, and may they: the one point where the HTTP door asks the table of permissions."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from geocommons.model.actor import VISITOR, Actor
from geocommons.model.permission import BY_ACTION, EVERYBODY, permit


def find_actor(request: Request) -> Actor:
    """Return who sent a request, by its session cookie or its token; looked up once a request."""
    if not hasattr(request.state, "actor"):
        request.state.actor = VISITOR
    actor: Actor = request.state.actor
    return actor


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
