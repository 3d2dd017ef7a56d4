"""Odd entries in Redis are set aside, and the server's loops go on. Each input of the loops is tested."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from sqlalchemy import Engine

from judge_api.dispatch.metrics import Counters
from judge_api.dispatch.queue_capacity import QueueCapacity
from judge_api.dispatch.queue_sampler import QueueSampler
from judge_api.dispatch.redis_key_check import KEY_TYPES, RedisKeyCheck
from judge_api.dispatch.rq_queue import popped_key, queue_key
from judge_api.store.queue_samples import QueueSampleStore
from judge_core.model.account import Tier
from judge_core.model.submission import Stage
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import (
    COUNTERS_KEY,
    REPORTS_STREAM,
    SILENT_WORKERS_SET,
    WORKERS_SET,
    moved_aside_key,
    queue_capacity_key,
    worker_key,
)
from judge_core.redis.unreadable_entries import MAX_KEPT, EntrySource, UnreadableEntries
from judge_core.redis.worker_registry import MAX_WORKERS, WorkerRegistry
from tests.integration.dispatch_fixture import DispatchFixture
from tests.support.records import finished, job_of, lease_of

pytestmark = pytest.mark.slow_on("postgresql")  # test_dispatch.py tests both databases

ODD = b"\xff\x00\x1b[2J"
Write = Callable[[Redis], object]

ODD_ENTRIES: dict[str, tuple[EntrySource, Write]] = {
    "an id in a queue": (EntrySource.QUEUE, lambda redis: redis.rpush(queue_key(Tier.PREMIUM), ODD)),
    "an id of popped jobs": (EntrySource.QUEUE, lambda redis: redis.rpush(popped_key(Tier.NORMAL), ODD)),
    "a very long id": (EntrySource.QUEUE, lambda redis: redis.rpush(queue_key(Tier.NORMAL), b"x" * 100_000)),
    "a report": (EntrySource.REPORTS, lambda redis: redis.xadd(REPORTS_STREAM, {"report": ODD})),
    "a report's submission": (
        EntrySource.REPORTS,
        lambda redis: redis.xadd(REPORTS_STREAM, {"submission": ODD, "attempt": "1", "report": "{}"}),
    ),
    "a report's field": (EntrySource.REPORTS, lambda redis: redis.xadd(REPORTS_STREAM, {ODD: ODD})),
    "a report nested 100,000 deep": (
        EntrySource.REPORTS,
        lambda redis: redis.xadd(REPORTS_STREAM, {"report": "[" * 100_000}),
    ),
    "a report's attempt of 30 digits": (
        EntrySource.REPORTS,
        lambda redis: redis.xadd(REPORTS_STREAM, {"submission": "a", "attempt": "1" * 30, "report": "{}"}),
    ),
    "a worker's name": (EntrySource.WORKERS, lambda redis: redis.sadd(WORKERS_SET, ODD)),
    "a worker's record": (
        EntrySource.WORKERS,
        lambda redis: (redis.sadd(WORKERS_SET, "thief"), redis.set(worker_key("thief"), ODD)),
    ),
    "a set of too many workers": (
        EntrySource.WORKERS,
        lambda redis: redis.sadd(WORKERS_SET, *map(str, range(MAX_WORKERS + 1))),
    ),
}
"""Odd entries for each input of the server's loops: where they are counted, and how they are written."""


class Loops:
    """Runs one step of each of the dispatcher's loops that use Redis."""

    def __init__(self, dispatch: DispatchFixture, engine: Engine) -> None:
        self._dispatch = dispatch
        redis = create_redis_client(dispatch.redis.url, 2.0)
        self.unreadable_entries = UnreadableEntries(redis)
        registry = WorkerRegistry(dispatch.redis.url, unreadable_entries=self.unreadable_entries)
        self.key_check = RedisKeyCheck(redis)
        self._capacity = QueueCapacity(dispatch.queue, registry)
        self._sampler = QueueSampler(QueueSampleStore(engine), registry)
        self._registry = registry
        self._counters = Counters(dispatch.redis.url)

    def run_all(self) -> None:
        self.key_check.check_once()
        self._counters.add({"attempts|finished": 1})
        self._dispatch.relay.relay_once()
        self._dispatch.consumer.consume_once()
        self._dispatch.consumer.claim_orphaned()
        self._dispatch.reconciler.reconcile_once()
        self._capacity.adjust()
        self._sampler.sample_once()
        self._registry.silent_workers()

    def counts(self) -> dict[EntrySource, int]:
        return {source: count for source, count in self.unreadable_entries.summary().counts.items() if count}


