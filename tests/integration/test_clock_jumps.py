"""If the clock of a process jumps, no work is delayed or sent twice, and times stay right."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from limits import RateLimitItemPerMinute
from sqlalchemy import Engine

from judge_api.compat.judge0.responses import callback_body
from judge_api.dispatch.queue_sampler import QueueSampler
from judge_api.services.rate_limits import LocalRateLimitStorage, RateLimits, RedisRateLimitStorage
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_api.store.webhook_deliveries import DeliveryResult, DeliveryState, DeliveryStore, MessageFormat
from judge_api.store.webhooks import WebhookStore
from judge_api.webhooks.delivery_worker import DeliveryWorker, event_body
from judge_api.webhooks.http_sender import HttpSender, WebhookRequest
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.clock import Clock
from judge_core.model.account import Tier
from judge_core.model.errors import QuotaExceeded
from judge_core.model.queue_sample import QueueSample
from judge_core.model.submission import rfc3339
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.redis.client import PersistentConnections
from judge_core.redis.keys import RATE_LIMIT_PREFIX, WORKERS_SET, worker_key
from judge_core.redis.worker_registry import WorkerRegistry
from tests.integration.dispatch_fixture import DispatchFixture
from tests.support.records import a_worker, add_account, finished, new_submission
from tests.support.redis_server import RedisServer
from workers.judging.shared_cache_folder import evict_least_recently_used
from workers.package_cache import PackageCache

pytestmark = pytest.mark.slow_on("postgresql")  # test_dispatch.py tests both databases

JUMPS = pytest.mark.parametrize(
    "jump", [timedelta(days=1), timedelta(hours=-1)], ids=["a-day-ahead", "an-hour-back"]
)
_LEASE_SECONDS = 30.0


@JUMPS
def test_the_times_in_a_report_are_corrected_by_redis_clock(
    engine: Engine, redis_server: RedisServer, jump: timedelta
) -> None:
    dispatch = DispatchFixture(engine, redis_server)
    id = dispatch.enqueue()
    dispatch.lease(id, worker="normal-1")
    ended = datetime.now(UTC) + jump
    began = ended - timedelta(seconds=7)
    dispatch.add_report(finished(id, at=rfc3339(ended), started_at=rfc3339(began)))
    dispatch.consume()
    status = dispatch.status(id)
    assert status.finished_at is not None
    assert status.started_at is not None
    assert abs(status.finished_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert status.finished_at - status.started_at == timedelta(seconds=7)


def _judged_with_webhook(engine: Engine, deliveries: DeliveryStore) -> None:
    account = add_account(engine)
    WebhookStore(engine).add(account, "http://127.0.0.1:9/")
    id = SubmissionStore(engine).accept(new_submission(account)).status.id
    assert VerdictStore(engine, lambda: deliveries._clock()).record(finished(id)) is not None


class MovedClock:
    """A wall clock that a test sets."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


@JUMPS
@pytest.mark.parametrize("tried", [0, 1], ids=["the-first-try", "a-retry"])
def test_a_webhook_message_does_not_wait_for_a_clock_that_was_ahead(
    engine: Engine, jump: timedelta, tried: int
) -> None:
    clock = MovedClock()
    deliveries = DeliveryStore(engine, clock)
    clock.offset = max(timedelta(), jump)
    _judged_with_webhook(engine, deliveries)
    if tried:
        (one,) = deliveries.claim(1, _LEASE_SECONDS)
        again = clock() + timedelta(seconds=5)
        deliveries.record([DeliveryResult(one, DeliveryState.PENDING, 503, "away", again)])
    clock.offset = min(timedelta(), jump)
    assert len(deliveries.due(10)) == 1
    assert len(deliveries.claim(10, _LEASE_SECONDS)) == 1


@JUMPS
def test_a_message_claimed_by_a_dead_sender_with_a_wrong_clock_is_claimed_again(
    engine: Engine, jump: timedelta
) -> None:
    clock = MovedClock()
    deliveries = DeliveryStore(engine, clock)
    clock.offset = jump
    _judged_with_webhook(engine, deliveries)
    assert len(deliveries.claim(1, _LEASE_SECONDS)) == 1
    assert deliveries.claim(1, _LEASE_SECONDS) == []
    clock.offset = timedelta()
    assert len(deliveries.claim(1, _LEASE_SECONDS)) == 1


def test_a_failed_webhook_message_waits_for_its_pause(engine: Engine) -> None:
    clock = MovedClock()
    deliveries = DeliveryStore(engine, clock)
    _judged_with_webhook(engine, deliveries)
    (one,) = deliveries.claim(1, _LEASE_SECONDS)
    again = clock() + timedelta(seconds=5)
    deliveries.record([DeliveryResult(one, DeliveryState.PENDING, 503, "away", again)])
    assert deliveries.claim(1, _LEASE_SECONDS) == []
    clock.offset = timedelta(seconds=6)
    assert len(deliveries.claim(1, _LEASE_SECONDS)) == 1


