"""Seal what tells of a person under that person's own key, open it again, and destroy the key for good."""

import base64
import binascii
import secrets
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, bindparam, select, text
from sqlalchemy.orm import Session

from geocommons.model.audit import SealKey

KEY_BITS = 256
NONCE_BYTES = 12
KEYS_AT_ONCE = 500
DESTROYED = b""
"""Stands where a key was, so that nothing is ever sealed readably under it again."""
_GIVE = text("INSERT INTO seal_key (subject, key) VALUES (:subject, :key) ON CONFLICT DO NOTHING").bindparams(
    bindparam("key", type_=LargeBinary)
)
_DESTROY = text(
    "INSERT INTO seal_key (subject, key) VALUES (:subject, :key) ON CONFLICT (subject) DO UPDATE SET key = excluded.key"
).bindparams(bindparam("key", type_=LargeBinary))


class Erased:
    """What a sealed value is when its key was destroyed."""


ERASED = Erased()


def read_keys(session: Session, subjects: Collection[str]) -> dict[str, bytes]:
    """Return the keys that some subjects ("party:7") have."""
    known: dict[str, bytes] = {}
    wanted = sorted(set(subjects))
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        some = select(SealKey.subject, SealKey.key).where(SealKey.subject.in_(wanted[start : start + KEYS_AT_ONCE]))
        known |= {subject: bytes(key) for subject, key in session.connection().execute(some)}
    return known


def keys_for(session: Session, subjects: Collection[str], new: Collection[str] = ()) -> dict[str, bytes]:
    """Return a key for each subject; who has none is given one, and a destroyed one stays destroyed.

    Those that are `new` are not looked up first.
    """
    known = read_keys(session, set(subjects) - set(new))
    lacking = sorted(set(subjects) - known.keys())
    if not lacking:
        return known
    fresh: list[dict[str, Any]] = [{"subject": subject, "key": AESGCM.generate_key(KEY_BITS)} for subject in lacking]
    # Another writer may give the same person a key at this moment: then the first one counts, for both.
    given = session.connection().execute(_GIVE, fresh).rowcount
    if given == len(fresh):
        return known | {one["subject"]: one["key"] for one in fresh}
    return known | read_keys(session, lacking)


def destroy_key(session: Session, noun: str, number: int) -> None:
    """Make everything that is or will be sealed under somebody's key unreadable for ever ("party", 7)."""
    session.connection().execute(_DESTROY, {"subject": f"{noun}:{number}", "key": DESTROYED})


def seal(value: Any, subject: str, key: bytes) -> dict[str, str]:
    """Return a value (JSON) as it stands in the trail: under a key, or gone where that was destroyed."""
    if key == DESTROYED:
        return {"sealed": subject, "text": ""}
    nonce = secrets.token_bytes(NONCE_BYTES)
    closed = AESGCM(key).encrypt(nonce, orjson.dumps(value), subject.encode())
    return {"sealed": subject, "text": base64.b64encode(nonce + closed).decode()}


def is_sealed(value: Any) -> bool:
    """Return whether a value of the trail is a sealed one."""
    return isinstance(value, dict) and value.keys() == {"sealed", "text"}


def open_seal(value: Mapping[str, str], keys: Mapping[str, bytes]) -> Any:
    """Return a sealed value, or `ERASED` where there is no key for it any more."""
    key = keys.get(value["sealed"], DESTROYED)
    if key == DESTROYED or not value["text"]:
        return ERASED
    try:
        closed = base64.b64decode(value["text"])
        return orjson.loads(AESGCM(key).decrypt(closed[:NONCE_BYTES], closed[NONCE_BYTES:], value["sealed"].encode()))
    except (binascii.Error, InvalidTag, orjson.JSONDecodeError):
        return ERASED
