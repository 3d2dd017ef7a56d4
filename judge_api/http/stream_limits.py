"""Counts a response that lasts long, such as an event stream, for the account and address of its request."""

from __future__ import annotations

from flask import g, request

from judge_api.container import services
from judge_api.http.auth import current_account
from judge_api.services.open_streams import OpenStream


def open_stream() -> OpenStream:
    """Count a stream for this request.

    Raises ``QuotaExceeded`` if the account, its address or the process has too many.
    """
    return services().open_streams.open(_account(), _address())


def try_open_stream() -> OpenStream | None:
    """The same as :func:`open_stream`, but returns ``None`` instead of raising."""
    return services().open_streams.try_open(_account(), _address())


def _account() -> str:
    """The account of the request. A client without an account counts only by its address."""
    return current_account().id if g.get("authenticated_key") else f"anonymous {_address()}"


def _address() -> str:
    return request.remote_addr or "unknown"
