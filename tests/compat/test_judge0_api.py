"""Judge0's routes store submissions as runs, and their errors have Judge0's texts."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from judge_api.services.submission_policy import SubmissionPolicy
from judge_api.store.records import AcceptedSubmission
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import CustomRun
from judge_core.model.errors import GavelError, QueueUnavailable, StoreUnavailable
from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture

OUTCOME = Outcome(
    Verdict.AC,
    (TestResult("run/1", Verdict.AC, 12, 20, 900, sample=True, output="3\n", exit_code=0),),
    1,
)


def _headers(app: AppFixture, name: str = "ada") -> dict[str, str]:
    return {"X-Auth-Token": app.accounts[name].key}


def _post(app: AppFixture, body: dict[str, Any], query: str = "", path: str = "/judge0/submissions") -> Any:
    return app.client.post(path + query, json=body, headers=_headers(app))


def _finish(app: AppFixture, token: str) -> None:
    report = replace(finished(token), outcome=OUTCOME)
    assert VerdictStore(app.services.engine).record(report) is not None
    app.services.status_service.publish_change(token)


def _wait_for_watcher(app: AppFixture) -> None:
    deadline = time.monotonic() + 60
    while app.services.status_subscriptions.count() == 0:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_submission_is_stored_as_a_run_with_the_given_limits(app: AppFixture) -> None:
    body = {
        "source_code": SUM,
        "language_id": 71,
        "stdin": "1 2",
        "expected_output": "3",
        "cpu_time_limit": 1.5,
        "memory_limit": "64000",
        "command_line_arguments": "a 'b c' ; d",
        "number_of_runs": 2,
    }
    answer = _post(app, body)
    assert answer.status_code == 201
    assert list(answer.get_json()) == ["token"]
    found = app.services.submissions.submission(answer.get_json()["token"])
    assert found is not None
    assert found.run is not None
    assert (found.status.language, found.run.cases) == ("python3", (("1 2", "3"),))
    assert (found.run.limits.cpu_seconds, found.run.limits.memory_kb) == (1.5, 64000)
    assert (found.run.arguments, found.run.repeat) == (("a", "b c", "d"), 2)


def test_a_client_reads_all_columns_or_chosen_columns(app: AppFixture) -> None:
    text = base64.b64encode(SUM.encode()).decode()
    token = _post(app, {"source_code": text, "language_id": 71}, "?base64_encoded=true").get_json()["token"]
    _finish(app, token)
    path = f"/judge0/submissions/{token}?base64_encoded=true&fields=*"
    columns = app.client.get(path, headers=_headers(app)).get_json()
    assert base64.b64decode(columns["source_code"]).decode() == SUM
    assert base64.b64decode(columns["stdout"]) == b"3\n"
    assert (columns["language_id"], columns["cpu_time_limit"], columns["time"]) == (71, "5.0", "0.012")
    assert (columns["memory_limit"], columns["status_id"], columns["exit_code"]) == (128000, 3, 0)
    assert columns["created_at"].endswith("Z")
    assert "." in columns["created_at"]
    chosen = app.client.get(f"/judge0/submissions/{token}?fields=status_id,language", headers=_headers(app))
    assert set(chosen.get_json()) == {"status_id", "language"}


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"language_id": 71}, "source_code", "can't be blank"),
        ({"source_code": "x"}, "language_id", "can't be blank"),
        ({"source_code": "x", "language_id": 150000}, "language_id", "language with id 150000 doesn't exist"),
        ({"cpu_time_limit": 16}, "cpu_time_limit", "must be less than or equal to 15.0"),
        ({"cpu_time_limit": -1}, "cpu_time_limit", "must be greater than or equal to 0.0"),
        ({"cpu_time_limit": "soon"}, "cpu_time_limit", "is not a number"),
        ({"memory_limit": 512001}, "memory_limit", "must be less than or equal to 512000"),
        ({"wall_time_limit": 0.5}, "wall_time_limit", "must be greater than or equal to 1.0"),
        ({"number_of_runs": 21}, "number_of_runs", "must be less than or equal to 20"),
        ({"enable_network": True}, "enable_network", "enabling network is not allowed"),
        ({"callback_url": "http://10.0.0.1/"}, "callback_url", "must be a public address"),
    ],
)
def test_a_wrong_field_is_refused_with_the_text_of_judge0(
    app: AppFixture, body: dict[str, Any], field: str, message: str
) -> None:
    whole = (
        body
        if len(body) > 1 or "language_id" in body or "source_code" in body
        else {"source_code": "x", "language_id": 71, **body}
    )
    answer = _post(app, whole)
    assert answer.status_code == 422
    assert answer.get_json()[field] == [message]


HALF = "is not valid Unicode at character 0: half a surrogate pair"


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
def test_text_with_nul_or_a_lone_surrogate_is_refused(app: AppFixture, text: str) -> None:
    why = HALF if text == "\ud800" else "must not contain NUL bytes"
    whole = {"source_code": SUM, "language_id": 50}
    bytes_too = ("stdin", "expected_output") if text == "\ud800" else ()
    for name in ("source_code", *bytes_too, "compiler_options", "command_line_arguments"):
        answer = _post(app, {**whole, name: text})
        assert (answer.status_code, answer.get_json()) == (422, {name: [why]})
    assert _post(app, {**whole, "callback_url": f"http://example.org/{text}"}).status_code == 422
    encoded = _post(app, {**whole, "source_code": "\ud800"}, "?base64_encoded=true")
    assert (encoded.status_code, encoded.get_json()) == (422, {"source_code": ["can't be blank"]})
    tokens = app.client.get("/judge0/submissions/batch?tokens=a%00b,%C3%A9", headers=_headers(app))
    assert tokens.get_json() == {"submissions": [None, None]}
    path = app.client.get("/judge0/submissions/a%00b", headers=_headers(app))
    assert (path.status_code, set(path.get_json())) == (404, {"error"})


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/submissions/x?fields=a,b", "invalid fields: [a, b]"),
        ("/submissions/batch?tokens=", "there should be at least one submission in a batch"),
        (
            "/submissions/batch?tokens=" + ",".join("x" * 21),
            "number of submissions in a batch should be less than or equal to 20",
        ),
    ],
)
def test_a_wrong_query_gets_400_with_the_reason(app: AppFixture, path: str, error: str) -> None:
    answer = app.client.get(f"/judge0{path}", headers=_headers(app))
    assert (answer.status_code, answer.get_json()) == (400, {"error": error})


def test_an_unknown_authentication_token_gets_an_empty_401(app: AppFixture) -> None:
    for headers in ({}, {"X-Auth-Token": "wrong"}):
        answer = app.client.post("/judge0/submissions", json={}, headers=headers)
        assert (answer.status_code, answer.data) == (401, b"")
    assert app.client.get("/judge0/languages", headers={"X-Auth-Token": "wrong"}).status_code == 401
    key = app.accounts["ada"].key
    assert app.client.post(f"/judge0/authenticate?X-Auth-Token={key}").status_code == 200
    assert app.client.get("/judge0/submissions", headers=_headers(app)).status_code == 403


def test_a_submission_of_another_account_is_not_found(app: AppFixture) -> None:
    token = _post(app, {"source_code": SUM, "language_id": 71}).get_json()["token"]
    path = f"/judge0/submissions/{token}"
    assert app.client.get(path, headers=_headers(app, "bob")).status_code == 404
    batch = app.client.get(f"/judge0/submissions/batch?tokens={token}", headers=_headers(app, "bob"))
    assert batch.get_json() == {"submissions": [None]}
    answer = app.client.delete(path, headers=_headers(app))
    assert (answer.status_code, answer.data) == (403, b"")


def test_a_wrong_submission_in_a_batch_does_not_stop_the_right_submissions(app: AppFixture) -> None:
    good, bad = {"source_code": SUM, "language_id": 113}, {"source_code": SUM, "language_id": 4711}
    answer = _post(app, {"submissions": [good, bad]}, path="/judge0/submissions/batch")
    assert answer.status_code == 201
    first, second = answer.get_json()
    assert list(first) == ["token"]
    assert second == {"language_id": ["language with id 4711 doesn't exist"]}
    assert _post(app, {"submissions": [bad]}, path="/judge0/submissions/batch").status_code == 422
    assert _post(app, {"submissions": []}, path="/judge0/submissions/batch").status_code == 400


@pytest.mark.parametrize("error", [StoreUnavailable("the database is away"), QueueUnavailable("no Redis")])
def test_a_failure_in_the_middle_of_a_batch_does_not_lose_the_accepted_tokens(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch, error: GavelError
) -> None:
    admit, asked = SubmissionPolicy.admit, []

    def fail_at_the_second(policy: SubmissionPolicy, *given: Any) -> AcceptedSubmission:
        asked.append(given)
        if len(asked) > 1:
            raise error
        return admit(policy, *given)

    monkeypatch.setattr(SubmissionPolicy, "admit", fail_at_the_second)
    bodies = [{"source_code": SUM, "language_id": 113}] * 3
    answer = _post(app, {"submissions": bodies}, path="/judge0/submissions/batch")
    assert answer.status_code == 201
    first, *others = answer.get_json()
    assert app.services.submissions.submission(first["token"]) is not None
    assert others == [{"error": [str(error)]}] * 2
    failed = _post(app, {"submissions": bodies}, path="/judge0/submissions/batch")
    assert (failed.status_code, failed.get_json()) == (503, {"error": str(error)})


def test_a_request_with_wait_is_answered_when_the_verdict_is_published(app: AppFixture) -> None:
    found: list[tuple[float, Any]] = []

    def post() -> None:
        body = {"source_code": SUM, "language_id": 71}
        answer = app.flask.test_client().post(
            "/judge0/submissions?wait=true", json=body, headers=_headers(app)
        )
        found.append((time.monotonic(), answer))

    waiting = threading.Thread(target=post)
    waiting.start()
    _wait_for_watcher(app)
    token = app.client.get("/submissions?limit=1", headers=app.headers()).get_json()["submissions"][0]["id"]
    _finish(app, token)
    published_at = time.monotonic()
    waiting.join(60)
    at, answer = found[0]
    assert at - published_at < 20  # without the notice of the change the answer would come after a minute
    assert (answer.status_code, answer.get_json()["status"]["id"]) == (201, 3)
    assert answer.get_json()["stdout"] == "3\n"


def test_the_system_routes_return_versions_languages_and_statuses(app: AppFixture) -> None:
    assert app.client.get("/judge0/about").get_json()["version"] == "1.14.0"
    assert app.client.get("/judge0/extra/about").get_json()["version"] == "1.14.0-extra"
    ids = {each["id"] for each in app.client.get("/judge0/languages").get_json()}
    assert {50, 52, 62, 63, 71, 102, 103, 105, 113} <= ids
    assert 33 in {each["id"] for each in app.client.get("/judge0/extra/languages").get_json()}
    assert len(app.client.get("/judge0/config_info").get_json()) == 39
    assert [each["id"] for each in app.client.get("/judge0/statuses/").get_json()] == list(range(1, 15))
    for path in ("workers", "system_info", "statistics", "version", "languages/71", "languages/all"):
        assert app.client.get(f"/judge0/{path}").status_code == 200, path


def _kept_run(app: AppFixture, token: str) -> CustomRun:
    found = app.services.submissions.submission(token)
    assert found is not None
    assert found.run is not None
    return found.run


@pytest.mark.parametrize("content", [b"\xff\xfea", b"a\x00b", b"1\r\n", b""])
def test_bytes_in_base64_are_stored_and_returned_unchanged(app: AppFixture, content: bytes) -> None:
    encoded = base64.encodebytes(content).decode()
    source = base64.b64encode(SUM.encode()).decode()
    body = {"source_code": source, "language_id": 71, "stdin": encoded, "expected_output": encoded}
    token = _post(app, body, "?base64_encoded=true").get_json()["token"]
    assert list(_kept_run(app, token).case_bytes()) == [(content, content)]
    path = f"/judge0/submissions/{token}?base64_encoded=true&fields=stdin,expected_output"
    shown = app.client.get(path, headers=_headers(app)).get_json()
    assert base64.b64decode(shown["stdin"] or "") == content
    assert base64.b64decode(shown["expected_output"]) == content


@pytest.mark.parametrize(
    ("sent", "content"),
    [
        ("YWJjZA", b"abcd"),
        ("YWJjZA=", b"abcd"),
        ("YW Jj\nZA==", b"abcd"),
        ("YWJj*ZA==", b"abcd"),
        ("_-8", b"\xff\xef"),
        ("YWJjZ", b"abc"),
        ("====", b""),
    ],
)
def test_base64_is_decoded_as_leniently_as_by_ruby(app: AppFixture, sent: str, content: bytes) -> None:
    source = base64.b64encode(SUM.encode()).decode().rstrip("=")
    body = {"source_code": source, "language_id": 71, "stdin": sent}
    token = _post(app, body, "?base64_encoded=true").get_json()["token"]
    assert next(_kept_run(app, token).case_bytes()) == (content, None)


def test_nul_in_an_input_is_kept_without_base64(app: AppFixture) -> None:
    token = _post(app, {"source_code": SUM, "language_id": 71, "stdin": "a\x00b"}).get_json()["token"]
    assert next(_kept_run(app, token).case_bytes()) == (b"a\x00b", None)


def test_a_source_that_is_not_text_is_refused(app: AppFixture) -> None:
    source = base64.b64encode(b"print(1) # \xff").decode()
    answer = _post(app, {"source_code": source, "language_id": 71}, "?base64_encoded=true")
    assert (answer.status_code, answer.get_json()) == (422, {"source_code": ["must be UTF-8 text"]})


def test_output_that_is_not_text_is_returned_only_in_base64(app: AppFixture) -> None:
    token = _post(app, {"source_code": SUM, "language_id": 71}).get_json()["token"]
    test = replace(OUTCOME.tests[0], output="\ufffd", output_base64="/w==")
    report = replace(finished(token), outcome=replace(OUTCOME, tests=(test,)))
    assert VerdictStore(app.services.engine).record(report) is not None
    app.services.status_service.publish_change(token)
    plain = app.client.get(f"/judge0/submissions/{token}", headers=_headers(app))
    assert plain.status_code == 400
    assert "base64_encoded=true" in plain.get_json()["error"]
    encoded = app.client.get(f"/judge0/submissions/{token}?base64_encoded=true", headers=_headers(app))
    assert encoded.get_json()["stdout"] == "/w==\n"


def test_a_limit_of_zero_gives_the_greatest_allowed_limit(app: AppFixture) -> None:
    zeros = dict.fromkeys(("cpu_time_limit", "max_file_size", "stack_limit"), 0)
    token = _post(app, {"source_code": SUM, "language_id": 71, **zeros}).get_json()["token"]
    limits = _kept_run(app, token).limits
    config = app.client.get("/judge0/config_info", headers=_headers(app)).get_json()
    assert limits.cpu_seconds == config["max_cpu_time_limit"]
    assert limits.output_kb == config["max_max_file_size"]
    assert limits.stack_kb is None


@pytest.mark.parametrize("expected", ["", "3"])
def test_an_expected_output_is_compared_line_by_line(app: AppFixture, expected: str) -> None:
    body = {"source_code": SUM, "language_id": 71, "expected_output": expected}
    run = _kept_run(app, _post(app, body).get_json()["token"])
    assert (run.exact_lines, run.cases) == (True, (("", expected),))
