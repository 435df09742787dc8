"""Parties, as staff keep them: what they are called, what they agreed to, what they hold, and which two are one."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, may
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep
from api.describe import tenure_words
from api.forms import Form, FormDep
from api.notice import see_other
from api.page import page
from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.language import mark, say
from geocommons.model.party import LED_KINDS, PARTY_WORDS
from geocommons.model.public import public_name
from geocommons.store.engine import Store
from geocommons.store.logins import get_account
from geocommons.store.parties import (
    find_account_of,
    find_listed,
    get_party,
    list_merges,
    list_parties,
    members_of,
    memberships_of,
    tenures_of,
)
from geocommons.usecases.people.consent import USES, How, change_consents, rename
from geocommons.usecases.people.erase import erase_party
from geocommons.usecases.people.members import found_group, invite_member
from geocommons.usecases.people.merge import get_merge, merge_parties, plan_merge, undo_merge
from geocommons.usecases.reach import may_keep_party, permit_party

router = APIRouter(include_in_schema=False)
SEE = [may("see parties")]
KEEP = [may("keep parties")]
MERGE = [may("merge parties")]
PER_PAGE = 50
FOUNDED = mark("{group} was added.")
SAVED = mark("The party was changed, here and in the open data.")
MERGED = mark("The two are one party now.")
UNDONE = mark("They are two parties again.")
ERASED = mark("The person was erased; what they looked after stays counted.")


@router.get("/parties", dependencies=SEE)
def show_parties(
    request: Request, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, q: str = "", kind: str = "",
    page_number: str = "1",
) -> Response:  # fmt: skip
    """Return the list of parties."""
    return _list_page(request, store, settings, language, q=q, kind=kind, number=page_number)


@router.post("/parties", dependencies=KEEP)
def add_group(
    request: Request, form: FormDep, store: ActingStoreDep, actor: ActorDep, settings: SettingsDep,
    language: LanguageDep, now: NowDep,
) -> Response:  # fmt: skip
    """Add a group or organisation, and invite who will lead it."""
    try:
        with store.writing() as session:
            group = found_group(session, form["kind"], form["name"])  # type: ignore[arg-type]
            if form["lead"].strip():
                by = get_account(session, actor)
                invite_member(session, settings, group, form["lead"], "lead", by=by, language=language, now=now)
    except GeoCommonsError as error:
        return _list_page(request, store, settings, language, status=422, error=say(error, language), form=form)
    return see_other(f"/parties/{group.id}", settings, FOUNDED, group=group.name)


@router.get("/parties/merge", dependencies=MERGE)
def show_merge(
    request: Request, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, kept: str = "",
    gone: str = "",
) -> Response:  # fmt: skip
    """Return the page that shows what merging two parties would move."""
    return _merge_page(request, store, settings, language, kept, gone)


@router.post("/parties/merge", dependencies=MERGE)
def merge(
    request: Request, form: FormDep, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Merge two parties."""
    try:
        with store.writing() as session:
            both = (get_party(session, _number(form["kept"])), get_party(session, _number(form["gone"])))
            merge_parties(session, *both, why=form["why"], now=now, both_logins=bool(form["both_logins"]))
    except GeoCommonsError as error:
        said: dict[str, Any] = {"error": say(error, language), "why": form["why"], "status": 422}
        return _merge_page(request, store, settings, language, form["kept"], form["gone"], **said)
    return see_other(f"/parties/{both[0].id}", settings, MERGED)


@router.post("/parties/merges/{merge_id}/undo", dependencies=MERGE)
def undo(form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep, merge_id: int) -> Response:
    """Make two parties again of one."""
    with store.writing() as session:
        found = get_merge(session, merge_id)
        undo_merge(session, settings, found, now=now)
    return see_other(f"/parties/{found.kept_id}", settings, UNDONE)


@router.get("/parties/{party_id}", dependencies=SEE)
def show_party(
    request: Request, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep, party_id: int
) -> Response:
    """Return the page of a party."""
    return _party_page(request, store, settings, language, party_id, now=now)


