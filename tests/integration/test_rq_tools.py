"""RQ's own commands work beside Gavel: `rq info` shows the right numbers, and `rq worker` takes no job."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from judge_api.dispatch.rq_queue import RqQueue
from judge_api.store.tables import new_id
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.redis.client import create_redis_client
from tests.support.records import SIGNER
from tests.support.redis_server import RedisServer

RQ = Path(sys.executable).with_name("rq")


@pytest.fixture
def queue(redis_server: RedisServer) -> RqQueue:
    made = RqQueue(create_redis_client(redis_server.url, 2.0), SIGNER)
    made.set_capacity(Tier.NORMAL, 10)
    made.set_capacity(Tier.PREMIUM, 10)
    made.suspend_other_workers()
    for _ in range(3):
        made.send(Tier.NORMAL, [JudgeRequest(new_id(), 1, Tier.NORMAL, "python3", "print(1)")])
    return made


def rq(redis: RedisServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [str(RQ), arguments[0], "--url", redis.url, *arguments[1:]]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


def test_rq_info_shows_the_jobs_that_wait_in_redis(queue: RqQueue, redis_server: RedisServer) -> None:
    shown = rq(redis_server, "info", "--raw")
    assert shown.returncode == 0, shown.stderr
    assert "queue normal 3" in shown.stdout
    assert "queue premium 0" in shown.stdout


@pytest.mark.parametrize("options", [[], ["--serializer", "rq.serializers.JSONSerializer"]])
def test_a_plain_rq_worker_takes_no_job_and_prints_that_the_queue_is_suspended(
    queue: RqQueue, redis_server: RedisServer, options: list[str]
) -> None:
    before = queue.depth(Tier.NORMAL)
    ended = rq(redis_server, "worker", "--burst", *options, "normal")
    assert "suspended" in ended.stdout + ended.stderr
    assert queue.depth(Tier.NORMAL) == before
    assert redis_server.client().keys("rq:failed:*") == []
