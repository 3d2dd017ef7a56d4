"""What can go wrong between a client and the server.

::

    ClientError
    ├── ServerUnreachable     no answer, after the safe retries
    ├── WatchEnded            the time to wait was over before the verdict was there
    └── RefusedByServer       an answer with an error status: the problem document is kept
        ├── NotSignedIn       401: no key, or one the server does not know
        └── TooManyRequests   429: says in how many seconds to come back
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Root of the client's errors."""


class ServerUnreachable(ClientError):
    """The server did not answer."""


class WatchEnded(ClientError):
    """Nothing final within the time the caller wanted to wait."""


class RefusedByServer(ClientError):
    """The server answered with an error; ``problem`` is its RFC 9457 document, if it sent one."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(_sentence(status, problem))
        self.status = status
        self.problem = problem


class NotSignedIn(RefusedByServer):
    """The key is missing, unknown, expired or revoked."""


class TooManyRequests(RefusedByServer):
    """A quota or a rate limit; ``retry_after`` is in seconds."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float) -> None:
        super().__init__(status, problem)
        self.retry_after = retry_after


def _sentence(status: int, problem: Mapping[str, Any]) -> str:
    """Title and detail, then each wrong field on a line of its own."""
    faults = problem.get("errors") or []
    shown = ("title",) if faults else ("title", "detail")
    parts = [str(problem[key]) for key in shown if problem.get(key)]
    lines = [f"  {f.get('field')}: {f.get('message')}" for f in faults if isinstance(f, dict)]
    return "\n".join([f"{': '.join(parts) or 'the server refused'} ({status})", *lines])