@router.post("/parties/{party_id}", dependencies=KEEP)
def change_party(
    request: Request, form: FormDep, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep,
    party_id: int,
) -> Response:  # fmt: skip
    """Change what a party is called in public and where it is named, as it said or signed."""
    uses = [use for use in USES if form[f"use_{use}"]]
    how: How = "paper" if form["how"] == "paper" else "spoken"
    try:
        with store.writing() as session:
            party = get_party(session, party_id)
            permit_party(session, settings, store.actor, party_id)
            rename(session, party, form["name"])
            change_consents(session, settings, party, uses, now=now, how=how)
    except InvalidInput as error:
        typed = {"error": say(error, language), "name": form["name"], "uses": uses}
        return _party_page(request, store, settings, language, party_id, now=now, status=422, **typed)
    return see_other(f"/parties/{party_id}", settings, SAVED)


@router.post("/parties/{party_id}/erase", dependencies=[may("keep people")])
def erase(form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep, party_id: int) -> Response:
    """Erase a person on their request."""
    with store.writing() as session:
        erase_party(session, settings, get_party(session, party_id), now=now)
    return see_other("/parties", settings, ERASED)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InvalidInput("“{value}” is not the number of a party. It stands on the party's page.", value=text[:40])
    return int(text)


def _list_page(
    request: Request, store: Store, settings: Any, language: str, *, status: int = 200, q: str = "", kind: str = "",
    number: str = "1", error: str = "", form: Form | None = None,
) -> Response:  # fmt: skip
    at = max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1
    with store.reading() as session:
        listed = find_listed(session, search=q.strip(), kind=kind)
        found = list_parties(session, listed[(at - 1) * PER_PAGE : at * PER_PAGE])
    last = max(1, -(-len(listed) // PER_PAGE))
    links = {way: f"/parties?{urlencode({'q': q, 'kind': kind, 'page_number': to})}"
             for way, to in (("earlier", at - 1), ("later", at + 1)) if 1 <= to <= last}  # fmt: skip
    return page(
        request, "people/parties.html", language, settings, status=status, current="parties", q=q, kind=kind,
        total=len(listed), parties=[(party, public_name(party)) for party in found], links=links, error=error,
        form=form or Form(), kinds=_kinds(language), led_kinds=sorted(LED_KINDS),
    )  # fmt: skip


def _kinds(language: str) -> dict[str, str]:
    return {kind: words.say(language).capitalize() for kind, words in PARTY_WORDS.items()}


def _party_page(
    request: Request, store: Store, settings: Any, language: str, party_id: int, *, now: Any, status: int = 200,
    **typed: Any,
) -> Response:  # fmt: skip
    with store.reading() as session:
        party = get_party(session, party_id)
        keeps = may_keep_party(session, settings, store.actor, party_id)
        context: dict[str, Any] = {
            "keeps": keeps, "account": find_account_of(session, party_id) if keeps else None,
            "held": tenures_of(session, party_id), "memberships": memberships_of(session, party_id),
            "merges": list_merges(session, party_id),
            "members": members_of(session, party_id, now.date()),
        }  # fmt: skip
    known = {"name": party.public_name or party.name, "error": "",
             "uses": [use for use in USES if party.agrees_to(use)]}  # fmt: skip
    return page(
        request, "people/party.html", language, settings, status=status, current="parties", party=party,
        shown=public_name(party), kinds=_kinds(language), today=now.date(),
        tenure_words=tenure_words(language), **context, **(known | typed),
    )  # fmt: skip


def _merge_page(
    request: Request, store: Store, settings: Any, language: str, kept: str, gone: str, *, status: int = 200,
    error: str = "", why: str = "",
) -> Response:  # fmt: skip
    plan = None
    if kept and gone:
        try:
            with store.reading() as session:
                plan = plan_merge(session, get_party(session, _number(kept)), get_party(session, _number(gone)))
        except GeoCommonsError as refusal:
            error, status = error or say(refusal, language), 422
    return page(
        request, "people/merge.html", language, settings, status=status, current="parties", plan=plan, kept=kept,
        gone=gone, error=error, why=why, kinds=_kinds(language),
    )  # fmt: skip
