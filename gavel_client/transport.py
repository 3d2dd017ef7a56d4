"""HTTP below the client: one session, retries where they are safe, errors with the server's own words."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from gavel_client.errors import NotSignedIn, RefusedByServer, ServerUnreachable, TooManyRequests

TRIES = 5
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
PASSING_STATUSES = frozenset({502, 503, 504})
SAFE_METHODS = frozenset({"GET", "HEAD", "DELETE"})
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. ``read_seconds`` is how long the server may take to answer."""

    method: str
    path: str
    json: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Any] | None = None
    read_seconds: float = 30.0
    stream: bool = False

    @property
    def may_repeat(self) -> bool:
        """Asking twice does no harm: it only reads, or carries a key that makes the second a repeat.

        A stream is asked for once: who hangs would hang again, and there are other ways to learn the same.
        """
        return not self.stream and (self.method in SAFE_METHODS or "Idempotency-Key" in self.headers)


class Transport:
    """Sends an :class:`Ask`; retries connection errors and passing statuses of what may be repeated."""

    def __init__(self, url: str, key: str | None) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "gavel-client"
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def send(self, ask: Ask) -> requests.Response:
        """The answer with a status below 400; anything else is one of ``client.errors``."""
        for attempt in range(TRIES):
            try:
                answer = self._once(ask)
            except (requests.ConnectionError, requests.Timeout) as error:
                if not ask.may_repeat or attempt == TRIES - 1:
                    raise ServerUnreachable(f"no answer from {self.url}: {_cause(error)}") from error
            else:
                last = attempt == TRIES - 1
                if answer.status_code not in PASSING_STATUSES or last or not ask.may_repeat:
                    return _accepted(answer)
            time.sleep(backoff(attempt))
        raise AssertionError("unreachable")

    def _once(self, ask: Ask) -> requests.Response:
        return self._session.request(
            ask.method,
            self.url + ask.path,
            json=ask.json,
            params=dict(ask.query),
            headers=dict(ask.headers),
            files=dict(ask.files) if ask.files else None,
            timeout=(CONNECT_SECONDS, ask.read_seconds),
            stream=ask.stream,
        )

    def probe(self, path: str) -> bool:
        """One quick GET without retries: is the answer a good one?"""
        try:
            return self._once(Ask("GET", path, read_seconds=1.0)).ok
        except requests.RequestException:
            return False

    def close(self) -> None:
        self._session.close()


def backoff(attempt: int) -> float:
    """Doubling pauses with full jitter, so that many clients do not come back together."""
    return random.uniform(0.5, 1.0) * min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE)


def _accepted(answer: requests.Response) -> requests.Response:
    status = answer.status_code
    if status < 400:
        return answer
    problem = _problem(answer)
    if status == 401:
        raise NotSignedIn(status, problem)
    if status == 429:
        raise TooManyRequests(status, problem, _retry_after(answer))
    raise RefusedByServer(status, problem)


def _problem(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"title": answer.reason, "detail": answer.text[:500]}


def _retry_after(answer: requests.Response) -> float:
    try:
        return max(0.1, float(answer.headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0


def _cause(error: Exception) -> str:
    """The innermost reason: 'Connection refused' and not the library's names around it."""
    seen: BaseException = error
    while (inner := seen.__cause__ or seen.__context__) is not None:
        seen = inner
    return str(getattr(seen, "strerror", None) or seen)
