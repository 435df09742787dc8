"""The audit trail: who changed what, as a page and as JSON, for those who may."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from api.answers import json
from api.auth import ActorDep, may
from api.deps import LanguageDep, SessionDep, SettingsDep, parse_count, parse_day, refuse_unknown
from api.page import NOBODY_ELSE, page
from geocommons.errors import GeoCommonsError, InvalidInput
from geocommons.language import Words, mark, say, translate
from geocommons.model.actor import Actor
from geocommons.model.permission import ROLE_WORDS
from geocommons.settings import Settings
from geocommons.store.entries import Asked
from geocommons.store.seals import ERASED
from geocommons.usecases.trail import Change, Told, read_trail, what_seen
from geocommons.usecases.trail_words import ACTIONS, DOORS, SUBJECTS, action_word, column_word, subject_word

router = APIRouter(dependencies=[may("see the audit trail")])
PER_PAGE, MOST = 50, 500
NUMBERS = {"site": "site_id", "party": "party_id", "account": "account_id"}
FILTERS = (*NUMBERS, "action", "subject", "from", "to", "below")
ERASED_WORD = mark("erased")
SHAPE_WORD = mark("a shape")
YES_NO = {True: mark("yes"), False: mark("no")}


@router.get("/audit", include_in_schema=False)
def show_trail(
    request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep, actor: ActorDep
) -> Response:
    """Return the page of who changed what, the newest first."""
    given = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    error, entries, below = "", [], None
    try:
        found = read_trail(session, settings, actor, _asked(given, settings), limit=PER_PAGE)
        entries, below = [_line(told, actor, language) for told in found.entries], found.below
    except GeoCommonsError as refusal:
        error = say(refusal, language)
    kept = {name: value for name, value in given.items() if value and name != "below"}
    return page(
        request, "people/audit.html", language, settings, status=422 if error else 200, current="audit",
        entries=entries, given=given, error=error, seen=what_seen(actor), subjects=SUBJECTS, actions=ACTIONS,
        older=f"/audit?{urlencode(kept | {'below': below})}" if below else None,
        newest=f"/audit?{urlencode(kept)}" if given["below"] else None,
    )  # fmt: skip


@router.get("/api/audit", tags=["audit"])
def list_trail(
    request: Request, session: SessionDep, settings: SettingsDep, actor: ActorDep, site: str = "", party: str = "",
    account: str = "", action: str = "", subject: str = "", to: str = "", below: str = "", limit: str = "50",
) -> Response:  # fmt: skip
    """Return entries of the audit trail, the newest first; `from` and `to` are days, `below` ends the page before."""
    refuse_unknown(request, *FILTERS, "limit")
    given = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    count = min(parse_count("limit", limit, least=1), MOST)
    found = read_trail(session, settings, actor, _asked(given, settings), limit=count)
    answer = json(request, {"entries": [_as_json(told, actor) for told in found.entries], "below": found.below})
    answer.headers["cache-control"] = NOBODY_ELSE
    return answer


def _asked(given: Mapping[str, str], settings: Settings) -> Asked:
    numbers = {
        column: parse_count(name, given[name], least=1) if given[name] else None for name, column in NUMBERS.items()
    }
    zone = ZoneInfo(settings.time_zone)
    since = datetime.combine(parse_day(given["from"]), time(), zone) if given["from"] else None
    until = datetime.combine(parse_day(given["to"]) + timedelta(days=1), time(), zone) if given["to"] else None
    if since is not None and until is not None and until <= since:
        raise InvalidInput("The last day lies before the first. Swap them.")
    return Asked(
        **numbers, action=given["action"] or None, subject=given["subject"] or None, since=since, until=until,
        below=parse_count("below", given["below"], least=1) if given["below"] else None,
    )  # fmt: skip


def _line(told: Told, actor: Actor, language: str) -> dict[str, Any]:
    """Return one entry in the reader's words."""
    entry = told.entry
    number = f"{entry.subject_id}–{entry.subject_last}" if entry.subject_last else entry.subject_id
    return {
        "id": entry.id, "at": entry.at, "who": _who(told, actor, language),
        "role": _value(entry.role, language, "role"),
        "account_id": entry.account_id, "acting_for": _party_name(told.acting_for),
        "door": DOORS[entry.door].say(language) if entry.door in DOORS else entry.door,
        "action": action_word(entry.action, language), "subject": subject_word(entry.subject, language),
        "number": number, "site": told.site, "party": told.party, "party_name": _party_name(told.party),
        "why": _value(told.why, language) if told.why else "",
        "changes": [_change(change, language) for change in told.changes],
    }  # fmt: skip


def _who(told: Told, actor: Actor, language: str) -> str:
    """Return who did it, by the address only to themselves and to those who see everything."""
    entry = told.entry
    if entry.account_id is None:
        return entry.actor
    if entry.account_id == actor.account_id:
        return translate(mark("You"), language)
    if told.account is not None and told.account.erased_at is not None:
        return translate(ERASED_WORD, language)
    if what_seen(actor).whole and told.account is not None and told.account.address:
        return told.account.address
    return translate(mark("Account {number}"), language).format(number=entry.account_id)


def _party_name(party: Any) -> str:
    return (party.public_name or party.name) if party is not None else ""


def _change(change: Change, language: str) -> dict[str, str]:
    before, after = (_value(value, language, change.column) for value in (change.before, change.after))
    return {"column": column_word(change.column, language), "before": before, "after": after}


def _value(value: Any, language: str, column: str = "") -> str:
    """Return a value as people read it."""
    if value is ERASED:
        return translate(ERASED_WORD, language)
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if column == "geom":
        return translate(SHAPE_WORD, language)
    if isinstance(value, bool):
        return translate(YES_NO[value], language)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_value(held, language)}" for name, held in value.items())
    if isinstance(value, list):
        return ", ".join(_value(held, language) for held in value)
    if column == "role" and value in ROLE_WORDS:
        words: Words = ROLE_WORDS[value]
        return words.say(language)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _as_json(told: Told, actor: Actor) -> dict[str, Any]:
    """Return one entry with its values as they are; None and `erased` where they told of somebody who is gone."""
    entry = told.entry
    plain = {
        change.column: [None if value is ERASED else value for value in (change.before, change.after)]
        for change in told.changes
    }
    erased = [change.column for change in told.changes if ERASED in (change.before, change.after)]
    whole = what_seen(actor).whole or entry.account_id == actor.account_id
    return {
        "id": entry.id, "at": entry.at.astimezone(UTC), "account": entry.account_id,
        "address": told.account.address if whole and told.account is not None else None, "actor": entry.actor,
        "role": entry.role, "door": entry.door, "acting_for": entry.acting_for, "action": entry.action,
        "subject": entry.subject, "subject_id": entry.subject_id, "subject_last": entry.subject_last,
        "site": entry.site_id, "party": entry.party_id, "changes": plain, "erased": erased,
        "why": None if told.why is ERASED else told.why, "digest": entry.digest,
    }  # fmt: skip
