"""Finds free ports of loopback for servers."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path

_LOWEST = 10_240
_BEYOND = 65_536
_ENOUGH = 2_000
_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(number: int) -> list[int]:
    """Different ports that are free now.

    A server opens its port a moment later. So the ports are outside the range that the kernel uses for
    outgoing connections of other tests, unless too few are left outside.
    """
    first_outgoing, last_outgoing = map(int, _OUTGOING.read_text().split())
    places = [*range(_LOWEST, first_outgoing), *range(last_outgoing + 1, _BEYOND)]
    if len(places) < _ENOUGH:
        places = [*range(_LOWEST, _BEYOND)]
    chosen: list[int] = []
    while len(chosen) < number:
        port = random.SystemRandom().choice(places)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            chosen += [port] if port not in chosen else []
    return chosen


def free_port() -> int:
    """One port like those of :func:`free_ports`."""
    return free_ports(1)[0]
