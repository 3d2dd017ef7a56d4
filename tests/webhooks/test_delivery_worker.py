"""Webhook messages are sent to a real receiver: signed, once, retried after errors, and not for ever."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import Engine

from judge_api.compat.judge0.responses import callback_body
from judge_api.dispatcher import open_delivery_worker
from judge_api.settings import Settings
from judge_api.store.attempts import AttemptStore, RequeueReason
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_api.store.webhook_deliveries import DeliveryState, DeliveryStore, MessageFormat
from judge_api.store.webhooks import WebhookStore
from judge_api.webhooks.delivery_worker import DeliveryWorker, event_body
from judge_api.webhooks.http_sender import HttpSender
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.model.submission import Stage
from tests.support.records import add_account, finished, new_submission
from tests.support.webhook_receiver import Receiver, webhook_receiver


class WebhookFixture:
    """A store, a delivery worker and a receiver."""

    def __init__(self, engine: Engine, receiver: Receiver) -> None:
        self.engine = engine
        self.receiver = receiver
        self.submissions = SubmissionStore(engine)
        self.attempts = AttemptStore(engine, max_attempts=1)
        self.verdicts = VerdictStore(engine)
        self.webhooks = WebhookStore(engine)
        self.deliveries = DeliveryStore(engine)
        self.account = add_account(engine)
        writers = {MessageFormat.GAVEL: event_body, MessageFormat.JUDGE0: callback_body}
        sender = HttpSender(UrlPolicy([ip_network("127.0.0.0/8")]), seconds=5.0)
        self.delivery_worker = DeliveryWorker(
            self.deliveries, self.submissions, sender, writers, pauses=(0.0, 0.0)
        )

    def judged(self, **changes: object) -> str:
        id = self.submissions.accept(new_submission(self.account, **changes)).status.id
        assert self.verdicts.record(finished(id)) is not None
        return id

    def states(self, webhook: str) -> list[DeliveryState]:
        return [row.state for row in self.deliveries.recent(webhook)]


@pytest.fixture
def fixture(engine: Engine) -> Iterator[WebhookFixture]:
    with webhook_receiver() as receiver:
        yield WebhookFixture(engine, receiver)


def test_a_verdict_is_sent_once_with_a_signature_that_the_receiver_can_check(fixture: WebhookFixture) -> None:
    hook, secret = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    id = fixture.judged()
    assert (fixture.delivery_worker.deliver_once(), fixture.delivery_worker.deliver_once()) == (1, 0)
    (request,) = fixture.receiver.requests
    body = json.loads(request.body)
    assert (request.method, request.path) == ("POST", "/verdicts?of=ada")
    assert (body["type"], body["data"]["id"], body["data"]["verdict"]) == ("submission.finished", id, "AC")
    signed = (
        f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    )
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert fixture.states(hook.id) == [DeliveryState.DELIVERED]


def test_a_report_that_comes_twice_enqueues_one_message(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    id = fixture.judged()
    assert fixture.verdicts.record(finished(id)) is None
    assert len(fixture.states(hook.id)) == 1


def test_a_message_that_is_refused_is_sent_again_with_the_same_id(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.receiver.answers = [503, None, 200]
    fixture.judged()
    for _ in range(3):
        assert fixture.delivery_worker.deliver_once() == 1
    assert len({request.headers["webhook-id"] for request in fixture.receiver.requests}) == 1
    (row,) = fixture.deliveries.recent(hook.id)
    assert (row.state, row.tries, row.answer) == (DeliveryState.DELIVERED, 3, 200)


def test_after_the_last_try_it_is_given_up_with_the_reason(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.receiver.answers = [500]
    fixture.judged()
    tries = [fixture.delivery_worker.deliver_once() for _ in range(4)]
    (row,) = fixture.deliveries.recent(hook.id)
    assert (tries, row.state) == ([1, 1, 1, 0], DeliveryState.GIVEN_UP)
    assert row.reason == "given up after 3 tries; the last one: it answered 500"


def test_a_receiver_that_is_gone_is_not_asked_again(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.receiver.answers = [410]
    fixture.judged()
    assert [fixture.delivery_worker.deliver_once() for _ in range(2)] == [1, 0]
    assert fixture.states(hook.id) == [DeliveryState.GIVEN_UP]


def test_a_redirect_is_not_followed(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.receiver.answers = [307]
    fixture.judged()
    fixture.delivery_worker.deliver_once()
    (row,) = fixture.deliveries.recent(hook.id)
    assert (len(fixture.receiver.requests), row.answer) == (1, 307)
    assert row.reason is not None and "not followed" in row.reason


def test_an_address_inside_is_not_called_even_if_it_got_into_the_store(
    fixture: WebhookFixture, engine: Engine
) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.judged()
    strict = DeliveryWorker(
        fixture.deliveries, fixture.submissions, HttpSender(UrlPolicy()), {MessageFormat.GAVEL: event_body}
    )
    strict.deliver_once()
    (row,) = fixture.deliveries.recent(hook.id)
    assert (fixture.receiver.requests, row.reason) == ([], "the name leads to an address that is not public")


def test_an_address_that_came_with_a_run_is_put_judge0s_body(fixture: WebhookFixture) -> None:
    fixture.judged(callback_url=fixture.receiver.url)
    fixture.delivery_worker.deliver_once()
    (request,) = fixture.receiver.requests
    body = json.loads(request.body)
    assert (request.method, body["status"]) == ("PUT", {"id": 3, "description": "Accepted"})
    assert set(body) == {
        *("token", "time", "memory", "stdout", "stderr", "compile_output", "message", "status"),
    }
    assert "webhook-signature" not in request.headers


def test_no_message_is_sent_before_the_verdict(fixture: WebhookFixture) -> None:
    fixture.submissions.accept(new_submission(fixture.account, callback_url=fixture.receiver.url))
    assert fixture.delivery_worker.deliver_once() == 0


def test_a_failed_and_a_cancelled_submission_are_sent_too(fixture: WebhookFixture) -> None:
    fixture.webhooks.add(fixture.account, fixture.receiver.url)
    failed = fixture.submissions.accept(new_submission(fixture.account)).status.id
    status = fixture.attempts.requeue_or_fail(failed, 1, RequeueReason("the disk is full"))
    assert status is not None and status.stage is Stage.FAILED
    cancelled = fixture.submissions.accept(new_submission(fixture.account)).status.id
    assert fixture.submissions.cancel(cancelled)
    fixture.delivery_worker.deliver_once()
    sent = {
        json.loads(one.body)["data"]["id"]: json.loads(one.body)["data"] for one in fixture.receiver.requests
    }
    assert {sent[failed]["stage"], sent[cancelled]["stage"]} == {"FAILED", "CANCELLED"}


def test_a_claimer_that_died_leaves_the_message_to_the_next(fixture: WebhookFixture) -> None:
    fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.judged()
    assert len(fixture.deliveries.claim(8, lease_seconds=60)) == 1
    assert fixture.deliveries.claim(8, lease_seconds=60) == []
    later = DeliveryStore(fixture.engine, clock=lambda: datetime.now(UTC) + timedelta(seconds=61))
    assert [one.tries for one in later.claim(8, lease_seconds=60)] == [2]


def test_a_removed_webhook_gets_no_more_messages(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.judged()
    assert fixture.webhooks.remove(fixture.account, hook.id)
    assert (fixture.delivery_worker.deliver_once(), fixture.receiver.requests) == (0, [])


def test_the_dispatchers_own_messenger_speaks_both_forms(engine: Engine) -> None:
    with webhook_receiver() as receiver:
        settings = Settings.from_env({"GAVEL_WEBHOOK_NETWORKS": "127.0.0.0/8"})
        fixture = WebhookFixture(engine, receiver)
        fixture.webhooks.add(fixture.account, receiver.url)
        fixture.judged(callback_url=receiver.url)
        open_delivery_worker(engine, settings).deliver_once()
        assert {request.method for request in receiver.requests} == {"POST", "PUT"}
