"""The HTTP layer of the client: one session, retries if they are safe, and errors with the server's
message."""

from __future__ import annotations

import random
import re
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from gavel_client.errors import (
    InvalidSetting,
    NotSignedIn,
    RefusedByServer,
    ServerUnreachable,
    TooManyRequests,
    UnexpectedAnswer,
)

TRIES = 5
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
RETRIED_STATUSES = frozenset({502, 503, 504})
SAFE_METHODS = frozenset({"GET", "HEAD", "DELETE"})
CONNECT_SECONDS = 5.0
_BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""The errors after which the answer is missing, also if its first part has arrived."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request. ``read_seconds`` is how long the server may take to answer.

    ``optional`` names fields of the JSON body that do not change the meaning of the call. If a server of an
    earlier release does not know such a field, the call is sent again without it.
    """

    method: str
    path: str
    json: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Any] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    read_seconds: float = 30.0
    stream: bool = False
    optional: frozenset[str] = frozenset()

    @property
    def may_repeat(self) -> bool:
        """Whether the request can be sent twice without harm: it reads or deletes, or it has an idempotency
        key.

        A stream is requested once: when it fails, the client polls instead.
        """
        return not self.stream and (self.method in SAFE_METHODS or "Idempotency-Key" in self.headers)


class _KeepsAuthorization(requests.auth.AuthBase):
    """Prevents the library ``requests`` from replacing the API key by a password from ``~/.netrc``.
    DOMjudge's client stores its password there."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Transport:
    """Sends an :class:`ApiRequest`. Sends it again after a connection error or a 502, 503 or 504, if it may
    be repeated.

    With ``patience``, a call waits up to that many seconds for a limit of the account. It waits until the
    time that a 429 or the last ``RateLimit`` header names.
    """

    def __init__(self, url: str, key: str | None, patience: float = 0.0) -> None:
        """Raises ``InvalidSetting``."""
        self.url = _usable_url(url)
        self.patience = patience
        self._free_at = 0.0
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "gavel-client"
        self._session.auth = _KeepsAuthorization()
        self._proxies = _no_proxy_to_this_host(self.url)
        if key:
            self._session.headers["Authorization"] = f"Bearer {_usable_key(key)}"

    def send(self, request: ApiRequest) -> requests.Response:
        """The response, if its status is below 400. Otherwise raises an error of ``gavel_client.errors``.

        An optional field that the server does not know is left out, with a warning.
        """
        try:
            return self._send_within_limits(request)
        except RefusedByServer as refusal:
            unknown = refusal.unknown_fields
            if not unknown or not unknown <= request.optional:
                raise
        names = ", ".join(sorted(unknown))
        warnings.warn(
            f"the server at {self.url} is older than this client and does not know {names}: sent without it",
            stacklevel=4,
        )
        rest = {name: value for name, value in request.json.items() if name not in unknown}
        return self._send_within_limits(replace(request, json=rest))

    def _send_within_limits(self, request: ApiRequest) -> requests.Response:
        """Send a request, and send it again after a 429 if it may be repeated and the wait is within the
        patience."""
        ends = time.monotonic() + self.patience
        while True:
            if request.method == "POST" and time.monotonic() < self._free_at <= ends:
                time.sleep(max(0.0, self._free_at - time.monotonic()))
            try:
                response = self._send(request)
            except TooManyRequests as refusal:
                if not request.may_repeat or time.monotonic() + refusal.retry_after > ends:
                    raise
                time.sleep(refusal.retry_after)
            else:
                if header := response.headers.get("RateLimit"):
                    self._free_at = time.monotonic() + seconds_until_free(header)
                return response

    def _send(self, request: ApiRequest) -> requests.Response:
        for attempt in range(TRIES):
            try:
                response = self._send_once(request)
            except _BROKEN as error:
                if not request.may_repeat or attempt == TRIES - 1:
                    raise ServerUnreachable(f"no answer from {self.url}: {_cause(error)}") from error
            except requests.RequestException as error:
                raise UnexpectedAnswer(f"{self.url} does not answer as Gavel does: {error}") from error
            else:
                last = attempt == TRIES - 1
                if response.status_code not in RETRIED_STATUSES or last or not request.may_repeat:
                    return _raise_for_status(response)
            time.sleep(backoff(attempt))
        raise AssertionError("unreachable")

    def _send_once(self, request: ApiRequest) -> requests.Response:
        response = self._session.request(
            request.method,
            self.url + request.path,
            json=request.json,
            params=dict(request.query),
            headers=dict(request.headers),
            files=dict(request.files) if request.files else None,
            data=dict(request.form) or None,
            timeout=(CONNECT_SECONDS, request.read_seconds),
            stream=request.stream,
            proxies=self._proxies,
        )
        if response.request.method != request.method:
            # The library ``requests`` follows some redirects of a POST by a GET without the body.
            raise UnexpectedAnswer(
                f"{self.url} redirects to {response.url}: use the address of that server. Nothing was changed"
            )
        return response

    def probe(self, path: str) -> bool:
        """Send one quick GET without retries. ``True`` if it succeeds."""
        try:
            return self._send_once(ApiRequest("GET", path, read_seconds=1.0)).ok
        except (requests.RequestException, UnexpectedAnswer):
            return False

    def close(self) -> None:
        self._session.close()


