"""Webhook messages reach a real receiver once, with a signature. After errors they are sent again, up to a
limit of tries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
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
from judge_api.store.webhook_deliveries import (
    DeliveryResult,
    DeliveryState,
    DeliveryStore,
    DueDelivery,
    MessageFormat,
)
from judge_api.store.webhooks import WebhookStore
from judge_api.webhooks.delivery_scheduler import (
    AT_ONCE,
    PER_ACCOUNT,
    PER_TARGET,
    SLOW_AT_ONCE,
    DeliveryScheduler,
)
from judge_api.webhooks.delivery_worker import DeliveryWorker, event_body
from judge_api.webhooks.http_sender import DeliveryError, HttpSender, WebhookRequest
from judge_api.webhooks.url_policy import Target, UrlPolicy
from judge_core.model.submission import Stage
from tests.support.records import add_account, finished, new_submission
from tests.support.webhook_receiver import Receiver, webhook_receiver

pytestmark = pytest.mark.slow_on("postgresql")  # tests/store and test_dispatch.py test both databases


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
        sender = HttpSender(UrlPolicy([ip_network("127.0.0.0/8")]), seconds=60.0)
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


def test_a_repeated_report_enqueues_a_single_message(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    id = fixture.judged()
    assert fixture.verdicts.record(finished(id)) is None
    assert len(fixture.states(hook.id)) == 1


def test_a_message_that_fails_is_sent_again_with_the_same_id(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.receiver.answers = [503, None, 200]
    fixture.judged()
    for _ in range(3):
        assert fixture.delivery_worker.deliver_once() == 1
    assert len({request.headers["webhook-id"] for request in fixture.receiver.requests}) == 1
    (row,) = fixture.deliveries.recent(hook.id)
    assert (row.state, row.tries, row.answer) == (DeliveryState.DELIVERED, 3, 200)


def test_a_message_is_given_up_with_the_reason_after_the_last_try(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.receiver.answers = [500]
    fixture.judged()
    tries = [fixture.delivery_worker.deliver_once() for _ in range(4)]
    (row,) = fixture.deliveries.recent(hook.id)
    assert (tries, row.state) == ([1, 1, 1, 0], DeliveryState.GIVEN_UP)
    assert row.reason == "given up after 3 tries; the last reason: it answered 500"


def test_a_message_is_not_sent_again_after_the_answer_410(fixture: WebhookFixture) -> None:
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


def test_an_internal_address_in_the_store_is_not_called(fixture: WebhookFixture, engine: Engine) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.judged()
    strict = DeliveryWorker(
        fixture.deliveries, fixture.submissions, HttpSender(UrlPolicy()), {MessageFormat.GAVEL: event_body}
    )
    strict.deliver_once()
    (row,) = fixture.deliveries.recent(hook.id)
    assert (fixture.receiver.requests, row.reason) == ([], "the name leads to an address that is not public")


def test_the_callback_url_of_a_run_gets_judge0s_body_by_put(fixture: WebhookFixture) -> None:
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


def test_messages_are_sent_for_failed_and_cancelled_submissions(fixture: WebhookFixture) -> None:
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


def test_a_message_is_claimed_again_after_its_lease_has_expired(fixture: WebhookFixture) -> None:
    fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.judged()
    assert len(fixture.deliveries.claim(8, lease_seconds=60)) == 1
    assert fixture.deliveries.claim(8, lease_seconds=60) == []
    later = DeliveryStore(fixture.engine, clock=lambda: datetime.now(UTC) + timedelta(seconds=61))
    assert [one.tries for one in later.claim(8, lease_seconds=60)] == [2]


def test_a_late_result_changes_nothing_after_the_message_is_sent_again(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.judged()
    (old,) = fixture.deliveries.claim(8, lease_seconds=60)
    assert fixture.deliveries.resend(hook.id, old.id)
    (new,) = fixture.deliveries.claim(8, lease_seconds=60)
    assert (old.tries, new.tries) == (1, 1)
    fixture.deliveries.record([DeliveryResult(old, DeliveryState.GIVEN_UP, 410, "it answered 410")])
    assert fixture.states(hook.id) == [DeliveryState.PENDING]
    fixture.deliveries.record([DeliveryResult(new, DeliveryState.DELIVERED, 204)])
    assert fixture.states(hook.id) == [DeliveryState.DELIVERED]


def test_a_removed_webhook_gets_no_more_messages(fixture: WebhookFixture) -> None:
    hook, _ = fixture.webhooks.add(fixture.account, fixture.receiver.url)
    fixture.judged()
    assert fixture.webhooks.remove(fixture.account, hook.id)
    assert (fixture.delivery_worker.deliver_once(), fixture.receiver.requests) == (0, [])


def test_the_delivery_worker_of_the_dispatcher_sends_both_message_formats(engine: Engine) -> None:
    with webhook_receiver() as receiver:
        settings = Settings.from_env({"GAVEL_WEBHOOK_NETWORKS": "127.0.0.0/8"})
        fixture = WebhookFixture(engine, receiver)
        fixture.webhooks.add(fixture.account, receiver.url)
        fixture.judged(callback_url=receiver.url)
        open_delivery_worker(engine, settings).deliver_once()
        assert {request.method for request in receiver.requests} == {"POST", "PUT"}


@contextmanager
def tarpit() -> Iterator[str]:
    """Runs a server that accepts connections and never answers. Yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_a_slow_receiver_does_not_delay_messages_of_other_accounts(
    fixture: WebhookFixture, engine: Engine
) -> None:
    other = add_account(engine, "other")
    fixture.webhooks.add(other, fixture.receiver.url)
    with tarpit() as url:
        for _ in range(10):
            fixture.webhooks.add(fixture.account, url)
        for _ in range(3):
            fixture.judged()
        id = fixture.submissions.accept(new_submission(other)).status.id
        assert fixture.verdicts.record(finished(id)) is not None
        fixture.delivery_worker.begin()
        # Within these 50 s only the other account's message is done. The tarpit is given up after 60 s.
        assert fixture.delivery_worker.collect(50.0) == 1
        (request,) = fixture.receiver.requests
        assert json.loads(request.body)["data"]["id"] == id
        assert fixture.delivery_worker.is_sending
    fixture.delivery_worker.finish(50)  # the tarpit is closed, so its callers get an error at once
    assert not fixture.delivery_worker.is_sending


