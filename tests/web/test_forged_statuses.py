"""A status in Redis is used only if a main server wrote it, or the worker that was given the attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from judge_api.store.verdicts import VerdictStore
from judge_core.model.submission import Stage, Status, Verdict
from judge_core.redis.keys import STATUS_CHANNEL
from judge_core.redis.signer import Signer
from judge_core.redis.status_channel import dump_progress, dump_status, sign_status
from tests.support.records import SIGNER, finished, live_of, outcome
from tests.web.app_fixture import AppFixture

Forge = Callable[[Status], str]
FORGERIES: dict[str, Forge] = {
    "without a proof": dump_status,
    "with a guessed key": lambda status: sign_status(Signer("guessed"), status),
    "with the attempt's proof": lambda status: dump_progress(status, SIGNER.proof(status.id, status.attempt)),
    "with the signature of another text": lambda status: (
        dump_status(status)[:-1] + sign_status(SIGNER, replace(status, tests_done=5))[-44:]
    ),
}


def accepted(app: AppFixture, id: str) -> Status:
    status = app.services.submissions.status(id)
    assert status is not None
    return replace(status, stage=Stage.DONE, outcome=outcome(), finished_at=status.submitted_at)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_verdict_is_not_shown(app: AppFixture, forgery: str) -> None:
    id = app.submit().get_json()["id"]
    text = FORGERIES[forgery](accepted(app, id))
    app.redis.client().set(live_of(id), text)
    for _ in range(3):
        body = app.client.get(f"/status/{id}", headers=app.headers()).get_json()
        assert (body["stage"], body["verdict"]) == ("QUEUED", None)
    assert app.redis.client().get(live_of(id)) != text.encode(), "the forged status must be replaced"


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_verdict_does_not_hide_the_recorded_verdict(app: AppFixture, forgery: str) -> None:
    id = app.submit().get_json()["id"]
    assert VerdictStore(app.services.engine).record(finished(id, verdict=Verdict.WA)) is not None
    app.redis.client().set(live_of(id), FORGERIES[forgery](accepted(app, id)))
    assert app.client.get(f"/status/{id}", headers=app.headers()).get_json()["verdict"] == "WA"


def test_progress_of_an_attempt_that_no_worker_was_given_is_not_shown(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    status = app.services.submissions.status(id)
    assert status is not None
    running = replace(status, stage=Stage.RUNNING, attempt=7, tests_done=3, tests_total=4)
    for text in (dump_status(running), dump_progress(running, SIGNER.proof(id, 1))):
        app.redis.client().set(live_of(id), text)
        assert app.client.get(f"/status/{id}", headers=app.headers()).get_json()["stage"] == "QUEUED"


def test_progress_of_the_worker_that_was_given_the_attempt_is_shown(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    status = app.services.submissions.status(id)
    assert status is not None
    running = replace(status, stage=Stage.RUNNING, tests_done=3, tests_total=4)
    app.redis.client().set(live_of(id), dump_progress(running, SIGNER.proof(id, 1)))
    body = app.client.get(f"/status/{id}", headers=app.headers()).get_json()
    assert (body["stage"], body["tests_done"]) == ("RUNNING", 3)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_verdict_on_the_channel_is_not_passed_to_subscribers(app: AppFixture, forgery: str) -> None:
    id = app.submit().get_json()["id"]
    forged = accepted(app, id)
    with app.services.status_subscriptions.subscribe(id) as subscription:
        subscription.has_missed()
        app.redis.client().publish(STATUS_CHANNEL, FORGERIES[forgery](forged))
        queued = replace(forged, stage=Stage.RUNNING, outcome=None, finished_at=None)
        app.redis.client().publish(STATUS_CHANNEL, sign_status(SIGNER, queued))
        received: list[Status] = []
        while not received:
            received = subscription.wait(60)
    assert [status.stage for status in received] == [Stage.RUNNING]
