"""The submit fast path gives exactly the same response as the view, and counts and stores nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from judge_api.middleware.fastpath.submit import SubmitFastPath
from judge_api.middleware.request_time_limits import RequestBodies
from judge_api.store.records import SubmissionFilter
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import SUM, AppFixture, build_app

PLAIN = {"problem": "aplusb", "language": "python3", "source": SUM}


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
        self._key = app.headers()["Authorization"]
        served: Any = app.flask.wsgi_app
        self._flask = served._app._app._app._app._app
        self._fast_path = SubmitFastPath(self._count, app.services)
        assert app.client.get("/me", headers=app.headers()).status_code == 200  # the key is cached now

    def _count(self, environ: dict[str, Any], start: Any) -> Any:
        self.reached_flask += 1
        return self._flask(environ, start)

    def post(
        self, body: Any, content_type: str = "application/json", **headers: str
    ) -> tuple[Response, Response]:
        """The responses of the fast path and of the view, in this order."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"Authorization": self._key, **{name.replace("_", "-"): headers[name] for name in headers}}
        return self._post(self._fast_path, data, content_type, known), self._post(
            self._flask, data, content_type, known
        )

    @staticmethod
    def _post(app: Any, data: bytes, content_type: str, headers: dict[str, str]) -> Response:
        client = Client(app, use_cookies=False)
        answer = client.post("/submissions", data=data, content_type=content_type, headers=headers)
        return Response(answer.status, tuple(sorted(answer.headers)), answer.data)

    def post_incomplete(self, data: bytes, stream: Any = None) -> str:
        """The status of the answer to a client whose connection ends before the last byte."""
        environ = EnvironBuilder("/submissions", method="POST", content_type="application/json").get_environ()
        environ |= {"HTTP_AUTHORIZATION": self._key, "CONTENT_LENGTH": str(len(data) + 1)}
        environ["wsgi.input"] = stream or BytesIO(data)
        return run_wsgi_app(RequestBodies(self._fast_path, 30.0), environ)[1]


class ResetBody:
    """The body of a client that reset its connection."""

    def read(self, _size: int = -1) -> bytes:
        raise ConnectionResetError(104, "Connection reset by peer")


@pytest.fixture
def both(app: AppFixture) -> BothPaths:
    return BothPaths(app)


def _kept(app: AppFixture) -> int:
    which = SubmissionFilter(account_id=app.accounts["ada"].account.id)
    return len(app.services.submissions.page(which, None, 100).items)


def test_fast_path_and_view_accept_a_plain_submission_with_the_same_response(
    app: AppFixture, both: BothPaths
) -> None:
    before = _kept(app)
    body, key = {**PLAIN, "run_all": True}, "once-and-again"
    first, _ = both.post(body, Idempotency_Key=key)
    quick, by_view = both.post(body, Idempotency_Key=key)
    assert quick == by_view
    assert ("Idempotency-Replayed", "true") in quick.headers
    assert first.body == quick.body.replace(b'"replayed":true', b'"replayed":false')
    assert quick.status == "202 ACCEPTED"
    assert both.reached_flask == 0
    assert _kept(app) == before + 1
    found = app.services.submissions.submission(json.loads(quick.body)["id"])
    assert found is not None
    assert (found.source, found.status.problem, found.status.language) == (SUM, "aplusb", "python3")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**PLAIN, "problem": "nothing-of-the-sort"}, 422),
        ({**PLAIN, "language": "klingon"}, 422),
        ({**PLAIN, "source": 7}, 422),
        ({**PLAIN, "more": 1}, 422),
        ({"problem": "aplusb"}, 422),
        ([PLAIN], 422),
        (None, 422),
        (b"", 400),
        (b"{", 400),
        (b'{"problem": NaN}', 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
    ],
)
def test_a_wrong_submission_gets_the_refusal_of_the_view(
    app: AppFixture, both: BothPaths, body: Any, status: int
) -> None:
    before = _kept(app)
    quick, by_view = both.post(body)
    assert quick == by_view
    assert quick.status.startswith(str(status))
    assert both.reached_flask == 1
    assert _kept(app) == before


def test_an_unusual_post_is_answered_by_the_view(both: BothPaths) -> None:
    large = json.dumps({**PLAIN, "source": "#" * 200_000}).encode()
    asked: list[tuple[Any, str, dict[str, str]]] = [
        (PLAIN, "application/json; charset=utf-8", {}),
        (PLAIN, "text/plain", {}),
        (PLAIN, "application/json", {"Authorization": "Bearer gvl_wrong"}),
        (PLAIN, "application/json", {"Authorization": "Basic YTpi"}),
        (PLAIN, "application/json", {"Idempotency_Key": "x" * 300}),
        (large, "application/json", {}),
    ]
    for number, (body, content_type, headers) in enumerate(asked, 1):
        named = {"Idempotency_Key": f"odd-{number}", **headers}
        # The first pair of requests stores the answer. So the two requests of the next pair are both replays.
        both.post(body, content_type, **named)
        quick, by_view = both.post(body, content_type, **named)
        assert quick == by_view, asked[number - 1][1:]
        assert both.reached_flask == 2 * number


def test_an_incomplete_body_is_not_accepted(app: AppFixture, both: BothPaths) -> None:
    before = _kept(app)
    assert both.post_incomplete(json.dumps(PLAIN).encode()).startswith("400")
    assert both.post_incomplete(json.dumps(PLAIN).encode(), ResetBody()).startswith("400")
    assert both.reached_flask == 2
    assert _kept(app) == before


@pytest.fixture
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application with strict limits: one unfinished submission per account, 1,000 bytes of source, 2,000
    bytes of body."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    limits = {"GAVEL_MAX_UNFINISHED": "1", "GAVEL_SOURCE_BYTES": "1000", "GAVEL_BODY_BYTES": "2000"}
    built = build_app(tmp_path_factory.mktemp("strict"), server, **limits)
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    server.stop()


def test_a_post_over_a_limit_is_answered_by_the_view(strict: AppFixture) -> None:
    both = BothPaths(strict)
    quick, by_view = both.post({**PLAIN, "source": "x" * 1001})
    assert quick == by_view
    assert (quick.status[:3], both.reached_flask) == ("413", 1)
    first, second = both.post(PLAIN)
    assert (first.status, both.reached_flask) == ("202 ACCEPTED", 1)
    quick, by_view = both.post(PLAIN)
    assert second == quick == by_view
    assert (quick.status, both.reached_flask) == ("429 TOO MANY REQUESTS", 2)
    assert _kept(strict) == 1


def test_a_body_over_the_limit_is_refused(strict: AppFixture) -> None:
    both = BothPaths(strict)
    quick, by_view = both.post({**PLAIN, "more": "x" * 2000})
    assert quick == by_view
    assert (quick.status[:3], both.reached_flask) == ("413", 1)
    assert json.loads(quick.body)["detail"] == "The body may have at most 2000 bytes."


def test_an_internal_error_is_answered_by_the_view(own_app: AppFixture) -> None:
    both = BothPaths(own_app)
    own_app.services.submission_policy._languages = None  # type: ignore[assignment]
    quick, by_view = both.post(PLAIN)
    assert quick == by_view
    assert quick.status.startswith("500")
    assert json.loads(quick.body)["type"] == "/errors/internal"


def test_the_served_application_has_the_submit_fast_path(app: AppFixture) -> None:
    layer: Any = app.flask.wsgi_app
    while not isinstance(layer, SubmitFastPath):
        layer = layer._app  # raises if the innermost application is reached
