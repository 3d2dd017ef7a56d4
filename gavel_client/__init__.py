"""The Python client of a Gavel server: ``Gavel(url, key)`` and typed answers. It needs only requests.

``AsyncGavel`` has the same calls for asyncio.
"""

from typing import TYPE_CHECKING, Any

from gavel_client.client import Gavel
from gavel_client.errors import (
    ClientError,
    InvalidSetting,
    NotSignedIn,
    RefusedByServer,
    ServerUnreachable,
    TooManyRequests,
    UnexpectedAnswer,
    WatchTimeout,
)
from gavel_client.results import Receipt, Status, TestRow

if TYPE_CHECKING:
    from gavel_client.asynchronous import AsyncGavel

__all__ = [
    "AsyncGavel",
    "ClientError",
    "Gavel",
    "InvalidSetting",
    "NotSignedIn",
    "Receipt",
    "RefusedByServer",
    "ServerUnreachable",
    "Status",
    "TestRow",
    "TooManyRequests",
    "UnexpectedAnswer",
    "WatchTimeout",
]


def __getattr__(name: str) -> Any:
    """Import asyncio only when it is used, since importing it would delay every command."""
    if name == "AsyncGavel":
        from gavel_client.asynchronous import AsyncGavel

        return AsyncGavel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
