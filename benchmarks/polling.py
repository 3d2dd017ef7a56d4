"""Compares GET /status over 50 connections with a bare "ok" from the same kind of server on the same cores.

The requests come from wrk (Debian's package ``wrk``). The floor is a WSGI function of one line, under the
same gunicorn with the same kind and number of workers as the API. Each round measures the floor, then the
answers, then the answers while submissions are judged, because the machine's speed changes within a minute.
The figures are the medians over all rounds, and the medians of the ratios within each round.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import requests

from benchmarks.posting import cancel_many, post_many, wait_for_all
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, StackFailed, started

CONNECTIONS = 50
JUDGED_IN_A_SECOND = 160
_BARE = (
    "def app(environ, start):\n    start('200 OK', [('Content-Type', 'text/plain')])\n    return [b'ok']\n"
)


_IN_TURN = """
local paths = { %s }
local at = 0
request = function()
    at = at %% #paths + 1
    return wrk.format("GET", paths[at])
end
"""


_POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = %s
"""


@dataclass(frozen=True, slots=True)
class Request:
    """The request that every connection repeats. With ``ids`` it asks for one submission after the other. A
    ``body`` of JSON is posted."""

    url: str
    key: str | None = None
    etag: str | None = None
    ids: tuple[str, ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """The figures of wrk: answers per second, the 99th percentile of their time, the answers that were
    neither 2xx nor 3xx, and all requests."""

    rate: float
    p99_ms: float
    refused: int
    requests: int


def measure(short: bool = False) -> Result:
    rounds, seconds = (2, 2) if short else (8, 3)
    with started() as stack, _bare_server() as bare:
        session = stack.session()
        finished = tuple(post_many(stack, "normal", CONNECTIONS))
        wait_for_all(stack, "normal", finished)
        etag = session.get(f"{stack.url}/status/{finished[0]}").headers["ETag"]
        key = stack.keys["normal"]
        targets = (
            Request(bare),
            Request(stack.url, key, ids=finished),
            Request(stack.url, key, etag, finished),
        )
        loads = [(*(load(one, seconds) for one in targets), _busy(stack, seconds)) for _ in range(rounds)]
    floors, done, unchanged, busy = zip(*loads, strict=True)
    floor = _typical(floors)
    rows = [Row("bare WSGI answer", floor.rate, "/s", note=f"p99 {floor.p99_ms:.1f} ms")]
    rows += _rows("finished", done, floors)
    rows += _rows("finished, 304", unchanged, floors)
    rows += _rows("waiting, while judging goes on", busy, floors, judging=True)
    return Result(f"GET /status, {CONNECTIONS} connections", tuple(rows))


def _busy(stack: Stack, seconds: int) -> Load:
    """Poll submissions at the end of a queue while its head is judged. The queue is so long that judging goes
    on longer than the polls."""
    queue = post_many(stack, "normal", seconds * JUDGED_IN_A_SECOND + CONNECTIONS)
    found = load(Request(stack.url, stack.keys["normal"], ids=tuple(queue[-CONNECTIONS:])), seconds)
    last = stack.session().get(f"{stack.url}/status/{queue[-CONNECTIONS]}").json()
    if last["state"] != "PENDING":
        raise AssertionError("judging ended before the polls did: raise JUDGED_IN_A_SECOND")
    cancel_many(stack, "normal", queue)
    wait_for_all(stack, "normal", queue)
    return found


def _typical(loads: Sequence[Load]) -> Load:
    rate, p99_ms = median(one.rate for one in loads), median(one.p99_ms for one in loads)
    return Load(rate, p99_ms, sum(one.refused for one in loads), sum(one.requests for one in loads))


def _rows(name: str, loads: Sequence[Load], floors: Sequence[Load], judging: bool = False) -> list[Row]:
    """The rows of one kind of poll. While judging goes on, polls and judging share the cores, so then only
    the latency has a target."""
    whole = _typical(loads)
    if whole.refused:
        raise AssertionError(f"{name}: {whole.refused} answers were refusals")
    target = None if judging else 0.7
    ratios = [one.rate / floor.rate for one, floor in zip(loads, floors, strict=True)]
    late = [one.p99_ms for one in loads]
    return [
        Row(name, whole.rate, "/s", median(ratios), target, more_is_better=True, note=_spread(ratios, 2)),
        Row(f"{name}: p99", whole.p99_ms, target=50.0, note=_spread(late, 0)),
    ]


def _spread(figures: Sequence[float], digits: int) -> str:
    return f"{min(figures):.{digits}f} to {max(figures):.{digits}f} in {len(figures)} rounds"


def load(request: Request, seconds: int) -> Load:
    """Load a server by wrk for this many seconds."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise StackFailed("wrk is not on the PATH: install Debian's package wrk")
    headers = [f"Authorization: Bearer {request.key}"] if request.key else []
    headers += [f"If-None-Match: {request.etag}"] if request.etag else []
    flags = [word for header in headers for word in ("-H", header)]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_script(request))
        script.flush()
        flags += ["-s", script.name]
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *flags, request.url]
        return _read(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _script(request: Request) -> str:
    if request.ids:
        return _IN_TURN % ", ".join(f'"/status/{id}"' for id in request.ids)
    if request.body is not None:
        return _POST % json.dumps(request.body)
    return ""


def _read(text: str) -> Load:
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
    requests = int(re.search(r"(\d+) requests in", text)[1])  # type: ignore[index]
    return Load(rate, float(number) * scale, int(refused[1]) if refused else 0, requests)


@contextmanager
def _bare_server() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = f"import sys, types; m = types.ModuleType('bare'); exec({_BARE!r}, m.__dict__); "
    serve += "sys.modules['bare'] = m; "
    serve += "sys.argv = ['gunicorn', '-k', 'gevent', '-w', '1', '--graceful-timeout', '3', "
    serve += f"'-b', '127.0.0.1:{port}', 'bare:app']; "
    serve += "from gunicorn.app.wsgiapp import run; run()"
    process = subprocess.Popen([sys.executable, "-c", serve], stderr=subprocess.DEVNULL)
    try:
        yield _await(f"http://127.0.0.1:{port}/")
    finally:
        process.terminate()
        process.wait(20)


def _await(url: str) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            requests.get(url, timeout=1)
            return url
        except requests.ConnectionError:
            time.sleep(0.05)
    raise StackFailed("the bare server did not answer")