@pytest.fixture
def loops(dispatch: DispatchFixture, engine: Engine) -> Loops:
    return Loops(dispatch, engine)


@contextmanager
def an_honest_submission_is_repaired(dispatch: DispatchFixture) -> Iterator[None]:
    """Checks that a submission gets its next attempt if its worker dies during the block."""
    id = dispatch.enqueue()
    dispatch.lease(id)
    dispatch.lose_lease(id)
    yield
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 2


@pytest.mark.parametrize("name", ODD_ENTRIES)
def test_an_unreadable_entry_is_set_aside_and_no_loop_stops(
    dispatch: DispatchFixture, loops: Loops, name: str
) -> None:
    source, write = ODD_ENTRIES[name]
    with an_honest_submission_is_repaired(dispatch):
        write(dispatch.redis.client())
        loops.run_all()
        loops.run_all()
    assert loops.counts() == {source: 1}
    (entry,) = loops.unreadable_entries.summary().latest
    assert entry.source is source
    assert entry.reason
    assert entry.content.isprintable()


@pytest.mark.parametrize("key", KEY_TYPES)
def test_a_key_of_the_wrong_type_is_moved_aside_and_no_loop_stops(
    dispatch: DispatchFixture, loops: Loops, key: str
) -> None:
    client = dispatch.redis.client()
    client.delete(key)
    if KEY_TYPES[key] == "string":
        client.rpush(key, "odd")
    else:
        client.set(key, "odd")
    loops.run_all()
    with an_honest_submission_is_repaired(dispatch):
        loops.run_all()
    assert client.exists(moved_aside_key(key)), "the old content of the key must be kept"
    assert loops.key_check.check_once() == 0
    if key != COUNTERS_KEY:
        assert loops.counts()[EntrySource.KEYS] == 1


@pytest.mark.parametrize("kind", ["another type", "bytes", "words", "a huge attempt"])
def test_an_unreadable_lease_counts_as_no_lease(dispatch: DispatchFixture, kind: str) -> None:
    id = dispatch.enqueue()
    dispatch.lease(id)
    client, key = dispatch.redis.client(), lease_of(id)
    client.delete(key)
    if kind == "another type":
        client.rpush(key, "1:w")
    else:
        values: dict[str, bytes | str] = {
            "bytes": ODD,
            "words": "a lease",
            "a huge attempt": "9" * 400 + ":w",
        }
        client.set(key, values[kind], px=60_000)
    dispatch.reconcile()
    assert dispatch.status(id).attempt == 2
    assert dispatch.relay.relay_once().sent == 1


def test_a_pool_s_queue_of_the_wrong_type_is_moved_aside_before_its_first_job(
    dispatch: DispatchFixture, loops: Loops
) -> None:
    """A Redis that was started again without data does not know this queue of a pool, but the pool's workers
    read it."""
    redis = dispatch.redis.client()
    redis.set(queue_key("normal.jvm"), b"odd")
    loops.key_check.check_once()
    assert redis.exists(queue_key("normal.jvm")), "the key must stay while no worker has this queue"
    RedisKeyCheck(redis, worker_queues=lambda: ["normal.jvm"]).check_once()
    assert not redis.exists(queue_key("normal.jvm"))
    assert loops.counts() == {EntrySource.KEYS: 1}


def test_a_job_key_of_the_wrong_type_does_not_hold_up_the_queue(dispatch: DispatchFixture) -> None:
    id, other = dispatch.post(), dispatch.post()
    dispatch.redis.client().set("rq:job:" + job_of(id, 1), ODD)
    assert dispatch.relay.relay_once().sent == 2
    waiting = dispatch.redis.client().lrange(queue_key(Tier.NORMAL), 0, -1)
    assert waiting == [job_of(id, 1).encode(), job_of(other, 1).encode()]


