"""Operators' webhooks get each alert about the installation once. Messages that fail are tried again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any, cast

import pytest
from sqlalchemy import Engine, update

from judge_api.dispatch.operator_alerts import AlertStores, OperatorAlerts
from judge_api.store.alert_sources import AlertSources
from judge_api.store.attempts import AttemptStore, RequeueReason
from judge_api.store.engine import write_transaction
from judge_api.store.operator_webhooks import (
    AlertStore,
    AlertType,
    Announcement,
    MessageResult,
    OperatorMessageStore,
    OperatorWebhookStore,
)
from judge_api.store.queue_samples import QueueSampleStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import operator_alerts, operator_webhooks
from judge_api.store.verdicts import VerdictStore
from judge_api.store.webhook_deliveries import DeliveryState
from judge_api.webhooks.http_sender import HttpSender
from judge_api.webhooks.operator_messages import OperatorMessageWorker
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.clock import Clock
from judge_core.model.errors import QueueUnavailable
from judge_core.model.worker import WorkerRecord, WorkerState
from judge_core.redis.worker_registry import WorkerRegistry
from tests.support.records import a_worker, add_account, finished, new_submission
from tests.support.webhook_receiver import Receiver, webhook_receiver

pytestmark = pytest.mark.slow_on("postgresql")  # tests/store and test_dispatch.py test both databases


@dataclass
class FakeRegistry:
    """A registry with the workers that a test sets. ``down`` stands for a Redis that does not answer."""

    live: list[WorkerRecord] = field(default_factory=list)
    silent: list[WorkerRecord] = field(default_factory=list)
    down: bool = False

    def workers(self) -> list[WorkerRecord]:
        return self._answer(self.live)

    def silent_workers(self) -> list[WorkerRecord]:
        return self._answer(self.silent)

    def _answer(self, found: list[WorkerRecord]) -> list[WorkerRecord]:
        if self.down:
            raise QueueUnavailable("Redis does not answer")
        return found


class AlertFixture:
    """Two watchers over one database, like those of two dispatchers, and a receiver of webhooks."""

    def __init__(self, engine: Engine, receiver: Receiver) -> None:
        self.engine, self.receiver = engine, receiver
        self.registry, self.seconds = FakeRegistry(), 0.0
        self.webhooks = OperatorWebhookStore(engine)
        self.messages = OperatorMessageStore(engine)
        self.alerts = AlertStore(engine)
        stores = AlertStores(self.alerts, AlertSources(engine), QueueSampleStore(engine))
        clock = Clock(monotonic=lambda: self.seconds)
        registry = cast(WorkerRegistry, self.registry)
        self.watchers = [OperatorAlerts(stores, registry, 2, clock) for _ in range(2)]
        self.submissions, self.account = SubmissionStore(engine), add_account(engine)
        sender = HttpSender(UrlPolicy([ip_network("127.0.0.0/8")]), seconds=60.0)
        self.sender = OperatorMessageWorker(self.messages, sender, pauses=(0.0, 0.0))

    def check(self) -> None:
        for watcher in self.watchers:
            watcher.check_once()

    def submit(self) -> str:
        return self.submissions.accept(new_submission(self.account, max_unfinished=100)).status.id

    def received(self) -> list[tuple[str, dict[str, Any]]]:
        """The type and the data of each message that was sent since the last call."""
        while self.sender.deliver_once():
            pass
        found = [json.loads(request.body) for request in self.receiver.requests]
        self.receiver.requests.clear()
        return [(one["type"], one["data"]) for one in found]


@pytest.fixture
def fixture(engine: Engine) -> Iterator[AlertFixture]:
    with webhook_receiver() as receiver:
        made = AlertFixture(engine, receiver)
        made.webhooks.add(receiver.url)
        yield made


def test_no_alert_is_stored_if_there_is_no_webhook(fixture: AlertFixture) -> None:
    fixture.webhooks.remove(fixture.webhooks.all()[0].id)
    fixture.registry.silent = [a_worker("normal-1", state=WorkerState.LOST)]
    fixture.check()
    assert fixture.alerts.lasting() == {}
    assert fixture.received() == []


def test_a_short_outage_of_the_queue_is_not_announced(fixture: AlertFixture) -> None:
    fixture.registry.down = True
    fixture.check()
    fixture.registry.down = False
    fixture.seconds = 60
    fixture.check()
    assert fixture.received() == []


def test_an_outage_of_the_queue_and_its_end_are_each_announced_once(fixture: AlertFixture) -> None:
    fixture.registry.down = True
    fixture.check()
    for fixture.seconds in (6.0, 12.0):
        fixture.check()
    ((kind, data),) = fixture.received()
    assert (kind, data["reason"]) == ("queue.down", "Redis does not answer")
    fixture.registry.down = False
    fixture.check()
    fixture.check()
    assert [kind for kind, _ in fixture.received()] == ["queue.up"]


def test_the_end_of_a_backlog_is_announced_at_half_of_its_bound(fixture: AlertFixture) -> None:
    ids = [fixture.submit() for _ in range(3)]
    fixture.check()
    assert fixture.received() == [("backlog.high", {"queue": "normal", "waiting": 3, "bound": 2})]
    verdicts = VerdictStore(fixture.engine)
    verdicts.record(finished(ids[0]))
    fixture.check()
    assert fixture.received() == []
    verdicts.record(finished(ids[1]))
    fixture.check()
    ((kind, data),) = fixture.received()
    assert (kind, data["waiting"], data["queue"]) == ("backlog.normal", 1, "normal")


def test_the_end_of_a_backlog_is_announced_if_no_submission_waits_at_the_next_check(
    fixture: AlertFixture,
) -> None:
    ids = [fixture.submit() for _ in range(3)]
    fixture.check()
    for id in ids:
        VerdictStore(fixture.engine).record(finished(id))
    fixture.check()
    both = sorted((kind, data["waiting"]) for kind, data in fixture.received())
    assert both == [("backlog.high", 3), ("backlog.normal", 0)]


def test_each_loss_of_a_worker_is_announced_once(fixture: AlertFixture) -> None:
    lost = a_worker("normal-1", state=WorkerState.LOST, reason="no heartbeat")
    fixture.registry.silent = [lost]
    fixture.registry.live = [a_worker("normal-2")]
    fixture.check()
    fixture.check()
    ((kind, data),) = fixture.received()
    assert (kind, data["count"], data["workers"][0]["name"]) == ("worker.lost", 1, "normal-1")
    fixture.registry.silent = [a_worker("normal-1", state=WorkerState.LOST, since="2026-01-01T00:00:00Z")]
    fixture.check()
    # The record has another start time. So the worker was started again, and lost a second time.
    assert [kind for kind, _ in fixture.received()] == ["worker.lost"]


def test_submissions_that_could_not_be_judged_are_announced_in_one_message(fixture: AlertFixture) -> None:
    attempts = AttemptStore(fixture.engine, max_attempts=1)
    ids = [fixture.submit() for _ in range(2)]
    for id in ids:
        attempts.requeue_or_fail(id, 1, RequeueReason("the checker is broken"))
    fixture.check()
    fixture.check()
    ((kind, data),) = [one for one in fixture.received() if one[0] != "backlog.high"]
    assert (kind, data["count"]) == ("submissions.failed", 2)
    assert {one["id"] for one in data["submissions"]} == set(ids)
    assert "the checker is broken" in data["submissions"][0]["reason"]


def test_the_end_of_a_rejudging_is_announced(fixture: AlertFixture) -> None:
    verdicts, id = VerdictStore(fixture.engine), fixture.submit()
    verdicts.record(finished(id))
    assert AttemptStore(fixture.engine, 3).rejudge(id) is not None
    fixture.check()
    assert fixture.received() == []
    verdicts.record(finished(id, attempt=2))
    fixture.check()
    ((kind, data),) = fixture.received()
    assert (kind, data["problem"]) == ("rejudge.finished", "aplusb")


def test_a_message_is_retried_then_given_up_and_can_be_sent_again(fixture: AlertFixture) -> None:
    hook = fixture.webhooks.all()[0].id
    fixture.receiver.answers = [500, 500, 500, 204]
    fixture.messages.add(hook, Announcement(AlertType.TEST, {}))
    assert [kind for kind, _ in fixture.received()] == ["webhook.test"] * 3
    (row,) = fixture.messages.recent(hook)
    assert (row.state, row.reason) == (
        DeliveryState.GIVEN_UP,
        "given up after 3 tries; the last reason: it answered 500",
    )
    assert fixture.messages.resend(hook, row.id)
    assert [kind for kind, _ in fixture.received()] == ["webhook.test"]
    (row,) = fixture.messages.recent(hook)
    assert (row.state, row.tries, row.answer) == (DeliveryState.DELIVERED, 1, 204)


def test_a_late_result_changes_nothing_after_the_message_is_sent_again(fixture: AlertFixture) -> None:
    hook = fixture.webhooks.all()[0].id
    fixture.messages.add(hook, Announcement(AlertType.TEST, {}))
    (old,) = fixture.messages.claim(8, lease_seconds=60)
    assert fixture.messages.resend(hook, old.id)
    (new,) = fixture.messages.claim(8, lease_seconds=60)
    assert (old.tries, new.tries) == (1, 1)
    fixture.messages.record(MessageResult(new, DeliveryState.DELIVERED, 204))
    fixture.messages.record(MessageResult(old, DeliveryState.GIVEN_UP, 410, "it answered 410"))
    assert [row.state for row in fixture.messages.recent(hook)] == [DeliveryState.DELIVERED]


def test_a_damaged_webhook_does_not_stop_messages_to_other_webhooks(fixture: AlertFixture) -> None:
    damaged, _ = fixture.webhooks.add(f"{fixture.receiver.url}/other")
    with write_transaction(fixture.engine) as connection:
        of_damaged = update(operator_webhooks).where(operator_webhooks.c.id == damaged.id)
        connection.execute(of_damaged.values(secret="whsec_x"))
    for webhook in reversed(fixture.webhooks.all()):
        fixture.messages.add(webhook.id, Announcement(AlertType.TEST, {}))
        fixture.messages.add(webhook.id, Announcement(AlertType.TEST, {}))
    assert len(fixture.received()) == 2
    for row in fixture.messages.recent(damaged.id):
        assert row.state is DeliveryState.GIVEN_UP
        assert row.reason is not None and "an error of the sender" in row.reason


def test_old_alerts_of_single_events_are_forgotten_and_lasting_alerts_are_kept(
    fixture: AlertFixture,
) -> None:
    fixture.alerts.begin("queue", None)
    fixture.alerts.announce_new(["worker:a"], lambda new: Announcement(AlertType.WORKER_LOST, {}))
    fixture.received()
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with write_transaction(fixture.engine) as connection:
        connection.execute(update(operator_alerts).values(since=long_ago))
    fixture.alerts.forget_old()
    assert list(fixture.alerts.lasting()) == ["queue"]
    assert fixture.alerts.announce_new(["worker:a"], lambda new: Announcement(AlertType.WORKER_LOST, {})) == 1
