"""All of dispatch over one store and one Redis, for tests that drive it by hand."""

from __future__ import annotations

from sqlalchemy import Engine

from judge_api.dispatch.outbox_relay import Relay
from judge_api.dispatch.queue_capacity import Rooms
from judge_api.dispatch.reconciler import Reconciler
from judge_api.dispatch.report_consumer import Recorder
from judge_api.dispatch.rq_queue import RqGateway, taken_key
from judge_api.store.attempts import AttemptStore
from judge_api.store.outbox import Outbox
from judge_api.store.submissions import SubmissionStore
from judge_core.messages import REPORTS_STREAM, Report, job_id, lease_key
from judge_core.model.account import Tier
from judge_core.model.submission import Status
from judge_core.redis.worker_registry import Fleet
from tests.support.records import add_account, new_submission
from tests.support.redis_server import RedisServer


class DispatchFixture:
    """All of dispatch over one store and one Redis, driven by hand."""

    def __init__(self, engine: Engine, redis: RedisServer) -> None:
        self.redis = redis
        self.store = SubmissionStore(engine)
        self.attempts = AttemptStore(engine)
        self.outbox = Outbox(engine)
        self.gateway = RqGateway(redis.url, 1000)
        rooms = Rooms(self.gateway, Fleet(redis.url))
        self.relay = Relay(self.outbox, self.gateway, rooms, "relay")
        self.recorder = Recorder(self.attempts, redis.url, "recorder", 0.02, orphaned_seconds=0.1)
        self.now = 0.0
        self.reconciler = Reconciler(
            self.attempts, self.gateway, patience=500, grace=-60, clock=lambda: self.now
        )
        self.account = add_account(engine)

    def post(self, account: str | None = None) -> str:
        new = new_submission(account or self.account)
        return self.store.accept(new, send_now=False).status.id

    def queue(self) -> str:
        id = self.post()
        assert self.relay.relay_once().sent == 1
        return id

    def take(self, id: str, attempt: int = 1, worker: str = "w") -> None:
        """What a worker does first."""
        client = self.redis.client()
        assert client.lmove("rq:queue:normal", taken_key(Tier.NORMAL)) == job_id(id, attempt).encode()
        client.set(lease_key(id), f"{attempt}:{worker}", px=60_000)
        client.expire("rq:job:" + job_id(id, attempt), 600)

    def die(self, id: str) -> None:
        """What is left when a worker was killed and its lease has run out."""
        self.redis.client().delete(lease_key(id))

    def report(self, report: Report) -> None:
        fields = {"submission": report.submission, "report": report.dump()}
        self.redis.client().xadd(REPORTS_STREAM, fields)

    def record(self) -> None:
        while not self.recorder.record_once():
            pass

    def status(self, id: str) -> Status:
        status = self.store.status(id)
        assert status is not None
        return status

    def notice(self) -> None:
        """Two passes, so far apart that patience is at its end."""
        self.reconciler.reconcile_once()
        self.now += 1000
        self.reconciler.reconcile_once()