@pytest.mark.parametrize("value", [ODD, b"many", b"1e30", b"-5", b"9" * 400, b""])
def test_an_invalid_queue_capacity_is_replaced(dispatch: DispatchFixture, loops: Loops, value: bytes) -> None:
    dispatch.redis.client().set(queue_capacity_key(Tier.NORMAL), value)
    id = dispatch.enqueue()
    loops.run_all()
    assert (dispatch.redis.client().get(queue_capacity_key(Tier.NORMAL)) or b"").isdigit()
    assert dispatch.status(id).stage is Stage.QUEUED


def test_invalid_counters_are_ignored_and_begin_again_at_zero(dispatch: DispatchFixture) -> None:
    counters = Counters(dispatch.redis.url)
    dispatch.redis.client().hset(COUNTERS_KEY, mapping={"a": ODD, ODD: "1", "b": "1e9", "c": "9" * 99})
    assert counters.read() == {}
    counters.add({"a": 2, "b": 3})
    assert counters.read() == {"a": 2, "b": 3}


def test_a_report_between_odd_reports_is_recorded(dispatch: DispatchFixture) -> None:
    id = dispatch.enqueue()
    dispatch.lease(id)
    client = dispatch.redis.client()
    client.xadd(REPORTS_STREAM, {"report": ODD})
    dispatch.add_report(finished(id))
    client.xadd(REPORTS_STREAM, {"report": '{"version":1,"kind":"started","attempt":1e300}'})
    dispatch.consume()
    assert dispatch.status(id).stage is Stage.DONE
    assert client.xlen(REPORTS_STREAM) == 0


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("attempt", 1e30),
        ("attempt", [1]),
        ("attempt", True),
        ("worker", 5),
        ("at", "yesterday"),
        ("timings", {"judged_ms": "soon"}),
        ("outcome.cpu_ms", "x"),
        ("outcome.cpu_ms", -1),
        ("outcome.memory_kb", 2**40),
        ("outcome.score", float("inf")),
        ("outcome.tests", [5]),
        ("outcome.tests", [{"name": "1", "verdict": "AC", "cpu_ms": "x", "wall_ms": 1, "memory_kb": 1}]),
        ("outcome.sandbox", "none"),
        ("outcome.compile_output", "\ud800"),
    ],
)
def test_a_report_with_an_odd_value_is_refused_and_the_next_report_is_recorded(
    dispatch: DispatchFixture, loops: Loops, place: str, value: object
) -> None:
    id, other = dispatch.enqueue(), dispatch.enqueue()
    report = json.loads(finished(id).dump())
    target = report["outcome"] if place.startswith("outcome.") else report
    target[place.removeprefix("outcome.")] = value
    dispatch.redis.client().xadd(REPORTS_STREAM, {"report": json.dumps(report)})
    dispatch.add_report(finished(other))
    dispatch.consume()
    assert dispatch.status(id).outcome is None
    assert dispatch.status(other).stage is Stage.DONE
    assert loops.counts() == {EntrySource.REPORTS: 1}


def test_all_odd_entries_of_a_queue_are_counted_and_a_bounded_number_is_kept(
    dispatch: DispatchFixture, loops: Loops
) -> None:
    client, count = dispatch.redis.client(), MAX_KEPT + 100
    client.rpush(queue_key(Tier.NORMAL), *(ODD + str(n).encode() for n in range(count)))
    loops.run_all()
    assert loops.counts() == {EntrySource.QUEUE: count}
    assert len(loops.unreadable_entries.summary(10_000).latest) == MAX_KEPT
    assert client.llen(queue_key(Tier.NORMAL)) == 0


def test_two_dispatchers_count_an_unreadable_entry_once(dispatch: DispatchFixture, loops: Loops) -> None:
    dispatch.redis.client().sadd(WORKERS_SET, ODD)
    other = WorkerRegistry(dispatch.redis.url, unreadable_entries=loops.unreadable_entries)
    loops.run_all()
    other.workers()
    assert loops.counts() == {EntrySource.WORKERS: 1}


def test_an_odd_entry_among_the_lost_workers_is_skipped(dispatch: DispatchFixture, loops: Loops) -> None:
    dispatch.redis.client().zadd(SILENT_WORKERS_SET, {ODD: 9e15})
    loops.run_all()
