"""Sign in by mail: ask for a link and a code, and get in by either, once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

import orjson
from sqlalchemy.orm import Session

from geocommons.errors import InvalidInput, Spent, TooMany
from geocommons.language import mark
from geocommons.model.account import Account, read_address
from geocommons.model.actor import Role
from geocommons.model.sign_in import digest_of, keyed_digest
from geocommons.settings import Settings
from geocommons.store.accounts import account_of
from geocommons.store.attempts import count_attempt
from geocommons.store.engine import Store
from geocommons.store.identities import known_as
from geocommons.store.sign_in_requests import (
    Living,
    add_request,
    find_by_link,
    newest_of_browser,
    try_newest,
    use_by_id,
    use_by_link,
)
from geocommons.usecases.mail.queue import queue_mail
from geocommons.usecases.people.invite import give_role

VALID_FOR = timedelta(minutes=15)
WINDOW = timedelta(minutes=15)
MOST_OF_ADDRESS = 5
MOST_OF_CLIENT = 30
"""Mails that one address, and one client, may ask for in a window: a house or an office shares a client."""
MOST_CHALLENGES = 120
"""Challenges (to show a passkey, to come back from the city's accounts) that a client may begin in a window."""
IPV6_SUBSCRIBER = 64
"""Bits of an IPv6 address that a subscriber is given; the rest is theirs to choose anew at each request."""
MOST_TRIES = 5
MOST_CODES = 30
CODES_WINDOW = timedelta(days=1)
"""Codes that may be typed for one mail, and for one address in a day: a guesser hits one of a million."""
TOKEN_BYTES = 32
CODE_SIGNS = 6
USED_UP = mark("This link or code was used already, or its time is over. Ask for a new mail.")


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks to sign in: the browser's own secret, its network address, the reader's language and where to go."""

    browser: str
    client: str
    language: str
    goal: str = "/"


def random_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**CODE_SIGNS):0{CODE_SIGNS}d}"


def ask_to_sign_in(
    store: Store,
    settings: Settings,
    address: str,
    asker: Asker,
    *,
    origin: str,
    now: datetime,
    token: Callable[[int], str] = secrets.token_urlsafe,
    code: Callable[[], str] = random_code,
) -> None:
    """Send a mail with a link and a code to an address, whether anybody here has it or not.

    Raises `InvalidInput` for what is no address and `TooMany` after too many mails to it, or asked for by the client.
    """
    wanted = read_address(address)
    secret, digits = token(TOKEN_BYTES), code()
    digest = digest_of(secret)
    params = {"link": f"{origin}/sign-in/{secret}", "code": digits, "minutes": int(VALID_FOR.total_seconds()) // 60}
    # Counted in the transaction of the mail: where none is written, there is nothing to count.
    with store.keeping() as session:
        refusal = _count(
            session, settings, "asks of client", subscriber_of(asker.client), most=MOST_OF_CLIENT, now=now
        ) or _count(session, settings, "asks of address", wanted, most=MOST_OF_ADDRESS, now=now)  # fmt: skip
        if refusal is None:
            account_id, language = known_as(session, wanted) or (None, asker.language)
            add_request(
                session, address=wanted, link_digest=digest, code_digest=_code_digest(settings, digest, digits),
                browser_digest=digest_of(asker.browser), language=language, role=None, reach={}, goal=asker.goal,
                tries=0, created_at=now, expires_at=now + VALID_FOR,
            )  # fmt: skip
            queue_mail(session, "sign_in", to=account_id or wanted, language=language, params=params, now=now)
    if refusal is not None:
        raise refusal


def count_challenge(store: Store, settings: Settings, client: str, *, now: datetime) -> None:
    """Count that a client begins to sign in by a challenge, or refuse where it did so too often."""
    with store.keeping() as session:
        whose = subscriber_of(client)
        refusal = _count(session, settings, "challenges of client", whose, most=MOST_CHALLENGES, now=now)
    if refusal is not None:
        raise refusal


def subscriber_of(client: str) -> str:
    """Return whose a network address is: itself, or the network that an IPv6 address was chosen from."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address.packed[:8] + bytes(8), IPV6_SUBSCRIBER)))
    return client


def address_of_link(session: Session, secret: str, *, now: datetime) -> str:
    """Return the address that a link was mailed to, or refuse a link that is spent."""
    return _living(find_by_link(session, digest_of(secret), now)).address


def asked_for(session: Session, browser: str) -> str | None:
    """Return the address that a browser asked for last, or None where it asked for none."""
    request = newest_of_browser(session, digest_of(browser))
    return request.address if request else None


def enter_link(session: Session, secret: str, *, now: datetime) -> tuple[Account, str]:
    """Return the account that a link lets in, made now if it is the first time, and where it wants to go; once."""
    return _let_in(session, _living(use_by_link(session, digest_of(secret), now)), now)


def enter_code(store: Store, settings: Settings, browser: str, code: str, *, now: datetime) -> int:
    """Return the id of the request whose code was typed in the browser that asked for it, or refuse.

    Every try counts, in a transaction of its own, so that no fault and no haste gives one for nothing.
    """
    with store.keeping() as session:
        request = _living(try_newest(session, digest_of(browser), now))
        refusal = _count(
            session, settings, "codes of address", request.address, most=MOST_CODES, window=CODES_WINDOW, now=now
        )  # fmt: skip
    if refusal is not None:
        raise refusal
    typed = "".join(sign for sign in code if sign.isdigit())
    if request.tries > MOST_TRIES:
        raise Spent(USED_UP)
    right = _code_digest(settings, request.link_digest, typed)
    if not secrets.compare_digest(right, request.code_digest):
        if request.tries == MOST_TRIES:
            raise Spent("This is not the code, and it was tried too often. Ask for a new mail.")
        raise InvalidInput("This is not the code. You can try {left} more times.", left=MOST_TRIES - request.tries)
    return request.id


def use_request(session: Session, request_id: int, *, now: datetime) -> tuple[Account, str]:
    """Return the account that a request with a right code lets in, and where it wants to go; once."""
    return _let_in(session, _living(use_by_id(session, request_id, now)), now)


def _living(request: Living | None) -> Living:
    if request is None:
        raise Spent(USED_UP)
    return request


def _let_in(session: Session, request: Living, now: datetime) -> tuple[Account, str]:
    role: Role = request.role or "resident"
    account = account_of(session, request.address, role=role, language=request.language, now=now)
    if request.role is not None:
        session.flush()
        give_role(session, account, role, orjson.loads(request.reach), now=now)
    return account, request.goal


def _code_digest(settings: Settings, link_digest: str, code: str) -> str:
    return keyed_digest(settings.secret_key.get_secret_value(), "code", link_digest, code)


def _count(
    session: Session, settings: Settings, what: str, whose: str, *, most: int, now: datetime,
    window: timedelta = WINDOW,
) -> TooMany | None:  # fmt: skip
    """Count a try, and return the refusal where there were too many: to be raised once the count is kept."""
    key = keyed_digest(settings.secret_key.get_secret_value(), what, whose)
    return count_attempt(session, key, most=most, window=window, now=now)
