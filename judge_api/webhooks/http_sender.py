"""Sends one HTTP request to a webhook, within a time limit, to the IP address that was checked."""

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
from typing import Any

from judge_api.webhooks.url_policy import ForbiddenUrl, Target, UrlPolicy, read_target

TIMEOUT_SECONDS = 10.0
"""The limit for the whole exchange. A receiver that answers byte by byte gets no more time."""
_MOST_ADDRESSES = 4
_MOST_BYTES = 256 * 1024
"""The most bytes of an answer before its body. Interim answers count too: a receiver could send any
number."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class DeliveryError(Exception):
    """The request did not reach its receiver, or there was no response in time. The message says which."""


class HttpSender:
    """Follows no redirects, uses no proxy, keeps no cookies, and reads only the status of a response."""

    def __init__(
        self, policy: UrlPolicy, seconds: float = TIMEOUT_SECONDS, trust: ssl.SSLContext | None = None
    ) -> None:
        self._policy = policy
        self._seconds = seconds
        self._trust = trust or ssl.create_default_context()

    def send(self, request: WebhookRequest) -> int:
        """Send it; returns the status of the response. Raises ``DeliveryError``."""
        deadline = time.monotonic() + self._seconds
        try:
            target = read_target(request.url)
            addresses = self._resolve(target)
        except ForbiddenUrl as error:
            raise DeliveryError(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise DeliveryError("the name is not known") from error
        sock = _connect(target, addresses[:_MOST_ADDRESSES], deadline)
        return self._exchange(request, target, sock, max(0.1, deadline - time.monotonic()))

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

    def _exchange(self, request: WebhookRequest, target: Target, sock: socket.socket, seconds: float) -> int:
        if target.is_tls:
            sock = self._trust.wrap_socket(sock, server_hostname=target.host, do_handshake_on_connect=False)
        sock.settimeout(seconds)
        watchdog = threading.Timer(seconds, _shut_down, [sock])
        watchdog.daemon = True
        watchdog.start()
        try:
            return _exchange_http(request, target, sock)
        except (OSError, ValueError, http.client.HTTPException) as error:
            late = not watchdog.is_alive() or isinstance(error, TimeoutError)
            why = f"no answer within {self._seconds:g} s" if late else f"no answer: {_words(error)}"
            raise DeliveryError(why) from error
        finally:
            watchdog.cancel()
            sock.close()


def _connect(target: Target, addresses: Sequence[str], deadline: float) -> socket.socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, target.port), max(0.1, deadline - time.monotonic()))
        except OSError as error:
            failure = error
    raise DeliveryError(f"no connection: {_words(failure)}") from failure


def _exchange_http(request: WebhookRequest, target: Target, sock: socket.socket) -> int:
    if isinstance(sock, ssl.SSLSocket):
        sock.do_handshake()
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock
    connection.response_class = _ShortResponse
    connection.request(
        request.method, target.path, request.body, {**request.headers, "Host": target.host_header}
    )
    return connection.getresponse().status


class _ShortResponse(http.client.HTTPResponse):
    """An answer that ends with an error after ``_MOST_BYTES``."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_CountedReads(sock))


class _CountedReads(io.RawIOBase):
    """Reads from a socket, at most so many bytes."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._left = _MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            raise OSError(f"it has more than {_MOST_BYTES} bytes before its body")
        read = self._sock.recv_into(buffer)
        self._left -= read
        return read


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _words(error: Exception | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    strerror = getattr(error, "strerror", None)
    return str(strerror or error or "the connection was closed")[:200]
