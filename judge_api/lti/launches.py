"""Checks what a learning platform sends: the start of a sign-in, and the signed launch.

The checks follow 1EdTech's Security Framework 1.0, 5.1. The nonce is used once, and the token is signed with
one of the platform's present keys. Issuer, audience and deployment are those of the registration, and the
token's times are valid.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import IDToken
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from judge_api.lti.platform_client import PlatformClient, PlatformFault
from judge_api.services.oidc_client import SsoFault, SsoRefused, is_provider_id
from judge_api.store.lti import LtiPlatform, LtiStore
from judge_api.store.secret_tokens import hash_secret

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
STATE_SECONDS = 600
_CLOCKS_DIFFER = 60
_LONGEST_PARAMETER = 4096
# The algorithms that 1EdTech's Security Framework allows (5.1.2). Algorithms with a key that both sides know
# are not among them.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
Claims = Mapping[str, Any]


class MessageType(StrEnum):
    """The supported kinds of launches."""

    RESOURCE = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """The start of a sign-in, as a platform sends it through the browser."""

    issuer: str
    login_hint: str
    client_id: str | None = None
    message_hint: str | None = None


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """The platform's page to which the browser is sent, and a secret that only the browser stores."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class Launch:
    """A checked launch. ``browser`` is the hash of the secret in the browser that began the sign-in."""

    platform: LtiPlatform
    claims: Claims
    browser: str

    @property
    def kind(self) -> MessageType:
        return MessageType(self.claims[f"{CLAIM}message_type"])

    @property
    def subject(self) -> str:
        return str(self.claims["sub"])

    @property
    def deployment(self) -> str:
        return str(self.claims[f"{CLAIM}deployment_id"])

    def part(self, name: str) -> Claims:
        """A claim that is an object, by its whole name or the name's last part. Empty if it is missing."""
        found = self.claims.get(name if name.startswith("https://") else f"{CLAIM}{name}")
        return found if isinstance(found, Mapping) else {}

    @property
    def is_learner(self) -> bool:
        return has_role(self.claims.get(f"{CLAIM}roles"), "Learner")

    @property
    def is_test_user(self) -> bool:
        return is_test_user(self.claims.get(f"{CLAIM}roles"))


def is_test_user(roles: Any) -> bool:
    """Whether the person is the platform's test user. A teacher uses it to see the course as a learner does
    (LTI 1.3, A.2.1; Canvas: "Student View")."""
    return isinstance(roles, list) and _TEST_USER in roles


def has_role(roles: Any, name: str) -> bool:
    """Whether one of the roles in the course has this name, either alone or at the end of a URL.

    A role in the institution does not count (LTI 1.3, A.2): a teacher of the institution may be a learner in
    the course.
    """
    texts = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
    in_course = [role for role in texts if "/person#" not in role]
    return any(role == name or role.endswith(f"#{name}") for role in in_course)


