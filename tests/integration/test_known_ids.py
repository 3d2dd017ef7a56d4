"""A thief of one worker's Redis user can do nothing with the id of a submission that this worker did not get.

Ids of submissions are public, because an event's feed lists them. The users are those of
deploy/redis/users.acl.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine

from judge_api.dispatch.rq_queue import queue_key
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.submission import Stage, Verdict
from judge_core.redis.keys import job_id, lease_key, popped_jobs_key, reports_stream
from tests.integration.installation_fixture import Installation, until
from tests.integration.redis_users_fixture import secure_redis
from tests.support.records import finished

HONEST = {Tier.NORMAL: "normal-1", Tier.PREMIUM: "premium-1"}
MOST_ATTEMPTS = 4


@pytest.fixture
def installation(engine: Engine, tmp_path: Path) -> Iterator[Installation]:
    with secure_redis(tmp_path) as redis:
        yield Installation(engine, redis, tmp_path)


@pytest.mark.parametrize(
    ("thief", "tier", "is_popped"),
    [
        pytest.param("worker-normal-1", Tier.PREMIUM, False, id="normal to premium"),
        pytest.param("worker-thief", Tier.NORMAL, False, id="premium to normal"),
        pytest.param("worker-thief", Tier.PREMIUM, False, id="its own tier"),
        # These rows are slow: the reconciler waits for some seconds before it sends a popped job again.
        pytest.param("worker-normal-1", Tier.PREMIUM, True, id="popped", marks=pytest.mark.slow),
        pytest.param("worker-thief", Tier.PREMIUM, True, id="popped in its tier", marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow_on("postgresql")
def test_a_thief_who_knows_an_id_cannot_get_or_report_the_submission(
    installation: Installation, thief: str, tier: Tier, is_popped: bool
) -> None:
    client, server = installation.redis.client(thief), installation.redis.client("server")
    id = installation.post_one(tier)
    installation.dispatcher.start()
    try:
        until(lambda: server.llen(queue_key(tier)) == 1)
        if is_popped:
            user = f"worker-{HONEST[tier]}"
            installation.redis.client(user).lmove(queue_key(tier), popped_jobs_key(user, tier))
        stolen = jobs_by_name(client, id)
        forge_a_verdict(client, thief, id, proofs_in(stolen))
        until(lambda: server.xlen(reports_stream(thief)) == 0)
        assert installation.status(id).outcome is None
        with installation.worker(HONEST[tier]):
            until(lambda: installation.status(id).stage is Stage.DONE)
    finally:
        installation.dispatcher.stop()
    outcome = installation.status(id).outcome
    assert outcome is not None
    assert outcome.verdict is Verdict.AC, "the thief's lease must not keep the honest worker from judging"
    assert stolen == []


def jobs_by_name(client: Redis, id: str) -> list[bytes]:
    """The data of each job whose name can be computed from the submission's id alone."""
    names = [f"rq:job:{job_id(id, attempt)}" for attempt in range(MOST_ATTEMPTS)]
    found: list[Any] = [client.hget(name, "data") for name in names]
    return [data for data in found if data is not None]


def proofs_in(jobs: list[bytes]) -> list[str]:
    requests = [JudgeRequest.load(json.loads(data)[2][0]) for data in jobs]
    return [request.proof or "" for request in requests] or ["f" * 32]


def forge_a_verdict(client: Redis, thief: str, id: str, proofs: list[str]) -> None:
    """Take the lease by the submission's id, and report the attempt with each of these proofs."""
    for attempt, proof in enumerate(proofs, 1):
        client.set(lease_key(id), f"{attempt}:{thief}@x", px=600_000)
        report = replace(finished(id, attempt, Verdict.CE), worker=f"{thief}@x").dump()
        fields: dict[Any, Any] = {
            "submission": id,
            "attempt": str(attempt),
            "report": report,
            "proof": proof,
        }
        client.xadd(reports_stream(thief), fields)


@pytest.mark.slow_on("postgresql")
def test_judging_needs_no_right_that_a_worker_s_redis_user_lacks(installation: Installation) -> None:
    """Workers need no right that users.acl does not give them. There is one exception, which happens before
    the count begins: RQ requests the list of clients when its worker is made, is refused, and goes on."""
    server = installation.redis.client("server")
    with installation.running():
        before = refusals(server)
        ids = installation.post(3)
        until(lambda: all(installation.status(id).stage is Stage.DONE for id in ids))
    assert refusals(server) == before


def refusals(server: Redis) -> dict[str, int]:
    """The number of Redis' refusals to all users, by kind."""
    counts = server.info("stats")
    found = {name: counts[name] for name in counts if name.startswith("acl_access_denied")}
    assert found
    return found
