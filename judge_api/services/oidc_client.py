"""Talks to one provider by OpenID Connect: reads the provider's addresses and keys, signs people in, and
checks tokens.

Authlib implements the protocol. Gavel stores no token: all data about a person is read at the sign-in.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeGuard

import gevent
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError, MissingKeyError
from joserfc.jwk import JWKRegistry, KeySet
from joserfc.jws import JWSRegistry
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from judge_core.model.errors import GavelError
from judge_core.model.identity_provider import LONGEST_SUBJECT, Claims, IdentityProvider, is_safe_url

_DISCOVERY = "/.well-known/openid-configuration"
_SECONDS = (3.0, 6.0)
_LONGEST_SECONDS = 10.0
_MOST_BYTES = 512 * 1024
_METADATA_LASTS, _KEYS_LAST, _KEYS_REST = 3600.0, 3600.0, 30.0
_CLOCKS_DIFFER = 60
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_TYPES = ("jwt", "logout+jwt")
_LOGOUT_LASTS = 600
_ODD = (JoseError, ValueError, TypeError, KeyError, RecursionError)
"""The errors that invalid tokens and keys raise. Values that are nested too deep raise ``RecursionError``."""
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# Only signatures by the provider's own key are accepted. With HS256, a person who has stolen the client's
# secret could sign too.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class SsoFault(StrEnum):
    """The reason why a single sign-on failed. The sign-in page has a sentence for each."""

    UNKNOWN_PROVIDER = "unknown-provider"
    PROVIDER_AWAY = "provider-away"
    PROVIDER_REFUSED = "provider-refused"
    BAD_ANSWER = "bad-answer"
    OUTDATED = "outdated"
    NOT_MEMBER = "not-member"
    NO_ACCOUNT = "no-account"
    DISABLED = "disabled"
    EMAIL_TAKEN = "email-taken"
    LINKED_ELSEWHERE = "linked-elsewhere"


class SsoRefused(GavelError):
    """A single sign-on failed. ``reason`` is for the log and the operator. The page never shows it."""

    def __init__(self, fault: SsoFault, reason: str = "") -> None:
        super().__init__(f"{fault.value}: {reason}" if reason else fault.value)
        self.fault = fault
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignInSecrets:
    """State, nonce and PKCE's verifier. They bind an answer of the provider to the browser that asked."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """A provider's message that sessions have ended.

    It names a person, a session at the provider, or both. Sessions that began after ``before`` stay valid.
    """

    subject: str | None
    session: str | None
    before: datetime


class _BoundedAdapter(HTTPAdapter):
    """Limits the size and the time of an answer. Every failure is a ``RequestException``."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        # The other timeouts are for single reads, so a slow answer could last for ever.
        limit = gevent.Timeout(_LONGEST_SECONDS)
        try:
            with limit:
                return self._read(request, *args, **{**kwargs, "stream": True, "timeout": _SECONDS})
        except HTTPError as error:
            raise requests.exceptions.ConnectionError(str(error)) from error
        except gevent.Timeout as spent:
            if spent is not limit:
                raise
            raise requests.exceptions.ReadTimeout(f"no answer within {_LONGEST_SECONDS:g} s") from spent

    def _read(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(request, *args, **kwargs)
        content = response.raw.read(_MOST_BYTES + 1, decode_content=True)
        response.close()
        if len(content) > _MOST_BYTES:
            raise requests.exceptions.ContentDecodingError(f"the answer is longer than {_MOST_BYTES} bytes")
        response._content = content  # The library requests has no public way to set the content.
        return response


class OidcClient:
    """One provider. Methods raise ``SsoRefused``."""

    def __init__(self, provider: IdentityProvider, public_url: str) -> None:
        self.provider = provider
        self._site = public_url
        self._metadata: Mapping[str, Any] = {}
        self._metadata_at = self._keys_at = float("-inf")
        self._keys: KeySet | None = None

    @property
    def redirect_uri(self) -> str:
        """The address to which the provider sends browsers back.

        Each provider has its own address, as a protection against mix-up attacks.
        """
        return f"{self._site}/sso/{self.provider.name}/callback"

    def authorization_url(self, secrets: SignInSecrets) -> str:
        """The page of the provider on which a person signs in."""
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._endpoints()["authorization_endpoint"],
                state=secrets.state,
                nonce=secrets.nonce,
                code_verifier=secrets.verifier,
            )
        return str(url)

    def sign_out_url(self) -> str | None:
        """The page on which the provider ends its own session. ``None`` if the provider has no such page."""
        url = self._endpoints().get("end_session_endpoint")
        if not isinstance(url, str) or not is_safe_url(url):
            return None
        back = {"client_id": self.provider.client_id, "post_logout_redirect_uri": f"{self._site}/"}
        return str(add_params_to_uri(url, list(back.items())))

    def claims(self, code: str, answered_issuer: str | None, secrets: SignInSecrets) -> Claims:
        """The checked claims of the person who signed in. The code cannot be used again."""
        self._require_issuer(answered_issuer)
        token = self._token(code, secrets)
        claims = self._id_claims(token, secrets.nonce)
        info = dict(self._user_info(token, str(claims["sub"])))
        if "email" in claims and info.get("email") != claims["email"]:
            # ``email_verified`` of the user info is about the address in the user info, not about the address
            # in the ID token.
            info.pop("email_verified", None)
        return {**info, **claims}

    def logged_out(self, logout_token: str) -> LoggedOut:
        """The content of a logout token, checked as OpenID Connect Back-Channel Logout 1.0, 2.6 requires."""
        try:
            decoded = self._decoded(logout_token)
            registry = jwt.JWTClaimsRegistry(
                leeway=_CLOCKS_DIFFER,
                iss={"essential": True, "value": self.provider.issuer},
                aud={"essential": True, "value": self.provider.client_id},
                iat={"essential": True},
            )
            registry.validate(decoded.claims)
            return _logged_out(decoded)
        except (*_ODD, OSError, OverflowError) as error:
            raise SsoRefused(SsoFault.BAD_ANSWER, f"the logout token is not valid: {error}") from error

    def _require_issuer(self, answered: str | None) -> None:
        """Refuse an answer that names another issuer.

        An answer without an issuer is refused too, if the provider always names its issuer (RFC 9207).
        """
        always = self._endpoints().get("authorization_response_iss_parameter_supported") is True
        if answered is None and not always:
            return
        if answered != self.provider.issuer:
            raise SsoRefused(SsoFault.BAD_ANSWER, f"the answer is of the issuer {answered!r}")

    def _token(self, code: str, secrets: SignInSecrets) -> Mapping[str, Any]:
        url = self._endpoints()["token_endpoint"]
        try:
            with self._session() as session:
                token = session.fetch_token(
                    url, code=code, code_verifier=secrets.verifier, grant_type="authorization_code"
                )
        except AuthlibBaseError as error:
            raise SsoRefused(SsoFault.BAD_ANSWER, f"the code was refused: {error}") from error
        except (requests.RequestException, OSError) as error:
            raise SsoRefused(SsoFault.PROVIDER_AWAY, f"{url}: {error}") from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise SsoRefused(SsoFault.BAD_ANSWER, f"the token's answer cannot be read: {error}") from error
        if not isinstance(token, Mapping) or not isinstance(token.get("id_token"), str):
            raise SsoRefused(SsoFault.BAD_ANSWER, "the answer has no id_token")
        return token

    def _id_claims(self, token: Mapping[str, Any], nonce: str) -> Claims:
        """The claims of the ID token, after the checks of OpenID Connect Core, 3.1.3.7."""
        try:
            decoded = self._decoded(token["id_token"])
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.provider.issuer},
                    "aud": {"essential": True, "value": self.provider.client_id},
                    "sub": {"essential": True},
                },
                {
                    "nonce": nonce,
                    "client_id": self.provider.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=_CLOCKS_DIFFER)
        except (*_ODD, AuthlibBaseError) as error:
            raise SsoRefused(SsoFault.BAD_ANSWER, f"the ID token is not valid: {error}") from error
        subject = claims["sub"]
        if not is_provider_id(subject):
            raise SsoRefused(
                SsoFault.BAD_ANSWER, "the subject is not a text of 1 to 255 printable characters"
            )
        return dict(claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        offered = self._endpoints().get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(
            algorithms=[name for name in _ALGORITHMS if name in offered], strict_check_header=False
        )
        try:
            return jwt.decode(id_token, self._key_set(), registry=registry)
        except (InvalidKeyIdError, BadSignatureError, ValueError):
            # The provider may have changed its keys. A new key without an id looks like the old key.
            return jwt.decode(id_token, self._key_set(is_changed=True), registry=registry)

    def _user_info(self, token: Mapping[str, Any], subject: str) -> Claims:
        """Further claims, if the provider has an address for them. They must be about the same person."""
        url, access = self._endpoints().get("userinfo_endpoint"), token.get("access_token")
        if not isinstance(url, str) or not isinstance(access, str):
            return {}
        found = self._fetch(url, {"Authorization": f"Bearer {access}"})
        if found.get("sub") != subject:
            raise SsoRefused(SsoFault.BAD_ANSWER, "the user info is of another subject")
        return found

    def _key_set(self, is_changed: bool = False) -> KeySet:
        """The provider's keys. They are fetched again each hour, so that a key that the provider has
        withdrawn is not accepted for ever. They are also fetched again if a token has an unknown key, but at
        most every ``_KEYS_REST`` seconds."""
        now = time.monotonic()
        if self._keys is None or now - self._keys_at >= (_KEYS_REST if is_changed else _KEYS_LAST):
            found: Any = self._fetch(self._endpoints()["jwks_uri"])
            self._keys, self._keys_at = known_keys(found), now
        return self._keys

    def _endpoints(self) -> Mapping[str, Any]:
        """The provider's description of its own addresses. It is cached for an hour."""
        now = time.monotonic()
        if now - self._metadata_at >= _METADATA_LASTS:
            found = self._fetch(self.provider.issuer.rstrip("/") + _DISCOVERY)
            if found.get("issuer") != self.provider.issuer:
                raise SsoRefused(
                    SsoFault.PROVIDER_AWAY,
                    f"{self.provider.issuer} says that its issuer is {found.get('issuer')!r}",
                )
            for name in _ENDPOINTS:
                if not isinstance(found.get(name), str) or not is_safe_url(found[name]):
                    raise SsoRefused(SsoFault.PROVIDER_AWAY, f"{name} is {found.get(name)!r}")
            self._metadata, self._metadata_at = found, now
        return self._metadata

    def _fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        if not is_safe_url(url):
            raise SsoRefused(SsoFault.PROVIDER_AWAY, f"{url} is not encrypted")
        try:
            with _bounded(requests.Session()) as session:
                response = session.get(url, headers={"Accept": "application/json", **(headers or {})})
                response.raise_for_status()
                found = response.json()
        except (requests.RequestException, OSError, ValueError, RecursionError) as error:
            raise SsoRefused(SsoFault.PROVIDER_AWAY, f"{url}: {error}") from error
        if not isinstance(found, Mapping):
            raise SsoRefused(SsoFault.PROVIDER_AWAY, f"{url} answered no JSON object")
        return found

    def _session(self) -> OAuth2Session:
        secret = self.provider.client_secret
        session: OAuth2Session = _bounded(
            OAuth2Session(
                self.provider.client_id,
                secret or None,
                token_endpoint_auth_method=self._auth_method() if secret else "none",
                scope=" ".join(self.provider.scopes),
                redirect_uri=self.redirect_uri,
                code_challenge_method="S256",
            )
        )
        return session

    def _auth_method(self) -> str:
        offered = self._endpoints().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"


def _logged_out(token: jwt.Token) -> LoggedOut:
    """The content of a logout token with valid signature, issuer, audience and times. Raises
    ``ValueError``."""
    claims = token.claims
    if str(token.header.get("typ", "JWT")).lower().removeprefix("application/") not in _LOGOUT_TYPES:
        raise ValueError("the token is of another type")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(_LOGOUT_EVENT), Mapping):
        raise ValueError("it has no logout event")
    if "nonce" in claims:
        raise ValueError("it has a nonce, as an ID token has")
    subject, session = claims.get("sub"), claims.get("sid")
    if subject is None and session is None:
        raise ValueError("it names neither a person nor a session")
    if not all(one is None or is_provider_id(one) for one in (subject, session)):
        raise ValueError("the person or the session is not a text of 1 to 255 printable characters")
    issued = int(claims["iat"])
    if "exp" not in claims and time.time() - issued > _LOGOUT_LASTS:
        raise ValueError("it is too old and has no expiry time")
    return LoggedOut(subject, session, datetime.fromtimestamp(issued + _CLOCKS_DIFFER, UTC))


def known_keys(found: Any) -> KeySet:
    """The keys of a JWK set. Keys of an unknown type or curve are left out, as RFC 7517, 5 says. Raises
    ``JoseError`` if no key is left, and ``TypeError`` or ``KeyError`` for anything else than a JWK set."""
    keys = []
    for each in found["keys"]:
        with suppress(JoseError, ValueError, TypeError, KeyError):
            keys.append(JWKRegistry.import_key(each))
    if not keys:
        raise MissingKeyError("none of the keys is of a known type")
    return KeySet(keys)


def is_provider_id(value: Any) -> TypeGuard[str]:
    """Whether this may be a provider's id of a person or a session. A database may be unable to store other
    texts."""
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_SUBJECT and value.isprintable()


def _bounded(session: Any) -> Any:
    """An HTTP session that follows no redirect and limits the size and time of answers."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, _BoundedAdapter())
    session.max_redirects = 0
    return session
