"""Passkeys: add one to an account, and let one show who somebody is (WebAuthn level 3)."""

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson
from sqlalchemy.orm import Session
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from geocommons.errors import Conflict, InvalidInput, NotAllowed
from geocommons.language import mark
from geocommons.model.account import Account
from geocommons.model.sign_in import Passkey, digest_of
from geocommons.store.challenges import VALID_FOR, add_challenge, spend_challenge
from geocommons.store.engine import Store
from geocommons.store.passkeys import find_passkey, list_passkeys

Purpose = Literal["add a passkey", "sign in by passkey", "confirm by passkey"]
NAME_SIGNS = 60
PASSKEYS_MOST = 20
TIMEOUT_MS = int(VALID_FOR.total_seconds() * 1000)
UNREADABLE = mark("The browser's answer about the passkey cannot be read. Try again.")
UNPROVEN = mark("The passkey did not prove who you are. Try again, or sign in with a link by mail.")


@dataclass(frozen=True)
class Answer:
    """What a browser says for a passkey: its JSON, the challenge that it answers, and the address it was asked by."""

    credential: dict[str, Any]
    challenge: str
    origin: str


def read_answer(text: str) -> Answer:
    """Return what a browser sent, or refuse; nothing of it is believed yet."""
    try:
        credential = orjson.loads(text)
        said = orjson.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return Answer(credential, base64url_to_bytes(said["challenge"]).decode("ascii"), str(said["origin"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(UNREADABLE) from error


def spend_answer(store: Store, answer: Answer, purpose: Purpose, holder: str, *, origin: str, now: datetime) -> str:
    """Take the challenge of an answer back for good, and return the goal that was kept with it, or refuse."""
    with store.keeping() as session:
        goal = spend_challenge(session, digest_of(answer.challenge), purpose, holder, now=now)
    if answer.origin != origin:
        raise NotAllowed("Passkeys of this register work at {address} only. Open it there.", address=origin)
    return goal


def ask_to_add(
    session: Session,
    account: Account,
    holder: str,
    *,
    origin: str,
    title: str,
    now: datetime,
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> str:
    """Return the JSON with which a browser makes a passkey that names its owner by itself and checks the person."""
    kept = list_passkeys(session, account.id)
    if len(kept) >= PASSKEYS_MOST:
        raise Conflict("An account has at most {count} passkeys. Remove one first.", count=PASSKEYS_MOST)
    options = generate_registration_options(
        rp_id=host_of(origin), rp_name=title, user_id=handle_of(account.id), user_name=account.address or "",
        challenge=add_challenge(session, "add a passkey", holder, now=now, token=token).encode(), timeout=TIMEOUT_MS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in kept],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    return options_to_json(options)


def add_passkey(
    session: Session, account: Account, answer: Answer, *, name: str, origin: str, now: datetime
) -> Passkey:
    """Add a passkey to an account, or refuse; its challenge was spent before."""
    name = read_name(name)
    try:
        made = verify_registration_response(
            credential=answer.credential, expected_challenge=answer.challenge.encode(),
            expected_origin=origin, expected_rp_id=host_of(origin),
        )  # fmt: skip
    except Exception as error:  # the library lets errors of CBOR, ASN.1 and cryptography pass
        raise NotAllowed(UNPROVEN) from error
    if not made.user_verified:
        raise _unchecked()
    if find_passkey(session, made.credential_id):
        raise Conflict("This passkey is on an account already.")
    passkey = Passkey(
        account_id=account.id, credential_id=made.credential_id, public_key=made.credential_public_key,
        uses=made.sign_count, name=name, created_at=now, used_at=None,
    )  # fmt: skip
    session.add(passkey)
    session.flush()
    return passkey


def ask_to_show(
    session: Session,
    purpose: Purpose,
    holder: str,
    *,
    origin: str,
    now: datetime,
    account: Account | None = None,
    goal: str = "/",
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> str:
    """Return the JSON with which a browser shows a passkey: one of an account, or any that it has for this register."""
    kept = list_passkeys(session, account.id) if account else []
    options = generate_authentication_options(
        rp_id=host_of(origin), timeout=TIMEOUT_MS, user_verification=UserVerificationRequirement.REQUIRED,
        challenge=add_challenge(session, purpose, holder, goal=goal, now=now, token=token).encode(),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in kept],
    )  # fmt: skip
    return options_to_json(options)


def show_passkey(
    session: Session, answer: Answer, *, origin: str, now: datetime, account_id: int | None = None
) -> Passkey:
    """Return the passkey that an answer proves, and count the use, or refuse; its challenge was spent before."""
    try:
        credential_id = base64url_to_bytes(answer.credential["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(UNREADABLE) from error
    passkey = find_passkey(session, credential_id)
    wanted = account_id is None or (passkey and passkey.account_id == account_id)
    if passkey is None or not wanted or passkey.account.erased_at is not None:
        raise NotAllowed("This passkey is not on the account. Use another one, or sign in with a link by mail.")
    try:
        shown = verify_authentication_response(
            credential=answer.credential, expected_challenge=answer.challenge.encode(), expected_origin=origin,
            expected_rp_id=host_of(origin), credential_public_key=passkey.public_key, credential_current_sign_count=0,
        )  # fmt: skip
    except Exception as error:  # the library lets errors of CBOR, ASN.1 and cryptography pass
        raise NotAllowed(UNPROVEN) from error
    if not shown.user_verified:
        raise _unchecked()
    if not _owner_fits(answer, passkey):
        raise NotAllowed(UNPROVEN)
    if (shown.new_sign_count or passkey.uses) and shown.new_sign_count <= passkey.uses:
        raise NotAllowed(
            "The passkey “{name}” counts fewer uses than before, so there may be a copy of it. It is not believed any"
            " more: sign in with a link by mail, and remove it from your account.", name=passkey.name,
        )  # fmt: skip
    passkey.uses, passkey.used_at = shown.new_sign_count, now
    return passkey


def forget_passkeys(session: Session, account_id: int) -> int:
    """Remove every passkey of somebody who lost them, and return how many: mailed links and codes count again."""
    kept = list_passkeys(session, account_id)
    for passkey in kept:
        session.delete(passkey)
    return len(kept)


def read_name(text: str) -> str:
    """Return the name of a passkey as a person may read it, or refuse."""
    name = " ".join("".join(sign for sign in text if sign.isspace() or unicodedata.category(sign)[0] != "C").split())
    if not 0 < len(name) <= NAME_SIGNS:
        raise InvalidInput("Give the passkey a name of 1 to {count} signs, like “My phone”.", count=NAME_SIGNS)
    return name


def host_of(origin: str) -> str:
    """Return the host of an address, which passkeys are bound to (the RP id)."""
    return urlsplit(origin).hostname or ""


def handle_of(account_id: int) -> bytes:
    """Return how an authenticator names an account to itself: nothing of the person."""
    return digest_of(f"account {account_id}").encode()


def _owner_fits(answer: Answer, passkey: Passkey) -> bool:
    handle = answer.credential.get("response", {}).get("userHandle")
    return not handle or base64url_to_bytes(handle) == handle_of(passkey.account_id)


def _unchecked() -> NotAllowed:
    return NotAllowed("The passkey did not check that it is you. Use one with a fingerprint, a face or a PIN.")
