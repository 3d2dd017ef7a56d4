"""What is owed is told: signed, once, again after trouble, and never for ever, to a real receiver."""

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
from judge_api.store.attempts import AttemptStore, Retreat
from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhook_deliveries import DeliveryState, DeliveryStore, Form
from judge_api.store.webhooks import WebhookStore
from judge_api.webhooks.delivery_worker import DeliveryWorker, event_body
from judge_api.webhooks.http_sender import HttpSender
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.model.submission import Stage
from tests.support.records import add_account, finished, new_submission
from tests.support.webhook_receiver import Receiver, receiving


class Office:
    """A store, a messenger and somebody who listens."""

    def __init__(self, engine: Engine, receiver: Receiver) -> None:
        self.engine = engine
        self.receiver = receiver
        self.submissions = SubmissionStore(engine)
        self.attempts = AttemptStore(engine, max_attempts=1)
        self.webhooks = WebhookStore(engine)
        self.deliveries = DeliveryStore(engine)
        self.account = add_account(engine)
        writers = {Form.GAVEL: event_body, Form.JUDGE0: callback_body}
        postman = HttpSender(UrlPolicy([ip_network("127.0.0.0/8")]), seconds=5.0)
        self.messenger = DeliveryWorker(
            self.deliveries, self.submissions, postman, writers, pauses=(0.0, 0.0)
        )

    def judged(self, **changes: object) -> str:
        id = self.submissions.accept(new_submission(self.account, **changes)).status.id
        assert self.attempts.record(finished(id)) is not None
        return id

    def states(self, webhook: str) -> list[DeliveryState]:
        return [row.state for row in self.deliveries.lately(webhook)]


@pytest.fixture
def office(engine: Engine) -> Iterator[Office]:
    with receiving() as receiver:
        yield Office(engine, receiver)


def test_a_verdict_is_sent_once_with_a_signature_that_the_receiver_can_check(office: Office) -> None:
    hook, secret = office.webhooks.add(office.account, office.receiver.url)
    id = office.judged()
    assert (office.messenger.deliver_once(), office.messenger.deliver_once()) == (1, 0)
    (told,) = office.receiver.told
    body = json.loads(told.body)
    assert (told.method, told.path) == ("POST", "/verdicts?of=ada")
    assert (body["type"], body["data"]["id"], body["data"]["verdict"]) == ("submission.finished", id, "AC")
    signed = f"{told.headers['webhook-id']}.{told.headers['webhook-timestamp']}.".encode() + told.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert told.headers["webhook-signature"] == f"v1,{expected}"
    assert office.states(hook.id) == [DeliveryState.DELIVERED]


def test_a_report_that_comes_twice_enqueues_one_message(office: Office) -> None:
    hook, _ = office.webhooks.add(office.account, office.receiver.url)
    id = office.judged()
    assert office.attempts.record(finished(id)) is None
    assert len(office.states(hook.id)) == 1


def test_what_is_not_taken_is_sent_again_with_the_same_id(office: Office) -> None:
    hook, _ = office.webhooks.add(office.account, office.receiver.url)
    office.receiver.answers = [503, None, 200]
    office.judged()
    for _ in range(3):
        assert office.messenger.deliver_once() == 1
    assert len({told.headers["webhook-id"] for told in office.receiver.told}) == 1
    (row,) = office.deliveries.lately(hook.id)
    assert (row.state, row.tries, row.answer) == (DeliveryState.DELIVERED, 3, 200)


def test_after_the_last_try_it_is_given_up_with_the_reason(office: Office) -> None:
    hook, _ = office.webhooks.add(office.account, office.receiver.url)
    office.receiver.answers = [500]
    office.judged()
    tries = [office.messenger.deliver_once() for _ in range(4)]
    (row,) = office.deliveries.lately(hook.id)
    assert (tries, row.state) == ([1, 1, 1, 0], DeliveryState.GIVEN_UP)
    assert row.reason == "given up after 3 tries; the last one: it answered 500"