class Launches:
    """Checks launches. Methods raise ``SsoRefused``, whose reason is only for the log."""

    def __init__(self, store: LtiStore, client: PlatformClient, secret_key: str, public_url: str) -> None:
        self._store = store
        self._client = client
        self._key = secret_key.encode()
        self._states = URLSafeTimedSerializer(secret_key, salt="state of an LTI launch")
        self._site = public_url

    @property
    def launch_url(self) -> str:
        return f"{self._site}/lti/launch"

    def begin(self, asked: LoginRequest) -> BegunLogin:
        """Begin a sign-in that a platform has asked for (OpenID Connect, third-party initiated login)."""
        platform = self._platform(asked)
        browser = secrets.token_urlsafe(32)
        state = str(self._states.dumps([platform.id, hash_secret(browser)]))
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": platform.client_id,
            "redirect_uri": self.launch_url,
            "login_hint": asked.login_hint[:_LONGEST_PARAMETER],
            "state": state,
            "nonce": self._nonce(state),
        }
        if asked.message_hint is not None:
            query["lti_message_hint"] = asked.message_hint[:_LONGEST_PARAMETER]
        separator = "&" if "?" in platform.auth_url else "?"
        return BegunLogin(f"{platform.auth_url}{separator}{urlencode(query)}", browser)

    def finish(self, state: str, id_token: str) -> Launch:
        """The launch of a signed token. Its nonce is used up."""
        platform, browser = self._begun(state)
        nonce = self._nonce(state)
        launch = Launch(platform, self._checked(platform, id_token, nonce), browser)
        _require_lti(launch)
        if not self._store.use_nonce(nonce, timedelta(seconds=STATE_SECONDS + _CLOCKS_DIFFER)):
            raise SsoRefused(SsoFault.OUTDATED, "this launch was used before")
        return launch

    def _platform(self, asked: LoginRequest) -> LtiPlatform:
        found = [
            each
            for each in self._store.platforms()
            if each.issuer == asked.issuer and asked.client_id in (None, each.client_id)
        ]
        if len(found) != 1:
            why = f"{len(found)} platforms have the issuer {asked.issuer!r} and client {asked.client_id!r}"
            raise SsoRefused(SsoFault.UNKNOWN_PROVIDER, why)
        return found[0]

    def _begun(self, state: str) -> tuple[LtiPlatform, str]:
        """The platform of a state, and the hash of its browser's secret."""
        try:
            id, browser = self._states.loads(state, max_age=STATE_SECONDS)
        except (BadSignature, ValueError, TypeError) as error:
            raise SsoRefused(SsoFault.OUTDATED, "the state is unknown or too old") from error
        found = self._store.platform(str(id))
        if found is None:
            raise SsoRefused(SsoFault.UNKNOWN_PROVIDER, "the platform was removed")
        return found, str(browser)

    def _nonce(self, state: str) -> str:
        """The nonce of a state. It is computed from the state, so nothing needs to be stored before the
        launch."""
        mac = hmac.digest(self._key, f"nonce of an LTI launch:{state}".encode(), hashlib.sha256)
        return urlsafe_b64encode(mac).rstrip(b"=").decode()

    def _checked(self, platform: LtiPlatform, id_token: str, nonce: str) -> Claims:
        options = {
            "iss": {"essential": True, "value": platform.issuer},
            "aud": {"essential": True, "value": platform.client_id},
            "sub": {"essential": True},
        }
        try:
            decoded = self._decoded(platform, id_token)
            params = {"nonce": nonce, "client_id": platform.client_id}
            claims = IDToken(decoded.claims, decoded.header, options, params)
            claims.validate(leeway=_CLOCKS_DIFFER)
        except PlatformFault as error:
            raise SsoRefused(SsoFault.PROVIDER_AWAY, f"{platform.jwks_url}: {error}") from error
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise SsoRefused(SsoFault.BAD_ANSWER, f"the launch is not valid: {error}") from error
        if not is_provider_id(claims["sub"]):
            raise SsoRefused(
                SsoFault.BAD_ANSWER, "the subject is not a text of 1 to 255 printable characters"
            )
        return dict(claims)

    def _decoded(self, platform: LtiPlatform, token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(token, self._client.key_set(platform), registry=registry)
        except (InvalidKeyIdError, BadSignatureError):  # The platform may have changed its keys.
            return jwt.decode(token, self._client.key_set(platform, is_changed=True), registry=registry)


def _require_lti(launch: Launch) -> None:
    """Refuse a token of OpenID Connect that is no LTI launch, and a deployment that is not registered."""
    claims = launch.claims
    if claims.get(f"{CLAIM}version") != "1.3.0":
        raise SsoRefused(SsoFault.BAD_ANSWER, "the version is not 1.3.0")
    if claims.get(f"{CLAIM}message_type") not in list(MessageType):
        raise SsoRefused(SsoFault.BAD_ANSWER, f"the message is {claims.get(f'{CLAIM}message_type')!r}")
    if claims.get(f"{CLAIM}deployment_id") not in launch.platform.deployments:
        raise SsoRefused(SsoFault.BAD_ANSWER, "the deployment is not registered")
