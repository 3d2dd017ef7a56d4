"""A receiver that resets the connection before TLS begins is a normal delivery error."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest

from judge_api.webhooks.http_reader import CannotRead, HttpReader
from judge_api.webhooks.http_sender import DeliveryError, HttpSender, WebhookRequest
from judge_api.webhooks.url_policy import UrlPolicy

_POLICY = UrlPolicy([ip_network("127.0.0.0/8")])
_RESET = struct.pack("ii", 1, 0)


class _AfterReset(ssl.SSLContext):
    """Begins TLS only after the connection was reset."""

    may_reset: threading.Event

    def wrap_socket(self, sock: socket.socket, *args: Any, **options: Any) -> ssl.SSLSocket:
        self.may_reset.set()
        select.select([sock], [], [], 60)
        return super().wrap_socket(sock, *args, **options)


def _send(url: str, trust: ssl.SSLContext) -> None:
    HttpSender(_POLICY, 60.0, trust).send(WebhookRequest("POST", url, {}, b""))


def _read(url: str, trust: ssl.SSLContext) -> None:
    with HttpReader(_POLICY, 60.0, trust).get(url, {}) as answer:
        answer.read(1)


@pytest.mark.parametrize(("ask", "error"), [(_send, DeliveryError), (_read, CannotRead)])
def test_a_reset_of_the_connection_before_tls_is_reported_as_no_answer(
    ask: Callable[[str, ssl.SSLContext], None], error: type[Exception]
) -> None:
    trust = _AfterReset(ssl.PROTOCOL_TLS_CLIENT)
    trust.may_reset = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset() -> None:
            connection, _ = server.accept()
            trust.may_reset.wait(60)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            connection.close()

        thread = threading.Thread(target=reset)
        thread.start()
        with pytest.raises(error, match="no answer"):
            ask(f"https://127.0.0.1:{server.getsockname()[1]}/", trust)
        thread.join()
