"""Errors of the client. All of them derive from :class:`ClientError`.

::

    ClientError
    ├── InvalidSetting        a URL or a key that cannot be used; nothing was sent
    ├── ServerUnreachable     no answer, even after retries
    ├── UnexpectedAnswer      an answer that no Gavel server gives, such as a page of a proxy
    ├── WatchTimeout          no verdict within the time that the caller gave
    └── RefusedByServer       an answer with an error status, with its problem document
        ├── NotSignedIn       401: no key, or a key that the server does not know
        └── TooManyRequests   429: says after how many seconds to try again
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UNKNOWN_FIELD = "unknown-field"


class ClientError(Exception):
    """Base class of the client's errors."""


class InvalidSetting(ClientError):
    """The URL or the key cannot be used. Nothing was sent."""


class ServerUnreachable(ClientError):
    """The server did not answer."""


class UnexpectedAnswer(ClientError):
    """The answer does not come from a Gavel server. It may be a page of a proxy."""


class WatchTimeout(ClientError):
    """There was no verdict within the time that the caller gave."""


class RefusedByServer(ClientError):
    """The server answered with an error. ``problem`` is its RFC 9457 document, if it sent one."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(_message(status, problem))
        self.status = status
        self.problem = problem

    @property
    def unknown_fields(self) -> frozenset[str]:
        """The fields that the server does not know. Empty if there are other faults, too."""
        listed = self.problem.get("errors")
        faults = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        if any(fault.get("code") != _UNKNOWN_FIELD for fault in faults):
            return frozenset()
        return frozenset(str(fault.get("field")) for fault in faults)


class NotSignedIn(RefusedByServer):
    """The key is missing, unknown, expired or revoked."""


class TooManyRequests(RefusedByServer):
    """A quota or a rate limit was reached; ``retry_after`` is in seconds."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float) -> None:
        super().__init__(status, problem)
        self.retry_after = retry_after


def _message(status: int, problem: Mapping[str, Any]) -> str:
    """Title and detail, then each wrong field on its own line."""
    listed = problem.get("errors")
    field_errors = listed if isinstance(listed, list) else []
    shown = ("title",) if field_errors else ("title", "detail")
    parts = [str(problem[key]) for key in shown if problem.get(key)]
    lines = [f"  {f.get('field')}: {f.get('message')}" for f in field_errors if isinstance(f, dict)]
    return "\n".join([f"{': '.join(parts) or 'the server refused'} ({status})", *lines])
