"""Measures how long it takes until 500 watchers of an event's scoreboard have a new verdict.

The event has 300 members and all nine bundled problems; the server has its default limits. Watchers are plain
sockets on the public event stream of the standings. In each round a worker judges one member's submission,
and the member's row changes. The delay is the time from the server's ``finished_at`` until the row arrives at
a watcher, on one machine and one clock.
"""

from __future__ import annotations

import resource
import selectors
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlsplit

import requests

from benchmarks.posting import wait
from benchmarks.result import Result, Row, spread
from benchmarks.stack import Stack, started

WATCHERS = 500
SLUG = "watched"
MEMBERS = 300
_OF_ONE_ADDRESS = 25
_WRONG = "print(-1)"
_LONGEST = 30.0


def measure(short: bool = False) -> Result:
    rounds, watchers = (5, 100) if short else (30, WATCHERS)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with started() as stack:
        _make_event(stack, 30 if short else MEMBERS)
        lines = [_open(stack, f"127.0.0.{2 + number // _OF_ONE_ADDRESS}") for number in range(watchers)]
        try:
            late = [delay for number in range(rounds) for delay in _round(stack, lines, number + 1)]
        finally:
            for line in lines:
                line.close()
    figures = spread(late)
    note = f"p50 {figures.p50:.0f}, longest {figures.high:.0f}; {rounds} verdicts"
    what = f"delay until {watchers} watchers of a scoreboard have a verdict: p99"
    row = Row(what, figures.p99, "ms", note=note)
    return Result("From verdict recorded to scoreboard received", (row,))


def _make_event(stack: Stack, members: int) -> None:
    now, admin = datetime.now(UTC), stack.session("admin")
    offered = admin.get(f"{stack.url}/problems").json()["problems"]
    others = sorted({problem["slug"] for problem in offered} - {"aplusb"})
    body = {
        "slug": SLUG,
        "title": "Watched",
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
        "visibility": "public",
        "problems": [{"slug": slug} for slug in ("aplusb", *others)],
    }
    admin.post(f"{stack.url}/events", json=body).raise_for_status()
    names = ["normal", *(f"member-{number}" for number in range(1, members))]
    for name in names[1:]:
        account = {"name": name, "tier": "normal"}
        admin.post(f"{stack.url}/admin/accounts", json=account).raise_for_status()
    added = {"members": [{"accounts": [name]} for name in names]}
    admin.post(f"{stack.url}/events/{SLUG}/members", json=added).raise_for_status()


def _open(stack: Stack, address: str) -> socket.socket:
    place = urlsplit(stack.url)
    line = socket.create_connection((place.hostname or "", place.port or 80), 30, (address, 0))
    line.sendall(f"GET /events/{SLUG}/stream HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
    seen = b""
    while b'"whole":true' not in seen:
        received = line.recv(65536)
        seen += received
        if not received or not seen.startswith(b"HTTP/1.1 200"):
            raise AssertionError(f"the stream of standings was refused: {seen[:300]!r}")
    return line


def _round(stack: Stack, lines: list[socket.socket], tries: int) -> Iterator[float]:
    """The milliseconds from ``finished_at`` until each watcher has the row with this many tries."""
    session = stack.session("normal")
    body = {"event": SLUG, "problem": "A", "language": "python3", "source": f"{_WRONG}  # {tries}"}
    answer = session.post(f"{stack.url}/submissions", json=body)
    answer.raise_for_status()
    received = _read_until(lines, f'"tries":{tries},'.encode())
    finished = datetime.fromisoformat(_finished_at(session, stack.url, answer.json()["id"]))
    return ((at - finished).total_seconds() * 1000 for at in received)


def _finished_at(session: requests.Session, url: str, submission: str) -> str:
    return str(wait(session, url, submission)["finished_at"])


def _read_until(lines: list[socket.socket], wanted: bytes) -> list[datetime]:
    """Read each of these sockets until the text comes. Returns the times at which it came."""
    selector, rest = selectors.DefaultSelector(), dict.fromkeys(lines, b"")
    for line in lines:
        selector.register(line, selectors.EVENT_READ)
    found, deadline = [], time.monotonic() + _LONGEST
    while rest:
        if time.monotonic() > deadline:
            raise AssertionError(f"{len(rest)} watchers had no {wanted!r} within {_LONGEST:.0f} s")
        for key, _ in selector.select(1.0):
            line = cast(socket.socket, key.fileobj)
            rest[line] += line.recv(65536)
            if wanted in rest[line]:
                found.append(datetime.now(UTC))
                selector.unregister(line)
                del rest[line]
    return found
