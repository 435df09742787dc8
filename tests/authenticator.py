"""A passkey in software: what a phone or a security key answers, right or wrong as a test wants it."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, CHECKED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One passkey; `uses` is its counter, `origin` the address that its browser shows."""

    def __init__(self, origin: str, *, name: bytes = b"a passkey of sixteen bytes or so", uses: int = 0) -> None:
        self.origin, self.name, self.uses = origin, name, uses
        self.checks = True
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._owner = ""

    def make(self, options: str, **lies: Any) -> str:
        """Return what a browser says of the passkey it made."""
        asked = json.loads(options)
        self._owner = asked["user"]["id"]
        numbers = self._key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.name).to_bytes(2, "big") + self.name + cbor2.dumps(public)
        data = self._data(lies.get("rp_id", asked["rp"]["id"]), ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._client_data("webauthn.create", asked["challenge"], lies)
        return self._answer({"clientDataJSON": encode(said), "attestationObject": encode(statement)})

    def show(self, options: str, **lies: Any) -> str:
        """Return what a browser says for the passkey that it shows."""
        asked = json.loads(options)
        self.uses += lies.get("counts", 1)
        data = self._data(lies.get("rp_id", asked["rpId"]), 0)
        said = self._client_data("webauthn.get", asked["challenge"], lies)
        key = lies.get("key", self._key)
        signature = key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": encode(said), "authenticatorData": encode(data), "signature": encode(signature),
            "userHandle": lies.get("owner", self._owner),
        }  # fmt: skip
        return self._answer(response)

    def _data(self, rp_id: str, flags: int) -> bytes:
        flags |= PRESENT | (CHECKED if self.checks else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str, lies: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": lies.get("challenge", challenge), "origin": self.origin}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, str]) -> str:
        name = encode(self.name)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def encode(data: bytes) -> str:
    """Return bytes as WebAuthn writes them in JSON."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of such a text."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
