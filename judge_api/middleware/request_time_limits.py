"""Limits how long a request may take: for its body to arrive, and for its writes to the database.

Bodies that are malformed or cut short are refused here too.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import gevent
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout

from judge_api.middleware.headers import StartResponse, WsgiApp
from judge_api.store.engine import within_time_budget

BYTES_PER_SECOND = 64 * 1024
"""A body that arrives at this rate, in bytes per second, or faster is never too slow."""
_STEP_BYTES = 64 * 1024
_WRONG_CHUNKS = (
    "The body is not chunked as HTTP/1.1 wants it: send each chunk as its length in hexadecimal, "
    "CRLF, its bytes, CRLF, and a last one of length 0; or send Content-Length instead."
)


class RequestBodies:
    """WSGI middleware that replaces each body by a :class:`RequestBody`."""

    def __init__(self, app: WsgiApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = RequestBody(environ, self._seconds)
        return self._app(environ, start_response)


class RequestBody:
    """A body that must arrive within ``seconds``, plus one second for each 64 KiB that have arrived.

    If the body is late, malformed or shorter than its Content-Length, the read that notices this raises the
    HTTP error for the client. So does every later read.
    """

    def __init__(self, environ: dict[str, Any], seconds: float) -> None:
        self._stream = environ["wsgi.input"]
        self._socket = environ.get("gunicorn.socket")
        length = environ.get("CONTENT_LENGTH", "")
        self._length = int(length) if length.isdecimal() and "HTTP_TRANSFER_ENCODING" not in environ else None
        self._started = time.monotonic()
        self._seconds = seconds
        self._received = 0
        self._failure: HTTPException | None = None

    def read(self, size: int = -1) -> bytes:
        parts: list[bytes] = []
        while size != 0:
            wanted = _STEP_BYTES if size < 0 else min(size, _STEP_BYTES)
            part = self._read_step(wanted)
            parts.append(part)
            if len(part) < wanted:
                break
            size = max(size - wanted, 0) if size > 0 else size
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read_step(self, size: int) -> bytes:
        if self._failure is not None:
            raise self._failure
        try:
            part = self._read_in_time(size)
        except ParseException as error:
            raise self._fail(BadRequest(_WRONG_CHUNKS)) from error
        except OSError as error:
            raise self._fail(
                BadRequest("The connection ended before the whole body had arrived: send the request again.")
            ) from error
        self._received += len(part)
        if len(part) < size and self._length is not None and self._received < self._length:
            came = f"{self._received} of {self._length} bytes came"
            raise self._fail(BadRequest(f"The body was cut short: {came}."))
        return part

    def _read_in_time(self, size: int) -> bytes:
        allowed = self._seconds + self._received / BYTES_PER_SECOND
        left = self._started + allowed - time.monotonic()
        timeout = gevent.Timeout(max(left, 0.0))
        timeout.start()
        try:
            part: bytes = self._stream.read(size)
        except gevent.Timeout as late:
            if late is not timeout:
                raise
            raise self._fail(
                RequestTimeout(f"The body took longer than {allowed:.0f} s: {self._received} bytes came.")
            ) from late
        finally:
            timeout.close()
        return part

    def _fail(self, failure: HTTPException) -> HTTPException:
        self._failure = failure
        # The connection is closed, because the server would wait for the rest of this body before it reads
        # the next request.
        if self._socket is not None and not isinstance(self._socket, ssl.SSLSocket):
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RD)
        return failure


_READING_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_UNLIMITED = ("/admin/", "/internal/")
"""Requests below these paths may use the database for any length of time.

Such a request may rejudge or delete thousands of rows, and its client waits.
"""


class TimeBudgetMiddleware:
    """WSGI middleware that limits the time that a writing request spends on the database, except below the
    paths of ``_UNLIMITED``. If the time is up, the answer is 503, and the transaction that was running has
    stored nothing."""

    def __init__(self, app: WsgiApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in _READING_METHODS or environ["PATH_INFO"].startswith(_UNLIMITED):
            return self._app(environ, start_response)
        with within_time_budget(self._seconds):
            return self._app(environ, start_response)
