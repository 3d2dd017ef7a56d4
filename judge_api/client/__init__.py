"""The client library: ``Gavel(url, key)`` and the typed answers. Needs requests and nothing of the server."""

from judge_api.client.errors import (
    ClientError,
    NotSignedIn,
    RefusedByServer,
    ServerUnreachable,
    TooManyRequests,
)
from judge_api.client.gavel import Gavel
from judge_api.client.results import Receipt, Status, TestRow

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
