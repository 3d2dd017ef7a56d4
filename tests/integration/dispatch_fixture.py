"""All parts of dispatch over one database and one Redis. Tests call their steps one by one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from judge_api.dispatch.language_check import LanguageCheck
from judge_api.dispatch.outbox_relay import OutboxRelay
from judge_api.dispatch.queue_capacity import QueueCapacity
from judge_api.dispatch.reconciler import Reconciler
from judge_api.dispatch.report_consumer import (
    ConsumerOptions,
    ReportConsumer,
    ReportStores,
    open_report_consumer,
)
from judge_api.dispatch.rq_queue import RqQueue, popped_key
from judge_api.services.live_workers import Router, WorkerCache
from judge_api.store.attempts import AttemptStore
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import Clock
from judge_core.messages import Report, ReportKind
from judge_core.model.account import Tier
from judge_core.model.submission import Status
from judge_core.model.worker import WorkerRecord
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import REPORTS_STREAM, WORKERS_SET, parse_job_id, worker_key
from judge_core.redis.unserved_languages import UnservedLanguages
from judge_core.redis.worker_registry import WorkerRegistry
from tests.support.records import SIGNER, add_account, job_of, lease_of, new_submission
from tests.support.redis_server import RedisServer


class DispatchFixture:
    """Outbox relay, report consumer and reconciler, with a clock that tests move."""

    def __init__(self, engine: Engine, redis: RedisServer) -> None:
        self.redis = redis
        self.store = SubmissionStore(engine)
        self.attempts = AttemptStore(engine)
        self.stores = ReportStores(VerdictStore(engine), self.attempts)
        self.outbox = Outbox(engine)
        self.queue = RqQueue(create_redis_client(redis.url, 1.0), SIGNER)
        registry = WorkerRegistry(redis.url)
        capacity = QueueCapacity(self.queue, registry)
        # By this clock the cache has expired at each read, so a test may change the workers' records.
        self._ticks = self.now = 0.0
        self.router = Router(WorkerCache(registry, Clock(monotonic=self._ever_later)))
        self.relay = OutboxRelay(
            self.outbox, self.queue, capacity, self.router, "relay", Clock(monotonic=self._ever_later)
        )
        self.consumer = self.open_consumer("consumer")
        self.reconciler = Reconciler(
            self.attempts,
            self.queue,
            self.router,
            patience=500,
            grace=-60,
            clock=Clock(monotonic=lambda: self.now),
        )
        self.account = add_account(engine)
        self.unserved = UnservedLanguages(redis.url, 1.0)
        self.languages = LanguageCheck(self.router, self.relay, self.outbox, self.unserved)

    def _ever_later(self) -> float:
        self._ticks += 10.0
        return self._ticks

    def waiting(self) -> list[str]:
        """The ids of the submissions in the normal queue, the next submission first."""
        found: list[bytes] = self.redis.client().lrange("rq:queue:normal", 0, -1)  # type: ignore[assignment]
        return [parse_job_id(id.decode())[0] for id in found]

    def set_workers(self, *records: WorkerRecord) -> None:
        """Register exactly these workers, as their heartbeats do."""
        client = self.redis.client()
        client.delete(WORKERS_SET)
        for record in records:
            client.set(worker_key(record.name), record.dump())
            client.sadd(WORKERS_SET, record.name)

    def open_consumer(self, name: str) -> ReportConsumer:
        options = ConsumerOptions(name, block=0.02, orphaned=0.1, ended=0.5)
        return open_report_consumer(self.stores, self.redis.url, options, SIGNER)

    def post(self, account: str | None = None, **changes: Any) -> str:
        new = new_submission(account or self.account, **changes)
        return self.store.accept(new, send_now=False).status.id

    def enqueue(self) -> str:
        """Post a submission and relay it to the RQ queue."""
        id = self.post()
        assert self.relay.relay_once().sent == 1
        return id

    def lease(self, id: str, attempt: int = 1, worker: str = "w") -> None:
        """Pop the job and lease the attempt, as a worker does."""
        client = self.redis.client()
        assert client.lmove("rq:queue:normal", popped_key(Tier.NORMAL)) == job_of(id, attempt).encode()
        client.set(lease_of(id, attempt), f"{attempt}:{worker}", px=60_000)
        client.expire("rq:job:" + job_of(id, attempt), 600)

    def lose_lease(self, id: str, attempt: int = 1) -> None:
        """Delete the lease, as if its worker was killed and the lease has run out. The popped job stays."""
        self.redis.client().delete(lease_of(id, attempt))

    def add_report(self, report: Report) -> None:
        """Send a report as a worker does. The last report of an attempt also deletes the lease."""
        if report.kind is not ReportKind.STARTED:
            self.lose_lease(report.submission, report.attempt)
        fields: dict[Any, Any] = {
            "submission": report.submission,
            "attempt": str(report.attempt),
            "report": report.dump(),
            "proof": SIGNER.proof(report.submission, report.attempt),
        }
        self.redis.client().xadd(REPORTS_STREAM, fields)

    def consume(self) -> None:
        while not self.consumer.consume_once():
            pass

    def status(self, id: str) -> Status:
        status = self.store.status(id)
        assert status is not None
        return status

    def reconcile(self) -> None:
        """Run the reconciler twice, further apart than its patience."""
        self.reconciler.reconcile_once()
        self.now += 1000
        self.reconciler.reconcile_once()
