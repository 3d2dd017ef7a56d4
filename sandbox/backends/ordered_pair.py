"""The pipes of an ordered pair. If one side ends, the other side sees that only when it waits for the side
that ended.

A side that fails before it sees the other's end has failed by itself. If it fails later, the other's end may
be the cause. To tell these cases apart, this process keeps copies of each side's pipe ends after the side has
ended. It closes them when the other side can do nothing more without seeing the end: all of its threads
sleep, and it has nothing to read or its pipe is full.
"""

from __future__ import annotations

import fcntl
import os
import select
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_SAMPLE_SECONDS = 0.004
_SAMPLES = 5
"""How many times in a row a side must be seen waiting, since all of its processes may sleep for a moment."""


@dataclass(frozen=True, slots=True)
class PipeEnds:
    """Copies of one side's pipe ends: the end that it reads, and the end that it writes."""

    input: int
    output: int

    def is_stuck(self) -> bool:
        """Whether there is nothing to read, or the pipe for writing is full."""
        waiting = int.from_bytes(fcntl.ioctl(self.input, termios.FIONREAD, bytes(4)), "little")
        return waiting == 0 or not select.select([], [self.output], [], 0)[1]

    def close(self) -> None:
        os.close(self.input)
        os.close(self.output)


@dataclass(slots=True)
class OrderedPair:
    """The pipe ends of both sides. Those of a side are kept until the other side may see its end."""

    ends: tuple[PipeEnds, PipeEnds]
    _ended: int | None = None
    _samples: int = 0
    _shown_ns: int | None = None
    _held: list[int] = field(default_factory=lambda: [0, 1])

    def on_end(self, side: int) -> None:
        """A side has ended. If both have ended, close all pipe ends."""
        if self._ended is None:
            self._ended = side
        else:
            self.close()

    def check(self, is_asleep: Callable[[int], bool]) -> float:
        """If one side has ended and the other waits for it, let the other see that end.

        Returns how many seconds to wait until the next check.

        ``is_asleep`` says whether all threads of a side sleep.
        """
        if self._ended is None or self._ended not in self._held:
            return float("inf")
        other = 1 - self._ended
        waits = self.ends[other].is_stuck() and is_asleep(other)
        self._samples = self._samples + 1 if waits else 0
        if self._samples >= _SAMPLES:
            self._shown_ns = time.monotonic_ns()
            self._release(self._ended)
        return _SAMPLE_SECONDS

    def was_seen(self, ended_ns: int) -> bool:
        """Whether the side that ended later could see the earlier end. The pipe ends may be closed after the
        later side has ended, since an end is noticed a moment late. Then it could not see the earlier end."""
        return self._shown_ns is not None and self._shown_ns < ended_ns

    def close(self) -> None:
        """Close the pipe ends that are still kept."""
        for side in tuple(self._held):
            self._release(side)

    def _release(self, side: int) -> None:
        self._held.remove(side)
        self.ends[side].close()
