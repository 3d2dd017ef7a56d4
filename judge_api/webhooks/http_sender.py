"""Sends one request to one foreign address: within a time, to the address that was looked at, once."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from judge_api.webhooks.url_policy import Forbidden, Target, UrlPolicy, read_target

TIMEOUT_SECONDS = 10.0
"""For the whole exchange: an answer that drips does not hold us longer."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class DeliveryError(Exception):
    """It did not reach its receiver, or that did not answer in time; the message says which."""


class HttpSender:
    """Follows no redirect, asks no proxy, keeps no cookie, reads no more of an answer than its status."""

    def __init__(
        self, guide: UrlPolicy, seconds: float = TIMEOUT_SECONDS, trust: ssl.SSLContext | None = None
    ) -> None:
        self._guide = guide
        self._seconds = seconds
        self._trust = trust or ssl.create_default_context()

    def send(self, letter: WebhookRequest) -> int:
        """The status of the answer. Raises ``NotSent``."""
        try:
            target = read_target(letter.url)
            addresses = self._guide.resolve(target)
        except Forbidden as error:
            raise DeliveryError(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise DeliveryError("the name is not known") from error
        return self._exchange(letter, target, self._dial(target, addresses))

    def _dial(self, target: Target, addresses: Sequence[str]) -> socket.socket:
        trouble: OSError | None = None
        for address in addresses:
            try:
                return socket.create_connection((address, target.port), self._seconds)
            except OSError as error:
                trouble = error
        raise DeliveryError(f"no connection: {_words(trouble)}") from trouble

    def _exchange(self, letter: WebhookRequest, target: Target, line: socket.socket) -> int:
        if target.is_tls:
            line = self._trust.wrap_socket(line, server_hostname=target.host, do_handshake_on_connect=False)
        watchdog = threading.Timer(self._seconds, _hang_up, [line])
        watchdog.daemon = True
        watchdog.start()
        try:
            return _ask(letter, target, line)
        except (OSError, ValueError, http.client.HTTPException) as error:
            late = not watchdog.is_alive() or isinstance(error, TimeoutError)
            why = f"no answer within {self._seconds:g} s" if late else f"no answer: {_words(error)}"
            raise DeliveryError(why) from error
        finally:
            watchdog.cancel()
            line.close()


def _ask(letter: WebhookRequest, target: Target, line: socket.socket) -> int:
    if isinstance(line, ssl.SSLSocket):
        line.do_handshake()
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = line
    connection.request(
        letter.method, target.path, letter.body, {**letter.headers, "Host": target.host_header}
    )
    return connection.getresponse().status


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _words(error: Exception | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    strerror = getattr(error, "strerror", None)
    return str(strerror or error or "the connection was closed")[:200]
