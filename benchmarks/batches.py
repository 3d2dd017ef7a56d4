"""Compares a load of submissions in batches of a hundred with the same load one by one, over one connection.

It measures the seconds until all submissions are accepted, and the main server's CPU time. The queue is
paused meanwhile, so that neither way has to share the machine with judging. The load is cancelled afterwards.
The two ways take turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

from benchmarks.posting import SOURCES, cancel_many, post
from benchmarks.result import Result, Row
from benchmarks.stack import Stack, started

PROBLEM, LANGUAGE = "aplusb", "python3"
_BATCH = 100
_ROUNDS = 3
_PAUSE_SECONDS = 1.5
"""The dispatcher needs this long to notice that a queue was paused."""
Load = Callable[[requests.Session, str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Cost:
    """The seconds until a load was accepted, and the main server's CPU time for it."""

    seconds: float
    api_ms: float


def measure(short: bool = False) -> Result:
    count = 200 if short else 1000
    with started("normal=1,premium=1") as stack:
        _post_singly(stack.session(), stack.url, 20)
        costs: dict[str, list[Cost]] = {"single": [], "batch": []}
        for _ in range(1 if short else _ROUNDS):
            costs["single"].append(_cost(stack, _post_singly, count))
            costs["batch"].append(_cost(stack, _post_in_batches, count))
    return Result(f"{count} submissions in batches of {_BATCH}, beside {count} single ones", _rows(costs))


def _rows(costs: dict[str, list[Cost]]) -> tuple[Row, ...]:
    seconds = {name: statistics.median(one.seconds for one in found) for name, found in costs.items()}
    cpu = {name: statistics.median(one.api_ms for one in found) for name, found in costs.items()}
    return (
        Row("single: until all are accepted", seconds["single"], "s"),
        Row(
            "batches: until all are accepted",
            seconds["batch"],
            "s",
            seconds["batch"] / seconds["single"],
            0.5,
        ),
        Row("single: CPU of the API a submission", cpu["single"], "ms"),
        Row("batches: CPU of the API a submission", cpu["batch"], "ms", cpu["batch"] / cpu["single"], 1.0),
    )


def _cost(stack: Stack, load: Load, count: int) -> Cost:
    session, admin = stack.session(), stack.session("admin")
    _pause(admin, stack.url, True)
    time.sleep(_PAUSE_SECONDS)
    before, began = stack.cpu_seconds()["api"], time.perf_counter()
    ids = load(session, stack.url, count)
    seconds, used = time.perf_counter() - began, stack.cpu_seconds()["api"] - before
    assert len(ids) == count
    cancel_many(stack, "normal", ids)
    _pause(admin, stack.url, False)
    return Cost(seconds, used * 1000 / count)


def _pause(session: requests.Session, url: str, paused: bool) -> None:
    session.patch(f"{url}/admin/queues/normal", json={"paused": paused}).raise_for_status()


def _post_singly(session: requests.Session, url: str, count: int) -> list[str]:
    return [post(session, url, PROBLEM, LANGUAGE, SOURCES[LANGUAGE]) for _ in range(count)]


def _post_in_batches(session: requests.Session, url: str, count: int) -> list[str]:
    one = {"problem": PROBLEM, "language": LANGUAGE, "source": SOURCES[LANGUAGE]}
    ids: list[str] = []
    for _ in range(count // _BATCH):
        answer = session.post(f"{url}/submissions/batch", json={"submissions": [one] * _BATCH})
        answer.raise_for_status()
        ids += [result["accepted"]["id"] for result in answer.json()["results"]]
    return ids
