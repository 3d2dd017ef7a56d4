"""A switch in user space that delays and drops frames, in a process of its own.

It does the same as netem, but in user space, because not every kernel has netem. It runs inside the switch's
namespace. Its settings are lines of JSON on standard input: ``{"port": ..., "delay_ms": ..., "loss": ...,
"up": ...}``.
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
OUTGOING = 4


@dataclass
class Link:
    """The link of one host, and its delay and loss of frames in both directions."""

    name: str
    raw: socket.socket
    delay_ms: float = 0.0
    loss: float = 0.0
    up: bool = True
    last_due: float = 0.0

    def due(self, extra_ms: float) -> float:
        """The time at which a frame leaves the link. Frames stay in order despite the jitter."""
        jitter = random.uniform(-0.1, 0.1) * self.delay_ms
        self.last_due = max(self.last_due, time.monotonic() + (self.delay_ms + extra_ms + jitter) / 2000)
        return self.last_due

    def loses(self) -> bool:
        return not self.up or random.random() < self.loss


@dataclass
class Switch:
    links: dict[str, Link]
    forwarding_table: dict[bytes, Link] = field(default_factory=dict)
    waiting: list[tuple[float, int, bytes, Link]] = field(default_factory=list)
    count: int = 0

    def receive(self, link: Link) -> None:
        frame, address = link.raw.recvfrom(65536)
        if address[2] == OUTGOING:
            return
        self.forwarding_table[frame[6:12]] = link
        known = self.forwarding_table.get(frame[:6])
        to = [known] if known else [other for other in self.links.values() if other is not link]
        for other in to:
            if not link.loses() and not other.loses():
                self.count += 1
                heapq.heappush(self.waiting, (other.due(link.delay_ms), self.count, frame, other))

    def deliver(self) -> float:
        """Send the frames that are due. Returns the seconds until the next frame is due."""
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, _, frame, link = heapq.heappop(self.waiting)
            if link.up:
                link.raw.send(frame)
        return max(0.0, self.waiting[0][0] - time.monotonic()) if self.waiting else 1.0

    def configure(self, settings: dict[str, object]) -> None:
        link = self.links[str(settings.pop("port"))]
        for name, value in settings.items():
            setattr(link, name, value)


def open_link(name: str) -> Link:
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_FRAMES))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    raw.bind((name, ALL_FRAMES))
    return Link(name, raw)


def main(names: list[str]) -> None:
    switch = Switch({name: open_link(name) for name in names})
    ready = selectors.DefaultSelector()
    for link in switch.links.values():
        ready.register(link.raw, selectors.EVENT_READ, link)
    ready.register(sys.stdin, selectors.EVENT_READ, None)
    print("ready", flush=True)
    while True:
        for key, _ in ready.select(switch.deliver()):
            if key.data is not None:
                switch.receive(key.data)
            elif settings := sys.stdin.readline():
                switch.configure(json.loads(settings))
                print("done", flush=True)
            else:
                return


if __name__ == "__main__":
    main(sys.argv[1:])
