"""Groups: who belongs to one, inviting people, and acting for one."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, may
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.describe import tenure_words
from api.forms import FormDep
from api.notice import see_other
from api.page import page
from geocommons.errors import GeoCommonsError, InvalidInput, NotAllowed
from geocommons.language import mark, say
from geocommons.model.actor import VISITOR, Actor
from geocommons.model.permission import Target, extent_of, permit
from geocommons.store.engine import Store
from geocommons.store.logins import get_account, get_login
from geocommons.store.parties import find_membership, get_party, list_waiting, members_of, tenures_of
from geocommons.usecases.people.members import (
    accept_invitation,
    act_for,
    change_member,
    get_invitation,
    invite_member,
    remove_member,
)

router = APIRouter(include_in_schema=False)
OWN = [may("keep own account")]
LEAD = [may("lead a group")]
INVITED = mark("A mail with an invitation is on its way to {address}.")
CHANGED = mark("The role of the member was changed.")
REMOVED = mark("The member was removed, and can no longer act for the group.")
JOINED = mark("You belong to {group} now.")
ACTING = mark("You act for {group} now.")
ACTING_FOR_SELF = mark("You act for yourself now.")
LEFT = mark("You left the group.")


@router.get("/groups/join/{secret}", dependencies=[may("sign in")])
def show_invitation(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep,
    now: NowDep, secret: str,
) -> Response:  # fmt: skip
    """Return the page of an invitation; opening it changes nothing."""
    return _join_page(request, store, actor, settings, language, secret, now=now)


@router.post("/groups/join/{secret}", dependencies=OWN)
def join(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep, secret: str,
) -> Response:  # fmt: skip
    """Accept an invitation."""
    try:
        with store.writing() as session:
            group = accept_invitation(session, secret, get_account(session, actor), form["name"], now=now)
    except (InvalidInput, NotAllowed) as error:
        typed = {"error": say(error, language), "name": form["name"]}
        return _join_page(request, store, actor, settings, language, secret, now=now, status=422, **typed)
    return see_other(f"/groups/{group.id}", settings, JOINED, group=group.public_name or group.name)


@router.get("/groups/{group_id}", dependencies=OWN)
def show_group(
    request: Request, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep,
    now: NowDep, group_id: int,
) -> Response:  # fmt: skip
    """Return the page of a group, for those who belong to it and for staff."""
    return _group_page(request, store, actor, settings, language, group_id, now=now)


@router.post("/groups/{group_id}/invite", dependencies=LEAD)
def invite(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep, group_id: int,
) -> Response:  # fmt: skip
    """Invite somebody by mail."""
    _permit_lead(actor, group_id)
    try:
        with store.writing() as session:
            account = get_account(session, actor)
            invite_member(
                session, settings, get_party(session, group_id), form["address"], form["role"] or "member",  # type: ignore[arg-type]
                by=account, language=language, now=now,
            )  # fmt: skip
    except GeoCommonsError as error:
        typed = {"error": say(error, language), "address": form["address"]}
        return _group_page(request, store, actor, settings, language, group_id, now=now, status=422, **typed)
    return see_other(f"/groups/{group_id}", settings, INVITED, address=form["address"])


@router.post("/groups/{group_id}/members/{member_id}/role", dependencies=LEAD)
def change_role(
    form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep, group_id: int,
    member_id: int,
) -> Response:  # fmt: skip
    """Let a member lead the group, or no longer."""
    _permit_lead(actor, group_id)
    with store.writing() as session:
        change_member(session, get_party(session, group_id), member_id, form["role"], today=now.date())  # type: ignore[arg-type]
    return see_other(f"/groups/{group_id}", settings, CHANGED)


@router.post("/groups/{group_id}/members/{member_id}/remove", dependencies=OWN)
def remove(
    form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep, group_id: int,
    member_id: int,
) -> Response:  # fmt: skip
    """Remove a member, or leave the group oneself."""
    with store.writing() as session:
        leaving = get_account(session, actor).party_id == member_id
        if not leaving:
            _permit_lead(actor, group_id)
        remove_member(session, get_party(session, group_id), member_id, today=now.date())
    return see_other("/account" if leaving else f"/groups/{group_id}", settings, LEFT if leaving else REMOVED)


@router.post("/account/acting", dependencies=OWN)
def act(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep, now: NowDep
) -> Response:
    """Choose for whom I act in this browser."""
    if request.state.login_id is None:
        raise NotAllowed("A token cannot do this. Sign in.")
    wanted = int(form["party"]) if form["party"].isdecimal() and len(form["party"]) < 10 else None
    with store.writing() as session:
        act_for(session, get_login(session, request.state.login_id), wanted, today=now.date())
        name = get_party(session, wanted).name if wanted is not None else ""
    if wanted is None:
        return see_other("/account", settings, ACTING_FOR_SELF)
    return see_other("/account", settings, ACTING, group=name)


def _permit_lead(actor: Actor, group_id: int) -> None:
    permit(actor, "lead a group", Target(party_ids=frozenset({group_id})))


def _leads(actor: Actor, group_id: int) -> bool:
    extent = extent_of(actor, "lead a group")
    return extent == "all" or (extent is not None and group_id in actor.parties)


def _group_page(
    request: Request, store: Store, actor: Actor, settings: Any, language: str, group_id: int, *, now: Any,
    status: int = 200, error: str = "", address: str = "",
) -> Response:  # fmt: skip
    leads, today = _leads(actor, group_id), now.date()
    with store.reading() as session:
        mine = get_account(session, actor).party_id
        if not leads and (mine is None or find_membership(session, group_id, mine, today) is None):
            permit(actor, "see parties")
        group = get_party(session, group_id)
        context: dict[str, Any] = {
            "members": members_of(session, group_id, today), "waiting": list_waiting(session, group_id, now),
            "held": tenures_of(session, group_id),
        }  # fmt: skip
    return page(
        request, "people/group.html", language, settings, status=status, group=group, leads=leads, mine=mine,
        error=error, address=address, today=today,
        tenure_words=tenure_words(language), **context,
    )  # fmt: skip


def _join_page(
    request: Request, store: Store, actor: Actor, settings: Any, language: str, secret: str, *, now: Any,
    status: int = 200, error: str = "", name: str = "",
) -> Response:  # fmt: skip
    with store.reading() as session:
        invitation = get_invitation(session, secret, now=now)
        group = get_party(session, invitation.group_id)
        account = get_account(session, actor) if actor != VISITOR else None
        nameless = account is not None and account.party_id is None
    return page(
        request, "people/join.html", language, settings, status=status, group=group, invitation=invitation,
        account=account, nameless=nameless, error=error, name=name,
    )  # fmt: skip
