"""RqQueue and its circuit breaker send each job once, within the capacity and the time limit, over a real
Redis."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from judge_api.dispatch.circuit_breaker import CircuitBreaker
from judge_api.dispatch.rq_queue import JOB_FUNCTION, RqQueue, popped_key
from judge_api.store.tables import new_id
from judge_core.clock import Clock
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable
from judge_core.model.routing import Pool
from judge_core.redis.client import create_redis_client
from judge_core.redis.worker_registry import WorkerRegistry
from tests.support.records import SIGNER, a_worker, job_of, lease_of
from tests.support.redis_server import RedisServer


@pytest.fixture
def rq_queue(redis_server: RedisServer) -> RqQueue:
    return RqQueue(create_redis_client(redis_server.url, 5.0), SIGNER)


def _request(tier: Tier = Tier.NORMAL, source: str = "print(1)") -> JudgeRequest:
    return JudgeRequest(new_id(), 1, tier, "python3", source)


@pytest.mark.parametrize("lines", [1, 2_000], ids=["plain", "compressed"])
def test_rq_s_own_queue_finds_the_job_with_its_request(
    redis_server: RedisServer, rq_queue: RqQueue, lines: int
) -> None:
    request = _request(source="print('ä')\n" * lines)
    assert rq_queue.send(Tier.NORMAL, [request])
    queue = Queue("normal", connection=redis_server.client(), serializer=JSONSerializer)
    (job,) = queue.get_jobs()
    assert (job.id, job.func_name) == (job_of(request.submission, 1), JOB_FUNCTION)
    proof = SIGNER.proof(request.submission, 1)
    secret = SIGNER.job_secret(request.submission, 1)
    assert JudgeRequest.load(job.args[0]) == replace(
        request,
        proof=proof,
        job_secret=secret,
        submission_secret=SIGNER.submission_secret(request.submission),
    )


def test_in_a_job_only_the_request_contains_the_source(redis_server: RedisServer, rq_queue: RqQueue) -> None:
    request = _request(source="a secret of the author")
    rq_queue.send(Tier.NORMAL, [request])
    fields: dict[Any, Any] = redis_server.client().hgetall(Job.key_for(job_of(request.submission, 1)))
    assert b"secret" not in b"".join(value for key, value in fields.items() if key != b"data")


def test_a_job_that_is_sent_twice_is_in_the_queue_once(rq_queue: RqQueue) -> None:
    request = _request()
    rq_queue.send(Tier.NORMAL, [request])
    rq_queue.send(Tier.NORMAL, [request])
    assert rq_queue.depth(Tier.NORMAL).waiting == 1


_POOL = Pool(Tier.NORMAL, "normal", tuple(a_worker(f"normal-{n}", "python3") for n in range(5)))
_SENDERS: dict[str, Callable[[RqQueue, JudgeRequest], bool]] = {
    "send": lambda queue, request: queue.send("normal", [request]),
    "send ahead": lambda queue, request: queue.send_ahead("normal", [request]),
    "lend an idle worker": lambda queue, request: queue.lend_idle(_POOL, request),
    "lend the front": lambda queue, request: queue.lend_front(_POOL, request),
}


@pytest.mark.parametrize("first", [True, False], ids=["first without secrets", "first with secrets"])
@pytest.mark.parametrize("again", _SENDERS)
def test_a_job_sent_with_both_values_of_gavel_accept_unproven_reports_is_queued_once(
    redis_server: RedisServer, again: str, first: bool
) -> None:
    """An API process sends each submission at once. A dispatcher with the other value may send it again a few
    seconds later."""
    queues = [
        RqQueue(create_redis_client(redis_server.url, 5.0), SIGNER, accepts_unproven=accepts)
        for accepts in (first, not first)
    ]
    request = _request(Tier.PREMIUM)
    assert queues[0].send("normal", [_request()])
    assert queues[0].send("normal", [request])
    assert _SENDERS[again](queues[1], request)
    assert queues[1].depth(Tier.NORMAL).waiting == 2
    assert _SENDERS[again](queues[1], _request(Tier.PREMIUM))
    assert queues[1].depth(Tier.NORMAL).waiting == 3


@pytest.mark.parametrize("send", _SENDERS.values(), ids=_SENDERS)
def test_a_job_is_sent_although_the_keys_of_jobs_have_a_wrong_type(
    redis_server: RedisServer, rq_queue: RqQueue, send: Callable[[RqQueue, JudgeRequest], bool]
) -> None:
    first, request = _request(), _request(Tier.PREMIUM)
    rq_queue.send(Tier.NORMAL, [first])
    for each in (first, request):
        redis_server.client().unlink(Job.key_for(job_of(each.submission, 1)))
        redis_server.client().set(Job.key_for(job_of(each.submission, 1)), "odd")
    assert send(rq_queue, request)
    assert rq_queue.depth(Tier.NORMAL).waiting == 2
    assert redis_server.client().hexists(Job.key_for(job_of(request.submission, 1)), "data")


def test_premium_and_normal_jobs_are_in_different_queues(rq_queue: RqQueue) -> None:
    rq_queue.send(Tier.PREMIUM, [_request(Tier.PREMIUM)])
    assert rq_queue.depth(Tier.PREMIUM).waiting == 1
    assert rq_queue.depth(Tier.NORMAL).waiting == 0


def test_no_job_is_sent_beyond_the_capacity_of_a_queue(rq_queue: RqQueue) -> None:
    rq_queue.set_capacity(Tier.NORMAL, 3)
    assert rq_queue.send(Tier.NORMAL, [_request() for _ in range(3)])
    assert not rq_queue.send(Tier.NORMAL, [_request()])
    depth = rq_queue.depth(Tier.NORMAL)
    assert (depth.waiting, depth.free) == (3, 0)


def test_the_jobs_of_a_thousand_workers_are_sent_together_and_in_order(
    redis_server: RedisServer, rq_queue: RqQueue
) -> None:
    requests = [_request() for _ in range(8_100)]  # Lua can unpack at most 8,000 values
    rq_queue.set_capacity(Tier.NORMAL, len(requests))
    assert rq_queue.send(Tier.NORMAL, requests)
    waiting: Any = redis_server.client().lrange("rq:queue:normal", 0, -1)
    assert [id.decode() for id in waiting] == [job_of(each.submission, 1) for each in requests]


def test_a_paused_queue_accepts_no_job_and_keeps_its_capacity(
    redis_server: RedisServer, rq_queue: RqQueue
) -> None:
    rq_queue.set_capacity(Tier.NORMAL, 3)
    WorkerRegistry(redis_server.url).pause(Tier.NORMAL, True)
    assert not rq_queue.send(Tier.NORMAL, [_request()])
    assert rq_queue.send(Tier.PREMIUM, [_request(Tier.PREMIUM)])
    paused = rq_queue.depth(Tier.NORMAL)
    assert (paused.waiting, paused.capacity, paused.free) == (0, 3, 0)


def test_a_removed_job_is_not_among_the_popped_jobs(redis_server: RedisServer, rq_queue: RqQueue) -> None:
    request = _request()
    rq_queue.send(Tier.NORMAL, [request])
    redis_server.client().lmove("rq:queue:normal", popped_key(Tier.NORMAL))
    id = job_of(request.submission, 1)
    assert redis_server.client().exists(Job.key_for(id))
    rq_queue.remove_job(id)
    assert not redis_server.client().exists(Job.key_for(id))
    assert rq_queue.popped_jobs() == []


def test_revoking_an_attempt_keeps_the_lease_of_a_later_attempt(
    redis_server: RedisServer, rq_queue: RqQueue
) -> None:
    client = redis_server.client()
    client.set(lease_of("s"), "1:zombie")
    rq_queue.revoke("s", 1)
    assert client.get(lease_of("s")) == b"2:-"
    client.set(lease_of("s"), "2:other")
    rq_queue.revoke("s", 1)
    assert client.get(lease_of("s")) == b"2:other"


def test_sending_to_a_hanging_redis_ends_with_queue_unavailable(redis_server: RedisServer) -> None:
    rq_queue = RqQueue(create_redis_client(redis_server.url, 0.15), SIGNER)
    redis_server.hang()
    for _ in range(3):  # without a time limit the first call would not return
        with pytest.raises(QueueUnavailable):
            rq_queue.send(Tier.NORMAL, [_request()])


@pytest.mark.parametrize(
    "setting", [("maxmemory", "1"), ("min-replicas-to-write", "1")], ids=["out of memory", "not writable"]
)
def test_a_redis_that_refuses_writes_counts_as_unavailable(
    redis_server: RedisServer, rq_queue: RqQueue, setting: tuple[str, str]
) -> None:
    redis_server.client().config_set(*setting)
    with pytest.raises(QueueUnavailable):
        rq_queue.send(Tier.NORMAL, [_request()])


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_open_circuit_breaker_lets_a_single_caller_try_each_second(
    redis_server: RedisServer, rq_queue: RqQueue
) -> None:
    clock = _Clock()
    breaker = CircuitBreaker(rq_queue, failures=2, retry_seconds=1.0, clock=Clock(monotonic=clock))
    redis_server.stop()
    for _ in range(2):
        assert breaker.ready()
        with pytest.raises(QueueUnavailable):
            breaker.send(Tier.NORMAL, [_request()])
    assert not breaker.ready()
    clock.now = 1.1
    assert [breaker.ready(), breaker.ready()] == [True, False]
    redis_server.start()
    assert breaker.send(Tier.NORMAL, [_request()])
    assert breaker.ready()


def test_job_data_is_json(redis_server: RedisServer, rq_queue: RqQueue) -> None:
    request = _request()
    rq_queue.send(Tier.NORMAL, [request])
    job = Job.fetch(
        job_of(request.submission, 1), connection=redis_server.client(), serializer=JSONSerializer
    )
    assert json.loads(job.data)[0] == JOB_FUNCTION
