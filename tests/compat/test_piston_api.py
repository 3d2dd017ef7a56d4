"""Piston's routes store requests as runs, and their answers and errors have Piston's form."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from judge_api.store.records import StoredSubmission, SubmissionFilter
from judge_core.model.errors import QuotaExceeded
from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.compat.workers import judged_as, offer_languages
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app

CODE = "print(input())"
BODY: dict[str, Any] = {"language": "python", "version": "3.x", "files": [{"content": CODE}], "stdin": "hi"}


def _outcome(verdict: Verdict, compile_output: str | None = None, **test: Any) -> Outcome:
    values: dict[str, Any] = {"output": "", "exit_code": 0, **test}
    result = TestResult("run/1", verdict, 12, 20, 900, sample=True, **values)
    tests = () if verdict is Verdict.CE else (result,)
    return Outcome(verdict, tests, 1, compile_output=compile_output)


DONE = _outcome(Verdict.AC, output="hi\n", stderr="warned\n")


@pytest.fixture(autouse=True)
def languages(app: AppFixture) -> None:
    offer_languages(app, python3="3.11.2", c17="12.2.0", cpp17="12.2.0", javascript="20.1", ada="12.2")


def _execute(app: AppFixture, body: Any, path: str = "/api/v2/execute", **how: Any) -> Any:
    headers = how.pop("headers", app.headers())
    return app.client.post(path, headers=headers, **(how or {"json": body}))


def _newest(app: AppFixture) -> StoredSubmission:
    page = app.services.submissions.page(SubmissionFilter(account_id=app.accounts["ada"].account.id), None, 1)
    found = app.services.submissions.submission(page.items[0].id)
    assert found is not None
    assert found.run is not None
    return found


@pytest.mark.parametrize("prefix", ["/api/v2", "/api/v2/piston"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_runtimes_have_the_names_and_aliases_of_piston(app: AppFixture, prefix: str, slash: str) -> None:
    found = {one["language"]: one for one in app.client.get(f"{prefix}/runtimes{slash}").get_json()}
    assert found["python"] == {"language": "python", "version": "3.11.2", "aliases": ["py", "py3", "python3"]}
    assert found["c++"] == {
        "language": "c++",
        "version": "12.2.0",
        "aliases": ["cpp", "g++"],
        "runtime": "gcc",
    }
    assert found["javascript"]["version"] == "20.1.0"
    assert "ada" in found
    assert "java" not in found


def test_packages_are_listed_but_clients_cannot_install_them(app: AppFixture) -> None:
    found = {one["language"]: one for one in app.client.get("/api/v2/packages").get_json()}
    assert found["python"] == {"language": "python", "language_version": "3.11.2", "installed": True}
    assert found["java"]["installed"] is False
    for method in ("POST", "DELETE"):
        answer = app.client.open("/api/v2/packages", method=method, json={}, headers=app.headers())
        assert answer.status_code == 405


def test_the_answer_to_a_run_has_the_result_of_its_stage(app: AppFixture) -> None:
    body = {
        **BODY,
        "args": ["a", 2],
        "run_timeout": 1500,
        "run_cpu_time": 700,
        "run_memory_limit": 64_000_000,
    }
    with judged_as(app, DONE):
        answer = _execute(app, body)
    assert answer.status_code == 200, answer.get_json()
    found = answer.get_json()
    assert (found["language"], found["version"], "compile" in found) == ("python", "3.11.2", False)
    assert found["run"] == {
        "stdout": "hi\n", "stderr": "warned\n", "output": "hi\nwarned\n", "code": 0, "signal": None,
        "message": None, "status": None, "cpu_time": 12, "wall_time": 20, "memory": 900 * 1024,
    }  # fmt: skip
    run = _newest(app).run
    assert run is not None
    assert (run.cases, run.arguments) == (((("hi\n", None)),), ("a", "2"))
    assert (run.limits.cpu_seconds, run.limits.wall_seconds, run.limits.memory_kb) == (0.7, 1.5, 62500)


@pytest.mark.parametrize(
    ("given", "stdin"), [("1\n2\n", "1\n2\n"), ("1\n2", "1\n2\n"), ("", "\n"), (None, "\n")]
)
def test_the_input_gets_a_final_newline_as_at_piston(app: AppFixture, given: str | None, stdin: str) -> None:
    with judged_as(app, DONE):
        _execute(app, {**BODY, "stdin": given})
    run = _newest(app).run
    assert run is not None and run.cases == ((stdin, None),)


@pytest.mark.parametrize(
    ("outcome", "code", "name", "status"),
    [
        (_outcome(Verdict.RTE, exit_code=3), 3, None, "RE"),
        (_outcome(Verdict.RTE, exit_code=None, signal=11), None, "SIGSEGV", "SG"),
        (_outcome(Verdict.TLE, exit_code=None, signal=9), None, "SIGKILL", "TO"),
        (_outcome(Verdict.MLE, exit_code=1), None, "SIGKILL", "SG"),
        (_outcome(Verdict.OLE, exit_code=0), None, "SIGKILL", "OL"),
    ],
)
def test_each_ending_has_the_code_signal_and_status_of_piston(
    app: AppFixture, outcome: Outcome, code: int | None, name: str | None, status: str
) -> None:
    with judged_as(app, outcome):
        run = _execute(app, BODY).get_json()["run"]
    assert (run["code"], run["signal"], run["status"]) == (code, name, status)
    assert run["message"]


def test_a_compile_error_is_shown_in_both_stages(app: AppFixture) -> None:
    body = {**BODY, "language": "c", "version": "10.2.0", "files": [{"name": "a.c", "content": "int main("}]}
    with judged_as(app, _outcome(Verdict.CE, "a.c:1: error")):
        found = _execute(app, body).get_json()
        python = _execute(app, BODY).get_json()
    assert found["compile"] == found["run"]
    assert (found["compile"]["stderr"], found["compile"]["code"]) == ("a.c:1: error", 1)
    assert ("compile" in python, python["run"]["code"]) == (False, 1)


FORM = {
    "language": "python",
    "version": "3.11.2",
    "files": CODE,
    "stdin": "hi",
    "args": ["a", "b"],
    "timeout": 9,
}
WAYS: dict[str, dict[str, Any]] = {
    "text/plain": {"data": json.dumps(BODY), "content_type": "text/plain;charset=UTF-8"},
    "no content type": {"data": json.dumps(BODY)},
    "JSON as a form": {"data": json.dumps(BODY), "content_type": "application/x-www-form-urlencoded"},
    "a form": {"data": FORM},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["/api/v2/execute", "/api/v2/piston/execute/"])
def test_bodies_of_published_clients_are_accepted(app: AppFixture, way: str, path: str) -> None:
    with judged_as(app, DONE):
        answer = _execute(app, None, path, **WAYS[way])
    assert answer.status_code == 200, answer.get_json()
    found = _newest(app)
    assert (found.source, found.run and found.run.cases) == (CODE, (("hi\n", None),))


def test_the_first_of_several_files_is_the_main_file(app: AppFixture) -> None:
    files = [
        {"name": "start", "content": "import helper"},
        {"name": "helper.py", "content": "x = 1"},
        {"name": "data.bin", "content": "ff00", "encoding": "hex"},
        {"name": "more/data.bin", "content": "AAE=", "encoding": "base64"},
    ]
    with judged_as(app, DONE):
        assert _execute(app, {**BODY, "files": files}).status_code == 200
    sent = _newest(app).files
    assert sent is not None
    assert sent.entry_point == "start.py"
    assert {file.name: file.content for file in sent.files} == {
        "start.py": b"import helper", "helper.py": b"x = 1",
        "data.bin": b"\xff\x00", "more/data.bin": b"\x00\x01",
    }  # fmt: skip


ODD = {"content": "AA==", "encoding": "base64"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"language": None}, "language is required as a string"),
        ({"version": 3}, "version is required as a string"),
        ({"files": {}}, "files is required as an array"),
        ({"files": [{"content": CODE}, {"name": "x"}]}, "files[1].content is required as a string"),
        ({"language": "klingon"}, "klingon-3.x runtime is unknown"),
        ({"version": "2.7.18"}, "python-2.7.18 runtime is unknown"),
        (
            {"files": [{"content": "AA==", "encoding": "base64"}]},
            "files must include at least one utf8 encoded file",
        ),
        ({"files": [{"content": CODE}] * 65}, "files: at most 64 are allowed"),
        ({"run_timeout": "soon"}, "If specified, run_timeout must be a number"),
        ({"run_memory_limit": float("nan")}, "If specified, run_memory_limit must be a number"),
        ({"run_timeout": 999_999}, "run_timeout cannot exceed the configured limit of 30000"),
        ({"run_memory_limit": -5}, "run_memory_limit must be non-negative"),
        ({"compile_timeout": "x"}, "If specified, compile_timeout must be a number"),
    ],
)
def test_errors_have_the_texts_of_piston(app: AppFixture, change: dict[str, Any], message: str) -> None:
    answer = _execute(app, {**BODY, **change})
    assert (answer.status_code, answer.get_json()) == (400, {"message": message})


@pytest.mark.parametrize("version", ["*", "x", "3", "3.10.0", "^3.9", ">=3.5.0"])
def test_requests_for_other_versions_of_a_language_are_accepted(app: AppFixture, version: str) -> None:
    with judged_as(app, DONE):
        assert _execute(app, {**BODY, "version": version}).get_json()["version"] == "3.11.2"


def test_limits_of_minus_one_or_zero_and_unknown_fields_are_accepted(app: AppFixture) -> None:
    extra = {"compile_memory_limit": -1, "run_memory_limit": -1, "run_timeout": 0, "something": 1}
    with judged_as(app, DONE):
        assert _execute(app, {**BODY, **extra}).status_code == 200


@pytest.mark.parametrize("name", ["javascript", "js", "node-js", "node-javascript"])
def test_a_language_is_found_by_its_name_or_an_alias(app: AppFixture, name: str) -> None:
    with judged_as(app, DONE):
        answer = _execute(app, {**BODY, "language": name, "version": "*"})
    assert (answer.status_code, answer.get_json()["language"]) == (200, "javascript")


def test_limits_are_in_milliseconds_and_bounded_by_the_account(app: AppFixture) -> None:
    with judged_as(app, DONE):
        assert _execute(app, BODY).status_code == 200
    run = _newest(app).run
    assert run is not None
    assert (run.limits.cpu_seconds, run.limits.wall_seconds) == (3, 3)
    refused = _execute(app, {**BODY, "run_cpu_time": 15_001})
    assert refused.get_json()["message"] == "run_cpu_time cannot exceed the configured limit of 15000"


def test_limits_of_the_compiler_are_checked_but_have_no_effect(app: AppFixture) -> None:
    limits = {"compile_timeout": 1, "compile_cpu_time": 1, "compile_memory_limit": 1}
    with judged_as(app, DONE):
        assert _execute(app, {**BODY, **limits}).status_code == 200
    run = _newest(app).run
    assert run is not None
    assert run.limits.wall_seconds == 3
    assert _execute(app, {**BODY, "compile_cpu_time": -5}).status_code == 400


def test_a_run_that_cannot_be_judged_gets_500(app: AppFixture) -> None:
    with judged_as(app, None):
        answer = _execute(app, BODY)
    assert (answer.status_code, list(answer.get_json())) == (500, ["message"])


def test_an_exceeded_quota_gets_429_with_the_time_to_wait(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise QuotaExceeded("too many", 5)

    monkeypatch.setattr(app.services.rate_limits, "count_submission", refuse)
    answer = _execute(app, BODY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert answer.get_json() == {"message": "too many"}


def test_a_key_is_accepted_in_each_form_that_clients_send(app: AppFixture) -> None:
    key = app.accounts["ada"].key
    basic = base64.b64encode(f"ada:{key}".encode()).decode()
    with judged_as(app, DONE):
        for given in (key, f"Bearer {key}", f"Basic {basic}"):
            assert _execute(app, BODY, headers={"Authorization": given}).status_code == 200
    for wrong in ({}, {"Authorization": "wrong"}, {"Authorization": "Basic ###"}):
        answer = _execute(app, BODY, headers=wrong)
        assert (answer.status_code, list(answer.get_json())) == (401, ["message"])


def test_a_run_without_a_key_belongs_to_the_guest_account_of_the_operator(
    tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer
) -> None:
    built = build_app(tmp_path_factory.mktemp("data"), redis_server, GAVEL_GUEST_ACCOUNT="bob")
    offer_languages(built, python3="3.11.2")
    try:
        with judged_as(built, DONE):
            assert _execute(built, BODY, headers={}).status_code == 200
        bob = built.accounts["bob"].account.id
        assert built.services.submissions.page(SubmissionFilter(account_id=bob), None, 5).items
        assert built.client.get("/me").status_code == 401
    finally:
        built.services.status_subscriptions.close()
        built.services.engine.dispose()
