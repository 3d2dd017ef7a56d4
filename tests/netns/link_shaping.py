"""The switch and its bad lines, as one process: frames in, frames out later, or never.

Does what netem does, in user space, because not every kernel has netem. Runs inside the switch's namespace;
takes ``{"port": ..., "delay_ms": ..., "loss": ..., "up": ...}`` as lines of JSON on standard input.
"""

from __future__ import annotations

import heapq
import json
import random
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

ALL_FRAMES = 0x0003
BROADCAST = 1
OUTGOING = 4


@dataclass
class Line:
    """One host's line: what it does to frames in either direction."""

    name: str
    link: socket.socket
    delay_ms: float = 0.0
    loss: float = 0.0
    up: bool = True
    last_due: float = 0.0

    def due(self, extra_ms: float) -> float:
        """When a frame comes out; a line keeps its order whatever the jitter says."""
        jitter = random.uniform(-0.1, 0.1) * self.delay_ms
        self.last_due = max(self.last_due, time.monotonic() + (self.delay_ms + extra_ms + jitter) / 2000)
        return self.last_due

    def loses(self) -> bool:
        return not self.up or random.random() < self.loss


@dataclass
class Switch:
    lines: dict[str, Line]
    places: dict[bytes, Line] = field(default_factory=dict)
    waiting: list[tuple[float, int, bytes, Line]] = field(default_factory=list)
    count: int = 0

    def take(self, line: Line) -> None:
        frame, address = line.link.recvfrom(65536)
        if address[2] == OUTGOING:
            return
        self.places[frame[6:12]] = line
        known = self.places.get(frame[:6])
        to = [known] if known else [other for other in self.lines.values() if other is not line]
        for other in to:
            if not line.loses() and not other.loses():
                self.count += 1
                heapq.heappush(self.waiting, (other.due(line.delay_ms), self.count, frame, other))

    def deliver(self) -> float:
        """Send what is due; how long until the next is."""
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, _, frame, line = heapq.heappop(self.waiting)
            if line.up:
                line.link.send(frame)
        return max(0.0, self.waiting[0][0] - time.monotonic()) if self.waiting else 1.0

    def obey(self, order: dict[str, object]) -> None:
        line = self.lines[str(order.pop("port"))]
        for name, value in order.items():
            setattr(line, name, value)


def open_line(name: str) -> Line:
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_FRAMES))
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    link.bind((name, ALL_FRAMES))
    return Line(name, link)


def main(names: list[str]) -> None:
    switch = Switch({name: open_line(name) for name in names})
    ready = selectors.DefaultSelector()
    for line in switch.lines.values():
        ready.register(line.link, selectors.EVENT_READ, line)
    ready.register(sys.stdin, selectors.EVENT_READ, None)
    print("ready", flush=True)
    while True:
        for key, _ in ready.select(switch.deliver()):
            if key.data is not None:
                switch.take(key.data)
            elif order := sys.stdin.readline():
                switch.obey(json.loads(order))
                print("done", flush=True)
            else:
                return


if __name__ == "__main__":
    main(sys.argv[1:])
