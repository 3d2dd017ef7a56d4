"""Reads that come together: one round trip for many, trouble told to all."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from judge_api.domain.errors import QueueUnavailable
from judge_api.events.gathered import GatheredReads


class Shelf:
    """Answers when the test lets it."""

    def __init__(self) -> None:
        self.trips: list[list[str]] = []
        self.asked = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.broken = False

    def fetch(self, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        self.trips.append(list(keys))
        self.asked.release()
        assert self.go.acquire(timeout=20)
        if self.broken:
            raise QueueUnavailable("away")
        return {key: None if key == "nothing" else key.encode() for key in keys}


def _gathered(reads: GatheredReads, count: int) -> bool:
    waiting = reads._gathering
    return waiting is not None and len(waiting.keys) == count


def _await(reads: GatheredReads, count: int) -> None:
    tick = threading.Event()
    for _ in range(4000):
        if _gathered(reads, count):
            return
        tick.wait(0.005)
    raise AssertionError("the readers did not gather")


def test_whoever_comes_meanwhile_shares_the_next_trip() -> None:
    shelf = Shelf()
    reads = GatheredReads(shelf.fetch)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(reads.get, "a")
        assert shelf.asked.acquire(timeout=20)
        later = [pool.submit(reads.get, key) for key in ("b", "a", "nothing", "b")]
        _await(reads, 3)
        shelf.go.release(9)
        assert first.result(20) == b"a"
        assert [one.result(20) for one in later] == [b"b", b"a", None, b"b"]
    assert [sorted(trip) for trip in shelf.trips[1:]] in (
        [["a", "b", "nothing"]],
        [["a", "b", "nothing"], ["b"]],
    )


def test_trouble_reaches_all_and_the_next_read_works() -> None:
    shelf = Shelf()
    reads = GatheredReads(shelf.fetch)
    shelf.broken = True
    shelf.go.release(9)
    with pytest.raises(QueueUnavailable, match="away"):
        reads.get("a")
    shelf.broken = False
    assert reads.get("a") == b"a"
