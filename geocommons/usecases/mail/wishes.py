"""How a person wants mail: at once or in a digest, in which hours not, and which kinds not at all."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy.orm import Session

from geocommons.errors import InvalidInput, NotFound
from geocommons.files.mail.letters import DIGEST, KINDS, UNSUBSCRIBABLE
from geocommons.model.account import Account, Digest
from geocommons.model.sign_in import keyed_digest
from geocommons.settings import Settings
from geocommons.store.mail import look_again

SECRET_SIGNS = 40


@dataclass(frozen=True)
class Wishes:
    """How somebody wants the mail that is not essential; both hours are None without quiet hours."""

    digest: Digest = "at_once"
    quiet_from_h: int | None = None
    quiet_to_h: int | None = None
    unsubscribed: frozenset[str] = frozenset()


def read_wishes(digest: str, quiet_from: str, quiet_to: str, wanted: list[str]) -> Wishes:
    """Return what a form says, or refuse; the kinds that are not `wanted` are those unsubscribed from."""
    for choice in get_args(Digest):
        if choice == digest:
            break
    else:
        raise InvalidInput("Choose one of the ways in which mail can come.")
    start, end = _hour(quiet_from), _hour(quiet_to)
    if (start is None) != (end is None):
        raise InvalidInput("Quiet hours need a beginning and an end. Choose both, or neither.")
    unsubscribed = frozenset(kind.name for kind in UNSUBSCRIBABLE if kind.name not in wanted)
    return Wishes(choice, start, end, unsubscribed)


def _hour(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) < 24):
        raise InvalidInput("“{value}” is not an hour. Choose one from 0 to 23.", value=text[:20])
    return int(text)


def change_wishes(session: Session, account: Account, wishes: Wishes, *, now: datetime) -> None:
    """Note how an account wants its mail; what is held for it is looked at again."""
    account.digest, account.unsubscribed = wishes.digest, sorted(wishes.unsubscribed)
    account.quiet_from_h, account.quiet_to_h = wishes.quiet_from_h, wishes.quiet_to_h
    session.flush()
    look_again(session, account.id, now)


def unsubscribe_secret(settings: Settings, account_id: int, kind: str) -> str:
    """Return the secret that lets whoever has a mail of a kind unsubscribe from it, for as long as the key holds."""
    return f"{account_id}-{kind}-{_seal(settings, account_id, kind)}"


def read_unsubscribe_secret(settings: Settings, secret: str) -> tuple[int, str]:
    """Return account and kind of an unsubscription, or refuse."""
    number, _, rest = secret.partition("-")
    kind, _, seal = rest.partition("-")
    known = number.isascii() and number.isdigit() and len(number) < 10 and kind in KINDS
    if known and hmac.compare_digest(seal.encode(), _seal(settings, int(number), kind).encode()):
        return int(number), kind
    raise NotFound("This link to unsubscribe is not complete. Open it from the mail itself.")


def unsubscribe(session: Session, account_id: int, kind: str, *, now: datetime) -> None:
    """Send an account no more of a kind of mail, or of any where it is the digest; again is the same as once."""
    account = session.get(Account, account_id, with_for_update={"of": Account})
    if account is None or account.erased_at is not None:
        return
    kinds = {other.name for other in UNSUBSCRIBABLE} if kind == DIGEST else {kind}
    account.unsubscribed = sorted({*account.unsubscribed, *kinds})
    session.flush()
    look_again(session, account_id, now)


def _seal(settings: Settings, account_id: int, kind: str) -> str:
    return keyed_digest(settings.secret_key.get_secret_value(), "unsubscribe", account_id, kind)[:SECRET_SIGNS]
