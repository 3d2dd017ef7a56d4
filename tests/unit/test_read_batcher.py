"""Concurrent reads share a round trip to Redis. If it fails, each of them gets the error."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from judge_core.model.errors import QueueUnavailable
from judge_core.redis.client import ReadBatcher


class BlockingStore:
    """A store that answers when the test allows it."""

    def __init__(self) -> None:
        self.round_trips: list[list[str]] = []
        self.started = threading.Semaphore(0)
        self.release_one = threading.Semaphore(0)
        self.broken = False
        self.death: type[BaseException] | None = None

    def fetch(self, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        self.round_trips.append(list(keys))
        self.started.release()
        assert self.release_one.acquire(timeout=60)
        if self.broken:
            raise QueueUnavailable("away")
        if self.death is not None and len(keys) > 1:
            raise self.death
        for key in keys:
            key.encode()
        return {key: None if key == "nothing" else key.encode() for key in keys}


def _gathered(reads: ReadBatcher, count: int) -> bool:
    waiting = reads._open_batch
    return waiting is not None and len(waiting.keys) == count


def _await(reads: ReadBatcher, count: int) -> None:
    tick = threading.Event()
    for _ in range(12_000):
        if _gathered(reads, count):
            return
        tick.wait(0.005)
    raise AssertionError("the readers did not gather")


def test_concurrent_reads_share_the_next_round_trip_to_redis() -> None:
    store = BlockingStore()
    reads = ReadBatcher(store.fetch)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(reads.get, "a")
        assert store.started.acquire(timeout=60)
        later = [pool.submit(reads.get, key) for key in ("b", "a", "nothing", "b")]
        _await(reads, 3)
        store.release_one.release(9)
        assert first.result(60) == b"a"
        assert [one.result(60) for one in later] == [b"b", b"a", None, b"b"]
    assert [sorted(trip) for trip in store.round_trips[1:]] in (
        [["a", "b", "nothing"]],
        [["a", "b", "nothing"], ["b"]],
    )


def test_after_an_error_reached_a_reader_the_next_read_works() -> None:
    store = BlockingStore()
    reads = ReadBatcher(store.fetch)
    store.broken = True
    store.release_one.release(9)
    with pytest.raises(QueueUnavailable, match="away"):
        reads.get("a")
    store.broken = False
    assert reads.get("a") == b"a"


def test_if_a_shared_read_fails_each_of_its_readers_gets_the_error() -> None:
    store = BlockingStore()
    reads = ReadBatcher(store.fetch)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(reads.get, "a")
        assert store.started.acquire(timeout=60)
        later = [pool.submit(reads.get, key) for key in ("b", "c")]
        _await(reads, 2)
        store.broken = True
        store.release_one.release(9)
        for reader in (first, *later):
            with pytest.raises(QueueUnavailable, match="away"):
                reader.result(60)
    assert [sorted(trip) for trip in store.round_trips] == [["a"], ["b", "c"]]


def test_a_key_that_cannot_be_requested_fails_only_its_own_reader() -> None:
    store = BlockingStore()
    reads = ReadBatcher(store.fetch)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(reads.get, "a")
        assert store.started.acquire(timeout=60)
        later = {key: pool.submit(reads.get, key) for key in ("b", "\ud800", "nothing")}
        _await(reads, 3)
        store.release_one.release(9)
        assert [first.result(60), later["b"].result(60), later["nothing"].result(60)] == [b"a", b"b", None]
        with pytest.raises(UnicodeEncodeError):
            later["\ud800"].result(60)
    assert reads.get("c") == b"c"


class Killed(BaseException):
    """Stands for the exception with which gevent ends a greenlet."""


class KilledInQueue:
    """A lock whose waiter is killed."""

    def __enter__(self) -> None:
        raise Killed

    def __exit__(self, *_: object) -> None:
        """Do nothing."""


def test_other_reads_work_after_a_reader_was_killed_while_waiting_for_the_lock() -> None:
    store = BlockingStore()
    store.release_one.release(99)
    reads = ReadBatcher(store.fetch)
    kept, reads._fetching = reads._fetching, KilledInQueue()  # type: ignore[assignment]
    with pytest.raises(Killed):
        reads.get("b")
    reads._fetching = kept
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(reads.get, "d").result(60) == b"d"


def test_if_the_reader_that_fetches_for_all_is_killed_a_waiting_reader_fetches_its_own_key() -> None:
    store = BlockingStore()
    reads = ReadBatcher(store.fetch)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(reads.get, "a")
        assert store.started.acquire(timeout=60)
        store.death = Killed
        leader = pool.submit(reads.get, "b")
        _await(reads, 1)
        follower = pool.submit(reads.get, "c")
        _await(reads, 2)
        store.release_one.release(9)
        assert (first.result(60), follower.result(60)) == (b"a", b"c")
        with pytest.raises(Killed):
            leader.result(60)


def test_a_reader_that_waits_too_long_for_an_earlier_fetch_gets_an_error() -> None:
    store = BlockingStore()
    reads = ReadBatcher(store.fetch)
    with ThreadPoolExecutor(8) as pool:
        pool.submit(reads.get, "a")
        assert store.started.acquire(timeout=60)
        pool.submit(reads.get, "b")
        _await(reads, 1)
        reads._max_wait_seconds = 0.05  # this changes only the wait of the next reader
        with pytest.raises(QueueUnavailable, match="does not end"):
            reads.get("c")
        store.release_one.release(9)
