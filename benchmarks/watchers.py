"""Measures the cost of thousands of idle watchers on one server, and the delay of a verdict by each way to
watch.

Idle watchers are plain sockets that this process opens. Their cost is the growth of the API's memory. The
delay is the time from the server's ``finished_at`` until the client has the final status, on one machine and
one clock.
"""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import secrets
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

import requests
from simple_websocket import Client

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import SOURCES, post, post_many, wait
from benchmarks.result import Result, Row, spread
from benchmarks.stack import Stack, started
from judge_core.model.account import Tier
from judge_core.redis.worker_registry import WorkerRegistry

_MOST_STREAMS = 2000
_MANY_STREAMS = {"GAVEL_ACCOUNT_STREAMS": str(_MOST_STREAMS), "GAVEL_ADDRESS_STREAMS": "4000"}
"""The most streams that an account and an address may open. More watchers need several of both."""
_FINISHED = re.compile(rb'"finished_at":\s*"([^"]+)"')
Watch = Callable[[Stack, requests.Session, str], datetime]


@dataclass(frozen=True, slots=True)
class Watcher:
    """An account that may see every submission, and the address from which it connects."""

    key: str
    address: str


def measure(short: bool = False) -> Result:
    rounds, idle, crowd = (5, 200, 300) if short else (40, 2000, 5000)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, crowd * 2 + 2048), hard))
    with started(settings=_MANY_STREAMS) as stack:
        rows = [_delay_of(stack, name, watch, rounds) for name, watch in WAYS.items()]
        rows += _idle(stack, idle)
    with started("normal=2,premium=1", _MANY_STREAMS) as stack:
        rows += _beside(stack, crowd, rounds)
        rows.append(_burst(stack, 100 if short else 1000))
    return Result("From verdict recorded to status received", tuple(rows))


def _delay_of(stack: Stack, name: str, watch: Watch, rounds: int) -> Row:
    session = stack.session("premium")
    late = []
    for _ in range(rounds):
        submission = post(session, stack.url, "aplusb", "cpp20", SOURCES["cpp20"])
        received = watch(stack, session, submission)
        finished = datetime.fromisoformat(wait(session, stack.url, submission)["finished_at"])
        late.append((received - finished).total_seconds() * 1000)
    figures = spread(late)
    return Row(f"{name}: p50", figures.p50, note=f"p99 {figures.p99:.1f}")


def _by_long_poll(stack: Stack, session: requests.Session, submission: str) -> datetime:
    wait(session, stack.url, submission)
    return datetime.now(UTC)


def _by_polling(stack: Stack, session: requests.Session, submission: str) -> datetime:
    while session.get(f"{stack.url}/status/{submission}").json()["state"] in ("PENDING", "STARTED"):
        time.sleep(0.01)
    return datetime.now(UTC)


def _by_sse(stack: Stack, session: requests.Session, submission: str) -> datetime:
    with session.get(f"{stack.url}/events/{submission}", stream=True) as stream:
        for line in stream.iter_lines(chunk_size=1):
            if line.startswith(b"data:") and _is_final(line[5:]):
                break
    return datetime.now(UTC)


def _by_websocket(stack: Stack, session: requests.Session, submission: str) -> datetime:
    url = stack.url.replace("http", "ws", 1) + "/ws"
    client = Client.connect(url, headers={"Authorization": str(session.headers["Authorization"])})
    try:
        client.send(json.dumps({"watch": submission}))
        while not _is_final(client.receive(timeout=30)):
            pass
        return datetime.now(UTC)
    finally:
        client.close()


WAYS: dict[str, Watch] = {
    "polling every 10 ms": _by_polling,
    "long poll": _by_long_poll,
    "SSE": _by_sse,
    "WebSocket": _by_websocket,
}


def _is_final(text: bytes | str) -> bool:
    return json.loads(text).get("state") in ("SUCCESS", "FAILURE")


def _idle(stack: Stack, count: int) -> list[Row]:
    """The API's memory for ``count`` clients that watch one waiting submission."""
    waiting = post_many(stack, "normal", 300)[-1]
    return [
        _memory_of(stack, "idle SSE watchers", count, lambda by: _open_stream(stack, waiting, by)),
        _memory_of(stack, "idle WebSocket watchers", count, lambda by: _open_socket(stack, waiting, by)),
    ]


