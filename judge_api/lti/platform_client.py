"""Calls the services of learning platforms: their keys, access tokens, memberships and grades.

Addresses are checked like those of webhooks. Each exchange has a limit of time and of bytes, so a platform
that answers slowly or without end delays other work for a short time only.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

from authlib.oauth2.rfc7523 import private_key_jwt_sign
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from judge_api.services.oidc_client import known_keys
from judge_api.store.lti import LtiPlatform, LtiStore
from judge_api.webhooks.http_sender import DeliveryError, HttpAnswer, HttpSender, WebhookRequest
from judge_api.webhooks.url_policy import ForbiddenUrl, UrlPolicy
from judge_core.model.errors import GavelError
from judge_core.model.identity_provider import is_safe_url

MOST_BYTES = 1024 * 1024
_KEYS_LAST, _KEYS_REST = 3600.0, 30.0
_TOKEN_SPARE, _TOKEN_LASTS = 60.0, 86_400.0
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*rel="?next"?')


class PlatformFault(GavelError):
    """A platform did not answer, or refused. ``status`` is the HTTP status of its answer, if there was
    one."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A call of a platform's service. ``kind`` is the media type of the answer, and of the body if there is
    one."""

    method: str
    url: str
    scope: str
    kind: str
    body: Mapping[str, Any] | None = None


class PlatformClient:
    """Calls platforms. Methods raise :class:`PlatformFault`."""

    def __init__(
        self,
        store: LtiStore,
        sender: HttpSender,
        policy: UrlPolicy,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._sender = sender
        self._policy = policy
        self._clock = clock
        self._keys: dict[str, tuple[float, KeySet]] = {}
        self._tokens: dict[tuple[str, str], tuple[float, str]] = {}

    def fault_of(self, url: str) -> str | None:
        """Why this address may not be called, or ``None`` if it may be called."""
        try:
            self._policy.check(url)
        except ForbiddenUrl as error:
            return str(error)
        return None if is_safe_url(url) else "must begin with https://"

    def own_key(self) -> RSAKey:
        """The private key of this installation."""
        return RSAKey.import_key(dict(self._store.key(_new_key)))

    def key_set(self, platform: LtiPlatform, is_changed: bool = False) -> KeySet:
        """The platform's keys. ``is_changed`` fetches them again, unless they were fetched a short time ago,
        so that wrong tokens do not cause many fetches."""
        now = self._clock()
        known = self._keys.get(platform.id)
        age = now - known[0] if known else float("inf")
        if known is not None and age < (_KEYS_REST if is_changed else _KEYS_LAST):
            return known[1]
        found: Any = self._json(self._fetch(WebhookRequest("GET", platform.jwks_url, _accepting("*/*"), b"")))
        try:
            keys = known_keys(found)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise PlatformFault(f"{platform.jwks_url} has no keys: {error}") from error
        self._keys[platform.id] = (now, keys)
        return keys

    def call(self, platform: LtiPlatform, call: ServiceCall) -> HttpAnswer:
        """Call a service with an access token. A token that is refused is replaced once."""
        answer = self._authorized(platform, call)
        if answer.status == 401:
            self._tokens.pop((platform.id, call.scope), None)
            answer = self._authorized(platform, call)
        if not 200 <= answer.status < 300:
            raise PlatformFault(f"it answered {answer.status}", answer.status)
        return answer

    def pages(
        self, platform: LtiPlatform, call: ServiceCall, most: int, seconds: float
    ) -> list[Mapping[str, Any]]:
        """The JSON objects of a service that answers in pages, from at most ``most`` pages. Raises
        ``PlatformFault`` if a page is still to be requested after ``seconds``."""
        found: list[Mapping[str, Any]] = []
        url: str | None = call.url
        deadline = self._clock() + seconds
        while url is not None and len(found) < most:
            if self._clock() > deadline:
                raise PlatformFault(f"it needed more than {seconds:g} s for {len(found)} pages of its list")
            answer = self.call(platform, ServiceCall(call.method, url, call.scope, call.kind))
            found.append(self._json(answer))
            url = _following(url, answer)
        return found

    def _authorized(self, platform: LtiPlatform, call: ServiceCall) -> HttpAnswer:
        body = b"" if call.body is None else json.dumps(call.body, allow_nan=False).encode()
        headers = {"Authorization": f"Bearer {self._token(platform, call.scope)}", **_accepting(call.kind)}
        if call.body is not None:
            headers["Content-Type"] = call.kind
        return self._fetch(WebhookRequest(call.method, call.url, headers, body))

    def _token(self, platform: LtiPlatform, scope: str) -> str:
        """An access token, which is requested with a signed assertion (1EdTech Security Framework 1.0,
        4.1)."""
        known = self._tokens.get((platform.id, scope))
        if known is not None and known[0] > self._clock():
            return known[1]
        key = self.own_key()
        assertion = private_key_jwt_sign(
            key, platform.client_id, platform.token_url, alg="RS256", header={"kid": key.kid}
        )
        asked = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": scope,
        }
        headers = {**_accepting("application/json"), "Content-Type": "application/x-www-form-urlencoded"}
        request = WebhookRequest("POST", platform.token_url, headers, urlencode(asked).encode())
        answer = self._fetch(request)
        found = self._json(answer) if answer.status == 200 else {}
        token, lasts = found.get("access_token"), found.get("expires_in", 3600)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise PlatformFault(f"it gave no access token: it answered {answer.status}", answer.status)
        seconds = float(min(lasts, _TOKEN_LASTS)) if isinstance(lasts, int | float) else 0.0
        self._tokens[platform.id, scope] = (self._clock() + seconds - _TOKEN_SPARE, token)
        return token

    def _fetch(self, request: WebhookRequest) -> HttpAnswer:
        if not is_safe_url(request.url):
            raise PlatformFault("its address does not begin with https://")
        try:
            return self._sender.fetch(request, MOST_BYTES)
        except DeliveryError as error:
            raise PlatformFault(str(error)) from error

    @staticmethod
    def _json(answer: HttpAnswer) -> Mapping[str, Any]:
        if answer.status != 200:
            raise PlatformFault(f"it answered {answer.status}", answer.status)
        try:
            found = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise PlatformFault("its answer is not JSON") from error
        if not isinstance(found, Mapping):
            raise PlatformFault("its answer is not a JSON object")
        return found


def _following(url: str, answer: HttpAnswer) -> str | None:
    """The address of the next page; ``None`` after the last one. Raises :class:`PlatformFault`."""
    found = _NEXT.search(answer.headers.get("link", ""))
    try:
        return urljoin(url, found[1]) if found else None
    except ValueError as error:
        raise PlatformFault("the address of its next page is not valid") from error


def public_keys(keys: Sequence[RSAKey]) -> dict[str, Any]:
    """A key set for platforms, without the private parts."""
    return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": "RS256"} for key in keys]}


def _new_key() -> dict[str, Any]:
    key = RSAKey.generate_key(2048, auto_kid=True)
    return dict(key.as_dict(private=True))


def _accepting(kind: str) -> dict[str, str]:
    return {"Accept": kind, "User-Agent": "Gavel-LTI/1.3", "Connection": "close"}
