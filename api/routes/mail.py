"""Mail as pages: the outbox, what could not be sent, the demo's own post, and how one wants one's mail."""

from collections.abc import Mapping
from typing import get_args

from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, may
from api.deps import ActingStoreDep, LanguageDep, NowDep, SettingsDep, StoreDep, parse_count
from api.forms import FormDep, browser_secret
from api.notice import see_other
from api.page import page
from geocommons.errors import GeoCommonsError, NotFound
from geocommons.files.mail.letters import DIGEST, KINDS, UNSUBSCRIBABLE
from geocommons.language import mark, say, translate
from geocommons.model.actor import Actor
from geocommons.model.mail import STATE_WORDS, Mail, MailState
from geocommons.model.permission import permit
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.logins import get_account
from geocommons.store.mail import accounts_of, count_mail, find_mail, get_mail, list_mail
from geocommons.usecases.mail.outbox import (
    drop,
    is_forgotten,
    mail_of_browser,
    outbox_is_open,
    read_letter,
    try_again,
    try_all_again,
)
from geocommons.usecases.mail.wishes import change_wishes, read_unsubscribe_secret, read_wishes, unsubscribe

router = APIRouter(include_in_schema=False)
SEES, READS, OWN = [may("see mail")], [may("read")], [may("keep own account")]
ROWS = 50
EVERY: tuple[MailState, ...] = get_args(MailState)
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""A letter brings its style with it, as mail must, and may load and send nothing."""
AGAIN = mark("The mail will be tried again.")
ALL_AGAIN = mark("Mails that will be tried again: {count}.")
DROPPED = mark("The mail was dropped.")
SAVED = mark("Saved.")


@router.get("/mail", dependencies=SEES)
def show_outbox(
    request: Request, store: StoreDep, settings: SettingsDep, language: LanguageDep, before: str = ""
) -> Response:
    """Return the page of all mail, the newest first."""
    return _list_page(request, store, settings, language, "people/outbox.html", EVERY, before)


@router.get("/mail/dead", dependencies=SEES)
def show_dead(
    request: Request, store: StoreDep, settings: SettingsDep, language: LanguageDep, before: str = ""
) -> Response:
    """Return the page of the mail that could not be sent."""
    return _list_page(request, store, settings, language, "people/dead_letters.html", ("dead",), before)


def _list_page(
    request: Request, store: Store, settings: Settings, language: str, template: str,
    states: tuple[MailState, ...], before: str,
) -> Response:  # fmt: skip
    last = parse_count("before", before, least=1) if before else None
    with store.reading() as session:
        mails = list_mail(session, states, before=last, limit=ROWS + 1)
        accounts = accounts_of(session, {mail.account_id for mail in mails if mail.account_id is not None})
        counts = count_mail(session)
    addresses = {mail.id: _address(mail, accounts.get(mail.account_id or 0)) for mail in mails}
    more = mails[ROWS - 1].id if len(mails) > ROWS else None
    return page(
        request, template, language, settings, mails=mails[:ROWS], addresses=addresses, counts=counts, kinds=KINDS,
        states=STATE_WORDS, more=more, sends=bool(settings.mail_url), say=lambda text: translate(text, language),
    )  # fmt: skip


def _address(mail: Mail, account: object) -> str:
    return str(getattr(account, "address", None) or mail.address or "")


@router.get("/mail/mine", dependencies=READS)
def show_mine(
    request: Request, store: StoreDep, settings: SettingsDep, language: LanguageDep, actor: ActorDep
) -> Response:
    """Return, in a demo that sends no mail, the mail that this browser asked for."""
    _check_open(settings)
    with store.reading() as session:
        mails = mail_of_browser(session, browser_secret(request), actor.account_id)
    letters = [(mail, read_letter(settings, mail)) for mail in mails if not is_forgotten(mail)]
    return page(request, "people/own_mail.html", language, settings, letters=letters)


@router.get("/mail/letters/{message_id}", dependencies=READS)
def show_letter(message_id: str, store: StoreDep, settings: SettingsDep, actor: ActorDep) -> Response:
    """Return a mail's own HTML, for a frame; outside a demo, without what lets somebody in and for few."""
    if not outbox_is_open(settings):
        permit(actor, "see mail")
    with store.reading() as session:
        letter = read_letter(settings, find_mail(session, message_id))
    headers = {
        "content-security-policy": LETTER_POLICY,
        "cache-control": "private, no-store",
        "referrer-policy": "no-referrer",
    }
    # Its links open in the place of the page, not inside the frame.
    html = letter.html.replace("<head>", '<head><base target="_top">', 1)
    return Response(html, headers=headers, media_type="text/html")


def _check_open(settings: Settings) -> None:
    if not outbox_is_open(settings):
        raise NotFound("There is no such mail.")


