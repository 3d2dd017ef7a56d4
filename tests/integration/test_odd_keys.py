"""Odd content of each type in each key of Gavel and RQ in Redis loses no submission.

The list of keys comes from ``judge_core/redis/keys.py``. A test fails if a new key has no row in ``KEYS``.
Servers and workers have the users of deploy/redis/users.acl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from limits.errors import StorageError
from redis import Redis
from rq import Queue
from rq.suspension import WORKERS_SUSPENDED
from sqlalchemy import Engine

from judge_api.dispatch.rq_queue import popped_key, queue_key
from judge_api.services.live_programs import LivePrograms
from judge_api.services.rate_limits import RedisRateLimitStorage
from judge_api.services.support_files import SupportFiles
from judge_core.messages import UnreadableMessage
from judge_core.model.account import Tier
from judge_core.model.errors import GavelError
from judge_core.model.submission import Stage, Verdict
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.redis import keys
from judge_core.redis.client import PersistentConnections
from judge_core.redis.status_channel import RedisStatusChannel
from judge_core.redis.unreadable_entries import EntrySource, UnreadableEntries
from judge_core.redis.unserved_languages import UnservedLanguages
from judge_core.redis.worker_registry import WorkerRegistry
from tests.integration.installation_fixture import SECRET, Installation, until
from tests.integration.redis_users_fixture import WORKERS, secure_redis
from tests.support.records import SIGNER, job_of, lease_of, live_of
from tests.support.redis_keys import key_beginnings

USERS = tuple(f"worker-{name}" for name in WORKERS)
PROCESSES = tuple(f"{user}@{user.removeprefix('worker-')}-x" for user in USERS)
Write = Callable[[Redis, str, bytes], object]
WRITES: dict[str, Write] = {
    "string": lambda redis, key, odd: redis.set(key, odd),
    "list": lambda redis, key, odd: redis.rpush(key, odd, b"", b"1" * 200),
    "set": lambda redis, key, odd: redis.sadd(key, odd, b"", b"x" * 300),
    "hash": lambda redis, key, odd: redis.hset(key, mapping={odd: odd, b"data": odd}),
    "sorted set": lambda redis, key, odd: redis.zadd(key, {odd: float("inf"), b"": -1.0}),
    "stream": lambda redis, key, odd: redis.xadd(key, {b"report": odd, odd: b""}),
}
LEAST_ENTRIES = 2_000


def _secret(submission: str) -> str:
    return SIGNER.submission_secret(submission)


KEYS: dict[str, Callable[[str], Sequence[str]]] = {
    "gavel:dispatcher": lambda _: [keys.DISPATCHER_KEY],
    "gavel:last-ahead:": lambda _: [keys.last_ahead_key(tier) for tier in DEFAULT_TIERS],
    "gavel:lease:": lambda id: [lease_of(id), keys.lease_key(id)],
    "gavel:live:": lambda id: [live_of(id)],
    "gavel:moved-aside:": lambda _: [keys.moved_aside_key(queue_key(Tier.NORMAL))],
    # The key is that of a tier without workers, because such a key pauses its tier, whatever its content is.
    "gavel:paused:": lambda _: [keys.queue_paused_key(Tier("gold"))],
    "gavel:popped:": lambda _: [keys.popped_jobs_key(user, "") for user in USERS],
    "gavel:program-input:": lambda id: [keys.program_input_key(id, _secret(id))],
    "gavel:program-output:": lambda id: [keys.program_output_key(id, _secret(id))],
    "gavel:rates:": lambda id: [keys.RATE_LIMIT_PREFIX + id],
    "gavel:reports": lambda _: [keys.REPORTS_STREAM],
    "gavel:reports:": lambda _: [keys.reports_stream(user) for user in USERS],
    "gavel:room:": lambda _: [keys.queue_capacity_key(tier) for tier in DEFAULT_TIERS],
    "gavel:set-aside:": lambda _: [keys.set_aside_key(source) for source in EntrySource],
    "gavel:support-files:": lambda id: [
        f"{keys.SUPPORT_FILES_PREFIX}{id}:{name}" for name in ("f", ":sizes")
    ],
    "gavel:tallies": lambda _: [keys.COUNTERS_KEY],
    "gavel:tallies:told:": lambda id: [keys.counted_key(id)],
    "gavel:unserved": lambda _: [keys.UNSERVED_KEY],
    "gavel:worker-order:": lambda _: [keys.worker_command_key(name) for name in PROCESSES],
    "gavel:worker-seen:": lambda _: [keys.worker_last_seen_key(name) for name in PROCESSES],
    "gavel:worker:": lambda _: [keys.worker_key(name) for name in PROCESSES],
    "gavel:workers": lambda _: [keys.WORKERS_SET],
    "gavel:workers-lost": lambda _: [keys.SILENT_WORKERS_SET],
    "gavel:workers:": lambda _: [keys.workers_set(user) for user in USERS],
    "rq:job:": lambda id: ["rq:job:" + job_of(id)],
    "rq:queue:": lambda _: [key(tier) for tier in DEFAULT_TIERS for key in (queue_key, popped_key)],
    "rq:queues": lambda _: [Queue.redis_queues_keys],
    "rq:suspended": lambda _: [WORKERS_SUSPENDED],
    "rq:worker:": lambda _: ["rq:worker:" + name for name in PROCESSES],
    "rq:workers": lambda _: ["rq:workers"],
}


@pytest.fixture
def installation(engine: Engine, tmp_path: Path) -> Iterator[Installation]:
    with secure_redis(tmp_path) as redis:
        yield Installation(engine, redis, tmp_path)


def test_the_test_of_odd_content_has_every_redis_key_of_gavel() -> None:
    assert set(KEYS) == set(key_beginnings())


@pytest.mark.slow
@pytest.mark.long_on("postgresql")
def test_odd_content_of_each_type_in_each_key_loses_no_submission(installation: Installation) -> None:
    server, written = installation.redis.client("server"), 0
    with installation.running():
        for turn in range(len(WRITES)):
            honest = installation.post(3)
            for number in range(len(WRITES)):
                # A loop has to repair the content that is written last, so each turn ends with a different
                # type.
                kind = list(WRITES)[(turn + number) % len(WRITES)]
                written += poison(server, kind, honest[number])
                read_by_the_api(installation, honest[number])
            honest += installation.post(2)
            until(lambda ids=tuple(honest): all(has_ended(installation, id) for id in ids))  # type: ignore[misc]
            outcomes = [installation.status(id).outcome for id in honest]
            assert all(outcome is not None and outcome.verdict is Verdict.AC for outcome in outcomes)
    assert written >= LEAST_ENTRIES


def has_ended(installation: Installation, id: str) -> bool:
    stage = installation.status(id).stage
    assert stage is not Stage.FAILED, installation.status(id).reason
    return stage is Stage.DONE


def poison(redis: Redis, kind: str, id: str) -> int:
    """Write odd content of this type into every key. Returns the number of keys."""
    pipeline = redis.pipeline(transaction=False)
    for instances in KEYS.values():
        for key in instances(id):
            pipeline.delete(key)
            WRITES[kind](pipeline, key, b"\xff\xfe" + key.encode())
    answers = pipeline.execute()
    return len(answers) // 2


def read_by_the_api(installation: Installation, id: str) -> None:
    """Call the readers that only the API has. Each may raise only its declared errors."""
    url = installation.redis.url("server")
    program = LivePrograms(url, SECRET).reserve()
    program.submission = id
    storage = RedisRateLimitStorage(PersistentConnections(installation.redis.client("server")))
    registry, files = WorkerRegistry(url), SupportFiles(url)
    readers: tuple[Callable[[], object], ...] = (
        program.read,
        program.close,
        lambda: storage.incr_timed(id, 60),
        lambda: RedisStatusChannel(url, SIGNER).latest(id),
        lambda: files.get(id, "f"),
        lambda: files.put(id, "g", b"x"),
        UnservedLanguages(url, 1.0).read,
        registry.workers,
        registry.silent_workers,
        registry.has_dispatcher,
        UnreadableEntries(installation.redis.client("server")).summary,
    )
    for read in readers:
        with suppress(GavelError, UnreadableMessage, StorageError):
            read()
