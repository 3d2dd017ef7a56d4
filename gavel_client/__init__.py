"""The Python client of a Gavel server: ``Gavel(url, key)`` and typed answers. It needs only requests."""

from gavel_client.client import Gavel
from gavel_client.errors import (
    ClientError,
    NotSignedIn,
    RefusedByServer,
    ServerUnreachable,
    TooManyRequests,
    WatchTimeout,
)
from gavel_client.results import Receipt, Status, TestRow

__all__ = [
    "ClientError",
    "Gavel",
    "NotSignedIn",
    "Receipt",
    "RefusedByServer",
    "ServerUnreachable",
    "Status",
    "TestRow",
    "TooManyRequests",
    "WatchTimeout",
]
