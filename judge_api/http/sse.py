"""Responses of Server-Sent Events (the HTML standard, section "Server-sent events")."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, request

from judge_api.http.stream_limits import open_stream

HEARTBEAT_SECONDS = 15.0
"""A stream without events sends a comment after this time, so that proxies keep the connection open."""


def sse_response(lines: Iterator[str]) -> Response:
    """A response that is sent line by line. Proxies must not buffer it.

    Raises ``QuotaExceeded`` if the account or the address has too many open streams.
    """
    response = Response(lines, mimetype="text/event-stream")
    if request.method != "HEAD":  # A response to HEAD has no lines, and nothing closes it.
        response.call_on_close(open_stream().close)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response
