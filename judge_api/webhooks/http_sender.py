"""Sends one HTTP request to another server, within a time limit, to the IP address that was checked."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent import futures
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from judge_api.webhooks.url_policy import ForbiddenUrl, Target, UrlPolicy, read_target

TIMEOUT_SECONDS = 10.0
"""The limit for the whole exchange. A receiver that answers byte by byte gets no more time."""
_MOST_ADDRESSES = 4
_MOST_BYTES = 256 * 1024
"""The most bytes of an answer before its body. Interim answers count too, since a receiver could send any
number of them."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A response: its status, its headers by their names in lower case, and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class DeliveryError(Exception):
    """The request got no response that can be used. The message says why."""


@dataclass(frozen=True, slots=True)
class _Exchange:
    request: WebhookRequest
    target: Target
    most_bytes: int


class HttpSender:
    """Sends requests. It follows no redirects, uses no proxy, keeps no cookies, and reads no more of a
    response than the caller wants."""

    def __init__(
        self, policy: UrlPolicy, seconds: float = TIMEOUT_SECONDS, trust: ssl.SSLContext | None = None
    ) -> None:
        self._policy = policy
        self._seconds = seconds
        self._trust = trust or ssl.create_default_context()

    def send(self, request: WebhookRequest) -> int:
        """Send a request. Returns the status of the response. Raises ``DeliveryError``."""
        return self.fetch(request, 0).status

    def fetch(self, request: WebhookRequest, most_bytes: int) -> HttpAnswer:
        """Send a request. Returns the response with a body of at most ``most_bytes``. Raises
        ``DeliveryError``, also for a longer body. With 0, the body is not read."""
        deadline = time.monotonic() + self._seconds
        try:
            target = read_target(request.url)
            addresses = self._resolve(target)
        except ForbiddenUrl as error:
            raise DeliveryError(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise DeliveryError("the name is not known") from error
        sock = connect(target, addresses[:_MOST_ADDRESSES], deadline)
        seconds = max(0.1, deadline - time.monotonic())
        return self._exchange(_Exchange(request, target, most_bytes), sock, seconds)

    def _resolve(self, target: Target) -> list[str]:
        """The addresses of a name. The system's resolver takes no time limit, so a thread waits for it."""
        looked_up: Future[list[str]] = Future()

        def look_up() -> None:
            try:
                looked_up.set_result(self._policy.resolve(target))
            except (ForbiddenUrl, OSError, UnicodeError) as error:
                looked_up.set_exception(error)

        threading.Thread(target=look_up, name="webhook-name", daemon=True).start()
        try:
            return looked_up.result(self._seconds / 2)
        except futures.TimeoutError as error:
            raise DeliveryError(f"the name was not found within {self._seconds / 2:g} s") from error

    def _exchange(self, exchange: _Exchange, sock: socket.socket, seconds: float) -> HttpAnswer:
        if exchange.target.is_tls:
            sock = self._wrapped(sock, exchange.target.host)
        sock.settimeout(seconds)
        watchdog = threading.Timer(seconds, _shut_down, [sock])
        watchdog.daemon = True
        watchdog.start()
        try:
            answer = _exchange_http(exchange, sock)
            if exchange.most_bytes and not watchdog.is_alive():
                raise TimeoutError  # A body without a length may have been cut by the shutdown.
            return answer
        except (OSError, ValueError, http.client.HTTPException) as error:
            late = not watchdog.is_alive() or isinstance(error, TimeoutError)
            why = f"no answer within {self._seconds:g} s" if late else f"no answer: {words_of(error)}"
            raise DeliveryError(why) from error
        finally:
            watchdog.cancel()
            sock.close()

    def _wrapped(self, sock: socket.socket, host: str) -> socket.socket:
        """The socket, wrapped in TLS. Raises ``DeliveryError`` if the receiver has reset the connection
        already."""
        try:
            return self._trust.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        except (OSError, ValueError) as error:
            sock.close()
            raise DeliveryError(f"no answer: {words_of(error)}") from error


def connect(target: Target, addresses: Sequence[str], deadline: float) -> socket.socket:
    """A connection to one of these addresses. Raises ``DeliveryError``."""
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, target.port), max(0.1, deadline - time.monotonic()))
        except OSError as error:
            failure = error
    raise DeliveryError(f"no connection: {words_of(failure)}") from failure


def _exchange_http(exchange: _Exchange, sock: socket.socket) -> HttpAnswer:
    request, target = exchange.request, exchange.target
    if isinstance(sock, ssl.SSLSocket):
        sock.do_handshake()
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock
    response_class = partial(_ShortResponse, most=_MOST_BYTES + exchange.most_bytes)
    connection.response_class = response_class  # type: ignore[assignment]  # it is only called
    connection.request(
        request.method, target.path, request.body, {**request.headers, "Host": target.host_header}
    )
    answer = connection.getresponse()
    body = answer.read(exchange.most_bytes + 1) if exchange.most_bytes else b""
    if len(body) > exchange.most_bytes:
        raise OSError(f"it has more than {exchange.most_bytes} bytes")
    if exchange.most_bytes and answer.length:
        raise OSError("the connection was closed before the end of the answer")
    return HttpAnswer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


class _ShortResponse(http.client.HTTPResponse):
    """An answer that ends with an error after ``most`` bytes."""

    def __init__(self, sock: socket.socket, *args: Any, most: int, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_CountedReads(sock, most))


class _CountedReads(io.RawIOBase):
    """Reads at most ``most`` bytes from a socket.

    The file of the socket keeps the socket open until all is read, even if the connection is closed after the
    headers.
    """

    def __init__(self, sock: socket.socket, most: int) -> None:
        self._file = sock.makefile("rb", buffering=0)
        self._left = self._most = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            raise OSError(f"it has more than {self._most} bytes")
        read = self._file.readinto(buffer) or 0
        self._left -= read
        return read

    def close(self) -> None:
        self._file.close()
        super().close()


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def words_of(error: Exception | None) -> str:
    """The error in words, without the names of Python's classes."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    strerror = getattr(error, "strerror", None)
    return str(strerror or error or "the connection was closed")[:200]
