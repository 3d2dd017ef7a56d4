"""The status fast path gives exactly the same response as the view, or leaves the request to the view."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from judge_api.app import create_app
from judge_api.container import Services
from judge_api.middleware.fastpath import status as fast_path_of_status
from judge_api.middleware.fastpath.status import StatusFastPath
from judge_api.middleware.headers import ResponseHeaders
from judge_api.store.verdicts import VerdictStore
from judge_core.logging import get_logger
from judge_core.model.errors import StoreUnavailable
from judge_core.model.submission import Stage, Status
from tests.support.records import finished
from tests.web.app_fixture import AppFixture

RID = {"X-Request-Id": "the-same-for-both"}


@dataclass(frozen=True, slots=True)
class Response:
    """One response, in a form that can be compared."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class BothPaths:
    """The same application with the fast path and without it. ``reached_flask`` counts what the fast path
    left to Flask."""

    def __init__(self, app: AppFixture) -> None:
        self.reached_flask = 0
        self.last_query = ""
        self._flask: Any = create_app(app.services, frozenset()).wsgi_app
        headers = ResponseHeaders(self._count, app.services.settings)
        self._fast_path = StatusFastPath(self._count, app.services, headers)

    def _count(self, environ: dict[str, Any], start: Any) -> Any:
        self.reached_flask += 1
        self.last_query = environ["QUERY_STRING"]
        return self._flask(environ, start)

    def get(self, path: str, headers: dict[str, str], method: str = "GET") -> tuple[Response, Response]:
        """The responses of the fast path and of the view."""
        return self._get(self._fast_path, path, headers, method), self._get(
            self._flask, path, headers, method
        )

    def get_fast(self, path: str, headers: dict[str, str]) -> Response:
        """The response of the fast path alone."""
        return self._get(self._fast_path, path, headers, "GET")

    def _get(self, app: Any, path: str, headers: dict[str, str], method: str) -> Response:
        client = Client(app, use_cookies=False)
        answer = client.open(path, method=method, headers={**RID, **headers})
        return Response(answer.status, tuple(sorted(answer.headers)), answer.data)


@pytest.fixture
def both(app: AppFixture, monkeypatch: pytest.MonkeyPatch) -> BothPaths:
    """Both applications. The fast path stays in use. Otherwise the view would answer polls that come a second
    after the last check for running events."""
    monkeypatch.setattr(app.services.running_events, "is_fresh", lambda: True)
    return BothPaths(app)


def _submit(app: AppFixture, name: str = "ada") -> str:
    id: str = app.submit(name).get_json()["id"]
    _warm(app.client, app, id, name)
    return id


def _warm(client: FlaskClient, app: AppFixture, id: str, name: str) -> None:
    """Poll once, so that the key is cached, and publish the status in Redis, as a worker would."""
    assert client.get(f"/status/{id}", headers=app.headers(name)).status_code == 200
    app.services.status_service.publish_change(id)


def _finish(app: AppFixture, id: str, tests: int = 1) -> None:
    report = finished(id)
    assert report.outcome is not None
    many = tuple(replace(report.outcome.tests[0], name=f"secret/{n}") for n in range(tests))
    report = replace(report, outcome=replace(report.outcome, tests=many, tests_total=tests))
    assert VerdictStore(app.services.engine).record(report) is not None
    app.services.status_service.publish_change(id)


def test_fast_path_and_view_answer_polls_of_waiting_and_finished_submissions_alike(
    app: AppFixture, both: BothPaths
) -> None:
    id = _submit(app)
    waiting, by_view = both.get(f"/status/{id}", app.headers())
    assert waiting == by_view
    assert dict(waiting.headers)["Retry-After"]
    _finish(app, id)
    done, by_view = both.get(f"/status/{id}", app.headers())
    assert done == by_view
    assert b'"verdict":"AC"' in done.body
    known = {**app.headers(), "If-None-Match": f'"x", {dict(done.headers)["ETag"]}'}
    same, by_view = both.get(f"/status/{id}", known)
    assert same == by_view
    assert (same.status, same.body) == ("304 NOT MODIFIED", b"")
    assert both.reached_flask == 0


def test_fast_path_and_view_answer_a_poll_of_a_new_submission_alike(app: AppFixture, both: BothPaths) -> None:
    _submit(app)
    id = app.submit().get_json()["id"]
    posted, by_view = both.get(f"/status/{id}", app.headers())
    assert posted == by_view
    assert b'"stage":"QUEUED"' in posted.body
    assert both.reached_flask == 0
    assert both.get(f"/status/{id}", app.headers("bob"))[0].status == "404 NOT FOUND"


