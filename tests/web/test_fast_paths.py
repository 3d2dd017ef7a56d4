"""Two hundred good, bad and odd requests get the same answers with all fast paths and without any."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from judge_api.settings import Settings, SettingsError, describe_settings
from judge_api.store.verdicts import VerdictStore
from judge_core.fast_paths import ALL_FAST_PATHS, VARIABLE, FastPath
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture
from tests.web.served import Served, end, serve
from workers.settings import WorkerSettings, WorkerSettingsError

PLAIN = {"problem": "aplusb", "language": "python3", "source": SUM}
_MADE_ID = re.compile("[0-9a-f]{16}")
UNKNOWN = "0199ffff-ffff-7fff-bfff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. ``headers`` are sent beside the headers of every request, and replace those with the same
    name."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One response, in a form that can be compared."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Client:
    """A client with one connection, which is opened again if the server has closed it."""

    def __init__(self, served: Served) -> None:
        where = urlsplit(served.url)
        self._connection = HTTPConnection(str(where.hostname), where.port, timeout=60)

    def ask(self, asked: Asked) -> Response:
        self._connection.putrequest(asked.method, asked.path, skip_accept_encoding=True)
        given = {"X-Request-Id": "the-same-for-both", "Content-Length": str(len(asked.body)), **asked.headers}
        for name, value in given.items():
            self._connection.putheader(name, value)
        self._connection.endheaders(asked.body)
        answer = self._connection.getresponse()
        return _comparable(
            Response(f"{answer.status} {answer.reason}", tuple(answer.getheaders()), answer.read())
        )


def _comparable(response: Response) -> Response:
    """The response without what may differ: the time, the id that the server makes for a request without one,
    and the order of the allowed methods, which differs between processes."""
    headers = {name: value for name, value in response.headers if name != "Date"}
    body, id = response.body, headers["X-Request-Id"]
    if _MADE_ID.fullmatch(id):
        headers["X-Request-Id"], body = "made", body.replace(id.encode(), b"made")
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    return Response(response.status, tuple(sorted(headers.items())), body)


@pytest.fixture(scope="module")
def plain(app: AppFixture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application without fast paths, over the same database and Redis as ``served``."""
    running = serve(app, tmp_path_factory.mktemp("log") / "plain.log", GAVEL_FAST_PATHS="none")
    yield running
    end(running)


def _submissions(app: AppFixture) -> dict[str, str]:
    """Make submissions: ada's waiting, finished, and finished with many tests, and a waiting submission of
    grace. Returns their ids by name."""
    ids = {name: app.submit(owner).get_json()["id"] for name, owner in _OWNERS.items()}
    for name, tests in (("finished", 1), ("long", 40)):
        report = finished(ids[name])
        assert report.outcome is not None
        many = tuple(replace(report.outcome.tests[0], name=f"secret/{n}") for n in range(tests))
        report = replace(report, outcome=replace(report.outcome, tests=many, tests_total=tests))
        assert VerdictStore(app.services.engine).record(report) is not None
        app.services.status_service.publish_change(ids[name])
    return ids


_OWNERS = {"waiting": "ada", "finished": "ada", "long": "ada", "another's": "grace"}


def _polls(app: AppFixture, ids: dict[str, str]) -> Iterator[Asked]:
    key = app.headers()
    queries = (
        "",
        "?wait=0",
        "?wait=31",
        "?wait=-1",
        "?wait=",
        "?wait=x",
        "?wait=1&wait=2",
        "?more=1",
        "?%00",
    )
    for id, query in product((ids["finished"], ids["long"], ids["another's"]), queries):
        yield Asked("GET", f"/status/{id}{query}", key)
    sent: list[dict[str, str]] = [
        {},
        {"Accept-Encoding": "gzip"},
        {"Accept-Encoding": "identity;q=1, gzip;q=0"},
        {"Accept-Encoding": "br, *;q=0.1"},
        {"If-None-Match": "*"},
        {"If-None-Match": '"other", W/"weak"'},
        {"If-None-Match": "no quotes"},
        {"Origin": "https://elsewhere.example"},
        {"X-Request-Id": "too short"},
        {"Range": "bytes=0-9"},
        {"Connection": "close"},
        {"Accept": "text/html"},
        {"Cookie": "gavel_session=none"},
        {"X-Request-Id": "bad id; with=blanks"},
        {"Accept-Encoding": ";;,,gzip;q=2"},
        {"If-None-Match": ""},
    ]
    for name, headers in product(ids, sent):
        yield Asked("GET", f"/status/{ids[name]}", {**key, **headers})
    for id, method in product((ids["waiting"], UNKNOWN), ("HEAD", "POST", "PUT", "DELETE", "OPTIONS")):
        yield Asked(method, f"/status/{id}", key)
    for authorization in (
        "",
        "Bearer",
        "Bearer gvl_wrong",
        "Basic YTpi",
        "bearer " + key["Authorization"][7:],
    ):
        yield Asked("GET", f"/status/{ids['waiting']}", {"Authorization": authorization})
    for path in (UNKNOWN, UNKNOWN.upper(), "x" * 36, "%00" * 12, "%c3%bc" * 6, f"{ids['waiting']}/", ""):
        yield Asked("GET", f"/status/{path}", key)
    yield Asked("GET", f"/status/{ids['waiting']}", app.headers("admin"))