class HeldSender(HttpSender):
    """Counts the requests, and answers them only when ``may_answer`` is set."""

    def __init__(self) -> None:
        super().__init__(UrlPolicy([ip_network("127.0.0.0/8")]))
        self.may_answer = threading.Event()
        self.sent = 0

    def send(self, request: WebhookRequest) -> int:
        self.sent += 1
        assert self.may_answer.wait(30)
        return 204


@JUMPS
def test_a_webhook_message_that_is_being_sent_is_not_sent_again_after_a_jump_of_the_clock(
    engine: Engine, jump: timedelta
) -> None:
    clock, sender = MovedClock(), HeldSender()
    deliveries = DeliveryStore(engine, clock)
    writers = {MessageFormat.GAVEL: event_body, MessageFormat.JUDGE0: callback_body}
    worker = DeliveryWorker(deliveries, SubmissionStore(engine), sender, writers)
    _judged_with_webhook(engine, deliveries)
    assert worker.begin() == 1
    clock.offset = jump
    assert worker.begin() == 0
    sender.may_answer.set()
    worker.finish(30)
    assert (sender.sent, deliveries.count(DeliveryState.DELIVERED)) == (1, 1)


def test_a_rate_limit_that_a_process_counts_itself_ends_by_the_monotonic_clock() -> None:
    now = 0.0
    limits = RateLimits(LocalRateLimitStorage(Clock(monotonic=lambda: now)))
    item = RateLimitItemPerMinute(2)
    limits.count(item, "acts", "ada")
    limits.count(item, "acts", "ada")
    with pytest.raises(QuotaExceeded) as refused:
        limits.count(item, "acts", "ada")
    assert refused.value.retry_after == pytest.approx(60, abs=1)
    limits.take_back(item, "acts", "ada")
    limits.take_back(item, "acts", "ada")
    limits.count(item, "acts", "ada")
    now = 61.0
    limits.count(item, "acts", "ada")
    limits.count(item, "acts", "ada")


@pytest.mark.parametrize("days", [None, 30], ids=["no expiry", "a month"])
def test_a_rate_limit_in_redis_ends_although_the_expiry_of_its_key_is_missing_or_late(
    redis_server: RedisServer, days: int | None
) -> None:
    client = redis_server.client()
    storage = RedisRateLimitStorage(PersistentConnections(client))
    assert storage.incr_timed("acts", 60) == (1, 60)
    key = f"{RATE_LIMIT_PREFIX}acts"
    assert client.persist(key) if days is None else client.expire(key, timedelta(days=days))
    assert storage.get("acts") == (0 if days is None else 1)
    assert storage.incr_timed("acts", 60) == (2, 60)
    left: Any = client.ttl(key)
    assert 0 < left <= 60
    assert storage.get("acts") == 2


def test_samples_of_the_queues_have_redis_time_and_are_kept_for_a_day(
    engine: Engine, redis_server: RedisServer
) -> None:
    """Samples do not use a dispatcher's own clock, so a jump of that clock deletes no samples."""
    samples = QueueSampleStore(engine)
    kept = QueueSample(datetime.now(UTC) - timedelta(hours=23), Tier.NORMAL, 1, 0, 0, 1, 0, None, None)
    samples.add([kept])
    registry = WorkerRegistry(redis_server.url)
    QueueSampler(samples, registry).sample_once()
    at = [sample.at for sample in samples.since(datetime.now(UTC) - timedelta(days=1))]
    assert len(at) == 1 + len(DEFAULT_TIERS)
    assert abs(at[-1] - registry.redis_now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("given_ms", "most_ms"),
    [(None, 3_600_000), (30 * 86_400_000, 3_600_000), (9_000, 9_000)],
    ids=["no expiry", "a month", "the usual one"],
)
def test_the_record_of_a_dead_worker_does_not_stay_for_ever(
    redis_server: RedisServer, given_ms: int | None, most_ms: int
) -> None:
    client, registry = redis_server.client(), WorkerRegistry(redis_server.url)
    client.set(worker_key("w"), a_worker("w", "python3").dump(), px=given_ms)
    client.sadd(WORKERS_SET, "w")
    assert [worker.name for worker in registry.workers()] == ["w"]
    left: Any = client.pttl(worker_key("w"))
    assert 0 < left <= most_ms


def test_a_partial_package_that_another_worker_is_loading_is_not_removed(tmp_path: Path) -> None:
    cache = PackageCache(tmp_path, "http://127.0.0.1:9", "token")
    parts = [tmp_path / f".part-{letter * 64}" for letter in "ab"]
    for part in parts:
        part.write_bytes(b"half")
        os.utime(part, (time.time() - 90_000,) * 2)
    with (tmp_path / f".{'a' * 64}.lock").open("w") as loading:
        fcntl.flock(loading, fcntl.LOCK_EX)
        cache._remove_leftovers()
    assert [part.exists() for part in parts] == [True, False]


def test_entries_of_a_cache_can_be_removed_after_a_clock_was_set_back(tmp_path: Path) -> None:
    for name, age in (("ahead", -86_400), ("fresh", 0)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "content").write_bytes(bytes(1000))
        os.utime(folder, (time.time() - age,) * 2)
    evict_least_recently_used(list(tmp_path.iterdir()), tmp_path, 1500)
    assert [path.name for path in tmp_path.iterdir()] == ["fresh"]