def test_fast_path_and_view_answer_a_long_poll_of_a_final_status_alike(
    app: AppFixture, both: BothPaths
) -> None:
    id = _submit(app)
    _finish(app, id)
    done, by_view = both.get(f"/status/{id}?wait=30", app.headers())
    assert done == by_view
    assert b'"verdict":"AC"' in done.body
    assert both.get(f"/status/{id}?wait=30&until=final", app.headers()) == (done, by_view)
    assert both.reached_flask == 0
    for query in ("wait=31", "wait=-1", "wait=", "wait=5&wait=6", "wait=5&more=1"):
        quick, by_view = both.get(f"/status/{id}?{query}", app.headers())
        assert quick == by_view, query
    assert both.reached_flask == 5


@contextmanager
def _waiting_poll(app: AppFixture, both: BothPaths, query: str) -> Iterator[tuple[str, Future[Response]]]:
    """A submission, and a poll by the fast path that waits for it in another thread."""
    id, followed = _submit(app), app.services.status_subscriptions.count()
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(lambda: both.get_fast(f"/status/{id}?{query}", app.headers()))
        ends = time.monotonic() + 60
        while app.services.status_subscriptions.count() == followed and not poll.done():
            assert time.monotonic() < ends, "the poll neither waits nor ends"
            time.sleep(0.005)
        yield id, poll


@pytest.mark.parametrize("query", ["wait=30", "wait=30&until=final"])
def test_a_long_poll_waits_for_the_end_in_the_fast_path(app: AppFixture, both: BothPaths, query: str) -> None:
    with _waiting_poll(app, both, query) as (id, poll):
        _finish(app, id)
    assert poll.result() == both.get(f"/status/{id}", app.headers())[1]
    assert both.reached_flask == 0
    assert app.services.open_streams.count() == 0


def test_a_long_poll_with_an_outdated_etag_is_answered_at_once(app: AppFixture, both: BothPaths) -> None:
    id = _submit(app)
    headers = {**app.headers(), "If-None-Match": '"another"'}
    quick, by_view = both.get(f"/status/{id}?wait=30", headers)
    assert quick == by_view
    assert both.reached_flask == 0


def test_a_long_poll_beyond_the_limit_of_streams_is_answered_at_once(
    app: AppFixture, both: BothPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.services.open_streams, "try_open", lambda _account, _address: None)
    id = _submit(app)
    quick, by_view = both.get(f"/status/{id}?wait=30", app.headers())
    assert quick == by_view
    assert b'"stage":"QUEUED"' in quick.body
    assert both.reached_flask == 0