def _posts(app: AppFixture) -> Iterator[Asked]:
    bodies: list[Any] = [
        PLAIN,
        {**PLAIN, "run_all": True},
        {**PLAIN, "run_all": "yes"},
        {**PLAIN, "more": {"deep": [1, 2, 3]}},
        {**PLAIN, "problem": "nothing-of-the-sort"},
        {**PLAIN, "problem": ""},
        {**PLAIN, "problem": 7},
        {**PLAIN, "problem": None},
        {**PLAIN, "language": "klingon"},
        {**PLAIN, "language": "Python3"},
        {**PLAIN, "language": "x" * 1000},
        {**PLAIN, "source": ""},
        {**PLAIN, "source": 7},
        {**PLAIN, "source": "\x00"},
        {**PLAIN, "source": "ü" * 1000},
        {**PLAIN, "source": "x" * 70_000},
        {**PLAIN, "source": "x" * 262_145},
        {**PLAIN, "more": "x" * 200_000},
        {**PLAIN, "callback_url": "http://127.0.0.1/"},
        {"problem": "aplusb"},
        {},
        [PLAIN],
        "text",
        None,
        True,
        b"",
        b"{",
        b'{"problem": NaN}',
        b'{"source": "\\ud800", "problem": "aplusb", "language": "python3"}',
        b'{"problem": "aplusb", "problem": "aplusb", "language": "python3", "source": "1"}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 10_000,
        b"1e999",
    ]
    key = {**app.headers(), "Content-Type": "application/json"}
    for number, body in enumerate(bodies):
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        for extra in ({}, {"Accept": "text/html", "Origin": "https://elsewhere.example"}):
            yield Asked("POST", "/submissions", {**key, "Idempotency-Key": f"body-{number}", **extra}, sent)
    sent = json.dumps(PLAIN).encode()
    for number, kind in enumerate(("", "text/plain", "application/json; charset=utf-8", "APPLICATION/JSON")):
        headers = {**key, "Content-Type": kind, "Idempotency-Key": f"type-{number}"}
        yield Asked("POST", "/submissions", headers, sent)
    for given in ("", "x" * 255, "x" * 256, "ü", " ", "body-0", "body-1"):
        yield Asked("POST", "/submissions", {**key, "Idempotency-Key": given}, sent)
    for authorization in ("", "Bearer gvl_wrong", "Basic YTpi", app.headers("admin")["Authorization"]):
        headers = {**key, "Authorization": authorization, "Idempotency-Key": "another"}
        yield Asked("POST", "/submissions", headers, sent)
    for path in ("/submissions/", "/submissions?x=1", "//submissions", "/Submissions", "/submissions%2f"):
        yield Asked("POST", path, {**key, "Idempotency-Key": "path"}, sent)


def test_two_hundred_requests_get_the_same_answers_with_and_without_fast_paths(
    app: AppFixture, served: Served, plain: Served
) -> None:
    ids = _submissions(app)
    asked = [*_polls(app, ids), *_posts(app)]
    assert len(asked) >= 200
    fast, slow = Client(served), Client(plain)
    for client, name in product((fast, slow), ("ada", "admin")):  # lets both servers cache the keys
        assert client.ask(Asked("GET", f"/status/{ids['waiting']}", app.headers(name))).status == "200 OK"
    # An answer says whether its request was a repetition. So all are posted once before both servers are
    # compared.
    for post in _posts(app):
        slow.ask(post)
    answers = [(each, fast.ask(each), slow.ask(each)) for each in asked]
    for each, quick, by_flask in answers:
        assert quick == by_flask, each


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("all", ALL_FAST_PATHS),
        ("none", frozenset()),
        ("status, submit", {FastPath.STATUS, FastPath.SUBMIT}),
        ("raw-response", {FastPath.RAW_RESPONSE}),
    ],
)
def test_a_setting_chooses_the_fast_paths(text: str, paths: frozenset[FastPath]) -> None:
    assert Settings.from_env({VARIABLE: text}).fast_paths == paths
    (shown,) = [each.value for each in describe_settings({VARIABLE: text}) if each.variable == VARIABLE]
    assert Settings.from_env({VARIABLE: shown}).fast_paths == paths


@pytest.mark.parametrize("text", ["", "status,none", "quick", "all,status"])
def test_a_wrong_name_of_a_fast_path_is_refused_at_the_start_of_a_process(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"GAVEL_FAST_PATHS=.* must be all, none, or some of status, "):
        Settings.from_env({VARIABLE: text})
    if text:  # a worker treats an empty variable like a missing one
        with pytest.raises(WorkerSettingsError, match=r"GAVEL_FAST_PATHS=.* must be all, none, or some of"):
            WorkerSettings.from_env(
                {VARIABLE: text, "GAVEL_REDIS_URL": f"unix://{tmp_path}/redis.sock"}, "normal"
            )
