"""The client library: ``Gavel(url, key)`` and the typed answers. Needs requests and nothing of the server."""

from gavel_client.client import Gavel
from gavel_client.errors import (
    ClientError,
    NotSignedIn,
    RefusedByServer,
    ServerUnreachable,
    TooManyRequests,
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
]
