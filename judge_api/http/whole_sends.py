"""Makes a WebSocket send each of its messages as a whole."""

from __future__ import annotations

import socket
import threading
from typing import Any


class WholeSends:
    """The socket of a ``simple_websocket`` connection. It replaces the connection's attribute ``sock``.

    ``simple_websocket`` calls ``send`` and ignores how much was sent. A socket of gevent sends only what fits
    into its buffer, so a client that reads slowly would get a part of a long message, and the next message
    in the middle of it. Here ``send`` returns once everything was sent. Several threads may send: one writes
    the messages, and another thread answers pings.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sending = threading.Lock()

    def send(self, data: bytes) -> int:
        """Send all of the data. Returns its length."""
        with self._sending:
            self._sock.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.send(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