def test_a_receiver_that_is_gone_is_not_asked_again(office: Office) -> None:
    hook, _ = office.webhooks.add(office.account, office.receiver.url)
    office.receiver.answers = [410]
    office.judged()
    assert [office.messenger.deliver_once() for _ in range(2)] == [1, 0]
    assert office.states(hook.id) == [DeliveryState.GIVEN_UP]


def test_a_redirect_is_not_followed(office: Office) -> None:
    hook, _ = office.webhooks.add(office.account, office.receiver.url)
    office.receiver.answers = [307]
    office.judged()
    office.messenger.deliver_once()
    (row,) = office.deliveries.lately(hook.id)
    assert (len(office.receiver.told), row.answer) == (1, 307)
    assert row.reason is not None and "not followed" in row.reason


def test_an_address_inside_is_not_called_even_if_it_got_into_the_store(
    office: Office, engine: Engine
) -> None:
    hook, _ = office.webhooks.add(office.account, office.receiver.url)
    office.judged()
    strict = DeliveryWorker(
        office.deliveries, office.submissions, HttpSender(UrlPolicy()), {Form.GAVEL: event_body}
    )
    strict.deliver_once()
    (row,) = office.deliveries.lately(hook.id)
    assert (office.receiver.told, row.reason) == ([], "the name leads to an address that is not public")


def test_an_address_that_came_with_a_run_is_put_judge0s_body(office: Office) -> None:
    office.judged(callback_url=office.receiver.url)
    office.messenger.deliver_once()
    (told,) = office.receiver.told
    body = json.loads(told.body)
    assert (told.method, body["status"]) == ("PUT", {"id": 3, "description": "Accepted"})
    assert set(body) == {
        *("token", "time", "memory", "stdout", "stderr", "compile_output", "message", "status"),
    }
    assert "webhook-signature" not in told.headers


def test_no_message_is_sent_before_the_verdict(office: Office) -> None:
    office.submissions.accept(new_submission(office.account, callback_url=office.receiver.url))
    assert office.messenger.deliver_once() == 0


def test_a_failed_and_a_cancelled_submission_are_sent_too(office: Office) -> None:
    office.webhooks.add(office.account, office.receiver.url)
    failed = office.submissions.accept(new_submission(office.account)).status.id
    status = office.attempts.give_back(failed, 1, Retreat("the disk is full"))
    assert status is not None and status.stage is Stage.FAILED
    cancelled = office.submissions.accept(new_submission(office.account)).status.id
    assert office.submissions.cancel(cancelled)
    office.messenger.deliver_once()
    told = {json.loads(one.body)["data"]["id"]: json.loads(one.body)["data"] for one in office.receiver.told}
    assert {told[failed]["stage"], told[cancelled]["stage"]} == {"FAILED", "CANCELLED"}


def test_a_claimer_that_died_leaves_the_message_to_the_next(office: Office) -> None:
    office.webhooks.add(office.account, office.receiver.url)
    office.judged()
    assert len(office.deliveries.claim(8, lease_seconds=60)) == 1
    assert office.deliveries.claim(8, lease_seconds=60) == []
    later = DeliveryStore(office.engine, clock=lambda: datetime.now(UTC) + timedelta(seconds=61))
    assert [one.tries for one in later.claim(8, lease_seconds=60)] == [2]


def test_a_removed_webhook_gets_no_more_messages(office: Office) -> None:
    hook, _ = office.webhooks.add(office.account, office.receiver.url)
    office.judged()
    assert office.webhooks.remove(office.account, hook.id)
    assert (office.messenger.deliver_once(), office.receiver.told) == (0, [])


def test_the_dispatchers_own_messenger_speaks_both_forms(engine: Engine) -> None:
    with receiving() as receiver:
        settings = Settings.from_env({"GAVEL_WEBHOOK_NETWORKS": "127.0.0.0/8"})
        office = Office(engine, receiver)
        office.webhooks.add(office.account, receiver.url)
        office.judged(callback_url=receiver.url)
        open_delivery_worker(engine, settings).deliver_once()
        assert {told.method for told in receiver.told} == {"POST", "PUT"}
