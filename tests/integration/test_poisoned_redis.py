"""No honest submission is lost while thousands of odd entries are written into every stream and key of Redis.

The tests use a whole dispatcher and workers on real databases. Each worker has its own Redis user
(deploy/redis/users.acl).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ResponseError
from sqlalchemy import Engine

from judge_api.dispatch.rq_queue import queue_key
from judge_core.messages import JudgeRequest, Report, ReportKind
from judge_core.model.account import Tier
from judge_core.model.submission import Stage, Verdict
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.redis.keys import (
    COUNTERS_KEY,
    SILENT_WORKERS_SET,
    lease_key,
    popped_jobs_key,
    queue_capacity_key,
    reports_stream,
    worker_key,
    workers_set,
)
from judge_core.redis.unreadable_entries import UnreadableEntries
from tests.integration.installation_fixture import Installation, until
from tests.integration.redis_users_fixture import WORKERS, secure_redis
from tests.support.records import finished, job_of, live_of

COUNT = 2_000
HONEST = 40
USERS = (None, *(f"worker-{name}" for name in WORKERS))
THIEF = "worker-thief"


@pytest.fixture
def installation(engine: Engine, tmp_path: Path) -> Iterator[Installation]:
    with secure_redis(tmp_path) as redis:
        redis.client("server").ping()
        yield Installation(engine, redis, tmp_path)


def poison(redis: Redis, honest: list[str], start: int, end: int) -> None:
    """Write odd entries into every stream and key, as an operator's user could."""
    pipeline = redis.pipeline(transaction=False)
    for n in range(start, end):
        odd = b"\xff\xfe" + str(n).encode()
        for tier in DEFAULT_TIERS:
            pipeline.rpush(queue_key(tier), odd)
        for user in USERS:
            pipeline.rpush(popped_jobs_key(user, Tier.NORMAL), odd)
            pipeline.sadd(workers_set(user), odd)
            pipeline.xadd(reports_stream(user), {"report": odd, b"\xff": odd})
        id = honest[n % len(honest)]
        forged = replace(finished(id, verdict=Verdict.CE), worker="worker-thief@x")
        pipeline.xadd(reports_stream(THIEF), {"submission": id, "attempt": "1", "report": forged.dump()})
        pipeline.set(live_of(id), odd)
        pipeline.set(worker_key(f"odd-{n}"), odd, ex=60)
        pipeline.hset(COUNTERS_KEY, odd, odd)
        pipeline.zadd(SILENT_WORKERS_SET, {odd: time.time()})
        pipeline.set(lease_key(f"odd-{n}"), odd, ex=60)
        pipeline.set(queue_capacity_key(Tier.NORMAL), odd)
    pipeline.execute()


@pytest.mark.slow_on("postgresql")
def test_no_submission_is_lost_among_thousands_of_odd_entries_in_redis(installation: Installation) -> None:
    server = installation.redis.client("server")
    with installation.running():
        honest = installation.post(HONEST // 4)
        for start in range(0, COUNT, COUNT // 4):
            poison(server, honest, start, start + COUNT // 4)
            honest += installation.post(HONEST // 8)
        until(lambda: all(installation.status(id).stage is Stage.DONE for id in honest))
        odd = UnreadableEntries(server)
        until(lambda: sum(odd.summary().counts.values()) >= COUNT * (2 * len(USERS) + 1))
    for id in honest:
        outcome = installation.status(id).outcome
        assert outcome is not None
        assert outcome.verdict is Verdict.AC, "a forged verdict was recorded"


@pytest.mark.slow
def test_no_submission_is_lost_if_redis_keys_have_the_wrong_type(installation: Installation) -> None:
    server = installation.redis.client("server")
    keys = [queue_key(Tier.NORMAL), *map(reports_stream, USERS), *map(workers_set, USERS), COUNTERS_KEY]
    with installation.running():
        honest = installation.post(5)
        for key in keys:
            server.set(key, "odd")
        honest += installation.post(5)
        until(lambda: all(installation.status(id).stage is Stage.DONE for id in honest))


@pytest.mark.parametrize(
    "words",
    [
        ("18446744073709551615-18446744073709551615",),
        ("99999999999999-0",),
        ("MAXLEN", "0", "*"),
    ],
    ids=["the greatest id", "an id of the far future", "MAXLEN"],
)
@pytest.mark.slow_on("postgresql", "an id of the far future", "MAXLEN")
def test_a_thief_who_spoils_a_worker_s_stream_does_not_delay_other_workers(
    installation: Installation, words: tuple[str, ...]
) -> None:
    thief = installation.redis.client(THIEF)
    stream = reports_stream(THIEF)
    with installation.running():
        thief.execute_command("XADD", stream, *words, "report", "odd")
        honest = installation.post(5)
        until(lambda: all(installation.status(id).stage is Stage.DONE for id in honest))
        until(lambda: adds(thief, stream))
        with installation.worker("thief"):
            more = installation.post(5)
            until(lambda: all(installation.status(id).stage is Stage.DONE for id in more))


def adds(client: Redis, stream: str) -> bool:
    """Whether the stream takes a report again."""
    try:
        return bool(client.xadd(stream, {"report": "odd"}))
    except ResponseError as error:
        assert "ID" in str(error)
        return False


@pytest.mark.slow_on("postgresql")
def test_a_thief_can_report_only_the_attempt_whose_job_it_popped(installation: Installation) -> None:
    """The thief pops a job of its own tier. The proof in the job allows a report of that attempt only."""
    thief = installation.redis.client(THIEF)
    (normal, premium) = installation.post(1)
    installation.dispatcher.start()
    try:
        popped = popped_jobs_key(THIEF, Tier.PREMIUM)
        job = thief.blmove(queue_key(Tier.PREMIUM), popped, 30, "LEFT", "RIGHT")
        assert job == job_of(premium).encode()
        data = thief.hget(f"rq:job:{job.decode()}", "data")
        assert isinstance(data, bytes)
        request = request_of(data)
        assert request.proof is not None
        for id in (normal, premium):
            report = Report(
                ReportKind.FINISHED, id, 1, f"{THIEF}@x", finished(id).at, outcome=finished(id).outcome
            )
            fields: dict[Any, Any] = {
                "submission": id,
                "attempt": "1",
                "report": report.dump(),
                "proof": request.proof,
            }
            thief.xadd(reports_stream(THIEF), fields)
        until(lambda: installation.status(premium).stage is Stage.DONE)
        until(lambda: installation.redis.client("server").xlen(reports_stream(THIEF)) == 0)
        assert installation.status(normal).outcome is None
    finally:
        installation.dispatcher.stop()


def request_of(data: bytes) -> JudgeRequest:
    return JudgeRequest.load(json.loads(data)[2][0])