def _due(*pairs: tuple[str, str]) -> list[DueDelivery]:
    return [DueDelivery(id, account, f"http://{host}/") for id, (account, host) in enumerate(pairs)]


def test_each_account_may_have_some_deliveries_at_once_up_to_a_limit() -> None:
    due = _due(*[("flood", f"f{n}.example") for n in range(100)], *[(f"a{n}", f"h{n}") for n in range(20)])
    chosen = DeliveryScheduler().choose(due)
    assert {one.account for one in chosen} == {"flood", *(f"a{n}" for n in range(20))}
    assert len([one for one in chosen if one.account == "flood"]) == PER_ACCOUNT


def test_the_deliveries_to_a_host_at_once_are_limited_over_all_accounts() -> None:
    chosen = DeliveryScheduler().choose(
        _due(*[(f"a{n}", "Target.example" if n % 2 else "target.example") for n in range(50)])
    )
    assert len(chosen) == PER_TARGET


def test_slow_receivers_of_some_accounts_do_not_stop_deliveries_of_other_accounts() -> None:
    scheduler = DeliveryScheduler(clock=lambda: 0.0)
    slow = _due(*[(f"slow{n}", f"s{n}.example") for n in range(AT_ONCE)])
    for one in scheduler.choose(slow):
        scheduler.begin(one)
    for one in slow:
        scheduler.end(one.id, was_slow=True)
    again = _due(*[(f"slow{n % AT_ONCE}", f"t{n}.example") for n in range(3 * AT_ONCE)])
    for one in scheduler.choose(again):
        scheduler.begin(one)
    assert scheduler.free == AT_ONCE - SLOW_AT_ONCE
    fresh = [replace(one, id=1000 + one.id) for one in _due(*[(f"good{n}", f"g{n}") for n in range(AT_ONCE)])]
    assert len(scheduler.choose(fresh)) == scheduler.free
    assert scheduler.choose([replace(again[0], id=5000)]) == []


def test_many_older_messages_of_an_account_do_not_delay_other_accounts(
    fixture: WebhookFixture, engine: Engine
) -> None:
    other = add_account(engine, "other")
    for _ in range(10):
        fixture.webhooks.add(fixture.account, "http://127.0.0.1:1/")
    for _ in range(15):
        fixture.judged()
    fixture.webhooks.add(other, fixture.receiver.url)
    id = fixture.submissions.accept(new_submission(other)).status.id
    assert fixture.verdicts.record(finished(id)) is not None
    fixture.delivery_worker.deliver_once()
    assert len(fixture.receiver.requests) == 1


class SlowResolver(UrlPolicy):
    """Resolves ``many.example`` to many addresses without a server. Never finds any other name."""

    def __init__(self) -> None:
        super().__init__([ip_network("127.0.0.0/8")])
        self.release = threading.Event()

    def resolve(self, target: Target) -> list[str]:
        if target.host == "many.example":
            return [f"127.0.0.{n}" for n in range(1, 100)]
        self.release.wait(30)
        return []


def test_a_delivery_fails_if_its_host_name_is_not_found_in_time() -> None:
    policy = SlowResolver()
    with pytest.raises(DeliveryError, match="not found within"):
        HttpSender(policy, seconds=0.2).send(WebhookRequest("POST", "http://slow.example/", {}, b""))
    policy.release.set()


def test_at_most_four_addresses_of_a_host_name_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def refuse(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        assert timeout <= 5.0
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(DeliveryError, match="no connection"):
        HttpSender(SlowResolver(), seconds=5.0).send(WebhookRequest("POST", "http://many.example/", {}, b""))
    assert len(tried) == 4


@contextmanager
def endless_receiver(piece: bytes) -> Iterator[str]:
    """Runs a server that sends this piece again and again, as long as the client reads."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                while True:
                    connection.sendall(piece)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    thread.join(20)


@pytest.mark.parametrize(
    "piece",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
        b"HTTP/1.1 100 Continue\r\nA: " + b"a" * 60_000 + b"\r\n\r\n",
        b"x" * 65_536,
    ],
    ids=["interim answers", "interim answers with long headers", "a status line without end"],
)
def test_a_delivery_fails_if_the_head_of_the_answer_is_endless(piece: bytes) -> None:
    sender = HttpSender(UrlPolicy([ip_network("127.0.0.0/8")]), seconds=60.0)
    with endless_receiver(piece) as url, pytest.raises(DeliveryError, match="more than"):
        sender.send(WebhookRequest("POST", url, {}, b"{}"))


@pytest.mark.slow
def test_a_delivery_succeeds_without_reading_an_endless_body() -> None:
    sender = HttpSender(UrlPolicy([ip_network("127.0.0.0/8")]), seconds=60.0)
    with endless_receiver(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 65_536) as url:
        assert sender.send(WebhookRequest("POST", url, {}, b"{}")) == 200
