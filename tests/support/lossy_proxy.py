"""A proxy before a real Redis that can lose replies. Then the command was executed, but the connection
ends."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit

from tests.support.redis_server import RedisServer


class LossyProxy:
    """A proxy that listens on loopback during a ``with`` block."""

    def __init__(self, redis: RedisServer) -> None:
        self._behind = urlsplit(redis.url).path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._to_lose = 0
        self.lost = 0
        self._open: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def __enter__(self) -> LossyProxy:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._open):
            each.close()

    def lose_replies(self, count: int) -> None:
        """Lose the next ``count`` replies to scripts."""
        self._to_lose = count

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                redis = socket.socket(socket.AF_UNIX)
                redis.connect(self._behind)
                self._open += [caller, redis]
                threading.Thread(target=self._pass_on, args=(caller, redis), daemon=True).start()

    def _pass_on(self, caller: socket.socket, redis: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while asked := caller.recv(65536):
                redis.sendall(asked)
                answer = redis.recv(65536)
                if self._to_lose and b"EVAL" in asked:
                    self._to_lose -= 1
                    self.lost += 1
                    break
                caller.sendall(answer)
        caller.close()
        redis.close()
