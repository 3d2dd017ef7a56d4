"""Reads another server's answer while it arrives, from the IP address that was checked."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from judge_api.webhooks.http_sender import DeliveryError, connect, words_of
from judge_api.webhooks.url_policy import ForbiddenUrl, Target, UrlPolicy, read_target

_CONNECT_SECONDS = 10.0
_MOST_ADDRESSES = 4


class CannotRead(Exception):
    """The other server gives no usable answer. The text says why. ``status`` is the HTTP status, if there was
    an answer."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


def basic_auth(user: str | None, secret: str | None) -> dict[str, str]:
    """The header that signs in by name and password, or by a token if there is no name."""
    if secret is None:
        return {}
    if user is None:
        return {"Authorization": f"Bearer {secret}"}
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


class Answer:
    """The body of an answer with the status 200."""

    def __init__(self, response: http.client.HTTPResponse, sock: socket.socket) -> None:
        self._response = response
        self._socket = sock

    def lines(self, longest: int) -> Iterator[bytes]:
        """The lines while they arrive. Raises ``CannotRead`` for a line that is too long, and for a lost
        connection."""
        while True:
            try:
                line = self._response.readline(longest + 1)
            except (OSError, ValueError, http.client.HTTPException) as error:
                raise CannotRead(f"the connection was lost: {words_of(error)}") from error
            if not line:
                return
            if len(line) > longest:
                raise CannotRead(f"a line has more than {longest} bytes")
            yield line

    def read(self, most: int) -> bytes:
        """The whole body. Raises ``CannotRead`` for a body that is too long, and for a lost connection."""
        try:
            content = self._response.read(most + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise CannotRead(f"the connection was lost: {words_of(error)}") from error
        if len(content) > most:
            raise CannotRead(f"it has more than {most} bytes")
        if self._response.length:
            raise CannotRead("the connection was lost before the end of the answer")
        return content

    def close(self) -> None:
        """End the connection, even while another thread reads from it. That thread then sees the end of the
        body, or gets ``CannotRead``."""
        _shut_down(self._socket)


class HttpReader:
    """Reads URLs. It follows no redirects, uses no proxy and keeps no cookies. ``seconds`` is the longest
    time without a byte."""

    def __init__(self, policy: UrlPolicy, seconds: float, trust: ssl.SSLContext | None = None) -> None:
        self._policy = policy
        self._seconds = seconds
        self._trust = trust or ssl.create_default_context()

    @contextmanager
    def get(self, url: str, headers: Mapping[str, str], within: float | None = None) -> Iterator[Answer]:
        """The answer of a URL. Raises ``CannotRead``, also if it is not read to its end in ``within``
        seconds."""
        try:
            target = read_target(url)
            addresses = self._policy.resolve(target)[:_MOST_ADDRESSES]
            sock = connect(target, addresses, time.monotonic() + _CONNECT_SECONDS)
        except (ForbiddenUrl, DeliveryError) as error:
            raise CannotRead(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise CannotRead("its name is not known") from error
        try:
            sock.settimeout(self._seconds)
            if target.is_tls:
                sock = self._trust.wrap_socket(
                    sock, server_hostname=target.host, do_handshake_on_connect=False
                )
            with _ended_after(sock, within):
                yield Answer(_asked(target, sock, headers), sock)
        except (OSError, http.client.HTTPException) as error:
            raise CannotRead(f"no answer: {words_of(error)}") from error
        finally:
            sock.close()


@contextmanager
def _ended_after(sock: socket.socket, seconds: float | None) -> Iterator[None]:
    """Shut down a connection after ``seconds``, and raise ``CannotRead``."""
    if seconds is None:
        yield
        return
    watchdog = threading.Timer(seconds, _shut_down, [sock])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
        if not watchdog.is_alive():  # A body without a length may have been cut by the shutdown.
            raise CannotRead(f"it takes more than {seconds:g} s")
    finally:
        watchdog.cancel()


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _asked(target: Target, sock: socket.socket, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    if isinstance(sock, ssl.SSLSocket):
        sock.do_handshake()
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock
    try:
        connection.request("GET", target.path, headers={**headers, "Host": target.host_header})
    except ValueError:  # The text of this error has the password.
        raise CannotRead("its address, user or password has characters that cannot be sent") from None
    response = connection.getresponse()
    if response.status != 200:
        raise CannotRead(f"it answers {response.status} {response.reason[:50]}", response.status)
    return response
