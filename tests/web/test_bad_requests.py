"""Bad requests get the right error, never 500, and nothing of them is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from judge_api.store.records import SubmissionFilter
from tests.web.app_fixture import SUM, AppFixture
from tests.web.event_fixture import make_event, moment

GOOD = {"problem": "aplusb", "language": "python3", "source": SUM}
RUN = {"language": "python3", "source": SUM}
JSON = "application/json"


def _with(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def _without(name: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key != name}).encode()


def _run(**changes: Any) -> bytes:
    return json.dumps({**RUN, **changes}).encode()


WRONG_VALUES: list[Any] = [None, 5, 1.5, True, [], {}, ""]
SUBMISSIONS: list[tuple[bytes, int, str]] = [
    *((_with(**{name: value}), 422, "invalid") for name in GOOD for value in WRONG_VALUES),
    *((_without(name), 422, "invalid") for name in GOOD),
    *((_with(**{name: "a\x00b"}), 422, "invalid") for name in GOOD if name != "source"),
    *((_with(**{name: "\ud800"}), 422, "invalid") for name in GOOD),
    (_with(problem="x" * 256), 422, "invalid"),
    (_with(problem="nowhere"), 422, "unknown-problem"),
    (_with(problem="../aplusb"), 422, "unknown-problem"),
    (_with(problem="APLUSB"), 422, "unknown-problem"),
    (_with(language="klingon"), 422, "unknown-language"),
    (_with(language="x" * 65), 422, "invalid"),
    (_with(language="python4"), 422, "unknown-language"),
    (_with(run_all="yes"), 422, "invalid"),
    (_with(source="x" * 262_145), 413, "source-too-large"),
    (_with(source="é" * 140_000), 413, "source-too-large"),
    (b"", 400, "malformed"),
    (b"{", 400, "malformed"),
    (b"{}", 422, "invalid"),
    (b"null", 422, "invalid"),
    (b"[]", 422, "invalid"),
    (b'"text"', 422, "invalid"),
    (b"5", 422, "invalid"),
    (b"NaN", 400, "malformed"),
    (b'{"problem": Infinity}', 400, "malformed"),
    (b"\xff\xfe{}", 400, "malformed"),
    (b'{"source": "\xc3"}', 400, "malformed"),
    (b"[" * 100_000, 400, "malformed"),
    (b'{"problem": ' + b"9" * 5_000 + b"}", 400, "malformed"),
    (b'{"a": 1} trailing', 400, "malformed"),
    (b"problem=aplusb", 400, "malformed"),
    (b" " * 5_000_000, 413, "body-too-large"),
]
RUNS: list[tuple[bytes, int, str]] = [
    (_run(stdin=5), 422, "invalid"),
    (_run(stdin="\x00"), 422, "invalid"),
    (_run(expected_output=[]), 422, "invalid"),
    (_run(cases=[]), 422, "invalid"),
    (_run(cases=[5]), 422, "invalid"),
    (_run(cases=[{"stdin": 5}]), 422, "invalid"),
    (_run(cases=[{}] * 21), 422, "invalid"),
    (_run(cases=[{}] * 101), 422, "invalid"),
    (_run(cases=[{}], stdin="1"), 422, "invalid"),
    (_run(stdin="x" * 1_100_000), 422, "invalid"),
    (_run(limits=5), 422, "invalid"),
    (_run(limits={"cpu_seconds": 0}), 422, "invalid"),
    (_run(limits={"cpu_seconds": -1}), 422, "invalid"),
    (_run(limits={"cpu_seconds": 16}), 422, "invalid"),
    (_run(limits={"wall_seconds": 1e9}), 422, "invalid"),
    (_run(limits={"memory_kb": 1}), 422, "invalid"),
    (_run(limits={"memory_kb": 10**9}), 422, "invalid"),
    (_run(limits={"memory_kb": 4096.5}), 422, "invalid"),
    (_run(limits={"processes": 0}), 422, "invalid"),
    (_run(limits={"processes": 100_000}), 422, "invalid"),
    (_run(limits={"output_kb": 10**9}), 422, "invalid"),
    (_run(arguments="a"), 422, "invalid"),
    (_run(arguments=["x" * 513]), 422, "invalid"),
    (_run(arguments=["a"] * 33), 422, "invalid"),
    (_run(problem="nowhere"), 422, "unknown-problem"),
    (_run(language="nothing"), 422, "unknown-language"),
]
QUERIES = [
    "/submissions?limit=0",
    "/submissions?limit=201",
    "/submissions?limit=x",
    "/submissions?cursor=x",
    "/submissions?cursor=-1",
    "/submissions?verdict=OK",
    "/submissions?stage=GONE",
    "/submissions?kind=x",
    "/submissions?problem=a%00b",
    "/submissions?language=%00",
]
ADMIN_QUERIES = [
    "/admin/submissions?account=a%00b",
    "/admin/submissions?problem=%00",
    "/admin/accounts?search=%00",
    "/admin/accounts?after=%00",
    "/problems/aplusb/runtimes?language=%00",
]
ODD_PATHS = [
    ("GET", "/status/%00"),
    ("GET", "/status/" + "%00" * 36),
    ("GET", "/events/a%00b"),
    ("GET", "/submissions/a%00b"),
    ("DELETE", "/submissions/a%00b"),
    ("GET", "/submissions/a%00b/place"),
    ("GET", "/problems/a%00b"),
    ("DELETE", "/me/keys/a%00b"),
    ("DELETE", "/me/webhooks/a%00b"),
    ("PATCH", "/admin/accounts/a%00b"),
    ("GET", "/nowhere%00"),
]


def _stored(app: AppFixture) -> int:
    return len(app.services.submissions.page(SubmissionFilter(), limit=200).items)


@pytest.mark.parametrize(("body", "status", "name"), SUBMISSIONS, ids=range(len(SUBMISSIONS)))
def test_a_bad_submission_is_refused_with_the_name_of_the_field(
    app: AppFixture, body: bytes, status: int, name: str
) -> None:
    _expect(app, "/submissions", body, status, name)


@pytest.mark.parametrize(("body", "status", "name"), RUNS, ids=range(len(RUNS)))
def test_a_bad_run_is_refused_with_the_name_of_the_field(
    app: AppFixture, body: bytes, status: int, name: str
) -> None:
    _expect(app, "/runs", body, status, name)


def _expect(app: AppFixture, path: str, body: bytes, status: int, name: str) -> None:
    before = _stored(app)
    answer = app.client.post(path, data=body, content_type=JSON, headers=app.headers())
    problem = answer.get_json()
    assert (answer.status_code, problem["type"]) == (status, f"/errors/{name}")
    assert answer.content_type == "application/problem+json"
    assert problem["detail"]
    if status == 422 and body.startswith(b"{"):
        assert problem["errors"][0]["field"]
    assert _stored(app) == before


@pytest.mark.parametrize("path", QUERIES)
def test_a_bad_query_is_refused_with_the_name_of_the_field(app: AppFixture, path: str) -> None:
    answer = app.client.get(path, headers=app.headers())
    assert answer.status_code == 422
    names = [part.partition("=")[0] for part in path.partition("?")[2].split("&")]
    assert answer.get_json()["errors"][0]["field"] in names


@pytest.mark.parametrize("number", ["NaN", "-Infinity"])
def test_a_refusal_names_a_number_that_json_does_not_have(app: AppFixture, number: str) -> None:
    body = f'{{"problem": {number}}}'
    answer = app.client.post("/submissions", data=body, content_type=JSON, headers=app.headers())
    assert number.lstrip("-") in answer.get_json()["detail"]


@pytest.mark.parametrize("path", ADMIN_QUERIES)
def test_a_query_with_a_nul_character_is_refused(app: AppFixture, path: str) -> None:
    answer = app.client.get(path, headers=app.headers("admin"))
    name = path.partition("?")[2].partition("=")[0]
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, name)


@pytest.mark.parametrize(("method", "path"), ODD_PATHS)
def test_a_path_with_a_nul_character_gets_404(app: AppFixture, method: str, path: str) -> None:
    """Such a path is refused before the database is asked. SQLite would find nothing, but PostgreSQL would
    raise an error."""
    body: dict[str, object] | None = {} if method == "PATCH" else None
    answer = app.client.open(path, method=method, json=body, headers=app.headers("admin"))
    problem = answer.get_json()
    assert (answer.status_code, problem["type"]) == (404, "/errors/not-found")
    assert problem["detail"] == "There is nothing at this address."


def test_a_cursor_that_is_negative_or_too_large_is_refused(app: AppFixture) -> None:
    for cursor in (10**30, 2**63, -1):
        path, body = "/admin/problems/aplusb/rejudge", {"cursor": cursor}
        answer = app.client.post(path, json=body, headers=app.headers("admin"))
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "cursor")


@pytest.mark.parametrize("wait", ["-1", "31", "x", "nan", "inf"])
def test_a_bad_waiting_time_is_refused(app: AppFixture, wait: str) -> None:
    id = app.submit().get_json()["id"]
    assert app.client.get(f"/status/{id}?wait={wait}", headers=app.headers()).status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ".encode().decode("latin-1")])
def test_a_bad_idempotency_key_is_refused(app: AppFixture, key: str) -> None:
    answer = app.client.post("/submissions", json=GOOD, headers={**app.headers(), "Idempotency-Key": key})
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_wrong_content_type_is_refused(app: AppFixture, kind: str) -> None:
    answer = app.client.post("/submissions", data=_with(), content_type=kind, headers=app.headers())
    assert (answer.status_code, answer.get_json()["type"]) == (415, "/errors/unsupported-media-type")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "gvl_x"])
def test_a_bad_key_is_refused(app: AppFixture, header: str) -> None:
    answer = app.client.post("/submissions", json=GOOD, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/status/%00", "/submissions/%00", "/submissions/' OR 1", "/problems/%00"])
def test_an_odd_id_gets_404(app: AppFixture, path: str) -> None:
    assert app.client.get(path, headers=app.headers()).status_code == 404


def test_unknown_paths_and_methods_get_a_problem_document(app: AppFixture) -> None:
    assert app.client.get("/nowhere").get_json()["type"] == "/errors/not-found"
    answer = app.client.put("/submissions", headers=app.headers())
    assert (answer.status_code, answer.get_json()["type"]) == (405, "/errors/method-not-allowed")
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(answer.headers["Allow"].split(", "))
    assert answer.get_json()["detail"].startswith("The method is not allowed")


def test_a_time_without_a_zone_is_refused_with_the_name_of_the_field(app: AppFixture) -> None:
    """A client does not know the zone of the server."""
    event = make_event(app, "no-zone", rules={"length_minutes": 30})
    member, naive = event.add("ada"), "2026-11-29T14:00:00"
    invited = {"people": [{"name": "Eve"}], "expires_at": naive}
    made = event.call("author", "POST", "/invitations", {"people": [{"name": "Mallory"}]}, 201)
    id = made["invitations"][0]["id"]
    asked = [
        ("PATCH", f"/members/{member}", {"started_at": naive}, "started_at"),
        ("PATCH", "", {"ends_at": naive}, "ends_at"),
        ("PUT", "/pauses", {"pauses": [{"starts_at": naive, "ends_at": moment(0)}]}, "pauses.0.starts_at"),
        ("POST", "/invitations", invited, "expires_at"),
        ("POST", f"/invitations/{id}/link", {"expires_at": naive}, "expires_at"),
    ]
    for method, path, body, field in asked:
        (fault,) = event.call("author", method, path, body, 422)["errors"]
        assert fault == {"field": field, "message": "must have a zone, such as 2026-11-29T14:00:00Z"}
    key = app.client.post("/me/keys", json={"name": "k", "expires_at": naive}, headers=app.headers())
    assert key.get_json()["errors"][0]["field"] == "expires_at"
