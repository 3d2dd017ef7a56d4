"""Gavel with its outbox, dispatcher, leases and workers. A worker runs the job instead of judging a
program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.engines.job import FOLDER, REDIS_PORT, produce, work
from judge_api.dispatch.circuit_breaker import CircuitBreaker
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.services.live_workers import Router, WorkerCache
from judge_api.services.status_service import StatusService
from judge_api.services.status_subscriptions import StatusSubscriptions
from judge_api.services.submission_service import SubmissionService
from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_core.messages import LEASE_SECONDS, JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.submission import Outcome
from judge_core.model.worker import LanguageOnWorker
from judge_core.redis.client import create_redis_client
from judge_core.redis.signer import Signer
from judge_core.redis.status_channel import RedisStatusChannel
from judge_core.redis.worker_registry import WorkerRegistry
from tests.support.records import add_account, new_submission, outcome
from workers.attempt_runner import AttemptRunner
from workers.heartbeat import Heartbeat, HeartbeatSchedule, initial_record
from workers.judging.progress import ProgressListener
from workers.redis_link import RedisLink
from workers.rq_worker import make_worker

URL = f"redis://127.0.0.1:{REDIS_PORT}"
SECRET = "a-secret-of-the-benchmark"
DATABASE = f"sqlite:///{FOLDER}/gavel.db"


class JobAsJudge:
    """Runs the job instead of judging a program. The submission's source is the job's number."""

    def judge(self, request: JudgeRequest, progress: ProgressListener) -> Outcome:
        progress.running(1)
        work(int(request.source))
        return outcome()

    def cancel(self) -> None:
        """A job cannot be interrupted."""


def work_as_worker() -> None:
    """Runs a worker built like one of ``workers.factory``, but without a sandbox."""
    name = f"normal-{os.getpid()}"
    record = replace(initial_record(name, Tier.NORMAL), languages={"python3": LanguageOnWorker("3")})
    link = RedisLink(create_redis_client(URL, 2.0), name, LEASE_SECONDS)
    progress_link = RedisLink(create_redis_client(URL, 0.3), name, LEASE_SECONDS)
    runner = AttemptRunner(name, JobAsJudge(), link, progress_link)
    worker = make_worker(create_redis_client(URL, 20.0, name=name), Tier.NORMAL.value, name)
    worker.runner, worker.faults_allowed = runner, 3
    schedule = HeartbeatSchedule(LEASE_SECONDS, 900.0)
    worker.worker_heartbeat = Heartbeat(record, runner, link, create_redis_client(URL, 2.0), schedule)
    worker.worker_heartbeat.start()
    worker.work(logging_level="WARNING")


def send_as_client() -> Callable[[int], object]:
    """Sends each job as a POST does: the submission is stored first, then sent."""
    engine = open_engine(DATABASE)
    store, channel = SubmissionStore(engine), RedisStatusChannel(URL, Signer(SECRET))
    statuses = StatusService(channel, store, StatusSubscriptions(channel))
    queue = CircuitBreaker(RqQueue(create_redis_client(URL, 0.5), Signer(SECRET)))
    router = Router(WorkerCache(WorkerRegistry(URL)))
    service = SubmissionService(store, Outbox(engine), queue, statuses, router)
    account = add_account(engine)

    def send(number: int) -> Any:
        named = {"source": str(number), "idempotency_key": str(number), "body_hash": "-"}
        return service.submit(new_submission(account, **named))

    return send


def main(mode: str) -> None:
    if mode == "work":
        work_as_worker()
    elif mode == "schema":
        migrate(open_engine(DATABASE))
    elif mode == "dispatch":
        os.environ |= {"GAVEL_DATA": str(FOLDER), "GAVEL_REDIS_URL": URL, "GAVEL_SECRET_KEY": SECRET}
        os.environ["GAVEL_DATABASE_URL"] = DATABASE
        from judge_api.dispatcher import main as dispatch

        dispatch()
    else:
        produce(send_as_client())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1])