@router.post("/mail/dead/again", dependencies=SEES)
def send_all_again(form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep) -> Response:
    """Let every mail that failed wait again."""
    with store.writing() as session:
        count = try_all_again(session, now=now)
    return see_other("/mail/dead", settings, ALL_AGAIN, count=count)


@router.get("/mail/{mail_id}", dependencies=SEES)
def show_mail(
    request: Request, mail_id: int, store: StoreDep, settings: SettingsDep, language: LanguageDep
) -> Response:
    """Return the page of one mail."""
    with store.reading() as session:
        mail = get_mail(session, mail_id)
        account = accounts_of(session, {mail.account_id} if mail.account_id is not None else set())
    letter = None if is_forgotten(mail) else read_letter(settings, mail)
    return page(
        request, "people/mail.html", language, settings, mail=mail, letter=letter, states=STATE_WORDS,
        address=_address(mail, account.get(mail.account_id or 0)), hides=not outbox_is_open(settings),
        say=lambda text: translate(text, language),
    )  # fmt: skip


@router.post("/mail/{mail_id}/again", dependencies=SEES)
def send_again(mail_id: int, form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep) -> Response:
    """Let a mail that failed wait again."""
    with store.writing() as session:
        try_again(session, get_mail(session, mail_id), now=now)
    return see_other("/mail/dead", settings, AGAIN)


@router.post("/mail/{mail_id}/drop", dependencies=SEES)
def drop_mail(mail_id: int, form: FormDep, store: ActingStoreDep, settings: SettingsDep) -> Response:
    """Give up a mail that failed."""
    with store.writing() as session:
        drop(session, get_mail(session, mail_id))
    return see_other("/mail/dead", settings, DROPPED)


@router.get("/unsubscribe/{secret}", dependencies=READS)
def show_unsubscribe(request: Request, secret: str, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return a page with a button: programs that look into mail follow links, but press no buttons."""
    return _unsubscribe_page(request, secret, settings, language, done=False)


@router.post("/unsubscribe/{secret}", dependencies=READS)
def do_unsubscribe(
    request: Request, secret: str, store: StoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep
) -> Response:
    """Unsubscribe whoever has the secret, by our page's button or by a mail program's own (RFC 8058)."""
    account_id, kind = read_unsubscribe_secret(settings, secret)
    with store.writing() as session:
        unsubscribe(session, account_id, kind, now=now)
    return _unsubscribe_page(request, secret, settings, language, done=True)


def _unsubscribe_page(request: Request, secret: str, settings: Settings, language: str, *, done: bool) -> Response:
    _, kind = read_unsubscribe_secret(settings, secret)
    words = translate(KINDS[kind].words, language)
    reply = page(
        request, "people/unsubscribe.html", language, settings, secret=secret, kind=words, done=done,
        every=kind == DIGEST,
    )  # fmt: skip
    reply.headers["referrer-policy"] = "no-referrer"
    return reply


@router.get("/account/mail", dependencies=OWN)
def show_wishes(
    request: Request, store: StoreDep, settings: SettingsDep, language: LanguageDep, actor: ActorDep
) -> Response:
    """Return the page of how one wants one's mail."""
    return _wishes_page(request, store, settings, language, actor)


@router.post("/account/mail", dependencies=OWN)
def save_wishes(
    request: Request, form: FormDep, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep,
    actor: ActorDep, now: NowDep,
) -> Response:  # fmt: skip
    """Note how one wants one's mail."""
    wanted = [kind.name for kind in UNSUBSCRIBABLE if form[f"kind-{kind.name}"]]
    try:
        wishes = read_wishes(form["digest"], form["quiet_from"], form["quiet_to"], wanted)
    except GeoCommonsError as error:
        typed = {name: form[name] for name in ("digest", "quiet_from", "quiet_to")} | {"wanted": wanted}
        return _wishes_page(request, store, settings, language, actor, typed=typed, error=say(error, language))
    with store.writing() as session:
        change_wishes(session, get_account(session, actor), wishes, now=now)
    return see_other("/account/mail", settings, SAVED)


def _wishes_page(
    request: Request, store: Store, settings: Settings, language: str, actor: Actor,
    *, typed: Mapping[str, object] | None = None, error: str = "",
) -> Response:  # fmt: skip
    with store.reading() as session:
        account = get_account(session, actor)
    hours = ("" if hour is None else str(hour) for hour in (account.quiet_from_h, account.quiet_to_h))
    wanted = [kind.name for kind in UNSUBSCRIBABLE if kind.name not in account.unsubscribed]
    shown = typed or dict(
        zip(("digest", "quiet_from", "quiet_to", "wanted"), (account.digest, *hours, wanted), strict=True)
    )
    return page(
        request, "people/account_mail.html", language, settings, status=422 if error else 200, error=error,
        shown=shown, kinds=[(kind.name, translate(kind.words, language)) for kind in UNSUBSCRIBABLE],
    )  # fmt: skip
