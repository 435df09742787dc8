"""Speak with a city's own provider of accounts (OpenID Connect, authorization code flow with PKCE)."""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, InvalidClaimError, InvalidKeyIdError, JoseError
from joserfc.errors import MissingClaimError as LackingClaim
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from geocommons.errors import GeoCommonsError, NotAllowed, NotReady
from geocommons.language import mark
from geocommons.model.sign_in import keyed_digest
from geocommons.settings import Settings
from geocommons.usecases.people.openid import Introduction

RETURN_PATH = "/openid/return"
TIMEOUT_S = (3.05, 5.0)
"""How long to wait for a connection, and for each piece of an answer."""
KNOWN_FOR_S = 3600.0
"""How long what a provider tells of itself is believed without asking again."""
LEEWAY_S = 60
"""How far two clocks may differ."""
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures that only the provider can make; one under a shared secret, or none, is refused."""
SILENT = mark("The city's sign-in service does not answer. Sign in with a link by mail, or try again later.")
UNFIT = mark("The city's sign-in service answers in a way that this register cannot read. Sign in with a link by mail.")
REFUSED = mark("The city's sign-in service did not let you in ({reason}). Try again, or sign in with a link by mail.")
NO_KEY = mark("The answer of the city's sign-in service is not signed with its own key. Sign in with a link by mail.")
LATE = mark("The answer of the city's sign-in service is out of date. Begin again, or sign in with a link by mail.")
TWO_PEOPLE = mark("The city's sign-in service spoke of two people at once. Sign in with a link by mail.")
WRONG_CLAIMS = {
    "iss": mark("The answer comes from another service than that of the city. Sign in with a link by mail."),
    "aud": mark("The answer of the city's sign-in service is for another program. Sign in with a link by mail."),
    "nonce": mark("The answer of the city's sign-in service belongs to another sign-in. Begin again."),
}
WRONG_CLAIMS["azp"] = WRONG_CLAIMS["aud"]


class Provider:
    """A city's provider of accounts: what it tells of itself, and its keys, are asked for once and kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    def address(self, state: str, origin: str) -> str:
        """Return where to send somebody who wants to sign in; what comes back is bound to `state`."""
        endpoint = self._endpoint("authorization_endpoint")
        with self._session(origin) as session:
            url, _ = session.create_authorization_url(
                endpoint, state=state, nonce=self._derive("nonce", state), code_verifier=self._derive("verifier", state)
            )
        return str(url)

    def introduce(self, answer: Mapping[str, str], state: str, origin: str, *, now: datetime) -> Introduction:
        """Return whom the provider introduces by its answer (the query of the return address), or refuse."""
        if "error" in answer:
            raise NotAllowed(REFUSED, reason=_code(answer["error"]))
        if answer.get("iss", self._settings.openid_issuer) != self._settings.openid_issuer:  # RFC 9207
            raise NotAllowed(WRONG_CLAIMS["iss"])
        try:
            with self._session(origin) as session:
                token = session.fetch_token(
                    self._endpoint("token_endpoint"), grant_type="authorization_code", code=answer.get("code", ""),
                    code_verifier=self._derive("verifier", state), allow_redirects=False,
                )  # fmt: skip
                claims = self._checked(token, self._derive("nonce", state), now)
                return self._introduction(claims, self._more(session, claims))
        except OAuthError as error:
            raise NotAllowed(REFUSED, reason=_code(error.error)) from error
        except RequestException as error:
            raise NotReady(UNFIT if isinstance(error, ValueError) else SILENT) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotReady(UNFIT) from error

    def _introduction(self, claims: Mapping[str, Any], more: Mapping[str, Any]) -> Introduction:
        spoken = more if "email" in more else claims
        address, wanted = spoken.get("email"), self._settings.openid_role_claim
        values = _values(claims, wanted) | _values(more, wanted)
        return Introduction(
            issuer=str(claims["iss"]), subject=str(claims["sub"]),
            address=address if isinstance(address, str) else None,
            address_verified=spoken.get("email_verified") in (True, "true"), roles=values if wanted else None,
        )  # fmt: skip

    # --- what the provider tells of itself ---

    def _metadata(self) -> dict[str, Any]:
        """Return what the provider tells of itself, or refuse one that calls itself by another name."""
        if self._told is None or time.monotonic() - self._told[0] > KNOWN_FOR_S:
            issuer = self._settings.openid_issuer
            told = self._get(get_well_known_url(issuer, external=True))
            if told.get("issuer") != issuer:
                raise NotReady(WRONG_CLAIMS["iss"])
            self._told = (time.monotonic(), told)
        return self._told[1]

    def _endpoint(self, name: str) -> str:
        url = self._metadata().get(name)
        if not (isinstance(url, str) and _is_safe(url)):
            raise NotReady(UNFIT)
        return url

    def _get(self, url: str, session: OAuth2Session | None = None) -> dict[str, Any]:
        """Return the JSON object at an address, or say that the provider is silent or unfit."""
        try:
            if session:
                answer = session.get(url, allow_redirects=False)
            else:
                with self._session("") as plain:
                    answer = plain.get(url, withhold_token=True)
            answer.raise_for_status()
            found = answer.json()
        except RequestException as error:
            raise NotReady(UNFIT if isinstance(error, ValueError) else SILENT) from error
        if not isinstance(found, dict):
            raise NotReady(UNFIT)
        return found

    def _session(self, origin: str) -> OAuth2Session:
        supported = self._told[1].get("token_endpoint_auth_methods_supported", []) if self._told else []
        secret = self._settings.openid_client_secret.get_secret_value() or None
        post = secret and "client_secret_post" in supported and "client_secret_basic" not in supported
        return OAuth2Session(
            self._settings.openid_client_id, secret, scope="openid email profile", redirect_uri=origin + RETURN_PATH,
            code_challenge_method="S256", token_endpoint_auth_method="client_secret_post" if post else None,
            default_timeout=TIMEOUT_S,
        )  # fmt: skip

    def _derive(self, use: str, state: str) -> str:
        """Return a secret that goes with a state, so that none has to be kept: 64 signs, as PKCE asks 43 to 128."""
        return keyed_digest(self._settings.secret_key.get_secret_value(), "openid", use, state)

    # --- what it says of a person ---

    def _checked(self, token: Mapping[str, Any], nonce: str, now: datetime) -> CodeIDToken:
        """Return the claims of an ID token whose signature, issuer, audience, nonce and times are right, or refuse."""
        if not isinstance(token.get("id_token"), str):
            raise NotReady(UNFIT)
        issuer, client = self._settings.openid_issuer, self._settings.openid_client_id
        try:
            decoded = self._decoded(token["id_token"])
            options = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client}}
            params = {"nonce": nonce, "client_id": client, "access_token": token.get("access_token")}
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(int(now.timestamp()), LEEWAY_S)
        except JoseError as error:
            raise _refusal(error) from error
        return claims

    def _decoded(self, text: str) -> jwt.Token:
        """Return a token whose signature is right; keys are asked for once more where they seem to have changed."""
        registry = JWSRegistry(algorithms=SIGNATURES, strict_check_header=False)
        if self._keys is not None:
            try:
                return jwt.decode(text, self._keys, registry=registry)
            except (InvalidKeyIdError, BadSignatureError):
                self._keys = None
        self._keys = KeySet.import_key_set(self._get(self._endpoint("jwks_uri")))  # type: ignore[arg-type]
        return jwt.decode(text, self._keys, registry=registry)

    def _more(self, session: OAuth2Session, claims: CodeIDToken) -> dict[str, Any]:
        """Return what the provider tells only when asked for it (UserInfo), or nothing where the token says all."""
        wanted = self._settings.openid_role_claim
        told = "email_verified" in claims and (not wanted or bool(_values(claims, wanted)))
        if told or "userinfo_endpoint" not in self._metadata():
            return {}
        more = self._get(self._endpoint("userinfo_endpoint"), session)
        if more.get("sub") != claims["sub"]:
            raise NotAllowed(TWO_PEOPLE)
        return more


def _refusal(error: JoseError) -> GeoCommonsError:
    """Return the sentence that fits what is wrong with a token."""
    if isinstance(error, InvalidKeyIdError | BadSignatureError):
        return NotAllowed(NO_KEY)
    if isinstance(error, ExpiredTokenError):
        return NotAllowed(LATE)
    if isinstance(error, InvalidClaimError | LackingClaim):
        return NotAllowed(WRONG_CLAIMS.get(_claim(error), LATE if _claim(error) in ("iat", "nbf") else UNFIT))
    return NotAllowed(NO_KEY)


def _claim(error: JoseError) -> str:
    return str(getattr(error, "claim", ""))


def _code(text: str) -> str:
    """Return an error's code, or a word for it: its text is the provider's, or anybody's who made the address."""
    return text if re.fullmatch(r"[a-z_]{1,40}", text) else "error"


def _is_safe(url: str) -> bool:
    """Whether an address may be spoken to: encrypted, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"))


def _values(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return the texts of a claim: one or a list, under its name, or inside others where the name has dots."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return frozenset(value for value in values if isinstance(value, str))
