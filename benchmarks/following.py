"""Measures submissions as clients see them. Each client posts one, follows it to its verdict, and posts the
next.

For each way to follow a submission it gives the jobs per second, the median latency, and each process's CPU
time per job. The ways are ``?wait=``, ``?wait=&until=final``, an event stream, and plain polls every 10 ms. A
"fresh" source is in no cache. The clients share the machine with the stack and use the standard library's
HTTP client.
"""

from __future__ import annotations

import http.client
import json
import resource
import secrets
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import SOURCES, WAIT_SECONDS
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, await_idle, started

C_SOURCE = '#include <stdio.h>\nint main(void) { long long a, b; scanf("%lld %lld", &a, &b);\n' + (
    '  printf("%lld\\n", a + b); }\n'
)
PROGRAMS = {
    "C": ("c17", C_SOURCE, "//"),
    "C++": ("cpp20", SOURCES["cpp20"], "//"),
    "Python": ("python3", SOURCES["python3"], "#"),
    "Java": ("java", SOURCES["java"], "//"),
}
FINAL = ("SUCCESS", "FAILURE")
POLL_SECONDS = 0.01
_WORKERS = {"GAVEL_ACCOUNT_STREAMS": "200", "GAVEL_ADDRESS_STREAMS": "400"}
_Follow = Callable[["Client", str], None]


class Client:
    """One connection that is kept open."""

    def __init__(self, url: str, key: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "127.0.0.1", address.port, timeout=60
        )
        self._headers = {"Authorization": f"Bearer {key}"}

    def post(self, path: str, body: object) -> str:
        """Post a submission, and return its id."""
        headers = {**self._headers, "Content-Type": "application/json"}
        self._connection.request("POST", path, json.dumps(body), headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 202:
            raise AssertionError(f"{answer.status}: {text[:200]!r}")
        return str(json.loads(text)["id"])

    def state(self, path: str) -> str:
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{answer.status}: {text[:200]!r}")
        return str(json.loads(text)["state"])

    def stream_until_final(self, path: str) -> None:
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        for line in answer:
            if line.startswith(b"data:") and json.loads(line[5:]).get("state") in FINAL:
                break
        answer.close()
        self._connection.close()

    def close(self) -> None:
        self._connection.close()


def _by_wait(client: Client, id: str) -> None:
    while client.state(f"/status/{id}?wait={WAIT_SECONDS}") not in FINAL:
        pass


def _by_wait_until_final(client: Client, id: str) -> None:
    while client.state(f"/status/{id}?wait={WAIT_SECONDS}&until=final") not in FINAL:
        pass


def _by_stream(client: Client, id: str) -> None:
    client.stream_until_final(f"/events/{id}")


def _by_polls(client: Client, id: str) -> None:
    while client.state(f"/status/{id}") not in FINAL:
        time.sleep(POLL_SECONDS)


WAYS: dict[str, _Follow] = {
    "wait": _by_wait,
    "until=final": _by_wait_until_final,
    "events": _by_stream,
    "polls": _by_polls,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of post, the way to follow it, and how many clients do so at once."""

    program: str
    way: str
    clients: int
    is_fresh: bool = False
    route: str = "/submissions"

    @property
    def name(self) -> str:
        kind = "fresh" if self.is_fresh else "repeated"
        return f"{self.program} {kind}, {self.route}, {self.way}, {self.clients} at once"

    def body(self) -> dict[str, str]:
        language, source, comment = PROGRAMS[self.program]
        if self.is_fresh:
            source = f"{comment} {secrets.token_hex(8)}\n{source}"
        if self.route == "/runs":
            return {"language": language, "source": source, "stdin": "1 2\n", "expected_output": "3\n"}
        return {"language": language, "source": source, "problem": SLUG}


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one case: jobs per second, the median latency, and each process's CPU time per job."""

    rate: float
    latency_ms: float
    cpu_ms: dict[str, float]


def cases(short: bool) -> list[Case]:
    if short:
        return [Case("C", way, clients) for way in WAYS for clients in (1, 16)]
    repeated = [Case(p, w, n) for p in PROGRAMS for w in WAYS for n in (1, 4, 16, 64)]
    fresh = [Case(p, w, n, is_fresh=True) for p in PROGRAMS for w in ("wait", "until=final") for n in (1, 16)]
    runs = [Case(p, "until=final", n, route="/runs") for p in PROGRAMS for n in (1, 16)]
    return repeated + fresh + runs


def measure(short: bool = False) -> Result:
    seconds = 4.0 if short else 8.0
    with started("normal=2,premium=1", _WORKERS) as stack:
        add_problem(stack)
        rows = []
        for case in cases(short):
            _run(stack, case, 1.0)  # a first run fills the caches, and is not measured
            await_idle(20.0)
            if case.program == "Python" and case.is_fresh:
                rows.append(Row("python3 -c pass, started alone: CPU", _bare_python_ms(), "ms"))
            rows += _rows(case, _run(stack, case, seconds))
    return Result("As clients see it: post, follow to the verdict, post the next", tuple(rows))


def _bare_python_ms(starts: int = 50) -> float:
    """The CPU time of the interpreter's start. The host's speed varies, so it is measured before each case
    that is compared with it."""
    before = _children_cpu_ms()
    for _ in range(starts):
        subprocess.run(("/usr/bin/python3", "-c", "pass"), check=True)
    return (_children_cpu_ms() - before) / starts


def _children_cpu_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def _rows(case: Case, figures: Figures) -> list[Row]:
    parts = ", ".join(f"{name} {cpu:.1f}" for name, cpu in figures.cpu_ms.items())
    return [
        Row(case.name, figures.rate, "/s", more_is_better=True, note=f"p50 {figures.latency_ms:.1f} ms"),
        Row(f"{case.name}: CPU a job", sum(figures.cpu_ms.values()), note=parts),
    ]


def _run(stack: Stack, case: Case, seconds: float) -> Figures:
    before, begun = stack.tree_cpu_seconds(), time.monotonic()
    with ThreadPoolExecutor(case.clients) as pool:
        shares = [pool.submit(_post_and_follow, stack, case, begun + seconds) for _ in range(case.clients)]
        latencies = [latency for share in shares for latency in share.result()]
    elapsed, after = time.monotonic() - begun, stack.tree_cpu_seconds()
    jobs = len(latencies)
    return Figures(jobs / elapsed, median(latencies), _cpu_ms(before, after, jobs))


def _post_and_follow(stack: Stack, case: Case, ends: float) -> list[float]:
    """Run one client until the time is up. Returns the milliseconds that each of its submissions took."""
    client, latencies = Client(stack.url, stack.keys["normal"]), []
    with closing(client):
        while time.monotonic() < ends:
            at = time.monotonic()
            WAYS[case.way](client, client.post(case.route, case.body()))
            latencies.append((time.monotonic() - at) * 1000)
    return latencies


def _cpu_ms(before: dict[str, float], after: dict[str, float], jobs: int) -> dict[str, float]:
    """The CPU time per job of each process, with the workers of a tier added up."""
    total: dict[str, float] = {}
    for name, seconds in after.items():
        kind = "workers" if name.startswith("worker") else name
        total[kind] = total.get(kind, 0.0) + (seconds - before.get(name, 0.0)) * 1000 / jobs
    return total