def test_the_view_answers_a_long_poll_after_an_event_began(
    app: AppFixture, both: BothPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _waiting_poll(app, both, "wait=30") as (id, poll):
        monkeypatch.setattr(app.services.running_events, "is_fresh", lambda: False)
        _finish(app, id)
    assert both.reached_flask == 1
    assert poll.result() == both.get(f"/status/{id}", app.headers())[1]


def test_the_view_answers_if_the_store_fails_during_a_long_poll(
    app: AppFixture, both: BothPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise StoreUnavailable("away")

    id = _submit(app)
    monkeypatch.setattr(app.services.status_service, "wait", fail)
    quick, by_view = both.get(f"/status/{id}?wait=30", app.headers())
    assert quick == by_view
    assert quick.status == "503 SERVICE UNAVAILABLE"
    assert both.reached_flask == 1


@pytest.mark.parametrize(
    ("query", "passed", "left"),
    [
        ("wait=30", 12.5, "wait=17&until=change"),
        ("wait=30&until=final", 29.5, "wait=0&until=final"),
        ("wait=5", 9.0, "wait=0&until=change"),
    ],
)
def test_the_view_waits_for_the_remaining_time_after_a_failed_long_poll(
    app: AppFixture, both: BothPaths, monkeypatch: pytest.MonkeyPatch, query: str, passed: float, left: str
) -> None:
    now = [100.0]

    def fail(*_arguments: object) -> None:
        now[0] += passed
        raise StoreUnavailable("away")

    id = _submit(app)
    monkeypatch.setattr(fast_path_of_status, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    monkeypatch.setattr(app.services.status_service, "wait", fail)
    both.get_fast(f"/status/{id}?{query}", app.headers())
    assert both.last_query == left


@pytest.mark.parametrize("sent", [RID, {"X-Request-Id": "bad"}])
def test_log_lines_of_a_long_poll_have_the_request_id_of_the_answer(
    app: AppFixture,
    both: BothPaths,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    sent: dict[str, str],
) -> None:
    def warn(before: Status, *_arguments: object) -> Status:
        get_logger("tests").warning("Waits")
        return before

    id = _submit(app)
    monkeypatch.setattr(app.services.status_service, "wait", warn)
    answer = both.get_fast(f"/status/{id}?wait=30", {**app.headers(), **sent})
    (record,) = [each for each in caplog.records if each.getMessage() == "Waits"]
    assert vars(record)["log_fields"] == {"request": dict(answer.headers)["X-Request-Id"]}
    assert both.reached_flask == 0


@pytest.mark.parametrize("accepted", [None, "gzip", "identity;q=1, gzip;q=0", "br, *;q=0.1"])
def test_fast_path_and_view_compress_a_long_status_alike(
    app: AppFixture, both: BothPaths, accepted: str | None
) -> None:
    id = _submit(app)
    _finish(app, id, tests=40)
    headers = app.headers() | ({"Accept-Encoding": accepted} if accepted else {})
    quick, by_view = both.get(f"/status/{id}", headers)
    assert quick == by_view
    assert both.reached_flask == 0


def test_an_unusual_poll_is_answered_by_the_view(app: AppFixture, both: BothPaths) -> None:
    id = _submit(app)
    unknown = "0199ffff-ffff-7fff-bfff-ffffffffffff"
    asked = [
        (f"/status/{id}", app.headers("grace"), "GET"),
        (f"/status/{unknown}", app.headers(), "GET"),
        (f"/status/{id}", {"Authorization": "Bearer gvl_wrong"}, "GET"),
        (
            f"/status/{id}",
            {"Authorization": app.headers()["Authorization"].replace("Bearer", "Basic")},
            "GET",
        ),
        (f"/status/{id}", {}, "GET"),
        (f"/status/{id}", app.headers(), "HEAD"),
        (f"/status/{id}", app.headers(), "POST"),
        (f"/status/{id}?wait=0", app.headers(), "GET"),
        (f"/status/{id}?wait=x", app.headers(), "GET"),
        (f"/status/{id}/", app.headers(), "GET"),
    ]
    for number, (path, headers, method) in enumerate(asked, 1):
        quick, by_view = both.get(path, headers, method)
        assert quick == by_view, path
        assert both.reached_flask == number


def test_an_administrator_polls_submissions_of_other_accounts(app: AppFixture, both: BothPaths) -> None:
    id = _submit(app)
    _warm(app.client, app, id, "admin")
    quick, by_view = both.get(f"/status/{id}", app.headers("admin"))
    assert quick == by_view
    assert (quick.status, both.reached_flask) == ("200 OK", 0)


def test_the_served_application_has_the_status_fast_path(app: AppFixture) -> None:
    layer: Any = app.flask.wsgi_app
    while not isinstance(layer, StatusFastPath):
        layer = layer._app  # raises if the innermost application is reached


def test_the_fast_path_refuses_a_revoked_key(app: AppFixture, both: BothPaths) -> None:
    id = _submit(app)
    services: Services = app.services
    key_id, secret = services.accounts.issue_key(app.accounts["ada"].account.id, "short")
    headers = {"Authorization": f"Bearer {secret}"}
    assert app.client.get(f"/status/{id}", headers=headers).status_code == 200
    assert both.get(f"/status/{id}", headers)[0].status == "200 OK"
    answer = app.client.delete(f"/me/keys/{key_id}", headers=app.headers())
    assert answer.status_code == 204
    assert both.get(f"/status/{id}", headers)[0].status == "401 UNAUTHORIZED"


def test_the_fast_path_refuses_a_disabled_account(app: AppFixture, both: BothPaths) -> None:
    admin = app.headers("admin")
    made = app.client.post("/admin/accounts", json={"name": "soon-gone"}, headers=admin).get_json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    body = {"problem": "aplusb", "language": "python3", "source": "print(1)"}
    id = app.client.post("/submissions", json=body, headers=headers).get_json()["id"]
    assert app.client.get(f"/status/{id}", headers=headers).status_code == 200
    assert both.get(f"/status/{id}", headers)[0].status == "200 OK"
    changed = app.client.patch(f"/admin/accounts/{made['id']}", json={"disabled": True}, headers=admin)
    assert changed.status_code == 200
    assert both.get(f"/status/{id}", headers)[0].status == "401 UNAUTHORIZED"


def test_polls_are_answered_from_the_database_while_redis_is_away(own_app: AppFixture) -> None:
    both = BothPaths(own_app)
    id = _submit(own_app)
    assert both.get(f"/status/{id}", own_app.headers())[0].status == "200 OK"
    assert both.reached_flask == 0
    own_app.redis.stop()
    quick, by_view = both.get(f"/status/{id}", own_app.headers())
    assert quick == by_view
    assert (quick.status, both.reached_flask) == ("200 OK", 1)


def test_a_status_without_a_change_for_a_minute_is_read_from_the_database(own_app: AppFixture) -> None:
    both = BothPaths(own_app)
    id = _submit(own_app)
    status = VerdictStore(own_app.services.engine).record(finished(id))
    assert status is not None
    assert status.stage is Stage.DONE
    statuses = own_app.services.status_service
    assert b'"verdict":null' in both.get(f"/status/{id}", own_app.headers())[0].body
    statuses._checked_at[id] -= 60.0  # as if the last comparison had been a minute ago
    quick, _ = both.get(f"/status/{id}", own_app.headers())
    assert b'"verdict":"AC"' in quick.body
    assert both.reached_flask == 1
