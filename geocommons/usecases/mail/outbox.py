"""Look into the outbox, and decide about what could not be sent."""

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from geocommons.errors import Conflict
from geocommons.files.mail.letters import KINDS
from geocommons.files.mail.message import Letter, write_letter
from geocommons.model.mail import Mail
from geocommons.model.sign_in import digest_of
from geocommons.settings import Settings
from geocommons.store.audit import note
from geocommons.store.mail import list_mail, mail_of_account, mail_queued_at
from geocommons.store.sign_in_requests import newest_of_browser
from geocommons.usecases.mail.deliver import frame_of
from geocommons.usecases.mail.queue import ring_after

HIDDEN = "•••"
MINE = 20


def outbox_is_open(settings: Settings) -> bool:
    """Whether who asked for a mail may read it here: only in a demo that sends none, on a machine's own address."""
    if settings.environment != "demo" or settings.mail_url.get_secret_value():
        return False
    host = urlsplit(settings.home).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_forgotten(mail: Mail) -> bool:
    """Whether the words of a mail are gone: it is older than mail is kept, or went out inside a digest."""
    return not mail.params and bool(KINDS[mail.kind].gaps - KINDS[mail.kind].secrets)


def read_letter(settings: Settings, mail: Mail) -> Letter:
    """Return a mail as its reader sees it; what lets somebody in is hidden, except where the outbox is open."""
    hide = not outbox_is_open(settings)
    params = _hidden(settings, mail.kind, mail.params) if hide else dict(mail.params)
    frame = frame_of(settings, None if hide else mail.account_id, mail.kind)
    return write_letter(mail.kind, mail.language, params, frame)


def _hidden(settings: Settings, kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    secrets = KINDS[kind].secrets
    links = {block.shows for block in KINDS[kind].blocks if block.kind == "button"}
    return dict(params) | {gap: f"{settings.home}/hidden" if gap in links else HIDDEN for gap in secrets}


def mail_of_browser(session: Session, browser: str, account_id: int | None) -> list[Mail]:
    """Return the mail that a browser asked for last, and that of the account which is signed in, the newest first."""
    found = {mail.id: mail for mail in mail_of_account(session, account_id, MINE)} if account_id is not None else {}
    asked = newest_of_browser(session, digest_of(browser))
    if asked is not None:
        for mail in mail_queued_at(session, "sign_in", asked.created_at):
            if digest_of(str(mail.params.get("link", "")).rpartition("/")[2]) == asked.link_digest:
                found[mail.id] = mail
    return sorted(found.values(), key=lambda mail: -mail.id)


def try_again(session: Session, mail: Mail, *, now: datetime) -> None:
    """Let a dead mail wait again as if it were new, or refuse where its link is over."""
    _check_dead(mail)
    if _is_over(mail, now):
        raise Conflict("The link in this mail is over, so it would be of no use. Drop it.")
    mail.state, mail.tries, mail.next_try_at = "waiting" if mail.essential else "held", 0, now
    note(session, "queued", "mail", mail.id)
    ring_after(session)


def try_all_again(session: Session, *, now: datetime) -> int:
    """Let every dead mail whose words are still true wait again; return how many."""
    dead = [mail for mail in list_mail(session, ("dead",), before=None, limit=None) if not _is_over(mail, now)]
    for mail in dead:
        try_again(session, mail, now=now)
    return len(dead)


def _is_over(mail: Mail, now: datetime) -> bool:
    return mail.useful_until is not None and mail.useful_until <= now


def drop(session: Session, mail: Mail) -> None:
    """Give a dead mail up, and forget its words."""
    _check_dead(mail)
    mail.state, mail.params = "dropped", {}
    note(session, "dropped", "mail", mail.id)


def _check_dead(mail: Mail) -> None:
    if mail.state != "dead":
        raise Conflict("This mail is no longer among those that failed.")
