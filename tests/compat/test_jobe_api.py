"""Jobe's routes answer requests with the paths, headers and bodies of CodeRunner's jobesandbox.php."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from judge_api.services import support_files
from judge_api.store.records import StoredSubmission, SubmissionFilter
from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.compat.workers import judged_as, offer_languages
from tests.web.app_fixture import AppFixture

BASE = "/jobe/index.php/restapi"
CODE = "print(open('data.txt').read())"


def _outcome(verdict: Verdict, compile_output: str | None = None, **test: Any) -> Outcome:
    values: dict[str, Any] = {"output": "", "exit_code": 0, **test}
    result = TestResult("run/1", verdict, 12, 20, 900, sample=True, **values)
    return Outcome(verdict, () if verdict is Verdict.CE else (result,), 1, compile_output=compile_output)


DONE = _outcome(Verdict.AC, output="hi\n")


@pytest.fixture(autouse=True)
def languages(app: AppFixture) -> None:
    offer_languages(
        app, python3="3.11.2", c17="12.2.0", cpp17="12.2.0", java="17.0.9", ada="12.2", bash="5.2"
    )


def _headers(app: AppFixture, name: str = "ada") -> dict[str, str]:
    """The headers that get_jobe_connection_info() of jobesandbox.php makes."""
    return {
        "User-Agent": "CodeRunner",
        "Content-Type": "application/json; charset=utf-8",
        "Accept-Charset": "utf-8",
        "Accept": "application/json",
        "X-API-KEY": app.accounts[name].key,
        "X-CodeRunner-Job-Id": "0badcafe",
    }


def _spec(**changes: Any) -> dict[str, Any]:
    """The run specification that execute() of jobesandbox.php makes."""
    language = changes.get("language_id", "python3")
    return {
        "language_id": language,
        "sourcecode": CODE,
        "sourcefilename": f"__tester__.{language}",
        "input": "hi\n",
        "file_list": [],
        "parameters": {"cputime": 3, "memorylimit": 64, "numprocs": 20},
        **changes,
    }


def _run(app: AppFixture, spec: Any, name: str = "ada") -> Any:
    return app.client.post(f"{BASE}/runs", json={"run_spec": spec}, headers=_headers(app, name))


def _put(app: AppFixture, content: bytes, name: str = "ada") -> tuple[str, int]:
    id = hashlib.md5(content, usedforsecurity=False).hexdigest()
    body = {"file_contents": base64.b64encode(content).decode()}
    answer = app.client.put(f"{BASE}/files/{id}", json=body, headers=_headers(app, name))
    return id, answer.status_code


def _newest(app: AppFixture) -> StoredSubmission:
    page = app.services.submissions.page(SubmissionFilter(account_id=app.accounts["ada"].account.id), None, 1)
    found = app.services.submissions.submission(page.items[0].id)
    assert found is not None
    return found


@pytest.mark.parametrize("path", ["/languages", "/languages/"])
def test_the_list_of_languages_has_pairs_of_name_and_version(app: AppFixture, path: str) -> None:
    found = app.client.get(f"{BASE}{path}", headers=_headers(app)).get_json()
    assert ["python3", "3.11.2"] in found
    assert ["c", "12.2.0"] in found
    assert ["ada", "12.2"] in found
    assert "php" not in [name for name, _ in found]


def test_a_run_keeps_the_given_input_and_limits(app: AppFixture) -> None:
    with judged_as(app, DONE):
        answer = _run(app, _spec())
    assert answer.status_code == 200, answer.get_json()
    body = answer.get_json()
    assert body == {"run_id": body["run_id"], "outcome": 15, "cmpinfo": "", "stdout": "hi\n", "stderr": ""}
    run = _newest(app).run
    assert run is not None
    assert run.cases == (("hi\n", None),)
    limits = run.limits
    assert (limits.cpu_seconds, limits.wall_seconds, limits.memory_kb, limits.processes) == (3, 6, 64000, 21)


@pytest.mark.parametrize(
    ("outcome", "number", "expected"),
    [
        (_outcome(Verdict.CE, "error: x"), 11, {"cmpinfo": "error: x", "stdout": ""}),
        (
            _outcome(Verdict.AC, "prog.c:1: warning", output="1"),
            11,
            {"cmpinfo": "prog.c:1: warning", "stdout": ""},
        ),
        (_outcome(Verdict.RTE, exit_code=1, stderr="Traceback"), 12, {"stderr": "Traceback"}),
        (_outcome(Verdict.AC, stderr="a warning", output="1"), 12, {"stderr": "a warning", "stdout": "1"}),
        (_outcome(Verdict.RTE, exit_code=None, signal=11), 12, {"stderr": ""}),
        (_outcome(Verdict.OLE, output="xx"), 12, {"stderr": "output limit exceeded"}),
        (_outcome(Verdict.TLE, output="part", stderr="killed"), 13, {"stdout": "part", "stderr": ""}),
        (_outcome(Verdict.AC, output="1"), 15, {"stdout": "1"}),
        (_outcome(Verdict.RTE, exit_code=3, output="1"), 15, {"stdout": "1"}),
        (_outcome(Verdict.MLE), 17, {}),
        (_outcome(Verdict.RTE, exit_code=None, signal=31), 19, {}),
    ],
)
def test_each_ending_has_the_outcome_number_of_jobe(
    app: AppFixture, outcome: Outcome, number: int, expected: dict[str, str]
) -> None:
    with judged_as(app, outcome):
        body = _run(app, _spec(language_id="c")).get_json()
    assert body["outcome"] == number
    assert {name: body[name] for name in expected} == expected


def test_a_run_that_cannot_be_judged_is_an_internal_error(app: AppFixture) -> None:
    with judged_as(app, None):
        body = _run(app, _spec()).get_json()
    assert body["outcome"] == 20


def test_an_exceeded_quota_is_answered_as_a_server_overload(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from judge_core.model.errors import QuotaExceeded

    def refuse(*_: Any) -> None:
        raise QuotaExceeded("too many", 5)

    monkeypatch.setattr(app.services.rate_limits, "count_submission", refuse)
    answer = _run(app, _spec())
    assert (answer.status_code, answer.get_json()["outcome"]) == (200, 21)


def test_a_run_is_refused_until_its_files_are_uploaded(app: AppFixture) -> None:
    data, module = b"some \xff\x00 data", b"x = 1\n"
    files = [[hashlib.md5(one, usedforsecurity=False).hexdigest(), name] for one, name in (
        (data, "data.txt"), (module, "helper.py"),
    )]  # fmt: skip
    spec = _spec(file_list=files)
    assert _run(app, spec).status_code == 404
    head = app.client.head(f"{BASE}/files/{files[0][0]}", headers=_headers(app))
    assert head.status_code == 404
    assert [_put(app, one) for one in (data, module)] == [(files[0][0], 204), (files[1][0], 204)]
    assert app.client.head(f"{BASE}/files/{files[0][0]}", headers=_headers(app)).status_code == 204
    with judged_as(app, DONE):
        assert _run(app, spec).get_json()["outcome"] == 15
    sent = _newest(app).files
    assert sent is not None
    assert sent.entry_point == "__tester__.py"
    assert {file.name: file.content for file in sent.files} == {
        "__tester__.py": CODE.encode(), "data.txt": data, "helper.py": module,
    }  # fmt: skip
    assert _run(app, spec, "bob").status_code == 404  # an account cannot use the files of another account


def test_the_oldest_files_of_an_account_are_deleted_first(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support_files, "MOST_BYTES", 2500)
    ids = [_put(app, bytes([number]) * 1000, "grace")[0] for number in range(4)]
    kept = [app.services.support_files.get(app.accounts["grace"].account.id, id) for id in ids]
    assert [one is not None for one in kept] == [False, False, True, True]


@pytest.mark.parametrize(
    ("language", "name", "main"),
    [
        ("java", "Main.java", "Main.java"),
        ("java", "NO_PUBLIC_CLASS_FOUND.java", "Main.java"),
        ("c", "__tester__.c", "__tester__.c"),
        ("bash", None, "main.sh"),
    ],
)
def test_the_source_file_gets_the_name_that_the_language_needs(
    app: AppFixture, language: str, name: str | None, main: str
) -> None:
    id, _ = _put(app, b"1 2 3")
    with judged_as(app, DONE):
        _run(app, _spec(language_id=language, sourcefilename=name, file_list=[[id, "data.txt", True]]))
    sent = _newest(app).files
    assert sent is not None
    assert sent.entry_point == main


@pytest.mark.parametrize(
    ("language", "parameters", "arguments"),
    [
        ("c", {}, ("-Wall", "-Werror", "-std=c99")),
        ("cpp", {}, ("-Wall", "-Werror")),
        ("c", {"compileargs": ["-std=gnu11 -O1"], "linkargs": ["-lm"]}, ("-std=gnu11", "-O1", "-lm")),
        ("python3", {"compileargs": ["-W"]}, ()),
    ],
)
def test_the_compiler_gets_the_arguments_that_jobe_gives(
    app: AppFixture, language: str, parameters: dict[str, Any], arguments: tuple[str, ...]
) -> None:
    with judged_as(app, DONE):
        _run(app, _spec(language_id=language, parameters={**parameters, "runargs": ["a", "b"]}))
    run = _newest(app).run
    assert run is not None
    assert (run.compiler_arguments, run.arguments) == (arguments, ("a", "b"))


def test_output_that_is_not_text_is_shown_as_escaped_bytes(app: AppFixture) -> None:
    encoded = base64.b64encode(b"a\xff\x01\n").decode()
    with judged_as(app, _outcome(Verdict.AC, output="a?", output_base64=encoded)):
        assert _run(app, _spec()).get_json()["stdout"] == "a\\xff\\x01\n"


@pytest.mark.parametrize(("method", "path"), [("GET", "runresults/1"), ("POST", "files")])
def test_routes_that_jobe_has_removed_do_not_exist(app: AppFixture, method: str, path: str) -> None:
    answer = app.client.open(f"{BASE}/{path}", method=method, json={}, headers=_headers(app))
    assert answer.status_code == 404


def test_paths_without_index_php_work(app: AppFixture) -> None:
    with judged_as(app, DONE):
        answer = app.client.post("/jobe/restapi/runs", json={"run_spec": _spec()}, headers=_headers(app))
    assert (answer.status_code, answer.get_json()["outcome"]) == (200, 15)
    assert app.client.get("/jobe/restapi/languages").get_json()


def test_files_in_the_language_of_the_source_belong_to_the_program(app: AppFixture) -> None:
    id, _ = _put(app, b"int twice(int n) { return 2 * n; }")
    with judged_as(app, DONE):
        _run(app, _spec(language_id="c", sourcecode="int main(void) {}", file_list=[[id, "twice.c", True]]))
    sent = _newest(app).files
    assert sent is not None
    assert [file.name for file in sent.files] == ["__tester__.c", "twice.c"]


@pytest.mark.parametrize(
    ("language", "parameters", "expected"),
    [
        ("c", {}, (5, 10, 400_000, 2_000, 31)),
        ("python3", {}, (5, 10, 1_000_000, 2_000, 31)),
        ("c", {"cputime": 2, "memorylimit": 0}, (2, 4, None, 2_000, 31)),
        ("c", {"streamsize": 0.5, "numprocs": 1}, (5, 10, 400_000, 500, 16)),
        ("c", {"cputime": "soon", "memorylimit": 10**8}, (5, 10, None, 2_000, 31)),
    ],
)
def test_limits_default_to_those_of_jobe_and_are_capped_by_the_account(
    app: AppFixture, language: str, parameters: dict[str, Any], expected: tuple[float | None, ...]
) -> None:
    with judged_as(app, DONE):
        _run(app, _spec(language_id=language, parameters=parameters))
    run, most = _newest(app).run, app.services.quotas.of(app.accounts["ada"].account.tier)
    assert run is not None
    cpu, wall, memory, output, processes = expected
    found = run.limits
    assert (found.cpu_seconds, found.wall_seconds, found.processes) == (cpu, wall, processes)
    assert found.memory_kb == min(memory or most.run_memory_kb, most.run_memory_kb)
    assert found.output_kb == min(output or 0, most.run_output_kb)


def test_parameters_without_effect_are_accepted(app: AppFixture) -> None:
    idle = {"disklimit": 1, "interpreterargs": ["-x"], "debug": True, "main_class": "Tester"}
    with judged_as(app, DONE):
        assert _run(app, _spec(parameters=idle)).get_json()["outcome"] == 15
    run = _newest(app).run
    assert run is not None
    assert (run.arguments, run.compiler_arguments) == ((), ())


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (None, "No run_spec attribute found in post data"),
        ({"language_id": "c"}, "run_spec is missing the required attribute 'sourcecode'"),
        (_spec(language_id="cobol"), "Language 'cobol' is not known"),
        (_spec(sourcefilename="../x.py"), "The sourcefilename for the run_spec is illegal"),
        (_spec(sourcefilename=".hidden"), "The sourcefilename for the run_spec is illegal"),
        (_spec(parameters={"cputime": 999}), "cputime exceeds maximum allowed on this Jobe server (15 secs)"),
    ],
)
def test_errors_have_the_texts_of_jobe(app: AppFixture, spec: Any, message: str) -> None:
    answer = _run(app, spec)
    assert (answer.status_code, answer.get_json()) == (400, message)


@pytest.mark.parametrize(
    "file", [[], ["short", "x"], ["a" * 32, "../x"], ["a" * 32, ""], "x", ["a" * 32, 7, 1, 1]]
)
def test_a_wrong_file_specifier_is_refused(app: AppFixture, file: Any) -> None:
    answer = _run(app, _spec(file_list=[file]))
    assert answer.status_code in (400, 404)
    assert isinstance(answer.get_json(), str)


@pytest.mark.parametrize("files", [7, True, "x", {"a": 1}])
def test_a_file_list_that_is_not_a_list_is_refused(app: AppFixture, files: Any) -> None:
    answer = _run(app, _spec(file_list=files))
    assert (answer.status_code, answer.get_json()) == (400, "The file_list of the run_spec must be a list")


def test_wrong_or_large_file_uploads_are_refused(app: AppFixture) -> None:
    path = f"{BASE}/files/{'a' * 32}"
    for body in ({}, {"file_contents": "###"}, {"file_contents": 7}):
        answer = app.client.put(path, json=body, headers=_headers(app))
        assert (answer.status_code, isinstance(answer.get_json(), str)) == (400, True)
    assert _put(app, b"x" * 1_100_000)[1] == 413
    assert app.client.put(f"{BASE}/files/..", json={}, headers=_headers(app)).status_code in (400, 404)


def test_a_body_that_is_not_json_is_refused_with_the_text_of_jobe(app: AppFixture) -> None:
    answer = app.client.post(f"{BASE}/runs", data="x", headers=_headers(app))
    assert (answer.status_code, answer.get_json()) == (400, "Non-JSON post data received")


@pytest.mark.parametrize("key", [None, "wrong"])
def test_a_request_with_a_missing_or_wrong_key_gets_403(app: AppFixture, key: str | None) -> None:
    headers = {**_headers(app), "X-API-KEY": key} if key else {"User-Agent": "CodeRunner"}
    answer = app.client.post(f"{BASE}/runs", json={"run_spec": _spec()}, headers=headers)
    assert (answer.status_code, isinstance(answer.get_json(), str)) == (403, True)