def json_of(response: requests.Response) -> Any:
    """The JSON of an answer. Raises ``UnexpectedAnswer``."""
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("Content-Type", "no type")
        raise UnexpectedAnswer(
            f"{response.url} answers {response.status_code} without JSON ({kind}): it is not Gavel's API"
        ) from error


def _usable_url(url: str) -> str:
    """The URL without spaces around it. Raises ``InvalidSetting`` if no request can be sent to it."""
    plain = url.strip().rstrip("/")
    try:
        prepared = requests.Request("GET", f"{plain}/").prepare()
    except (requests.RequestException, ValueError):
        prepared = None
    if prepared is None or not str(prepared.url).startswith(("http://", "https://")):
        raise InvalidSetting(f"{url!r} is no address of a server: write it like https://judge.example.org")
    return plain


def _usable_key(key: str) -> str:
    """The key without spaces around it. Raises ``InvalidSetting`` if no header can have it."""
    plain = key.strip()
    if not plain.isascii() or not plain.isprintable():
        raise InvalidSetting("the key has characters that no key has: copy it again, as a whole")
    return plain


def _no_proxy_to_this_host(url: str) -> dict[str, str]:
    """The proxies for the library ``requests``. For a server on this host, those of the environment are not
    used, since a proxy cannot reach that server."""
    with suppress(ValueError):
        host = urlsplit(url).hostname or ""
        if host == "localhost" or ip_address(host).is_loopback:
            return {"no_proxy": host}
    return {}


_LIMIT = re.compile(r'"[^"]*"\s*((?:;\s*\w+=\d+\s*)*)')
_PARAMETER = re.compile(r"(\w+)=(\d+)")


def seconds_until_free(header: str) -> float:
    """How many seconds further calls would be refused, according to a ``RateLimit`` header. It is the longest
    time of the limits that are used up. It is 0 if none is used up, or if no time is named."""
    limits = [dict(_PARAMETER.findall(parameters)) for parameters in _LIMIT.findall(header)]
    return max((float(each["t"]) for each in limits if each.get("r") == "0" and "t" in each), default=0.0)


def backoff(attempt: int) -> float:
    """The pause before a retry, in seconds. It doubles with each attempt, up to ``LONGEST_PAUSE``. It has
    jitter, so that many clients do not retry at the same time."""
    return random.uniform(0.5, 1.0) * min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE)


def _raise_for_status(response: requests.Response) -> requests.Response:
    status = response.status_code
    if status < 400:
        return response
    problem = _problem(response)
    if status == 401:
        raise NotSignedIn(status, problem)
    if status == 429:
        raise TooManyRequests(status, problem, _retry_after(response))
    raise RefusedByServer(status, problem)


def _problem(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"title": response.reason, "detail": response.text[:500]}


def _retry_after(response: requests.Response) -> float:
    try:
        return max(0.1, float(response.headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0


def _cause(error: Exception) -> str:
    """The innermost reason, such as 'Connection refused', without the library's wrapping."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    return str(getattr(cause, "strerror", None) or cause)
