"""A whole dispatcher and workers on real databases. Each worker has its own Redis user
(deploy/redis/users.acl)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from judge_api.dispatcher import Dispatcher
from judge_api.settings import Settings
from judge_api.store.submissions import SubmissionStore
from judge_core.model.account import Tier
from judge_core.model.submission import Status
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.redis.client import create_redis_client
from tests.integration.redis_users_fixture import WORKERS, SecureRedis
from tests.integration.test_workers import RQ_MARGIN
from tests.support.judging import ScriptedJudge
from tests.support.records import add_account, new_submission
from workers.attempt_runner import AttemptRunner
from workers.heartbeat import Heartbeat, HeartbeatSchedule, initial_record
from workers.redis_link import RedisLink
from workers.rq_worker import WORKER_TTL, GavelWorker, make_worker

SECRET = "a-secret-of-the-tests"


class Installation:
    """A dispatcher and a worker of each tier over one Redis with several users."""

    def __init__(self, engine: Engine, redis: SecureRedis, folder: Path) -> None:
        self.redis = redis
        self.store = SubmissionStore(engine)
        self.account = add_account(engine)
        environment = {
            "GAVEL_DATA": str(folder),
            "GAVEL_REDIS_URL": redis.url("server"),
            "GAVEL_SECRET_KEY": SECRET,
            "GAVEL_ACCEPT_UNPROVEN_REPORTS": "no",
        }
        self.dispatcher = Dispatcher(engine, Settings.from_env(environment))

    def post(self, count: int, source: str = "ok") -> list[str]:
        """Accept this many submissions of each tier."""
        posted = [
            new_submission(self.account, source=f"#{n} {source}", tier=tier)
            for n in range(count)
            for tier in DEFAULT_TIERS
        ]
        return [self.store.accept(each, send_now=False).status.id for each in posted]

    def post_one(self, tier: Tier) -> str:
        """Accept one submission."""
        return self.store.accept(new_submission(self.account, tier=tier), send_now=False).status.id

    def status(self, id: str) -> Status:
        status = self.store.status(id)
        assert status is not None
        return status

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as stack:
            self.dispatcher.start()
            stack.callback(self.dispatcher.stop)
            for name in ("normal-1", "premium-1"):
                stack.enter_context(self.worker(name))
            yield

    @contextmanager
    def worker(self, name: str) -> Iterator[GavelWorker]:
        user, tier = f"worker-{name}", WORKERS[name]
        url, process = self.redis.url(user), f"{user}@{name}-x"
        link = RedisLink(create_redis_client(url, 2.0), process, 5.0)
        worker = make_worker(create_redis_client(url, WORKER_TTL, name=process), tier.value, process)
        # The worker waits at most a second for a job, because ``stop_now`` does not end this wait.
        worker.worker_ttl = RQ_MARGIN + 1
        worker.runner, worker.faults_allowed = AttemptRunner(process, ScriptedJudge(), link, link), 3
        schedule, record = HeartbeatSchedule(5.0, 900.0), initial_record(process, tier)
        redis = create_redis_client(url, 2.0)
        worker.worker_heartbeat = Heartbeat(record, worker.runner, link, redis, schedule)
        worker.worker_heartbeat.on_beat = worker.refresh_registration
        thread = threading.Thread(target=worker.work, daemon=True)
        worker.worker_heartbeat.start()
        thread.start()
        try:
            yield worker
        finally:
            worker.stop_now()
            thread.join(30)
            worker.worker_heartbeat.stop()
            assert not thread.is_alive(), "the worker did not end"


def until(check: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.05)