def _watchers(stack: Stack, count: int) -> list[Watcher]:
    """New accounts and addresses that are enough for this many streams. The result has one item for each
    stream."""
    name = f"watcher-{secrets.token_hex(4)}"
    found = []
    for number in range(-(-count // _MOST_STREAMS)):
        body = {"name": f"{name}-{number}", "tier": "normal", "role": "admin"}
        answer = stack.session("admin").post(f"{stack.url}/admin/accounts", json=body)
        answer.raise_for_status()
        found.append(Watcher(answer.json()["key"], f"127.0.0.{number + 2}"))
    return [found[number // _MOST_STREAMS] for number in range(count)]


def _beside(stack: Stack, crowd: int, rounds: int) -> list[Row]:
    """The delay of a verdict while thousands of streams are open and silent."""
    WorkerRegistry(f"unix://{stack.data / 'redis.sock'}").pause(Tier.NORMAL, True)
    silent = post_many(stack, "normal", 20)[-1]
    opened: list[socket.socket] = []
    try:
        opened += [_open_stream(stack, silent, by) for by in _watchers(stack, crowd)]
        return [_delay_of(stack, f"SSE with {crowd:,} idle SSE watchers beside", _by_sse, rounds)]
    finally:
        for one in opened:
            one.close()
        WorkerRegistry(f"unix://{stack.data / 'redis.sock'}").pause(Tier.NORMAL, False)


def _burst(stack: Stack, count: int) -> Row:
    """Each of many watchers follows its own submission by SSE. The stack judges all submissions as fast as
    possible."""
    add_problem(stack)
    worker_registry = WorkerRegistry(f"unix://{stack.data / 'redis.sock'}")
    worker_registry.pause(Tier.NORMAL, True)
    submissions = post_many(stack, "normal", count, problem=SLUG)
    watchers = _watchers(stack, count)
    lines = {_open_stream(stack, one, by): one for one, by in zip(submissions, watchers, strict=True)}
    worker_registry.pause(Tier.NORMAL, False)
    figures = spread(list(_read_all(lines)))
    note = f"p50 {figures.p50:.1f}, most {figures.high:.1f}"
    return Row(f"burst of {count:,} verdicts, each to its own SSE watcher: p99", figures.p99, note=note)


def _read_all(lines: dict[socket.socket, str]) -> Iterator[float]:
    """The milliseconds from the ``finished_at`` of each verdict until it has arrived in this process."""
    selector = selectors.DefaultSelector()
    rest = dict.fromkeys(lines, b"")
    for line in lines:
        selector.register(line, selectors.EVENT_READ)
    while rest:
        for key, _ in selector.select(60):
            line = cast(socket.socket, key.fileobj)
            rest[line] += line.recv(65536)
            at = datetime.now(UTC)
            found = _FINISHED.search(rest[line])
            if found is not None:
                yield (at - datetime.fromisoformat(found[1].decode())).total_seconds() * 1000
                selector.unregister(line)
                line.close()
                del rest[line]


def _memory_of(stack: Stack, name: str, count: int, dial: Callable[[Watcher], socket.socket]) -> Row:
    watchers = _watchers(stack, count)
    before = stack.resident_mb()["api"]
    opened: list[socket.socket] = []
    try:
        opened += [dial(by) for by in watchers]
        grown = stack.resident_mb()["api"] - before
        return Row(f"{count:,} {name}", grown, "MB", note=f"{grown * 1024 / count:.1f} KB each")
    finally:
        for one in opened:
            one.close()


def _open_socket(stack: Stack, submission: str, by: Watcher) -> socket.socket:
    """Open a WebSocket without a library, so that thousands of them cost this process little."""
    nonce = base64.b64encode(os.urandom(16)).decode()
    more = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {nonce}")
    opened = _ask(stack, by, "/ws", *more, "Sec-WebSocket-Version: 13")
    if b" 101 " not in opened.recv(4096):
        raise AssertionError("a WebSocket was refused")
    text = json.dumps({"watch": submission}).encode()
    opened.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)  # the four zeros are the mask
    if b'"id"' not in opened.recv(4096):
        raise AssertionError("a WebSocket sent no status")
    return opened


def _open_stream(stack: Stack, submission: str, by: Watcher) -> socket.socket:
    opened = _ask(stack, by, f"/events/{submission}")
    if not opened.recv(256).startswith(b"HTTP/1.1 200"):
        raise AssertionError("an event stream was refused")
    return opened


def _ask(stack: Stack, by: Watcher, path: str, *headers: str) -> socket.socket:
    place = urlsplit(stack.url)
    opened = socket.create_connection((place.hostname or "", place.port or 80), 30, (by.address, 0))
    key = f"Authorization: Bearer {by.key}"
    lines = (f"GET {path} HTTP/1.1", f"Host: {place.netloc}", key, *headers, "", "")
    opened.sendall("\r\n".join(lines).encode())
    return opened
