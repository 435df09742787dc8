"""People and roles, for administrators: who has an account, what they may do, and invitations."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.auth import may
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.forms import Form, FormDep, origin_of
from api.notice import see_other
from api.page import page
from geocommons.errors import InvalidInput
from geocommons.language import mark, say
from geocommons.layer import all_layers
from geocommons.model.permission import ROLE_WORDS
from geocommons.store.accounts import list_accounts, revoke_sessions
from geocommons.store.engine import Store
from geocommons.usecases.people.invite import change_role, invite

router = APIRouter(prefix="/people", include_in_schema=False, dependencies=[may("keep people")])
INVITED = mark("An invitation is on its way to {address}.")
CHANGED = mark("The role was changed. Whoever it is signs in again.")
ENDED = mark("Every session of this account was ended.")
CHOICES = [(role, words) for role, words in ROLE_WORDS.items() if role != "visitor"]


@router.get("")
def show_people(request: Request, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return every account, and the form that invites another."""
    return _people_page(request, store, settings, language)


@router.post("/invite")
def send_invitation(
    request: Request, form: FormDep, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Invite somebody to a role."""
    try:
        invite(
            store, settings, form["address"], role=form["role"], reach=_reach(form), origin=origin_of(request),
            language=form["language"] or language, now=now,
        )  # fmt: skip
    except InvalidInput as error:
        return _people_page(request, store, settings, language, status=422, error=say(error, language), typed=form)
    return see_other("/people", settings, INVITED, address=form["address"].strip())


@router.post("/{account_id}/role")
def give_another_role(
    account_id: int, form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep
) -> Response:
    """Change what somebody may do."""
    change_role(store, account_id, role=form["role"], reach=_reach(form), now=now)
    return see_other("/people", settings, CHANGED)


@router.post("/{account_id}/sign-out")
def end_sessions(account_id: int, form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep) -> Response:
    """End every session of an account."""
    with store.writing() as session:
        revoke_sessions(session, account_id, now=now)
    return see_other("/people", settings, ENDED)


def _reach(form: Form) -> dict[str, list[str]]:
    """Return the layers that a form ticks, and its districts, which are names with commas between."""
    districts = [name.strip() for name in form["district"].split(",") if name.strip()]
    return {"layer": form.every("layer"), "district": districts}


def _people_page(
    request: Request, store: Store, settings: Any, language: str, *,
    status: int = 200, error: str = "", typed: Form | None = None,
) -> Response:  # fmt: skip
    with store.reading() as session:
        accounts = list_accounts(session)
    return page(
        request, "people/people.html", language, settings, status=status, accounts=accounts, error=error,
        typed=dict(typed or {}), typed_layers=typed.every("layer") if typed else [],
        roles=[(role, words.say(language)) for role, words in CHOICES], layers=list(all_layers().values()),
    )  # fmt: skip
