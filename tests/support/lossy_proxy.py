"""A line to a real Redis that can lose answers: what was asked is done, and the connection ends."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit

from tests.support.redis_server import RedisServer


class LosingLine:
    """Listens on loopback while it is entered."""

    def __init__(self, redis: RedisServer) -> None:
        self._behind = urlsplit(redis.url).path
        self._door = socket.create_server(("127.0.0.1", 0))
        self._to_lose = 0
        self.lost = 0
        self._open: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._door.getsockname()[1]}/0"

    def __enter__(self) -> LosingLine:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        for each in (self._door, *self._open):
            each.close()

    def lose_answers(self, count: int) -> None:
        """The next so many answers of scripts do not arrive."""
        self._to_lose = count

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._door.accept()
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
