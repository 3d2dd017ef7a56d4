"""A submission works over HTTP from its POST to its status."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from judge_api.dispatch.rq_queue import CANCELLED_LEASE
from judge_api.store.attempts import RequeueReason
from judge_api.store.verdicts import VerdictStore
from judge_api.views.statuses import etag
from judge_core.model.submission import Stage
from tests.support.records import finished, lease_of
from tests.web.app_fixture import SUM, AppFixture


def _finish(app: AppFixture, id: str) -> None:
    """Record a verdict and publish it, as the dispatcher does."""
    status = VerdictStore(app.services.engine).record(finished(id))
    assert status is not None
    app.services.status_service.publish_change(id)


def test_a_submission_is_accepted_into_the_queue_of_the_account(app: AppFixture) -> None:
    for name, queue in (("ada", "normal"), ("grace", "premium")):
        assert app.submit(name, queue="premium").status_code == 422
        answer = app.submit(name)
        assert answer.status_code == 202
        body = answer.get_json()
        assert body["queue"] == queue
        assert answer.headers["Location"] == body["status_url"] == f"/status/{body['id']}"
        status = app.client.get(body["status_url"], headers=app.headers(name)).get_json()
        assert (status["state"], status["queue"], status["problem"]) == ("PENDING", queue, "aplusb")


def test_a_finished_submission_shows_its_verdict(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    _finish(app, id)
    answer = app.client.get(f"/status/{id}", headers=app.headers())
    status = answer.get_json()
    assert (status["state"], status["verdict"], status["status_code"]) == ("SUCCESS", "AC", 10)
    assert status["tests"][0]["name"] == "secret/1"
    assert "Retry-After" not in answer.headers


def test_an_unchanged_status_is_answered_with_304(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    first = app.client.get(f"/status/{id}", headers=app.headers())
    assert int(first.headers["Retry-After"]) >= 1
    known = {"If-None-Match": first.headers["ETag"], **app.headers()}
    again = app.client.get(f"/status/{id}", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    _finish(app, id)
    assert app.client.get(f"/status/{id}", headers=known).status_code == 200


def test_a_long_poll_is_answered_when_the_verdict_is_published(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    found: list[tuple[float, str]] = []

    def poll() -> None:
        answer = app.flask.test_client().get(f"/status/{id}?wait=30", headers=app.headers())
        found.append((time.monotonic(), answer.get_json()["stage"]))

    waiting = threading.Thread(target=poll)
    waiting.start()
    while app.services.status_subscriptions.count() == 0:
        time.sleep(0.005)
    _finish(app, id)
    published_at = time.monotonic()
    waiting.join(60)
    at, stage = found[0]
    assert stage == "DONE"
    assert at - published_at < 25  # a poll that gets no change waits for 30 s


def test_a_long_poll_for_the_final_status_ignores_earlier_changes(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    queued = app.services.submissions.status(id)
    assert queued is not None
    found: list[str] = []

    def poll() -> None:
        answer = app.flask.test_client().get(f"/status/{id}?wait=20&until=final", headers=app.headers())
        found.append(answer.get_json()["stage"])

    waiting = threading.Thread(target=poll)
    waiting.start()
    while app.services.status_subscriptions.count() == 0:
        time.sleep(0.005)
    statuses = app.services.status_service
    for stage in (Stage.COMPILING, Stage.RUNNING):
        statuses._publish(replace(queued, stage=stage))
    assert waiting.is_alive()
    _finish(app, id)
    waiting.join(60)
    assert found == ["DONE"]


def test_a_long_poll_for_the_final_status_returns_the_current_status_after_its_time(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    answer = app.client.get(f"/status/{id}?wait=0.1&until=final", headers=app.headers())
    assert answer.get_json()["stage"] == "QUEUED"
    assert "Retry-After" in answer.headers


def test_an_unknown_value_of_until_is_refused_by_name(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    answer = app.client.get(f"/status/{id}?wait=1&until=judged", headers=app.headers())
    assert answer.status_code == 422
    assert "until" in answer.get_data(as_text=True)


def test_a_long_poll_without_a_change_returns_the_current_status(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    began = time.monotonic()
    answer = app.client.get(f"/status/{id}?wait=0.3", headers=app.headers())
    assert answer.get_json()["stage"] == "QUEUED"
    assert time.monotonic() - began >= 0.3


def test_a_long_poll_with_an_old_etag_is_answered_at_once(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    queued = app.services.submissions.status(id)
    assert queued is not None
    _finish(app, id)
    known = {"If-None-Match": etag(queued), **app.headers()}
    assert app.client.get(f"/status/{id}?wait=20", headers=known).get_json()["stage"] == "DONE"


def test_a_repeated_idempotency_key_returns_the_same_submission(app: AppFixture) -> None:
    body = {"problem": "aplusb", "language": "python3", "source": SUM}
    headers = {"Idempotency-Key": "once", **app.headers()}
    first, again = (app.client.post("/submissions", json=body, headers=headers) for _ in range(2))
    assert first.get_json()["id"] == again.get_json()["id"]
    other = app.client.post("/submissions", json={**body, "source": "pass"}, headers=headers)
    assert (other.status_code, other.get_json()["type"]) == (422, "/errors/idempotency-key-reused")
    somebody_else = {"Idempotency-Key": "once", **app.headers("bob")}
    theirs = app.client.post("/submissions", json=body, headers=somebody_else)
    assert theirs.get_json()["id"] != first.get_json()["id"]


def test_a_submission_of_another_account_gets_404(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    nothing = app.client.get("/status/0199-no-such", headers=app.headers("bob"))
    for path in (f"/status/{id}", f"/submissions/{id}"):
        answer = app.client.get(path, headers=app.headers("bob"))
        assert answer.status_code == nothing.status_code == 404
        assert app.client.get(path, headers=app.headers("admin")).status_code == 200
    assert app.client.delete(f"/submissions/{id}", headers=app.headers("bob")).status_code == 404


def test_cancelling_stops_the_current_attempt(app: AppFixture) -> None:
    """The client of a live run may cancel the run with the status of the first attempt, when the second is
    already running."""
    services, id = app.services, app.submit().get_json()["id"]
    first = services.submissions.status(id)
    assert first is not None
    why = RequeueReason("its worker was drained", charged=False, ending="returned")
    assert services.attempts.requeue_or_fail(id, 1, why) is not None
    assert services.submission_service.cancel(first)
    assert app.redis.client().get(lease_of(id, 2)) == CANCELLED_LEASE.encode()


def test_a_submission_can_be_cancelled_once(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    answers = [app.client.delete(f"/submissions/{id}", headers=app.headers()).get_json() for _ in range(2)]
    assert [answer["cancelled"] for answer in answers] == [True, False]
    status = app.client.get(f"/status/{id}", headers=app.headers()).get_json()
    assert (status["stage"], status["state"]) == ("CANCELLED", "FAILURE")


def test_the_list_of_submissions_is_read_page_by_page(app: AppFixture) -> None:
    ids = [app.submit("bob").get_json()["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = app.client.get(f"/submissions?limit=2{cursor}", headers=app.headers("bob")).get_json()
        seen += [one["id"] for one in page["submissions"]]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert seen[:5] == ids[::-1]
    assert len(seen) == len(set(seen))


def test_the_owner_of_a_submission_reads_source_tests_and_attempts(app: AppFixture) -> None:
    id = app.submit().get_json()["id"]
    _finish(app, id)
    body = app.client.get(f"/submissions/{id}", headers=app.headers()).get_json()
    assert body["source"] == SUM
    assert body["version"]
    assert body["tests"]
    assert body["attempts"][0]["number"] == 1


def test_a_run_with_own_input_belongs_to_no_problem(app: AppFixture) -> None:
    body = {"language": "py", "source": SUM, "stdin": "1 2", "expected_output": "3"}
    answer = app.client.post("/runs", json=body, headers=app.headers())
    assert answer.status_code == 202
    found = app.services.submissions.submission(answer.get_json()["id"])
    assert found is not None
    assert found.run is not None
    assert (found.status.problem, found.run.cases) == (None, (("1 2", "3"),))
    samples = {"language": "py", "source": SUM, "problem": "aplusb"}
    assert app.client.post("/runs", json=samples, headers=app.headers()).status_code == 202


def test_too_many_unfinished_submissions_are_refused_with_the_time_to_try_again(own_app: AppFixture) -> None:
    for _ in range(20):
        assert own_app.submit().status_code == 202
    answer = own_app.submit()
    assert (answer.status_code, answer.get_json()["type"]) == (429, "/errors/too-many")
    assert int(answer.headers["Retry-After"]) > 0


def test_posts_and_statuses_are_answered_while_redis_is_away(own_app: AppFixture) -> None:
    own_app.redis.stop()
    answer = own_app.submit()
    assert answer.status_code == 202
    status = own_app.client.get(answer.get_json()["status_url"], headers=own_app.headers())
    assert status.get_json()["state"] == "PENDING"
    ready = own_app.client.get("/readyz")
    assert ready.status_code == 503
    assert ready.get_json()["checks"]["redis"] is False
    health = ready.get_json()["queue_health"]
    assert (health["reachable"], health["outbox"]) == (False, 1)
    said = f"redis: the queue has been unreachable since {health['since']}, 1 waiting in the outbox"
    assert said in ready.get_json()["missing"]
    again = own_app.client.get("/readyz").get_json()["queue_health"]
    assert again["since"] == health["since"]
    queues = own_app.client.get("/admin/queues", headers=own_app.headers("admin")).get_json()
    assert queues["queue_health"] == health


def test_posts_are_accepted_while_redis_hangs(hasty_app: AppFixture) -> None:
    hasty_app.redis.hang()
    answers = [hasty_app.submit() for _ in range(6)]  # without a time limit the first would not return
    assert all(answer.status_code == 202 for answer in answers)


@pytest.mark.parametrize("route", ["/submissions", "/runs"])
def test_a_source_with_a_nul_byte_is_accepted_unchanged(app: AppFixture, route: str) -> None:
    """An editor that saves UTF-16 writes NUL bytes. The user learns more from a compile error than from a
    refused request."""
    problem = {"problem": "aplusb"} if route == "/submissions" else {}
    body = {"language": "python3", "source": "p\x00r\x00", **problem}
    answer = app.client.post(route, json=body, headers=app.headers())
    assert answer.status_code == 202
    shown = app.client.get(f"/submissions/{answer.get_json()['id']}", headers=app.headers()).get_json()
    assert shown["source"] == "p\x00r\x00"


def _run(app: AppFixture, **fields: Any) -> Any:
    body = {"language": "python3", "source": SUM, **fields}
    return app.client.post("/runs", json=body, headers=app.headers())


@pytest.mark.parametrize("content", [b"\xff\x00\xe9", b"1\r\n2\r\n", b""])
def test_a_run_accepts_bytes_in_base64(app: AppFixture, content: bytes) -> None:
    encoded = base64.b64encode(content).decode()
    fields = {"stdin_base64": encoded, "expected_output_base64": encoded}
    for body in (fields, {"cases": [fields]}):
        found = app.services.submissions.submission(_run(app, **body).get_json()["id"])
        assert found is not None
        assert found.run is not None
        assert list(found.run.case_bytes()) == [(content, content)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"stdin_base64": "?"}, "stdin_base64"),
        ({"stdin_base64": "YQ"}, "stdin_base64"),
        ({"stdin": "a", "stdin_base64": "YQ=="}, "stdin_base64"),
        ({"expected_output": "a", "expected_output_base64": "YQ=="}, "expected_output_base64"),
        ({"cases": [{"stdin": "a", "stdin_base64": "YQ=="}]}, "cases.0.stdin_base64"),
        ({"cases": [{"stdin": "a"}], "stdin_base64": "YQ=="}, "cases"),
    ],
)
def test_wrong_base64_fields_are_refused_by_name(app: AppFixture, fields: dict[str, Any], field: str) -> None:
    answer = _run(app, **fields)
    assert answer.status_code == 422
    assert field in str(answer.get_json()["errors"])
