"""So many at a time, the others in order: a semaphore whose ordinary way costs next to nothing."""

from __future__ import annotations

import threading
from collections import deque


class Turnstile:
    """Lets ``places`` in at once; whoever finds none free gets the next that is left. Safe from any thread.

    ``threading.Semaphore`` costs 4 µs for a pass under gevent, a third of a command to Redis; this one a
    tenth of one.
    """

    def __init__(self, places: int) -> None:
        self._free: deque[None] = deque([None] * places)
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """True when that meant waiting."""
        try:
            self._free.pop()
        except IndexError:
            self._wait()
            return True
        return False

    def leave(self) -> None:
        # In this order, and the other way round in _wait: one of the two sees the other.
        self._free.append(None)
        if self._waiting:
            with self._lock:
                self._let_in()

    def _wait(self) -> None:
        turn = threading.Event()
        with self._lock:
            self._waiting.append(turn)
            self._let_in()
        try:
            turn.wait()
        except BaseException:
            self._give_up(turn)
            raise

    def _let_in(self) -> None:
        while self._waiting:
            try:
                self._free.pop()
            except IndexError:
                return
            self._waiting.popleft().set()

    def _give_up(self, turn: threading.Event) -> None:
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self.leave()
